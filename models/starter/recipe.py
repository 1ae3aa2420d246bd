#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The recipe of the toy theatre, stage by stage: see README.md."""

import argparse
import os
import sys

import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def _preview(options):
    import preview
    preview.write(options.out)


def _vae(options):
    import train_vae
    train_vae.train(options.out, options.minutes, options.decoder_only,
                    options.frames, options.eager)


def _upscale(options):
    import upscale
    if options.minutes:
        upscale.train(options.out, options.minutes, options.eager)
    if options.sharpen:
        upscale.sharpen(options.out, options.sharpen, options.eager)


def _text(options):
    import text
    text.train(options.out, options.minutes)


def _latents(options):
    import latents
    latents.build(options.out, options.stills, options.clips,
                  part=options.part, parts=options.parts)


def _see(options):
    import align
    import latents
    for frames in latents.CHUNK:
        align.build(options.out, frames, options.part, options.parts)


def _transformer(options):
    import train
    train.train(options.out, options.looks, options.streams,
                options.settle)


def _reward(options):
    import reward
    reward.train_rewarded(options.out, options.minutes)


def _distil(options):
    import distil
    distil.train_adapter(options.out, options.minutes, options.chunks)


def _crowd(options):
    import crowd
    crowd.film(options.out, options.films, options.workers)


def _accelerated(options):
    import accelerated
    accelerated.train_all(options.out, options.films, options.seconds)


def _export(options):
    import export
    export.from_training(options.out, options.checkpoint, options.finished)


def _adopt(options):
    import export
    export.adopt(options.out, options.checkpoint)


def _exam(options):
    import exam
    exam.build(options.out, options.chunks, options.part, options.parts)


def _evaluate(options):
    import evaluate
    import progress
    evaluate.evaluate(options.out, evaluate.theatre(options.checkpoint).to(
        progress.device()))


def _sheet(options):
    import evaluate
    hall = evaluate.in_training(options.out) if options.training \
        else evaluate.theatre(options.checkpoint)
    evaluate.write_sheet(hall, options.image, options.prompts,
                         blocks=options.blocks)


def _compare(options):
    import evaluate
    evaluate.compare_sheet(evaluate.theatre(options.checkpoint),
                           options.image)


def _check(options):
    import check
    return check.run(options.checkpoint)


COMMANDS = {
    'preview': (_preview, 'paint a sheet of staged scenes', {}),
    'vae': (_vae, 'train the autoencoder', {'minutes': 25.}),
    'upscale': (_upscale, 'train a decoder of larger pictures',
                {'minutes': 38., 'sharpen': 30.}),
    'text': (_text, 'train tokenizer and text encoder', {'minutes': 8.}),
    'latents': (_latents, 'film and encode scenes',
                {'stills': 40000, 'clips': 2500, 'part': 0, 'parts': 1}),
    'see': (_see, 'let the finder see the scenes', {'part': 0, 'parts': 1}),
    'transformer': (_transformer, 'train the transformer, minutes a part',
                    {'looks': 24., 'streams': 90., 'settle': 45.}),
    'exam': (_exam, 'let the finder see what the judge learns from',
             {'chunks': 20, 'part': 0, 'parts': 1}),
    'reward': (_reward, 'teach the transformer by what a judge says',
               {'minutes': 120.}),
    'distil': (_distil, 'train an adapter: few steps, no guidance',
               {'minutes': 600., 'chunks': 20}),
    'crowd': (_crowd, 'film for `accelerated` until stopped',
              {'workers': 14}),
    'accelerated': (_accelerated, 'train the transformer on a GPU',
                    {'seconds': 600}),
    'export': (_export, 'write the checkpoint', {}),
    'adopt': (_adopt, 'begin from an exported checkpoint', {}),
    'evaluate': (_evaluate, 'judge generated clips', {}),
    'sheet': (_sheet, 'draw a sheet of generated clips', {}),
    'compare': (_compare, 'draw staged clips beside generated ones', {}),
    'check': (_check, 'compare with diffusers', {}),
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', help='where training keeps its files',
                        default=os.path.join(HERE, '../../build/starter'))
    parser.add_argument('--checkpoint', help='the diffusers directory',
                        default=os.path.join(HERE, 'checkpoint'))
    parser.add_argument('--films', default='/dev/shm/gst-dit-films',
                        help='where `crowd` leaves its films for the GPU')
    parser.add_argument('--threads', type=int, default=2)
    commands = parser.add_subparsers(dest='command', required=True)
    for name, (_, text, numbers) in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        for option, value in numbers.items():
            command.add_argument('--' + option, default=value,
                                 type=type(value))
        if name in ('vae', 'upscale'):
            command.add_argument('--eager', action='store_true')
        if name == 'vae':
            command.add_argument('--decoder-only', action='store_true')
            command.add_argument('--frames', type=int, default=9)
        if name == 'sheet':
            command.add_argument('--image', default='sheet.png')
            command.add_argument('--blocks', type=int, default=5)
            command.add_argument('--training', action='store_true')
            command.add_argument('prompts', nargs='*')
        if name == 'export':
            command.add_argument('--finished', action='store_true')
        if name == 'compare':
            command.add_argument('--image', default='compare.png')
    return parser.parse_args()


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    return COMMANDS[options.command][0](options)


if __name__ == '__main__':
    sys.exit(main())

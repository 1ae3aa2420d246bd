# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges an exported checkpoint: numbers for docs/starter.md, sheets to see.

Prompts of one event: one an actor, each every second time in a set where it
was never staged (stage.held_out).  Prompts of two: three blocks each.  No seed
and, but for chance, no sentence was met in training.
"""

import json
import os

import numpy as np
import torch

import align
import captions
import classifier
import dit
import export
import latents as cache
import paraphrase
import sample
import stage
import stream
import text
import train
import train_vae
import vae as autoencoder

SEED = 70000
ACTORS = stage.FACTS['actor'][1:]
STAGED = [place for place in stage.FACTS['place'] if place != 'road']
BLOCKS = 3                      # a clip of one event, or each of two
STORIES = 60
STREAMS, MINUTES = 4, 10.0      # for drift
SHOWN = [
    'a dog runs to the left on the beach',
    'a taxi drives to the right in the street',
    'an elephant walks to the left in the snow',
    'a rocket flies to the right in space',
    'a basketball bounces in a room',
    'a sailboat sails to the left on the sea at sunset',
    'a butterfly flies to the right in a meadow',
    'a frog jumps in the forest in the rain',
    'a cat and a rabbit wait in the kitchen',
    'driving along a road at night',
    'two penguins wait in the snow',
    'a pumpkin falls down in an alley at night',
]


def theatre(folder, decoder='vae'):
    """An exported checkpoint, ready to film; decoder: `vae_upscale` makes
    256 x 256."""
    transformer, vae, encoder, spiece = export.load(folder, decoder)
    return sample.Theatre(transformer, vae, encoder, text.Tokenizer(spiece),
                          torch.tensor(vae.config.latents_mean),
                          torch.tensor(vae.config.latents_std))


def in_training(out):
    """What is being trained, ready to film."""
    return sample.Theatre(
        train.load_transformer(out), cache.load_vae(out),
        train.load_encoder(out),
        text.Tokenizer(os.path.join(out, 'spiece.model')),
        *cache.statistics(out))


def _draw(rng, fits, split):
    while True:
        script = stage.draw_script(rng, split)
        if fits(script):
            return script


def single_scripts(names, seed=SEED):
    """A script for each actor, in turns with strange and known sets; a known
    one too for whom no set is kept back."""
    rng = np.random.default_rng(seed)
    scripts = []
    for number, actor in enumerate(names):
        strange = number % 2 == 0 and any(
            stage.held_out(actor, place) for place in STAGED)
        scripts.append(_draw(
            rng, lambda s, a=actor: s.facts(0)['actor'] == a
            and s.facts(0)['action'] not in ('enter', 'leave'),
            'test' if strange else 'train'))
    return scripts


def double_scripts(seed=SEED + 1):
    """Scripts of two events and more, whose first two do not look alike."""
    rng = np.random.default_rng(seed)

    def differ(script):
        if len(script.events) < 2:
            return False
        one, two = script.facts(0), script.facts(1)
        return any(one[name] != two[name]
                   for name in ('action', 'direction', 'actor'))

    return [_draw(rng, differ, 'train') for _ in range(STORIES)]


def seen_of(see, clips, block):
    """Features of the two blocks from `block` on of uint8 clips
    [B, T, H, W, 3], for the judge."""
    own = slice(dit.BLOCK * block, dit.BLOCK * block + classifier.FRAMES)
    pictures = torch.from_numpy(np.ascontiguousarray(clips[:, ::4][:, own]))
    rows = align.watch(see, pictures.flatten(0, 1))
    return rows.unflatten(0, (len(clips), -1))


def _truth(scripts, event):
    return {name: torch.tensor([values.index(script.facts(event)[name])
                                for script in scripts])
            for name, values in stage.FACTS.items()}


def _right(answers, truth):
    """By fact, which answers are right [B]."""
    return {name: rows.argmax(1) == truth[name]
            for name, rows in answers.items()}


def _shares(right, clear, chosen):
    """Share of right answers by fact, of the chosen rows [B] that are clear."""
    return {name: float(hits[chosen & clear[name]].float().mean())
            for name, hits in right.items()}


def staged(see, judge, scripts, hall):
    """What the judge gets right of the scripts themselves, filmed and put
    through the autoencoder: of the others nobody can tell.  By fact, [B]."""
    rng = np.random.default_rng(SEED + 9)
    clips = []
    for script in scripts:
        film = train_vae.to_tensor(stage.film(
            rng, script, range(stage.BLOCKS[BLOCKS - 1][1]))[0])[None]
        with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
            mean, _ = autoencoder.encode(hall.vae, film)
        clips.append(hall.film((mean - hall.mean) / hall.std)[0])
    answers = classifier.judged(judge, seen_of(see, np.stack(clips), 0))
    return _right(answers, _truth(scripts, 0))


def single(hall, judge, see, scripts, clear, say, seed):
    """Figures of prompts of one event.

    clear: of `staged`.  say: (script) to its prompt.
    """
    prompts = [say(script) for script in scripts]
    clips = hall(prompts, list(range(seed, seed + len(prompts))),
                 blocks=BLOCKS)
    answers = classifier.judged(judge, seen_of(see, clips, 0))
    right = _right(answers, _truth(scripts, 0))
    strange = torch.tensor([
        stage.held_out(script.facts(0)['actor'], script.place)
        for script in scripts])
    return {
        'all': _shares(right, clear, strange | True),
        'pairs_met': _shares(right, clear, ~strange),
        'pairs_never_met': _shares(right, clear, strange)}


def double(hall, judge, see, seed):
    """Share of two-event prompts whose events come in their order."""
    scripts = double_scripts()
    prompts = [[captions.plain(script, 0)] * BLOCKS
               + [captions.plain(script, 1)] * BLOCKS for script in scripts]
    clips = hall(prompts, list(range(seed, seed + len(prompts))),
                 blocks=2 * BLOCKS)
    facts = [_truth(scripts, 0), _truth(scripts, 1)]
    seen = [classifier.judged(judge, seen_of(see, clips, at))
            for at in (1, BLOCKS + 1)]

    def fit(part, event):
        rows = torch.arange(len(scripts))
        return sum(seen[part][name][rows, facts[event][name]]
                   for name in ('action', 'direction', 'actor'))

    ordered = fit(0, 0) + fit(1, 1) > fit(0, 1) + fit(1, 0)
    return float(ordered.float().mean())


def drifting(hall, judge, see, seed):
    """First against last minute of a few streams: see stream.drift."""
    scripts = single_scripts(ACTORS[:2 * STREAMS])[1::2]
    prompts = [captions.plain(script, 0) for script in scripts]
    return stream.drift(
        hall, lambda clips: classifier.judged(judge, seen_of(see, clips, 0)),
        _truth(scripts, 0), prompts, list(range(seed, seed + STREAMS)),
        MINUTES)


def evaluate(out, hall):
    """Print the figures, and keep them in evaluation.json beside the parts as
    they come."""
    judge, own = classifier.train(out)
    see = align.load_finder()
    rng = np.random.default_rng(SEED)
    scripts = single_scripts(ACTORS)
    clear = staged(see, judge, scripts, hall)
    parts = {
        'judge_on_staged': lambda: own,
        'vae_psnr_db': lambda: train_vae.psnr(hall.vae,
                                              np.random.default_rng(99)),
        'clear': lambda: {name: float(rows.float().mean())
                          for name, rows in clear.items()},
        'one_event': lambda: single(
            hall, judge, see, scripts, clear,
            lambda s: captions.plain(s, 0), SEED),
        'other_words': lambda: single(
            hall, judge, see, scripts, clear,
            lambda s: paraphrase.in_other_words(rng, captions.plain(s, 0)),
            SEED + 1000),
        'order_of_two_events': lambda: double(hall, judge, see, SEED + 2000),
        'steering_pixels_a_frame': lambda: stream.steering(hall),
        'drift': lambda: drifting(hall, judge, see, SEED + 3000)}
    figures = {}
    for name, measure in parts.items():
        figures[name] = measure()
        print(f'{name}: {json.dumps(figures[name], indent=2)}', flush=True)
        with open(os.path.join(out, 'evaluation.json'), 'w',
                  encoding='utf-8') as file:
            json.dump(figures, file, indent=2)
    return figures


def write_sheet(hall, path, prompts=(), **settings):
    """A sheet of generated clips."""
    prompts = list(prompts) or SHOWN
    clips = hall(prompts, list(range(1, len(prompts) + 1)), **settings)
    sample.sheet(clips, prompts, path)


def compare_sheet(hall, path, count=12, seed=SEED + 5):
    """Staged clips, each above what is generated from its sentence."""
    rng = np.random.default_rng(seed)
    scripts = [stage.draw_script(rng) for _ in range(count)]
    frames = stage.BLOCKS[BLOCKS - 1][1]
    staged = [stage.film(rng, script, range(frames))[0] for script in scripts]
    prompts = [[captions.plain(script, script.event_at(stage.BLOCKS[k][0]))
                for k in range(BLOCKS)] for script in scripts]
    made = hall(prompts, list(range(seed, seed + count)), blocks=BLOCKS)
    clips = np.stack([clip for pair in zip(staged, made) for clip in pair])
    titles = [title for line in prompts
              for title in ('staged: ' + line[0], 'generated')]
    sample.sheet(clips, titles, path)

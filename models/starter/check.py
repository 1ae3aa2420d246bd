# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the recipe's fast ways with diffusers' own pipeline.

A first block has nothing before it, so WanPipeline, which knows no blocks,
makes the same of it.
"""

import os

import numpy as np
import torch
from diffusers import WanPipeline
from transformers import T5TokenizerFast

import dit
import evaluate
import export
import stage

PROMPT = 'a dog runs on the beach'


def _skip(transformer):
    """What dit_config.json's velocity_skip asks for: diffusers knows it not."""
    plain = transformer.forward

    def forward(hidden_states, timestep, **more):
        output = plain(hidden_states=hidden_states, timestep=timestep, **more)
        return (dit.velocity(output[0], hidden_states, timestep[:, None]),)

    transformer.forward = forward


def _pipeline(folder, decoder):
    """WanPipeline of the parts, whose weights in 8 bits it cannot read."""
    transformer = export.read_part(folder, 'transformer')
    _skip(transformer)
    return WanPipeline(
        transformer=transformer, vae=export.read_part(folder, decoder),
        text_encoder=export.read_part(folder, 'text_encoder'),
        tokenizer=T5TokenizerFast.from_pretrained(
            os.path.join(folder, 'tokenizer')),
        scheduler=export.scheduler(export.manner(folder)))


def _compare(folder, decoder, seed):
    """The same first block by WanPipeline and by this recipe, in float32."""
    manner = export.manner(folder)
    pipe = _pipeline(folder, decoder)
    side = stage.SIZE * pipe.vae_scale_factor_spatial // 16
    theirs = pipe(
        PROMPT, negative_prompt='', height=side, width=side,
        num_frames=stage.BLOCKS[0][1], num_inference_steps=manner['steps'],
        guidance_scale=manner['guidance_scale'],
        max_sequence_length=export.NATIVE['text_len'], output_type='np',
        generator=torch.Generator().manual_seed(seed)).frames[0]
    hall = evaluate.theatre(folder, decoder)
    same = pipe.tokenizer(PROMPT).input_ids == \
        hall.tokenizer([PROMPT])[0][0].tolist()
    mine = hall([PROMPT], [seed], exact=True, blocks=1)[0] / 255
    error = float(np.mean((mine - theirs) ** 2))
    psnr = -10 * np.log10(max(error, 1e-12))
    print(f'{side} x {side}: token ids equal: {same}; '
          f'PSNR of the block: {psnr:.1f} dB')
    return same and psnr > 45


def run(folder, seed=7):
    """0 if both decoders' blocks are the same; else 1."""
    same = [_compare(folder, decoder, seed)
            for decoder in ('vae', 'vae_upscale')]
    return 0 if all(same) else 1

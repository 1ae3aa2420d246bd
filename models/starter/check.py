# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the recipe's fast ways with diffusers' own pipeline.

A first block has nothing before it, so WanPipeline, which knows no blocks,
makes the same of it.
"""

import numpy as np
import torch
from diffusers import WanPipeline

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


def run(folder, seed=7):
    """The same first block by WanPipeline and by this recipe, in float32."""
    native = export.NATIVE
    pipe = WanPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    _skip(pipe.transformer)
    theirs = pipe(
        PROMPT, negative_prompt='', height=native['height'],
        width=native['width'], num_frames=stage.BLOCKS[0][1],
        num_inference_steps=native['steps'],
        guidance_scale=native['guidance_scale'],
        max_sequence_length=native['text_len'], output_type='np',
        generator=torch.Generator().manual_seed(seed)).frames[0]
    hall = evaluate.theatre(folder)
    ids = pipe.tokenizer(PROMPT).input_ids
    same = ids == hall.tokenizer([PROMPT])[0][0].tolist()
    mine = hall([PROMPT], [seed], exact=True, blocks=1)[0] / 255
    error = float(np.mean((mine - theirs) ** 2))
    psnr = -10 * np.log10(max(error, 1e-12))
    print(f'token ids equal: {same}; PSNR of the block: {psnr:.1f} dB')
    return 0 if same and psnr > 45 else 1

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes clips from prompts with the parts in training, and contact sheets."""

import numpy as np
import torch
from PIL import Image, ImageDraw

import dit
import export
import stage
import text
import train
import vae as autoencoder


class Theatre:
    """All parts together: prompts in, clips out, block by block."""

    def __init__(self, transformer, vae, encoder, tokenizer, mean, std):
        self.transformer, self.vae = transformer, vae
        self.encoder, self.tokenizer = encoder, tokenizer
        self.mean, self.std = (v.view(1, -1, 1, 1, 1) for v in (mean, std))

    @torch.no_grad()
    def rows(self, prompts):
        """Text rows of the prompts, then as many of the empty one."""
        return train.rows_of(list(prompts) + [''] * len(prompts),
                             self.tokenizer, self.encoder, text.TEXT_LEN + 1)

    @torch.no_grad()
    def block(self, cache, noise, told, steps=None, guidance=None,
              given=None):
        """One block from its noise; its keys and values go into the cache.

        told: of `rows`.  given: a list that takes what each step is given,
        (latents, timestep).
        """
        steps = steps or export.NATIVE['steps']
        if guidance is None:
            guidance = export.NATIVE['guidance_scale']
        scheduler = export.scheduler()
        scheduler.set_timesteps(steps)
        x = noise
        for time in scheduler.timesteps:
            if given is not None:
                given.append((x, time.float()))
            velocity = cache(self.transformer, torch.cat([x, x]),
                             time.expand(2 * len(x)).float(), *told,
                             text.TEXT_LEN)
            with_text, without = velocity.chunk(2)
            velocity = without + guidance * (with_text - without)
            x = scheduler.step(velocity, time, x, return_dict=False)[0]
        context = torch.full((2 * len(x),),
                             float(export.NATIVE['causal_context_timestep']))
        cache(self.transformer, torch.cat([x, x]), context, *told,
              text.TEXT_LEN, store=True)
        return x

    @torch.no_grad()
    def latents(self, prompts, seeds, blocks=5, steps=None, guidance=None,
                exact=False):
        """Normalised latents [B, C, 3 * blocks, 8, 8].

        prompts: of each clip a text, or one text a block.  A clip that goes
        on with another text keeps its cache, as an engine that does not
        compute it anew.
        """
        size = stage.SIZE // 16
        cache = dit.Cache(self.transformer, size, size)
        shape = (1, dit.CONFIG['in_channels'], dit.BLOCK, size, size)
        made = []
        for k in range(blocks):
            noise = torch.cat([torch.randn(
                shape, generator=torch.Generator().manual_seed(seed + k))
                for seed in seeds])
            told = self.rows([line if isinstance(line, str) else
                               line[min(k, len(line) - 1)]
                               for line in prompts])
            with torch.autocast('cpu', torch.bfloat16, enabled=not exact):
                made.append(self.block(cache, noise, told, steps, guidance))
        return torch.cat(made, 2)

    @torch.no_grad()
    def film(self, latents, exact=False):
        """uint8 clips [B, T, H, W, 3]."""
        with torch.autocast('cpu', torch.bfloat16, enabled=not exact):
            video = autoencoder.decode(self.vae,
                                       latents * self.std + self.mean)
        video = ((video.clamp(-1, 1) + 1) * 127.5).round().byte()
        return video.permute(0, 2, 3, 4, 1).numpy()

    def __call__(self, prompts, seeds, batch=8, exact=False, **settings):
        """Clips of prompts; exact: in float32 all the way."""
        clips = []
        for start in range(0, len(prompts), batch):
            chosen = slice(start, start + batch)
            clips.append(self.film(self.latents(
                prompts[chosen], seeds[chosen], exact=exact, **settings),
                exact))
        return np.concatenate(clips)


def sheet(clips, titles, path, columns=6):
    """Rows of pictures, time from left to right, the prompt above each."""
    count, frames, high, wide = clips.shape[:4]
    columns = min(columns, frames)
    picked = np.linspace(0, frames - 1, columns).astype(int)
    across = 2 if count > 6 else 1
    down = -(-count // across)
    gap = 14
    image = Image.new('RGB', (across * (columns * wide + 6),
                              down * (high + gap)), (24, 24, 28))
    draw = ImageDraw.Draw(image)
    for index in range(count):
        left = index // down * (columns * wide + 6)
        top = index % down * (high + gap)
        title = titles[index]
        if not isinstance(title, str):
            title = '; '.join(dict.fromkeys(title))
        draw.text((left + 2, top + 1), title, fill=(230, 230, 230))
        for column, frame in enumerate(picked):
            image.paste(Image.fromarray(clips[index, frame]),
                        (left + column * wide, top + gap))
    image.save(path)

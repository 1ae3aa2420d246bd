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


BATCH = {'cpu': 8, 'cuda': 64}  # clips made at once


class Theatre:
    """All parts together: prompts in, clips out, block by block."""

    def __init__(self, transformer, vae, encoder, tokenizer, mean, std,
                 manner):
        """manner: export.ADAPTED or PLAIN."""
        self.manner = manner
        self.transformer, self.vae = transformer, vae
        self.encoder, self.tokenizer = encoder, tokenizer
        self.mean, self.std = (v.view(1, -1, 1, 1, 1) for v in (mean, std))

    @torch.no_grad()
    def rows(self, prompts):
        """Text rows of the prompts, then as many of the empty one."""
        return train.rows_of(list(prompts) + [''] * len(prompts),
                             self.tokenizer, self.encoder, text.TEXT_LEN + 1)

    @property
    def device(self):
        return self.mean.device

    def to(self, device):
        """All parts on another device; returns it."""
        for part in (self.transformer, self.vae, self.encoder):
            part.to(device)
        self.mean, self.std = self.mean.to(device), self.std.to(device)
        return self

    @torch.no_grad()
    def block(self, cache, noise, told, given=None, **manner):
        """One block from its noise; its keys and values go into the cache.

        told: of `rows`.  manner: how, with steps or guidance_scale other
        than the theatre's.  given: a list that takes what each step is given,
        (latents, timestep).
        """
        manner = {**self.manner, **manner}
        guidance = manner['guidance_scale']
        passes = 1 if guidance == 1 else 2      # with the prompt, and without
        told = [part[:passes * len(noise)] for part in told]
        scheduler = export.scheduler(manner)
        x = noise
        for time in scheduler.timesteps:
            if given is not None:
                given.append((x, time.float()))
            velocity = cache(self.transformer, torch.cat([x] * passes),
                             time.to(x).expand(passes * len(x)), *told,
                             text.TEXT_LEN)
            if passes == 2:
                velocity = dit.guided(velocity, guidance)
            x = scheduler.step(velocity, time, x, return_dict=False)[0]
        context = torch.full((passes * len(x),), float(
            export.NATIVE['causal_context_timestep']), device=self.device)
        cache(self.transformer, torch.cat([x] * passes), context, *told,
              text.TEXT_LEN, store=True)
        return x

    @torch.no_grad()
    def latents(self, prompts, seeds, blocks=5, exact=False, **manner):
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
                for seed in seeds]).to(self.device)
            told = self.rows([line if isinstance(line, str) else
                               line[min(k, len(line) - 1)]
                               for line in prompts])
            with torch.autocast(self.device.type, torch.bfloat16,
                                enabled=not exact):
                made.append(self.block(cache, noise, told, **manner))
        return torch.cat(made, 2)

    @torch.no_grad()
    def film(self, latents, exact=False):
        """uint8 clips [B, T, H, W, 3]."""
        with torch.autocast(self.device.type, torch.bfloat16,
                            enabled=not exact):
            video = autoencoder.decode(self.vae,
                                       latents * self.std + self.mean)
        video = ((video.clamp(-1, 1) + 1) * 127.5).round().byte()
        return video.permute(0, 2, 3, 4, 1).cpu().numpy()

    def __call__(self, prompts, seeds, exact=False, **settings):
        """Clips of prompts; exact: in float32 all the way."""
        clips, batch = [], BATCH[self.device.type]
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

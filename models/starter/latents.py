# SPDX-License-Identifier: LGPL-2.1-or-later
"""Films scenes, encodes them once, and keeps the latents on disk.

A chunk is a file of some hundred stills or clips: normalised latents would
depend on statistics that are not known yet, so they are kept as the encoder
gives them, in float16, with where the actor is and what the scene was.
"""

import glob
import os
from dataclasses import astuple

import numpy as np
import torch
import torch.nn.functional as F

import progress
import stage
import vae as autoencoder
from train_vae import to_tensor

CHUNK = {1: 500, stage.FRAMES: 50}    # scenes in a chunk, by frames
BATCH = {1: 40, stage.FRAMES: 2}


def load_vae(out):
    """The trained autoencoder: its moving average."""
    saved = progress.load(os.path.join(out, 'vae.pt'))
    model = autoencoder.make()
    for name, value in model.named_parameters():
        value.data.copy_(saved['average'][name])
    return model.eval()


def presence(mask):
    """How much of each latent pixel is actor: [B, 1, T, H, W] to latents."""
    first, rest = mask[:, :, :1], mask[:, :, 1:]
    small = [F.avg_pool3d(first, (1, 16, 16))]
    if rest.shape[2]:
        small.append(F.avg_pool3d(rest, (4, 16, 16)))
    return torch.cat(small, 2)


@torch.no_grad()
def _chunk(model, rng, frames):
    latents, masks, scenes = [], [], []
    while len(scenes) < CHUNK[frames]:
        films = []
        for _ in range(BATCH[frames]):
            scene = stage.draw_scene(rng)
            only = [int(rng.integers(stage.FRAMES))] if frames == 1 else None
            films.append(to_tensor(stage.play(rng, scene, only=only)))
            scenes.append(scene)
        film = torch.stack(films)
        with torch.autocast('cpu', torch.bfloat16):
            mean, _ = autoencoder.encode(model, film[:, :3])
        latents.append(mean.half())
        masks.append(presence((film[:, 3:] + 1) / 2).half())
    return dict(latents=torch.cat(latents), masks=torch.cat(masks),
                scenes=[astuple(scene) for scene in scenes])


def build(out, stills, clips, seed=11):
    """Add chunks until there are so many stills and clips."""
    folder = os.path.join(out, 'latents')
    os.makedirs(folder, exist_ok=True)
    model = load_vae(out)
    for frames, count in ((1, stills), (stage.FRAMES, clips)):
        for number in range(-(-count // CHUNK[frames])):
            path = os.path.join(folder, f'{frames:02}-{number:04}.pt')
            if os.path.exists(path):
                continue
            rng = np.random.default_rng([seed, frames, number])
            progress.save(path, **_chunk(model, rng, frames))
            print(f'latents: {path}', flush=True)
    measure(out)


def measure(out):
    """Mean and deviation of every latent channel, over stills and clips."""
    path = os.path.join(out, 'latents', 'statistics.pt')
    if os.path.exists(path):
        return
    rows = []
    for frames in CHUNK:
        latents = Chunks(out, frames, normal=False).latents.float()
        rows.append(latents.transpose(0, 1).flatten(1)[:, :2_000_000])
    rows = torch.cat(rows, 1)
    progress.save(path, mean=rows.mean(1), std=rows.std(1))
    print('latents: mean', rows.mean(1), 'std', rows.std(1))


def statistics(out):
    saved = progress.load(os.path.join(out, 'latents', 'statistics.pt'))
    return saved['mean'], saved['std']


class Chunks:
    """All chunks of one length, in memory."""

    def __init__(self, out, frames, normal=True):
        self.pattern = os.path.join(out, 'latents', f'{frames:02}-*.pt')
        self.statistics = statistics(out) if normal else None
        self.latents = self.masks = None
        self.scenes, self._seen = [], set()
        self.refresh()

    def refresh(self):
        """Take in chunks that were added since."""
        latents = [] if self.latents is None else [self.latents]
        masks = [] if self.masks is None else [self.masks]
        for path in sorted(glob.glob(self.pattern)):
            if path in self._seen:
                continue
            self._seen.add(path)
            chunk = torch.load(path, weights_only=True)
            values = chunk['latents']
            if self.statistics:
                mean, std = (v.view(1, -1, 1, 1, 1) for v in self.statistics)
                values = ((values.float() - mean) / std).half()
            latents.append(values)
            masks.append(chunk['masks'])
            self.scenes += [stage.Scene(*row) for row in chunk['scenes']]
        if not latents:
            raise FileNotFoundError(f'{self.pattern}: no latents; run '
                                    '`recipe.py latents` first')
        self.latents, self.masks = torch.cat(latents), torch.cat(masks)

    def __len__(self):
        return len(self.scenes)

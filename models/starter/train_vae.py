# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the autoencoder on staged stills and short clips."""

import os

import numpy as np
import torch
import torch.nn.functional as F

import progress
import stage
import vae as autoencoder
from muon import Both

RATE = 1.5e-3
DECODER_RATE = 1.6e-3
FRAMES = 9                      # of a piece; later 33, else colours drift
FILMED = 72                     # frames a step, all pieces together
CROP = 64                       # pixels of a piece, each way
POOL = 600                      # clips kept in memory to cut pieces from
FRESH = 3                       # a new clip for the pool every so many steps
KL = 1e-4
ACTOR_WEIGHT = 2.0              # extra weight of an actor's pixels


def to_tensor(clip):
    """uint8 [T, H, W, C] to float [C, T, H, W]: colours in -1..1."""
    return torch.from_numpy(clip).permute(3, 0, 1, 2).float() / 127.5 - 1


def film(rng, frames):
    """Some frames of a scene, uint8 [T, H, W, 4]: colours and actors."""
    script = stage.draw_script(rng)
    start = int(rng.integers(stage.FRAMES - frames + 1))
    colours, mask, _ = stage.film(rng, script, range(start, start + frames))
    return np.concatenate([colours, mask[..., None]], 3)


def draw(rng, count, frames):
    """A batch of staged video [B, 3, T, H, W] and actor masks, 0..1."""
    batch = torch.stack([to_tensor(film(rng, frames)) for _ in range(count)])
    return batch[:, :3], (batch[:, 3:] + 1) / 2


class Pool:
    """Staged clips in memory, from which small pieces are cut.

    Many small steps teach an autoencoder faster than few large ones: a piece
    has thousands of pixels, and most of what is to be learnt is the actor.
    """

    def __init__(self, rng, count, frames):
        self.rng, self.frames = rng, frames
        self.batch = max(1, FILMED // frames)
        self.clips = [film(rng, frames) for _ in range(count)]

    def refresh(self):
        fresh = film(self.rng, self.frames)
        self.clips[self.rng.integers(len(self.clips))] = fresh

    def _corner(self, mask):
        """Where to cut: mostly around the actor, else anywhere."""
        room = stage.SIZE - CROP
        rows, columns = np.nonzero(mask > 100)
        if self.rng.random() < .25 or len(rows) == 0:
            return self.rng.integers(0, room + 1, 2)
        middle = np.array([rows.mean(), columns.mean()]) - CROP / 2
        middle = middle + self.rng.uniform(-24, 24, 2)
        return np.clip(middle, 0, room).astype(int)

    def draw(self):
        """A batch of pieces [B, 3, T, CROP, CROP] and actor masks."""
        pieces = []
        for index in self.rng.integers(0, len(self.clips), self.batch):
            clip = self.clips[index]
            y, x = self._corner(clip[self.rng.integers(self.frames), ..., 3])
            pieces.append(to_tensor(clip[:, y:y + CROP, x:x + CROP]))
        batch = torch.stack(pieces)
        return batch[:, :3], (batch[:, 3:] + 1) / 2


def _edges(video):
    return video.diff(dim=-1), video.diff(dim=-2)


def loss(model, video, mask):
    """Colours, edges, and the pull of the latents towards a unit normal."""
    with torch.autocast('cpu', torch.bfloat16):
        mean, logvar = autoencoder.encode(model, video)
        logvar = logvar.clamp(-20, 10)
        latents = mean + torch.randn_like(mean) * (logvar / 2).exp()
        result = autoencoder.decode(model, latents)
    weight = 1 + ACTOR_WEIGHT * mask
    error = (result - video).abs()
    colour = ((error + 2 * error ** 2) * weight).mean()
    edge = sum(((a - b).abs() * w).mean() for a, b, w in zip(
        _edges(result), _edges(video),
        (weight[..., 1:], weight[..., 1:, :])))
    kl = .5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
    return colour + edge + KL * kl, colour


@torch.no_grad()
def psnr(model, rng, count=8, frames=17):
    """Mean PSNR of the reconstruction of staged clips, in dB."""
    values = []
    for _ in range(count):
        video, _ = draw(rng, 1, frames)
        with torch.autocast('cpu', torch.bfloat16):
            mean, _ = autoencoder.encode(model, video)
            result = autoencoder.decode(model, mean).clamp(-1, 1)
        error = F.mse_loss((result + 1) / 2, (video + 1) / 2).item()
        values.append(-10 * np.log10(error))
    return float(np.mean(values))


def train(out, minutes, decoder_only=False, frames=FRAMES, eager=False,
          seed=1):
    """Train, or go on training, for `minutes` of wall time in all.

    decoder_only: leave the encoder, and so all latents, as they are.
    frames: length of the pieces.  eager: do not compile, for a short run.
    """
    path = os.path.join(out, 'vae.pt')
    model = autoencoder.make()
    average = progress.Average(model)
    rate = DECODER_RATE if decoder_only else RATE
    frozen = ('encoder.', 'quant_conv.') if decoder_only else ()
    optimiser = Both(model, rate, frozen, weight_decay=0.0)
    step, clock = 0, progress.Clock(minutes)
    saved = progress.load(path)
    if saved:
        model.load_state_dict(saved['model'])
        average.values = saved['average']
        if 'optimiser' in saved and not decoder_only:
            optimiser.load_state_dict(saved['optimiser'])
        step, clock = saved['step'], progress.Clock(
            minutes, saved['wall'], saved['cpu'])
    rng = np.random.default_rng([seed, step])
    torch.manual_seed(seed + step)
    pool = Pool(rng, POOL * FRAMES // frames, frames)
    fast_loss = loss if eager else torch.compile(loss, dynamic=False)
    sums = []
    while clock.share < 1:
        video, mask = pool.draw()
        if step % FRESH == 0:
            pool.refresh()
        optimiser.set_rate(clock.rate(rate, step, warm=50))
        value, colour = fast_loss(model, video, mask)
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        average.update(model, step)
        step += 1
        sums.append((value.item(), colour.item()))
        if step % 50 == 0:
            progress.report('vae', step, clock, loss=np.mean(sums, 0)[0],
                            colour=np.mean(sums, 0)[1])
            sums = []
        if step % 50 == 0 or clock.share >= 1:
            progress.save(path, model=model.state_dict(),
                          average=average.values, step=step,
                          optimiser=optimiser.state_dict(),
                          wall=clock.wall, cpu=clock.cpu)
    average.copy_to(model)
    progress.report('vae', step, clock,
                    psnr=psnr(model, np.random.default_rng(99)))

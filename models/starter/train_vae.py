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


def film(rng, frames, sizes=(stage.SIZE,)):
    """Some frames of a scene, uint8 [T, H, W, 4]: colours and actors.

    A clip for each size, all of the same.
    """
    script = stage.draw_script(rng)
    start = int(rng.integers(stage.FRAMES - frames + 1))
    chance, clips = rng.bit_generator.state, []
    for size in sizes:
        rng.bit_generator.state = chance
        colours, mask, _ = stage.film(
            rng, script, range(start, start + frames), size)
        clips.append(np.concatenate([colours, mask[..., None]], 3))
    return clips


def draw(rng, count, frames):
    """A batch of staged video [B, 3, T, H, W] and actor masks, 0..1."""
    batch = torch.stack([to_tensor(film(rng, frames)[0])
                         for _ in range(count)])
    return batch[:, :3], (batch[:, 3:] + 1) / 2


class Pool:
    """Staged clips in memory, from which small pieces are cut.

    Many small steps teach an autoencoder faster than few large ones: a piece
    has thousands of pixels, and most of what is to be learnt is the actor.
    """

    def __init__(self, rng, count, frames, batch, sizes=(stage.SIZE,)):
        """sizes: of the pictures, of which the first is the one cut by."""
        self.rng, self.frames, self.sizes = rng, frames, sizes
        self.batch = batch
        self.clips = [film(rng, frames, sizes) for _ in range(count)]

    def refresh(self):
        fresh = film(self.rng, self.frames, self.sizes)
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
        """By size a batch of pieces [B, 3, T, CROP, CROP] and actor masks."""
        pieces = []
        for index in self.rng.integers(0, len(self.clips), self.batch):
            clips = self.clips[index]
            y, x = self._corner(
                clips[0][self.rng.integers(self.frames), ..., 3])
            pieces.append([to_tensor(
                clip[:, y * k:(y + CROP) * k, x * k:(x + CROP) * k])
                for clip, k in zip(clips, self._scales())])
        batches = map(torch.stack, zip(*pieces))
        return [(batch[:, :3], (batch[:, 3:] + 1) / 2) for batch in batches]

    def _scales(self):
        return [size // self.sizes[0] for size in self.sizes]


def _edges(video):
    return video.diff(dim=-1), video.diff(dim=-2)


def likeness(result, video, mask):
    """The loss of colours and edges, and that of the colours' own."""
    weight = 1 + ACTOR_WEIGHT * mask
    error = (result - video).abs()
    colour = ((error + 2 * error ** 2) * weight).mean()
    edge = sum(((a - b).abs() * w).mean() for a, b, w in zip(
        _edges(result), _edges(video),
        (weight[..., 1:], weight[..., 1:, :])))
    return colour + edge, colour


def drawn(mean, logvar):
    """Latents by chance, as the encoder tells them."""
    return mean + torch.randn_like(mean) * (logvar / 2).exp()


def loss(model, pieces):
    """Colours, edges, and the pull of the latents towards a unit normal."""
    video, mask = pieces
    with torch.autocast('cpu', torch.bfloat16):
        mean, logvar = autoencoder.encode(model, video)
        logvar = logvar.clamp(-20, 10)
        result = autoencoder.decode(model, drawn(mean, logvar))
    whole, colour = likeness(result, video, mask)
    kl = .5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
    return whole + KL * kl, colour


def decibels(result, video):
    """PSNR of a decoded video, which is clamped, against what was filmed."""
    error = F.mse_loss((result.clamp(-1, 1) + 1) / 2, (video + 1) / 2)
    return -10 * np.log10(error.item())


@torch.no_grad()
def psnr(model, rng, count=8, frames=17):
    """Mean PSNR of the reconstruction of staged clips, in dB."""
    values = []
    for _ in range(count):
        video, _ = draw(rng, 1, frames)
        with torch.autocast('cpu', torch.bfloat16):
            mean, _ = autoencoder.encode(model, video)
            result = autoencoder.decode(model, mean)
        values.append(decibels(result, video))
    return float(np.mean(values))


class Course(progress.Training):
    """An autoencoder in training."""

    def __init__(self, path, model, minutes, rate, frozen=()):
        """path: of the training file, from which it goes on if it is there.

        frozen: beginnings of the names of weights that stay.
        """
        self.rate = rate
        super().__init__(path, model,
                         Both(model, rate, frozen, weight_decay=0.0),
                         minutes, afresh=bool(frozen))

    def _set_rate(self, rate):
        self.optimiser.set_rate(rate)

    def taught(self, batch, lesson):
        """One step; lesson: (batch) to the loss, and the colours' part."""
        value, colour = lesson(batch)
        value.backward()
        self.learn(self.clock.rate(self.rate, self.step, warm=50))
        return value.item(), colour.item()

    def run(self, pool, lesson):
        """Steps until the time is over; the model is its average then."""
        sums, name = [], os.path.splitext(os.path.basename(self.path))[0]
        while self.clock.share < 1:
            batch = pool.draw()
            if self.step % FRESH == 0:
                pool.refresh()
            sums.append(self.taught(batch, lesson))
            if self.step % 50 == 0:
                progress.report(name, self.step, self.clock,
                                loss=np.mean(sums, 0)[0],
                                colour=np.mean(sums, 0)[1])
                sums = []
            if self.step % 50 == 0 or self.clock.share >= 1:
                self.save()
        self.average.copy_to(self.model)


def train(out, minutes, decoder_only=False, frames=FRAMES, eager=False,
          seed=1):
    """Train, or go on training, for `minutes` of wall time in all.

    decoder_only: leave the encoder, and so all latents, as they are.
    frames: length of the pieces.  eager: do not compile, for a short run.
    """
    course = Course(
        os.path.join(out, 'vae.pt'), autoencoder.make(), minutes,
        DECODER_RATE if decoder_only else RATE,
        ('encoder.', 'quant_conv.') if decoder_only else ())
    rng = np.random.default_rng([seed, course.step])
    torch.manual_seed(seed + course.step)
    pool = Pool(rng, POOL * FRAMES // frames, frames,
                max(1, FILMED // frames))
    fast_loss = loss if eager else torch.compile(loss, dynamic=False)
    course.run(pool, lambda batch: fast_loss(course.model, batch[0]))
    progress.report('vae', course.step, course.clock,
                    psnr=psnr(course.model, np.random.default_rng(99)))

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains a decoder that makes pictures of 256 x 256 of the same latents.

It begins as the autoencoder's decoder, but for the doubling at its end.  The
encoder, and so all latents and the transformer, stay as they are: it sees a
scene filmed at 128 x 128, and the decoder is to give it as filmed at 256.
First as near as it can; then before a critic too, and of latents with noise,
as a transformer's are.
"""

import os

import numpy as np
import torch
import torch.nn.functional as F

import critic as critics
import latents
import progress
import stage
import train_vae
import vae as autoencoder

NAME, SHARP = 'upscale.pt', 'sharp.pt'
SIZES = stage.SIZE, 2 * stage.SIZE
RATE = 1.6e-3
SHARP_RATE, CRITIC_RATE = 4e-4, 2e-4
PASSING, UNLIKE = .04, .2       # weights of the critic's parts in the loss
NOISE = .25                     # of latents at most, in their deviations
POOL = 300                      # clips kept in memory to cut pieces from
FRAMES, BATCH = 17, 2           # of a piece; pieces a step


def load(out):
    """The trained decoder: its moving average; None if there is none."""
    saved = progress.load(os.path.join(out, SHARP)) or \
        progress.load(os.path.join(out, NAME))
    if saved is None:
        return None
    return progress.averaged(autoencoder.make_upscaling(), saved)


def loss(decoder, vae, small, large):
    """small, large: the same pieces by size, and where actors are."""
    with torch.autocast('cpu', torch.bfloat16):
        with torch.no_grad():
            coded = train_vae.drawn(*autoencoder.encode(vae, small[0]))
        result = autoencoder.decode(decoder, coded)
    return train_vae.likeness(result, *large)


def _noisy(coded):
    """Latents with noise, more or less."""
    deviation = coded.std((0, 2, 3, 4), keepdim=True)
    much = NOISE * torch.rand(len(coded), 1, 1, 1, 1)
    return coded + much * deviation * torch.randn_like(coded)


def sharp_loss(decoder, vae, critic, small, large, at):
    """As `loss`, and what the critic says; and what was decoded."""
    with torch.autocast('cpu', torch.bfloat16):
        with torch.no_grad():
            coded = train_vae.drawn(*autoencoder.encode(vae, small[0]))
        result = autoencoder.decode(decoder, _noisy(coded))
        known = larger(small[0])
        judged, unlike = critics.pleasing(
            critic, critics.pairs(result, known, at),
            critics.pairs(large[0], known, at))
    whole, colour = train_vae.likeness(result, *large)
    return whole + PASSING * judged + UNLIKE * unlike, colour, result.detach()


def critic_loss(critic, result, small, large, at):
    with torch.autocast('cpu', torch.bfloat16):
        known = larger(small[0])
        return critics.finding_out(
            critic, critics.pairs(result, known, at),
            critics.pairs(large[0], known, at))


class Lesson:
    """Teaches a decoder and, in turn, the critic that it has to pass."""

    def __init__(self, path, decoder, vae, eager):
        """path: of the critic's training file."""
        self.path, self.decoder, self.vae = path, decoder, vae
        self.critic = critics.Critic()
        self.optimiser = torch.optim.Adam(
            self.critic.parameters(), CRITIC_RATE, (.5, .9))
        saved = progress.load(path)
        if saved:
            self.critic.load_state_dict(saved['model'])
            self.optimiser.load_state_dict(saved['optimiser'])
        self.sharp_loss = _fast(sharp_loss, eager)
        self.critic_loss = _fast(critic_loss, eager)
        self.seen = None        # what the critic learns from next
        self.sums = []

    def __call__(self, batch):
        if self.seen is not None:
            self._teach_critic()
        at = torch.randint(FRAMES - 1, (critics.PAIRS,))
        value, colour, result = self.sharp_loss(
            self.decoder, self.vae, self.critic, *batch, at)
        self.seen = result, *batch, at
        return value, colour

    def _teach_critic(self):
        self.optimiser.zero_grad()
        value = self.critic_loss(self.critic, *self.seen)
        value.backward()
        self.optimiser.step()
        self.sums.append(value.item())
        if len(self.sums) == 50:
            print(f'critic: loss {np.mean(self.sums):.3f}', flush=True)
            self.sums = []
            progress.save(self.path, model=self.critic.state_dict(),
                          optimiser=self.optimiser.state_dict())


def larger(video):
    """[B, 3, T, H, W] at twice the size, bicubic."""
    frames = video.transpose(1, 2).flatten(0, 1).float()
    frames = F.interpolate(frames, scale_factor=2.0, mode='bicubic')
    return frames.unflatten(0, (len(video), -1)).transpose(1, 2)


@torch.no_grad()
def psnr(decoder, vae, rng, count=8, frames=17):
    """Mean PSNR of staged clips of 256 x 256 made of their latents, in dB;
    and that of the other decoder's pictures made larger (bicubic)."""
    values = []
    for _ in range(count):
        small, large = (
            train_vae.to_tensor(clip[..., :3])[None]
            for clip in train_vae.film(rng, frames, SIZES))
        with torch.autocast('cpu', torch.bfloat16):
            mean, _ = autoencoder.encode(vae, small)
            made = autoencoder.decode(decoder, mean)
            plain = larger(autoencoder.decode(vae, mean))
        values.append([train_vae.decibels(video, large)
                       for video in (made, plain)])
    return np.mean(values, 0).tolist()


def _course(out, name, minutes, rate, old):
    """What goes on with a training file, or begins with what fits of old
    weights."""
    path, model = os.path.join(out, name), autoencoder.make_upscaling()
    if not os.path.exists(path):
        progress.take(model, old)
        progress.begin(path, model)
    return train_vae.Course(path, model, minutes, rate)


def _teach(course, vae, lesson, seed=1):
    torch.manual_seed(seed + course.step)
    pool = train_vae.Pool(np.random.default_rng([seed, course.step]), POOL,
                          FRAMES, BATCH, SIZES)
    course.run(pool, lesson)
    made, bicubic = psnr(course.model, vae, np.random.default_rng(99))
    progress.report('upscale', course.step, course.clock, psnr=made,
                    bicubic=bicubic)


def _fast(function, eager):
    return function if eager else torch.compile(function, dynamic=False)


def train(out, minutes, eager=False):
    """Train, or go on training, for `minutes` of wall time in all.

    eager: do not compile, for a short run.
    """
    vae = latents.load_vae(out)
    course = _course(out, NAME, minutes, RATE, vae.state_dict())
    step = _fast(loss, eager)
    _teach(course, vae, lambda batch: step(course.model, vae, *batch))


def sharpen(out, minutes, eager=False):
    """The same before a critic, after `train`."""
    vae = latents.load_vae(out)
    course = _course(out, SHARP, minutes, SHARP_RATE,
                     progress.load(os.path.join(out, NAME))['average'])
    _teach(course, vae, Lesson(os.path.join(out, 'critic.pt'), course.model,
                               vae, eager))

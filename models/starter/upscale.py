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


def _begin(path, old):
    """The training file of a decoder that has what fits of old weights."""
    model = autoencoder.make_upscaling()
    own = model.state_dict()
    own.update({name: old[name] for name, value in own.items()
                if name in old and old[name].shape == value.shape})
    model.load_state_dict(own)
    progress.save(path, model=own, step=0, wall=0.0, cpu=0.0,
                  average=progress.Average(model).values)


def load(out):
    """The trained decoder: its moving average; None if there is none."""
    saved = progress.load(os.path.join(out, SHARP)) or \
        progress.load(os.path.join(out, NAME))
    if saved is None:
        return None
    model = autoencoder.make_upscaling()
    for name, value in model.named_parameters():
        value.data.copy_(saved['average'][name])
    return model.eval()


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

    def __init__(self, path, decoder, vae, fast):
        """path: of the critic's training file.  fast: (function) to it,
        compiled or not."""
        self.path, self.decoder, self.vae = path, decoder, vae
        self.critic = critics.Critic()
        self.optimiser = torch.optim.Adam(
            self.critic.parameters(), CRITIC_RATE, (.5, .9))
        saved = progress.load(path)
        if saved:
            self.critic.load_state_dict(saved['model'])
            self.optimiser.load_state_dict(saved['optimiser'])
        self.sharp_loss, self.critic_loss = fast(sharp_loss), \
            fast(critic_loss)
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
        values.append([-10 * np.log10(F.mse_loss(
            (video.clamp(-1, 1) + 1) / 2, (large + 1) / 2).item())
            for video in (made, plain)])
    return np.mean(values, 0).tolist()


def train(out, minutes, sharpen, eager=False, seed=1):
    """Train, or go on training, for `minutes` of wall time in all; then for
    `sharpen` before a critic.

    eager: do not compile, for a short run.
    """
    vae = latents.load_vae(out)
    plain, sharp = (os.path.join(out, name) for name in (NAME, SHARP))

    def fast(function):
        return function if eager else torch.compile(function, dynamic=False)

    def course(path, minutes, rate, lesson):
        run = train_vae.Course(path, autoencoder.make_upscaling(), minutes,
                               rate)
        torch.manual_seed(seed + run.step)
        pool = train_vae.Pool(np.random.default_rng([seed, run.step]), POOL,
                              FRAMES, BATCH, SIZES)
        run.run(pool, lesson(run.model))
        made, bicubic = psnr(run.model, vae, np.random.default_rng(99))
        progress.report('upscale', run.step, run.clock, psnr=made,
                        bicubic=bicubic)

    if not os.path.exists(plain):
        _begin(plain, vae.state_dict())
    if minutes:
        course(plain, minutes, RATE, lambda decoder: (
            lambda batch, step=fast(loss): step(decoder, vae, *batch)))
    if sharpen:
        if not os.path.exists(sharp):
            _begin(sharp, progress.load(plain)['average'])
        course(sharp, sharpen, SHARP_RATE, lambda decoder: Lesson(
            os.path.join(out, 'critic.pt'), decoder, vae, fast))

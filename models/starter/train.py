# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the transformer on cached latents: stills first, then clips.

Flow matching as Wan has it: x_t = (1 - t) x0 + t noise, and the model gives
the velocity noise - x0.  A velocity's squared error is that of the clean
picture it implies, divided by t^2, so fine detail counts at small t.
"""

import glob
import os
import time
from dataclasses import dataclass

import numpy as np
import torch

import captions
import dit
import latents as cache
import progress
import stage
import text

ROWS = 22                       # text rows in a batch, the zero row included
MEET, STALE = 60, 300           # steps between meetings; seconds
DROPPED = .1                    # captions left out, for guidance
ACTOR_WEIGHT = 3.0


@dataclass
class Act:
    """One part of the training: a clip length and how long it takes."""
    name: str
    minutes: float
    frames: int                 # of video in the cached scenes
    length: int                 # latent frames a sample is cut to
    batch: int
    rate: float


def acts(stills, clips):
    return [Act('stills', stills, 1, 1, 64, 1e-3),
            Act('clips', clips, stage.FRAMES, 9, 8, 1.4e-3)]


class Prompter:
    """Captions of scenes, as rows of the frozen text encoder."""

    def __init__(self, out, rng):
        self.tokenizer = text.Tokenizer(os.path.join(out, 'spiece.model'))
        self.encoder = load_encoder(out)
        self.rng = rng

    def caption(self, scene):
        if self.rng.random() < DROPPED:
            return ''
        while True:
            line = captions.caption(self.rng, scene)
            if len(self.tokenizer.pieces.encode(line)) < ROWS - 1:
                return line

    @torch.no_grad()
    def __call__(self, scenes):
        return rows_of([self.caption(scene) for scene in scenes],
                       self.tokenizer, self.encoder, ROWS)


def rows_of(lines, tokenizer, encoder, count):
    """Encoded captions [B, count, width], zero-padded, and their mask."""
    ids, mask = tokenizer(lines, count - 1)
    with torch.autocast('cpu', torch.bfloat16, enabled=False):
        rows = text.encode(encoder, ids, mask)
    missing = count - ids.shape[1]
    rows = torch.nn.functional.pad(rows, (0, 0, 0, missing))
    return rows, torch.nn.functional.pad(mask, (0, missing))


def load_encoder(out):
    encoder = text.model()
    encoder.load_state_dict(
        progress.load(os.path.join(out, 'text.pt'))['model'])
    return encoder.eval().requires_grad_(False)


def draw_time(count):
    """Times 0..1: logit-normal, a little towards noise."""
    return torch.sigmoid(torch.randn(count) + .3)


def loss(model, clean, weight, noise, time, rows, mask, angles):
    """Weighted squared error of the velocity."""
    t = time.view(-1, 1, 1, 1, 1)
    noisy = (1 - t) * clean + t * noise
    with torch.autocast('cpu', torch.bfloat16):
        velocity = dit.forward(model, noisy, time * 1000, rows, mask,
                               text.TEXT_LEN, angles)
    error = (velocity - (noise - clean)) ** 2
    return (error * weight).mean(), error.mean()


def _sample(chunks, act, rng):
    """A batch: clean latents, weights, scenes."""
    chosen = rng.integers(0, len(chunks), act.batch)
    clean = chunks.latents[chosen, :, :act.length].float()
    weight = 1 + ACTOR_WEIGHT * chunks.masks[chosen, :, :act.length].float()
    return clean, weight, [chunks.scenes[i] for i in chosen]


def gossip(out, model, replica):
    """Average the weights with those that other replicas last wrote.

    Processes that train beside each other, each on its own core and its own
    samples, meet this way every hundred steps; none waits for another.
    """
    progress.save(os.path.join(out, 'replicas', f'{replica}.pt'),
                  model=model.state_dict())
    others = [progress.load(path) for path in glob.glob(os.path.join(
        out, 'replicas', '*.pt')) if not path.endswith(f'/{replica}.pt')
        and time.time() - os.path.getmtime(path) < STALE]
    with torch.no_grad():
        for name, weight in model.named_parameters():
            for other in others:
                weight.add_(other['model'][name])
            weight.div_(1 + len(others))


def train_act(out, act, replica=0, seed=21):
    """Train one act to its end; it goes on from the act before."""
    name = f'transformer-{replica}.pt' if replica else 'transformer.pt'
    path = os.path.join(out, name)
    saved = progress.load(path) or progress.load(
        os.path.join(out, 'transformer.pt'))
    model = dit.make()
    average = progress.Average(model, .9995)
    optimiser = torch.optim.AdamW(model.parameters(), act.rate, (.9, .95),
                                  weight_decay=.01, fused=True)
    step, clock, done = 0, progress.Clock(act.minutes), {}
    if saved:
        model.load_state_dict(saved['model'])
        average.values = saved['average']
        if 'optimiser' in saved:
            optimiser.load_state_dict(saved['optimiser'])
        step, done = saved['step'], saved['acts']
        clock = progress.Clock(act.minutes, *done.get(act.name, (0, 0, 0))[:2])
    begun = step - int(done.get(act.name, (0, 0, 0))[2])
    rng = np.random.default_rng([seed, step, replica])
    torch.manual_seed(seed + step + replica * 7919)
    chunks = cache.Chunks(out, act.frames)
    prompter = Prompter(out, rng)
    angles = dit.rotary(model, chunks.latents[:1, :, :act.length].float())
    fast_loss = torch.compile(loss, dynamic=False)
    sums = []
    while clock.share < 1:
        clean, weight, scenes = _sample(chunks, act, rng)
        rows, mask = prompter(scenes)
        for group in optimiser.param_groups:
            group['lr'] = clock.rate(act.rate, step - begun, warm=60,
                                     floor=.05)
        value, plain = fast_loss(model, clean, weight, torch.randn_like(clean),
                                 draw_time(act.batch), rows, mask, angles)
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        average.update(model, step)
        step += 1
        sums.append(plain.item())
        if step % MEET == 0:
            gossip(out, model, replica)
        if step % 100 == 0:
            progress.report(act.name, step, clock, loss=np.mean(sums),
                            scenes=len(chunks))
            sums = []
        if step % 250 == 0 or clock.share >= 1:
            chunks.refresh()
            done[act.name] = (clock.wall, clock.cpu, step - begun)
            progress.save(path, model=model.state_dict(), acts=done,
                          average=average.values, step=step,
                          optimiser=optimiser.state_dict())


def load_transformer(out):
    """The moving averages of all replicas, averaged."""
    model = dit.make()
    paths = [os.path.join(out, 'transformer.pt')]
    paths += sorted(glob.glob(os.path.join(out, 'transformer-[0-9].pt')))
    averages = [progress.load(path)['average'] for path in paths]
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(sum(one[name] for one in averages) / len(averages))
    return model.eval()


def train(out, stills, clips, replica=0):
    for act in acts(stills, clips):
        if act.minutes > 0:
            train_act(out, act, replica)

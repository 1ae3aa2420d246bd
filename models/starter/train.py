# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the transformer on cached latents: stills first, then clips.

Flow matching as Wan has it: x_t = (1 - t) x0 + t noise, and the model gives
the velocity noise - x0.  A velocity's squared error is that of the clean
picture it implies, divided by t^2, so fine detail counts at small t.

Clips are taught block by block (dit.Teaching): each block has a noise level
and a caption of its own and sees the clean blocks before it.  A stream never
sees clean blocks but its own, so part of the time those before are spoilt:
by some noise, of which the model is told, or by being the model's own guess.
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
import muon
import progress
import stage
import text

ROWS = 34                       # text rows in a batch, the zero row included
MEET, STALE = 60, 300           # steps between meetings; seconds
DROPPED = .1                    # captions left out, for guidance
ACTOR_WEIGHT = 3.0
LENGTH = dit.SINK + dit.WINDOW  # latent frames of a clip's sample
SPOILT = .5                     # samples whose context carries noise
NOISE = .3                      # how much at most
GUESSED = .25                   # steps whose context is the model's guess
# What AdamW trains, not Muon: where numbers of the world come in and go out.
OUTER = ('patch_embedding', 'condition_embedder', 'proj_out')


@dataclass
class Act:
    """One part of the training: a clip length and how long it takes."""
    name: str
    minutes: float
    frames: int                 # of video in the cached scenes
    length: int                 # latent frames a sample is cut to
    batch: int
    rate: float

    @property
    def blocks(self):
        return -(-self.length // dit.BLOCK)


def acts(stills, starts, clips):
    """Single latent frames teach looks; the first two blocks of clips how a
    stream begins and goes on; whole clips all that a block may see."""
    return [Act('stills', stills, 1, 1, 128, 2e-3),
            Act('starts', starts, stage.FRAMES, 2 * dit.BLOCK, 24, 2e-3),
            Act('clips', clips, stage.FRAMES, LENGTH, 8, 1.5e-3)]


class Prompter:
    """Captions of scenes, as rows of the frozen text encoder."""

    def __init__(self, out, rng):
        self.tokenizer = text.Tokenizer(os.path.join(out, 'spiece.model'))
        self.encoder = load_encoder(out)
        self.rng = rng

    def caption(self, script, event):
        while True:
            line = captions.caption(self.rng, script, event)
            if len(self.tokenizer.pieces.encode(line)) < ROWS - 1:
                return line

    def lines(self, record, blocks):
        """A caption a block; the same for all blocks of an event."""
        if self.rng.random() < DROPPED:
            return [''] * len(blocks)
        told = {}
        for block in blocks:
            script, event, key = record.at(block)
            if key not in told:
                told[key] = self.caption(script, event)
        return [told[record.at(block)[2]] for block in blocks]

    @torch.no_grad()
    def __call__(self, records, blocks):
        """Rows [B, blocks, ROWS, width] and mask, for each its blocks."""
        lines = [line for record, own in zip(records, blocks)
                 for line in self.lines(record, own)]
        unique = sorted(set(lines))
        rows, mask = rows_of(unique, self.tokenizer, self.encoder, ROWS)
        index = torch.tensor([unique.index(line) for line in lines])
        shape = (len(records), -1)
        return rows[index].unflatten(0, shape), mask[index].unflatten(0, shape)


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


def draw_time(*shape):
    """Times 0..1: logit-normal, a little towards noise."""
    return torch.sigmoid(torch.randn(shape) + .3)


def spread(values):
    """[B, blocks] to [B, 1, frames, 1, 1]."""
    return values.repeat_interleave(dit.BLOCK, 1)[:, None, :, None, None]


class Lesson:
    """What one step trains on; all on one device."""

    def __init__(self, chunks, act, rng, prompter):
        chosen = rng.integers(0, len(chunks), act.batch)
        frames, blocks = zip(*(self._cut(act, rng) for _ in chosen))
        index = torch.tensor(chosen)[:, None], torch.tensor(frames)
        self.clean = chunks.latents.transpose(1, 2)[index].transpose(
            1, 2).float()
        self.weight = 1 + ACTOR_WEIGHT * chunks.masks.transpose(1, 2)[
            index].transpose(1, 2).float()
        for row, own in enumerate(blocks):
            if len(own) > 1 and own[1] > 1:    # nothing leads up to it
                self.weight[row, :, dit.BLOCK:2 * dit.BLOCK] = 0
        self.rows, self.mask = prompter([chunks.records[i] for i in chosen],
                                        blocks)
        self.noise = torch.randn_like(self.clean)
        self.time = draw_time(act.batch, act.blocks)
        spoilt = torch.rand(act.batch, 1) < SPOILT
        self.context_time = NOISE * torch.rand(act.batch, act.blocks) * spoilt
        self.context = self.spoil(self.clean)

    @staticmethod
    def _cut(act, rng):
        """Which frames, and blocks: all in a row, or the sink and later."""
        if act.length == 1:
            return [0], [0]
        blocks = list(range(act.blocks))
        last = len(stage.BLOCKS) - act.blocks
        later = int(rng.integers(0, last + 1)) \
            if act.blocks > 2 and rng.random() < .6 else 0
        blocks[1:] = [block + later for block in blocks[1:]]
        return [dit.BLOCK * block + i for block in blocks
                for i in range(dit.BLOCK)], blocks

    def spoil(self, clean):
        """Clean context with its noise."""
        if clean.shape[2] == 1:
            return clean
        t = spread(self.context_time)
        return (1 - t) * clean + t * torch.randn_like(clean)


def make_functions(length, compiled=True):
    """The loss, and the model's guess of the clean clip."""
    size = stage.SIZE // 16
    teaching = []

    def velocity(model, lesson_tensors):
        clean, noisy, context_time, t, rows, mask = lesson_tensors
        if not teaching:
            teaching.append(dit.Teaching(model, length, size, size))
        with torch.autocast('cpu', torch.bfloat16):
            return teaching[0](model, clean, noisy, context_time * 1000,
                               t * 1000, rows, mask, text.TEXT_LEN)

    def loss(model, context, clean, noise, context_time, t, rows, mask,
             weight):
        at = spread(t) if length > 1 else t[:, None, :, None, None]
        noisy = (1 - at) * clean + at * noise
        error = velocity(model, (context, noisy, context_time, t, rows,
                                 mask)) - (noise - clean)
        error = error ** 2
        return (error * weight).mean(), error.mean()

    def guess(model, context, clean, noise, context_time, t, rows, mask):
        at = spread(t)
        noisy = (1 - at) * clean + at * noise
        return noisy - at * velocity(model, (context, noisy, context_time, t,
                                             rows, mask))

    if not compiled:
        return loss, torch.no_grad()(guess)
    return (torch.compile(loss, dynamic=False),
            torch.no_grad()(torch.compile(guess, dynamic=False)))


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


class State:
    """A model in training: weights, average, optimiser, and how far it is."""

    def __init__(self, out, act, replica, compiled):
        name = f'transformer-{replica}.pt' if replica else 'transformer.pt'
        self.path = os.path.join(out, name)
        saved = progress.load(self.path) or progress.load(
            os.path.join(out, 'transformer.pt'))
        self.act, self.model = act, dit.make()
        self.average = progress.Average(self.model, .999)
        self.optimiser = muon.Both(self.model, act.rate, outer=OUTER,
                                   compiled=compiled)
        self.step, self.done = 0, {}
        if saved:
            self._resume(saved)
        wall, cpu, self.steps = self.done.get(act.name, (0.0, 0.0, 0))
        self.clock = progress.Clock(act.minutes, wall, cpu)

    def _resume(self, saved):
        self.model.load_state_dict(saved['model'])
        self.average.values = saved['average']
        self.step, self.done = saved['step'], saved['acts']
        if 'optimiser' in saved:
            self.optimiser.load_state_dict(saved['optimiser'])

    def learn(self, value):
        rate = self.clock.rate(self.act.rate, self.steps, floor=.05)
        self.optimiser.set_rate(rate)
        self.optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.model, self.step)
        self.step += 1
        self.steps += 1

    def save(self):
        self.done[self.act.name] = (self.clock.wall, self.clock.cpu,
                                    self.steps)
        progress.save(self.path, model=self.model.state_dict(),
                      acts=self.done, average=self.average.values,
                      step=self.step, optimiser=self.optimiser.state_dict())


def train_act(out, act, replica=0, seed=21, compiled=True):
    """Train one act to its end; it goes on from the act before."""
    state = State(out, act, replica, compiled)
    if state.clock.share >= 1:
        return
    rng = np.random.default_rng([seed, state.step, replica])
    torch.manual_seed(seed + state.step + 1000003 * replica)
    chunks, prompter = cache.Chunks(out, act.frames), Prompter(out, rng)
    loss, guess = make_functions(act.length, compiled)
    sums = []
    while state.clock.share < 1:
        lesson = Lesson(chunks, act, rng, prompter)
        told = (lesson.context_time, lesson.time, lesson.rows, lesson.mask)
        if act.blocks > 1 and rng.random() < GUESSED * min(
                1, 3 * state.clock.share):
            at = draw_time(act.batch, act.blocks)
            lesson.context = lesson.spoil(guess(
                state.model, lesson.context, lesson.clean, lesson.noise,
                lesson.context_time, at, lesson.rows, lesson.mask))
            lesson.noise = torch.randn_like(lesson.noise)
        value, plain = loss(state.model, lesson.context, lesson.clean,
                            lesson.noise, *told, lesson.weight)
        state.learn(value)
        sums.append(plain.item())
        if state.steps % MEET == 0:
            gossip(out, state.model, replica)
        if state.steps % 100 == 0:
            progress.report(act.name, state.step, state.clock,
                            loss=np.mean(sums), scenes=len(chunks))
            sums = []
        if state.steps % 250 == 0 or state.clock.share >= 1:
            chunks.refresh()
            state.save()


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


def train(out, stills, starts, clips, replica=0):
    for act in acts(stills, starts, clips):
        if act.minutes > 0:
            train_act(out, act, replica)

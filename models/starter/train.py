# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the transformer on cached latents: looks first, then streams.

Flow matching as Wan has it: x_t = (1 - t) x0 + t noise, and the model gives
the velocity noise - x0.  A velocity's squared error is that of the clean
picture it implies, divided by t^2, so fine detail counts at small t.  Channels
of latents count by the square of their deviation, as pixels show them; actors
count more than what is behind them.  Stills also teach what is where (align.py).

Clips are taught block by block (dit.Teaching): each block has a noise level
and a caption of its own and sees the clean blocks before it.  A stream never
sees clean blocks but its own, so part of the time those before are spoilt:
by some noise, of which the model is told, by more or less contrast, or by
being the model's own guess.
"""

import os
from dataclasses import dataclass

import numpy as np
import torch

import align
import captions
import dit
import latents as cache
import muon
import progress
import stage
import text

ROWS = 34                       # text rows in a batch, the zero row included
DROPPED = .1                    # captions left out, for guidance
ACTOR_WEIGHT = 6.0
ALIGN_WEIGHT = .5
LENGTH = dit.SINK + dit.WINDOW  # latent frames of a clip's sample
SPOILT = .5                     # samples whose context carries noise
NOISE = .3                      # how much at most
GAIN = .15                      # deviation of the context's contrast, in e-folds
GUESSED = .25                   # steps whose context is the model's guess
REWARDED = 'rewarded.pt'
# What AdamW trains, not Muon: where numbers of the world come in and go out.
OUTER = ('patch_embedding', 'condition_embedder', 'proj_out')


@dataclass
class Kind:
    """One kind of lesson: how long its clips are, and how many it takes."""
    frames: int                 # of video in the cached scenes
    length: int                 # latent frames a sample is cut to
    batch: int

    @property
    def blocks(self):
        return -(-self.length // dit.BLOCK)


# Single latent frames teach looks, at a fifth of the price; the first two
# blocks of clips how a stream begins and goes on; long ones all that a block
# may see.
KINDS = {'still': Kind(1, 1, 64),
         'start': Kind(stage.FRAMES, 2 * dit.BLOCK, 6),
         'clip': Kind(stage.FRAMES, LENGTH, 2)}


@dataclass
class Act:
    """One part of the training, and which share of the steps is what kind:
    at its beginning and at its end."""
    name: str
    minutes: float
    rate: float
    shares: dict
    aligned: bool = False       # are stills pulled towards the finder's view?

    def draw(self, rng, at):
        """The name of a kind; at: how much of the act is done."""
        chances = [begin + (end - begin) * at
                   for begin, end in self.shares.values()]
        return str(rng.choice(list(self.shares), p=chances))


def acts(looks, streams, settle):
    return [Act('looks', looks, 2e-3, {'still': (1, 1)}, aligned=True),
            Act('streams', streams, 2e-3, {
                'still': (.8, .2), 'start': (.2, .4), 'clip': (0, .4)}),
            Act('settle', settle, 3e-4, {
                'still': (.15, .15), 'start': (.25, .25), 'clip': (.6, .6)})]


def caption(rng, tokenizer, script, event):
    """A caption that ROWS can hold, a zero row after it."""
    while True:
        line = captions.caption(rng, script, event)
        if len(tokenizer.pieces.encode(line)) < ROWS - 1:
            return line


class Prompter:
    """Captions of scenes, as rows of the frozen text encoder."""

    def __init__(self, out, rng):
        self.tokenizer = text.Tokenizer(os.path.join(out, 'spiece.model'))
        self.encoder = load_encoder(out)
        self.rng = rng

    def lines(self, record, blocks):
        """A caption a block; the same for all blocks of an event."""
        if self.rng.random() < DROPPED:
            return [''] * len(blocks)
        told = {}
        for block in blocks:
            script, event, key = record.at(block)
            if key not in told:
                told[key] = caption(self.rng, self.tokenizer, script, event)
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
    ids, mask = (part.to(encoder.device)
                 for part in tokenizer(lines, count - 1))
    with torch.autocast(ids.device.type, torch.bfloat16, enabled=False):
        rows = text.encode(encoder, ids, mask)
    missing = count - ids.shape[1]
    rows = torch.nn.functional.pad(rows, (0, 0, 0, missing))
    return rows, torch.nn.functional.pad(mask, (0, missing))


def load_encoder(out):
    encoder = text.model()
    encoder.load_state_dict(
        progress.load(os.path.join(out, 'text.pt'))['model'])
    return encoder.eval().requires_grad_(False)


def channel_weights(out):
    """What channels of latents count, [1, C, 1, 1, 1]."""
    power = cache.statistics(out)[1].view(1, -1, 1, 1, 1) ** 2
    return power / power.mean()


def draw_time(*shape):
    """Times 0..1: half of them logit-normal, a little towards noise; half as
    a sampler with a shift of 3 takes its steps, most of them near noise."""
    even = torch.rand(shape)
    shifted = 3 * even / (1 + 2 * even)
    return torch.where(torch.rand(shape) < .5, shifted,
                       torch.sigmoid(torch.randn(shape) + .5))


def spread(values):
    """[B, blocks] to [B, 1, frames, 1, 1]."""
    return values.repeat_interleave(dit.BLOCK, 1)[:, None, :, None, None]


def cut(kind, count):
    """Which blocks of clips, [count, blocks]: all in a row, or the sink and
    later ones."""
    blocks = torch.arange(kind.blocks).repeat(count, 1)
    room = len(stage.BLOCKS) - kind.blocks
    if kind.blocks > 2:
        later = torch.randint(room + 1, (count, 1))
        blocks[:, 1:] += later * (torch.rand(count, 1) < .6)
    return blocks


def frames_of(kind, blocks):
    """The latent frames of blocks, [count, kind.length]."""
    if kind.length == 1:
        return blocks
    return (dit.BLOCK * blocks[..., None] + torch.arange(
        dit.BLOCK, device=blocks.device)).flatten(1)


class Lesson:
    """What one step trains on; all on one device."""

    def __init__(self, latents, masks, blocks, rows, mask):
        """latents, masks: [B, T, channels, H, W], as they are kept, of the
        blocks [B, blocks]; rows, mask: their text."""
        self.clean = latents.transpose(1, 2).float()
        self.weight = 1 + ACTOR_WEIGHT * masks.transpose(1, 2).float()
        if blocks.shape[1] > 1:         # does anything lead up to the second?
            follows = spread(blocks[:, 1:2] == 1)
            self.weight[:, :, dit.BLOCK:2 * dit.BLOCK] *= follows
        self.rows, self.mask = rows, mask
        with torch.device(latents.device):
            self.noise = torch.randn_like(self.clean)
            self.time = draw_time(*blocks.shape)
            spoilt = torch.rand(len(blocks), 1) < SPOILT
            self.context_time = NOISE * torch.rand(*blocks.shape) * spoilt
            self.context = self.spoil(self.clean)

    def tensors(self):
        """What the functions of make_functions want."""
        return (self.context, self.clean, self.noise, self.context_time,
                self.time, self.rows, self.mask)

    def spoil(self, clean):
        """Clean context with its noise, more or less contrast."""
        if clean.shape[2] == 1:
            return clean
        t = spread(self.context_time)
        gain = torch.exp(GAIN * torch.randn_like(clean[:, :1, :1, :1, :1]))
        return (1 - t) * gain * clean + t * torch.randn_like(clean)


def guessed(lesson, guess, model):
    """The context as the model guesses it, from noise and times of its own."""
    with torch.device(lesson.clean.device):
        at = draw_time(*lesson.time.shape)
        noise = torch.randn_like(lesson.noise)
    return lesson.spoil(guess(
        model, lesson.context, lesson.clean, noise, lesson.context_time, at,
        lesson.rows, lesson.mask))


def make_functions(model, length, channels):
    """The loss, and the model's guess of the clean clip.

    channels: what a channel counts, [1, C, 1, 1, 1].
    """
    size = stage.SIZE // 16
    teaching = dit.Teaching(model, length, size, size)

    def velocity(model, lesson_tensors, notice=None):
        clean, noisy, context_time, t, rows, mask = lesson_tensors
        with torch.autocast(clean.device.type, torch.bfloat16):
            return teaching(model, clean, noisy, context_time * 1000,
                            t * 1000, rows, mask, text.TEXT_LEN, notice)

    def loss(model, context, clean, noise, context_time, t, rows, mask,
             weight, projector=None, seen=None):
        """To minimise; without weights; from what the finder has seen."""
        at = spread(t) if length > 1 else t[:, None, :, None, None]
        noisy = (1 - at) * clean + at * noise
        far = []

        def notice(layer, tokens):
            if projector is not None and layer == align.LAYER - 1:
                far.append(projector.distance(tokens, seen,
                                              weight[:, 0].flatten(1)))

        error = velocity(model, (context, noisy, context_time, t, rows,
                                 mask), notice) - (noise - clean)
        error = error ** 2
        far = far[0] if far else torch.zeros(())
        return (error * weight * channels).mean() + ALIGN_WEIGHT * far, \
            error.mean(), far

    def guess(model, context, clean, noise, context_time, t, rows, mask):
        at = spread(t)
        noisy = (1 - at) * clean + at * noise
        return noisy - at * velocity(model, (context, noisy, context_time, t,
                                             rows, mask))

    return loss, torch.no_grad()(guess)


class State:
    """A model in training: weights, average, optimiser, and how far it is."""

    def __init__(self, out, act, compiled):
        self.path = os.path.join(out, 'transformer.pt')
        saved = progress.load(self.path)
        self.act, self.model = act, dit.make()
        self.average = progress.Average(self.model, .999)
        self.projector = align.Projector(dit.CONFIG['num_attention_heads']
                                         * dit.CONFIG['attention_head_dim'])
        self.optimiser = muon.Both(self.model, act.rate, outer=OUTER,
                                   compiled=compiled)
        self.projecting = torch.optim.AdamW(self.projector.parameters(),
                                            act.rate, weight_decay=.01)
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
        if 'projector' in saved:
            self.projector.load_state_dict(saved['projector'])
            self.projecting.load_state_dict(saved['projecting'])

    def learn(self, value):
        rate = self.clock.rate(self.act.rate, self.steps, floor=.05)
        self.optimiser.set_rate(rate)
        self.projecting.param_groups[0]['lr'] = rate
        self.optimiser.zero_grad()
        self.projecting.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        if self.act.aligned:
            self.projecting.step()
        self.average.update(self.model, self.step)
        self.step += 1
        self.steps += 1

    def save(self):
        self.done[self.act.name] = (self.clock.wall, self.clock.cpu,
                                    self.steps)
        progress.save(self.path, model=self.model.state_dict(),
                      acts=self.done, average=self.average.values,
                      step=self.step, optimiser=self.optimiser.state_dict(),
                      projector=self.projector.state_dict(),
                      projecting=self.projecting.state_dict())


class Classroom:
    """What a step needs, by kind of lesson."""

    def __init__(self, out, rng, aligned):
        self.rng, self.prompter = rng, Prompter(out, rng)
        self.aligned = aligned
        self.chunks, self.functions, self.seen = {}, {}, None
        self.out = out
        self.channels = channel_weights(out)

    def _prepare(self, name, model):
        kind = KINDS[name]
        if kind.frames not in self.chunks:
            self.chunks[kind.frames] = cache.Chunks(self.out, kind.frames)
        if kind.frames == 1 and self.aligned and self.seen is None:
            seen = align.load(self.out, len(self.chunks[1]))[:, 0]
            self.seen = align.normal(seen, *align.scale(seen))
        if name not in self.functions:
            self.functions[name] = make_functions(
                model, kind.length, self.channels)

    def _draw(self, kind):
        """A lesson, and the scenes that it is of."""
        chunks = self.chunks[kind.frames]
        chosen = torch.from_numpy(self.rng.integers(0, len(chunks),
                                                    kind.batch))
        blocks = cut(kind, kind.batch)
        index = chosen[:, None], slice(None), frames_of(kind, blocks)
        rows, mask = self.prompter([chunks.records[i] for i in chosen],
                                   blocks.tolist())
        return Lesson(chunks.latents[index], chunks.masks[index], blocks,
                      rows, mask), chosen

    def step(self, name, model, projector, guessing):
        """What `loss` says of a lesson.

        guessing: the chance that its context is the model's own guess.
        """
        self._prepare(name, model)
        kind, (loss, guess) = KINDS[name], self.functions[name]
        lesson, chosen = self._draw(kind)
        if kind.blocks > 1 and self.rng.random() < guessing:
            lesson.context = guessed(lesson, guess, model)
        more = (projector, self.seen[chosen].float()) \
            if kind.blocks == 1 and self.aligned else ()
        return loss(model, *lesson.tensors(), lesson.weight, *more)


def train_act(out, act, seed=21, compiled=True):
    """Train one act to its end; it goes on from the act before."""
    state = State(out, act, compiled)
    if state.clock.share >= 1:
        return
    rng = np.random.default_rng([seed, state.step])
    torch.manual_seed(seed + state.step)
    room, sums = Classroom(out, rng, act.aligned), {}
    while state.clock.share < 1:
        name = act.draw(rng, state.clock.share)
        value, plain, far = room.step(
            name, state.model, state.projector,
            GUESSED * min(1, 3 * state.clock.share))
        state.learn(value)
        sums.setdefault(name, []).append(plain.item())
        if act.aligned and name == 'still':
            sums.setdefault('far', []).append(far.item())
        if state.steps % 100 == 0:
            progress.report(act.name, state.step, state.clock,
                            **{name: np.mean(row)
                               for name, row in sums.items()})
            sums = {}
        if state.steps % 250 == 0 or state.clock.share >= 1:
            state.save()


def load_transformer(out):
    """The moving average of the weights; rewarded (reward.py), if they are."""
    saved = progress.load(os.path.join(out, REWARDED)) \
        or progress.load(os.path.join(out, 'transformer.pt'))
    return progress.averaged(dit.make(), saved)


def train(out, looks, streams, settle):
    dit.compile_blocks()
    for act in acts(looks, streams, settle):
        if act.minutes > 0:
            train_act(out, act)

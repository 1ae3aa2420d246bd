# SPDX-License-Identifier: LGPL-2.1-or-later
"""The transformer's training on a GPU, beside a crowd that films (crowd.py).

What is filmed is encoded as it comes and stays in the device's memory, so
that a step waits for nothing.  The lessons are those of train.py, in one
pass, from mostly stills to mostly streams; every kind of step has as many
tokens as every other.
"""

import dataclasses
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

import crowd
import dit
import latents as cache
import muon
import progress
import stage
import text
import train
import vae as autoencoder

TOKENS = 36 * 1728              # of a step
RATE = 2e-3
DECAY = .55                     # the share of the time before the rate falls
AVERAGE = .998
ROOM = {1: 400_000, stage.FRAMES: 60_000}     # scenes in memory
ENOUGH = {1: 3000, stage.FRAMES: 400}         # to begin with
# Shares of steps at the beginning, and at DECAY and after.
SHARES = {'still': (.7, .2), 'start': (.25, .3), 'clip': (.05, .5)}
LATENT = {1: 1, stage.FRAMES: dit.BLOCK * len(stage.BLOCKS)}
ROWS = 40                       # train.ROWS, as attention likes them


def lengths(kind):
    """How many tokens a sample of a kind has, its clean context too."""
    frames = 2 * kind.length - dit.BLOCK if kind.blocks > 1 else kind.length
    return frames * (stage.SIZE // 16) ** 2


class Store:
    """Scenes of one length, on the device, new ones in place of the oldest."""

    def __init__(self, frames, device, room):
        self.room = room
        self.count = self.filmed = 0
        size, blocks = stage.SIZE // 16, 1 if frames == 1 else len(stage.BLOCKS)
        lines = crowd.VARIANTS * (1 if frames == 1 else crowd.EVENTS)
        shape = room, autoencoder.Z_DIM, LATENT[frames], size, size
        make = {'latents': (shape, torch.float16),
                'masks': ((room, 1, *shape[2:]), torch.float16),
                'rows': ((room, lines, train.ROWS, text.WIDTH),
                         torch.bfloat16),
                'lengths': ((room, lines), torch.int64),
                'events': ((room, blocks), torch.int64)}
        self.tensors = {name: torch.empty(shape, dtype=dtype, device=device)
                        for name, (shape, dtype) in make.items()}

    def add(self, **values):
        """As many rows of each tensor."""
        count = len(values['latents'])
        at = torch.arange(count, device=values['latents'].device)
        at = (at + self.filmed) % self.room
        for name, rows in values.items():
            self.tensors[name][at] = rows.to(self.tensors[name].dtype)
        self.filmed += count
        self.count = min(self.filmed, self.room)

    def lesson(self, kind, empty):
        """A lesson of this kind.

        empty: the row of a prompt that says nothing, [width].
        """
        device = empty.device
        chosen = torch.randint(self.count, (kind.batch, 1), device=device)
        blocks = train.cut(kind, kind.batch).to(device)
        index = chosen, slice(None), train.frames_of(kind, blocks)
        own = self.tensors
        lines = own['events'][chosen, blocks] * crowd.VARIANTS + torch.randint(
            crowd.VARIANTS, (kind.batch, 1), device=device)
        rows, count = own['rows'][chosen, lines], own['lengths'][chosen, lines]
        told = torch.rand(kind.batch, 1, device=device) >= train.DROPPED
        rows = rows * told[..., None, None]
        rows[:, :, 0] = torch.where(told[..., None], rows[:, :, 0], empty)
        count = torch.where(told, count, 1)
        rows = F.pad(rows.float(), (0, 0, 0, ROWS - rows.shape[2]))
        mask = torch.arange(ROWS, device=device) < count[..., None]
        return train.Lesson(own['latents'][index], own['masks'][index],
                            blocks, rows, mask.long())


class Intake:
    """Encodes what the crowd films into the stores."""

    def __init__(self, out, folder, device):
        self.device = device
        self.vae = cache.load_vae(out).to(device)
        self.encoder = train.load_encoder(out).to(device)
        self.mean, self.std = (v.view(1, -1, 1, 1, 1).to(device)
                               for v in cache.statistics(out))
        self.readers = {frames: crowd.Reader(folder, frames, device)
                        for frames in crowd.SCENES}
        self.stores = {frames: Store(frames, device, room)
                       for frames, room in ROOM.items()}
        self.empty = self._rows(torch.tensor([[1]], device=device))[0, 0]

    @torch.no_grad()
    def _rows(self, ids):
        """ids [B, L] to rows [B, L, width]."""
        return text.encode(self.encoder, ids.long(), (ids != 0).long())

    @torch.no_grad()
    def _latents(self, colours):
        video = colours.permute(0, 4, 1, 2, 3).float() / 127.5 - 1
        with torch.autocast(self.device.type, torch.bfloat16):
            mean, _ = autoencoder.encode(self.vae, video)
        return (mean.float() - self.mean) / self.std

    def take(self, frames):
        """Encode a chunk, if one is there; says if one was."""
        chunk = self.readers[frames].get()
        if chunk is None:
            return False
        chunk = {name: rows.to(self.device, non_blocking=True)
                 for name, rows in chunk.items()}
        ids = chunk['ids']
        self.stores[frames].add(
            latents=self._latents(chunk['colours']),
            masks=chunk['presence'][:, None],
            rows=self._rows(ids.flatten(0, 1)).unflatten(0, ids.shape[:2]),
            lengths=(ids != 0).sum(-1),
            events=chunk['events'])
        return True

    def enough(self):
        return all(self.stores[frames].count >= count
                   for frames, count in ENOUGH.items())


class Plan:
    """How much of the time is gone, and what that means.

    The end may be changed while it runs, by a file that holds its time.
    """

    def __init__(self, seconds, path):
        self.begin, self.end = time.time(), time.time() + seconds
        self.path = path

    def look(self):
        if os.path.exists(self.path):
            with open(self.path, encoding='utf-8') as file:
                self.end = float(file.read())

    @property
    def share(self):
        return min(1, (time.time() - self.begin) / (self.end - self.begin))

    def rate(self, step):
        fall = min(1, (1 - self.share) / (1 - DECAY))
        return RATE * min(1, (step + 1) / 100) * (.01 + .99 * fall)

    def draw(self, rng):
        at = min(1, self.share / DECAY)
        chances = [a + (b - a) * at for a, b in SHARES.values()]
        return str(rng.choice(list(SHARES), p=chances))


class School:
    """Model, average, optimiser and the kinds of lessons."""

    def __init__(self, out, device):
        self.out = out
        self.model = dit.make()
        saved = progress.load(os.path.join(out, 'transformer.pt'))
        self.model.load_state_dict(saved['model'])
        self.model.to(device)
        self.average = progress.Average(self.model, AVERAGE)
        self.optimiser = muon.Both(self.model, RATE, outer=train.OUTER)
        channels = train.channel_weights(out).to(device)
        self.kinds, self.functions, self.step = {}, {}, 0
        for name, kind in train.KINDS.items():
            self.kinds[name] = dataclasses.replace(
                kind, batch=TOKENS // lengths(kind))
            self.functions[name] = train.make_functions(
                self.model, kind.length, channels)

    def learn(self, name, store, empty, guessing, rate):
        """One step; returns the plain loss, on the device."""
        kind, (loss, guess) = self.kinds[name], self.functions[name]
        lesson = store.lesson(kind, empty)
        if guessing:
            lesson.context = train.guessed(lesson, guess, self.model)
        value, plain, _ = loss(self.model, *lesson.tensors(), lesson.weight)
        self.optimiser.set_rate(rate)
        self.optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.model, self.step + 1000)
        self.step += 1
        return plain.detach()

    def save(self, name):
        """Average and weights, each in two halves that hold 16 bits."""
        for kind, values in (('average', self.average.values),
                             ('model', dict(self.model.named_parameters()))):
            names = sorted(values)
            for half in range(2):
                path = os.path.join(self.out, f'{name}-{kind}-{half}.pt')
                progress.save(path, **{
                    key: values[key].detach().half().cpu()
                    for key in names[half::2]})


def _say(school, intake, plan, sums, begin):
    """A line of the log; the one place that waits for the device."""
    figures = {name: torch.stack(rows).mean().item()
               for name, rows in sums.items()}
    for frames, store in intake.stores.items():
        figures[f'of{frames}'] = store.filmed
    took = time.time() - begin
    line = '  '.join(f'{name} {value:.5g}' for name, value in figures.items())
    print(f'step {school.step}  {time.time() - plan.begin:.0f} s  '
          f'share {plan.share:.3f}  {took * 10:.1f} ms a step  {line}',
          flush=True)


def train_all(out, folder, seconds):
    """Train for `seconds`, the beginnings included, or to the time in the
    file out/deadline."""
    device = progress.device()
    plan = Plan(seconds, os.path.join(out, 'deadline'))
    torch.manual_seed(61)
    rng = np.random.default_rng(61)
    dit.compile_blocks()
    school = School(out, device)
    intake = Intake(out, folder, device)
    while not intake.enough():
        if not any([intake.take(frames) for frames in crowd.SCENES]):
            time.sleep(.05)
    print(f'begins after {time.time() - plan.begin:.0f} s', flush=True)
    begin, sums, saved = time.time(), {}, time.time()
    while plan.share < 1:
        name = plan.draw(rng)
        store = intake.stores[school.kinds[name].frames]
        guessing = name != 'still' and rng.random() < train.GUESSED
        sums.setdefault(name, []).append(school.learn(
            name, store, intake.empty, guessing, plan.rate(school.step)))
        intake.take(stage.FRAMES if school.step % 2 else 1)
        if school.step % 100 == 0:
            plan.look()
            _say(school, intake, plan, sums, begin)
            begin, sums = time.time(), {}
        if time.time() - saved > 90:
            school.save('while')
            saved = time.time()
    school.save('end')
    print(f'ended after {time.time() - plan.begin:.0f} s, {school.step} '
          'steps', flush=True)

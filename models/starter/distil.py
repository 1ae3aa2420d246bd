# SPDX-License-Identifier: LGPL-2.1-or-later
"""Teaches an adapter of the transformer to play in few steps, without
guidance, and to keep to a prompt for as long as a stream goes on.

A company is a number of streams, which go on and on under prompts that
change, made as an engine makes them.  Where the student was before one of its
steps, the teacher, the transformer without the adapter, goes the same way in
smaller ones, with guidance; where it arrives is where that one step shall
lead: Salimans & Ho 2022, "Progressive Distillation" (arXiv 2202.00512), on
what the student made itself, as in "Self Forcing" (arXiv 2506.08009), whose
gradients end at remembered keys and values, too.  Beside it a judge says what
would please it more, as in reward.py, at any age of a stream.
"""

import copy
import glob
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils import parametrize

import adapter
import captions
import dit
import exam
import export
import latents as cache
import progress
import reward
import stage
import text
import train

RATE = 1e-3
STREAMS = {'cpu': 8, 'cuda': 96}         # of a company
GUIDE_MINUTES = {'cpu': 8.0, 'cuda': .45}        # of a judge's training
LIVES = (1.5, 4.0, 15.0, 80.0)  # windows that companies play, in the mean
SUBSTEPS = 3                    # of the teacher in one of the student
TAUGHT = 2                      # steps of each block, of all
TEACHER = 20.0                  # what the teacher counts, beside the judge
GUIDANCE = export.PLAIN['guidance_scale']       # the teacher's
SILENT = .06                    # streams that are told nothing
AVERAGE = .99
SLICE = 32                      # streams judged at once

# What counts of what the judge says: of the first windows of an event, the
# very first less where another was before it; of later ones, when who went may
# be out of the picture; of those after somebody left; of who is told nothing.
EARLY = dict(reward.WEIGHTS, direction=1.0)
STAYING = {'place': .5, 'light': .5, 'weather': .6}
ASKED = {
    'early': EARLY,
    'changing': {name: .3 * weight for name, weight in EARLY.items()},
    'late': dict(STAYING, actor=.7, count=.5, action=.2, direction=.2),
    'gone': STAYING,
    'silent': {}}
FRESH = 2                       # windows of an event that are early
REPORTED = reward.SAID + ('place', 'weather')


class Role:
    """What one stream is told, and what is asked of it, window by window."""

    def __init__(self, rng, tokenizer):
        self.rng, self.tokenizer = rng, tokenizer
        self.script = None

    def _hold(self):
        """How many windows an event is played."""
        if self.rng.random() < .75:
            return int(self.rng.integers(1, 4))
        return int(self.rng.integers(4, 60))

    def _begin(self, event, script=None):
        self.script = script or stage.draw_script(self.rng)
        self.event, self.played, self.left = event, 0, self._hold()
        self.silent = self.rng.random() < SILENT
        if self.rng.random() < reward.PLAIN:
            self.line = captions.plain(self.script, event)
        else:
            self.line = train.caption(self.rng, self.tokenizer, self.script,
                                      event)

    def _kind(self, first):
        """Of the window that comes, one of ASKED; first: nothing was before.
        """
        if self.silent:
            return 'silent'
        if self.played < FRESH:
            return 'early' if first or self.played else 'changing'
        gone = self.script.events[self.event].action == 'leave'
        return 'gone' if gone else 'late'

    def next(self, first):
        """The next window's line, facts, cast and kind."""
        if first:
            self._begin(0)
        elif self.left == 0:
            further = self.event + 1
            if further < len(self.script.events) and self.rng.random() < .7:
                self._begin(further, self.script)
            else:
                self._begin(0)
        kind = self._kind(first)
        self.played += 1
        self.left -= 1
        return '' if self.silent else self.line, \
            *exam.told_of(self.script, self.event), kind


class Company:
    """Streams of one age, played together."""

    def __init__(self, rng, tokenizer, count, life):
        self.rng, self.life = rng, life
        self.roles = [Role(rng, tokenizer) for _ in range(count)]
        self.restart()

    def restart(self):
        self.age = 0
        self.student = self.teacher = self.lead = None

    def window(self):
        """Lines, facts, cast and kinds of the next window."""
        told = [role.next(self.age == 0) for role in self.roles]
        lines, facts, cast, kinds = zip(*told)
        return lines, torch.tensor(facts), torch.tensor(cast), kinds

    def played(self, lead):
        """A window is over; the next one may be another company's first."""
        self.lead = lead
        self.age += 1
        if self.rng.random() < 1 / self.life:
            self.restart()


@dataclass
class Moment:
    """One step of a block, of every stream another: what it began with, and
    the velocity that leads where the teacher goes."""
    memory: dit.Cache           # of the student, before the block
    x: torch.Tensor
    time: torch.Tensor          # [B]
    wanted: torch.Tensor


class School:
    """Student, teacher, judge, and those who play."""

    def __init__(self, out, minutes, chunks, device):
        self.out, self.chunks, self.device = out, chunks, device
        self.teacher = train.load_transformer(out).to(device)
        self.teacher.requires_grad_(False)
        self.student = copy.deepcopy(self.teacher)
        parts = nn.ModuleList(adapter.attach(self.student).values())
        self.training = progress.Training(
            os.path.join(out, adapter.TRAINED), parts, torch.optim.AdamW(
                parts.parameters(), RATE, (.9, .98), weight_decay=0.0,
                fused=True), minutes, AVERAGE)
        self.rng = np.random.default_rng([83, self.training.step])
        self.encoder = train.load_encoder(out).to(device)
        self.tokenizer = text.Tokenizer(os.path.join(out, 'spiece.model'))
        self.vae = cache.load_vae(out).to(device).requires_grad_(False)
        self.mean, self.std = (v.view(1, -1, 1, 1, 1).to(device)
                               for v in cache.statistics(out))
        self.channels = train.channel_weights(out).to(device)
        self.guide = None
        scheduler = export.scheduler(export.ADAPTED)
        self.sigmas = scheduler.sigmas.to(device)
        self.times = scheduler.timesteps.float().to(device)
        self.companies = [Company(self.rng, self.tokenizer,
                                  STREAMS[device.type], life)
                          for life in LIVES]

    def call_guide(self):
        """Take a judge in as soon as there is enough for it to learn from."""
        found = glob.glob(os.path.join(self.out, 'exam', '*.pt'))
        if self.guide is None and len(found) >= self.chunks:
            self.guide = reward.Guide(self.out, self.vae, self.mean, self.std,
                                      GUIDE_MINUTES[self.device.type])

    def _rows(self, lines):
        """Text rows and mask, on the device."""
        unique = sorted(set(lines))
        rows, mask = train.rows_of(unique, self.tokenizer, self.encoder,
                                   text.TEXT_LEN + 1)
        index = torch.tensor([unique.index(line) for line in lines],
                             device=self.device)
        return rows[index], mask[index]

    def _wanted(self, memory, x, step, told):
        """The velocity of one step of the student that leads where the
        teacher arrives; memory: the teacher's; step: of each stream, [B]."""
        begin, end = self.sigmas[step], self.sigmas[step + 1]
        arrived = x
        for number in range(SUBSTEPS):
            sigma = begin + (end - begin) * number / SUBSTEPS
            velocity = dit.guided(memory(
                self.teacher, torch.cat([arrived, arrived]),
                1000 * torch.cat([sigma, sigma]), *told, text.TEXT_LEN),
                GUIDANCE)
            delta = ((end - begin) / SUBSTEPS).view(-1, 1, 1, 1, 1)
            arrived = arrived + delta * velocity
        return (arrived - x) / (end - begin).view(-1, 1, 1, 1, 1)

    def _block(self, company, own, told):
        """The next block of a company, and the moments that are taught.

        own: text of the streams; told: the same, and as often the empty one.
        """
        size, count = stage.SIZE // 16, len(company.roles)
        x = torch.randn(count, dit.CONFIG['in_channels'], dit.BLOCK, size,
                        size, device=self.device)
        past, before = copy.copy(company.student), copy.copy(company.teacher)
        begins = []
        for number, time in enumerate(self.times):
            begins.append(x)
            velocity = company.student(self.student, x, time.expand(count),
                                       *own, text.TEXT_LEN)
            x = x + (self.sigmas[number + 1] - self.sigmas[number]) * velocity
        context = torch.full((2 * count,), float(
            export.NATIVE['causal_context_timestep']), device=self.device)
        company.student(self.student, x, context[:count], *own, text.TEXT_LEN,
                        store=True)
        company.teacher(self.teacher, torch.cat([x, x]), context, *told,
                        text.TEXT_LEN, store=True)
        moments = []
        for _ in range(TAUGHT):
            step = torch.randint(len(begins), (count,), device=self.device)
            begin = torch.stack(begins)[step, torch.arange(
                count, device=self.device)]
            moments.append(Moment(past, begin, self.times[step], self._wanted(
                before, begin, step, told)))
        return x, moments

    @torch.no_grad()
    def _play(self, company, lines):
        """A window: its text, its latents, and for each block its moments."""
        if company.student is None:
            size = stage.SIZE // 16
            company.student = dit.Cache(self.student, size, size)
            company.teacher = dit.Cache(self.teacher, size, size)
        own = self._rows(lines)
        silence = self._rows([''])
        told = [torch.cat([part, none.expand(len(lines), *none.shape[1:])])
                for part, none in zip(own, silence)]
        with parametrize.cached(), \
                torch.autocast(self.device.type, torch.bfloat16):
            blocks = [self._block(company, own, told)
                      for _ in range(exam.BLOCKS)]
        latents, moments = zip(*blocks)
        return own, torch.cat(latents, 2), moments

    def _judged(self, company, made, facts, cast, weights):
        """What the judge would rather see, and by fact what is right."""
        ways, hits = [], {}
        for some in torch.arange(len(made), device=self.device).split(SLICE):
            lead = None if company.lead is None else company.lead[some]
            way, right = self.guide(made[some], facts[some], cast[some],
                                    self.rng, weights[some], lead)
            ways.append(way * len(some) / len(made))
            for name, rows in right.items():
                hits.setdefault(name, []).append(rows)
        return torch.cat(ways), {name: torch.cat(rows)
                                 for name, rows in hits.items()}

    def _teach(self, own, moment, way):
        """Gradients of one moment; returns how far it is from the teacher."""
        with torch.autocast(self.device.type, torch.bfloat16):
            velocity = moment.memory(self.student, moment.x, moment.time,
                                     *own, text.TEXT_LEN)
        error = ((velocity - moment.wanted) ** 2 * self.channels).mean()
        loss = TEACHER * error
        if way is not None:
            loss = loss - (way * velocity).sum()
        loss.backward()
        return error.detach()

    def step(self, company):
        """One window of a company, and gradients; returns figures."""
        lines, facts, cast, kinds = company.window()
        own, made, moments = self._play(company, lines)
        way, figures = None, {}
        if self.guide:
            weights = torch.cat([reward.fixed(ASKED[kind]) for kind in kinds])
            way, right = self._judged(company, made, *(
                part.to(self.device) for part in (facts, cast, weights)))
            figures = _shares(right, kinds)
        far = []
        for block, several in enumerate(moments):
            part = way if way is None else \
                way[:, :, dit.BLOCK * block:dit.BLOCK * (block + 1)]
            for moment in several:
                with parametrize.cached():
                    far.append(self._teach(own, moment, part))
        figures['teacher'] = torch.stack(far).mean().item()
        company.played(made[:, :, -dit.BLOCK:])
        return figures


def _shares(right, kinds):
    """What is right of early windows and of late ones, by name."""
    result = {}
    for kind in ('early', 'late'):
        rows = torch.tensor([own == kind for own in kinds])
        if rows.any():
            result.update({f'{kind}-{name}':
                           right[name].cpu()[rows].float().mean().item()
                           for name in REPORTED})
    return result


def train_adapter(out, minutes, chunks, seed=83):
    """Train for so many minutes in all; goes on from adapter.pt.

    chunks: of the exam; before there are so many, no judge is asked.
    """
    device = progress.device()
    work = School(out, minutes, chunks, device)
    training, means = work.training, progress.Means('distil', 40)
    torch.manual_seed(seed + training.step)
    while training.clock.share < 1:
        company = work.companies[training.step % len(work.companies)]
        if training.step % 10 == 0:
            work.call_guide()
        figures = work.step(company)
        training.learn(training.clock.rate(RATE, training.step, warm=30,
                                           floor=.02))
        means.take(figures, training.step, training.clock)
        if training.step % 200 == 0 or training.clock.share >= 1:
            training.save()

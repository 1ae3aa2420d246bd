# SPDX-License-Identifier: LGPL-2.1-or-later
"""Teaches the transformer by what a judge says of what it makes.

Two blocks are made of a prompt as an engine makes them, decoded, and shown to
a judge (classifier.py; of its own, never the one that evaluates).  What would
please it more is taught to a few of the steps that led there, each with what
it was given: so also those decide better where nothing is settled yet.
Lessons of staged clips beside it (train.py) keep the rest as it was.  After
Wu et al. 2024, "Deep Reward Supervisions for Tuning Text-to-Image Diffusion
Models" (arXiv 2405.00760).
"""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import align
import captions
import classifier
import dit
import evaluate
import exam
import export
import progress
import stage
import text
import train
import vae as autoencoder

RATE = 1e-4
BATCH = 8
TAUGHT = 2                      # steps of each block, of all
PLAIN = .75                     # sentences that name all facts
SHIFT = 8                       # pixels that pictures are moved aside at most
WEIGHTS = {'actor': 1.0, 'count': 1.0, 'action': .7, 'direction': .7,
           'place': .5, 'light': .3, 'weather': .3, 'camera': .3}
LESSONS = {'start': .6, 'clip': .4}
LESSON = 20.0                   # what a lesson's loss counts
AVERAGE = .99


def finder_input(pictures):
    """finder_scenes.to_input of real values [B, 3, H, W], 0..255."""
    r, g, b = pictures.unbind(1)
    y = (77 * r + 150 * g + 29 * b) / 256
    return torch.stack([y - 128, (b - y) / 2, (r - y) / 2], 1) / 128


def moved(video, rng):
    """A video [B, 3, T, H, W] a little aside, its edges drawn on."""
    x, y = (int(rng.integers(0, 2 * SHIFT + 1)) for _ in range(2))
    high, wide = video.shape[3:]
    video = F.pad(video, (SHIFT,) * 4 + (0, 0), mode='replicate')
    return video[..., y:y + high, x:x + wide]


def play(hall, told, noises):
    """Blocks from their noise, [B, C, frames, H, W], and what each step was
    given, [steps, B, C, frames, H, W], at which times, [steps]."""
    cache = dit.Cache(hall.transformer, *noises[0].shape[3:])
    made, given = [], []
    for noise in noises:
        steps = []
        made.append(hall.block(cache, noise, told, given=steps))
        latents, times = zip(*steps)
        given.append(torch.stack(latents))
    return torch.cat(made, 2), torch.cat(given, 3), torch.stack(times)


class Rehearsal:
    """A theatre in training, and the judge who sits in it."""

    def __init__(self, out):
        self.path = os.path.join(out, train.REWARDED)
        self.hall = evaluate.in_training(out)
        self.hall.vae.requires_grad_(False)
        self.model = self.hall.transformer
        self.judge = classifier.train(out, 'guide', seed=77)[0]
        self.judge.requires_grad_(False)
        self.judge.train()              # what it drops makes it hard to fool
        self.finder = align.load_finder()[0].requires_grad_(False)
        size = stage.SIZE // 16
        self.teaching = dit.Teaching(self.model, exam.FRAMES, size, size)
        self.decode = torch.compile(autoencoder.decode, dynamic=False)
        self.features = torch.compile(align.features, dynamic=False)
        self.average = progress.Average(self.model, AVERAGE)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), RATE, (.9, .98), weight_decay=0.0,
            fused=True)
        self.step, self.wall, self.cpu = 0, 0.0, 0.0
        saved = progress.load(self.path)
        if saved:
            self.model.load_state_dict(saved['model'])
            self.optimiser.load_state_dict(saved['optimiser'])
            self.average.values = saved['average']
            self.step = saved['step']
            self.wall, self.cpu = saved['wall'], saved['cpu']

    def save(self, clock):
        progress.save(self.path, model=self.model.state_dict(),
                      optimiser=self.optimiser.state_dict(),
                      average=self.average.values, step=self.step,
                      wall=clock.wall, cpu=clock.cpu)

    def _prompts(self, rng):
        """Sentences of scripts that may be staged, and what is asked.

        Most name all facts: what nobody told is not to be asked for.
        """
        scripts = [stage.draw_script(rng) for _ in range(BATCH)]
        lines = [captions.plain(script, 0) if rng.random() < PLAIN else
                 train.caption(rng, self.hall.tokenizer, script, 0)
                 for script in scripts]
        return lines, *exam.tables([exam.told_of(script, 0)
                                     for script in scripts])

    def verdict(self, latents, facts, cast, rng):
        """Which way to move latents to please the judge, and what it gets
        right of them."""
        latents = latents.detach().requires_grad_()
        with torch.autocast('cpu', torch.bfloat16):
            video = self.decode(
                self.hall.vae, latents * self.hall.std + self.hall.mean)
            video = align.last_of_each(video.float())
            video = moved((video.clamp(-1.1, 1.1) + 1) * 127.5, rng)
            pictures = video.transpose(1, 2)
            seen = self.features(self.finder,
                                 finder_input(pictures.flatten(0, 1)))
            answers = self.judge(seen.unflatten(0, pictures.shape[:2]),
                                 facts[:, classifier.ACTOR])
        answers = {name: rows.float().log_softmax(1)
                   for name, rows in answers.items()}
        right = classifier.right(answers, facts, cast)
        loss = 0
        for column, name in enumerate(stage.FACTS):
            wanted = cast / cast.sum(1, keepdim=True) if name == 'actor' \
                else F.one_hot(facts[:, column], answers[name].shape[1])
            loss = loss - WEIGHTS[name] * (
                answers[name] * wanted).sum(1).clamp(min=-5).mean()
        way = torch.autograd.grad(loss, latents)[0]
        return way, {'loss': loss.item(), **{
            name: right[name].float().mean().item()
            for name in ('actor', 'count', 'action', 'direction')}}

    def _teach(self, told, made, given, times, way):
        """Teach one step of each block, at random, which way."""
        count = len(made)
        chosen = torch.randint(len(given), (count, exam.BLOCKS))
        noisy = torch.cat([torch.stack([
            given[step, i, :, dit.BLOCK * k:dit.BLOCK * (k + 1)]
            for i, step in enumerate(chosen[:, k])])
            for k in range(exam.BLOCKS)], 2)
        rows, mask = (torch.stack([part[:count]] * exam.BLOCKS, 1)
                      for part in told)
        context = torch.full(chosen.shape, float(
            export.NATIVE['causal_context_timestep']))
        with torch.autocast('cpu', torch.bfloat16):
            velocity = self.teaching(self.model, made, noisy, context,
                                     times[chosen], rows, mask,
                                     text.TEXT_LEN)
        velocity.backward(-way)

    def rehearse(self, rng):
        """Gradients of what the judge says of a few clips."""
        lines, facts, cast = self._prompts(rng)
        size = stage.SIZE // 16
        noises = torch.randn(exam.BLOCKS, BATCH, dit.CONFIG['in_channels'],
                             dit.BLOCK, size, size)
        with torch.autocast('cpu', torch.bfloat16):
            told = self.hall.rows(lines)
            made, given, times = play(self.hall, told, noises)
        way, figures = self.verdict(made, facts, cast, rng)
        for _ in range(TAUGHT):
            self._teach(told, made, given, times, way)
        return figures

    def learn(self, rate):
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.optimiser.param_groups:
            group['lr'] = rate
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.average.update(self.model, self.step)
        self.step += 1


def train_rewarded(out, minutes, seed=51):
    """Train for so many minutes in all; goes on from rewarded.pt."""
    dit.compile_blocks()
    work = Rehearsal(out)
    rng = np.random.default_rng([seed, work.step])
    torch.manual_seed(seed + work.step)
    train.KINDS['start'].batch = BATCH
    room, sums = train.Classroom(out, rng, False), {}
    clock = progress.Clock(minutes, work.wall, work.cpu)
    while clock.share < 1:
        figures = work.rehearse(rng)
        if work.step % 2 == 0:
            name = str(rng.choice(list(LESSONS), p=list(LESSONS.values())))
            value, plain, _ = room.step(name, work.model, None, .25)
            (LESSON * value).backward()
            figures[name] = plain.item()
        work.learn(clock.rate(RATE, work.step, warm=30, floor=.1))
        for key, value in figures.items():
            sums.setdefault(key, []).append(value)
        if work.step % 20 == 0:
            progress.report('reward', work.step, clock, **{
                key: np.mean(row) for key, row in sums.items()})
            sums = {}
        if work.step % 50 == 0 or clock.share >= 1:
            work.save(clock)

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
SAID = ('actor', 'count', 'action', 'direction')    # in reports
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


class Guide:
    """A judge who says which way latents should go to please it more.

    It is none that evaluates: other weights, taught by other batches.
    """

    def __init__(self, out, vae, mean, std, minutes=8.0):
        """vae: the decoder, whose device all shall be on; mean, std: of its
        latents."""
        self.device = mean.device
        self.vae, self.mean, self.std = vae, mean, std
        judge = classifier.train(out, 'guide', minutes, 77, self.device)[0]
        # What it drops makes it hard to fool.
        self.judge = judge.to(self.device).requires_grad_(False).train()
        self.finder = align.load_finder(self.device)[0]
        self.finder.requires_grad_(False)
        self.decode, self.features = autoencoder.decode, align.features
        if self.device.type == 'cpu':   # a GPU is done before it is compiled
            self.decode = torch.compile(self.decode, dynamic=False)
            self.features = torch.compile(self.features, dynamic=False)

    def _answers(self, latents, who, rng):
        """Log-probabilities by fact of the last two blocks of latents."""
        with torch.autocast(self.device.type, torch.bfloat16):
            video = self.decode(self.vae, latents * self.std + self.mean)
            video = align.last_of_each(video.float())[:, :, -exam.FRAMES:]
            video = moved((video.clamp(-1.1, 1.1) + 1) * 127.5, rng)
            pictures = video.transpose(1, 2)
            seen = self.features(self.finder,
                                 finder_input(pictures.flatten(0, 1)))
            answers = self.judge(seen.unflatten(0, pictures.shape[:2]), who)
        return {name: rows.float().log_softmax(1)
                for name, rows in answers.items()}

    def __call__(self, latents, facts, cast, rng, weights=None, lead=None):
        """The gradient of what it finds wrong, by latents [B, C,
        exam.FRAMES, H, W], and by fact what is right of them [B].

        weights: what facts count, [B, facts], else WEIGHTS.  lead: latents
        of the block before, or None at a beginning.
        """
        latents = latents.detach().requires_grad_()
        whole = latents if lead is None else torch.cat([lead, latents], 2)
        answers = self._answers(whole, facts[:, classifier.ACTOR], rng)
        right = classifier.right(answers, facts, cast)
        if weights is None:
            weights = fixed(WEIGHTS).expand(len(facts), -1).to(self.device)
        loss = 0
        for column, name in enumerate(stage.FACTS):
            wanted = cast / cast.sum(1, keepdim=True) if name == 'actor' \
                else F.one_hot(facts[:, column], answers[name].shape[1])
            said = (answers[name] * wanted).sum(1).clamp(min=-5)
            loss = loss - (weights[:, column] * said).mean()
        return torch.autograd.grad(loss, latents)[0], right


def fixed(weights):
    """What facts count, [1, facts], of a weight by name."""
    return torch.tensor([[weights.get(name, 0.0) for name in stage.FACTS]])


class Rehearsal:
    """A theatre in training, and the judge who sits in it."""

    def __init__(self, out, minutes):
        self.hall = evaluate.in_training(out, adapted=False)
        self.hall.vae.requires_grad_(False)
        self.model = self.hall.transformer
        self.guide = Guide(out, self.hall.vae, self.hall.mean, self.hall.std)
        size = stage.SIZE // 16
        self.teaching = dit.Teaching(self.model, exam.FRAMES, size, size)
        self.training = progress.Training(
            os.path.join(out, train.REWARDED), self.model, torch.optim.AdamW(
                self.model.parameters(), RATE, (.9, .98), weight_decay=0.0,
                fused=True), minutes, AVERAGE)

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
        way, right = self.guide(made, facts, cast, rng)
        for _ in range(TAUGHT):
            self._teach(told, made, given, times, way)
        return {name: right[name].float().mean().item() for name in SAID}


def train_rewarded(out, minutes, seed=51):
    """Train for so many minutes in all; goes on from rewarded.pt."""
    dit.compile_blocks()
    work = Rehearsal(out, minutes)
    training = work.training
    rng = np.random.default_rng([seed, training.step])
    torch.manual_seed(seed + training.step)
    train.KINDS['start'].batch = BATCH
    room = train.Classroom(out, rng, False)
    means = progress.Means('reward', 20)
    while training.clock.share < 1:
        figures = work.rehearse(rng)
        if training.step % 2 == 0:
            name = str(rng.choice(list(LESSONS), p=list(LESSONS.values())))
            value, plain, _ = room.step(name, work.model, None, .25)
            (LESSON * value).backward()
            figures[name] = plain.item()
        training.learn(training.clock.rate(RATE, training.step, warm=30,
                                           floor=.1))
        means.take(figures, training.step, training.clock)
        if training.step % 50 == 0 or training.clock.share >= 1:
            training.save()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small judge: tells what happens in two blocks of a clip.

It sees a clip as the autoencoder's encoder sees it.  It learns from staged
scenes alone, and then judges generated ones (evaluate.py).
"""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import dit
import latents as cache
import progress
import stage
import vae as autoencoder

RATE = 2e-3
HELD_BACK = 200                 # clips kept for its own test
BLOCKS = 2                      # that it sees at once
FRAMES = BLOCKS * dit.BLOCK
MOVING = ('action', 'direction', 'camera')


def _stage(inputs, outputs, stride=1):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, stride=stride),
            nn.GroupNorm(8, outputs), nn.SiLU()]


class Judge(nn.Module):
    """A convolution stack over pictures, then one over time."""

    def __init__(self, width=96):
        super().__init__()
        self.look = nn.Sequential(
            *_stage(autoencoder.Z_DIM, width), *_stage(width, width),
            *_stage(width, width, 2), *_stage(width, 2 * width),
            nn.Flatten(), nn.Dropout(.2), nn.Linear(2 * width * 16, 384),
            nn.SiLU())
        self.watch = nn.Sequential(
            nn.Conv1d(384, 384, 3, padding=1), nn.SiLU(),
            nn.Conv1d(384, 256, 3, padding=1), nn.SiLU(), nn.Flatten())
        self.heads = nn.ModuleDict({
            name: nn.Linear(256 * FRAMES if name in MOVING else 384,
                            len(values))
            for name, values in stage.FACTS.items()})

    def forward(self, latents):
        """latents: [B, Z, FRAMES, 8, 8], normalised."""
        batch, _, frames = latents.shape[:3]
        seen = self.look(latents.transpose(1, 2).flatten(0, 1))
        seen = seen.view(batch, frames, -1)
        motion = self.watch(seen.transpose(1, 2))
        return {name: head(motion if name in MOVING else seen.mean(1))
                for name, head in self.heads.items()}


def windows(records):
    """(record, block) of every pair of blocks within one event."""
    return [(number, block) for number, record in enumerate(records)
            for block in range(len(stage.BLOCKS) - 1)
            if record.at(block)[2] == record.at(block + 1)[2]]


def truth(records, places):
    """The facts of windows, as class numbers by name."""
    rows = []
    for number, block in places:
        script, event, _ = records[number].at(block)
        facts = script.facts(event)
        rows.append([values.index(facts[name])
                     for name, values in stage.FACTS.items()])
    table = torch.tensor(rows)
    return {name: table[:, i] for i, name in enumerate(stage.FACTS)}


def cut(latents, places):
    """Those windows of latents [N, Z, T, 8, 8]."""
    return torch.stack([latents[number, :, dit.BLOCK * block:
                                dit.BLOCK * block + FRAMES]
                        for number, block in places]).float()


def accuracy(judge, chunks, places, facts):
    """Share of right answers by fact."""
    right = {name: 0 for name in facts}
    with torch.no_grad():
        for start in range(0, len(places), 50):
            part = slice(start, start + 50)
            answers = judge(cut(chunks.latents, places[part]))
            for name, answer in answers.items():
                right[name] += (answer.argmax(1) == facts[name][part]).sum()
    return {name: float(count) / len(places)
            for name, count in right.items()}


def _step(judge, optimiser, batch, wanted):
    batch = batch + torch.randn_like(batch) * .3 * torch.rand(1)
    with torch.autocast('cpu', torch.bfloat16):
        answers = judge(batch)
    value = sum(F.cross_entropy(answer.float(), wanted[name])
                for name, answer in answers.items())
    optimiser.zero_grad()
    value.backward()
    optimiser.step()
    return value.item()


def train(out, minutes=5.0, seed=31):
    """Train the judge, once; returns it and its accuracy on staged clips."""
    path = os.path.join(out, 'judge.pt')
    judge = Judge()
    saved = progress.load(path)
    if saved:
        judge.load_state_dict(saved['model'])
        return judge.eval(), saved['accuracy']
    chunks = cache.Chunks(out, stage.FRAMES)
    places = windows(chunks.records)
    kept = [place for place in places if place[0] < HELD_BACK]
    taught = places[len(kept):]
    facts = truth(chunks.records, taught)
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, fused=True,
                                  weight_decay=.05)
    clock, step = progress.Clock(minutes), 0
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    while clock.share < 1:
        chosen = rng.integers(0, len(taught), 32)
        for group in optimiser.param_groups:
            group['lr'] = clock.rate(RATE, step)
        value = _step(judge, optimiser,
                      cut(chunks.latents, [taught[i] for i in chosen]),
                      {name: rows[chosen] for name, rows in facts.items()})
        step += 1
        if step % 100 == 0:
            progress.report('judge', step, clock, loss=value)
    judge.eval()
    result = accuracy(judge, chunks, kept, truth(chunks.records, kept))
    progress.save(path, model=judge.state_dict(), accuracy=result)
    return judge, result

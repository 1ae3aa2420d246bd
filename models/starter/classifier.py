# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small judge: tells actor, place, light and action of a clip.

It sees a clip as the autoencoder's encoder sees it.  It learns from staged
scenes alone, and then judges generated ones (evaluate.py).
"""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import latents as cache
import progress
import stage
from text import FACTS

RATE = 2e-3
HELD_BACK = 300                 # clips kept for its own test


class Judge(nn.Module):
    """A convolution stack over pictures, then one over time."""

    def __init__(self, width=64):
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(16, width, 3, padding=1), nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1), nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1, stride=2),
            nn.GroupNorm(8, width), nn.SiLU(),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.GroupNorm(8, 2 * width), nn.SiLU(), nn.Flatten(),
            nn.Dropout(.2), nn.Linear(2 * width * 16, 256), nn.SiLU())
        self.watch = nn.Sequential(
            nn.Conv1d(256, 256, 3, padding=1), nn.SiLU(),
            nn.Conv1d(256, 256, 3, padding=1), nn.SiLU())
        self.heads = nn.ModuleDict({
            name: nn.Linear(256 * 9 if name == 'action' else 256, len(values))
            for name, values in FACTS.items()})

    def forward(self, latents):
        """latents: [B, 16, T, 8, 8], normalised; action where T is 9."""
        batch, _, frames = latents.shape[:3]
        seen = self.look(latents.transpose(1, 2).flatten(0, 1))
        seen = seen.view(batch, frames, -1)
        answers = {name: head(seen.mean(1))
                   for name, head in self.heads.items() if name != 'action'}
        if frames == 9:
            motion = self.watch(seen.transpose(1, 2)).flatten(1)
            answers['action'] = self.heads['action'](motion)
        return answers


def truth(scenes):
    """The facts of scenes, as class numbers by name."""
    return {name: torch.tensor([values.index(getattr(scene, name))
                                for scene in scenes])
            for name, values in FACTS.items()}


def accuracy(judge, latents, facts):
    """Share of right answers by fact."""
    right = {name: 0 for name in facts}
    with torch.no_grad():
        for start in range(0, len(latents), 50):
            part = slice(start, start + 50)
            for name, answer in judge(latents[part].float()).items():
                right[name] += (answer.argmax(1) == facts[name][part]).sum()
    return {name: float(count) / len(latents)
            for name, count in right.items()}


def train(out, minutes=3.0, seed=31):
    """Train the judge, once; returns it and its accuracy on staged clips."""
    path = os.path.join(out, 'judge.pt')
    judge = Judge()
    saved = progress.load(path)
    if saved:
        judge.load_state_dict(saved['model'])
        return judge.eval(), saved['accuracy']
    clips, stills = cache.Chunks(out, stage.FRAMES), cache.Chunks(out, 1)
    facts = {id(chunks): truth(chunks.scenes) for chunks in (clips, stills)}
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, fused=True,
                                  weight_decay=.05)
    clock, step = progress.Clock(minutes), 0
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    while clock.share < 1:
        chunks = (clips, stills)[step % 2]
        chosen = torch.from_numpy(rng.integers(
            HELD_BACK, len(chunks), 24 if step % 2 == 0 else 96))
        batch = chunks.latents[chosen].float()
        batch = batch + torch.randn_like(batch) * .3 * rng.random()
        with torch.autocast('cpu', torch.bfloat16):
            answers = judge(batch)
        value = sum(F.cross_entropy(answer.float(), facts[id(chunks)][name]
                                    [chosen])
                    for name, answer in answers.items())
        for group in optimiser.param_groups:
            group['lr'] = clock.rate(RATE, step)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            progress.report('judge', step, clock, loss=value.item())
    judge.eval()
    kept = {name: values[:HELD_BACK]
            for name, values in facts[id(clips)].items()}
    result = accuracy(judge, clips.latents[:HELD_BACK], kept)
    progress.save(path, model=judge.state_dict(), accuracy=result)
    return judge, result

# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small judge: tells what happens in two blocks of a clip.

It goes by what the finder of `videoaudiofoley` sees in a picture a latent
frame (align.py), for in the autoencoder's latents it is hard to read who
plays.  It learns from staged scenes alone, stills and clips, and then judges
generated ones (evaluate.py).
"""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import align
import dit
import latents as cache
import progress
import stage

RATE = 2e-3
HELD_BACK = 200                 # clips kept for its own test
STILLS, CLIPS = 192, 32         # of a step
BLOCKS = 2                      # that it sees at once
FRAMES = BLOCKS * dit.BLOCK
MOVING = ('action', 'direction', 'camera')


def _stage(inputs, outputs, stride=1):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, stride=stride),
            nn.GroupNorm(8, outputs), nn.SiLU()]


class Judge(nn.Module):
    """A convolution stack over the finder's cells, then one over time."""

    def __init__(self, mean, std, width=128):
        """mean, std: of features, [align.WIDTH]."""
        super().__init__()
        self.register_buffer('mean', mean)
        self.register_buffer('std', std)
        self.look = nn.Sequential(
            *_stage(align.WIDTH, width), *_stage(width, width),
            nn.Flatten(), nn.Dropout(.3), nn.Linear(width * 64, 384),
            nn.SiLU())
        self.watch = nn.Sequential(
            nn.Conv1d(384, 384, 3, padding=1), nn.SiLU(), nn.Dropout(.2),
            nn.Conv1d(384, 256, 3, padding=1), nn.SiLU(), nn.Flatten())
        self.heads = nn.ModuleDict({
            name: nn.Linear(256 * FRAMES if name in MOVING else 384,
                            len(values))
            for name, values in stage.FACTS.items()})

    def forward(self, seen):
        """Answers by fact; of a single frame only what does not move.

        seen: features [B, FRAMES or 1, 64, align.WIDTH].
        """
        batch, frames = seen.shape[:2]
        cells = ((seen.float() - self.mean) / self.std).flatten(0, 1)
        cells = cells.transpose(1, 2).unflatten(2, (8, 8))
        looks = self.look(cells).view(batch, frames, -1)
        motion = self.watch(looks.transpose(1, 2)) if frames > 1 else None
        return {name: head(motion if name in MOVING else looks.mean(1))
                for name, head in self.heads.items()
                if frames > 1 or name not in MOVING}


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
        rows.append(stage.numbered(script.facts(event)))
    table = torch.tensor(rows)
    return {name: table[:, i] for i, name in enumerate(stage.FACTS)}


def cut(seen, places):
    """Those windows of features [N, T, 64, WIDTH]."""
    return torch.stack([seen[number, dit.BLOCK * block:
                             dit.BLOCK * block + FRAMES]
                        for number, block in places])


def judged(judge, seen):
    """Log-probabilities by fact of windows of features, by parts."""
    with torch.no_grad():
        parts = [judge(some) for some in seen.split(50)]
    return {name: torch.cat([part[name] for part in parts]).log_softmax(1)
            for name in parts[0]}


def shares(answers, truth):
    """Share of right answers by fact."""
    return {name: float((rows.argmax(1) == truth[name]).float().mean())
            for name, rows in answers.items()}


def _loss(judge, seen, wanted):
    with torch.autocast('cpu', torch.bfloat16):
        answers = judge(seen)
    return sum(F.cross_entropy(answer.float(), wanted[name],
                               label_smoothing=.02)
               for name, answer in answers.items())


class Staged:
    """What the finder saw of staged scenes of one length, and their facts."""

    def __init__(self, out, frames, places):
        """places: from records to (record, block) that may be asked."""
        records = cache.Chunks(out, frames).records
        self.seen = align.load(out, len(records), frames)
        self.places = places(records)
        self.facts = truth(records, self.places)

    def draw(self, rng, count, first=0):
        """Features and facts of some, from place number `first` on."""
        chosen = rng.integers(first, len(self.places), count)
        picked = [self.places[i] for i in chosen]
        return (self.seen[[number for number, _ in picked]]
                if self.seen.shape[1] == 1 else cut(self.seen, picked),
                {name: rows[chosen] for name, rows in self.facts.items()})


def train(out, minutes=6.0, seed=31):
    """Train the judge, once; returns it and its accuracy on staged clips."""
    path = os.path.join(out, 'judge.pt')
    saved = progress.load(path)
    if saved:
        judge = Judge(saved['model']['mean'], saved['model']['std'])
        judge.load_state_dict(saved['model'])
        return judge.eval(), saved['accuracy']
    stills = Staged(out, 1, lambda records: [(i, 0) for i in
                                             range(len(records))])
    clips = Staged(out, stage.FRAMES, windows)
    kept = sum(number < HELD_BACK for number, _ in clips.places)
    judge = Judge(*align.scale(stills.seen))
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, fused=True,
                                  weight_decay=.05)
    clock, step = progress.Clock(minutes), 0
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    while clock.share < 1:
        for group in optimiser.param_groups:
            group['lr'] = clock.rate(RATE, step)
        value = _loss(judge, *stills.draw(rng, STILLS)) \
            + _loss(judge, *clips.draw(rng, CLIPS, kept))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            progress.report('judge', step, clock, loss=value.item())
    judge.eval()
    result = shares(judged(judge, cut(clips.seen, clips.places[:kept])),
                    {name: rows[:kept] for name, rows in clips.facts.items()})
    progress.save(path, model=judge.state_dict(), accuracy=result)
    return judge, result

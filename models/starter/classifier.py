# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small judge: tells what happens in two blocks of a clip.

It goes by what the finder of `videoaudiofoley` sees in a picture a latent
frame (align.py), for in the autoencoder's latents it is hard to read who
plays.  It learns from staged scenes alone, stills and clips (exam.py), and
then judges generated ones (evaluate.py).

Where several play, what happens depends on whom one asks about.  So the judge
is told who that is, and says what that one does and where it goes; of the
others it says no more than that they are there.
"""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import align
import exam
import progress
import stage

RATE = 2e-3
HELD_BACK = 2                   # chunks of the exam kept for its own test
STILLS, CLIPS = 192, 48         # of a step
SLICE = 50                      # clips judged at once
MOVING = ('action', 'direction', 'camera')
ACTORS = len(stage.FACTS['actor'])
ACTOR = list(stage.FACTS).index('actor')


def _stage(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.GroupNorm(8, outputs), nn.SiLU()]


def _over_time(inputs, outputs):
    return nn.Sequential(
        nn.Conv1d(inputs, outputs, 3, padding=1), nn.SiLU(), nn.Dropout(.2),
        nn.Conv1d(outputs, outputs, 3, padding=1), nn.SiLU(), nn.Flatten())


class Follow(nn.Module):
    """Where one actor is in each picture, and what is seen there."""

    def __init__(self, width, heads=4, size=48):
        super().__init__()
        self.heads = heads
        self.ask = nn.Embedding(ACTORS, heads * size)
        self.keys = nn.Linear(width, heads * size)
        self.values = nn.Linear(width, heads * size)
        self.width = heads * (size + 64) + heads * size

    def forward(self, cells, who):
        """cells: [B, T, 64, width]; who: [B], class numbers.  Returns
        [B, T, self.width]."""
        keys, values = (part(cells).unflatten(3, (self.heads, -1))
                        for part in (self.keys, self.values))
        ask = self.ask(who)
        logits = torch.einsum('btnhc,bhc->bthn', keys,
                              ask.unflatten(1, (self.heads, -1)).to(keys))
        where = logits.float().softmax(-1).to(values)
        seen = torch.einsum('bthn,btnhc->bthc', where, values)
        asked = ask[:, None].expand(-1, cells.shape[1], -1).to(seen)
        return torch.cat([seen.flatten(2), where.flatten(2), asked], 2)


class Judge(nn.Module):
    """A convolution stack over the finder's cells, then one over time."""

    def __init__(self, mean, std, width=160):
        """mean, std: of features, [align.WIDTH]."""
        super().__init__()
        self.register_buffer('mean', mean)
        self.register_buffer('std', std)
        self.look = nn.Sequential(*_stage(align.WIDTH, width),
                                  *_stage(width, width))
        self.scene = nn.Sequential(
            nn.Flatten(), nn.Dropout(.3), nn.Linear(width * 64, 384),
            nn.SiLU())
        self.names = nn.Sequential(nn.Dropout2d(.2),
                                   nn.Conv2d(width, ACTORS, 1))
        self.follow = Follow(width)
        self.pan = _over_time(384, 192)
        self.act = _over_time(self.follow.width + 384, 320)
        inputs = {'camera': 192 * exam.FRAMES, 'action': 320 * exam.FRAMES,
                  'direction': 320 * exam.FRAMES}
        self.heads = nn.ModuleDict({
            name: nn.Linear(inputs.get(name, 384), len(values))
            for name, values in stage.FACTS.items() if name != 'actor'})

    def forward(self, seen, who):
        """Answers by fact; of a single frame only what does not move.

        seen: features [B, exam.FRAMES or 1, 64, align.WIDTH].  who: [B],
        the actor who is asked about, of stage.FACTS.
        """
        batch, frames = seen.shape[:2]
        cells = ((seen.float() - self.mean) / self.std).flatten(0, 1)
        cells = self.look(cells.transpose(1, 2).unflatten(2, (8, 8)))
        scene = self.scene(cells).unflatten(0, (batch, frames))
        names = self.names(cells).float().flatten(2).unflatten(
            0, (batch, frames))
        answers = {'actor': names.logsumexp(3).mean(1)}
        rows = {}
        if frames > 1:
            cells = cells.flatten(2).transpose(1, 2).unflatten(
                0, (batch, frames))
            act = torch.cat([self.follow(cells, who), scene], 2)
            rows['action'] = rows['direction'] = self.act(act.transpose(1, 2))
            rows['camera'] = self.pan(scene.transpose(1, 2))
        for name, head in self.heads.items():
            if frames > 1 or name not in MOVING:
                answers[name] = head(rows.get(name, scene.mean(1)))
        return answers


@torch.no_grad()
def judged(judge, seen, who):
    """Log-probabilities by fact of windows of features, asked about `who`."""
    parts = [judge(*some) for some in zip(seen.split(SLICE),
                                          who.split(SLICE))]
    return {name: torch.cat([part[name] for part in parts]).float()
            .log_softmax(1) for name in parts[0]}


def right(answers, facts, cast):
    """By fact, which answers are right [B].

    Of n who play, the one that is asked about has to be among the n likeliest.

    facts: class numbers [B, facts]; cast: flags [B, ACTORS].
    """
    result = {name: answers[name].argmax(1) == facts[:, column]
              for column, name in enumerate(stage.FACTS) if name in answers}
    rows = answers['actor']
    own = rows.gather(1, facts[:, ACTOR:ACTOR + 1])
    result['actor'] = (rows > own).sum(1) < cast.sum(1)
    return result


def _loss(judge, seen, facts, cast):
    with torch.autocast(seen.device.type, torch.bfloat16):
        answers = judge(seen, facts[:, ACTOR])
    actors = answers.pop('actor').float().log_softmax(1)
    shares = cast / cast.sum(1, keepdim=True)
    return -(actors * shares).sum(1).mean() + sum(
        F.cross_entropy(answer.float(),
                        facts[:, list(stage.FACTS).index(name)],
                        label_smoothing=.02)
        for name, answer in answers.items())


def _some(rng, rows, count):
    chosen = torch.from_numpy(rng.integers(0, len(rows[0]), count))
    chosen = chosen.to(rows[0].device)
    return [part[chosen] for part in rows]


def train(out, name='judge', minutes=8.0, seed=31, device='cpu'):
    """Train a judge of this name, once; returns it and its accuracy on staged
    clips."""
    path = os.path.join(out, name + '.pt')
    saved = progress.load(path)
    if saved:
        judge = Judge(saved['model']['mean'], saved['model']['std'])
        judge.load_state_dict(saved['model'])
        return judge.eval(), saved['accuracy']
    stills, clips = ([part.to(device) for part in rows]
                     for rows in exam.load(out, first=HELD_BACK))
    torch.manual_seed(seed)
    judge = Judge(*align.scale(stills[0])).to(device)
    average = progress.Average(judge, .995)
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, fused=True,
                                  weight_decay=.05)
    clock, step = progress.Clock(minutes), 0
    rng = np.random.default_rng(seed)
    while clock.share < 1:
        for group in optimiser.param_groups:
            group['lr'] = clock.rate(RATE, step)
        value = _loss(judge, *_some(rng, stills, STILLS)) \
            + _loss(judge, *_some(rng, clips, CLIPS))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        average.update(judge, step)
        step += 1
        if step % 100 == 0:
            progress.report(name, step, clock, loss=value.item())
    average.copy_to(judge)
    judge.cpu().eval()
    seen, facts, cast = exam.load(out, last=HELD_BACK)[1]
    result = {name: float(hits.float().mean()) for name, hits in right(
        judged(judge, seen, facts[:, ACTOR]), facts, cast).items()}
    progress.save(path, model=judge.state_dict(), accuracy=result)
    return judge, result

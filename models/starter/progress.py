# SPDX-License-Identifier: LGPL-2.1-or-later
"""What every training stage shares: its clock, its checkpoint, its average.

A stage trains for a number of minutes of wall time, which may be spread over
several runs: the checkpoint remembers how many are gone, and the learning
rate follows them.
"""

import math
import os
import time

import torch


def device():
    """Where there is a GPU, that."""
    return torch.device('cuda' if torch.cuda.is_available() else 'cpu')


class Clock:
    """Wall and CPU time of a stage, over all its runs."""

    def __init__(self, minutes, wall=0.0, cpu=0.0):
        self.total = minutes * 60
        self._wall, self._cpu = wall - time.time(), cpu - time.process_time()

    @property
    def wall(self):
        return self._wall + time.time()

    @property
    def cpu(self):
        return self._cpu + time.process_time()

    @property
    def share(self):
        """How much of the stage is done, 0 to 1."""
        return min(1.0, self.wall / self.total)

    def rate(self, peak, step, warm=200, floor=.02):
        """The learning rate: a short climb, then a cosine to the end."""
        fall = floor + (1 - floor) * .5 * (1 + math.cos(math.pi * self.share))
        return peak * min(1.0, (step + 1) / warm) * fall


class Average:
    """An exponential moving average of a module's parameters."""

    def __init__(self, module, decay=.999):
        self.decay = decay
        self.values = {name: value.detach().clone().float()
                       for name, value in module.named_parameters()}

    @torch.no_grad()
    def update(self, module, step):
        decay = min(self.decay, (1 + step) / (10 + step))
        mine, theirs = [], []
        for name, value in module.named_parameters():
            mine.append(self.values[name])
            theirs.append(value.detach())
        torch._foreach_lerp_(mine, theirs, 1 - decay)

    def copy_to(self, module):
        with torch.no_grad():
            for name, value in module.named_parameters():
                value.copy_(self.values[name])


class Training:
    """A model in training: its weights, their average, its optimiser and its
    clock.  It goes on from its file, if that is there."""

    def __init__(self, path, model, optimiser, minutes, decay=.999,
                 afresh=False):
        """afresh: the optimiser begins anew."""
        self.path, self.model, self.optimiser = path, model, optimiser
        self.average = Average(model, decay)
        self.step, self.clock = 0, Clock(minutes)
        saved = load(path)
        if saved:
            model.load_state_dict(saved['model'])
            self.average.values = {
                name: saved['average'][name].to(value.device)
                for name, value in self.average.values.items()}
            if 'optimiser' in saved and not afresh:
                optimiser.load_state_dict(saved['optimiser'])
            self.step, self.clock = saved['step'], Clock(
                minutes, saved['wall'], saved['cpu'])

    def _set_rate(self, rate):
        for group in self.optimiser.param_groups:
            group['lr'] = rate

    def learn(self, rate):
        """One step by the gradients that are there, which are gone then."""
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._set_rate(rate)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.average.update(self.model, self.step)
        self.step += 1

    def save(self):
        save(self.path, model=self.model.state_dict(),
             average=self.average.values, step=self.step,
             optimiser=self.optimiser.state_dict(),
             wall=self.clock.wall, cpu=self.clock.cpu)


def save(path, **content):
    """Write a checkpoint; a run cut short leaves the old one whole."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    torch.save(content, path + '.part')
    os.replace(path + '.part', path)


def load(path):
    """A checkpoint's content, or None where there is none."""
    if not os.path.exists(path):
        return None
    return torch.load(path, weights_only=True, map_location='cpu')


def take(module, values):
    """Give a module the values that fit it by name and shape; returns the rest.

    What is new stays as it was drawn.
    """
    own = module.state_dict()
    new = [name for name, value in own.items() if name not in values
           or values[name].shape != value.shape]
    own.update({name: values[name] for name in own if name not in new})
    module.load_state_dict(own)
    return new


def begin(path, module):
    """A training file of a module as it is, with no step made yet."""
    save(path, model=module.state_dict(), step=0, wall=0.0, cpu=0.0,
         average=Average(module).values)


def averaged(model, saved):
    """A model with the moving average of a training file, ready for use."""
    for name, value in model.named_parameters():
        value.data.copy_(saved['average'][name])
    return model.eval()


def report(stage, step, clock, **figures):
    text = '  '.join(f'{name} {value:.4g}' for name, value in figures.items())
    print(f'{stage}: step {step}  {clock.wall / 60:.1f} min  {text}',
          flush=True)


class Means:
    """Figures of steps, reported by their means after every so many."""

    def __init__(self, stage, every):
        self.stage, self.every, self.rows = stage, every, {}

    def take(self, figures, step, clock):
        """The figures, by name, of a step of which there are `step` now."""
        for name, value in figures.items():
            self.rows.setdefault(name, []).append(value)
        if step % self.every == 0:
            report(self.stage, step, clock, **{
                name: sum(row) / len(row) for name, row in self.rows.items()})
            self.rows = {}

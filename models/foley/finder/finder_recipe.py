#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes finder.safetensors: pictures, training, figures, weights.

    finder_recipe.py OUT pictures [--scenes 8000]
    finder_recipe.py OUT train [--minutes 15]      goes on where it stopped
    finder_recipe.py OUT evaluate
    finder_recipe.py OUT export                    writes beside this file
    finder_recipe.py OUT golden                    what tests compare with

OUT is a folder for what is made on the way, some 4 GB.  See README.md.
"""

import argparse
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

import finder_scenes as scenes
from finder_net import COARSE, FINE, SIZE, Finder, folded, unfold

import eight_bits               # noqa: E402  of models/starter, as are these
import muon                     # noqa: E402
import progress                 # noqa: E402

BATCH, PHOTOGRAPHS = 32, 3      # pictures of a step; of these, of the world
CUTS = 2000                     # pictures cut out of photographs
RATE = 3e-3
OUTER = ('stem', 'point', 'name', 'around')
SEEDS = {'train': 31, 'test': 32}
TESTED = 250                    # scenes, with pairs that training never had
SURE = .4                       # a peak of heat from here on is a thing
WEIGHTS = os.path.join(scenes.HERE, 'finder.safetensors')
GOLDEN = os.path.join(scenes.HERE, '..', '..', '..', 'tests', 'models',
                      'foley', 'finder', 'data')


def model():
    return Finder(len(scenes.NAMES), sum(map(len, scenes.AROUND.values())))


def split_around(logits):
    return dict(zip(scenes.AROUND, logits.split(
        [len(options) for options in scenes.AROUND.values()], 1)))


def heat_loss(logits, heat, weight):
    """The focal loss of CornerNet (Law & Deng 2018, equation 1)."""
    p = logits.sigmoid().clamp(1e-5, 1 - 1e-5)
    peak = (heat > .999).float()
    wrong = peak * (1 - p) ** 2 * -p.log() \
        + (1 - peak) * (1 - heat) ** 4 * p ** 2 * -(1 - p).log()
    return (wrong * weight).sum() / peak.sum().clamp(min=1)


def loss(net, x, heat, weight, boxes, names, share, around):
    with torch.autocast('cpu', torch.bfloat16):
        heat_, boxes_, names_, around_ = net(x)
    total = share.sum().clamp(min=1)
    error = F.smooth_l1_loss(boxes_.float(), boxes, beta=.1,
                             reduction='none').sum(1)
    fine = names_.float().repeat_interleave(2, 2).repeat_interleave(2, 3)
    parts = {'heat': heat_loss(heat_.float(), heat, weight),
             'box': (error * share).sum() / total,
             'name': (F.cross_entropy(fine, names, reduction='none',
                                      label_smoothing=.05)
                      * share).sum() / total}
    for k, logits in enumerate(split_around(around_.float()).values()):
        parts[f'around{k}'] = .3 * F.cross_entropy(
            logits, around[:, k], ignore_index=-1)
    return sum(parts.values()), parts


class Batches:
    def __init__(self, out, rng):
        self.data = scenes.Scenes(os.path.join(out, 'train.npz'))
        photographs, self.rng = scenes.Photographs(), rng
        self.world = torch.stack([photographs.draw(rng) for _ in range(CUTS)])

    def draw(self):
        rng = self.rng
        chosen = torch.from_numpy(rng.integers(len(self.data), size=BATCH))
        pictures = self.data.pictures[chosen]
        rows, around = self.data.rows[chosen], self.data.around[chosen]
        for k in range(PHOTOGRAPHS):
            pictures[k] = self.world[rng.integers(CUTS)]
            rows[k] = -2
            around[k] = torch.tensor(
                [scenes.AROUND['place'].index('other'), -1, -1])
        x, rows = scenes.move(scenes.to_input(pictures), rows, rng)
        x = scenes.spoil(x, rng).to(memory_format=torch.channels_last)
        return (x, *scenes.targets(rows), around)


def train(out, minutes):
    path = os.path.join(out, 'finder.pt')
    saved = progress.load(path) or {'wall': 0., 'cpu': 0., 'step': 0}
    net = model().to(memory_format=torch.channels_last)
    optimiser = muon.Both(net, RATE, outer=OUTER)
    if 'model' in saved:
        net.load_state_dict(saved['model'])
        optimiser.load_state_dict(saved['optimiser'])
    step, clock = saved['step'], progress.Clock(minutes, saved['wall'],
                                                saved['cpu'])
    batches = Batches(out, np.random.default_rng([7, step]))
    compiled, sums = torch.compile(net), {}
    while clock.share < 1:
        optimiser.set_rate(clock.rate(RATE, step))
        value, parts = loss(compiled, *batches.draw())
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        for name, part in parts.items():
            sums.setdefault(name, []).append(part.item())
        if step % 100 == 0 or clock.share >= 1:
            progress.report('finder', step, clock, **{
                name: np.mean(row) for name, row in sums.items()})
            sums = {}
        if step % 500 == 0 or clock.share >= 1:
            progress.save(path, model=net.state_dict(), step=step,
                          optimiser=optimiser.state_dict(), wall=clock.wall,
                          cpu=clock.cpu)


@torch.no_grad()
def find(net, x):
    """Things in pictures x: a list of rows (confidence, name, x0, y0, x1,
    y1) each, and the answers."""
    heat, boxes, names, around = net(x)
    heat = heat.sigmoid()
    peaks = heat * (F.max_pool2d(heat[:, None], 3, 1, 1)[:, 0] == heat)
    found = [[] for _ in x]
    for k, row, column in (peaks > SURE).nonzero().tolist():
        middle = np.array([column + .5, row + .5] * 2)
        sides = boxes[k, :, row, column].numpy() * [-1, -1, 1, 1]
        name = names[k, :, row * FINE // COARSE, column * FINE // COARSE]
        found[k].append((float(heat[k, row, column]), int(name.argmax()),
                         *((middle + sides) * FINE)))
    return found, {question: logits.argmax(1) for question, logits in
                   split_around(around).items()}


def iou(a, b):
    common = scenes.common(a, b)
    return common / ((a[2] - a[0]) * (a[3] - a[1])
                     + (b[2] - b[0]) * (b[3] - b[1]) - common)


def evaluate(net, data):
    """Figures over staged pictures with pairs that training never had."""
    wanted = found_ = right = named = 0
    feet, middles, answers = [], [], {q: [] for q in scenes.AROUND}
    for begin in range(0, len(data), 50):
        span = slice(begin, begin + 50)
        found, told = find(net, scenes.to_input(data.pictures[span]))
        for things, rows in zip(found, data.rows[span]):
            left = sorted(things, reverse=True)
            hidden = [row[1:].tolist() for row in rows if row[0] == -1]
            for row in rows[rows[:, 0] >= 0].tolist():
                wanted += 1
                best = max(left, key=lambda t: iou(t[2:], row[1:]),
                           default=None)
                if best is None or iou(best[2:], row[1:]) < .5:
                    continue
                left.remove(best)
                right += 1
                named += best[1] == row[0]
                feet.append(abs(best[5] - row[4]))
                middles.append(abs(best[2] + best[4] - row[1] - row[3]) / 2)
            found_ += len(things) - sum(
                any(iou(t[2:], box) > .3 for box in hidden) for t in left)
        for k, question in enumerate(scenes.AROUND):
            answers[question] += (told[question]
                                  == data.around[span, k]).tolist()
    return {'things': wanted, 'recall': right / wanted,
            'precision': right / max(found_, 1), 'named': named / right,
            'foot_px_mean': float(np.mean(feet)),
            'foot_px_90': float(np.percentile(feet, 90)),
            'middle_px_mean': float(np.mean(middles)),
            **{q: float(np.mean(row)) for q, row in answers.items()}}


def false_alarms(net, count=400):
    """Things found in photographs, a picture."""
    photographs, rng = scenes.Photographs(), np.random.default_rng(99)
    x = torch.stack([photographs.draw(rng) for _ in range(count)])
    return sum(len(things) for begin in range(0, count, 50) for things in
               find(net, scenes.to_input(x[begin:begin + 50]))[0]) / count


def trained(out):
    net = model()
    net.load_state_dict(progress.load(os.path.join(out, 'finder.pt'))['model'])
    return net.eval()


def export(out):
    """The weights in 8 bits, with the words that go with them."""
    net = trained(out)
    words = {'names': scenes.NAMES,
             'materials': map(scenes.material, scenes.NAMES), **scenes.AROUND}
    save_file(eight_bits.quantise(folded(net)), WEIGHTS,
              metadata={name: json.dumps(list(value))
                        for name, value in words.items()})
    print(WEIGHTS, os.path.getsize(WEIGHTS), 'bytes')


@torch.no_grad()
def golden(out):
    """Two pictures and what the 8-bit weights make of them, for test-finder."""
    net = unfold(model(), eight_bits.restore(load_file(WEIGHTS)))
    data = scenes.Scenes(os.path.join(out, 'test.npz'))
    many = [k for k in range(len(data)) if (data.rows[k, :, 0] >= 0).sum() > 1]
    pictures = data.pictures[many[0:400:200]]
    os.makedirs(GOLDEN, exist_ok=True)
    pictures.numpy().tofile(os.path.join(GOLDEN, 'pictures.rgb'))
    x = scenes.to_input(pictures)
    found, _ = find(net, x)
    around = split_around(net(x)[3])
    rows = [{'things': [{'name': scenes.NAMES[t[1]], 'confidence': t[0],
                         'box': list(map(float, t[2:]))}
                        for t in sorted(things, reverse=True)],
             **{question: scenes.AROUND[question][logits[k].argmax()]
                for question, logits in around.items()},
             'place_confidence': around['place'][k].softmax(0).max().item()}
            for k, things in enumerate(found)]
    with open(os.path.join(GOLDEN, 'pictures.json'), 'w',
              encoding='utf-8') as file:
        json.dump(rows, file, indent=1)
        file.write('\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('out')
    parser.add_argument('act', choices=['pictures', 'train', 'evaluate',
                                        'export', 'golden'])
    parser.add_argument('--scenes', type=int, default=8000)
    parser.add_argument('--minutes', type=float, default=15)
    options = parser.parse_args()
    out = options.out
    os.makedirs(out, exist_ok=True)
    if options.act == 'pictures':
        scenes.make(os.path.join(out, 'train.npz'), options.scenes,
                    SEEDS['train'])
        scenes.make(os.path.join(out, 'test.npz'), TESTED, SEEDS['test'],
                    'test')
    elif options.act == 'train':
        train(out, options.minutes)
    elif options.act == 'export':
        export(out)
    elif options.act == 'golden':
        golden(out)
    else:
        data = scenes.Scenes(os.path.join(out, 'test.npz'))
        net = trained(out)
        print(json.dumps({**evaluate(net, data),
                          'false_alarms_a_photograph': false_alarms(net)},
                         indent=2))
        if os.path.exists(WEIGHTS):
            small = unfold(model(), eight_bits.restore(load_file(WEIGHTS)))
            print('in 8 bits', json.dumps(evaluate(small, data), indent=2))


if __name__ == '__main__':
    main()

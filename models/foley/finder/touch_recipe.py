#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes touch.safetensors: what tells contacts from the ways of boxes.

    touch_recipe.py OUT ways [--scenes 8000]
    touch_recipe.py OUT seen --run SEE_SCENES [--scenes 1700]
    touch_recipe.py OUT train [--minutes 3]
    touch_recipe.py OUT evaluate
    touch_recipe.py OUT export                     writes beside this file
    touch_recipe.py OUT golden                     what tests compare with

Scenes of `ways` are staged, not drawn: boxes are those of the truth, with errors
like the finder's.  Those of `seen` are drawn, and looked at by the finder:
SEE_SCENES is tests/models/foley/see/see-scenes of a build.  See README.md.
"""

import argparse
import glob
import json
import os
import subprocess
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import finder_scenes as scenes
import stage
import touch_net as net

import progress
import finder_recipe
from finder_recipe import GOLDEN

SEED, TESTED = 41, 100
IMPACTS = ('impact', 'bounce', 'splash')
SLOWEST = 8.0                   # pixels / s; a slower impact is none
BATCH = 512                     # of each kind of ways
WINDOW = 1.6                    # steps: how old a contact may be
WEIGHTS = os.path.join(scenes.HERE, 'touch.safetensors')


def noisy(rng, boxes):
    """Boxes as the finder sees them: [n, 4], n, which were seen."""
    count = len(boxes)
    high = (boxes[:, 3] - boxes[:, 1]).mean()
    bias = rng.normal(0, .5, 4)
    spread = rng.uniform(.25, .9) + rng.uniform(0, .01) * high
    errors = rng.normal(0, spread, (count, 4)) + bias
    errors *= np.where(rng.random((count, 1)) < .01, 5, 1)
    return boxes + errors, rng.random(count) > rng.choice([0, .02, .1])


def ways(rng, truth):
    """Rows of features, targets and weights of a scene's things."""
    for index, thing in enumerate(truth['objects']):
        frames = [k for k, box in enumerate(thing['boxes']) if box]
        if len(frames) < 4:
            continue
        boxes = np.array([thing['boxes'][k] for k in frames], float)
        seen_boxes, seen = noisy(rng, boxes)
        camera = np.array([at['x'] for at in truth['camera']])
        shift = (camera - camera[0])[frames] / thing['depth']
        seen_boxes[:, 0] += shift
        seen_boxes[:, 2] += shift
        cut = (boxes[:, 3] > 126.4)[seen].astype(float)
        times = np.array(frames)[seen] / truth['fps']
        yield index, times, seen_boxes[seen], cut


def contacts_of(truth, index):
    """(time, speed, is a footfall) of a thing's contacts that can be seen."""
    for contact in truth['contacts']:
        step = contact['kind'] == 'step'
        if index in contact['partners'] and (
                step or (contact['kind'] in IMPACTS
                         and abs(contact['speed']) > SLOWEST)):
            yield contact['time'], abs(contact['speed']), step


def label(times, now, contacts):
    """Targets of the sample `now`, and what an error in it weighs."""
    target = np.zeros(net.OUTPUTS, np.float32)
    gap = (times[now] - times[max(0, now - 1)]) / net.STEP
    weight = 1.0
    for time, speed, step in contacts:
        age = (times[now] - time) / net.STEP
        if -.02 <= age < max(WINDOW, gap):
            at = 3 if step else 0
            target[at], target[at + 1] = 1, max(age, 0)
            if not step:
                target[2] = np.log(max(speed, 1))
            # what has only just happened cannot be seen well
            weight = min(1.0, .2 + 1.6 * max(age, 0))
    return target, weight


def collect(rng, split):
    """All of one scene."""
    script = stage.draw_script(rng, split)
    while script.place == 'road':
        script = stage.draw_script(rng, split)
    _, _, truth = stage.film(rng, script, [0])
    rows, targets, weights = [], [], []
    for index, times, boxes, cut in ways(rng, truth):
        told = list(contacts_of(truth, index))
        kind = net.KINDS.index(truth['objects'][index]['kind'])
        if rng.random() < .04:
            kind = int(rng.integers(-1, len(net.KINDS)))
        for now in range(2, len(times)):
            target, weight = label(times, now, told)
            rows.append(net.features(times, boxes, cut, now, kind))
            targets.append(target)
            weights.append(weight)
    return rows, targets, weights


def make_ways(path, count, seed, split):
    if os.path.exists(path):
        return
    rows, targets, weights = [], [], []
    for number in range(count):
        found = collect(np.random.default_rng([seed, number]), split)
        for whole, part in zip((rows, targets, weights), found):
            whole += part
    progress.save(path, rows=torch.from_numpy(np.array(rows)),
                  targets=torch.from_numpy(np.array(targets)),
                  weights=torch.tensor(weights, dtype=torch.float32))
    print(path, len(rows), 'samples', flush=True)


def write_scene(folder, number, rng, split):
    """A scene as see-scenes reads it."""
    script = stage.draw_script(rng, split)
    while script.place == 'road':
        script = stage.draw_script(rng, split)
    film, _, truth = stage.film(rng, script)
    base = os.path.join(folder, f'{number:04d}')
    film.tofile(base + '.rgb')
    with open(base + '.json', 'w', encoding='utf-8') as file:
        json.dump({'width': stage.SIZE, 'height': stage.SIZE, **truth}, file)
    return truth


def read_ways(text):
    """Tracks by (scene, id): rows of time, stage box, offset, cut, name."""
    tracks = {}
    for line in text.splitlines():
        if line.startswith('way '):
            _, scene, time, number, *rest, name = line.split(None, 11)
            tracks.setdefault((int(scene), number), []).append(
                [float(time), *map(float, rest), name])
    return tracks


def find_thing(track, truth):
    """The number of the thing that a track follows, or None."""
    votes = {}
    for time, x0, y0, x1, y1, dx, dy, _, name in track:
        frame = round(time * truth['fps'])
        seen = x0 + dx, y0 + dy, x1 + dx, y1 + dy
        for index, thing in enumerate(truth['objects']):
            box = thing['boxes'][frame]
            if box and finder_recipe.iou(seen, box) > .4:
                votes[index] = votes.get(index, 0) \
                    + finder_recipe.iou(seen, box) \
                    * (2 if thing['class'] == name else 1)
    return max(votes, key=votes.get) if votes else None


def look_at(truth, track):
    """Rows, targets and weights of a track that the finder followed."""
    index = find_thing(track, truth)
    if index is None or len(track) < 4:
        return [], [], []
    times = np.array([row[0] for row in track])
    boxes = np.array([row[1:5] for row in track])
    cut = np.array([row[7] for row in track])
    told = list(contacts_of(truth, index))
    rows, targets, weights = [], [], []
    for now in range(2, len(times)):
        name = track[now][8]
        kind = net.KINDS.index(scenes.actors.CAST[name].kind) \
            if name in scenes.actors.CAST else -1
        target, weight = label(times, now, told)
        rows.append(net.features(times, boxes, cut, now, kind))
        targets.append(target)
        weights.append(weight)
    return rows, targets, weights


def make_seen(out, run, count, seed, split, name):
    """Ways that the finder saw."""
    path = os.path.join(out, name)
    if os.path.exists(path):
        return
    whole = [], [], []
    for begin in range(0, count, 50):
        with tempfile.TemporaryDirectory() as folder:
            truths = {number: write_scene(
                folder, number, np.random.default_rng([seed, number]), split)
                for number in range(begin, min(begin + 50, count))}
            text = subprocess.run([run, '--ways', folder], check=True,
                                  capture_output=True, text=True).stdout
        for (scene, _), track in read_ways(text).items():
            for part, rows in zip(whole, look_at(truths[scene], track)):
                part += rows
        print(name, begin + 50, len(whole[0]), flush=True)
    rows, targets, weights = whole
    progress.save(path, rows=torch.from_numpy(np.array(rows)),
                  targets=torch.from_numpy(np.array(targets)),
                  weights=torch.tensor(weights, dtype=torch.float32))


def load(out, pattern):
    parts = [progress.load(path) for path in
             sorted(glob.glob(os.path.join(out, pattern)))]
    return [torch.cat([part[name] for part in parts])
            for name in ('rows', 'targets', 'weights')]


def train(out, minutes, seed=5):
    torch.manual_seed(seed)
    rows, targets, weights = load(out, 'ways-train.pt')
    seen = load(out, 'seen-train.pt')
    model = net.make()
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=.01)
    clock, step, losses = progress.Clock(minutes), 0, []
    while clock.share < 1:
        for group in optimiser.param_groups:
            group['lr'] = clock.rate(2e-3, step)
        chosen = torch.randint(len(rows), (BATCH, ))
        other = torch.randint(len(seen[0]), (BATCH, ))
        x, target, weight = (torch.cat([of[chosen], by[other]]) for of, by in
                             zip((rows, targets, weights), seen))
        mirror = torch.where(torch.rand(2 * BATCH, 1) < .5, -1., 1.)
        x = torch.cat([x[:, :2 * net.POINTS],
                       x[:, 2 * net.POINTS:3 * net.POINTS] * mirror,
                       x[:, 3 * net.POINTS:]], 1)
        value = net.loss(model(x), target, weight)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        step += 1
        losses.append(value.item())
        if step % 2000 == 0:
            progress.report('touch', step, clock, loss=np.mean(losses))
            losses = []
    progress.save(os.path.join(out, 'touch.pt'), model=model.state_dict())


def trained(out):
    model = net.make()
    model.load_state_dict(progress.load(os.path.join(out, 'touch.pt'))
                          ['model'])
    return model.eval()


@torch.no_grad()
def evaluate(out):
    rows, targets, _ = load(out, 'seen-test.pt')
    outputs = trained(out)(rows)
    for name, at in (('impact', 0), ('footfall', 3)):
        true = targets[:, at] > 0
        for sure in (.3, .5, .7):
            told = outputs[:, at].sigmoid() > sure
            hits = (told & true).sum().item()
            print(name, sure, 'samples: precision',
                  round(hits / max(1, told.sum().item()), 3), 'recall',
                  round(hits / max(1, true.sum().item()), 3))
        error = (outputs[true, at + 1] - targets[true, at + 1]).abs() \
            * net.STEP * 1e3
        print(name, 'time error ms: median', error.median().item(), '95 %',
              error.quantile(.95).item())


def export(out):
    state = trained(out).state_dict()
    kinds = [scenes.actors.CAST[name].kind for name in scenes.NAMES]
    save_file({name: value.contiguous() for name, value in state.items()},
              WEIGHTS, metadata={'kinds': json.dumps(net.KINDS),
                                 'kind_of': json.dumps(dict(zip(
                                     scenes.NAMES, kinds)))})
    print(WEIGHTS, os.path.getsize(WEIGHTS), 'bytes')


@torch.no_grad()
def golden():
    """A ball that falls and bounces, at frames that are not even, and what the
    weights make of each of its places; for test-finder."""
    model = net.make()
    model.load_state_dict(load_file(WEIGHTS))
    times = np.cumsum(np.random.default_rng(3).uniform(.03, .08, 40))
    fall = np.abs(np.modf(times / .9)[0] - .5)      # of bounces .9 s apart
    foot = 108 - 105 * (.25 - fall ** 2)
    x = 40 + 12 * times
    boxes = np.stack([x, foot - 30, x + 32, foot], 1)
    rows = [net.features(times, boxes, np.zeros(40), now,
                         net.KINDS.index('roller')) for now in range(2, 40)]
    guesses = model.eval()(torch.from_numpy(np.stack(rows)))
    with open(os.path.join(GOLDEN, 'way.json'), 'w', encoding='utf-8') as file:
        json.dump({'class': 'football', 'times': times.tolist(),
                   'boxes': boxes.tolist(), 'first': 2,
                   'guesses': guesses.tolist()}, file)
        file.write('\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('out')
    parser.add_argument('act', choices=['ways', 'seen', 'train', 'evaluate',
                                        'export', 'golden'])
    parser.add_argument('--run')
    parser.add_argument('--scenes', type=int)
    parser.add_argument('--minutes', type=float, default=3)
    options = parser.parse_args()
    out = options.out
    os.makedirs(out, exist_ok=True)
    if options.act == 'ways':
        make_ways(os.path.join(out, 'ways-train.pt'), options.scenes or 8000,
                  SEED, 'train')
    elif options.act == 'seen':
        make_seen(out, options.run, TESTED, SEED + 1, 'test', 'seen-test.pt')
        make_seen(out, options.run, options.scenes or 1700, SEED + 2, 'train',
                  'seen-train.pt')
    elif options.act == 'train':
        train(out, options.minutes)
    elif options.act == 'evaluate':
        evaluate(out)
    elif options.act == 'golden':
        golden()
    else:
        export(out)


if __name__ == '__main__':
    main()

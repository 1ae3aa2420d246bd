#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes touch.safetensors: what tells contacts from the ways of boxes.

    touch_recipe.py OUT ways [--scenes 6000]
    touch_recipe.py OUT seen --run SEE_SCENES [--scenes 2500]
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
import physics
import stage
from script import GROUND
import touch_net as net

import progress
import finder_recipe
from finder_recipe import GOLDEN

SEED, TESTED = 41, 100
IMPACTS = ('impact', 'bounce', 'splash')
BATCH = 512                     # of each kind of ways
WINDOW = 1.6                    # steps: how old a contact may be
AHEAD = 1.0                     # ... and how far ahead
LEAST = 2                       # samples
SCENE = 5.0                     # s
# Of touch.c: the logit of what is told, and when it is time to tell, s.
SURE, LONG_AGO, JUST_NOW, DOUBT, AGAIN = 0.0, .037, .006, .014, .08
WEIGHTS = os.path.join(scenes.HERE, 'touch.safetensors')


BOUNCES = {name: physics.MATERIALS[scenes.actors.CAST[name].material][0]
           for name in scenes.NAMES}
PLACES = {place: (physics.GROUNDS[GROUND[place]][0],
                  physics.MOON / physics.GRAVITY if place == 'space' else 1.0)
          for place in scenes.AROUND['place'] if place in GROUND}


def bounce_of(name, place):
    """The part of its speed that a bounce leaves a thing of a name."""
    return BOUNCES.get(name, net.USUAL_BOUNCE) * place_of(place)[0]


def place_of(place):
    return PLACES.get(place, net.USUAL_PLACE)


def noisy(rng, boxes, cover):
    """Boxes as the finder sees them: [n, 4], n, which were seen."""
    count = len(boxes)
    high = (boxes[:, 3] - boxes[:, 1]).mean()
    bias = rng.normal(0, .5, 4)
    spread = rng.uniform(.25, .9) + rng.uniform(0, .01) * high
    errors = rng.normal(0, spread, (count, 4)) * (1 + 2 * cover[:, None]) \
        + bias
    errors *= np.where(rng.random((count, 1)) < .01, 5, 1)
    lost = rng.choice([0, .02, .1])
    return boxes + errors, rng.random(count) > lost + .9 * (cover > .7)


def measured(rng, boxes, found, cover):
    """How far a thing went, as shift.c measures it: [n, 3], see features()."""
    count, spread = len(boxes), rng.choice([.02, .06, .15, .25])
    ways = [np.diff(np.stack([(rows[:, 0] + rows[:, 2]) / 2, rows[:, 3]], 1),
                    axis=0) for rows in (boxes, found)]
    failed = rng.random(count - 1) < .03 + .5 * (cover[1:] > .3)
    steps = ways[0] + rng.normal(0, spread, (count - 1, 2)) \
        * (1 + 4 * cover[1:, None])
    steps = np.where(failed[:, None], ways[1], steps)
    doubt = np.where(failed, 1, (1.2 * spread + rng.normal(
        .1, .08, count - 1)).clip(.02, .9))
    went = np.zeros((count, 3))
    went[1:, :2], went[1:, 2], went[0, 2] = steps.cumsum(0), doubt, 1
    return went


def covers(truth, index, frames, boxes):
    """How much of a thing's box those that stand lower hide: found.c."""
    cover = np.zeros(len(frames))
    for other, thing in enumerate(truth['objects']):
        for k, frame in enumerate(frames):
            box = thing['boxes'][frame]
            if other != index and box and box[3] > boxes[k][3]:
                x0, y0, x1, y1 = boxes[k]
                cover[k] += scenes.common(boxes[k], box) / max(
                    1, (x1 - x0) * (y1 - y0))
    return cover.clip(0, 1)


def contacts_of(truth, index):
    """(time, speed, is a footfall) of a thing's contacts with the ground."""
    return [(contact['time'], abs(contact['speed']), contact['kind'] == 'step')
            for contact in truth['contacts']
            if contact['partners'] == [index, 'ground']
            and contact['kind'] in IMPACTS + ('step', )]


def way(truth, index, times, boxes, cut, cover, went, names):
    """What is kept of a way: enough to make rows of."""
    place = truth['place']
    return {'times': torch.from_numpy(times), 'boxes': torch.from_numpy(boxes),
            'cut': torch.from_numpy(cut), 'cover': torch.from_numpy(cover),
            'went': torch.from_numpy(went),
            'kinds': [net.KINDS.index(scenes.actors.CAST[name].kind)
                      if name in BOUNCES else -1 for name in names],
            'bounces': [bounce_of(name, place) for name in names],
            'gravity': place_of(place)[1],
            'contacts': contacts_of(truth, index)}


def staged(rng, truth):
    """The ways of a scene's things, by its truth."""
    for index, thing in enumerate(truth['objects']):
        frames = [k for k, box in enumerate(thing['boxes']) if box]
        if len(frames) < 4:
            continue
        boxes = np.array([thing['boxes'][k] for k in frames], float)
        cover = covers(truth, index, frames, boxes)
        cut = (boxes[:, 3] > 126.4).astype(float)
        camera = np.array([at['x'] for at in truth['camera']])
        shift = (camera - camera[0])[frames] / thing['depth']
        boxes[:, ::2] += shift[:, None]
        found, seen = noisy(rng, boxes, cover)
        name = thing['class'] if rng.random() > .04 \
            else str(rng.choice(scenes.NAMES + ['?']))
        if seen.sum() > LEAST:
            went = measured(rng, boxes[seen], found[seen], cover[seen])
            yield way(truth, index, np.array(frames)[seen] / truth['fps'],
                      found[seen], cut[seen], cover[seen], went,
                      [name] * int(seen.sum()))


def label(times, now, contacts):
    """Targets of the sample `now`, and what an error in it weighs.

    What has happened since the sample before is to be told now; if nothing
    has, what is about to; if nothing is, what happened before that.
    """
    target = np.zeros(net.TARGETS, np.float32)
    gap = (times[now] - times[max(0, now - 1)]) / net.STEP
    weight, best = 1.0, {}
    for time, speed, step in contacts:
        age = (times[now] - time) / net.STEP
        if -AHEAD <= age < max(WINDOW, gap):
            rank = 0 if 0 <= age <= gap else 1 if age < 0 else 2
            best[step] = min(best.get(step, (9, 0, 0)), (rank, age, speed))
    for step, (_, age, speed) in best.items():
        at = 3 if step else 0
        target[at], target[at + 1] = 1, age
        if not step:
            target[2] = np.log(max(speed, 1))
        # what has only just happened, or will, cannot be seen well
        weight = min(weight, .2 + 1.6 * max(age, 0))
    return target, weight


def rows_of(ways):
    """Rows of features, targets and weights of all samples."""
    rows, targets, weights = [], [], []
    for one in ways:
        times, boxes, cut, cover, went = (one[name].numpy() for name in (
            'times', 'boxes', 'cut', 'cover', 'went'))
        for now in range(LEAST - 1, len(times)):
            target, weight = label(times, now, one['contacts'])
            rows.append(net.features(
                times, boxes, cut, cover, went, now, one['kinds'][now],
                one['bounces'][now], one['gravity']))
            targets.append(target)
            weights.append(weight)
    return [torch.from_numpy(np.array(rows)),
            torch.from_numpy(np.array(targets)),
            torch.tensor(weights, dtype=torch.float32)]


def make_ways(path, count, seed, split):
    if os.path.exists(path):
        return
    ways = []
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        _, _, truth = stage.film(rng, _draw(rng, split), [0])
        ways += staged(rng, truth)
    progress.save(path, ways=ways)
    print(path, len(ways), 'ways', flush=True)


def _draw(rng, split):
    script = stage.draw_script(rng, split)
    while script.place == 'road':
        script = stage.draw_script(rng, split)
    return script


def write_scene(folder, number, rng, split):
    """A scene as see-scenes reads it."""
    film, _, truth = stage.film(rng, _draw(rng, split))
    base = os.path.join(folder, f'{number:04d}')
    film.tofile(base + '.rgb')
    with open(base + '.json', 'w', encoding='utf-8') as file:
        json.dump({'width': stage.SIZE, 'height': stage.SIZE, **truth}, file)
    return truth


def read_ways(text):
    """Tracks by (scene, id): rows of time, stage box, offset, cut, cover,
    way aside, down and its doubt, name."""
    tracks = {}
    for line in text.splitlines():
        if line.startswith('way '):
            _, scene, time, number, *rest, name = line.split(None, 15)
            tracks.setdefault((int(scene), number), []).append(
                [float(time), *map(float, rest), name])
    return tracks


def find_thing(track, truth):
    """The number of the thing that a track follows, or None."""
    votes = {}
    for time, x0, y0, x1, y1, dx, dy, *_, name in track:
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
    """The way of a track that the finder followed, or none."""
    index = find_thing(track, truth)
    if index is None or len(track) < LEAST:
        return
    columns = np.array([row[:-1] for row in track])
    yield way(truth, index, columns[:, 0], columns[:, 1:5], columns[:, 7],
              columns[:, 8], columns[:, 9:12], [row[-1] for row in track])


def make_seen(out, run, count, seed, split, name):
    """Ways that the finder saw."""
    path = os.path.join(out, name)
    if os.path.exists(path):
        return
    ways = []
    for begin in range(0, count, 50):
        with tempfile.TemporaryDirectory() as folder:
            truths = {number: write_scene(
                folder, number, np.random.default_rng([seed, number]), split)
                for number in range(begin, min(begin + 50, count))}
            text = subprocess.run([run, '--ways', folder], check=True,
                                  capture_output=True, text=True).stdout
        for (scene, _), track in read_ways(text).items():
            ways += look_at(truths[scene], track)
        print(name, begin + 50, len(ways), flush=True)
    progress.save(path, ways=ways)


def load(out, name):
    return rows_of(progress.load(os.path.join(out, name))['ways'])


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
        x = net.mirrored(x, torch.rand(2 * BATCH, 1) < .5)
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


def told(times, outputs):
    """When impacts are told of, and when they sound: as touch.c does."""
    last, rows = -1, []
    for k in range(LEAST - 1, len(times)):
        logit, age, _, _, _, doubt = outputs[k - LEAST + 1].tolist()
        now, time = times[k], times[k] - age * net.STEP
        due = time < now - LONG_AGO or (
            time < now - JUST_NOW and np.exp(doubt) * net.STEP < DOUBT)
        if logit > SURE and due and time > last + AGAIN:
            rows.append(max(time, times[k - 1]))
            last = time
    return rows


@torch.no_grad()
def evaluate(out):
    """Impacts that are told of on the ways that the finder saw, within 40 ms."""
    model, errors, wanted, found = trained(out), [], 0, 0
    for one in progress.load(os.path.join(out, 'seen-test.pt'))['ways']:
        times = one['times'].numpy()
        left = told(times, model(rows_of([one])[0]))
        true = [time for time, _, step in one['contacts'] if not step
                and times[0] - .2 < time < SCENE - .1]
        wanted, found = wanted + len(true), found + len(left)
        for time in true:
            near = min(left, key=lambda at: abs(at - time), default=9)
            if abs(near - time) <= .04:
                left.remove(near)
                errors.append(abs(near - time) * 1e3)
    hits = len(errors)
    print('impacts:', wanted, 'told, true', hits / found, 'true, told',
          hits / wanted, 'F1', 2 * hits / (wanted + found),
          'error ms: median', np.median(errors), '95 %',
          np.percentile(errors, 95))


def export(out):
    state = trained(out).state_dict()
    words = {'kinds': net.KINDS,
             'kind_of': {name: scenes.actors.CAST[name].kind
                         for name in scenes.NAMES},
             'bounces': {**BOUNCES, '': net.USUAL_BOUNCE},
             'places': {**PLACES, '': net.USUAL_PLACE}}
    save_file({name: value.contiguous() for name, value in state.items()},
              WEIGHTS, metadata={name: json.dumps(value)
                                 for name, value in words.items()})
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
    cover = np.linspace(0, .3, 40)
    went = np.stack([x, foot, cover / 2], 1)
    rows = [net.features(times, boxes, np.zeros(40), cover, went, now,
                         net.KINDS.index('roller'),
                         bounce_of('football', 'meadow'),
                         place_of('meadow')[1])
            for now in range(LEAST - 1, 40)]
    guesses = model.eval()(torch.from_numpy(np.stack(rows)))
    with open(os.path.join(GOLDEN, 'way.json'), 'w', encoding='utf-8') as file:
        json.dump({'class': 'football', 'place': 'meadow',
                   'times': times.tolist(), 'boxes': boxes.tolist(),
                   'cover': cover.tolist(), 'went': went.tolist(),
                   'first': LEAST - 1, 'guesses': guesses.tolist()}, file)
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
        make_ways(os.path.join(out, 'ways-train.pt'), options.scenes or 6000,
                  SEED, 'train')
    elif options.act == 'seen':
        make_seen(out, options.run, TESTED, SEED + 1, 'test', 'seen-test.pt')
        make_seen(out, options.run, options.scenes or 2500, SEED + 2, 'train',
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

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How well staged scenes are heard: the table of docs/videoaudiofoley.md.

    foley_bench.py --run build/tests/bench/foley/foley-run [--scenes 200]

Stages scenes that nothing was tuned on (seeds from SEED up), runs foley-run on
each, and compares its notes and its sound with the truth of
models/starter/truth.py.  Needs numpy, Pillow and `../shared/data`.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', '..', 'models', 'starter'))

import captions                 # noqa: E402
import stage                    # noqa: E402

SEED, RATE, FPS = 900000, 48000, 16
VIEW = 1.0472                   # SCENE_VIEW of models/foley/scene.h
WINDOW = .04                    # s, an onset may be off
ONSETS = ('impact', 'bounce', 'splash')
ANSWERS = ('impact', 'splash')
# What the theatre's materials are among those of models/foley/scene.h; one that
# is not here has the same name there.
MATERIALS = {'metal': ('iron', 'steel', 'tin', 'aluminium', 'brass'),
             'leather': ('rubber', ), 'skin': ('flesh', ), 'food': ('flesh', ),
             'shell': ('flesh', 'ceramic'), 'plant': ('leaves', 'wood'),
             'feather': ('feathers', ), 'air': ('air', 'rubber', 'fire')}


def scenes(count):
    """Scripts of sets, not drives; every one with an action."""
    for number in range(count):
        rng = np.random.default_rng(SEED + number)
        script = stage.draw_script(rng, 'test')
        while script.place == 'road':
            script = stage.draw_script(rng, 'test')
        film, _, truth = stage.film(rng, script)
        yield script, film, truth


def listen(runner, film, fps, prompt, folder):
    """Notes, a summary and sound of a clip; prompt: as dittextsrc gives it, or
    None."""
    pictures = os.path.join(folder, 'in.rgb')
    sound = os.path.join(folder, 'out.f32')
    film.tofile(pictures)
    words = [prompt] if prompt else []
    lines = subprocess.run(
        [runner, str(film.shape[2]), str(film.shape[1]), str(fps), pictures,
         sound] + words, check=True, capture_output=True,
        text=True).stdout.splitlines()
    notes = [json.loads(line) for line in lines]
    return notes[:-1], notes[-1], np.fromfile(sound, np.float32).reshape(-1, 2)


def match(wanted, found):
    """Pairs of nearest times, one to one, within the window."""
    pairs, left = [], list(range(len(found)))
    for index, time in enumerate(wanted):
        near = [k for k in left if abs(found[k] - time) <= WINDOW]
        if near:
            best = min(near, key=lambda k: abs(found[k] - time))
            left.remove(best)
            pairs.append((index, best))
    return pairs


def is_onset(note):
    """A note of something that met something."""
    return note['why'].split()[0] in ANSWERS


def heard_azimuth(sound, time):
    """Of the sound in the 60 ms after a time, by its levels; constant power:
    see pan.h."""
    begin = int(time * RATE)
    left, right = (sound[begin:begin + int(.06 * RATE)] ** 2).sum(0)
    if left + right < 1e-10:
        return None
    return math.atan2(math.sqrt(right), math.sqrt(left)) * 2 - math.pi / 2


def heard_around(notes):
    """The place that was heard last, and the weathers."""
    told = [note['why'] for note in notes
            if note['layer'] == 'ambience' and not note['class']]
    weathers = {'rain': 'rain', 'falling snow': 'snow'}
    places = [why.removesuffix(' at night') for why in told
              if why not in (*weathers, 'wind', 'water, waves', 'fire')]
    return places[-1] if places else None, {
        weathers[why] for why in told if why in weathers}


class Tally:
    """Everything that is counted, over all scenes."""

    def __init__(self):
        self.wanted = self.found = 0
        self.errors, self.azimuths = [], []
        self.classes, self.materials = [], []
        self.places, self.weathers = [], []
        self.still, self.seconds, self.busy = [], 0.0, 0.0

    def add(self, truth, notes, summary, sound):
        end = truth['frames'] / truth['fps']
        contacts = [c for c in truth['contacts'] if c['kind'] in ONSETS
                    and 0 <= c['x'] < 128 and c['speed'] > .3
                    and c['time'] < end - .1]
        told = [note for note in notes if is_onset(note)]
        pairs = match([c['time'] for c in contacts],
                      [note['time'] for note in told])
        self.wanted += len(contacts)
        self.found += len(told)
        for one, two in pairs:
            contact, note = contacts[one], told[two]
            thing = truth['objects'][contact['partners'][0]]
            self.errors.append(note['time'] - contact['time'])
            self.classes.append(note['class'] == thing['class'])
            self.materials.append(note['material'] in MATERIALS.get(
                thing['material'], (thing['material'], )))
            where = math.atan((contact['x'] / 64 - 1) * math.tan(VIEW / 2))
            heard = heard_azimuth(sound, note['time'])
            if heard is not None:
                self.azimuths.append(abs(heard - where))
        place, weathers = heard_around(notes)
        self.places.append(place == truth['place'])
        self.weathers.append(weathers == {truth['weather']}
                             & {'rain', 'snow'})
        if not truth['contacts'] and not any(moves(o) for o in
                                             truth['objects']):
            self.still.append(float(np.abs(sound).max()))
        self.seconds += summary['seconds']
        self.busy += summary['busy']

    def table(self):
        pairs = len(self.errors)
        errors = np.abs(self.errors) * 1000 if pairs else np.zeros(1)
        share = lambda row: float(np.mean(row)) if row else None
        return {
            'contacts': self.wanted, 'told': self.found,
            'precision': pairs / max(self.found, 1),
            'recall': pairs / max(self.wanted, 1),
            'f1': 2 * pairs / max(self.found + self.wanted, 1),
            'error_ms_median': float(np.median(errors)),
            'error_ms_95': float(np.percentile(errors, 95)),
            'class_right': share(self.classes),
            'material_right': share(self.materials),
            'azimuth_error_degrees_median': math.degrees(float(
                np.median(self.azimuths))) if self.azimuths else None,
            'place_right': share(self.places),
            'rain_and_snow_right': share(self.weathers),
            'still_scenes': len(self.still),
            'still_peak': max(self.still, default=None),
            'times_real_time': self.seconds / max(self.busy, 1e-9)}


def moves(thing):
    """Whether its box ever moves by more than a pixel."""
    boxes = [box for box in thing['boxes'] if box]
    return len(boxes) < len(thing['boxes']) or any(
        abs(box[0] - boxes[0][0]) > 1 or abs(box[1] - boxes[0][1]) > 1
        for box in boxes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', required=True)
    parser.add_argument('--scenes', type=int, default=200)
    options = parser.parse_args()
    tallies = {'video alone': Tally(), 'with the prompt': Tally()}
    with tempfile.TemporaryDirectory() as folder:
        for script, film, truth in scenes(options.scenes):
            for prompt, tally in zip((None, captions.plain(script, 0)),
                                     tallies.values()):
                tally.add(truth, *listen(options.run, film, FPS, prompt,
                                         folder))
    print(json.dumps({name: tally.table()
                      for name, tally in tallies.items()}, indent=2))


if __name__ == '__main__':
    main()

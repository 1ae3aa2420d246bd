# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stages clips with their truth, for see-scenes to measure seeing by.

    make_scenes.py OUT [--count 48] [--seed 1]

Needs numpy, Pillow and the sprites of `../shared/data` (models/starter);
writes OUT/NN.rgb (uint8 [frames, size, size, 3]) and OUT/NN.json, the truth
of models/starter/truth.py.  A third of the clips are drawn for what bounces,
a third for collisions and falls, the rest by chance.
"""

import argparse
import json
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', '..', '..', 'models',
                                'starter'))

import stage                    # noqa: E402

WANTED = [{'bounce', 'roll'}, {'collide', 'fall', 'jump'}, None]


def draw(rng, wanted):
    """A script with one of the wanted actions; never a drive."""
    while True:
        script = stage.draw_script(rng, 'train')
        if script.place == 'road' or any(
                event.action == 'cut' for event in script.events):
            continue
        if wanted is None or any(event.action in wanted
                                 for event in script.events):
            return script


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out')
    parser.add_argument('--count', type=int, default=48)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    os.makedirs(options.out, exist_ok=True)
    for number in range(options.count):
        script = draw(rng, WANTED[number % len(WANTED)])
        film, _, truth = stage.film(rng, script)
        base = os.path.join(options.out, f'{number:02d}')
        film.tofile(base + '.rgb')
        with open(base + '.json', 'w', encoding='utf-8') as file:
            json.dump({'width': film.shape[2], 'height': film.shape[1],
                       **truth}, file)


if __name__ == '__main__':
    main()

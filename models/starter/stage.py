# SPDX-License-Identifier: LGPL-2.1-or-later
"""The stage: puts an actor into a set, lets it act, and films it.

`play` gives a clip and its scene: everything that a caption or a test may
want to know.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from PIL import Image

import actors
import motion
import sets

SIZE = 128
FRAMES = 33
FPS = motion.FPS

# Where a kind of actor is mostly met; every pair is possible.
LIKELY = {'boat': ['sea'] * 8 + ['beach'],
          'swimmer': ['sea'] * 6 + ['beach', 'kitchen'],
          'vehicle': ['street'] * 4 + ['meadow', 'desert', 'snow', 'beach'],
          'flyer': ['meadow', 'forest', 'sea', 'street', 'space']}
LIGHTS = ['day'] * 6 + ['sunset', 'night']
_BACKDROPS = OrderedDict()
_KEPT = 600


@dataclass
class Scene:
    """What happens in a clip."""
    actor: str
    place: str
    light: str
    action: str
    fast: bool
    big: int                    # -1 small, 0 as usual, 1 big

    @property
    def kind(self):
        return actors.CAST[self.actor][1]


def held_out(actor, place):
    """Whether a pair is never staged: one place of ten for each actor.

    These pairs show in the evaluation whether the model composes.
    """
    number = 7 * actors.NAMES.index(actor) + 3 * sets.SETS.index(place)
    return (number + 5) % 10 == 0


def draw_scene(rng):
    """A scene at random, plausible ones more often."""
    while True:
        scene = _draw(rng)
        if not held_out(scene.actor, scene.place):
            return scene


def _draw(rng):
    actor = actors.NAMES[rng.integers(len(actors.NAMES))]
    kind = actors.CAST[actor][1]
    place = sets.SETS[rng.integers(len(sets.SETS))]
    if kind in LIKELY and rng.random() < .5:
        place = LIKELY[kind][rng.integers(len(LIKELY[kind]))]
    light = LIGHTS[rng.integers(len(LIGHTS))]
    if place in sets.INDOORS:
        light = 'day'
    chances = actors.REPERTOIRE[kind]
    weights = np.array(list(chances.values()), float)
    action = list(chances)[rng.choice(len(weights), p=weights / weights.sum())]
    big = [-1, 0, 0, 0, 1][rng.integers(5)]
    return Scene(actor, place, light, action, bool(rng.random() < .45), big)


def _backdrop(rng, scene):
    """A painted set, new or one of the last few hundred."""
    if len(_BACKDROPS) >= _KEPT and rng.random() < .9:
        keys = [key for key in _BACKDROPS
                if key[:2] == (scene.place, scene.light)]
        if keys:
            return _BACKDROPS[keys[rng.integers(len(keys))]]
    painted = sets.paint(rng, scene.place, scene.light, SIZE)
    _BACKDROPS[(scene.place, scene.light, rng.integers(1 << 30))] = painted
    if len(_BACKDROPS) > _KEPT:
        _BACKDROPS.popitem(last=False)
    return painted


def _shadow(picture, x, y, wide, strength):
    """Darken an ellipse on the ground."""
    rx, ry = wide / 2, max(2.0, wide / 9)
    x0, x1 = max(0, int(x - rx) - 1), min(SIZE, int(x + rx) + 2)
    y0, y1 = max(0, int(y - ry) - 1), min(SIZE, int(y + ry) + 2)
    if x0 >= x1 or y0 >= y1:
        return
    rows, columns = np.mgrid[y0:y1, x0:x1]
    distance = ((columns - x) / rx) ** 2 + ((rows - y) / ry) ** 2
    dark = strength * np.clip(1.3 - 1.3 * distance, 0, 1)
    picture[y0:y1, x0:x1] *= (1 - dark[..., None])


def _place(picture, mask, frame, scale, left, top, tint):
    """Draw an RGBA sprite with its corner at a fraction of a pixel."""
    x, y = math.floor(left), math.floor(top)
    size = math.ceil(frame.width * scale) + 1
    ox, oy = (left - x) / scale, (top - y) / scale
    small = frame.transform(
        (size * 2, size * 2), Image.AFFINE,
        (.5 / scale, 0, -ox, 0, .5 / scale, -oy), Image.BILINEAR)
    small = np.asarray(small.reduce(2), np.float32)
    x0, x1 = max(0, x), min(SIZE, x + size)
    y0, y1 = max(0, y), min(SIZE, y + size)
    if x0 >= x1 or y0 >= y1:
        return
    part = small[y0 - y:y1 - y, x0 - x:x1 - x]
    alpha = part[..., 3:] / 255
    target = picture[y0:y1, x0:x1]
    target *= 1 - alpha
    target += part[..., :3] * tint * alpha
    mask[y0:y1, x0:x1] = np.maximum(mask[y0:y1, x0:x1], part[..., 3])


def play(rng, scene, frames=FRAMES, only=None):
    """Film a scene.

    only: frame numbers to draw, all of them if None.
    Returns uint8 [frames, SIZE, SIZE, 4]: colours, and the actor's alpha.
    """
    back, front, ground, tint = _backdrop(rng, scene)
    images, box = actors.sprite(scene.actor)
    _, kind, faces, height, _ = actors.CAST[scene.actor]
    height *= (1 + .2 * scene.big) * rng.uniform(.95, 1.05)
    whole = actors.SPRITE * .88
    scale = height / whole       # sprites fill their square by their design
    path = motion.path(rng, scene.action, kind, frames, SIZE, height,
                       scene.place == 'space', scene.fast)
    flip = bool(rng.random() < .5)
    if scene.action.endswith('left'):
        flip = faces == 'R'
    elif scene.action.endswith('right'):
        flip = faces == 'L'
    flip = flip and faces != 'B'
    if scene.place == 'sea' and scene.action in ('wait', 'left', 'right') \
            and kind not in ('flyer', 'floater'):
        time = np.arange(frames) / FPS
        path[:, 1] += 1.5 * np.sin(2 * math.pi * .7 * time + rng.uniform(0, 6))
    start = int(rng.integers(len(images)))
    clip = []
    for index in (range(frames) if only is None else only):
        x, up, turn = path[index]
        frame = images[(start + index) % len(images)]
        if turn:
            frame = frame.rotate(turn, Image.BILINEAR)
        middle = (box[0] + box[2]) / 2
        if flip:
            frame = frame.transpose(Image.FLIP_LEFT_RIGHT)
            middle = frame.width - middle
        picture = back.copy()
        mask = np.zeros(back.shape[:2], np.float32)
        wide = (box[2] - box[0]) * scale * max(.4, 1 - up / 130)
        if scene.place != 'sea':
            _shadow(picture, x, ground - 1, wide, .42 * max(.2, 1 - up / 100))
        _place(picture, mask, frame, scale, x - middle * scale,
               ground - up - box[3] * scale, tint)
        if front is not None:
            alpha = front[..., 3:]
            picture = picture * (1 - alpha) + front[..., :3] * alpha
            mask *= 1 - alpha[..., 0]
        picture = np.concatenate([picture, mask[..., None]], 2)
        clip.append(np.clip(picture, 0, 255).astype(np.uint8))
    return np.stack(clip)

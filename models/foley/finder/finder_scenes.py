# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures of staged scenes, with what is in them: what the finder learns.

Scenes are those of the starter's toy theatre (models/starter/stage.py, which
needs ../shared/data).  Pictures with nothing of it in them are cut out of
photographs, from Debian's opencv-doc.
"""

import glob
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'starter'))

import actors                   # noqa: E402
import script as scripts        # noqa: E402
import stage                    # noqa: E402
from finder_net import COARSE, FINE, SIZE    # noqa: E402

PHOTOGRAPHS = '/usr/share/doc/opencv-doc/examples'
MOST = 4                        # things in a picture
FRAMES = 8                      # pictures of a scene
NAMES = actors.NAMES
# Questions about the surroundings, and their answers.
AROUND = {'place': scripts.PLACES + ['other'], 'light': scripts.LIGHTS,
          'weather': scripts.WEATHERS}
# What the actors' materials are among those of models/foley/scene.h; others are
# left to models/foley/recall/natures.txt.
MATERIALS = {'rubber': 'rubber', 'leather': 'rubber', 'plastic': 'plastic',
             'wood': 'wood', 'glass': 'glass', 'ceramic': 'ceramic',
             'stone': 'stone', 'food': 'flesh', 'cloth': 'cloth',
             'fur': 'fur', 'skin': 'flesh', 'feather': 'feathers',
             'snow': 'snow'}
# Of metal, and called like things that are none.
METALS = {'saucer': 'aluminium', 'barrel': 'steel', 'plane': 'aluminium',
          'small plane': 'aluminium', 'rickshaw': 'steel',
          'delivery van': 'steel'}
HIDDEN = .7                     # of a thing's box by nearer ones: not to be told
SPECK = 24                      # square pixels in sight: as much


def material(name):
    """Of an actor, or '' where natures.txt knows better."""
    return METALS.get(name, MATERIALS.get(actors.CAST[name].material, ''))


def _depth(thing, frame):
    depth = thing['depth']
    return depth[frame] if isinstance(depth, list) else depth


def common(a, b):
    """Square pixels that two boxes have in common."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) \
        * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def things(truth, frame):
    """Rows (name's number or -1 where it is hidden, x0, y0, x1, y1)."""
    seen = sorted((_depth(thing, frame), NAMES.index(thing['class']),
                   thing['boxes'][frame]) for thing in truth['objects']
                  if thing['boxes'][frame])
    rows = []
    for place, (depth, name, box) in enumerate(seen):
        area = (box[2] - box[0]) * (box[3] - box[1])
        covered = sum(common(box, other[2]) for other in seen[:place]
                      if other[0] < depth)
        told = area >= SPECK and covered < HIDDEN * area
        rows.append([name if told else -1, *box])
    return rows[:MOST]


def answers(truth):
    return [options.index(truth[question])
            for question, options in AROUND.items()]


def draw(rng, split='train'):
    """Some frames of a scene: pictures, rows of things, answers."""
    script = stage.draw_script(rng, split)
    frames = sorted(rng.choice(stage.FRAMES, FRAMES, replace=False).tolist())
    film, _, truth = stage.film(rng, script, frames)
    return film, [things(truth, frame) for frame in frames], \
        [answers(truth)] * FRAMES


def make(path, scenes, seed, split='train'):
    """Pictures of so many scenes, in a file that a run writes once."""
    if os.path.exists(path):
        return
    pictures = np.empty((scenes * FRAMES, SIZE, SIZE, 3), np.uint8)
    rows = np.full((scenes * FRAMES, MOST, 5), -2, np.float32)
    around = np.empty((scenes * FRAMES, len(AROUND)), np.int64)
    for number in range(scenes):
        film, found, told = draw(np.random.default_rng([seed, number]), split)
        span = slice(number * FRAMES, (number + 1) * FRAMES)
        pictures[span], around[span] = film, told
        for at, things_ in enumerate(found, span.start):
            rows[at, :len(things_)] = np.reshape(things_, (-1, 5))
        if number % 500 == 499:
            print(f'{path}: {number + 1} scenes', flush=True)
    with open(path + '.part', 'wb') as file:
        np.savez(file, pictures=pictures, rows=rows, around=around)
    os.replace(path + '.part', path)


class Scenes:
    """What `make` wrote, as tensors."""

    def __init__(self, path):
        with np.load(path) as file:
            self.pictures = torch.from_numpy(file['pictures'])
            self.rows = torch.from_numpy(file['rows'])
            self.around = torch.from_numpy(file['around'])

    def __len__(self):
        return len(self.pictures)


class Photographs:
    """Pictures of the world, in which nothing is to be found."""

    def __init__(self):
        self.images = []
        for path in sorted(glob.glob(PHOTOGRAPHS + '/**/*.[jp][pn]g',
                                     recursive=True)):
            image = Image.open(path).convert('RGB')
            image.thumbnail((400, 400))
            if min(image.size) >= 64:
                self.images.append(image)
        if len(self.images) < 50:
            raise FileNotFoundError(f'{PHOTOGRAPHS}: no photographs; '
                                    'install opencv-doc')

    def draw(self, rng):
        image = self.images[rng.integers(len(self.images))]
        side = int(rng.integers(48, min(image.size) + 1))
        x, y = (int(rng.integers(length - side + 1)) for length in image.size)
        image = image.crop((x, y, x + side, y + side)).resize((SIZE, SIZE))
        if rng.random() < .5:
            image = image.transpose(Image.FLIP_LEFT_RIGHT)
        return torch.from_numpy(np.asarray(image).copy())


def to_input(pictures):
    """uint8 RGB [B, H, W, 3] to what the network takes, [B, 3, H, W]: as
    picture.c of models/foley/see has it."""
    r, g, b = pictures.int().unbind(-1)
    y = (77 * r + 150 * g + 29 * b + 128) >> 8
    half = lambda x: torch.div(x, 2, rounding_mode='trunc')
    return torch.stack([y - 128, half(b - y), half(r - y)], 1).float() / 128


def move(x, rows, rng):
    """Pictures smaller, bigger, aside, turned round; grey comes in from
    outside, as where a picture is not square."""
    count = len(x)
    scale = torch.from_numpy(np.where(
        rng.random(count) < .5, 1, rng.uniform(.6, 1.2, count))).float()
    shift = torch.from_numpy(rng.uniform(-.25, .25, (count, 2))).float() \
        * (scale[:, None] != 1)
    flip = torch.from_numpy(np.where(rng.random(count) < .5, 1, -1)).float()
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = flip / scale, 1 / scale
    theta[:, :, 2] = -shift / scale[:, None]
    theta[:, 0, 2] *= flip
    x = F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False),
                      align_corners=False)
    half = SIZE / 2
    boxes = rows[..., 1:].clone()
    for side, axis in ((0, 0), (1, 1), (2, 0), (3, 1)):
        at = boxes[..., side] - half
        if axis == 0:
            at = at * flip[:, None]
        boxes[..., side] = at * scale[:, None] + half \
            + half * shift[:, None, axis]
    left, right = boxes[..., 0].clone(), boxes[..., 2].clone()
    boxes[..., 0] = torch.minimum(left, right)
    boxes[..., 2] = torch.maximum(left, right)
    boxes.clamp_(0, SIZE)
    area = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    names = torch.where((rows[..., 0] >= 0) & (area < SPECK), -1.,
                        rows[..., 0])
    return x, torch.cat([names[..., None], boxes], -1)


def spoil(x, rng):
    """Softer, as a video model's pictures are; noisy; of other colours."""
    count = len(x)
    soft = torch.from_numpy(rng.random(count) < .35)
    if soft.any():
        size = int(rng.integers(48, 112))
        small = F.interpolate(x[soft], (size, size), mode='area')
        x[soft] = F.interpolate(small, x.shape[-2:], mode='bilinear')
    gain = torch.from_numpy(rng.uniform(.8, 1.2, (count, 3, 1, 1))).float()
    plus = torch.from_numpy(rng.uniform(-.1, .1, (count, 3, 1, 1))).float()
    plus[:, 1:] *= .3
    noise = torch.from_numpy(rng.choice([0, 0, .02, .06], (count, 1, 1, 1)))
    return (x * gain + plus + noise.float() * torch.randn_like(x)).clamp(-1, 1)


def targets(rows):
    """Of rows [B, MOST, 5]: heat [B, 32, 32], its weight (0 where nothing is
    told), boxes [B, 4, 32, 32], names [B, 32, 32] and how much a cell counts
    for these two."""
    count, cells = len(rows), SIZE // FINE
    at = (torch.arange(cells) + .5) * FINE
    heat = torch.zeros(count, cells, cells)
    weight, share = torch.ones_like(heat), torch.zeros_like(heat)
    boxes = torch.zeros(count, 4, cells, cells)
    names = torch.zeros(count, cells, cells, dtype=torch.long)
    for k in reversed(range(rows.shape[1])):         # the nearest comes last
        name, x0, y0, x1, y1 = rows[:, k, :, None, None].unbind(1)
        x, y = at[None, None, :], at[None, :, None]
        inside = (x > x0) & (x < x1) & (y > y0) & (y < y1)
        reach_x = (.12 * (x1 - x0)).clamp(min=3.)
        reach_y = (.12 * (y1 - y0)).clamp(min=3.)
        # The cell that the middle falls into is the peak.
        middle_x = ((x0 + x1) / 2 / FINE).floor().clamp(0, cells - 1) * FINE \
            + FINE / 2
        middle_y = ((y0 + y1) / 2 / FINE).floor().clamp(0, cells - 1) * FINE \
            + FINE / 2
        peak = torch.exp(-.5 * (((x - middle_x) / reach_x) ** 2
                                + ((y - middle_y) / reach_y) ** 2))
        hidden = (name == -1) & inside
        weight = torch.where(hidden, 0., weight)
        told = name >= 0
        weight = torch.where(told & (peak > .9), 1., weight)
        heat = torch.maximum(heat, torch.where(told, peak, 0.))
        mine = told & (peak > .5)
        sides = torch.stack([x - x0 + 0 * y, y - y0 + 0 * x, x1 - x + 0 * y,
                             y1 - y + 0 * x], 1) / FINE
        boxes = torch.where(mine[:, None], sides, boxes)
        names = torch.where(mine, name.long(), names)
        share = torch.where(mine, peak, share)
    return heat, weight, boxes, names, share

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The stage: plays a script in a painted set, and films it.

`film` gives the pictures, where the actors are seen in them, and the truth:
everything that a test, or a sound, may want to know.
"""

import math
import zlib
from collections import OrderedDict
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

import actors
import draw
import motion
import road
import script as scripts
import sets
import truth
import weather

SIZE = 128
FPS, FRAMES, BLOCKS = scripts.FPS, scripts.FRAMES, scripts.BLOCKS
FACTS, Script = scripts.FACTS, scripts.Script
draw_script, held_out = draw.draw_script, draw.held_out


def numbered(facts):
    """Facts as class numbers, one for each of FACTS."""
    return [values.index(facts[name]) for name, values in FACTS.items()]


# The share of an actor that is under water where it swims.
SUNK = {'boat': .17, 'swimmer': .3, 'walker': .36, 'hopper': .36,
        'vehicle': .3, 'roller': .35, 'thing': .3, 'flyer': .2,
        'floater': .1}
_BACKDROPS = OrderedDict()
_KEPT = 800
_TURN = 6                       # degrees between the turns that are kept


def backdrop(script, size):
    """The painted set of a script, painted once while it is remembered."""
    key = script.place, script.light, script.weather, script.backdrop, size
    if key in _BACKDROPS:
        _BACKDROPS.move_to_end(key)
        return _BACKDROPS[key]
    seed = zlib.crc32(repr(key[:4]).encode())
    painted = sets.paint(np.random.default_rng(seed), *key[:3], size)
    _BACKDROPS[key] = painted
    if len(_BACKDROPS) > _KEPT:
        _BACKDROPS.popitem(last=False)
    return painted


@lru_cache(maxsize=600)
def _turned(name, index, turn):
    """A frame of a sprite, turned about its middle in a square."""
    image = actors.sprite(name).images[index]
    half = math.ceil(actors.sprite(name).reach) + 1
    x, y = image.width / 2, image.height / 2
    square = image.crop((math.floor(x - half), math.floor(y - half),
                         math.floor(x - half) + 2 * half,
                         math.floor(y - half) + 2 * half))
    return square.rotate(turn * _TURN, Image.BILINEAR)


@lru_cache(maxsize=None)
def _soft(strength):
    """A soft disc, from which shadows are made; strength: of 64."""
    rows, columns = np.mgrid[-1:1:64j, -1:1:64j]
    disc = np.clip(1.3 - 1.3 * (rows ** 2 + columns ** 2), 0, 1)
    return Image.fromarray((255 / 64 * strength * disc).astype(np.uint8))


class Figure:
    """One actor as it is seen: where its sprite is in each frame."""

    def __init__(self, rng, player, poses, painted):
        self.body, self.party = player.body, player.party
        self.name, self.kind = player.party.actor, player.kind
        self.sprite = actors.sprite(self.name)
        self.scale = player.party.scale[player.member]
        self.zoom = player.party.height / (
            actors.SPRITE * actors.FILLED) * self.scale
        self.row = painted.row(self.scale)
        self.poses, self.flips = poses, actors.CAST[self.name].faces
        self.first = int(rng.integers(len(self.sprite.images)))
        self.light = road.light_of(painted.tint, painted.fog or (0, 0, 0),
                                   painted.haze(self.scale))
        self.plain = painted.fog is None and min(painted.tint) == 1

    def see(self, frame, camera, wet):
        """(left, top, waterline or None, x, foot) in a 128-pixel picture."""
        pose = self.poses[frame]
        x = SIZE / 2 + (pose.x - camera) * self.scale
        foot = self.row - pose.z * self.scale
        line = None
        if wet:
            line = self.row
            foot += SUNK[self.kind] * self.sprite.height * self.zoom
        return (x - self.sprite.width / 2 * self.zoom,
                foot - self.sprite.height * self.zoom, line, x, foot)

    def index(self, frame):
        return (self.first + frame) % len(self.sprite.images)

    def flipped(self, frame):
        return self.flips != 'B' and (self.flips == 'R') \
            == self.poses[frame].left

    def box(self, frame, camera, wet):
        """Its box in the picture, cut to it; None where it is outside."""
        if self.poses[frame] is None:
            return None
        left, top, line, x, foot = self.see(frame, camera, wet)
        sprite, zoom = self.sprite, self.zoom
        if self.body.rolls:
            y, reach = foot - sprite.height / 2 * zoom, \
                (sprite.reach + 1) * zoom
            box = x - reach, y - reach, x + reach, y + reach
        else:
            x0, y0, x1, y1 = sprite.boxes[self.index(frame)]
            if self.flipped(frame):
                x0, x1 = sprite.width - x1, sprite.width - x0
            box = (left + x0 * zoom, top + y0 * zoom,
                   left + x1 * zoom, top + y1 * zoom)
        low = SIZE if line is None else min(SIZE, line + 1)
        box = (max(0.0, box[0]), max(0.0, box[1]),
               min(SIZE, box[2]), min(low, box[3]))
        return list(box) if box[2] > box[0] and box[3] > box[1] else None

    def shadow(self, picture, frame, camera, unit):
        """Darken the ground below."""
        pose = self.poses[frame]
        wide = self.sprite.width * self.zoom * max(.4, 1 - pose.z / 130)
        strength = .42 * max(.2, 1 - pose.z / 100)
        high = max(4.0, wide / 4.5)
        x = (SIZE / 2 + (pose.x - camera) * self.scale) * unit
        y = (self.row - 1) * unit
        size = max(1, round(wide * unit)), max(1, round(high * unit))
        mask = _soft(round(64 * strength)).resize(size, Image.BILINEAR)
        picture.paste((0, 0, 0), (round(x - size[0] / 2),
                                  round(y - size[1] / 2)), mask)

    def draw(self, picture, mask, frame, camera, wet, unit):
        """Draw the actor over what is behind it."""
        left, top, line, x, foot = self.see(frame, camera, wet)
        zoom, index = self.zoom, self.index(frame)
        if self.body.rolls:
            turn = round(self.poses[frame].turn / _TURN) % (360 // _TURN)
            image = _turned(self.name, index, turn)
            left = x - image.width / 2 * zoom
            top = foot - (self.sprite.height + image.height) / 2 * zoom
        else:
            image = self.sprite.images[index]
        if self.flipped(frame):
            image = image.transpose(Image.FLIP_LEFT_RIGHT)
        part, x0, y0 = road.sprite_at(image, zoom * unit, left * unit,
                                      top * unit, picture.width)
        if part is None:
            return
        if line is not None:
            cut = round(line * unit) - y0
            if cut <= 0:
                return
            part = part.crop((0, 0, part.width, min(cut, part.height)))
        if not self.plain:
            part = road.lit(part, *self.light)
        alpha = part.getchannel('A')
        picture.paste(part, (x0, y0), alpha)
        mask.paste(255, (x0, y0), alpha)
        if line is not None and foot > line:
            self._foam(picture, x, line, unit)

    def _foam(self, picture, x, line, unit):
        """A bright line where the water meets the actor."""
        half = self.sprite.width * self.zoom * .42
        ImageDraw.Draw(picture).ellipse(
            [(x - half) * unit, (line - .8) * unit,
             (x + half) * unit, (line + .6) * unit],
            tuple(int(v * factor + offset) >> 8 for v, factor, offset in
                  zip((150, 204, 238), *map(np.ndarray.tolist, self.light))))


def _drops(picture, contacts, seconds, place, unit):
    """Drops that fly up where something fell into the water."""
    pen = ImageDraw.Draw(picture)
    for contact in contacts:
        age = seconds - contact['time']
        if contact['kind'] != 'splash' or not 0 <= age < .45:
            continue
        x, y = place(contact)
        power = min(1.0, contact['speed'] / 150)
        for drop in range(-3, 4):
            px = (x + drop * (4 + 16 * age)) * unit
            py = (y - power * ((110 - 14 * abs(drop)) * age
                               - 240 * age ** 2)) * unit
            pen.ellipse([px - 1.2 * unit, py - 1.2 * unit,
                         px + 1.2 * unit, py + 1.2 * unit], (206, 232, 248))


def _scene(rng, script, frames, size):
    """Film a script on a set."""
    poses, world, players = motion.play(rng, script)
    painted, path = backdrop(script, size), motion.cameras(script)
    figures = [Figure(rng, player, track, painted)
               for player, track in zip(players, poses)]
    fall = weather.Fall(rng, script.weather, script.light, size)
    behind = sorted(figures, key=lambda figure: figure.scale)
    unit, still = size / SIZE, {}

    def place(contact):
        return truth.place(contact, painted, path)

    pictures, masks = [], []
    for frame in frames:
        camera = path[frame]
        if camera not in still:
            still.clear()
            still[camera] = painted.picture(camera)
        picture, mask = still[camera].copy(), Image.new('L', (size, size))
        seen = [figure for figure in behind
                if figure.poses[frame] is not None]
        for figure in seen:
            if not world.wet:
                figure.shadow(picture, frame, camera, unit)
            figure.draw(picture, mask, frame, camera, world.wet, unit)
        if world.wet:
            _drops(picture, world.contacts, frame / FPS, place, unit)
        fall.draw(picture, frame / FPS, camera)
        pictures.append(np.asarray(picture))
        masks.append(np.asarray(mask))
    record = truth.scene(script, figures, world, painted, path)
    return np.stack(pictures), np.stack(masks), record


def _drive(rng, script, frames, size):
    """Film a drive."""
    film = road.Film(rng, script, size)
    pairs = [film.picture(frame) for frame in frames]
    return (np.stack([np.asarray(picture) for picture, _ in pairs]),
            np.stack([np.asarray(mask) for _, mask in pairs]),
            truth.drive(script, film))


def film(rng, script, frames=None, size=SIZE):
    """Film a script.

    frames: numbers of the frames to draw, all of them if None.
    Returns (uint8 [n, size, size, 3], uint8 [n, size, size]: where actors
    are seen, the truth: a dict that JSON can hold; its lengths are pixels
    of a 128-pixel picture).
    """
    frames = range(FRAMES) if frames is None else frames
    make = _drive if script.place == 'road' else _scene
    return make(rng, script, frames, size)

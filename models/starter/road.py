# SPDX-License-Identifier: LGPL-2.1-or-later
"""The road, seen from a driving car.

The car keeps to its lane; its curvature is the road's.  Here lengths are
metres.  A point at (u, z), to the right and ahead, is seen F * u / z to the
right of the picture's middle.
"""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

import sets
import weather
from canvas import Canvas, SIZE, mix, vary
from script import FPS, FRAMES, Event, Party, Script

F, EYE, HORIZON = 100.0, 2.1, 58    # focal length, height, row
LANE, SIGHT = 3.4, 75.0
ROUND = 512                     # pixels of the panorama, which repeats
CUTS = [[7], [3, 4], [4, 3], [2, 5], [5, 2], [2, 2, 3], [2, 3, 2], [3, 2, 2],
        [2, 2, 3]]
# grass, its other tone, hills, what stands beside
STYLES = [((118, 186, 78), (102, 170, 68), (112, 170, 110), 'leafy'),
          ((88, 140, 66), (78, 126, 60), (70, 116, 84), 'fir'),
          ((232, 186, 116), (222, 172, 100), (222, 166, 104), 'cactus'),
          ((240, 245, 252), (226, 235, 246), (196, 212, 232), 'fir'),
          ((126, 168, 92), (112, 154, 82), (134, 150, 160), 'leafy')]
CARS = [(214, 62, 52), (52, 112, 200), (238, 240, 242), (244, 190, 60)]
ACCELERATION, BRAKE = 7.0, 11.0


# --- the script ---

def _pick(rng, choices):
    return choices[int(rng.random() * len(choices))]


def draw(rng):
    """A drive at random."""
    light = _pick(rng, ['day'] * 4 + ['sunset', 'night'])
    kind = _pick(rng, ['clear'] * 5 + ['rain', 'snow', 'fog'])
    speed = rng.uniform(9, 16)
    road = {'style': int(rng.integers(len(STYLES))),
            'seed': int(rng.integers(16)), 'speed': round(speed, 2),
            'other': 'none', 'distance': 0.0,
            'colour': int(rng.integers(len(CARS)))}
    events, start, before = [], 0, None
    for blocks in _pick(rng, CUTS):
        event = Event(start, start + blocks, -1, 'straight', camera='drive')
        speed = _drive(rng, event, speed, before)
        events.append(event)
        start, before = start + blocks, event.action
    parties = _traffic(rng, road, events)
    return Script('road', light, kind, road['seed'], 0.0, parties, events,
                  road)


def _drive(rng, event, speed, before):
    """Choose what an event does; returns the speed after it."""
    if speed == 0:
        event.action = _pick(rng, ['faster', 'straight'])
        event.speed = round(rng.uniform(9, 14), 2)
        return event.speed
    choices = ['straight'] * (1 if before == 'straight' else 3)
    choices += ['turn'] * 5 + ['brake'] * 3
    choices += ['faster'] * (2 if speed < 14 else 0)
    choices += ['slower'] * (2 if speed > 10 else 0)
    event.action = _pick(rng, choices)
    if event.action == 'turn':
        event.direction = _pick(rng, ['left', 'right'])
    share = {'faster': rng.uniform(1.6, 2.1), 'slower': rng.uniform(.4, .6),
             'brake': 0.0}.get(event.action, 1.0)
    event.speed = round(speed * share, 2)
    return event.speed


def _traffic(rng, road, events):
    """Perhaps another car, ahead or oncoming."""
    first = events[0]
    other = _pick(rng, ['none', 'none', 'ahead', 'oncoming'])
    if other == 'oncoming' and first.end > 4:
        other = 'ahead'
    if other == 'none':
        return []
    road['other'] = other
    road['distance'] = round(rng.uniform(10, 17), 2) if other == 'ahead' \
        else round(min(70.0, (road['speed'] + 10) * first.seconds * .9), 2)
    for event in events:
        gone = other == 'oncoming' and event is not first
        event.others = ['off' if gone else 'wait']
    return [Party('car', 1, 0, 75.0, [1.0], [0.0], 0.0, True, 'L')]


# --- how the car goes ---

class Drive:
    """The car's way: speed, distance, heading, curvature in every frame."""

    def __init__(self, rng, script):
        self.script, road = script, script.road
        bend = rng.uniform(.34, .5)
        speed, turning, lean = road['speed'], 0.0, 0.0
        distance = heading = 0.0
        gap = road['distance']
        self.speeds, self.distances, self.headings = [], [], []
        self.bends, self.leans, self.gaps = [], [], []
        for frame in range(FRAMES):
            event = script.events[script.event_at(frame)]
            bent = turning / max(speed, 3.0)
            for row, value in ((self.speeds, speed),
                               (self.distances, distance),
                               (self.headings, heading), (self.bends, bent),
                               (self.leans, lean), (self.gaps, gap)):
                row.append(value)
            want = {'left': -1, 'right': 1}.get(event.direction, 0) * bend \
                * min(1.0, speed / 8)
            turning += _limit(want - turning, 1.1 / FPS)
            lean += _limit(.7 * np.sign(want) - lean, .5 / FPS)
            change = event.speed - speed
            speed += _limit(change, (ACCELERATION if change > 0 else BRAKE)
                            / FPS)
            distance += speed / FPS
            heading += turning / FPS
            if road['other'] == 'ahead':
                gap += (.5 * (road['speed'] - speed)) / FPS
                gap = min(30.0, max(7.0, gap))
            else:
                gap -= (speed + 10) / FPS


def _limit(value, most):
    return min(most, max(-most, value))


# --- what is painted once ---

@lru_cache(maxsize=160)
def _panorama(style, seed, light, kind, size):
    """Sky and hills all around, as an array that repeats sideways."""
    rng = np.random.default_rng([style, seed, 7])
    half = (ROUND - SIZE) // 2
    canvas = Canvas(size, half, 0, HORIZON + 2)
    above, below = weather.sky(sets.SKIES[light], light, kind)
    canvas.gradient(0, HORIZON + 2, above, below)
    if kind == 'clear':
        for _ in range(9 if light == 'day' else 0):
            sets.cloud(canvas, rng, rng.uniform(canvas.left + 20,
                                                canvas.right - 20),
                       rng.uniform(8, 36), (250, 252, 255))
        x = rng.uniform(canvas.left + 60, canvas.right - 60)
        if light == 'sunset':
            canvas.ellipse(x, HORIZON - 6, 10, 10, (255, 222, 120))
        if light == 'night':
            for _ in range(50):
                canvas.ellipse(rng.uniform(canvas.left, canvas.right),
                               rng.uniform(0, 44), .7, .7, (220, 220, 240))
    _hills(canvas, rng, STYLES[style][2], light, kind)
    return np.asarray(canvas.done())


def _hills(canvas, rng, colour, light, kind):
    """Two ridges that meet themselves at the ends, and a few tops."""
    tint = weather.tint(sets.TINTS[light], kind)
    xs = np.linspace(canvas.left, canvas.right, 257)
    for high, share in ((17, .72), (9, 1.0)):
        ys = sum(np.sin(2 * math.pi * wave * (xs - canvas.left) / ROUND
                        + rng.uniform(0, 6.3)) / wave for wave in (3, 5, 8))
        ys = HORIZON + 1 - high * (ys - ys.min()) / np.ptp(ys)
        tone = mix((130, 150, 190), colour, share)
        tone = tuple(int(c * t) for c, t in zip(tone, tint))
        if kind == 'fog':
            tone = mix(tone, weather.FOG[light], .75)
        canvas.shape(list(zip(xs, ys)) + [(canvas.right, HORIZON + 2),
                                          (canvas.left, HORIZON + 2)], tone)


def _halves(image):
    """An image, its half, its quarter and so on, for distant things."""
    images = [image]
    while images[-1].width > 8:
        images.append(images[-1].reduce(2))
    return images


@lru_cache(maxsize=None)
def _stand(kind, variant, light, sky_weather):
    """Something beside the road, 96 pixels high and wide, foot below."""
    rng = np.random.default_rng(variant)
    canvas = Canvas(128, clear=True)
    if kind == 'fir':
        sets.tree(canvas, rng, 64, 127, 124, (44, 112, 64))
    elif kind == 'cactus':
        sets.cactus(canvas, 64, 127, 90, 2.6)
    elif kind == 'leafy':
        canvas.box(58, 70, 70, 127, (110, 78, 50))
        green = vary(rng, (74, 150, 70), 12)
        for x, y, r in ((64, 36, 32), (42, 54, 24), (86, 54, 24)):
            canvas.ellipse(x, y, r, r * .9, green)
    else:
        wall = vary(rng, [(226, 200, 160), (196, 120, 96), (214, 220, 226)]
                    [variant % 3])
        canvas.box(14, 66, 114, 127, wall)
        canvas.shape([(4, 68), (64, 22), (124, 68)], (150, 74, 60))
        canvas.box(54, 92, 74, 127, (96, 70, 54))
        for x in (24, 84):
            canvas.lamp(x, 80, x + 20, 98, (255, 226, 130)
                        if light == 'night' else (190, 220, 238))
    canvas.lit(weather.tint(sets.TINTS[light], sky_weather))
    return _halves(canvas.done().convert('RGBa'))


@lru_cache(maxsize=None)
def _car(colour, back, light, sky_weather):
    """Another car from behind or from the front, 128 pixels wide."""
    canvas = Canvas(128, clear=True)
    paint = CARS[colour]
    canvas.box(16, 104, 36, 127, (36, 36, 42))
    canvas.box(92, 104, 112, 127, (36, 36, 42))
    canvas.shape([(26, 66), (38, 34), (90, 34), (102, 66)], paint)
    canvas.shape([(34, 64), (42, 40), (86, 40), (94, 64)], (120, 170, 200))
    canvas.box(10, 64, 118, 114, paint)
    canvas.box(44, 92, 84, 102, (240, 240, 236))
    canvas.box(10, 108, 118, 116, (70, 72, 80))
    for x in (14, 96):
        if back:
            canvas.lamp(x, 74, x + 18, 86, (220, 40, 40))
        else:
            canvas.lamp(x, 74, x + 18, 88, (255, 244, 190))
    canvas.lit(weather.tint(sets.TINTS[light], sky_weather))
    return _halves(canvas.done().convert('RGBa'))


@lru_cache(maxsize=64)
def _beside(style, seed):
    """What stands beside the road: (place along it, u, kind, variant)."""
    rng = np.random.default_rng([style, seed, 3])
    things, along = [], 4.0
    while along < 320:
        side = 1 if rng.random() < .5 else -1
        house = STYLES[style][3] == 'leafy' and rng.random() < .16
        kind = 'house' if house else STYLES[style][3]
        away = rng.uniform(13, 17) if house else rng.uniform(7, 13)
        things.append((along, side * away, kind, int(rng.integers(6))))
        along += rng.uniform(3, 7)
    return things


# --- the film ---

class Film:
    """Draws the frames of a drive."""

    def __init__(self, rng, script, size):
        self.script, self.size, self.unit = script, size, size / SIZE
        self.drive = Drive(rng, script)
        road = script.road
        self.light, self.kind = script.light, script.weather
        self.panorama = _panorama(road['style'], road['seed'], self.light,
                                  self.kind, size)
        self.turned = rng.uniform(0, ROUND)
        self.fall = weather.Fall(rng, self.kind, self.light, size)
        tint = weather.tint(sets.TINTS[self.light], self.kind)
        self.tones = [tuple(c * t for c, t in zip(tone, tint)) for tone in
                      STYLES[road['style']][:2]
                      + ((92, 94, 102), (232, 232, 226))]
        rows = np.arange(math.ceil(self.unit * HORIZON), size)
        self.top = int(rows[0])
        self.scale = ((rows + .5) / self.unit - HORIZON)[:, None] / EYE
        self.away = F / self.scale
        self.across = (np.arange(size)[None] + .5) / self.unit - SIZE / 2
        self.fog = None
        if self.kind == 'fog':
            self.fog = np.array(weather.FOG[self.light], np.float32)

    def haze(self, away):
        """How much fog lies before a distance."""
        return .9 * (1 - np.exp(-away / 28)) if self.kind == 'fog' else 0.0

    def picture(self, frame):
        """One frame: (image, mask of the other car, its box or None)."""
        size, drive = self.size, self.drive
        out = np.empty((size, size, 3), np.uint8)
        start = (self.turned + drive.headings[frame] * F) * self.unit
        first = math.floor(start)
        columns = (first + np.arange(size + 1)) % self.panorama.shape[1]
        part = self.panorama[:self.top, columns].astype(np.uint16)
        share = np.uint16((start - first) * 256)
        out[:self.top] = (part[:, :-1] * np.uint16(256 - share)
                          + part[:, 1:] * share) >> 8
        out[self.top:] = self._ground(frame)
        image, mask = Image.fromarray(out), Image.new('L', (size, size))
        self._things(image, mask, frame)
        self.fall.draw(image, frame / FPS)
        return image, mask

    def middle(self, frame, away):
        """Where the road's middle is, to the right of the car's axis."""
        drive = self.drive
        return drive.bends[frame] * away ** 2 / 2 - LANE / 2 \
            - drive.leans[frame]

    def _ground(self, frame):
        """The rows below the horizon."""
        scale, away = self.scale, self.away
        u = self.across / scale - self.middle(frame, away)
        along = self.drive.distances[frame] + away
        clear = np.clip(3.0 / (away * EYE / F * away / EYE + .4), 0, 1)
        band = clear * (np.abs((along % 8) - 4) - 2).clip(-.5, .5)
        grass, other, asphalt, white = (np.array(tone, np.float32)
                                        for tone in self.tones)
        ground = grass + (other - grass) * (.5 + band)[..., None]
        side = np.abs(u)
        cover = ((LANE + .3 - side) * scale + .5).clip(0, 1)[..., None]
        grey = asphalt * (1 + .05 * band)[..., None]
        ground = ground + (grey - ground) * cover
        dash = .5 + clear * ((np.abs((along % 6) - 3) - 1.5) * 4).clip(
            -.5, .5)
        line = (((.12 - side) * scale + .5).clip(0, 1)
                * np.minimum(1, .24 * scale) * dash)
        edge = ((.1 - np.abs(side - LANE + .1)) * scale + .5).clip(0, 1) \
            * np.minimum(1, .2 * scale)
        line = np.maximum(line, edge)[..., None]
        ground = ground + (white - ground) * line
        if self.fog is not None:
            thick = self.haze(away)[..., None]
            ground = ground + (self.fog - ground) * thick
        return ground.astype(np.uint8)

    def _things(self, image, mask, frame):
        """What stands beside the road and the other car, far ones first."""
        road, driven = self.script.road, self.drive.distances[frame]
        shown = []
        for along, u, kind, variant in _beside(road['style'], road['seed']):
            away = along - driven
            if 3.0 < away < SIGHT:
                shown.append((away, u, kind, variant))
        for along in range(int(driven / 10) * 10, int(driven + 50), 10):
            if along - driven > 2.5:
                shown += [(along - driven, side * 4.6, 'post', 0)
                          for side in (-1, 1)]
        gap = self.drive.gaps[frame]
        if road['other'] != 'none' and 2.5 < gap < SIGHT + 10:
            lane = LANE / 2 if road['other'] == 'ahead' else -LANE / 2
            shown.append((gap, lane, 'car', 0))
        shown.sort(reverse=True)
        draw = ImageDraw.Draw(image)
        for away, u, kind, variant in shown:
            x = SIZE / 2 + F / away * (u + self.middle(frame, away))
            foot = HORIZON + EYE * F / away
            if kind == 'post':
                self._post(draw, x, foot, away)
            else:
                self._stand(image, mask, x, foot, away, kind, variant)

    def _post(self, draw, x, foot, away):
        wide, high = .07 * F / away * self.unit, 1.0 * F / away * self.unit
        x, foot = x * self.unit, foot * self.unit
        white = self.tones[3]
        if self.fog is not None:
            white = mix(white, self.fog, float(self.haze(away)))
        draw.rectangle([x - wide, foot - high, x + wide, foot],
                       tuple(int(c) for c in white))
        if wide > .6:
            draw.rectangle([x - wide, foot - high * .85, x + wide,
                            foot - high * .6], (60, 62, 70))

    def box(self, frame):
        """The other car's box in a frame, or None."""
        away, road = self.drive.gaps[frame], self.script.road
        if road['other'] == 'none' or not 2.5 < away < SIGHT + 10:
            return None
        lane = LANE / 2 if road['other'] == 'ahead' else -LANE / 2
        x = SIZE / 2 + F / away * (lane + self.middle(frame, away))
        foot, wide = HORIZON + EYE * F / away, 1.9 * F / away
        box = (x - wide * .44, foot - wide * .75, x + wide * .44, foot)
        box = [min(SIZE, max(0.0, edge)) for edge in box]
        return box if box[2] > box[0] and box[3] > box[1] else None

    def _stand(self, image, mask, x, foot, away, kind, variant):
        """Draw one thing by its distance."""
        metres = {'car': 1.9, 'house': 7.0, 'cactus': 3.2}.get(
            kind, 5.0 + variant * .5)
        wide = metres * F / away * self.unit
        left, top = x * self.unit - wide / 2, foot * self.unit - wide
        if left > self.size or left + wide < 0 or wide < 1.5:
            return
        if kind == 'car':
            part = _car(self.script.road['colour'],
                        self.script.road['other'] == 'ahead', self.light,
                        self.kind)
        else:
            part = _stand(kind, variant, self.light, self.kind)
        level = min(len(part) - 1, max(0, int(math.log2(SIZE / wide))))
        part, x, y = sprite_at(part[level], wide / (SIZE >> level), left,
                               top, self.size)
        if part is None:
            return
        if self.fog is not None:
            part = lit(part, *light_of(
                (1, 1, 1), weather.FOG[self.light], float(self.haze(away))))
        alpha = part.getchannel('A')
        image.paste(part, (x, y), alpha)
        mask.paste(255 if kind == 'car' else 0, (x, y), alpha)


def light_of(tint, fog, thick):
    """What light, then fog, do to RGBA: (factors, offsets), by 256."""
    factors = [round(256 * min(1, share) * (1 - thick)) for share in tint]
    offsets = [round(256 * grey * thick) for grey in fog]
    return (np.array(factors + [256], np.uint16),
            np.array(offsets + [0], np.uint16))


def lit(image, factors, offsets):
    """An RGBA image in that light."""
    pixels = np.asarray(image) * factors + offsets
    return Image.fromarray((pixels >> 8).astype(np.uint8))


def sprite_at(image, scale, left, top, size):
    """A part of an RGBa image, scaled, at a fraction of a pixel.

    Returns (RGBA image, x, y), cut to a picture of a size; None outside.
    """
    right, bottom = left + image.width * scale, top + image.height * scale
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(size, math.ceil(right)), min(size, math.ceil(bottom))
    if x1 <= x0 or y1 <= y0:
        return None, 0, 0
    box = [(x0 - left) / scale, (y0 - top) / scale,
           (x1 - left) / scale, (y1 - top) / scale]
    pad = math.ceil(1 / scale) + 1
    image = image.crop((-pad, -pad, image.width + pad, image.height + pad))
    box = [min(most, max(0.0, edge + pad)) for edge, most in zip(
        box, image.size * 2)]
    return image.resize((x1 - x0, y1 - y0), Image.BILINEAR,
                        box).convert('RGBA'), x0, y0

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The painted sets: twelve places, by day, at sunset and at night.

A set has three layers: the sky, which stays where the camera looks; what
stands far away, which moves slowly; and the ground, each row of which moves
by its depth.  They are wider than the picture, for the camera to pan.
"""

import math

import numpy as np
from PIL import Image

import weather
from canvas import Canvas, SIZE, mix, vary

PAN = 46                        # pixels to either side that a camera may go
BELOW = 16                      # rows by which far things may stand lower

SKIES = {'day': ((86, 160, 232), (196, 228, 246)),
         'sunset': ((120, 84, 150), (252, 168, 92)),
         'night': ((10, 14, 44), (42, 52, 98))}
TINTS = {'day': (1, 1, 1), 'sunset': (1.0, .80, .68), 'night': (.44, .48, .70)}
INDOOR_TINTS = {'day': (1, 1, 1), 'sunset': (1.0, .90, .82),
                'night': (.62, .64, .80)}


def _spread(rng, canvas, count, loose=1.0):
    """Places along a canvas; count of them in a picture's width.

    loose: how far they are from even steps, 1 at most.
    """
    wide = canvas.right - canvas.left
    number = int(count * wide / SIZE + .5)
    for index in range(number):
        yield canvas.left + (index + rng.uniform(0, loose)) * wide / number


class Set:
    """A set being painted.

    horizon: the row where the ground would end.  joint: the row where it
    does, behind which the far layer stands.  ground: the row of depth 1.
    """

    def __init__(self, rng, size, light, sky_weather):
        self.rng, self.size = rng, size
        self.light, self.weather = light, sky_weather
        self.sky = Canvas(size)

    def open(self, joint, ground, horizon):
        """Take the measures, and give the canvases of far and ground."""
        self.joint, self.ground = round(joint), ground
        self.horizon = horizon
        self.near = self.scale(self.joint)
        self.far = Canvas(self.size, math.ceil(PAN * self.near) + 2, 0,
                          self.joint + BELOW, clear=True)
        self.far.bottom = self.joint
        self.floor = Canvas(self.size,
                            math.ceil(PAN * self.scale(SIZE)) + 2,
                            self.joint, SIZE)
        return self.far, self.floor

    def scale(self, row):
        """How large things are that stand at a row."""
        return max(0.0, (row - self.horizon) / (self.ground - self.horizon))

    def heaven(self, bottom, clouds=0):
        """The sky with sun or moon, or the weather's."""
        rng, sky, light = self.rng, self.sky, self.light
        above, below = (vary(rng, tone) for tone in
                        weather.sky(SKIES[light], light, self.weather))
        sky.gradient(0, bottom, above, below)
        if bottom < SIZE:
            sky.box(0, bottom, SIZE, SIZE, below)
        if self.weather != 'clear':
            return
        x = rng.uniform(.12, .88) * SIZE
        if light == 'day':
            sky.ellipse(x, rng.uniform(14, 24), 8, 8, (255, 240, 160))
            for _ in range(clouds):
                cloud(sky, rng, rng.uniform(5, SIZE - 5),
                       rng.uniform(10, 34), (250, 252, 255))
        elif light == 'sunset':
            sky.ellipse(x, bottom - rng.uniform(2, 14), 11, 11,
                        (255, 222, 120))
        else:
            sky.ellipse(x, rng.uniform(14, 24), 7, 7, (238, 238, 220))
            for _ in range(16):
                sky.ellipse(rng.uniform(0, SIZE),
                            rng.uniform(0, bottom * .8), .7, .7,
                            (220, 220, 240))


def cloud(canvas, rng, x, y, colour, size=1.0):
    for _ in range(4):
        canvas.ellipse(x + rng.uniform(-10, 10) * size,
                       y + rng.uniform(-2, 2) * size,
                       rng.uniform(6, 10) * size, rng.uniform(3, 5) * size,
                       colour)


def _dots(canvas, rng, joint, count, colours, flat=1.0):
    """Small things on the ground, larger towards the front."""
    for x in _spread(rng, canvas, count):
        y = joint + 4 + (SIZE - joint - 6) * rng.random() ** .8
        size = .7 + (y - joint) / 38
        canvas.ellipse(x, y, size, size * flat,
                       colours[int(rng.integers(len(colours)))])


def _beach(rng, place):
    joint = rng.uniform(76, 84)
    horizon = joint - rng.uniform(24, 30)
    far, floor = place.open(joint, rng.uniform(102, 113), horizon)
    place.heaven(horizon, 2)
    joint = place.joint
    far.gradient(horizon, joint, (36, 128, 190), (70, 190, 214))
    for x in _spread(rng, far, 5):
        far.ellipse(x, rng.uniform(horizon + 4, joint - 6),
                    rng.uniform(3, 8), .6, (120, 200, 226))
    floor.gradient(joint, SIZE, (236, 208, 148), (244, 220, 160))
    xs = np.linspace(far.left, far.right, 49)
    wave = joint - 2 + 2 * np.sin(xs / 20 + rng.uniform(0, 6))
    foot = [(far.right, joint + 7), (far.left, joint + 7)]
    for down, colour in ((-4, (236, 250, 250)), (1, (214, 186, 128)),
                         (5, (237, 209, 149))):
        far.shape(list(zip(xs, wave + down)) + foot, colour)
    _dots(floor, rng, joint, 14, [(222, 190, 130), (250, 236, 200),
                                  (226, 170, 150)], .6)


def _street(rng, place):
    joint = rng.uniform(84, 90)
    ground = rng.uniform(104, 112)
    far, floor = place.open(joint, ground, 2 * joint - ground)
    joint = place.joint
    place.heaven(joint, 1)
    x = far.left - rng.uniform(0, 14)
    while x < far.right:
        width = rng.uniform(20, 32)
        _house(far, rng, place.light, x, rng.uniform(14, 46), width, joint)
        x += width
    floor.box(floor.left, joint, floor.right, joint + 8, (182, 180, 176))
    floor.box(floor.left, joint + 8, floor.right, SIZE, (84, 86, 94))
    for x in range(int(floor.left) + int(rng.integers(0, 24)),
                   int(floor.right), 34):
        floor.box(x, 118, x + 18, 120.5, (232, 226, 190))


def _house(far, rng, light, x, top, width, foot):
    """A house of a street, with rows of windows."""
    colour = vary(rng, [(176, 96, 80), (150, 150, 165), (196, 168, 124),
                        (112, 128, 150)][rng.integers(4)])
    far.box(x, top, x + width - 1, foot, colour)
    step = (width - 4) / 3
    for row in range(int((foot - top - 8) // 11)):
        for column in range(3):
            left, up = x + 4 + column * step, top + 5 + row * 11
            box = left, up, left + step - 4, up + 6
            if light == 'night' and rng.random() < .6:
                far.lamp(*box, (255, 226, 130))
            else:
                far.box(*box, (64, 66, 88) if light == 'night'
                        else (204, 228, 242))


def _alley(rng, place):
    joint = rng.uniform(84, 90)
    ground = rng.uniform(104, 112)
    far, floor = place.open(joint, ground, 2 * joint - ground)
    joint = place.joint
    place.heaven(joint)
    wall = vary(rng, [(142, 82, 64), (122, 92, 78), (134, 70, 70)]
                [rng.integers(3)])
    top = rng.uniform(4, 12)
    far.box(far.left, top, far.right, joint, wall)
    seam = tuple(c - 22 for c in wall)
    for row, y in enumerate(np.arange(top, joint, 5.5)):
        far.box(far.left, y, far.right, y + .7, seam)
        for x in np.arange(far.left + (row % 2) * 6, far.right, 12):
            far.box(x, y, x + .7, y + 5.5, seam)
    for x in _spread(rng, far, 2):
        _alley_thing(far, rng, place.light, x, joint)
    for x in _spread(rng, far, 1.2):
        far.box(x, top, x + 2.5, joint, (92, 94, 100))
    floor.gradient(joint, SIZE, (86, 82, 80), (112, 106, 102))
    for row, y in enumerate(joint + np.array([0, 5, 11, 18, 26, 35])):
        floor.box(floor.left, y, floor.right, y + .8, (72, 68, 68))
        for x in np.arange(floor.left + row * 5, floor.right, 13 + row * 2):
            floor.box(x, y, x + .9, y + 5 + row, (72, 68, 68))
    for x in _spread(rng, floor, .7):
        floor.ellipse(x, rng.uniform(joint + 14, 122), 10, 2.5,
                      (124, 138, 156))


def _alley_thing(far, rng, light, x, joint):
    """A door, a window or a dustbin."""
    kind = int(rng.integers(3))
    if kind == 0:
        far.box(x, joint - 36, x + 17, joint, (70, 60, 56))
        far.box(x + 2, joint - 34, x + 15, joint,
                vary(rng, (62, 92, 84), 20))
    elif kind == 1:
        box = x, joint - 58, x + 15, joint - 42
        far.box(x - 2, joint - 60, x + 17, joint - 40, (88, 76, 70))
        if light == 'night':
            far.lamp(*box, (250, 214, 120))
        else:
            far.box(*box, (150, 176, 190))
    else:
        far.box(x, joint - 18, x + 13, joint + 3, (104, 116, 112))
        far.box(x - 1, joint - 20, x + 14, joint - 17, (78, 88, 86))


def _meadow(rng, place):
    joint = rng.uniform(74, 84)
    ground = rng.uniform(102, 114)
    far, floor = place.open(joint, ground, joint - 18)
    joint = place.joint
    place.heaven(joint, 3)
    far.ridge(rng, joint - 6, 16, vary(rng, (112, 176, 104)), 2)
    far.ridge(rng, joint, 8, vary(rng, (122, 196, 84)), 2)
    floor.gradient(joint, SIZE, (118, 194, 76), (82, 158, 56))
    _dots(floor, rng, joint, 26, [(250, 240, 110), (250, 250, 250),
                                  (240, 120, 150)])


def tree(canvas, rng, x, foot, high, colour):
    canvas.box(x - high / 18, foot - high / 3, x + high / 18, foot,
               (104, 72, 46))
    for tier in range(3):
        top = foot - high + tier * high * .22
        half = high * (.16 + .07 * tier)
        canvas.shape([(x, top), (x - half, top + high * .36),
                      (x + half, top + high * .36)],
                     vary(rng, colour, 5))


def _forest(rng, place):
    joint = rng.uniform(84, 88)
    ground = rng.uniform(104, 114)
    far, floor = place.open(joint, ground, joint - 22)
    joint = place.joint
    place.heaven(90)
    far.ridge(rng, joint - 14, 18, (66, 112, 84), 3)
    for x in _spread(rng, far, 8):
        tree(far, rng, x, joint + rng.uniform(-1, 2), rng.uniform(48, 66),
              (48, 104, 66))
    for x in _spread(rng, far, 2):
        tree(far, rng, x, joint + rng.uniform(6, 11), rng.uniform(76, 92),
              (36, 126, 62))
    floor.gradient(joint, SIZE, (74, 112, 56), (92, 84, 50))
    _dots(floor, rng, joint, 14, [(66, 92, 44), (120, 96, 52),
                                  (104, 130, 60)], .6)


def _snow(rng, place):
    joint = rng.uniform(82, 88)
    ground = rng.uniform(102, 114)
    far, floor = place.open(joint, ground, joint - 20)
    joint = place.joint
    place.heaven(joint)
    for x in _spread(rng, far, 2):
        high = rng.uniform(36, 56)
        far.shape([(x, joint - high), (x - high, joint), (x + high, joint)],
                  (128, 146, 178))
        far.shape([(x, joint - high), (x - high * .4, joint - high * .6),
                   (x, joint - high * .68),
                   (x + high * .4, joint - high * .6)], (246, 250, 255))
    far.ridge(rng, joint, 10, (222, 234, 246), 2)
    for x in _spread(rng, far, 2):
        tree(far, rng, x, joint + rng.uniform(1, 6), rng.uniform(32, 42),
              (154, 192, 192))
    floor.gradient(joint, SIZE, (232, 240, 250), (250, 252, 255))
    _dots(floor, rng, joint, 12, [(216, 228, 244), (224, 234, 248)], .5)


def _sea(rng, place):
    joint = rng.uniform(56, 66)
    far, floor = place.open(joint, rng.uniform(97, 106), joint)
    joint = place.joint
    place.heaven(joint, 2)
    floor.gradient(joint, SIZE, (44, 128, 204), (20, 82, 158))
    xs = np.linspace(floor.left, floor.right, 129)
    tones = [(48, 134, 208), (40, 120, 196), (56, 144, 214), (30, 104, 182)]
    y = joint + 3.0
    while y < SIZE:
        step = 2 + (y - joint) * .16
        wave = y + step * .35 * np.sin(xs / (4 + step * 2)
                                       + rng.uniform(0, 6))
        tone = mix(tones[int(rng.integers(4))], (20, 82, 158),
                   max(0, (y - joint) / 110))
        floor.shape(list(zip(xs, wave)) + [(floor.right, SIZE),
                                           (floor.left, SIZE)], tone)
        y += step
    for x in _spread(rng, floor, 9):
        y = rng.uniform(joint + 3, 124)
        size = .3 + (y - joint) / 40
        floor.ellipse(x, y, 7 * size, .6 * size, (104, 178, 226))


def _desert(rng, place):
    joint = rng.uniform(80, 88)
    far, floor = place.open(joint, rng.uniform(104, 114), joint - 20)
    joint = place.joint
    place.heaven(joint)
    far.ridge(rng, joint - 8, 16, vary(rng, (226, 164, 96)), 2)
    far.ridge(rng, joint, 10, vary(rng, (236, 178, 104)), 2)
    for x in _spread(rng, far, 2):
        cactus(far, x, joint + rng.uniform(0, 9), rng.uniform(22, 34))
    floor.gradient(joint, SIZE, (238, 184, 108), (214, 146, 78))
    _dots(floor, rng, joint, 12, [(222, 166, 92), (200, 140, 84),
                                  (246, 200, 128)], .5)


def cactus(canvas, x, foot, high, thick=1.0):
    green = (70, 134, 78)
    canvas.box(x - 2.5 * thick, foot - high, x + 2.5 * thick, foot, green)
    for side, low, top in ((-1, .6, .85), (1, .45, .75)):
        bend = foot - high * low + 4 * thick
        inner, outer = sorted((x, x + side * 9 * thick))
        canvas.box(inner, foot - high * low, outer, bend, green)
        inner, outer = sorted((x + side * 5.5 * thick, x + side * 9 * thick))
        canvas.box(inner, foot - high * top, outer, bend, green)


def _above(rng, place):
    """High in the sky, over a floor of clouds."""
    joint = rng.uniform(94, 99)
    far, floor = place.open(joint, rng.uniform(110, 116), joint - 16)
    joint = place.joint
    place.heaven(joint + 8)
    white = (238, 244, 252)
    if place.weather in ('rain', 'snow'):
        white = (196, 202, 212)
    for x in _spread(rng, far, 4):
        cloud(far, rng, x, rng.uniform(20, 84), white, rng.uniform(.5, 1.3))
    for x in _spread(rng, far, 14):
        far.ellipse(x, joint + rng.uniform(-3, 4), rng.uniform(7, 13),
                    rng.uniform(4, 7), white)
    far.box(far.left, joint, far.right, joint + 4, white)
    floor.gradient(joint, SIZE, white, tuple(c - 18 for c in white))
    for x in _spread(rng, floor, 10):
        floor.ellipse(x, rng.uniform(joint + 10, 126), rng.uniform(8, 14),
                      rng.uniform(2, 3.5), mix(white, (255, 255, 255), .7))


def _space(rng, place):
    joint = rng.uniform(90, 96)
    far, floor = place.open(joint, rng.uniform(104, 114), joint - 16)
    joint = place.joint
    sky = place.sky
    sky.gradient(0, SIZE, (8, 8, 26), (24, 18, 52))
    for _ in range(40):
        radius = rng.uniform(.4, 1)
        sky.ellipse(rng.uniform(0, 128), rng.uniform(0, 90), radius,
                    radius, (236, 236, 250))
    x, y = rng.uniform(16, 112), rng.uniform(18, 36)
    sky.ellipse(x, y, 13, 13, (64, 124, 210))
    sky.ellipse(x - 4, y - 3, 6, 4, (96, 180, 110))
    sky.ellipse(x + 5, y + 4, 4, 3, (96, 180, 110))
    far.ridge(rng, joint, 7, (132, 132, 142), 2)
    floor.gradient(joint, SIZE, (142, 142, 152), (108, 108, 120))
    for x in _spread(rng, floor, 7):
        y = rng.uniform(joint + 6, 126)
        wide = 2 + (y - joint) * .2 + rng.uniform(0, 2)
        floor.ellipse(x, y, wide, wide * .35, (96, 96, 106))
        floor.ellipse(x, y + .8, wide * .8, wide * .25, (120, 120, 130))


def _window(canvas, light, sky_weather, x, y, wide, high):
    """A window of a room: the hour and the sky are seen through it."""
    above, below = weather.sky(SKIES[light], light, sky_weather)
    canvas.box(x - 2, y - 2, x + wide + 2, y + high + 2, (250, 250, 246))
    for row in range(int(high)):
        canvas.lamp(x, y + row, x + wide, y + row + 1,
                    mix(above, below, row / high))
    if light == 'night':
        canvas.lamp(x + 6, y + 6, x + 11, y + 11, (238, 238, 220))
    canvas.lamp(x + wide / 2 - 1, y, x + wide / 2 + 1, y + high,
                (250, 250, 246) if light == 'day' else (170, 160, 160))


def _room(rng, place):
    joint = rng.uniform(84, 90)
    ground = rng.uniform(104, 114)
    far, floor = place.open(joint, ground, 2 * joint - ground)
    joint = place.joint
    wall = vary(rng, [(226, 206, 170), (200, 176, 190),
                      (176, 196, 176)][rng.integers(3)])
    far.box(far.left, 0, far.right, joint, wall)
    for index, x in enumerate(_spread(rng, far, 2, .4)):
        if index % 2:
            far.box(x, 22, x + 24, 42, (120, 80, 50))
            far.box(x + 2, 24, x + 22, 40, (150, 190, 200))
            far.shape([(x + 2, 40), (x + 10, 28), (x + 18, 40)],
                      (90, 130, 90))
        else:
            _window(far, place.light, place.weather, x, 16, 30, 34)
    far.box(far.left, joint - 3, far.right, joint, (244, 240, 230))
    floor.box(floor.left, joint, floor.right, SIZE, (176, 118, 70))
    for row in range(6):
        y = joint + row * row * 1.6 + row * 2
        floor.box(floor.left, y, floor.right, y + .8, (140, 90, 52))
    _rays(floor, place, 26, (150, 98, 58))


def _rays(floor, place, step, colour):
    """Lines of the floor that run away from us."""
    top, bottom = place.scale(place.joint), place.scale(SIZE)
    for x in np.arange(-20 * step, 20 * step, step):
        floor.line([(64 + x * top, place.joint), (64 + x * bottom, SIZE)],
                   colour, .5)


def _kitchen(rng, place):
    joint = rng.uniform(86, 92)
    ground = rng.uniform(106, 114)
    far, floor = place.open(joint, ground, 2 * joint - ground)
    joint = place.joint
    far.box(far.left, 0, far.right, joint, vary(rng, (232, 238, 236)))
    for row in range(4):
        for x in np.arange(far.left, far.right, 12):
            far.box(x + .5, 34 + row * 7, x + 11.5, 40 + row * 7,
                    (206, 226, 228))
    cupboard = vary(rng, [(92, 140, 160), (190, 98, 84),
                          (120, 160, 110)][rng.integers(3)])
    for x in np.arange(far.left - rng.uniform(0, 30), far.right, 33):
        far.box(x, 6, x + 31, 30, cupboard)
        far.box(x, joint - 24, x + 31, joint, cupboard)
        far.ellipse(x + 27, 20, 1.5, 1.5, (240, 230, 200))
        far.ellipse(x + 27, joint - 14, 1.5, 1.5, (240, 230, 200))
    far.box(far.left, joint - 28, far.right, joint - 24, (240, 236, 226))
    _tiles(floor, place)


def _tiles(floor, place):
    """A floor of black and white tiles."""
    floor.box(floor.left, place.joint, floor.right, SIZE, (246, 244, 238))
    rows = [place.joint, place.joint + 7, place.joint + 16,
            place.joint + 28, SIZE + 8]
    for row, (y0, y1) in enumerate(zip(rows, rows[1:])):
        top, bottom = place.scale(y0), place.scale(y1)
        for column in range(-20, 20):
            if (row + column) % 2 == 0:
                x0, x1 = column * 20, column * 20 + 20
                floor.shape([(64 + x0 * top, y0), (64 + x1 * top, y0),
                             (64 + x1 * bottom, y1), (64 + x0 * bottom, y1)],
                            (70, 78, 92))


_PAINTERS = dict(beach=_beach, street=_street, alley=_alley, meadow=_meadow,
                 forest=_forest, snow=_snow, sea=_sea, desert=_desert,
                 sky=_above, space=_space, room=_room, kitchen=_kitchen)


class Backdrop:
    """A painted set, ready to be filmed."""

    def __init__(self, rng, name, light, sky_weather, size):
        place = Set(rng, size, light, sky_weather)
        _PAINTERS[name](rng, place)
        self.size, self.unit = size, size / SIZE
        self.joint, self.ground = place.joint, place.ground
        self.horizon, self.near = place.horizon, place.near
        self.fog = weather.FOG[light] if sky_weather == 'fog' else None
        tint = TINTS[light]
        if name in ('room', 'kitchen'):
            tint = INDOOR_TINTS[light]
        tint = weather.tint(tint, sky_weather)
        self.tint = tuple(share * .75 + .25 if light == 'night' else share
                          for share in tint)
        self._layers(place, tint)

    def _layers(self, place, tint):
        """The canvases as arrays, in the light of the hour."""
        for canvas in (place.far, place.floor):
            canvas.lit(tint)
        self.sky = np.asarray(place.sky.done())
        far = np.asarray(place.far.done().convert('RGBa')).astype(np.uint16)
        floor = np.asarray(place.floor.done()).astype(np.uint16)
        rows = (np.arange(len(floor)) + .5) / self.unit + self.joint
        if self.fog is not None:
            fog = np.array(self.fog)
            thick = weather.FAR
            far[..., :3] = far[..., :3] * (1 - thick) \
                + fog * far[..., 3:] / 255 * thick
            thick = np.array([self.haze(place.scale(row)) for row in rows])
            thick = thick[:, None, None]
            floor = (floor * (1 - thick) + fog * thick).astype(np.uint16)
        self.far, self.floor = far, floor
        self.margins = place.far.margin, place.floor.margin
        self.shifts = np.array([place.scale(row) for row in rows])

    def haze(self, scale):
        """How much fog lies before what stands at a depth."""
        if self.fog is None:
            return 0.0
        share = min(1.0, max(0.0, (scale - self.near) / (1.15 - self.near)))
        return weather.FAR * (1 - share) + weather.CLOSE * share

    def row(self, scale):
        """The row on which something of a depth stands."""
        return self.horizon + (self.ground - self.horizon) * scale

    def picture(self, camera):
        """What a camera sees, as an image."""
        size, unit = self.size, self.unit
        out = np.empty((size, size, 3), np.uint8)
        top = size - len(self.floor)
        out[:top] = self.sky[:top]
        start = (self.margins[1] + camera * self.shifts) * unit
        first = np.floor(start).astype(int)
        share = ((start - first) * 256).astype(np.uint16)[:, None, None]
        columns = first[:, None] + np.arange(size)
        rows = np.arange(len(self.floor))[:, None]
        floor = self.floor[rows, columns] * (256 - share)
        floor += self.floor[rows, columns + 1] * share
        out[top:] = floor >> 8
        start = (self.margins[0] + camera * self.near) * unit
        first = int(start)
        share = np.uint16((start - first) * 256)
        far = self.far[:, first:first + size] * np.uint16(256 - share)
        far += self.far[:, first + 1:first + size + 1] * share
        far >>= 8
        part = out[:len(far)]
        part[:] = far[..., :3] + part * (255 - far[..., 3:]) // 255
        return Image.fromarray(out)


def paint(rng, name, light, sky_weather, size=SIZE):
    """Paint one set."""
    return Backdrop(rng, name, light, sky_weather, size)

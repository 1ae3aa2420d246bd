# SPDX-License-Identifier: LGPL-2.1-or-later
"""The painted sets: ten places, by day, at sunset and at night.

A set is painted at twice its size and made smaller, which smooths its edges.
`paint` gives the picture behind the actor, what stands before it (or None),
the line of the ground, and the colour of the light.
"""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SETS = ['beach', 'street', 'meadow', 'forest', 'snow', 'sea', 'desert',
        'space', 'room', 'kitchen']
INDOORS = ('room', 'kitchen', 'space')
LIGHTS = ['day', 'sunset', 'night']

SKIES = {'day': ((86, 160, 232), (196, 228, 246)),
         'sunset': ((120, 84, 150), (252, 168, 92)),
         'night': ((10, 14, 44), (42, 52, 98))}
TINTS = {'day': (1, 1, 1), 'sunset': (1.0, .80, .68), 'night': (.44, .48, .70)}


def _mix(one, two, share):
    return tuple(int(a + (b - a) * share) for a, b in zip(one, two))


def _vary(rng, colour, amount=8):
    shift = rng.uniform(-amount, amount)
    return tuple(int(np.clip(c + shift + rng.uniform(-3, 3), 0, 255))
                 for c in colour)


class Canvas:
    """A picture being painted; coordinates in pixels of the final size."""

    def __init__(self, size):
        self.size = size
        self.image = Image.new('RGB', (2 * size, 2 * size))
        self.draw = ImageDraw.Draw(self.image)

    def gradient(self, top, bottom, above, below):
        """Horizontal bands from one colour to another."""
        for row in range(int(2 * top), int(2 * bottom)):
            share = (row / 2 - top) / max(1e-6, bottom - top)
            self.draw.line([(0, row), (2 * self.size, row)],
                           _mix(above, below, share))

    def ellipse(self, x, y, rx, ry, colour):
        self.draw.ellipse([2 * (x - rx), 2 * (y - ry),
                           2 * (x + rx), 2 * (y + ry)], colour)

    def box(self, x0, y0, x1, y1, colour):
        self.draw.rectangle([2 * x0, 2 * y0, 2 * x1, 2 * y1], colour)

    def shape(self, points, colour):
        self.draw.polygon([(2 * x, 2 * y) for x, y in points], colour)

    def ridge(self, rng, base, high, colour, rough=3):
        """Hills: a few sine waves, filled to the foot of the picture."""
        xs = np.linspace(0, self.size, 65)
        ys = np.zeros(65)
        for wave in range(1, rough + 1):
            ys += np.sin(xs / self.size * math.pi * wave * 1.6
                         + rng.uniform(0, 6.3)) / wave
        ys = base - high * (ys - ys.min()) / max(1e-6, np.ptp(ys))
        points = list(zip(xs, ys))
        self.shape(points + [(self.size, self.size), (0, self.size)], colour)

    def done(self):
        return self.image.resize((self.size,) * 2, Image.BOX)


def _sky(canvas, rng, light, bottom):
    above, below = SKIES[light]
    canvas.gradient(0, bottom, _vary(rng, above), _vary(rng, below))
    size = canvas.size
    x = rng.uniform(.12, .88) * size
    if light == 'day':
        canvas.ellipse(x, rng.uniform(14, 24), 8, 8, (255, 240, 160))
    elif light == 'sunset':
        canvas.ellipse(x, bottom - rng.uniform(2, 14), 11, 11,
                       (255, 222, 120))
    else:
        canvas.ellipse(x, rng.uniform(14, 24), 7, 7, (238, 238, 220))
        for _ in range(16):
            canvas.ellipse(rng.uniform(0, size), rng.uniform(0, bottom * .8),
                           .7, .7, (220, 220, 240))


def _clouds(canvas, rng, light, count):
    if light != 'day':
        return
    for _ in range(count):
        x, y = rng.uniform(5, canvas.size - 5), rng.uniform(10, 34)
        for _ in range(4):
            canvas.ellipse(x + rng.uniform(-10, 10), y + rng.uniform(-2, 2),
                           rng.uniform(6, 10), rng.uniform(3, 5),
                           (250, 252, 255))


def _beach(canvas, rng, light):
    horizon, shore = rng.uniform(50, 58), rng.uniform(76, 84)
    _sky(canvas, rng, light, horizon)
    _clouds(canvas, rng, light, 2)
    canvas.gradient(horizon, canvas.size, (36, 128, 190), (70, 190, 214))
    canvas.ridge(rng, shore + 2, 5, (236, 250, 250), 2)
    xs = np.linspace(0, canvas.size, 33)
    wave = shore + 2 * np.sin(xs / 20 + rng.uniform(0, 6))
    canvas.shape(list(zip(xs, wave + 2)) + [(128, 128), (0, 128)],
                 (214, 186, 128))
    canvas.shape(list(zip(xs, wave + 8)) + [(128, 128), (0, 128)],
                 _vary(rng, (242, 216, 156)))
    return rng.uniform(102, 116), None


def _street(canvas, rng, light):
    ground = rng.uniform(84, 90)
    _sky(canvas, rng, light, ground)
    x = -rng.uniform(0, 14)
    while x < canvas.size:
        width, top = rng.uniform(20, 32), rng.uniform(14, 46)
        colour = _vary(rng, [(176, 96, 80), (150, 150, 165), (196, 168, 124),
                             (112, 128, 150)][rng.integers(4)])
        canvas.box(x, top, x + width - 1, ground, colour)
        lit = (255, 226, 130) if light == 'night' else (204, 228, 242)
        dark = (64, 66, 88)
        step = (width - 4) / 3
        for row in range(int((ground - top - 8) // 11)):
            for column in range(3):
                left = x + 4 + column * step
                on = light != 'night' or rng.random() < .6
                canvas.box(left, top + 5 + row * 11, left + step - 4,
                           top + 11 + row * 11, lit if on else dark)
        x += width
    canvas.box(0, ground, canvas.size, ground + 8, (182, 180, 176))
    canvas.box(0, ground + 8, canvas.size, canvas.size, (84, 86, 94))
    for x in range(-12 + int(rng.integers(0, 24)), canvas.size, 34):
        canvas.box(x, 118, x + 18, 120.5, (232, 226, 190))
    return rng.uniform(104, 113), None


def _meadow(canvas, rng, light):
    horizon = rng.uniform(60, 70)
    _sky(canvas, rng, light, horizon + 14)
    _clouds(canvas, rng, light, 3)
    canvas.ridge(rng, horizon + 8, 16, _vary(rng, (112, 176, 104)), 2)
    canvas.ridge(rng, horizon + 14, 8, _vary(rng, (122, 196, 84)), 2)
    canvas.gradient(horizon + 16, canvas.size, (118, 194, 76), (82, 158, 56))
    for _ in range(26):
        y = rng.uniform(horizon + 22, 126)
        size = .8 + (y - horizon) / 50
        colour = [(250, 240, 110), (250, 250, 250), (240, 120, 150)]
        canvas.ellipse(rng.uniform(0, 128), y, size, size,
                       colour[rng.integers(3)])
    return rng.uniform(102, 116), None


def _tree(canvas, rng, x, foot, high, colour):
    canvas.box(x - high / 18, foot - high / 3, x + high / 18, foot,
               (104, 72, 46))
    for tier in range(3):
        top = foot - high + tier * high * .22
        half = high * (.16 + .07 * tier)
        canvas.shape([(x, top), (x - half, top + high * .36),
                      (x + half, top + high * .36)],
                     _vary(rng, colour, 5))


def _forest(canvas, rng, light):
    _sky(canvas, rng, light, 90)
    canvas.ridge(rng, 70, 18, (66, 112, 84), 3)
    for _ in range(8):
        _tree(canvas, rng, rng.uniform(-4, 132), rng.uniform(84, 88),
              rng.uniform(48, 66), (48, 104, 66))
    canvas.gradient(86, canvas.size, (74, 112, 56), (92, 84, 50))
    for side in (rng.uniform(2, 20), rng.uniform(108, 126)):
        _tree(canvas, rng, side, rng.uniform(92, 98), rng.uniform(76, 92),
              (36, 126, 62))
    return rng.uniform(104, 115), None


def _snow(canvas, rng, light):
    _sky(canvas, rng, light, 84)
    for x, high in ((rng.uniform(10, 50), rng.uniform(36, 50)),
                    (rng.uniform(70, 118), rng.uniform(40, 56))):
        canvas.shape([(x, 82 - high), (x - high, 84), (x + high, 84)],
                     (128, 146, 178))
        canvas.shape([(x, 82 - high), (x - high * .4, 82 - high * .6),
                      (x, 82 - high * .68), (x + high * .4, 82 - high * .6)],
                     (246, 250, 255))
    canvas.ridge(rng, 84, 10, (222, 234, 246), 2)
    canvas.gradient(86, canvas.size, (232, 240, 250), (250, 252, 255))
    _tree(canvas, rng, rng.uniform(4, 20), 90, 34, (150, 190, 190))
    _tree(canvas, rng, rng.uniform(108, 124), 92, 40, (160, 196, 196))
    return rng.uniform(102, 115), None


def _sea(canvas, rng, light):
    horizon = rng.uniform(56, 66)
    _sky(canvas, rng, light, horizon)
    _clouds(canvas, rng, light, 2)
    canvas.gradient(horizon, canvas.size, (40, 120, 196), (18, 74, 150))
    for _ in range(14):
        y = rng.uniform(horizon + 4, 96)
        canvas.ellipse(rng.uniform(0, 128), y, rng.uniform(5, 11), .7,
                       (92, 168, 220))
    ground = rng.uniform(97, 105)
    front = Image.new('RGBA', (256, 256))
    draw = ImageDraw.Draw(front)
    xs = np.linspace(0, 256, 65)
    phase = rng.uniform(0, 6)
    for row, colour in ((ground - 5, (58, 146, 212)),
                        (ground + 6, (34, 110, 186)),
                        (ground + 16, (20, 82, 158))):
        ys = 2 * row + 4 * np.sin(xs / 20 + phase + row)
        draw.polygon(list(zip(xs, ys)) + [(256, 256), (0, 256)], colour)
    return ground, front.resize((128, 128), Image.BOX)


def _desert(canvas, rng, light):
    _sky(canvas, rng, light, 80)
    canvas.ridge(rng, 76, 16, _vary(rng, (226, 164, 96)), 2)
    canvas.ridge(rng, 86, 12, _vary(rng, (236, 178, 104)), 2)
    canvas.gradient(88, canvas.size, (238, 184, 108), (214, 146, 78))
    for x in (rng.uniform(6, 30), rng.uniform(98, 122)):
        foot, high = rng.uniform(84, 96), rng.uniform(22, 34)
        green = (70, 134, 78)
        canvas.box(x - 2.5, foot - high, x + 2.5, foot, green)
        canvas.box(x - 9, foot - high * .6, x, foot - high * .6 + 4, green)
        canvas.box(x - 9, foot - high * .85, x - 5.5, foot - high * .6, green)
        canvas.box(x, foot - high * .45, x + 9, foot - high * .45 + 4, green)
        canvas.box(x + 5.5, foot - high * .75, x + 9, foot - high * .45,
                   green)
    return rng.uniform(104, 116), None


def _space(canvas, rng, light):
    canvas.gradient(0, canvas.size, (8, 8, 26), (24, 18, 52))
    for _ in range(40):
        radius = rng.uniform(.4, 1)
        canvas.ellipse(rng.uniform(0, 128), rng.uniform(0, 90), radius,
                       radius, (236, 236, 250))
    x, y = rng.uniform(16, 112), rng.uniform(18, 36)
    canvas.ellipse(x, y, 13, 13, (64, 124, 210))
    canvas.ellipse(x - 4, y - 3, 6, 4, (96, 180, 110))
    canvas.ellipse(x + 5, y + 4, 4, 3, (96, 180, 110))
    canvas.ridge(rng, 94, 7, (132, 132, 142), 2)
    canvas.gradient(96, canvas.size, (142, 142, 152), (108, 108, 120))
    for _ in range(7):
        x, y = rng.uniform(0, 128), rng.uniform(100, 126)
        wide = rng.uniform(4, 9)
        canvas.ellipse(x, y, wide, wide * .35, (96, 96, 106))
        canvas.ellipse(x, y + .8, wide * .8, wide * .25, (120, 120, 130))
    return rng.uniform(103, 114), None


def _window(canvas, light, x, y, wide, high):
    above, below = SKIES[light]
    canvas.box(x - 2, y - 2, x + wide + 2, y + high + 2, (250, 250, 246))
    for row in range(int(high)):
        canvas.box(x, y + row, x + wide, y + row + 1,
                   _mix(above, below, row / high))
    canvas.box(x + wide / 2 - 1, y, x + wide / 2 + 1, y + high,
               (250, 250, 246))


def _room(canvas, rng, light):
    wall = _vary(rng, [(226, 206, 170), (200, 176, 190),
                       (176, 196, 176)][rng.integers(3)])
    floor = rng.uniform(84, 90)
    canvas.box(0, 0, canvas.size, floor, wall)
    _window(canvas, light, rng.uniform(10, 30), 16, 30, 34)
    x = rng.uniform(72, 96)
    canvas.box(x, 22, x + 24, 42, (120, 80, 50))
    canvas.box(x + 2, 24, x + 22, 40, (150, 190, 200))
    canvas.shape([(x + 2, 40), (x + 10, 28), (x + 18, 40)], (90, 130, 90))
    canvas.box(0, floor - 3, canvas.size, floor, (244, 240, 230))
    canvas.box(0, floor, canvas.size, canvas.size, (176, 118, 70))
    for row in range(5):
        y = floor + row * row * 2.2 + row * 2
        canvas.box(0, y, canvas.size, y + .8, (140, 90, 52))
    vanish = rng.uniform(54, 74)
    for x in range(-160, 300, 26):
        canvas.draw.line([(2 * (vanish + (x - vanish) * .55), 2 * floor),
                          (2 * x, 256)], (150, 98, 58), 1)
    return rng.uniform(103, 115), None


def _kitchen(canvas, rng, light):
    floor = rng.uniform(86, 92)
    canvas.box(0, 0, canvas.size, floor, _vary(rng, (232, 238, 236)))
    for row in range(4):
        for column in range(11):
            x, y = column * 12, 34 + row * 7
            canvas.box(x + .5, y, x + 11.5, y + 6, (206, 226, 228))
    cupboard = _vary(rng, [(92, 140, 160), (190, 98, 84),
                           (120, 160, 110)][rng.integers(3)])
    for column in range(4):
        x = column * 33
        canvas.box(x, 6, x + 31, 30, cupboard)
        canvas.box(x, floor - 24, x + 31, floor, cupboard)
        canvas.ellipse(x + 27, 20, 1.5, 1.5, (240, 230, 200))
        canvas.ellipse(x + 27, floor - 14, 1.5, 1.5, (240, 230, 200))
    canvas.box(0, floor - 28, canvas.size, floor - 24, (240, 236, 226))
    for row in range(4):
        for column in range(-2, 10):
            y0, y1 = floor + row * 11, floor + row * 11 + 11
            x = column * 16
            if (row + column) % 2 == 0:
                canvas.box(x, y0, x + 16, y1, (246, 244, 238))
            else:
                canvas.box(x, y0, x + 16, y1, (70, 78, 92))
    return rng.uniform(106, 116), None


_PAINTERS = dict(beach=_beach, street=_street, meadow=_meadow,
                 forest=_forest, snow=_snow, sea=_sea, desert=_desert,
                 space=_space, room=_room, kitchen=_kitchen)


def _light(image, light, place):
    """The light of the hour on everything but sky and lamps."""
    if light == 'day' or place == 'space':
        return image
    tint = np.array(TINTS[light], np.float32)
    if place in INDOORS:
        tint = (tint + 1.5) / 2.5
    return image * tint


def paint(rng, place, light, size=128):
    """Paint one set.

    Returns (back [H, W, 3], front [H, W, 4] or None, ground row, tint):
    float32 pictures of 0..255, alpha of 0..1, and what the light does to an
    actor's colours.
    """
    canvas = Canvas(size)
    ground, front = _PAINTERS[place](canvas, rng, light)
    back = np.asarray(canvas.done(), np.float32)
    sky = np.ones_like(back[..., :1])
    if place not in INDOORS:
        rows = np.arange(size)[:, None, None]
        sky = np.clip((rows - ground + 50) / 12, 0, 1)
        if place == 'street':
            sky = np.clip((rows - ground + 90) / 12, 0, 1)
    back = back * (1 - sky) + _light(back, light, place) * sky
    if front is not None:
        front = np.asarray(front, np.float32).copy()
        front[..., :3] = _light(front[..., :3], light, place)
        front[..., 3] /= 255
    tint = _light(np.ones(3, np.float32), light, place)
    tint = tint * .75 + .25 if light == 'night' else tint
    return back, front, ground, tint

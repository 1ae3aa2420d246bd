# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rain, falling snow and fog: the sky's colours, and what falls."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw

FOG = {'day': (206, 212, 216), 'sunset': (222, 176, 150),
       'night': (58, 64, 88)}
FAR, CLOSE = .78, .12           # the fog's share of far and close things
_GREY = {'rain': ((104, 114, 128), (150, 158, 168)),
         'snow': ((168, 178, 192), (212, 218, 226))}
_DIM = {'day': 1.0, 'sunset': .74, 'night': .30}
_TINTS = {'rain': (.80, .84, .90), 'snow': (.93, .95, 1.0),
          'fog': (.97, .97, .98), 'clear': (1, 1, 1)}


def sky(colours, light, kind):
    """The two colours of the sky in a weather."""
    if kind == 'clear':
        return colours
    if kind == 'fog':
        return FOG[light], FOG[light]
    return tuple(tuple(int(.25 * c + .75 * g * _DIM[light])
                       for c, g in zip(colour, grey))
                 for colour, grey in zip(colours, _GREY[kind]))


def tint(light, kind):
    """What a weather makes of the light on things."""
    return tuple(a * b for a, b in zip(light, _TINTS[kind]))


@lru_cache(maxsize=None)
def _curtain(kind, size, layer):
    """A mask of drops or flakes; it repeats beyond its edges."""
    rng = np.random.default_rng(layer)
    unit = 2 * size / 128
    image = Image.new('L', (2 * size, 2 * size))
    draw = ImageDraw.Draw(image)
    for _ in range((46, 26)[layer] if kind == 'rain' else (60, 34)[layer]):
        x, y = rng.uniform(4, 124), rng.uniform(4, 116)
        if kind == 'rain':
            long = rng.uniform(6, 9) * (1, 1.4)[layer]
            draw.line([x * unit, y * unit, (x - long * .2) * unit,
                       (y + long) * unit], (110, 150)[layer],
                      round((.8, 1.2)[layer] * unit))
        else:
            r = rng.uniform(.6, 1.0) * (1, 1.7)[layer]
            draw.ellipse([(x - r) * unit, (y - r) * unit, (x + r) * unit,
                          (y + r) * unit], (190, 240)[layer])
    return image.resize((size, size), Image.BOX)


class Fall:
    """What falls in one clip."""

    def __init__(self, rng, kind, light, size):
        self.kind, self.size = kind, size
        shade = {'day': 1.0, 'sunset': .92, 'night': .66}[light]
        colour = (206, 218, 232) if kind == 'rain' else (250, 252, 255)
        self.colour = tuple(int(c * shade) for c in colour)
        self.start = rng.uniform(0, 128, (2, 2))

    def draw(self, picture, seconds, camera=0.0):
        """Draw it over a picture."""
        if self.kind not in ('rain', 'snow'):
            return
        for layer in (0, 1):
            x, y = self.start[layer]
            if self.kind == 'rain':
                y += (200, 270)[layer] * seconds
                x -= (40, 54)[layer] * seconds
            else:
                y += (20, 32)[layer] * seconds
                x += 3 * np.sin(1.7 * seconds + x)
            x -= camera * (.6, 1.2)[layer]
            mask = ImageChops.offset(
                _curtain(self.kind, self.size, layer),
                round(x * self.size / 128), round(y * self.size / 128))
            picture.paste(self.colour, (0, 0), mask)

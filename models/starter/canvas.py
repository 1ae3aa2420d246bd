# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the sets are painted on.

Coordinates are pixels of a 128-pixel picture whatever the size; it is
painted at twice the size and made smaller, which smooths the edges.
"""

import math

import numpy as np
from PIL import Image, ImageDraw

SIZE = 128


def mix(one, two, share):
    return tuple(int(a + (b - a) * share) for a, b in zip(one, two))


def vary(rng, colour, amount=8):
    shift = rng.uniform(-amount, amount)
    return tuple(int(min(255, max(0, c + shift + rng.uniform(-3, 3))))
                 for c in colour)


class Canvas:
    """A picture being painted, wider than the film's by a margin.

    top, bottom: the rows that it has.  clear: transparent at first.
    """

    def __init__(self, size, margin=0, top=0, bottom=SIZE, clear=False):
        self.k = 2 * size / SIZE
        self.margin, self.top, self.bottom = margin, top, bottom
        self.left, self.right = -margin, SIZE + margin
        self.image = Image.new(
            'RGBA' if clear else 'RGB',
            (round((SIZE + 2 * margin) * self.k),
             round((bottom - top) * self.k)))
        self.draw = ImageDraw.Draw(self.image)
        self.lamps = []         # what light falls from: painted last

    def _at(self, points):
        k, left, top = self.k, self.left, self.top
        return [((x - left) * k, (y - top) * k) for x, y in points]

    def gradient(self, top, bottom, above, below):
        """Horizontal bands from one colour to another."""
        k = self.k
        first, last = int((top - self.top) * k), int((bottom - self.top) * k)
        if last <= first:
            return
        share = (np.arange(first, last) - first)[:, None] / (last - first)
        rows = np.array(above) * (1 - share) + np.array(below) * share
        band = Image.fromarray(rows.astype(np.uint8)[:, None])
        self.image.paste(band.resize((self.image.width, last - first),
                                     Image.NEAREST), (0, first))

    def ellipse(self, x, y, rx, ry, colour):
        self.draw.ellipse(self._at([(x - rx, y - ry), (x + rx, y + ry)]),
                          colour)

    def box(self, x0, y0, x1, y1, colour):
        self.draw.rectangle(self._at([(x0, y0), (x1, y1)]), colour)

    def line(self, points, colour, width=1.0):
        self.draw.line(self._at(points), colour,
                       max(1, round(width * self.k)))

    def shape(self, points, colour):
        self.draw.polygon(self._at(points), colour)

    def lamp(self, x0, y0, x1, y1, colour):
        """A box that shines: the hour does not darken it."""
        self.lamps.append((x0, y0, x1, y1, colour))

    def ridge(self, rng, base, high, colour, rough=3):
        """Hills: a few sine waves, filled to the foot of the picture."""
        xs = np.linspace(self.left, self.right, 97)
        ys = np.zeros(97)
        for wave in range(1, rough + 1):
            ys += np.sin(xs / SIZE * math.pi * wave * 1.6
                         + rng.uniform(0, 6.3)) / wave
        ys = base - high * (ys - ys.min()) / max(1e-6, np.ptp(ys))
        self.shape(list(zip(xs, ys)) + [(self.right, self.bottom),
                                        (self.left, self.bottom)], colour)

    def lit(self, tint):
        """The light of the hour on all that is painted, but for lamps."""
        if tint != (1, 1, 1):
            table = []
            for share in tint:
                table += [min(255, int(value * share + .5))
                          for value in range(256)]
            if self.image.mode == 'RGBA':
                table += list(range(256))
            self.image = self.image.point(table)
            self.draw = ImageDraw.Draw(self.image)
        for lamp in self.lamps:
            self.box(*lamp)

    def done(self):
        """The picture at its size."""
        return self.image.resize((self.image.width // 2,
                                  self.image.height // 2), Image.BOX)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What actors look like, in numbers, and which words of a text name them.

The rows of a text that name an actor shall tell the transformer how it looks
(text.py), so that it need not know 192 actors by heart, but learns once, from
all of them, how to draw what it is told.  What is told are an actor's latents
on plain grey, less the grey's, in the axes in which actors differ most.
"""

import re
from functools import lru_cache

import numpy as np
import torch
from PIL import Image

import actors
import grammar
import latents as cache
import stage
import train_vae
import vae as autoencoder
import words

SIZE = 96                       # numbers of an actor: 93 % of the variance
GREY, FOOT = 128, 104           # the ground of a portrait, and its row
ROWS, COLUMNS = slice(2, 7), slice(1, 7)    # the latents that show actors


def portrait(name):
    """An actor at its usual size, looking left: uint8 [1, 128, 128, 3]."""
    actor = actors.CAST[name]
    image = actors.sprite(name).images[0].convert('RGBA')
    if actor.faces == 'R':
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    image = image.resize((round(2 * actors.half_width(name, actor.height)),
                          round(actors.full_height(name, actor.height))),
                         Image.BILINEAR)
    picture = Image.new('RGB', (stage.SIZE, stage.SIZE), (GREY,) * 3)
    picture.paste(image, ((stage.SIZE - image.width) // 2,
                          FOOT - image.height), image)
    return np.array(picture)[None]


def _main_axes(values):
    """Rows [N, D] by their SIZE main axes, mean square 1."""
    values = values - values.mean(0)
    axes, spread, _ = torch.linalg.svd(values, full_matrices=False)
    codes = (axes * spread)[:, :SIZE]
    return codes / codes.pow(2).mean().sqrt()


@torch.no_grad()
def codes(out):
    """How each of actors.NAMES looks to the trained autoencoder, [192, SIZE]."""
    vae, seen = cache.load_vae(out), []
    for name in actors.NAMES:
        picture = train_vae.to_tensor(portrait(name))[None]
        latents = autoencoder.encode(vae, picture)[0][0, :, 0]
        seen.append((latents - latents[:, :1, :1])[:, ROWS, COLUMNS].flatten())
    return _main_axes(torch.stack(seen))


@lru_cache(maxsize=1)
def _named():
    """Every name of an actor, lower case, one and many: its number."""
    named = {}
    for number, name in enumerate(actors.NAMES):
        for word in actors.CAST[name].names:
            named[word.lower()] = number
    named.update({other: named[word.lower()]
                  for other, word in words.ACTORS.items()})
    named.update({grammar.plural(word): number
                  for word, number in list(named.items())})
    return named


@lru_cache(maxsize=1)
def _pattern():
    return re.compile(grammar.any_of(_named()) + r'\b')


def mentions(text):
    """Where actors are named: (first character, one after, actor number)."""
    return [(*match.span(), _named()[match[0]])
            for match in _pattern().finditer(text.lower())]

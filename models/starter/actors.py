# SPDX-License-Identifier: LGPL-2.1-or-later
"""The cast: which sprites play, how big they are, what they can do."""

import json
import os
from functools import lru_cache

from PIL import Image

MARGIN = 16                     # transparent pixels around a loaded sprite
SPRITE = 128

# name: (sprite, kind, faces, height in pixels, names used in captions)
# kind: walker, hopper, vehicle, flyer, floater, swimmer, boat, roller, thing
# faces: L or R, the way the sprite looks; B where it looks at us
CAST = {
    'dog': ('dog', 'walker', 'L', 67, 'dog,puppy,doggy,hound'),
    'cat': ('cat', 'walker', 'L', 64, 'cat,kitten,kitty,tabby cat'),
    'horse': ('horse', 'walker', 'L', 77, 'horse,brown horse,stallion,pony'),
    'zebra': ('zebra', 'walker', 'L', 74, 'zebra,striped zebra'),
    'cow': ('cow', 'walker', 'L', 74, 'cow,spotted cow,dairy cow'),
    'pig': ('pig', 'walker', 'L', 69, 'pig,pink pig,piglet'),
    'camel': ('camel', 'walker', 'L', 79, 'camel,dromedary'),
    'elephant': ('elephant', 'walker', 'L', 84, 'elephant,grey elephant'),
    'giraffe': ('giraffe', 'walker', 'L', 84, 'giraffe,tall giraffe'),
    'rabbit': ('rabbit', 'hopper', 'L', 61, 'rabbit,bunny,hare'),
    'chicken': ('chicken', 'walker', 'L', 59, 'chicken,hen,white hen'),
    'duck': ('duck', 'walker', 'L', 61, 'duck,mallard'),
    'penguin': ('penguin', 'walker', 'B', 67, 'penguin,little penguin'),
    'frog': ('frog', 'hopper', 'B', 59, 'frog,green frog,toad'),
    'turtle': ('turtle', 'walker', 'R', 72, 'turtle,tortoise,green turtle'),
    'crab': ('crab', 'walker', 'B', 61, 'crab,red crab'),
    'snail': ('snail', 'walker', 'L', 59, 'snail,slow snail'),
    'dinosaur': ('T-Rex', 'walker', 'L', 82,
                 'dinosaur,T-Rex,tyrannosaurus,green dinosaur'),
    'monkey': ('monkey', 'hopper', 'L', 69, 'monkey,brown monkey,ape'),
    'butterfly': ('butterfly', 'flyer', 'B', 59,
                  'butterfly,orange butterfly'),
    'bee': ('honeybee', 'flyer', 'L', 59, 'bee,honeybee,bumblebee'),
    'helicopter': ('helicopter', 'flyer', 'L', 72,
                   'helicopter,orange helicopter,chopper'),
    'rocket': ('rocket', 'flyer', 'R', 77, 'rocket,rocket ship,spaceship'),
    'saucer': ('flying saucer', 'flyer', 'B', 74,
               'flying saucer,UFO,alien spacecraft'),
    'balloon': ('balloon', 'floater', 'B', 69, 'balloon,red balloon'),
    'dolphin': ('dolphin', 'swimmer', 'L', 69, 'dolphin,blue dolphin'),
    'fish': ('tropical fish', 'swimmer', 'L', 64,
             'fish,tropical fish,blue fish'),
    'sailboat': ('sailboat', 'boat', 'L', 82,
                 'sailboat,sailing boat,yacht,boat'),
    'ship': ('ship', 'boat', 'L', 82, 'ship,big ship,steamer,liner'),
    'bus': ('bus', 'vehicle', 'L', 84, 'bus,city bus,school bus,coach'),
    'fire engine': ('fire engine', 'vehicle', 'L', 82,
                    'fire engine,fire truck,red fire truck'),
    'police car': ('police car', 'vehicle', 'L', 77,
                   'police car,cop car,patrol car'),
    'taxi': ('taxi', 'vehicle', 'L', 77, 'taxi,yellow cab,cab,yellow taxi'),
    'tractor': ('tractor', 'vehicle', 'L', 77, 'tractor,green tractor'),
    'train': ('locomotive', 'vehicle', 'L', 82,
              'train,locomotive,steam engine,steam train'),
    'football': ('soccer ball', 'roller', 'B', 54,
                 'football,soccer ball,blue and white ball'),
    'basketball': ('basketball', 'roller', 'B', 54,
                   'basketball,orange ball'),
    'apple': ('red apple', 'roller', 'B', 54, 'apple,red apple'),
    'pumpkin': ('jack-o-lantern', 'roller', 'B', 61,
                'pumpkin,jack-o-lantern,Halloween pumpkin'),
    'teddy bear': ('teddy bear', 'thing', 'B', 67,
                   'teddy bear,teddy,toy bear,stuffed bear'),
    'snowman': ('snowman', 'thing', 'B', 74, 'snowman,snow man'),
    'robot': ('robot', 'thing', 'B', 69, 'robot,android,toy robot'),
    'ghost': ('ghost', 'floater', 'B', 69, 'ghost,white ghost,spook'),
    'bell': ('bell', 'thing', 'B', 61, 'bell,golden bell'),
    'clock': ('alarm clock', 'thing', 'B', 64, 'alarm clock,clock,red clock'),
}

NAMES = list(CAST)

# What a kind does, with weights: see motion.py for the actions.
REPERTOIRE = {
    'walker': dict(wait=2, left=4, right=4, jump=2, fall=1),
    'hopper': dict(wait=2, left=2, right=2, jump=4, fall=1),
    'vehicle': dict(wait=2, left=5, right=5, jump=.5, fall=.5),
    'flyer': {'wait': 1, 'fly left': 4, 'fly right': 4, 'rise': 2, 'fall': 1},
    'floater': {'wait': 1, 'fly left': 2, 'fly right': 2, 'rise': 4,
                'fall': 1},
    'swimmer': dict(wait=1, left=3, right=3, jump=4, fall=.5),
    'boat': dict(wait=2, left=5, right=5, fall=.3),
    'roller': dict(wait=1, left=3, right=3, bounce=5, fall=1),
    'thing': dict(wait=3, left=1, right=1, jump=2, bounce=2, fall=4),
}


class MissingData(Exception):
    """The sprites are not where they should be."""


def data_folder(root=None):
    """The folder `shared/data`, beside the repository unless told."""
    here = os.path.dirname(os.path.abspath(__file__))
    root = root or os.path.join(here, '..', '..', '..', 'shared', 'data')
    root = os.path.abspath(root)
    if not os.path.exists(os.path.join(root, 'actors.json')):
        raise MissingData(
            f'{root}/actors.json: not found. The recipe needs the sprites of '
            'shared/data/actors, beside the repository (see README.md).')
    return root


@lru_cache(maxsize=None)
def catalogue():
    root = data_folder()
    with open(os.path.join(root, 'actors.json'), encoding='utf-8') as file:
        return {entry['name']: entry for entry in json.load(file)}


@lru_cache(maxsize=None)
def sprite(name):
    """Frames of an actor as RGBA images with a transparent margin, looped.

    Returns (frames, box): box is the opaque part over the whole loop, in
    pixels of the padded image.
    """
    entry = catalogue()[CAST[name][0]]
    path = os.path.join(data_folder(), 'actors', entry['file'])
    frames = []
    with Image.open(path) as file:
        for index in range(entry['frames']):
            file.seek(index)
            padded = Image.new('RGBA', (SPRITE + 2 * MARGIN,) * 2)
            padded.paste(file.convert('RGBA'), (MARGIN, MARGIN))
            frames.append(padded)
    return frames, tuple(edge + MARGIN for edge in entry['box'])

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Held-out words: captions never use them.

The text encoder is taught by a larger one to understand them; whether the
video then follows shows that it goes by meaning.
"""

import re

import grammar

# held-out word or phrase: the word of the captions that it stands for
ACTORS = {
    'puppy': 'dog', 'hound': 'dog', 'kitten': 'cat', 'kitty': 'cat',
    'stallion': 'horse', 'pony': 'horse', 'reindeer': 'deer', 'stag': 'deer',
    'buffalo': 'bison', 'calf': 'cow', 'piglet': 'pig', 'hog': 'pig',
    'lamb': 'sheep', 'ewe': 'sheep', 'billy': 'goat', 'dromedary': 'camel',
    'alpaca': 'llama', 'hare': 'rabbit', 'bunny': 'rabbit',
    'squirrel': 'chipmunk', 'panther': 'leopard', 'cheetah': 'leopard',
    'rat': 'mouse', 'hen': 'chicken', 'cockerel': 'rooster',
    'duckling': 'chick', 'mallard': 'duck', 'pigeon': 'dove',
    'hawk': 'eagle', 'sparrow': 'bird', 'robin': 'bird', 'macaw': 'parrot',
    'toad': 'frog', 'alligator': 'crocodile', 'tortoise': 'turtle',
    'serpent': 'snake', 'cobra': 'snake', 'tyrannosaurus': 'T-Rex',
    'sauropod': 'brontosaurus', 'orca': 'whale', 'porpoise': 'dolphin',
    'sea lion': 'seal', 'pufferfish': 'blowfish', 'prawn': 'shrimp',
    'kraken': 'octopus', 'crayfish': 'lobster', 'slug': 'snail',
    'moth': 'butterfly', 'maggot': 'caterpillar', 'bumblebee': 'bee',
    'ladybug': 'ladybird', 'grasshopper': 'cricket', 'tarantula': 'spider',
    'chimpanzee': 'monkey', 'ape': 'gorilla', 'locomotive': 'train',
    'streetcar': 'tram', 'coach': 'bus', 'patrol car': 'police car',
    'cab': 'taxi', 'automobile': 'car', 'sedan': 'car',
    'off-roader': 'jeep', 'juggernaut': 'lorry', 'motorbike': 'motorcycle',
    'moped': 'scooter', 'tuk-tuk': 'rickshaw', 'bike': 'bicycle',
    'yacht': 'sailboat', 'kayak': 'canoe', 'powerboat': 'speedboat',
    'steamer': 'ship', 'jet': 'plane', 'airliner': 'plane',
    'chopper': 'helicopter', 'spacecraft': 'rocket',
    'alien spaceship': 'flying saucer', 'spook': 'ghost',
    'phantom': 'ghost', 'meteor': 'comet', 'soccer ball': 'football',
    'donut': 'doughnut', 'android': 'robot', 'extraterrestrial': 'alien',
    'gateau': 'cake', 'lamp': 'light bulb', 'timepiece': 'alarm clock',
    'fiddle': 'violin', 'pail': 'bucket', 'jewel': 'diamond',
    'goblet': 'wine glass', 'pitcher': 'vase', 'boulder': 'rock',
    'keg': 'barrel', 'parasol': 'umbrella', 'cottage': 'house',
    'fortress': 'castle', 'toadstool': 'mushroom', 'flames': 'fire',
    'gate': 'door', 'tub': 'bathtub', 'tiara': 'crown', 'hamper': 'basket'}
PLACES = {
    'seaside': 'beach', 'coast': 'beach', 'avenue': 'street',
    'downtown': 'street', 'backstreet': 'alley', 'pasture': 'meadow',
    'countryside': 'meadow', 'woodland': 'forest', 'jungle': 'forest',
    'arctic': 'snow', 'winter': 'snow', 'dunes': 'desert',
    'sahara': 'desert', 'ocean': 'sea', 'heavens': 'sky',
    'lunar surface': 'moon', 'cosmos': 'space', 'parlour': 'room',
    'lounge': 'room', 'cookhouse': 'kitchen', 'scullery': 'kitchen',
    'highway': 'road', 'motorway': 'road'}
LIGHTS = {'dusk': 'sunset', 'twilight': 'sunset', 'noon': 'by day',
          'midday': 'by day', 'midnight': 'at night',
          'after dark': 'at night'}
WEATHERS = {'downpour': 'rain', 'drizzle': 'rain', 'blizzard': 'snow falls',
            'mist': 'fog', 'haze': 'fog', 'cloudless': 'clear'}
ACTIONS = {
    'linger': 'wait', 'remain': 'wait', 'saunter': 'walk', 'trot': 'walk',
    'sprint': 'run', 'gallop': 'run', 'soar': 'fly', 'paddle': 'swim',
    'leap': 'jump', 'rebound': 'bounce', 'tumble': 'fall', 'plummet': 'fall',
    'ascend': 'rise', 'lift off': 'rise', 'collide': 'bump',
    'ram': 'bump', 'arrive': 'enter', 'depart': 'leave', 'exit': 'leave',
    'trundle': 'roll', 'accelerate': 'speed up', 'decelerate': 'slow down',
    'halt': 'stop', 'veer': 'turn', 'steer': 'turn'}
HELD_OUT = {**ACTORS, **PLACES, **LIGHTS, **WEATHERS, **ACTIONS}

_PATTERN = re.compile(grammar.any_of(HELD_OUT) + r'(s|es|ed|d|ing)?\b',
                      re.IGNORECASE)


def held_out(text):
    """The held-out words in a text."""
    return [match[0] for match in _PATTERN.finditer(text)]

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Says in words what happens in a scene, in many ways."""

import actors

PLACES = {
    'beach': ['on the beach', 'on a beach', 'at the beach', 'by the sea shore',
              'on the sand by the sea', 'on a sandy beach', 'at the seaside'],
    'street': ['in the street', 'on the street', 'in the city', 'in a town',
               'on a city street', 'on the road', 'downtown',
               'in front of buildings'],
    'meadow': ['in a meadow', 'on the grass', 'in a field',
               'on a green meadow', 'in the countryside', 'in the park',
               'among flowers'],
    'forest': ['in the forest', 'in a forest', 'in the woods',
               'among the trees', 'between trees'],
    'snow': ['in the snow', 'on snow', 'in a snowy landscape',
             'in the snowy mountains', 'in winter', 'on the ice'],
    'sea': ['in the sea', 'on the sea', 'in the ocean', 'on the water',
            'on the waves', 'in the water', 'at sea'],
    'desert': ['in the desert', 'in a desert', 'on the dunes',
               'among cacti', 'in the hot sand'],
    'space': ['in space', 'on the moon', 'in outer space', 'on the lunar '
              'surface', 'under the stars on the moon'],
    'room': ['in a room', 'in the living room', 'on a wooden floor',
             'at home', 'in the house', 'indoors'],
    'kitchen': ['in the kitchen', 'in a kitchen', 'on the kitchen floor',
                'on the tiles'],
}
LIGHTS = {'day': ['', '', '', '', 'by day', 'on a sunny day',
                  'in bright daylight'],
          'sunset': ['at sunset', 'in the evening', 'at dusk',
                     'in the evening sun', 'as the sun goes down'],
          'night': ['at night', 'by night', 'in the dark', 'under the moon',
                    'in the moonlight']}
STYLES = ['', '', '', '', '', '', 'a video of ', 'a clip of ', 'a film of ',
          'an animation of ', 'a cartoon of ']

# kind: (slow, fast) ways of getting along; None is every other kind
GOING = {
    'walker': (['walks', 'goes', 'strolls', 'wanders', 'moves', 'is walking'],
               ['runs', 'races', 'gallops', 'rushes', 'is running', 'dashes']),
    'hopper': (['hops', 'goes', 'hops along', 'moves', 'is hopping'],
               ['runs', 'hurries', 'leaps along', 'is running', 'rushes']),
    'vehicle': (['drives', 'goes', 'rolls', 'moves', 'is driving', 'rides'],
                ['races', 'speeds', 'drives fast', 'rushes', 'is speeding']),
    'swimmer': (['swims', 'moves', 'is swimming', 'glides', 'goes'],
                ['swims fast', 'rushes', 'speeds', 'darts', 'races']),
    'boat': (['sails', 'floats', 'is sailing', 'drifts', 'goes', 'moves'],
             ['sails fast', 'speeds', 'races', 'rushes']),
    'roller': (['rolls', 'is rolling', 'moves', 'rolls along', 'goes'],
               ['rolls fast', 'rolls quickly', 'speeds', 'rushes']),
    None: (['moves', 'slides', 'goes', 'is moving', 'glides'],
           ['moves fast', 'rushes', 'races', 'speeds', 'slides fast']),
}
FLYING = {'floater': (['floats', 'drifts', 'hovers', 'is floating', 'flies'],
                      ['floats fast', 'flies', 'is flying', 'rushes']),
          None: (['flies', 'glides', 'is flying', 'soars', 'flies slowly'],
                 ['flies fast', 'races', 'speeds', 'flies quickly',
                  'is flying', 'rushes'])}
LEFT = ['to the left', 'left', 'from right to left', 'leftwards']
RIGHT = ['to the right', 'right', 'from left to right', 'rightwards']
DOING = {
    'wait': ['waits', 'stands', 'stands still', 'stays', 'is waiting',
             'rests', 'is'],
    'jump': ['jumps', 'jumps up and down', 'hops up and down', 'is jumping',
             'leaps', 'leaps into the air'],
    'bounce': ['bounces', 'is bouncing', 'bounces up and down',
               'drops and bounces', 'bounces on the ground'],
    'fall': ['falls', 'falls down', 'falls from the sky', 'drops',
             'is falling', 'drops from above', 'lands', 'comes down'],
    'rise': ['rises', 'takes off', 'goes up', 'rises into the air',
             'lifts off', 'flies up', 'is rising', 'ascends'],
}
ALOFT_WAIT = ['hovers', 'hovers in the air', 'floats', 'waits', 'is',
              'stays in the air', 'is hovering']
SIZES = {-1: ['small ', 'little ', 'tiny '], 0: [''],
         1: ['big ', 'large ', 'huge ']}


def _pick(rng, choices):
    return choices[rng.integers(len(choices))]


def _article(rng, name):
    if rng.random() < 1 / 3:
        return 'the ' + name
    return ('an ' if name[0].lower() in 'aeio' else 'a ') + name


def _does(rng, scene):
    """The verb, and the way it goes."""
    kind = scene.kind
    if scene.action in ('left', 'right', 'fly left', 'fly right'):
        table = FLYING if scene.action.startswith('fly') else GOING
        verb = _pick(rng, table.get(kind, table[None])[int(scene.fast)])
        way = LEFT if scene.action.endswith('left') else RIGHT
        return verb + (' ' + _pick(rng, way) if rng.random() < .6 else '')
    if scene.action == 'wait' and kind in ('flyer', 'floater'):
        return _pick(rng, ALOFT_WAIT)
    return _pick(rng, DOING[scene.action])


def caption(rng, scene):
    """One caption of a scene, at random."""
    names = actors.CAST[scene.actor][4].split(',')
    name = names[0] if rng.random() < .5 else _pick(rng, names)
    size = _pick(rng, SIZES[scene.big]) if rng.random() < .7 else ''
    who = _article(rng, size + name)
    does = _does(rng, scene)
    where = _pick(rng, PLACES[scene.place])
    when = _pick(rng, LIGHTS[scene.light])
    draw = rng.random()
    if draw < .70:
        text = f'{who} {does} {where} {when}'
    elif draw < .82:
        text = f'{where} {when}, {who} {does}'
    elif draw < .90:
        text = f'{who} {does}, {where}, {when}'
    elif draw < .96:
        text = f'{who} {where} {when}'
    else:
        text = f'{size}{name} {where.split()[-1]} {when}'
    if text.startswith(who):
        text = _pick(rng, STYLES) + text
    text = ' '.join(text.split())
    text = text.replace(' ,', ',').rstrip(', ')
    style = rng.random()
    if style < .3:
        text = text[0].upper() + text[1:]
    if style < .15:
        text += '.'
    return text

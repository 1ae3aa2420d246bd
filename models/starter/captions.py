# SPDX-License-Identifier: LGPL-2.1-or-later
"""Says in words what happens in a clip, in many ways.

`caption` tells one event, `story` all of them, `plain` one event in one
fixed way.  What they say holds; they never use the words of words.py.
"""

import actors
from draw import pick
from grammar import NUMBERS, article, going, plural, third
from script import FAST, INDOORS

PLACES = {
    'beach': ['on the beach', 'on a beach', 'at the beach', 'by the sea shore',
              'on the sand by the sea', 'on a sandy beach'],
    'street': ['in the street', 'on the street', 'in the city', 'in a town',
               'on a city street', 'in front of buildings'],
    'alley': ['in the alley', 'in a back alley', 'in a narrow alley',
              'in an alley', 'in front of a brick wall in an alley'],
    'meadow': ['in a meadow', 'on the grass', 'in a field', 'in the meadow',
               'on a green meadow', 'in the park', 'among flowers'],
    'forest': ['in the forest', 'in a forest', 'in the woods',
               'among the trees', 'between trees'],
    'snow': ['in the snow', 'on snow', 'in a snowy landscape',
             'in the snowy mountains', 'on the white snow'],
    'sea': ['in the sea', 'on the sea', 'on the water', 'on the waves',
            'in the water', 'at sea'],
    'desert': ['in the desert', 'in a desert', 'among cacti',
               'in the hot desert', 'on the desert sand'],
    'sky': ['in the sky', 'above the clouds', 'up in the sky',
            'among the clouds', 'high in the sky'],
    'space': ['in space', 'on the moon', 'in outer space',
              'under the stars on the moon'],
    'room': ['in a room', 'in the living room', 'on a wooden floor',
             'in the room', 'on the wooden floor of a room'],
    'kitchen': ['in the kitchen', 'in a kitchen', 'on the kitchen floor',
                'on the kitchen tiles'],
    'road': ['on the road', 'along a road', 'on a country road',
             'along the road', 'on an open road']}
LIGHTS = {'day': ['by day', 'in daylight', 'in the daytime'],
          'sunset': ['at sunset', 'in the evening', 'in the evening light',
                     'as the sun goes down'],
          'night': ['at night', 'by night', 'in the dark', 'in the night']}
WEATHERS = {'clear': ['in clear weather', 'under a clear sky'],
            'rain': ['in the rain', 'in rainy weather', 'while it rains',
                     'on a rainy day'],
            'snow': ['in falling snow', 'while it snows', 'as snow falls',
                     'in a snowfall'],
            'fog': ['in the fog', 'in foggy weather', 'in thick fog']}
STYLES = ['a video of ', 'a clip of ', 'a film of ', 'an animation of ',
          'a cartoon of ']
SIZES = {-1: ['small ', 'little ', 'tiny '], 1: ['big ', 'large ', 'huge ']}
CAMERAS = {'left': ['the camera pans left', 'the camera pans to the left',
                    'the camera moves left'],
           'right': ['the camera pans right', 'the camera pans to the right',
                     'the camera moves right'],
           'still': ['the camera stands still', 'still camera']}

# (action, kind) or action: verbs; the first is the plain one
VERBS = {
    'wait': ['wait', 'stand', 'stand still', 'stay', 'rest'],
    ('wait', 'flyer'): ['wait', 'hover', 'stay in one place'],
    ('wait', 'floater'): ['wait', 'hover', 'stay in one place'],
    ('wait', 'thing'): ['wait', 'stand', 'stand still', 'stand there'],
    ('wait', 'roller'): ['wait', 'lie', 'lie still', 'rest'],
    ('wait', 'boat'): ['wait', 'float', 'rest'],
    ('wait', 'swimmer'): ['wait', 'rest', 'stay in one place'],
    ('go', 'walker'): ['walk', 'go', 'stroll', 'wander', 'move'],
    ('go', 'hopper'): ['hop', 'go', 'hop along', 'move'],
    ('go', 'vehicle'): ['drive', 'go', 'roll', 'move', 'ride'],
    ('go', 'boat'): ['sail', 'float', 'drift', 'go', 'move'],
    'go': ['move', 'glide', 'go', 'slide'],
    ('rush', 'walker'): ['run', 'race', 'rush', 'dash', 'run fast'],
    ('rush', 'hopper'): ['hop fast', 'hurry', 'rush', 'run', 'dash'],
    ('rush', 'vehicle'): ['drive fast', 'race', 'speed', 'rush'],
    ('rush', 'boat'): ['sail fast', 'speed', 'race', 'rush'],
    'rush': ['move fast', 'rush', 'race', 'speed'],
    'swim': ['swim', 'swim along'],
    ('fly', 'floater'): ['float', 'drift', 'fly', 'float along'],
    'fly': ['fly', 'glide', 'fly along'],
    'roll': ['roll', 'roll along'],
    'jump': ['jump', 'jump up and down', 'hop up and down',
             'jump into the air', 'jump again and again'],
    'bounce': ['bounce', 'bounce up and down', 'bounce on the ground'],
    'fall': ['fall down', 'fall', 'fall from above', 'drop', 'come down',
             'drop from above', 'fall and come to rest'],
    'rise': ['rise', 'go up', 'rise into the air', 'fly up', 'climb up'],
    'enter': ['enter', 'come in', 'come into the picture', 'appear'],
    'leave': ['leave', 'go out', 'go away', 'leave the picture'],
    'collide': ['bump into', 'run into', 'crash into', 'hit']}
LEFT = ['to the left', 'left', 'from right to left', 'leftwards']
RIGHT = ['to the right', 'right', 'from left to right', 'rightwards']
DRIVES = {
    'straight': ['drive straight on', 'drive straight ahead', 'go straight',
                 'keep straight on', 'follow the straight road'],
    'turn': ['turn', 'drive around a bend', 'go', 'bend'],
    'faster': ['drive faster', 'speed up', 'go faster', 'get faster'],
    'slower': ['drive slower', 'slow down', 'go slower', 'get slower'],
    'brake': ['brake and stop', 'stop', 'brake', 'come to a stand']}
OTHERS = {'ahead': ['a car drives ahead', 'a car is in front',
                    'behind another car'],
          'oncoming': ['a car comes the other way', 'an oncoming car passes',
                       'a car comes towards us']}


def _name(rng, party, definite=False):
    """A party with its article or number."""
    names = actors.CAST[party.actor].names
    name = names[0] if rng.random() < .6 else pick(rng, names)
    size = pick(rng, SIZES[party.size]) \
        if party.size and not definite and rng.random() < .7 else ''
    if party.count > 1:
        many = NUMBERS[party.count]
        if rng.random() < .15:
            many = str(party.count)
        return ('the ' if definite else '') + f'{many} {size}{plural(name)}'
    if definite:
        return f'the {name}'
    return article(size + name)


def _and(names):
    if len(names) < 3:
        return ' and '.join(names)
    return ', '.join(names[:-1]) + ' and ' + names[-1]


def _verbs(event, party):
    return VERBS.get((event.action, party.kind)) or VERBS[event.action]


def _conjugate(rng, verb, many):
    """A verb of one or many, now and then with -ing."""
    if rng.random() < .2:
        return ('are ' if many else 'is ') + going(verb)
    return verb if many else third(verb)


def _way(rng, event):
    """Words for the direction of an act."""
    if event.direction == 'none' or event.action == 'collide':
        return ''
    left = event.direction == 'left'
    if event.action == 'enter':
        return 'from the ' + ('right' if left else 'left')
    if event.action == 'leave':
        return 'to the ' + ('left' if left else 'right')
    return pick(rng, LEFT if left else RIGHT)


def _does(rng, script, event, way=.7):
    """What the subject of an event does."""
    party = script.parties[event.subject]
    verb = pick(rng, _verbs(event, party))
    if verb == 'hover' and script.place == 'sea':
        verb = 'wait'
    words = [_conjugate(rng, verb, party.count > 1)]
    if event.action == 'collide':
        words.append(_name(rng, script.parties[event.partner], True))
    elif rng.random() < way or event.action in ('enter', 'leave'):
        words.append(_way(rng, event))
    if event.action in ('go', 'fly', 'roll', 'swim') and rng.random() < .5:
        if event.speed >= FAST:
            words.append(pick(rng, ['fast', 'quickly']))
        elif event.speed < 18:
            words.append('slowly')
    return ' '.join(word for word in words if word)


def _where(rng, script, place=.93, light=.8, weather=.85):
    """Place, light and weather; each is left out now and then."""
    words = []
    if rng.random() < place:
        phrase = pick(rng, PLACES[script.place])
        words.append(phrase)
    outdoors = script.place not in INDOORS + ('space',)
    day = script.light == 'day'
    if script.place != 'space' and rng.random() < (
            .2 if day else light):
        words.append(pick(rng, LIGHTS[script.light]))
    if outdoors and rng.random() < (
            .08 if script.weather == 'clear' else weather):
        phrase = pick(rng, WEATHERS[script.weather])
        if not day and 'day' in phrase:
            phrase = 'in the ' + script.weather
        words.append(phrase)
    if rng.random() < .3:
        words.reverse()
    return ' '.join(words)


def _spot(rng, script, event):
    """Where in the picture the subject is, where that stays so."""
    party = script.parties[event.subject]
    if party.scale[0] < .74 and party.count == 1 and rng.random() < .7:
        return 'in the background'
    if party.count > 1 or event.start or event.action not in (
            'wait', 'jump', 'bounce') or event.camera != 'still':
        return ''
    x = (party.x[0] - script.pan) * party.scale[0]
    if rng.random() < .5 or 9 < abs(x) < 17:
        return ''
    return 'in the middle' if abs(x) <= 9 else \
        'on the left' if x < 0 else 'on the right'


def _present(script, index):
    """Other parties that are there in an event."""
    event = script.events[index]
    return [party for number, party in enumerate(script.parties)
            if event.others[number] != 'off' and number != event.subject]


def _known(script, index, number):
    """Whether a party has been seen before an event."""
    return any(script.events[before].others[number] != 'off'
               for before in range(index))


def _first(rng, script):
    """The first event: who, where, what."""
    event = script.events[0]
    party = script.parties[event.subject]
    others = _present(script, 0)
    who, where = _name(rng, party), _where(rng, script)
    if event.action == 'collide':
        others = []
        does = _does(rng, script, event)
        known = _name(rng, script.parties[event.partner], True)
        if known in does:
            does = does.replace(known, _name(
                rng, script.parties[event.partner]))
    else:
        does = _does(rng, script, event)
    spot = _spot(rng, script, event)
    style = rng.random()
    if others and style < .35:
        names = _and([who] + [_name(rng, other) for other in others])
        return (f'{names} {where}, {_name(rng, party, True)} {does} {spot}',
                True)
    text = f'{who} {does} {spot} {where}'
    if style > .85 and where:
        text = f'{where}, {who} {does} {spot}'
    if others and style < .9:
        more = _and([_name(rng, other) for other in others])
        there = 'are' if others[0].count > 1 else 'is'
        text += pick(rng, [', with ', f'; there {there} also ',
                           f', there {there} ',
                           f', and there {there} ']) + more
    return text, style <= .85


def _later(rng, script, index):
    """A later event."""
    event = script.events[index]
    party = script.parties[event.subject]
    same = script.events[index - 1].subject == event.subject
    if not _known(script, index, event.subject):
        who = _name(rng, party)
    elif same and rng.random() < .35:
        who = 'they' if party.count > 1 else 'it'
    else:
        who = _name(rng, party, rng.random() < .75)
    text = f'{who} {_does(rng, script, event)}'
    text += ' ' + _where(rng, script, .5, .35, .35)
    going_on = [number for number, what in enumerate(event.others)
                if what == 'go on']
    if going_on and rng.random() < .6:
        before = script.events[index - 1]
        other = script.parties[before.subject]
        verb = _verbs(before, other)[0]
        text += f' while {_name(rng, other, True)} ' + (
            verb if other.count > 1 else third(verb)) + ' on'
    if rng.random() < .3:
        text = pick(rng, ['then ', 'now ', 'next ']) + text
    return text


def _drive_verb(rng, event):
    """What the car does, as a verb and its way."""
    verb = pick(rng, DRIVES[event.action])
    if event.action == 'turn':
        verb = 'turn' if verb == 'bend' else verb
        way = pick(rng, ['to the {}', 'to the {}', '{}'])
        if verb == 'drive around a bend':
            way = 'to the {}'
        verb += ' ' + way.format(event.direction)
    return verb


def _drive(rng, script, index):
    """An event of a drive."""
    event = script.events[index]
    if event.action == 'turn' and rng.random() < .25:
        text = pick(rng, ['the road turns {}', 'the road bends to the {}',
                          'a bend to the {}']).format(event.direction)
    else:
        verb = _drive_verb(rng, event)
        style = rng.random()
        if style < .4:
            text = going(verb)
        elif style < .7:
            text = 'we ' + verb
        else:
            text = pick(rng, ['our car ', 'the driver ']) + third(verb)
    first = index == 0
    text += ' ' + _where(rng, script, .9 if first else .4,
                         .8 if first else .3, .85 if first else .3)
    if script.parties and event.others[0] != 'off' and rng.random() < (
            .8 if first else .4):
        text += ', ' + pick(rng, OTHERS[script.road['other']])
    if not first and rng.random() < .3:
        text = pick(rng, ['then ', 'now ', 'next ']) + text
    return text


def _tidy(text):
    text = ' '.join(text.split()).replace(' ,', ',').replace(' ;', ';')
    return text.strip(',; ')


def _finish(rng, text):
    """Capital and full stop, now and then."""
    text = _tidy(text)
    style = rng.random()
    if style < .3:
        text = text[0].upper() + text[1:]
    if style < .15:
        text += '.'
    return text


def _short(rng, script, index):
    """A few words."""
    event = script.events[index]
    if script.place == 'road':
        return going(_drive_verb(rng, event))
    party = script.parties[event.subject]
    name = _name(rng, party)
    if rng.random() < .4:
        return f'{name} {_where(rng, script, 1, 0, 0)}'
    verb = _verbs(event, party)[0]
    if event.action == 'collide':
        verb += ' ' + _name(rng, script.parties[event.partner])
    return f'{name} {verb if party.count > 1 else third(verb)}'


def caption(rng, script, index):
    """One caption of an event, at random."""
    if rng.random() < .1:
        return _finish(rng, _short(rng, script, index))
    if script.place == 'road':
        text = _drive(rng, script, index)
    elif index == 0:
        text, starts = _first(rng, script)
        if starts and rng.random() < .2 and 'the ' not in text[:4] \
                and ',' not in text:
            text = pick(rng, STYLES) + text
    else:
        text = _later(rng, script, index)
    camera = script.events[index].camera
    if camera in CAMERAS and rng.random() < (
            .06 if camera == 'still' else .6):
        text += ', ' + pick(rng, CAMERAS[camera])
    return _finish(rng, text)


def story(rng, script):
    """All events in order, as one sentence or as lines."""
    lines = []
    for index in range(len(script.events)):
        if script.place == 'road':
            lines.append(_drive(rng, script, index))
        elif index == 0:
            lines.append(_first(rng, script)[0])
        else:
            lines.append(_later(rng, script, index))
    lines = [_tidy(line) for line in lines]
    if rng.random() < .3:
        return '\n'.join(lines)
    for index, line in enumerate(lines[1:], 1):
        for word in ('then ', 'now ', 'next '):
            line = line.removeprefix(word)
        lines[index] = pick(rng, [', then ', ', then ', ', and then ', ', ']
                            if index + 1 < len(lines) or len(lines) == 2
                            else [', then ', ', and then ', ', at last ']
                            ) + line
    return _finish(rng, ''.join(lines))


def plain(script, index):
    """One fixed sentence that names all facts of an event."""
    event = script.events[index]
    words = []
    if script.place == 'road':
        words.append('we ' + DRIVES[event.action][0])
        if event.action == 'turn':
            words.append('to the ' + event.direction)
    else:
        words += _plain_act(script, event)
    words.append(PLACES[script.place][0])
    if script.place != 'space':
        words.append(LIGHTS[script.light][0])
    if script.place not in INDOORS + ('space',):
        words.append(WEATHERS[script.weather][0])
    text = ' '.join(words)
    if script.place == 'road' and script.present(index):
        text += ', ' + OTHERS[script.road['other']][0]
    elif script.place != 'road':
        others = [_plain_name(other) for other in _present(script, index)]
        if others and event.action != 'collide':
            text += ', with ' + _and(others)
    if event.camera in ('left', 'right'):
        text += ', ' + CAMERAS[event.camera][0]
    return text


def _plain_name(party):
    name = actors.CAST[party.actor].names[0]
    size = {-1: 'small ', 0: '', 1: 'big '}[party.size]
    if party.count > 1:
        return f'{NUMBERS[party.count]} {size}{plural(name)}'
    return article(size + name)


def _plain_act(script, event):
    """Who does what, as words."""
    party = script.parties[event.subject]
    verb = _verbs(event, party)[0]
    words = [_plain_name(party), verb if party.count > 1 else third(verb)]
    if event.action == 'collide':
        words.append(_plain_name(script.parties[event.partner]))
    elif event.action == 'enter':
        words.append('from the ' + {'left': 'right', 'right': 'left'}
                     [event.direction])
    elif event.direction != 'none':
        words.append('to the ' + event.direction)
    if event.action in ('fly', 'roll', 'swim') and event.speed >= FAST:
        words.append('fast')
    return words

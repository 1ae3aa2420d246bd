# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws scripts at random: plausible ones, whose events can be played.

A `Stager` keeps where everybody will be after each event, so that nobody
walks out of the picture unless the event says so.
"""

import zlib

import numpy as np

import actors
import motion
import physics
import road
import script as scripts
from script import FAST, Event, Party, Script

CAMERA = 44.0                   # how far the camera may go, pixels
EDGE = 60.0                     # half of the picture that actors use
# Where a kind of actor is mostly met; every pair is possible.
LIKELY = {'boat': ['sea'] * 9 + ['beach'],
          'swimmer': ['sea'] * 6 + ['beach'],
          'vehicle': ['street'] * 4 + ['alley', 'meadow', 'desert', 'snow'],
          'flyer': ['sky'] * 3 + ['meadow', 'forest', 'sea', 'space'],
          'floater': ['sky'] * 3 + ['meadow', 'street', 'beach', 'space']}
# What a kind does, with weights.
CHANCES = {
    'walker': dict(wait=1.2, go=5, rush=3, jump=2, fall=.8, enter=2.5,
                   leave=1),
    'hopper': dict(wait=1.2, go=3, rush=2, jump=4, fall=.8, enter=2.5,
                   leave=1),
    'vehicle': dict(wait=1.2, go=4, rush=4, fall=.5, enter=3, leave=1.5),
    'flyer': dict(wait=1.5, fly=6, rise=3, fall=.8, enter=2.5, leave=1),
    'floater': dict(wait=1.5, fly=4, rise=4, fall=1, enter=1.5, leave=.5),
    'swimmer': dict(wait=1.5, go=4, rush=2, jump=3, fall=.7, enter=2.5,
                    leave=1),
    'boat': dict(wait=1.2, go=5, rush=2, fall=.3, enter=2.5, leave=1),
    'roller': dict(wait=1, roll=5, bounce=6, fall=1.5, enter=2.5, leave=1),
    'thing': dict(wait=2, fall=5, bounce=2)}
CUTS = [[7], [7], [3, 4], [4, 3], [2, 5], [5, 2], [2, 2, 3], [2, 3, 2],
        [3, 2, 2]]
VARIANTS = 24                   # backdrops of one place, light and weather


def held_out(actor, place):
    """Whether a pair is never staged in training: one of eight."""
    return zlib.crc32(f'{actor} @ {place}'.encode()) % 8 == 3


def pick(rng, choices):
    return choices[int(rng.random() * len(choices))]


def _weighted(rng, chances):
    """A key of a dict, drawn by its value."""
    left = rng.random() * sum(chances.values())
    for key, weight in chances.items():
        left -= weight
        if left < 0:
            break
    return key


def _weather(rng, place):
    if place in scripts.INDOORS or place == 'space':
        return 'clear'
    return pick(rng, ['clear'] * 6 + ['rain', 'snow', 'fog', 'rain'])


def _light(rng, place):
    if place == 'space':
        return 'day'
    return pick(rng, ['day'] * 6 + ['sunset', 'sunset', 'night', 'night'])


def _meeting(rng, split):
    """An actor and a place that may meet in this split."""
    while True:
        share = rng.random()
        actor = pick(rng, _THINGS if share < .2 else
                     _ROLLERS if share < .3 else actors.MOVERS)
        kind = actors.CAST[actor].kind
        place = pick(rng, scripts.SCENES)
        if kind in LIKELY and rng.random() < .5:
            place = pick(rng, LIKELY[kind])
        if held_out(actor, place) == (split == 'test'):
            return actor, place


_THINGS = [name for name in actors.NAMES if name not in actors.MOVERS]
_ROLLERS = [name for name in actors.NAMES
            if actors.CAST[name].kind == 'roller']


class Stager:
    """Draws one script."""

    def __init__(self, rng, split):
        self.rng, self.split = rng, split
        actor, self.place = _meeting(rng, split)
        self.cam = rng.uniform(-CAMERA, CAMERA)
        self.start = self.cam
        self.way = pick(rng, [0] * 7 + [-1, 1, 1])
        if self.way:
            self.cam = self.start = -self.way * CAMERA
        self.parties = []
        self.at = []            # middle of each party, None: not on stage
        self.aloft = []         # whether it is in the air
        self.risen = set()      # those that have gone up already
        self._cast(actor)

    # --- who plays ---

    def _cast(self, actor):
        """Choose who plays with the first actor, and place everybody."""
        rng = self.rng
        counts = pick(rng, [[1]] * 11 + [[2]] * 2 + [[3]] + [[1, 1]] * 8
                      + [[1, 2], [2, 1]] + [[1, 1, 1]] * 2)
        names = [actor]
        while len(names) < len(counts):
            other = pick(rng, actors.NAMES)
            if other not in names and not held_out(other, self.place):
                names.append(other)
        self.meet = counts == [1, 1] and not self.way and rng.random() < .75
        zoom = [1, .84, .72][sum(counts) - 1]
        lanes = self._lanes(sum(counts))
        for name, count in zip(names, counts):
            mine, lanes = lanes[:count], lanes[count:]
            self.parties.append(self._party(name, count, zoom, mine))
            self.at.append(None)
            self.aloft.append(self.parties[-1].kind in ('flyer', 'floater'))

    def _lanes(self, count):
        """Depths for all, apart from each other unless they shall meet."""
        rng = self.rng
        if count == 1:
            return [rng.uniform(.58, .72) if rng.random() < .2
                    else rng.uniform(.88, 1.08)]
        if self.meet:
            return [rng.uniform(.85, 1.02)] * 2
        lanes = [rng.uniform(.98, 1.06) - gap
                 for gap in ((0, .13), (0, .12, .24))[count - 2]]
        if rng.random() < .3:
            lanes[-1] = rng.uniform(.58, .7)
        if rng.random() < .5:
            return lanes            # the first actor in front
        return [lanes[i] for i in rng.permutation(count)]

    def _party(self, name, count, zoom, lanes):
        rng = self.rng
        size = pick(rng, [-1, 0, 0, 0, 1])
        height = actors.CAST[name].height * zoom * rng.uniform(.95, 1.05) \
            * (.72, 1, 1.22)[size + 1]
        return Party(name, count, size, round(height, 2),
                     [round(lane, 3) for lane in lanes], [0.0] * count, 0.0,
                     True, pick(rng, 'LR'))

    # --- where there is room ---

    def half(self, index):
        """Half the width of a party, as pixels of the theatre."""
        party = self.parties[index]
        half = actors.half_width(party.actor, party.height)
        return half * (1 + .8 * (party.count - 1))

    def limit(self, index):
        """How far from the picture's middle a party may be."""
        deep = min(self.parties[index].scale)
        most = EDGE / max(self.parties[index].scale)
        return max(6.0, min(most, EDGE / deep) - .7 * self.half(index))

    def gap(self, index, side, at=None):
        """Free way to one side until a body of the same depth."""
        at = self.at[index] if at is None else at
        room = 1e9
        for other, where in enumerate(self.at):
            if other != index and where is not None and self.meet \
                    and (where - at) * side > 0:
                room = min(room, abs(where - at) - self.half(index)
                           - self.half(other) - 8)
        return room

    def reach(self, index, side, seconds, pan):
        """The highest speed to one side that stays in the picture."""
        offset = (self.at[index] - self.cam) * side
        room = self.limit(index) - offset + pan * seconds * side
        return min(room, self.gap(index, side)) / seconds

    def settle(self, index, drift):
        """A place for a party that will drift so far over the event."""
        limit = self.limit(index)
        low, high = max(-limit, -limit - drift), min(limit, limit - drift)
        if low >= high:
            low = high = (low + high) / 2
        taken = [at for other, at in enumerate(self.at)
                 if at is not None and other != index]
        places = [self.cam + self.rng.uniform(low, high)
                  for _ in range(6 if taken else 1)]
        self.at[index] = max(places, key=lambda place: min(
            [abs(place - at) for at in taken], default=0.0))

    # --- events ---

    def draw(self):
        """The whole script."""
        rng = self.rng
        cut = pick(rng, CUTS)
        events, start = [], 0
        for number, blocks in enumerate(cut):
            event = Event(start, start + blocks, 0, 'wait')
            if number == 0:
                self._open(event, last=len(cut) == 1)
            else:
                self._go_on(event, events[-1], number == len(cut) - 1)
            self._keep(events, event)
            events.append(event)
            start += blocks
        return Script(self.place, _light(rng, self.place),
                      _weather(rng, self.place),
                      int(rng.integers(VARIANTS)), round(self.start, 2),
                      self.parties, events)

    def _keep(self, events, event):
        """Say what the others do in an event, and move the camera."""
        event.pan = round(event.pan, 2)
        event.speed = round(event.speed, 2)
        event.others = []
        for index in range(len(self.parties)):
            if index == event.subject:
                event.others.append('acts')
            elif self.at[index] is None and index != event.partner:
                event.others.append('off')
            else:
                event.others.append('wait')
        self.cam += event.pan * event.seconds
        side = {'left': -1, 'right': 1}.get(event.direction, 0)
        if event.action == 'leave':
            self.at[event.subject] = None
        elif event.action == 'enter':
            self.at[event.subject] = event.goal
        elif side and event.action != 'collide':
            self.at[event.subject] += side * event.speed * event.seconds
        if events and self._can_go_on(events[-1], event):
            event.others[events[-1].subject] = 'go on'

    def _can_go_on(self, before, event):
        """Whether the subject before may go on with what it did."""
        index = before.subject
        if index == event.subject or before.action not in (
                'go', 'rush', 'fly', 'swim') or event.action == 'collide' \
                or self.at[index] is None or self.meet:
            return False
        side = -1 if before.direction == 'left' else 1
        room = self.limit(index) - side * (self.at[index] - self.cam)
        if before.speed * event.seconds > room or self.rng.random() < .4:
            return False
        self.at[index] += side * before.speed * event.seconds
        return True

    def _chances(self, index, first, last):
        """What a party might do now, with weights."""
        party = self.parties[index]
        chances = dict(CHANCES[party.kind])
        if not first:
            chances['fall' if not self._in(index) else 'wait'] = 1.5
            for act in list(chances):
                inside = act not in ('enter', 'fall')
                if inside != self._in(index) and not (
                        act == 'fall' and self.aloft[index]):
                    del chances[act]
        if self.meet and last and party.kind != 'thing' \
                and all(self._in(i) or first for i in (0, 1)) \
                and not any(self.aloft):
            chances['collide'] = 40
        hard = physics.GROUNDS[scripts.GROUND[self.place]][0]
        springs = physics.MATERIALS[actors.CAST[party.actor].material][0]
        if hard * springs < .5:
            chances.pop('bounce', None)
        if party.count > 1:
            chances.pop('collide', None)
        return chances

    def _in(self, index):
        return self.at[index] is not None

    def _open(self, event, last):
        """The first event: everybody's place follows from it."""
        if self.way:
            event.pan = self.way * self.rng.uniform(9, 16)
            event.camera = 'left' if self.way < 0 else 'right'
        chances = self._chances(0, True, last)
        while True:
            action = _weighted(self.rng, chances)
            if action != 'fall' or self._fall_fits(0, event):
                break
        late = not last and len(self.parties) > 1 and action != 'collide' \
            and self.rng.random() < .45
        others = range(1, len(self.parties) - (1 if late else 0))
        if self.meet:
            self._aside(event, others)
        self._start(event, action)
        for index in () if self.meet else others:
            self.settle(index, -event.pan * event.seconds)
        self._spread(event)

    def _fall_fits(self, index, event):
        """Whether a fall ends within its event."""
        light = self.parties[index].kind == 'floater'
        return event.seconds > (4.4 if light else
                                2.2 if self.place == 'space' else 1.2)

    def _start(self, event, action):
        """Place the subject for its first act."""
        party, seconds = self.parties[0], event.seconds
        drift = -event.pan * seconds
        if action in ('go', 'rush', 'fly', 'roll', 'swim'):
            side = self.way or pick(self.rng, [-1, 1])
            most = (2 * self.limit(0) * .95 + side * event.pan * seconds) \
                / seconds
            speed = min(self._speed(action), most)
            if self.meet:
                side = 1 if self.at[0] < self.cam else -1
                speed = min(speed, self.reach(0, side, seconds, event.pan))
                if speed < 7:
                    self._start(event, 'wait')
                    return
            else:
                self.settle(0, side * speed * seconds + drift)
            self._move(event, action, side, speed)
        elif action in ('enter', 'fall'):
            before, self.at[0] = self.at[0], None
            if not self._begin(event, 0, action):
                self.at[0] = before
                self._start(event, 'wait')
        else:
            if not self.meet:
                self.settle(0, drift)
            if action == 'bounce':
                party.z = round(self.rng.uniform(48, 76), 1)
            if not self._begin(event, 0, action):
                event.action = 'wait'

    def _aside(self, event, others):
        """Put two that may meet to the two sides of the picture."""
        side = pick(self.rng, [-1, 1])
        middle = self.cam + event.pan * event.seconds / 2
        for index in (0, *others):
            sign = -side if index == 0 else side
            self.at[index] = middle + sign * max(
                .9 * self.limit(index) - abs(middle - self.cam),
                self.half(index))

    def _spread(self, event):
        """Write the places into the parties."""
        for index, party in enumerate(self.parties):
            at = self.at[index]
            party.on = at is not None and not (
                index == event.subject and event.action in ('enter', 'fall'))
            at = 0.0 if at is None else at
            step = 1.6 * actors.half_width(party.actor, party.height)
            party.x = [round(at + (i - (party.count - 1) / 2) * step, 2)
                       for i in range(party.count)]
            if self.aloft[index] and party.z == 0 and not (
                    index == event.subject and event.action == 'rise'):
                party.z = round(self.rng.uniform(24, 44), 1)

    def _speed(self, action):
        if action == 'rush' or action in ('fly', 'roll') \
                and self.rng.random() < .4:
            return self.rng.uniform(FAST + 2, 58)
        return self.rng.uniform(13, 26)

    def _move(self, event, action, side, speed):
        """Make an event of a way to one side."""
        if action in ('go', 'rush'):
            action = 'rush' if speed > FAST else 'go'
            if self.place == 'sea' and self.parties[event.subject].kind in (
                    'walker', 'hopper', 'swimmer'):
                action = 'swim'
        event.action, event.speed = action, speed
        event.direction = 'left' if side < 0 else 'right'

    def _go_on(self, event, before, last):
        """A later event."""
        rng = self.rng
        if self.way and rng.random() < .6:
            pan = self.way * rng.uniform(9, 16)
            if abs(self.cam + pan * event.seconds) <= CAMERA and all(
                    abs(at - self.cam - pan * event.seconds)
                    < self.limit(index) for index, at in enumerate(self.at)
                    if at is not None):
                event.pan = pan
                event.camera = 'left' if pan < 0 else 'right'
        for attempt in range(8):
            index = self._next_subject()
            chances = self._chances(index, False, last)
            idle = (index, 'wait') == (before.subject, before.action)
            if len(chances) > 1 and (idle or attempt < rng.integers(1, 6)):
                chances.pop('wait', None)
            if chances and self._begin(event, index,
                                       _weighted(rng, chances)):
                return
        index = index if self._in(index) else next(
            (i for i in range(len(self.at)) if self._in(i)), None)
        if index is None:
            self._begin(event, 0, 'enter') or self._hurry_in(event)
        else:
            event.subject, event.action = index, 'wait'
            event.direction, event.speed = 'none', 0.0

    def _next_subject(self):
        """Who acts next; things that lie there do so less often."""
        count = len(self.parties)
        index = 0 if self.split == 'test' else int(self.rng.integers(count))
        if self.parties[index].kind == 'thing' and self._in(index) \
                and self.split != 'test' and self.rng.random() < .7:
            index = int(self.rng.integers(count))
        return index

    def _begin(self, event, index, action):
        """Fill an event in; False where it cannot be played."""
        event.subject, event.speed = index, 0.0
        event.action, event.direction = action, 'none'
        return getattr(self, '_begin_' + action, self._begin_still)(
            event, index)

    def _begin_still(self, event, index):
        drift = self.at[index] - self.cam - event.pan * event.seconds
        return abs(drift) <= self.limit(index) + 8

    def _begin_way(self, event, index):
        side = 1 if self.at[index] < self.cam else -1
        if self.rng.random() < .3:
            side = -side
        most = self.reach(index, side, event.seconds, event.pan)
        speed = min(self._speed(event.action), most)
        if speed < 9:
            return False
        self._move(event, event.action, side, speed)
        self.aloft[index] = event.action == 'fly'
        return True

    _begin_go = _begin_rush = _begin_fly = _begin_roll = _begin_way

    def _begin_fall(self, event, index):
        self.risen.discard(index)
        if not self._fall_fits(index, event):
            return False
        if not self._in(index):
            if self.meet and self._in(1 - index):
                self.at[index] = 2 * self.cam - self.at[1 - index]
                if self.gap(index, 1) < 4 or self.gap(index, -1) < 4:
                    self.at[index] = None
                    return False
            else:
                self.settle(index, -event.pan * event.seconds)
            event.goal = round(self.at[index], 2)
        self.aloft[index] = False
        return True

    def _begin_rise(self, event, index):
        if index in self.risen:
            return False
        high = self.rng.uniform(24, 34) if self.aloft[index] and event.start \
            else self.rng.uniform(55, 75)
        event.speed = high / event.seconds
        self.risen.add(index)
        self.aloft[index] = True
        return self._begin_still(event, index)

    def _begin_enter(self, event, index):
        side = pick(self.rng, [-1, 1])
        last = self.cam + event.pan * event.seconds
        edge = 64 / min(self.parties[index].scale) + self.half(index) + 3
        start = self.cam - side * edge
        goal = last + side * self.rng.uniform(-.6, .5) * self.limit(index)
        if self.gap(index, side, start) < abs(goal - start):
            return False
        speed = abs(goal - start) / (.75 * event.seconds)
        if speed > 80 or (goal - start) * side <= 0:
            return False
        event.speed = max(speed, self.rng.uniform(16, 30))
        event.direction = 'left' if side < 0 else 'right'
        event.goal = round(goal, 2)
        return True

    def _hurry_in(self, event):
        """Enter the empty stage, however short the time."""
        last = self.cam + event.pan * event.seconds
        edge = 64 / min(self.parties[0].scale) + self.half(0) + 3
        event.goal = round(last - .3 * self.limit(0), 2)
        event.speed = (event.goal - self.cam + edge) / (.8 * event.seconds)
        event.direction = 'right'

    def _begin_leave(self, event, index):
        side = pick(self.rng, [-1, 1])
        last = self.cam + event.pan * event.seconds
        edge = 64 / min(self.parties[index].scale) + self.half(index) + 3
        way = side * (last - self.at[index]) + edge
        speed = way / (.85 * event.seconds)
        if speed > 85 or self.gap(index, side) < 1e6:
            return False
        event.speed = max(speed, self.rng.uniform(16, 30))
        event.direction = 'left' if side < 0 else 'right'
        return True

    def _begin_collide(self, event, index):
        event.partner = 1 - index
        way = self.at[1 - index] - self.at[index]
        side = 1 if way > 0 else -1
        free = self.gap(index, side) + 8
        speed = max(free / (.45 * event.seconds), self.rng.uniform(28, 40))
        if free < 18 or speed > 85:
            return False
        event.speed = speed
        event.direction = 'left' if side < 0 else 'right'
        return True


def _meets(script):
    """Whether actors touch in the events that say so, and in no other."""
    if len(set(scale for party in script.parties
               for scale in party.scale)) == sum(
                   party.count for party in script.parties):
        return True             # none are as near as each other
    _, world, _ = motion.play(np.random.default_rng(0), script)
    hits = [contact['time'] * scripts.FPS for contact in world.contacts
            if contact['partners'][1] != 'ground']
    event = script.events[-1]
    if event.action != 'collide':
        return not hits
    first, last = event.frames
    return bool(hits) and first < hits[0] < last - .2 * (last - first)


def draw_script(rng, split='train'):
    """A script at random; split 'test': with a subject that is never met in
    this place in training."""
    if split == 'train' and rng.random() < .08:
        return road.draw(rng)
    while True:
        script = Stager(rng, split).draw()
        if _meets(script):
            return script

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happens in a clip, as plain data: who, where, and which events."""

from dataclasses import asdict, dataclass, field

import actors

FPS = 16
FRAMES = 81
# The video model's blocks, as (first frame, one after the last).
BLOCKS = [(0, 9)] + [(9 + 12 * k, 21 + 12 * k) for k in range(6)]
SECONDS = FRAMES / FPS
SCENES = ['beach', 'street', 'alley', 'meadow', 'forest', 'snow', 'desert',
          'sea', 'sky', 'space', 'room', 'kitchen']
PLACES = SCENES + ['road']
GROUND = {'beach': 'sand', 'street': 'asphalt', 'alley': 'stones',
          'meadow': 'grass', 'forest': 'soil', 'snow': 'snow',
          'desert': 'sand', 'sea': 'water', 'sky': 'cloud', 'space': 'dust',
          'room': 'boards', 'kitchen': 'tiles', 'road': 'asphalt'}
INDOORS = ('room', 'kitchen')
LIGHTS = ['day', 'sunset', 'night']
WEATHERS = ['clear', 'rain', 'snow', 'fog']
ACTIONS = ['wait', 'go', 'rush', 'fly', 'swim', 'jump', 'bounce', 'roll',
           'fall', 'rise', 'collide', 'enter', 'leave']
DRIVES = ['straight', 'turn', 'faster', 'slower', 'brake']
FACTS = {
    'place': PLACES, 'light': LIGHTS, 'weather': WEATHERS,
    'actor': ['none'] + actors.NAMES, 'action': ACTIONS + DRIVES,
    'direction': ['none', 'left', 'right'], 'count': [0, 1, 2, 3],
    'camera': ['still', 'left', 'right', 'drive']}
FAST = 32.0                     # from this speed on a way is fast, pixels / s


@dataclass
class Party:
    """One actor, or several alike that act together.

    size: -1 small, 0 as usual, 1 big.  scale: of what stands there, 1 at
    the front, smaller behind.  x: start of each, in pixels of the theatre,
    0 in its middle.  stage: on it, or beside (it enters or falls in later).
    """
    actor: str
    count: int
    size: int
    height: float
    scale: list
    x: list
    z: float                    # height above the ground at the start
    on: bool
    looks: str                  # L or R

    @property
    def kind(self):
        return actors.CAST[self.actor].kind


@dataclass
class Event:
    """What one party does in some blocks, and what the others do."""
    start: int                  # block
    end: int                    # one after the last
    subject: int                # party; -1 is the camera's car
    action: str
    direction: str = 'none'
    speed: float = 0.0          # pixels / s; a drive's: what it goes to
    goal: float = None          # where it stops, or where it falls in
    partner: int = -1           # collide: with whom
    others: list = field(default_factory=list)  # 'wait', 'go on' or 'off'
    camera: str = 'still'
    pan: float = 0.0            # pixels / s

    @property
    def frames(self):
        return BLOCKS[self.start][0], BLOCKS[self.end - 1][1]

    @property
    def seconds(self):
        first, last = self.frames
        return (last - first) / FPS


@dataclass
class Script:
    """A clip before it is filmed."""
    place: str
    light: str
    weather: str
    backdrop: int               # which of the painted ones
    pan: float                  # where the camera starts
    parties: list
    events: list
    road: dict = field(default_factory=dict)

    def to_dict(self):
        return asdict(self)

    @staticmethod
    def from_dict(data):
        data = dict(data)
        data['parties'] = [Party(**party) for party in data['parties']]
        data['events'] = [Event(**event) for event in data['events']]
        return Script(**data)

    def event_at(self, frame):
        """The number of the event that a frame belongs to."""
        for index, event in enumerate(self.events):
            if frame < event.frames[1]:
                return index
        return len(self.events) - 1

    def present(self, event):
        """Parties seen in an event."""
        others = self.events[event].others
        return [index for index in range(len(self.parties))
                if others[index] != 'off']

    def facts(self, event):
        """Labels of an event, one for each of FACTS."""
        now = self.events[event]
        party = self.parties[now.subject] if now.subject >= 0 else None
        if party is None and self.parties:
            actor = self.parties[0].actor
        else:
            actor = party.actor if party else 'none'
        return {'place': self.place, 'light': self.light,
                'weather': self.weather, 'actor': actor,
                'action': now.action, 'direction': now.direction,
                'count': sum(self.parties[index].count
                             for index in self.present(event)),
                'camera': now.camera}

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The record of a clip: what was where, and what touched what, when."""

import actors
import physics
from script import FPS, FRAMES, GROUND


def place(contact, painted, path):
    """Where a contact is seen in a 128-pixel picture."""
    at = min(contact['time'] * FPS, FRAMES - 1)
    first = min(int(at), FRAMES - 2)
    camera = path[first] + (path[first + 1] - path[first]) * (at - first)
    return (64 + (contact['x'] - camera) * contact['depth'],
            painted.row(contact['depth']) - contact['z'] * contact['depth'])


def _head(script):
    """What every record says."""
    return {'fps': FPS, 'frames': FRAMES, 'place': script.place,
            'ground': GROUND[script.place], 'weather': script.weather,
            'light': script.light,
            'events': [{'start': event.frames[0] / FPS,
                        'end': event.frames[1] / FPS, **script.facts(index)}
                       for index, event in enumerate(script.events)]}


def _object(name, depth, boxes):
    actor = actors.CAST[name]
    return {'class': name, 'kind': actor.kind, 'material': actor.material,
            'mass': actor.mass, 'depth': depth,
            'boxes': [box and [round(edge, 1) for edge in box]
                      for box in boxes]}


def scene(script, figures, world, painted, path):
    """The record of a clip on a set.

    A depth is a distance: 1 at the front, 2 where things look half as big.
    """
    objects = [_object(figure.name, round(1 / figure.scale, 3),
                       [figure.box(frame, path[frame], world.wet)
                        for frame in range(FRAMES)]) for figure in figures]
    contacts = []
    for contact in world.contacts:
        x, y = place(contact, painted, path)
        entry = {'time': round(contact['time'], 4), 'kind': contact['kind'],
                 'partners': contact['partners'],
                 'speed': round(contact['speed'], 2), 'x': round(x, 1),
                 'y': round(y, 1), 'depth': round(1 / contact['depth'], 3)}
        if 'end' in contact:
            entry['end'] = round(contact['end'], 4)
        if entry['time'] < FRAMES / FPS:
            contacts.append(entry)
    return {**_head(script), 'pixels_per_metre': physics.PIXELS_PER_METRE,
            'gravity': world.gravity, 'objects': objects,
            'contacts': contacts,
            'camera': [{'x': round(x, 2)} for x in path]}


def drive(script, film):
    """The record of a drive: depths and the camera's way in metres."""
    drive_ = film.drive
    objects = []
    if script.parties:
        thing = _object('car', [round(gap, 2) for gap in drive_.gaps],
                        [film.box(frame) for frame in range(FRAMES)])
        objects.append(thing)
    camera = [{'x': round(lean, 3), 'heading': round(heading, 4),
               'speed': round(speed, 3), 'distance': round(way, 3)}
              for lean, heading, speed, way in zip(
                  drive_.leans, drive_.headings, drive_.speeds,
                  drive_.distances)]
    return {**_head(script), 'pixels_per_metre': physics.PIXELS_PER_METRE,
            'gravity': physics.GRAVITY, 'objects': objects, 'contacts': [],
            'camera': camera}

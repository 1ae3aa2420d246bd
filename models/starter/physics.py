# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rigid bodies on a stage: gravity, restitution, friction, contacts.

Lengths are pixels of a 128-pixel picture at depth 1, times seconds, masses
kilograms.  Flight between contacts is exact, so that a contact's time does
not depend on the step.
"""

import math

GRAVITY = 260.0                 # pixels / s^2, on Earth
MOON = 90.0
PIXELS_PER_METRE = GRAVITY / 9.81
STEPS = 2                       # steps of a frame
REST = 16.0                     # a slower bounce is none, pixels / s
SAME_DEPTH = .03                # bodies nearer than this in depth can meet

# material: (restitution on a hard floor, sliding friction)
MATERIALS = {
    'rubber': (.84, .7), 'leather': (.80, .5), 'plastic': (.60, .3),
    'wood': (.45, .4), 'metal': (.40, .3), 'glass': (.40, .25),
    'ceramic': (.35, .35), 'stone': (.30, .6), 'shell': (.30, .4),
    'food': (.35, .5), 'plant': (.25, .5), 'cloth': (.20, .7),
    'fur': (.15, .7), 'skin': (.15, .7), 'feather': (.15, .6),
    'snow': (.05, .4), 'air': (.20, .4)}

# ground: (share of the restitution it leaves, share of the friction)
GROUNDS = {
    'tiles': (1.0, .7), 'boards': (1.0, .8), 'asphalt': (1.0, 1.0),
    'stones': (1.0, 1.0), 'grass': (.88, 1.1), 'soil': (.84, 1.1),
    'sand': (.75, 1.3), 'dust': (.85, 1.0), 'snow': (.70, .4),
    'cloud': (.55, .6), 'water': (0.0, .5)}


class Body:
    """One body.  x: of its middle; z: of its lowest point above the ground.

    target: the speed along x that its own power keeps up, or None.
    level: the height at which it hovers, or None where it falls.
    """

    def __init__(self, index, material, mass, half, height, depth,
                 rolls=False, light=False, wheels=False):
        self.index, self.mass = index, mass
        self.restitution, self.friction = MATERIALS[material]
        self.half, self.height, self.depth = half, height, depth
        self.rolls, self.wheels = rolls, rolls or wheels
        self.slowest = -34.0 if light else -1e9     # air carries it
        self.present = True
        self.x = self.z = self.vx = self.vz = 0.0
        self.target = self.level = None
        self.power = 160.0
        self.sliding = None     # the contact that goes on, if one does

    @property
    def grounded(self):
        return self.z <= 0 and self.vz <= 0 and self.level is None

    def energy(self, gravity):
        return self.mass * ((self.vx ** 2 + self.vz ** 2) / 2
                            + gravity * self.z)


class World:
    """Bodies on one ground; notes every contact as it happens."""

    def __init__(self, bodies, ground='asphalt', gravity=GRAVITY):
        self.bodies, self.gravity = bodies, gravity
        self.wet = ground == 'water'
        self.bounce, self.grip = GROUNDS[ground]
        self.time = 0.0
        self.contacts = []

    def note(self, kind, time, body, speed, partner='ground', x=None,
             z=None):
        """Write a contact down."""
        contact = {'time': time, 'partners': [body.index, partner],
                   'kind': kind, 'speed': abs(speed),
                   'x': body.x if x is None else x,
                   'z': body.z if z is None else z, 'depth': body.depth}
        self.contacts.append(contact)
        return contact

    def step(self, step):
        """Let a span of time pass."""
        for body in self.bodies:
            if body.present:
                self._drive(body, step)
                if body.level is not None:
                    _hover(body, step)
                elif body.z > 0 or body.vz > 0:
                    self._fly(body, step)
                else:
                    body.x += body.vx * step
        for index, one in enumerate(self.bodies):
            for other in self.bodies[index + 1:]:
                if abs(one.depth - other.depth) < SAME_DEPTH \
                        and one.present and other.present:
                    self._meet(one, other, step)
        self.time += step

    def _drive(self, body, step):
        """Power or friction along the ground."""
        if body.target is not None:
            if body.grounded or body.level is not None:
                most = body.power * step
                body.vx += min(most, max(-most, body.target - body.vx))
            if body.wheels and body.grounded and abs(body.vx) > 1:
                self._goes_on('roll', body)
            else:
                self._end(body)
        elif body.grounded and body.vx:
            loss = self.gravity * body.friction * self.grip
            if body.rolls:
                loss *= .03
            self._goes_on('roll' if body.rolls else 'slide', body)
            stop = abs(body.vx) / loss
            if stop <= step:
                body.x += body.vx * stop / 2
                body.vx = 0.0
                self._end(body, stop)
            else:
                body.vx -= math.copysign(loss * step, body.vx)
        elif not body.grounded:
            self._end(body)

    def _goes_on(self, kind, body):
        """Note when a roll or slide starts."""
        if body.sliding is None:
            body.sliding = self.note(kind, self.time, body, body.vx)

    def _end(self, body, late=0.0):
        """Note when a roll or slide ends."""
        if body.sliding is not None:
            body.sliding['end'] = self.time + late
            body.sliding = None

    def _fly(self, body, step):
        """Fall freely, off the ground again where it bounces."""
        left, gravity = step, self.gravity
        while left > 1e-9:
            if body.vz <= body.slowest:
                body.vz = body.slowest
                hit, gravity = body.z / -body.vz, 0.0
            else:
                hit = (body.vz + math.sqrt(
                    body.vz ** 2 + 2 * gravity * body.z)) / gravity
            if hit > left:
                body.x += body.vx * left
                body.z += body.vz * left - gravity * left ** 2 / 2
                body.vz -= gravity * left
                return
            body.x += body.vx * hit
            speed = gravity * hit - body.vz
            left -= hit
            self._land(body, speed, self.time + step - left)
            if body.vz == 0:
                body.x += body.vx * left
                return
            gravity = self.gravity

    def _land(self, body, speed, time):
        """Meet the ground: impact or splash, Coulomb friction along it."""
        body.z = 0.0
        back = speed * body.restitution * self.bounce
        body.vz = back if back > REST else 0.0
        kind = 'splash' if self.wet else 'bounce' if body.vz else 'impact'
        self.note(kind, time, body, speed)
        if body.target is None and not body.rolls:
            loss = body.friction * self.grip * (speed + body.vz)
            body.vx -= math.copysign(min(abs(body.vx), loss), body.vx)

    def _meet(self, one, other, step):
        """Collide two bodies that have run into each other."""
        way = other.x - one.x
        overlap = one.half + other.half - abs(way)
        if overlap <= 0 or one.z > other.z + other.height \
                or other.z > one.z + one.height:
            return
        side = 1 if way >= 0 else -1
        closing = (one.vx - other.vx) * side
        share = other.mass / (one.mass + other.mass)
        if closing > 1e-3:
            late = min(step, overlap / closing)
            if closing > REST / 2:
                self.note('impact', self.time + step - late, one, closing,
                          other.index, one.x + side * one.half,
                          (max(one.z, other.z) + min(
                              one.z + one.height, other.z + other.height))
                          / 2)
            push(one, other, side, closing)
        one.x -= side * overlap * share
        other.x += side * overlap * (1 - share)

    def finish(self):
        """End what still goes on."""
        for body in self.bodies:
            self._end(body)
        self.contacts.sort(key=lambda contact: contact['time'])


def push(one, other, side, closing):
    """Exchange the impulse of a collision; momentum stays what it was."""
    restitution = (one.restitution + other.restitution) / 2
    impulse = (1 + restitution) * closing * one.mass * other.mass \
        / (one.mass + other.mass)
    one.vx -= side * impulse / one.mass
    other.vx += side * impulse / other.mass


def _hover(body, step):
    """Follow the level that a flyer holds, softly."""
    pull = 18.0 * (body.level - body.z) - 7.0 * body.vz
    body.vz += pull * step
    body.z = max(0.0, body.z + body.vz * step)
    body.x += body.vx * step

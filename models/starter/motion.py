# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a script: acts become forces on bodies, step by step.

`play` gives the way of every actor, frame by frame, and every contact.
"""

import math
from dataclasses import dataclass

import actors
import physics
from script import FPS, FRAMES, GROUND

STEP = 1 / FPS / physics.STEPS
MOVES = ('go', 'rush', 'swim')
CEILING = 116.0                 # where what falls in comes from, in rows
HALT = 260.0                    # how hard an actor brakes, pixels / s^2


@dataclass
class Pose:
    """One actor in one frame: x and z as a body's, turn in degrees."""
    x: float
    z: float
    turn: float
    left: bool                  # looks to the left


class Player:
    """One actor: a body, and what it wants."""

    def __init__(self, rng, index, party, member, world):
        actor = actors.CAST[party.actor]
        self.kind, self.party, self.member = actor.kind, party, member
        half = actors.half_width(party.actor, party.height)
        self.body = physics.Body(
            index, actor.material, actor.mass, half * .92,
            actors.full_height(party.actor, party.height),
            party.scale[member], actor.kind == 'roller',
            actor.kind == 'floater', actor.kind == 'vehicle')
        self.body.x, self.body.z = party.x[member], party.z
        self.body.present = party.on
        self.left = party.looks == 'L'
        self.phase = rng.uniform(0, 2 * math.pi)
        self.rate = rng.uniform(.6, 1.1)
        self.high = rng.uniform(20, 32) * party.height / 66
        self.base = max(party.z, rng.uniform(22, 36))
        self.turn = rng.uniform(0, 360) if self.body.rolls else 0.0
        self.spin = 0.0
        self.stride = .3 * party.height
        self.travel = self.stride * rng.uniform(.2, 1)
        self.rest = self.pause = rng.uniform(.12, .3)
        self.action, self.goal, self.partner = 'wait', None, None
        if actor.kind in ('flyer', 'floater') and party.z > 0 and party.on:
            self.body.level = party.z
        world.bodies.append(self.body)

    def begin(self, event, world, first):
        """Take up the act of an event as its subject."""
        body = self.body
        side = {'left': -1, 'right': 1}.get(event.direction, 0)
        self.action, self.goal = event.action, None
        body.target, body.power = side * event.speed, 160.0
        if side:
            self.left = side < 0
        begin = getattr(self, '_begin_' + event.action, None)
        if begin:
            begin(event, world, side)
        if first and side:
            body.vx = side * event.speed
        if self.kind in ('roller', 'thing') and event.action in (
                'roll', 'wait', 'bounce', 'fall'):
            body.target = None

    def _begin_roll(self, event, world, side):
        self.body.vx = side * event.speed

    def _begin_bounce(self, event, world, side):
        if self.body.z <= 0:
            self.body.vz = math.sqrt(2 * world.gravity * self.high * 2.2)

    def _begin_fall(self, event, world, side):
        body = self.body
        if event.goal is not None:
            body.present, body.vx, body.vz = True, 0.0, 0.0
            body.x = event.goal + self.party.x[self.member] \
                - sum(self.party.x) / self.party.count
            body.z = CEILING / body.depth
        body.level = None

    def _begin_fly(self, event, world, side):
        if self.body.level is None:
            self.body.level = self.body.z

    def _begin_rise(self, event, world, side):
        self.body.level = self.base = self.body.z

    def _begin_enter(self, event, world, side):
        body = self.body
        middle = sum(self.party.x) / self.party.count
        offset = self.party.x[self.member] - middle
        body.present, self.goal = True, event.goal + offset
        seconds = .75 * event.seconds
        body.x = self.goal - side * max(event.speed * seconds, 1.0)
        body.vx = side * event.speed
        body.z = self.party.z
        if self.kind in ('flyer', 'floater'):
            body.level, body.z = self.base, self.base

    def _begin_collide(self, event, world, side):
        self.body.power = 400.0
        self.partner = event.partner

    def stop(self):
        """Wait from now on."""
        if self.action in ('bounce', 'fall') and self.body.vz != 0:
            return
        coasts = self.kind in ('roller', 'thing') and self.action != 'enter'
        self.action, self.goal = 'wait', None
        self.body.power = HALT
        self.body.target = None if coasts else 0.0

    def before(self, world, event):
        """Steer the body for the next step."""
        body = self.body
        if self.goal is not None:
            left = abs(self.goal - body.x)
            if left < body.vx ** 2 / 2 / HALT + abs(body.vx) * STEP:
                self.stop()
        if self.action == 'jump' or (
                self.kind == 'hopper' and not world.wet
                and self.action in MOVES + ('enter', 'leave')):
            self._hop(world)
        if body.level is not None:
            if self.action == 'rise':
                self.base += event.speed * STEP
            elif body.level < self.base and self.action == 'fly':
                body.level += 30 * STEP
            swing = 2.5 * math.sin(self.phase + 2 * math.pi * self.rate
                                   * world.time)
            if self.action == 'rise' or body.level >= self.base - 4:
                body.level = self.base + swing

    def _hop(self, world):
        """Off the ground again after a short rest."""
        if not self.body.grounded:
            self.pause = self.rest
            return
        self.pause -= STEP
        if self.pause <= 0:
            high = self.high if self.action == 'jump' else self.high * .3
            self.body.vz = math.sqrt(2 * world.gravity * high)

    def after(self, world, x):
        """Follow the body: its turn, its steps; x: where it was."""
        body = self.body
        way = body.x - x
        if body.rolls:
            if body.grounded:
                self.spin = -math.degrees(
                    body.vx / max(1.0, body.height / 2))
            self.turn += self.spin * STEP
        elif self.kind == 'walker' and body.grounded and not world.wet \
                and body.target:
            self.travel += abs(way)
            if self.travel >= self.stride:
                self.travel -= self.stride
                late = self.travel / max(1e-6, abs(way))
                world.note('step', world.time - late * STEP, body, body.vx,
                           x=body.x - late * way)

    def pose(self, world):
        """How it is seen now."""
        body, z = self.body, self.body.z
        if world.wet and body.grounded:
            z = 1.4 * math.sin(self.phase + 4.2 * world.time)
        elif self.kind == 'walker' and body.grounded \
                and abs(body.vx) > 28 and body.target:
            z = 3 * math.sin(math.pi * min(1, self.travel / self.stride))
        return Pose(body.x, z, self.turn, self.left)


def cameras(script):
    """Where the camera is in every frame: pans start and end softly."""
    at, speed, path = script.pan, 0.0, []
    for frame in range(FRAMES):
        path.append(at)
        pan = script.events[script.event_at(frame)].pan
        speed += max(-80 / FPS, min(80 / FPS, pan - speed))
        at += speed / FPS
    return path


def play(rng, script):
    """Play a script.

    Returns (poses [actor][frame], None where it is not on stage; the world
    with its contacts; the players).
    """
    gravity = physics.MOON if script.place == 'space' else physics.GRAVITY
    world = physics.World([], GROUND[script.place], gravity)
    players, parties = [], []
    for number, party in enumerate(script.parties):
        for member in range(party.count):
            players.append(Player(rng, len(players), party, member, world))
            parties.append(number)
    starts = {event.frames[0]: event for event in script.events}
    event = script.events[0]
    poses = [[] for _ in players]
    for frame in range(FRAMES):
        if frame in starts:
            event = starts[frame]
            _cue(world, players, parties, event, frame == 0)
        for player, track in zip(players, poses):
            track.append(player.pose(world) if player.body.present else None)
        for _ in range(physics.STEPS):
            _step(world, players, parties, event)
    world.finish()
    return poses, world, players


def _cue(world, players, parties, event, first):
    """Tell everybody about a new event."""
    for player, party in zip(players, parties):
        if party == event.subject:
            player.begin(event, world, first)
        elif event.others[party] == 'wait':
            player.stop()
        elif event.others[party] == 'off' and player.action == 'leave':
            player.body.present = False


def _step(world, players, parties, event):
    """One step of everybody."""
    count = len(world.contacts)
    before = [player.body.x for player in players]
    for player, party in zip(players, parties):
        player.before(world, event if party == event.subject else None)
    world.step(STEP)
    for player, x in zip(players, before):
        if player.body.present:
            player.after(world, x)
    for contact in world.contacts[count:]:
        if contact['partners'][1] != 'ground':
            for index in contact['partners']:
                players[index].stop()

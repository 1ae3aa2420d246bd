# SPDX-License-Identifier: LGPL-2.1-or-later
"""How an actor moves: one physics step after another, 16 a second.

A path is an array [frames, 3]: x of the actor's middle, height of its feet
above the ground, turn in degrees (rollers turn, others stay upright).
"""

import math

import numpy as np

FPS = 16
ACTIONS = ['wait', 'left', 'right', 'fly left', 'fly right', 'jump',
           'bounce', 'fall', 'rise']
GRAVITY = 260.0                 # pixels / s^2, on Earth
MOON = 90.0


def _line(rng, frames, width, sign, fast):
    """x for a way to one side, at an even speed."""
    seconds = frames / FPS
    way = rng.uniform(62, 88) if fast else rng.uniform(38, 56)
    middle = width / 2 + rng.uniform(-8, 8)
    start = middle - sign * way / 2
    return start + sign * way / seconds * np.arange(frames) / FPS


def _drop(height, speed, gravity, restitution, frames):
    """Heights of a body let go, with bounces until it lies still."""
    step = 1 / FPS / 4
    heights = []
    for index in range(frames * 4):
        if index % 4 == 0:
            heights.append(height)
        speed -= gravity * step
        height += speed * step
        if height < 0:
            height = -height * restitution
            speed = -speed * restitution
            if speed < 18:
                height = speed = 0.0
    return np.array(heights)


def _hops(rng, frames, gravity):
    """Heights of one jump after another, with a short rest between."""
    high = rng.uniform(20, 34)
    flight = 2 * math.sqrt(2 * high / gravity)
    rest = rng.uniform(.12, .3)
    phase = (np.arange(frames) / FPS + rng.uniform(0, rest)) % (flight + rest)
    air = np.clip(phase, 0, flight)
    return math.sqrt(2 * high * gravity) * air - gravity / 2 * air ** 2


def _flight(rng, frames, swing):
    """Heights of a flyer: its level and a gentle swing."""
    level = rng.uniform(26, 44)
    phase = rng.uniform(0, 2 * math.pi)
    rate = rng.uniform(.6, 1.2)
    time = np.arange(frames) / FPS
    return level + swing * np.sin(phase + 2 * math.pi * rate * time)


def path(rng, action, kind, frames, width, size, moon, fast):
    """The way of one actor through a clip.

    width: of the picture, pixels.  size: the actor's height, pixels.
    Returns [frames, 3]: x, height over ground, turn.
    """
    gravity = MOON if moon else GRAVITY
    x = np.full(frames, width / 2 + rng.uniform(-22, 22))
    height = np.zeros(frames)
    aloft = kind in ('flyer', 'floater')
    if action in ('left', 'right', 'fly left', 'fly right'):
        sign = -1 if action.endswith('left') else 1
        x = _line(rng, frames, width, sign, fast)
        if action.startswith('fly'):
            height = _flight(rng, frames, 5)
        elif kind == 'hopper':
            height = _hops(rng, frames, gravity * 1.5) * .5
        elif kind == 'walker' and fast:
            height = np.abs(np.sin(np.arange(frames) * 1.1)) * 3
    elif action == 'wait' and aloft:
        height = _flight(rng, frames, 3)
    elif action == 'jump':
        height = _hops(rng, frames, gravity)
        if rng.random() < .5:
            x = x + rng.uniform(-14, 14) * np.linspace(-1, 1, frames)
    elif action == 'bounce':
        speed = rng.uniform(-20, 20)
        x = x + speed * np.linspace(-1, 1, frames)
        height = _drop(rng.uniform(48, 78), 0, gravity,
                       rng.uniform(.72, .88), frames)
    elif action == 'fall':
        late = rng.integers(0, 7)
        height = np.concatenate([
            np.full(late, 90.0),
            _drop(90.0, -rng.uniform(0, 40), gravity,
                  rng.uniform(.1, .35), frames)])[:frames]
    elif action == 'rise':
        time = np.arange(frames) / FPS
        height = rng.uniform(0, 8) + time * rng.uniform(22, 32) \
            + time ** 2 * rng.uniform(0, 6)
    turn = np.zeros(frames)
    if kind == 'roller':
        turn = -(x - x[0]) / (math.pi * size) * 360 + rng.uniform(-20, 20)
        if action == 'wait':
            turn[:] = 0
    return np.stack([x, height, turn], 1)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures that need no judge of single clips: drift, steering, guidance.

Drift: a stream of some minutes, its last against its first: sharpness, mean
and spread of the colours, and what the judge makes of it.  Steering: where
the distance moves, by matching rows near the horizon of neighbouring frames.
"""

import numpy as np
import torch

import dit
import exam
import stage

HORIZON = slice(34, 66)         # rows of a 128-pixel picture
REACH = 8                       # pixels a frame at most


def sharpness(frames):
    """Mean gradient, of uint8 [T, H, W, 3]."""
    grey = frames.astype(np.float32).mean(-1)
    return float(np.abs(np.diff(grey, axis=1)).mean()
                 + np.abs(np.diff(grey, axis=2)).mean())


def colours(frames):
    """Mean and standard deviation of the values, 0..255."""
    return float(frames.mean()), float(frames.std())


def shift(one, two):
    """How far the distance moves to the right, in pixels."""
    a, b = (frame[HORIZON].astype(np.float32).mean(-1) for frame in (one, two))
    width = a.shape[1]
    costs = []
    for way in range(-REACH, REACH + 1):
        left, right = max(0, way), min(width, width + way)
        costs.append(np.abs(b[:, left:right]
                            - a[:, left - way:right - way]).mean())
    return int(np.argmin(costs)) - REACH


def turning(frames):
    """Mean shift a frame, of uint8 [T, H, W, 3]."""
    return float(np.mean([shift(frames[i], frames[i + 2])
                          for i in range(0, len(frames) - 2, 2)])) / 2


@torch.no_grad()
def steering(hall, seeds=range(8), phrases=('we turn to the left',
                                            'we turn to the right')):
    """Mean shift of drives that turn left, and right, from the third block."""
    means = []
    for phrase in phrases:
        lines = [['we drive straight on on the road by day'] * 2
                 + [f'driving on the road by day, {phrase}'] * 3 for _ in seeds]
        clips = hall(lines, [900 + seed for seed in seeds], blocks=5)
        begin = stage.BLOCKS[2][0]
        means.append([turning(clip[begin:]) for clip in clips])
    return {phrase: row for phrase, row in zip(phrases, means)}


@torch.no_grad()
def drift(hall, told, prompts, seeds, minutes):
    """First against last minute of streams of these prompts.

    told: by fact, in which clips of two blocks, one a prompt, it is right.
    """
    blocks = int(minutes * 60 * stage.FPS / 12)
    minute = int(60 * stage.FPS / 12)
    latents = hall.latents(prompts, seeds, blocks=blocks)
    result = {}
    for name, first in (('first', 2), ('last', blocks - minute)):
        part = latents[:, :, dit.BLOCK * first:
                       dit.BLOCK * min(first + minute, blocks)]
        frames = hall.film(part[:, :, :60])
        frames = frames[:, 9:]          # a decoder that begins there
        right = {}
        lead = dit.BLOCK        # a decoder that begins there, again
        for at in range(lead, part.shape[2] - exam.FRAMES, 3 * exam.FRAMES):
            hits = told(hall.film(
                part[:, :, at - lead:at + exam.FRAMES])[:, 4 * lead:])
            for fact in ('place', 'light', 'weather', 'actor'):
                right.setdefault(fact, []).append(
                    float(hits[fact].float().mean()))
        result[name] = {
            'sharpness': float(np.mean([sharpness(f) for f in frames])),
            'mean': float(np.mean([colours(f)[0] for f in frames])),
            'spread': float(np.mean([colours(f)[1] for f in frames])),
            **{fact: float(np.mean(hits)) for fact, hits in right.items()}}
    return result

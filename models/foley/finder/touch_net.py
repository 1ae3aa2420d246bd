# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network that tells from the way of a thing when it touched the ground.

It sees where a thing's box was at POINTS times, a STEP apart, the last one
now, and what kind of thing it is; it tells whether there was an impact or a
footfall within the last two steps, when, and how fast the thing came down.
models/foley/see/touch.c has the same features in the same order.
"""

import numpy as np
from torch import nn

STEP, POINTS = 1 / 16, 10       # s; now included
UNIT = 16.0                     # lengths are in so many 128ths of the height
HIDDEN = 64
KINDS = ('walker', 'hopper', 'vehicle', 'flyer', 'floater', 'swimmer',
         'boat', 'roller', 'thing')
INPUTS = 4 * POINTS + 5 + len(KINDS)
OUTPUTS = 5     # impact's logit, age in steps, log speed; footfall's, and age


def make():
    return nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.SiLU(),
                         nn.Linear(HIDDEN, HIDDEN), nn.SiLU(),
                         nn.Linear(HIDDEN, OUTPUTS))


def features(times, boxes, cut, now, kind):
    """What the network sees.

    times [n], boxes [n, 4] (x0, y0, x1, y1 on the stage, in 128ths of the
    picture's height), cut [n]: the picture's lower edge cuts it; all up to
    and with the sample `now`.  kind: a number of KINDS, or -1.
    """
    row = np.zeros(INPUTS, np.float32)
    t = times[now]
    first = max(0, now - 3 * POINTS)
    known, at = times[first:now + 1], t - STEP * np.arange(POINTS)
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    lines = (boxes[:, 3], boxes[:, 3] - boxes[:, 1], middle)
    there = (at >= known[0] - 1e-6) & _near(known, at)
    for k, line in enumerate(lines):
        value = np.interp(at, known, line[first:now + 1]) - line[now]
        row[k * POINTS:(k + 1) * POINTS] = np.where(there, value / UNIT, 0)
    row[3 * POINTS:4 * POINTS] = there
    high, wide = boxes[now, 3] - boxes[now, 1], boxes[now, 2] - boxes[now, 0]
    row[4 * POINTS:4 * POINTS + 5] = (
        high / 64, wide / 64, boxes[now, 3] / 64 - 1.5, cut[now],
        cut[max(0, now - 1)])
    if kind >= 0:
        row[4 * POINTS + 5 + kind] = 1
    return row


def _near(known, at):
    """Whether a sample is no farther than two steps from each of `at`."""
    right = np.searchsorted(known, at).clip(0, len(known) - 1)
    left = (right - 1).clip(0)
    return np.minimum(abs(known[right] - at), abs(known[left] - at)) \
        < 2 * STEP


def loss(outputs, targets, weight):
    """targets [B, 5]: was there an impact, its age, log speed, was there a
    footfall, its age."""
    logit = nn.functional.binary_cross_entropy_with_logits
    total = (logit(outputs[:, 0], targets[:, 0], reduction='none')
             + .5 * logit(outputs[:, 3], targets[:, 3], reduction='none'))
    error = (outputs - targets).abs()
    total = total + targets[:, 0] * (2 * error[:, 1] + .3 * error[:, 2]) \
        + targets[:, 3] * error[:, 4]
    return (total * weight).mean()

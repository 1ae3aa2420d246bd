# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network that tells from the way of a thing when it touched the ground.

It sees where a thing's box was at POINTS times, a STEP apart, the last one
now, how far it went by its pixels, how much of it others hid, what kind of
thing it is, and how lively it bounces on this ground; it tells whether there
was an impact or a footfall within the last steps or is one in the next, when,
and how fast the thing came down.  So it knows of bounces that are too small
to be seen: they come after those that were seen, when physics says so.
models/foley/see/touch-net.c has the same features in the same order.
"""

import numpy as np
import torch
from torch import nn

STEP, POINTS = 1 / 16, 10       # s; now included
UNIT = 16.0                     # lengths are in so many 128ths of the height
HIDDEN = 96
KINDS = ('walker', 'hopper', 'vehicle', 'flyer', 'floater', 'swimmer',
         'boat', 'roller', 'thing')
LINES = 7                       # of a way; the first five by what they are now
INPUTS = (LINES + 1) * POINTS + 7 + len(KINDS)
ASIDE = 2, 4                    # lines that a mirror turns round
# Of an impact the logit, age in steps, log speed; of a footfall the logit and
# age; and the log of the error that the impact's age is expected to have.
TARGETS, OUTPUTS = 5, 6
# What is taken for the speed that a bounce leaves, of a thing not known; and for
# the share of it that a place leaves, and gravity there, of that on Earth.
USUAL_BOUNCE, USUAL_PLACE = .3, (.9, 1.0)


def make():
    return nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.SiLU(),
                         nn.Linear(HIDDEN, HIDDEN), nn.SiLU(),
                         nn.Linear(HIDDEN, OUTPUTS))


def features(times, boxes, cut, cover, went, now, kind, bounce, gravity):
    """What the network sees.

    times [n], boxes [n, 4] (x0, y0, x1, y1 on the stage, in 128ths of the
    picture's height), cut [n]: the picture's lower edge cuts it; cover [n]:
    the share of its box that nearer ones hide; went [n, 3]: how far it had
    gone aside and down, by its pixels, and how doubtful the last bit of that
    is; all up to and with the sample `now`.  kind: a number of KINDS, or -1.
    bounce: the part of its speed that a bounce leaves.  gravity: of that on
    Earth.
    """
    row = np.zeros(INPUTS, np.float32)
    t = times[now]
    first = max(0, now - 3 * POINTS)
    known, at = times[first:now + 1], t - STEP * np.arange(POINTS)
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    lines = (boxes[:, 3] / UNIT, (boxes[:, 3] - boxes[:, 1]) / UNIT,
             middle / UNIT, went[:, 1] / UNIT, went[:, 0] / UNIT, cover,
             went[:, 2])
    there = (at >= known[0] - 1e-6) & _near(known, at)
    for k, line in enumerate(lines):
        value = np.interp(at, known, line[first:now + 1])
        if line is not cover and k < LINES - 1:
            value = value - line[now]
        row[k * POINTS:(k + 1) * POINTS] = np.where(there, value, 0)
    row[LINES * POINTS:(LINES + 1) * POINTS] = there
    high, wide = boxes[now, 3] - boxes[now, 1], boxes[now, 2] - boxes[now, 0]
    rest = (LINES + 1) * POINTS
    row[rest:rest + 7] = (
        high / 64, wide / 64, boxes[now, 3] / 64 - 1.5, cut[now],
        cut[max(0, now - 1)], bounce, gravity)
    if kind >= 0:
        row[rest + 7 + kind] = 1
    return row


def _near(known, at):
    """Whether a sample is no farther than two steps from each of `at`."""
    right = np.searchsorted(known, at).clip(0, len(known) - 1)
    left = (right - 1).clip(0)
    return np.minimum(abs(known[right] - at), abs(known[left] - at)) \
        < 2 * STEP


def mirrored(rows, turned):
    """Rows [B, INPUTS], those [B, 1] that are turned from left to right."""
    sign = torch.ones(len(rows), INPUTS)
    for line in ASIDE:
        sign[:, line * POINTS:(line + 1) * POINTS] = \
            torch.where(turned, -1., 1.)
    return rows * sign


def loss(outputs, targets, weight):
    """targets [B, 5]: was there an impact, its age, log speed, was there a
    footfall, its age."""
    logit = nn.functional.binary_cross_entropy_with_logits
    total = (logit(outputs[:, 0], targets[:, 0], reduction='none')
             + .5 * logit(outputs[:, 3], targets[:, 3], reduction='none'))
    error = (outputs[:, :TARGETS] - targets).abs()
    doubt = outputs[:, TARGETS].clamp(-4, 2)    # of a Laplace distribution
    total = total + targets[:, 0] * (error[:, 1] * (-doubt).exp() + doubt
                                     + .3 * error[:, 2]) \
        + targets[:, 3] * error[:, 4]
    return (total * weight).mean()

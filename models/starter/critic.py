# SPDX-License-Identifier: LGPL-2.1-or-later
"""A critic for decoders: tells filmed pictures from decoded ones.

A decoder that is to come near in every pixel paints the mean of all that a
latent may stand for, which is soft.  Taught to pass before a critic as well,
it decides.  The critic is a PatchGAN (Isola et al. 2017, arXiv 1611.07004),
which sees two frames in a row, so that what flickers is found out, and what is
known of them, so that a sharp picture of something else is; with the hinge
loss, and features to match (Wang et al. 2018, arXiv 1711.11585).
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTHS = 48, 96, 192
PAIRS = 4                       # of frames, of each clip


class Critic(nn.Module):
    """Pairs of frames and what is known, [N, 12, H, W], to a judgement of
    each patch, [N, 1, H / 8, W / 8], and the features it goes by."""

    def __init__(self):
        super().__init__()
        layers, width = [], 12
        for wider in WIDTHS:
            layers.append(nn.Sequential(
                nn.Conv2d(width, wider, 4, 2, 1), nn.GroupNorm(8, wider),
                nn.LeakyReLU(.2)))
            width = wider
        self.layers = nn.ModuleList(layers)
        self.judge = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, x):
        features = []
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        return self.judge(x), features


def pairs(video, known, at):
    """What a critic sees: frames `at` and those after them.

    video, known: [B, 3, T, H, W]; at: [PAIRS] frame numbers.
    """
    both = torch.cat([clip[:, :, at + k] for clip in (video, known)
                      for k in (0, 1)], 1)
    return both.transpose(1, 2).flatten(0, 1).contiguous(
        memory_format=torch.channels_last)


def pleasing(critic, made, filmed):
    """How far a decoder is from passing: the judgement of what it made, and
    how unlike the features are.  made, filmed: of `pairs`."""
    judged, features = critic(made)
    with torch.no_grad():
        wanted = critic(filmed)[1]
    unlike = sum((a.float() - b.float()).abs().mean()
                 for a, b in zip(features, wanted))
    return -judged.float().mean(), unlike


def finding_out(critic, made, filmed):
    """The critic's own loss (hinge)."""
    right, wrong = critic(filmed)[0].float(), critic(made)[0].float()
    return F.relu(1 - right).mean() + F.relu(1 + wrong).mean()

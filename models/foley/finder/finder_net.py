# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network that finds and names things in a picture.

A small residual network on 128 x 128 pixels of luma and two chromas, with
features of every fourth, eighth and sixteenth pixel, put together from coarse
to fine.  Things are found as points, after Zhou et al. 2019 ("Objects as
Points", arXiv 1904.07850): `heat` peaks at the middle of each, where `box`
tells how far its four sides are and `name` what it is.  `around` tells where,
in what light and in what weather the picture was taken.

models/foley/finder/finder.c runs the same network: every name here is one
there.  Batch norms are folded into the convolutions before them when the
weights are written.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZE = 128                      # pixels of the picture, either way
FINE, COARSE = 4, 8             # pixels of a cell of heat and box; of name
WIDTHS = (16, 40, 80, 144)      # channels at 2, 4, 8 and 16 pixels
NECK = 48                       # channels of what heat and box are read from


class Conv(nn.Module):
    """A convolution, its norm, and SiLU unless plain."""

    def __init__(self, inputs, outputs, taps=3, stride=1, plain=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, taps, stride, taps // 2,
                              bias=False)
        self.norm = nn.BatchNorm2d(outputs, momentum=.02)
        self.plain = plain

    def forward(self, x):
        x = self.norm(self.conv(x))
        return x if self.plain else F.silu(x)


class Block(nn.Module):
    """x, and what two convolutions add to it."""

    def __init__(self, width):
        super().__init__()
        self.one, self.two = Conv(width, width), Conv(width, width)

    def forward(self, x):
        return x + self.two(self.one(x))


def _up(x):
    return F.interpolate(x, scale_factor=2, mode='nearest')


class Finder(nn.Module):
    def __init__(self, names, surroundings):
        """How many names there are, and answers to `around` in all."""
        super().__init__()
        first, fine, mid, coarse = WIDTHS
        self.stem = Conv(3, first, stride=2)
        self.down4 = Conv(first, fine, stride=2)
        self.block4 = Block(fine)
        self.down8 = Conv(fine, mid, stride=2)
        self.block8a, self.block8b = Block(mid), Block(mid)
        self.down16 = Conv(mid, coarse, stride=2)
        self.block16a, self.block16b = Block(coarse), Block(coarse)
        self.side8 = Conv(mid, mid, 1, plain=True)
        self.up8 = Conv(coarse, mid, 1, plain=True)
        self.join8 = Conv(mid, mid)
        self.side4 = Conv(fine, NECK, 1, plain=True)
        self.up4 = Conv(mid, NECK, 1, plain=True)
        self.join4 = Conv(NECK, NECK)
        self.point = nn.Conv2d(NECK, 5, 1)
        self.name = nn.Conv2d(mid, names, 1)
        self.around = nn.Conv2d(coarse, surroundings, 1)
        nn.init.constant_(self.point.bias[:1], -4.0)

    def forward(self, x):
        """x: [B, 3, SIZE, SIZE], -1 ... 1.

        Gives the logits of heat [B, 32, 32], boxes [B, 4, 32, 32]: how many
        cells it is from the middle of a cell to the left, top, right and
        bottom side; logits of names [B, names, 16, 16] and of around
        [B, surroundings].
        """
        four = self.block4(self.down4(self.stem(x)))
        eight = self.block8b(self.block8a(self.down8(four)))
        sixteen = self.block16b(self.block16a(self.down16(eight)))
        eight = self.join8(self.side8(eight) + self.up8(_up(sixteen)))
        four = self.join4(self.side4(four) + self.up4(_up(eight)))
        point = self.point(four)
        return point[:, 0], point[:, 1:], self.name(eight), \
            self.around(sixteen).mean((2, 3))


def folded(model):
    """Name -> tensor, norms folded into convolutions; name.weight, .bias."""
    state = {}
    for name, module in model.named_modules():
        if isinstance(module, Conv):
            norm = module.norm
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            state[name + '.weight'] = \
                module.conv.weight * scale[:, None, None, None]
            state[name + '.bias'] = norm.bias - norm.running_mean * scale
        elif isinstance(module, nn.Conv2d) and not name.endswith('.conv'):
            state[name + '.weight'] = module.weight
            state[name + '.bias'] = module.bias
    return {name: value.detach() for name, value in state.items()}


@torch.no_grad()
def unfold(model, state):
    """Put folded tensors into a model, whose norms then do nothing."""
    for name, module in model.named_modules():
        if isinstance(module, Conv):
            module.conv.weight.copy_(state[name + '.weight'])
            module.norm.running_mean.zero_()
            module.norm.running_var.fill_(1 - module.norm.eps)
            module.norm.weight.fill_(1)
            module.norm.bias.copy_(state[name + '.bias'])
        elif isinstance(module, nn.Conv2d) and not name.endswith('.conv'):
            module.weight.copy_(state[name + '.weight'])
            module.bias.copy_(state[name + '.bias'])
    return model.eval()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Weights in 8 bits, as docs/wan.md has them.

A large tensor `X.weight` is stored as int8 with a float32 scale for each row of
its first dimension, `X.weight_scale`; any other name gets `_scale` at its end.
What it stands for is scale * stored.
"""

import torch

LEAST = 4096  # values of a tensor that it pays for
# Shares of a row's largest value that may become 127: what is cut off the few
# at the end makes all others finer.
SHARES = torch.linspace(.7, 1, 31)


def scale_name(name):
    """The tensor that holds the scales of tensor `name`."""
    return name + '_scale'


def is_large(tensor):
    """Is it stored in 8 bits?"""
    return tensor.is_floating_point() and tensor.dim() >= 2 and \
        tensor.numel() >= LEAST


def _codes(rows, scale):
    return torch.clamp(torch.round(rows / scale), -127, 127)


def _quantise(tensor):
    """int8 codes, and the scales [rows, 1 ...] with the least squared error."""
    rows = tensor.detach().float().flatten(1)
    most = rows.abs().amax(1, keepdim=True) / 127
    # A row without values, or with ones that a division makes infinite.
    most = torch.where(most > torch.finfo(torch.float32).tiny, most, 1.)
    best, error = most, torch.full_like(most, torch.inf)
    for share in SHARES.flip(0):
        scale = most * share
        found = (_codes(rows, scale) * scale - rows).square() \
            .sum(1, keepdim=True)
        better = found < error
        best = torch.where(better, scale, best)
        error = torch.where(better, found, error)
    codes = _codes(rows, best).to(torch.int8).reshape(tensor.shape)
    return codes, best.reshape(-1, *[1] * (tensor.dim() - 1))


def quantise(state):
    """`state` (name -> tensor) for a file: int8 and scales, else bfloat16."""
    stored = {}
    for name, tensor in state.items():
        if is_large(tensor):
            codes, scales = _quantise(tensor)
            stored[name] = codes.contiguous()
            stored[scale_name(name)] = scales.contiguous()
        else:
            stored[name] = tensor.detach().to(torch.bfloat16).contiguous()
    return stored


def restore(stored):
    """float32 tensors from what `quantise` made."""
    scales = {scale_name(name) for name, tensor in stored.items()
              if tensor.dtype == torch.int8}
    state = {}
    for name, tensor in stored.items():
        if name in scales:
            continue
        state[name] = tensor.float()
        if tensor.dtype == torch.int8:
            state[name] *= stored[scale_name(name)].float()
    return state

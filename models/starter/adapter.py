# SPDX-License-Identifier: LGPL-2.1-or-later
"""A low-rank adapter of the transformer: W + up @ down in place of a weight W.

After Hu et al. 2021, "LoRA" (arXiv 2106.09685).  In a file its tensors have
the names that diffusers' `load_lora_weights` takes, and 8 bits
(eight_bits.py).
"""

import os

import torch
import torch.nn as nn
from safetensors.torch import load_file, save_file
from torch.nn.utils import parametrize

import dit
import eight_bits
import progress

RANK = 16
NAME = 'pytorch_lora_weights.safetensors'
TRAINED = 'adapter.pt'
PREFIX = 'transformer.'
DOWN, UP = 'lora_A', 'lora_B'


def layers(model):
    """The linear layers that are adapted, by name: those of all blocks."""
    return {name: layer for name, layer in model.named_modules()
            if name.startswith('blocks.') and isinstance(layer, nn.Linear)}


class LowRank(nn.Module):
    """What is added to a weight [out, in]; nothing, at first."""

    def __init__(self, out, inputs, rank):
        super().__init__()
        self.down = nn.Parameter(torch.randn(rank, inputs) * inputs ** -.5)
        self.up = nn.Parameter(torch.zeros(out, rank))

    def forward(self, weight):
        with torch.autocast(weight.device.type, enabled=False):
            return weight + self.up @ self.down


def attach(model, rank=RANK):
    """Make a model train an adapter and nothing else; returns its parts, by
    the names of their layers."""
    model.requires_grad_(False)
    parts = {}
    for name, layer in layers(model).items():
        parts[name] = LowRank(*layer.weight.shape, rank).to(
            layer.weight.device)
        parametrize.register_parametrization(layer, 'weight', parts[name])
    return parts


def tensors(parts):
    """For a file: name to tensor."""
    return {f'{name}.{side}.weight': getattr(part, own).detach().cpu()
            for name, part in parts.items()
            for side, own in ((DOWN, 'down'), (UP, 'up'))}


def write(path, values):
    """Write the tensors of an adapter, in 8 bits."""
    stored = eight_bits.quantise({PREFIX + name: value
                                  for name, value in values.items()})
    save_file(stored, path, metadata={'format': 'pt'})


def read(path):
    """The tensors of an adapter's file, in float32."""
    return {name.removeprefix(PREFIX): value for name, value in
            eight_bits.restore(load_file(path)).items()}


@torch.no_grad()
def merge(model, values):
    """Add an adapter's tensors to the weights of a plain model."""
    own = layers(model)
    for name in {name.split(f'.{DOWN}.')[0] for name in values
                 if f'.{DOWN}.' in name}:
        weight = own[name].weight
        weight += (values[f'{name}.{UP}.weight']
                   @ values[f'{name}.{DOWN}.weight']).to(weight)
    return model


def load(out):
    """What was trained: its tensors, in the mean over the last steps; or
    None."""
    saved = progress.load(os.path.join(out, TRAINED))
    if saved is None:
        return None
    parts = attach(dit.make())
    progress.averaged(nn.ModuleList(parts.values()), saved)
    return tensors(parts)


def adopt(out, values):
    """Make a training file of an adapter's tensors."""
    parts = attach(dit.make())
    with torch.no_grad():
        for name, part in parts.items():
            part.down.copy_(values[f'{name}.{DOWN}.weight'])
            part.up.copy_(values[f'{name}.{UP}.weight'])
    progress.begin(os.path.join(out, TRAINED), nn.ModuleList(parts.values()))

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Low-rank adapters of a transformer, with random weights."""

import math

import torch
from safetensors.torch import save_file

from . import names
from .stages import randn

USER_FILE = "lora.safetensors"


def factors(label, layer, rank):
    """down [rank, in], up [out, rank]: their product is half of the weight."""
    down = randn(f"{label}/down", rank, layer.in_features)
    up = randn(f"{label}/up", layer.out_features, rank)
    return down / math.sqrt(layer.in_features), up / (2 * math.sqrt(rank))


def linear_layers(dit):
    return {name: layer for name, layer in dit.named_modules()
            if isinstance(layer, torch.nn.Linear)}


def write_own(pipe, spec, folder):
    """As diffusers' scripts save what they have trained."""
    state = {}
    layers = linear_layers(pipe.transformer)
    for name, layer in layers.items():
        down, up = factors(f"{spec.name}/{name}", layer, spec.rank)
        state[f"{name}.lora_A.weight"] = down
        state[f"{name}.lora_B.weight"] = up
    pipe.save_lora_weights(
        folder, transformer_lora_layers=state,
        transformer_lora_adapter_metadata={
            "r": spec.rank, "lora_alpha": spec.alpha,
            "target_modules": sorted(layers)})


def write_user(pipe, spec, folder):
    """As adapters are made of finetuned original releases, in bfloat16."""
    state = {}
    for name, layer in linear_layers(pipe.transformer).items():
        if not name.startswith("blocks."):
            continue
        label = f"{spec.name}/user/{name}"
        down, up = factors(label, layer, spec.user_rank)
        key = "diffusion_model." + names.transformer(name + ".")
        state[f"{key}lora_down.weight"] = down.bfloat16()
        state[f"{key}lora_up.weight"] = up.bfloat16()
        state[f"{key}alpha"] = torch.tensor(spec.user_alpha)
        state[f"{key}diff_b"] = (
            0.1 * randn(f"{label}/bias", layer.out_features)).bfloat16()
    save_file(state, folder / USER_FILE)


def load_own(pipe, folder):
    pipe.load_lora_weights(folder / "transformer", adapter_name="own")


def load_user(pipe, folder, spec):
    """Beside its own."""
    pipe.load_lora_weights(folder, weight_name=USER_FILE, adapter_name="user")
    pipe.set_adapters(["own", "user"], [1.0, spec.user_scale])

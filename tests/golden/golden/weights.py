# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random weights that keep every activation near 1, and how they are stored."""

import json
import math
import re
import zlib

import torch
from safetensors.torch import save_file

DTYPES = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}


def draw(name, tensor, seed):
    """A weight for the tensor of that name; a generator of its own, so that
    adding a tensor changes no other."""
    gen = torch.Generator().manual_seed(zlib.crc32(f"{seed}/{name}".encode()))
    noise = torch.randn(tensor.shape, generator=gen)
    if re.search(r"norm_[qk]\.weight$", name):
        return 1.6 + 0.3 * noise  # attention that prefers some tokens
    if name.endswith("gamma") or re.search(r"norm[^.]*\.weight$", name):
        return 1 + 0.2 * noise
    if name.endswith(".bias"):
        return 0.1 * noise
    if "scale_shift_table" in name:
        return 0.3 * noise
    if "relative_attention_bias" in name:
        return noise
    if name.endswith("shared.weight") or "embed_tokens" in name:
        return noise
    fan_in = math.prod(tensor.shape[1:])
    gain = 1.0
    if ".SelfAttention.q." in name:
        gain = 0.35  # no 1/sqrt(d) in UMT5: keeps the softmax soft
    elif "decoder.conv_out" in name:
        gain = 0.6  # frames within [-1, 1], where the clamp hides nothing
    elif re.search(r"(conv\d|conv_in|resample\.1|time_conv)\.weight$", name):
        gain = 1.4  # SiLU halves the power
    return noise * gain / math.sqrt(fan_in)


def fill(model, prefix, seed, dtype, keep_float32=()):
    """Gives the model random weights, rounded to what `dtype` can hold."""
    state = model.state_dict()
    seen = {}
    for name, tensor in state.items():
        if not tensor.is_floating_point():
            continue
        # Tied tensors get one value, whichever name is met.
        key = tensor.data_ptr()
        if key in seen:
            continue
        seen[key] = name
        value = draw(f"{prefix}/{name}", tensor, seed)
        if not any(part in name for part in keep_float32):
            value = value.to(DTYPES[dtype]).float()
        tensor.copy_(value)


def stored(state, dtype, keep_float32=()):
    """The state dict in the types it is stored in."""
    return {
        name: tensor.detach().to(
            torch.float32 if any(part in name for part in keep_float32)
            else DTYPES[dtype]).contiguous().clone()
        for name, tensor in state.items()
    }


def write(folder, stem, state, shards=1):
    """Writes a state dict as one safetensors file or as shards and an index."""
    folder.mkdir(parents=True, exist_ok=True)
    meta = {"format": "pt"}
    if shards == 1:
        save_file(state, folder / f"{stem}.safetensors", metadata=meta)
        return
    names = list(state)
    size = -(-len(names) // shards)
    index = {}
    total = 0
    for i in range(shards):
        part = {n: state[n] for n in names[i * size:(i + 1) * size]}
        file = f"{stem}-{i + 1:05d}-of-{shards:05d}.safetensors"
        save_file(part, folder / file, metadata=meta)
        index.update({n: file for n in part})
        total += sum(t.numel() * t.element_size() for t in part.values())
    write_json(folder / f"{stem}.safetensors.index.json", {
        "metadata": {"total_size": total},
        "weight_map": dict(sorted(index.items()))})


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n")

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the inner states of one pipeline, to find the layer that goes wrong.

    python dump_layers.py wan21 /tmp/debug [--transformer N] [--vae N] [--text N]

DIRECTORY/PIPELINE.safetensors gets the states that lead to the numbered case of
each stage of data/PIPELINE/reference.safetensors. No batch axis. Tensors:

text.embedding, text.block.I.{norm1,attention,hidden,norm2,ffn,output}, text.output
    [tokens, dim]; hidden is x + attention, output is hidden + ffn
transformer.patch_embedding [dim, f, h, w], .rope_cos, .rope_sin [tokens, head]
    (each value twice), .timestep [freq_dim], .temb [dim], .timestep_proj [6 dim],
    .text [512, dim]
transformer.block.I.{attn1,attn2}.{q,k,v} as projected, .{norm_q,norm_k} after
    the norm, before RoPE; .attn1, .attn2, .ffn the branch before gate and sum;
    .after_attn1, .after_attn2, .output the stream after each sum  [tokens, dim]
transformer.norm_out (before the modulation), transformer.proj_out, .output
vae.post_quant [z, f, h, w]; vae.T.MODULE, the output of each decoder module at
    latent frame T [C, frames, h, w] (resample.1: [frames, C, h, w])
"""

import argparse
import os
import pathlib

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import load_file, save_file

from golden import configs, tokenizer
from make_golden import HERE, build


class Recorder:
    """Keeps outputs (or inputs) of modules under given names."""

    def __init__(self):
        self.states = {}
        self.prefix = ""

    def keep(self, name, value):
        name = self.prefix + name
        assert name not in self.states, name
        self.states[name] = value.detach().float().contiguous().clone()

    def output(self, module, name, batch=True):
        def hook(_module, _args, value):
            value = value[0] if isinstance(value, tuple) else value
            self.keep(name, value[0] if batch else value)
        module.register_forward_hook(hook)

    def input(self, module, name):
        def hook(_module, args):
            self.keep(name, args[0][0])
        module.register_forward_pre_hook(hook)


def watch_text(record, encoder):
    record.output(encoder.embed_tokens, "text.embedding")
    for i, block in enumerate(encoder.block):
        name = f"text.block.{i}"
        attention, ffn = block.layer
        record.output(attention.layer_norm, f"{name}.norm1")
        record.output(attention.SelfAttention, f"{name}.attention")
        record.output(attention, f"{name}.hidden")
        record.output(ffn.layer_norm, f"{name}.norm2")
        record.output(ffn.DenseReluDense, f"{name}.ffn")
        record.output(block, f"{name}.output")
    record.output(encoder.final_layer_norm, "text.output")


def watch_transformer(record, dit):
    embedder = dit.condition_embedder
    record.output(dit.patch_embedding, "transformer.patch_embedding")
    record.output(embedder.timesteps_proj, "transformer.timestep")
    record.output(embedder.time_embedder, "transformer.temb")
    record.output(embedder.time_proj, "transformer.timestep_proj")
    record.output(embedder.text_embedder, "transformer.text")
    for i, block in enumerate(dit.blocks):
        name = f"transformer.block.{i}"
        for part in ("attn1", "attn2"):
            attention = getattr(block, part)
            for layer in ("to_q", "to_k", "to_v", "norm_q", "norm_k"):
                record.output(getattr(attention, layer),
                              f"{name}.{part}.{layer.removeprefix('to_')}")
            record.output(attention, f"{name}.{part}")
        record.input(block.norm2, f"{name}.after_attn1")
        record.input(block.norm3, f"{name}.after_attn2")
        record.output(block.ffn, f"{name}.ffn")
        record.output(block, f"{name}.output")
    record.output(dit.norm_out, "transformer.norm_out")
    record.output(dit.proj_out, "transformer.proj_out")


def watch_vae(record, decoder):
    """Module outputs of the decoder, whose calls are one a latent frame."""
    frame = iter(range(1 << 20))

    def next_frame(_module, _args):
        record.prefix = f"vae.{next(frame)}."

    decoder.register_forward_pre_hook(next_frame)
    for name, module in decoder.named_modules():
        kind = type(module).__name__
        if kind in ("WanCausalConv3d", "WanRMS_norm", "WanResidualBlock",
                    "WanAttentionBlock", "WanMidBlock", "WanUpBlock",
                    "WanResidualUpBlock", "WanResample", "DupUp3D"):
            # The attention's norm sees the frames as a batch.
            record.output(module, name, batch=not name.endswith("0.norm"))
        elif kind == "Conv2d":
            record.output(module, name, batch=False)
    record.output(decoder, "output")


def dump(spec, args):
    folder = HERE / "data" / spec.name
    reference = load_file(folder / "reference.safetensors")
    words = tokenizer.load(HERE / "data" / spec.tokenizer)
    text_encoder, dit, vae = build(spec, len(words))
    record = Recorder()

    watch_text(record, text_encoder.encoder)
    ids = reference[f"text.{args.text}.ids"].long()[None]
    text_encoder(ids)

    size = tuple(reference[f"transformer.{args.transformer}.latents"].shape)
    which = args.transformer % len(spec.prompts)
    rows = torch.zeros(1, tokenizer.MAX_LENGTH, spec.transformer["text_dim"])
    embeds = reference[f"text.{which}.embeds"]
    rows[0, :len(embeds)] = embeds
    watch_transformer(record, dit)
    timestep = reference[f"transformer.{args.transformer}.timestep"]
    latents = reference[f"transformer.{args.transformer}.latents"][None]
    velocity = dit(
        hidden_states=latents, encoder_hidden_states=rows, return_dict=False,
        timestep=timestep[None] if spec.expand_timesteps else timestep)[0]
    record.keep("transformer.output", velocity[0])
    for name, table in zip(("cos", "sin"), dit.rope(latents)):
        record.keep(f"transformer.rope_{name}", table[0, :, 0])

    record.output(vae.post_quant_conv, "vae.post_quant")
    watch_vae(record, vae.decoder)
    vae.decode(reference[f"vae.{args.vae}.z"][None])
    print(f"{spec.name}: {len(record.states)} states; text {ids.shape[1]} "
          f"tokens, transformer {size} with text {which}")
    return record.states


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pipeline")
    parser.add_argument("directory", type=pathlib.Path)
    for stage in ("text", "transformer", "vae"):
        parser.add_argument(f"--{stage}", type=int, default=0)
    args = parser.parse_args()
    spec, = [s for s in configs.PIPELINES if s.name == args.pipeline]
    torch.set_num_threads(1)
    args.directory.mkdir(parents=True, exist_ok=True)
    with torch.inference_mode():
        states = dump(spec, args)
    save_file(states, args.directory / f"{spec.name}.safetensors")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes tests/golden/data: tiny random-weight Wan pipelines in the diffusers
layout, and what diffusers and transformers compute with them.

    python make_golden.py [--output DIRECTORY] [--check]

Running it again with the versions of requirements.txt gives the same bytes.
--check loads the written pipelines with from_pretrained and compares a run.
"""

import argparse
import json
import os
import pathlib
import shutil

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from diffusers import AutoencoderKLWan, WanPipeline, WanTransformer3DModel
from diffusers.utils import logging
from safetensors.torch import save_file
from transformers import UMT5Config, UMT5EncoderModel
from transformers.utils import logging as transformers_logging

from golden import adapters, causal, configs, names, stages, tokenizer, weights

HERE = pathlib.Path(__file__).resolve().parent


def build(spec, vocab_size):
    """The three models with their random weights, in float32."""
    encoder = dict(spec.text_encoder)
    vocab = vocab_size + encoder.pop("extra_vocab")
    text_encoder = UMT5EncoderModel(UMT5Config(
        vocab_size=vocab, dropout_rate=0.1, feed_forward_proj="gated-gelu",
        architectures=["UMT5EncoderModel"], **encoder))
    dit = WanTransformer3DModel(
        qk_norm="rms_norm_across_heads", rope_max_seq_len=1024,
        **spec.transformer)
    return (fill(text_encoder, f"{spec.name}/text_encoder", spec),
            fill(dit, f"{spec.name}/transformer", spec),
            build_vae(spec.vae, f"{spec.name}/vae", spec))


def build_vae(config, prefix, spec):
    z_dim = config["z_dim"]
    return fill(AutoencoderKLWan(
        latents_mean=[round(0.4 * (i % 5) - 0.9, 4) for i in range(z_dim)],
        latents_std=[round(0.6 + 0.17 * (i % 7), 4) for i in range(z_dim)],
        **config), prefix, spec)


def fill(model, prefix, spec):
    """Gives the model random weights, such as the spec says it is stored in."""
    model.eval().requires_grad_(False)
    weights.fill(model, prefix, spec.seed, spec.dtype, spec.keep_float32)
    return model


def config_of(model):
    return {key: value for key, value in model.config.items()
            if key not in ("_name_or_path", "_use_default_values")}


def write_transformer(folder, spec, dit):
    state = weights.stored(dit.state_dict(), spec.dtype, spec.keep_float32)
    weights.write(folder / "transformer", "diffusion_pytorch_model", state,
                  spec.shards)
    weights.write_json(folder / "transformer/config.json",
                       {"_class_name": "WanTransformer3DModel"}
                       | config_of(dit))
    return state


def write_vae(folder, spec, decoder, part="vae"):
    state = weights.stored(decoder.state_dict(), spec.dtype, spec.keep_float32)
    if not spec.encoder:
        state = {name: tensor for name, tensor in state.items()
                 if name.startswith(("decoder.", "post_quant_conv."))}
    weights.write(folder / part, "diffusion_pytorch_model", state,
                  spec.shards)
    config = config_of(decoder)
    if spec.minimal_vae_config:
        # As Wan-AI/Wan2.1-T2V-1.3B-Diffusers has it.
        keep = ("attn_scales", "base_dim", "dim_mult", "dropout",
                "latents_mean", "latents_std", "num_res_blocks",
                "temperal_downsample", "z_dim")
        config = {key: config[key] for key in keep}
    weights.write_json(folder / part / "config.json",
                       {"_class_name": "AutoencoderKLWan"} | config)
    return state


def write_text_encoder(folder, spec, text_encoder):
    state = weights.stored(text_encoder.state_dict(), spec.dtype,
                           spec.keep_float32)
    drop = {"shared": "encoder.embed_tokens.weight",
            "encoder": "shared.weight", "both": None}[spec.embedding]
    state.pop(drop, None)
    weights.write(folder / "text_encoder", "model", state, spec.shards)
    config = text_encoder.config.to_diff_dict() | {
        key: getattr(text_encoder.config, key) for key in
        ("d_model", "d_kv", "d_ff", "num_layers", "num_heads", "vocab_size",
         "relative_attention_num_buckets", "relative_attention_max_distance",
         "layer_norm_epsilon", "feed_forward_proj", "pad_token_id",
         "eos_token_id", "dense_act_fn", "is_gated_act")}
    config["architectures"] = ["UMT5EncoderModel"]
    weights.write_json(folder / "text_encoder/config.json", config)
    return state


def write_scheduler(folder, spec):
    made = stages.scheduler(spec.sampler, spec.flow_shift)
    weights.write_json(folder / "scheduler/scheduler_config.json",
                       {"_class_name": type(made).__name__} | config_of(made))
    return type(made).__name__


def write_original(folder, spec, dit, decoder, text_encoder, config):
    """Single files under the names of the original releases, in bfloat16 so
    that they stay small: their values differ from the F32 pipeline's."""
    kinds = {"transformer": (dit, names.transformer),
             "vae": (decoder, lambda name: names.vae(name, config)),
             "text_encoder": (text_encoder, names.text_encoder)}
    for part in spec.original:
        state, rename = kinds[part]
        renamed = {rename(name): tensor.to(torch.bfloat16)
                   for name, tensor in state.items()}
        assert len(renamed) == len(state)
        weights.write(folder / "original", part, renamed)


def write_pipeline(folder, spec, models):
    text_encoder, dit, decoder = models
    folder.mkdir()
    scheduler = write_scheduler(folder, spec)
    states = (write_transformer(folder, spec, dit),
              write_vae(folder, spec, decoder),
              write_text_encoder(folder, spec, text_encoder))
    write_original(folder, spec, *states, decoder.config)
    (folder / "tokenizer").symlink_to(f"../{spec.tokenizer}")
    weights.write_json(folder / "model_index.json", {
        "_class_name": "WanPipeline", "_diffusers_version": "0.42.1",
        "boundary_ratio": None, "expand_timesteps": spec.expand_timesteps,
        "scheduler": ["diffusers", scheduler],
        "text_encoder": ["transformers", "UMT5EncoderModel"],
        "tokenizer": ["transformers", "T5TokenizerFast"],
        "transformer": ["diffusers", "WanTransformer3DModel"],
        "transformer_2": [None, None],
        "vae": ["diffusers", "AutoencoderKLWan"]})


def write_reference(path, out, **about):
    save_file(out.tensors, path.with_suffix(".safetensors"),
              metadata={"settings": json.dumps(out.settings, sort_keys=True)})
    weights.write_json(path.with_suffix(".json"), about | out.settings)


def make_pipeline(root, spec):
    words = tokenizer.load(root / spec.tokenizer)
    models = build(spec, len(words))
    folder = root / spec.name
    write_pipeline(folder, spec, models)
    pipe = stages.pipeline(spec, words, *models)
    pipe.set_progress_bar_config(disable=True)
    out = stages.Reference()
    rows = stages.texts(pipe, spec, out)
    stages.transformer(pipe, spec, rows, out)
    clamped = stages.vae(pipe, spec, out)
    stages.end_to_end(pipe, spec.runs, spec.flow_shift, out)
    write_reference(folder / "reference", out, what=spec.what)
    report(spec, out, clamped)
    return pipe


def link_parts(folder, base):
    """A pipeline of its own, with base's parts."""
    folder.mkdir()
    for part in ("model_index.json", "scheduler", "text_encoder", "tokenizer",
                 "transformer", "vae"):
        (folder / part).symlink_to(f"../{base.name}/{part}")


def make_upscaled(root, spec, base, pipe):
    """Base's parts, and another VAE for larger pictures."""
    folder = root / spec.name
    link_parts(folder, base)
    weights.write_json(folder / "dit_config.json", spec.native)
    decoder = build_vae(spec.vae, f"{spec.name}/vae_upscale", base)
    write_vae(folder, base, decoder, "vae_upscale")
    large = stages.pipeline(base, pipe.tokenizer, pipe.text_encoder,
                            pipe.transformer, decoder)
    out = stages.Reference()
    for some, runs in ((large, spec.runs), (pipe, spec.plain_runs)):
        some.set_progress_bar_config(disable=True)
        stages.end_to_end(some, runs, base.flow_shift, out)
    write_reference(folder / "reference", out, what=spec.what)
    report(spec, out, 0)


def make_adapted(root, spec, base, pipe):
    """Base's parts, an adapter in the transformer's, and one for its user."""
    folder = root / spec.name
    link_parts(folder, base)
    part = folder / "transformer"
    part.unlink()
    part.mkdir()
    for file in sorted((root / base.name / "transformer").iterdir()):
        (part / file.name).symlink_to(
            f"../../{base.name}/transformer/{file.name}")
    adapters.write_own(pipe, spec, part)
    adapters.write_user(pipe, spec, folder)
    out = stages.Reference()
    rows = stages.texts(pipe, base, out)
    adapters.load_own(pipe, folder)
    stages.transformer(pipe, base, rows, out)
    stages.end_to_end(pipe, spec.runs, base.flow_shift, out)
    adapters.load_user(pipe, folder, spec)
    stages.transformer(pipe, base, rows, out, "lora")
    pipe.unload_lora_weights()
    write_reference(folder / "reference", out, what=spec.what,
                    lora_scale=spec.user_scale)
    report(spec, out, 0)


def make_causal(root, spec, base, pipe):
    """Base's parts, seen as a block-causal checkpoint."""
    folder = root / spec.name
    link_parts(folder, base)
    weights.write_json(folder / "dit_config.json", spec.native | {
        "causal_block": spec.block, "causal_window": spec.window,
        "causal_sink": spec.sink,
        "causal_context_timestep": spec.context_timestep})
    out = stages.Reference()
    rows = stages.texts(pipe, base, out)
    causal.forwards(pipe.transformer, spec, rows, out)
    causal.end_to_end(pipe, spec, out)
    write_reference(folder / "reference", out, what=spec.what)
    report(spec, out, 0)


def report(spec, out, clamped):
    """Sizes of the activations, to see that nothing vanishes or explodes."""
    def std(suffix):
        return [round(t.std().item(), 2) for n, t in out.tensors.items()
                if n.endswith(suffix) and t.numel() > 1
                and t.is_floating_point()]
    print(f"{spec.name}: embeds {std('.embeds')} velocity {std('.velocity')} "
          f"vae {std('.frames')} clamped {clamped:.3f} "
          f"latents {std('.latents')}")


def check(root, spec, pipe):
    """The files as from_pretrained reads them give the same frames."""
    folder = root / spec.name
    if not spec.encoder:
        return
    loaded = WanPipeline.from_pretrained(
        folder, dtype=torch.float32,
        tokenizer=tokenizer.load(root / spec.tokenizer))
    loaded.set_progress_bar_config(disable=True)
    args = dict(prompt=configs.PROMPT, width=32, height=32, num_frames=5,
                num_inference_steps=2, guidance_scale=3.0, output_type="pt")
    pipe.scheduler = stages.scheduler(spec.sampler, spec.flow_shift)
    one = pipe(generator=torch.Generator().manual_seed(1), **args).frames
    two = loaded(generator=torch.Generator().manual_seed(1), **args).frames
    assert torch.equal(one, two), spec.name
    print(f"{spec.name}: from_pretrained agrees")


def make_common(root):
    """What needs no model: tokens, schedules, solvers, noise."""
    for kind in tokenizer.KINDS:
        tokenizer.train(root / kind, kind)
    count, differ = tokenizer.write_ids(
        root / "tokens.json", [root / kind for kind in tokenizer.KINDS])
    print(f"tokens: {count} strings, {differ} unlike plain sentencepiece")
    out = stages.Reference()
    stages.schedules(out)
    stages.solvers(out)
    write_reference(root / "sampler", out)
    out = stages.Reference()
    stages.noise(out)
    write_reference(root / "noise", out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "data")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    logging.set_verbosity_error()
    transformers_logging.set_verbosity_error()
    shutil.rmtree(args.output, ignore_errors=True)
    args.output.mkdir(parents=True)
    with torch.inference_mode():
        make_common(args.output)
        for spec in configs.PIPELINES:
            pipe = make_pipeline(args.output, spec)
            if args.check:
                check(args.output, spec, pipe)
            for upscaled in configs.UPSCALED:
                if upscaled.base == spec.name:
                    make_upscaled(args.output, upscaled, spec, pipe)
            for adapted in configs.ADAPTED:
                if adapted.base == spec.name:
                    make_adapted(args.output, adapted, spec, pipe)
            for stream in configs.CAUSAL:
                if stream.base == spec.name:
                    make_causal(args.output, stream, spec, pipe)


if __name__ == "__main__":
    main()

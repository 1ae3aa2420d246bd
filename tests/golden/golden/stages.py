# SPDX-License-Identifier: LGPL-2.1-or-later
"""What upstream computes at every stage, all in float32 on the CPU.

Tensors are stored without the batch axis. Each case of a stage has a number;
its settings stand in reference.json under the stage's name, at that index.
"""

import zlib

import torch
from diffusers import (FlowMatchEulerDiscreteScheduler, FlowMatchLCMScheduler,
                       UniPCMultistepScheduler, WanPipeline)

from . import configs
from .tokenizer import MAX_LENGTH, clean


def scheduler(kind, shift):
    """The samplers, set as the published Wan checkpoints set them."""
    if kind == "euler":
        return FlowMatchEulerDiscreteScheduler(shift=shift)
    if kind == "lcm":
        return FlowMatchLCMScheduler(shift=shift)
    return UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True,
        num_train_timesteps=1000, flow_shift=shift)


def set_steps(made, kind, steps):
    """LCM's are those of Self-Forcing: equal parts of what is then shifted."""
    if kind == "lcm":
        made.set_timesteps(sigmas=[1 - i / steps for i in range(steps)])
    else:
        made.set_timesteps(steps)


def randn(label, *shape):
    gen = torch.Generator().manual_seed(zlib.crc32(label.encode()))
    return torch.randn(shape, generator=gen)


def text(pipe, prompt):
    """Ids and rows of the real tokens; the other rows of the 512 are zero."""
    ids = pipe.tokenizer(clean(prompt), truncation=True,
                         max_length=MAX_LENGTH).input_ids
    rows = pipe._get_t5_prompt_embeds(prompt, max_sequence_length=MAX_LENGTH)
    assert not rows[0, len(ids):].any()
    return ids, rows


class Reference:
    """Collects the tensors and settings of one reference file."""

    def __init__(self):
        self.tensors = {}
        self.settings = {}

    def add(self, stage, settings, **tensors):
        cases = self.settings.setdefault(stage, [])
        for name, tensor in tensors.items():
            if not isinstance(tensor, torch.Tensor):
                tensor = torch.tensor(tensor)
            kind = (torch.float32 if tensor.is_floating_point()
                    else torch.uint8 if tensor.dtype == torch.uint8
                    else torch.int32)
            assert torch.isfinite(tensor).all(), (stage, name)
            self.tensors[f"{stage}.{len(cases)}.{name}"] = (
                tensor.detach().to(kind).contiguous().clone())
        cases.append(settings)


def texts(pipe, spec, out):
    rows = []
    for prompt in spec.prompts:
        ids, embeds = text(pipe, prompt)
        out.add("text", {"prompt": prompt, "cleaned": clean(prompt),
                         "tokens": len(ids)},
                ids=ids, embeds=embeds[0, :len(ids)])
        rows.append(embeds)
    return rows


def transformer(pipe, spec, rows, out, stage="transformer"):
    """Every size with every timestep, prompts in turn."""
    channels = spec.transformer["in_channels"]
    case = 0
    for size in spec.transformer_sizes:
        for t in spec.timesteps:
            which = case % len(rows)
            latents = randn(f"{spec.name}/dit/{case}", 1, channels, *size)
            timestep = torch.tensor([t])
            settings = {"size": list(size), "timestep": t, "text": which}
            if spec.expand_timesteps:
                # Text to video has one value for all tokens; a causal
                # checkpoint has one per latent frame. The last size has those.
                f, h, w = size
                timestep = torch.full((1, f * h * w // 4), t)
                if size == spec.transformer_sizes[-1]:
                    per_frame = torch.linspace(0, t, f)
                    timestep = per_frame.repeat_interleave(h * w // 4)[None]
                    settings["timestep"] = None
            velocity = pipe.transformer(
                hidden_states=latents, timestep=timestep,
                encoder_hidden_states=rows[which], return_dict=False)[0]
            out.add(stage, settings, latents=latents[0],
                    timestep=timestep.flatten(), velocity=velocity[0])
            case += 1


def vae(pipe, spec, out):
    """From normalised latents, as the sampler leaves them, to [-1, 1]."""
    config = pipe.vae.config
    mean = torch.tensor(config.latents_mean).view(1, -1, 1, 1, 1)
    inverse = 1.0 / torch.tensor(config.latents_std).view(1, -1, 1, 1, 1)
    clamped = 0
    for case, size in enumerate(spec.vae_sizes):
        latents = randn(f"{spec.name}/vae/{case}", 1, config.z_dim, *size)
        z = latents / inverse + mean
        frames = pipe.vae.decode(z, return_dict=False)[0]
        clamped = max(clamped, (frames.abs() == 1).float().mean().item())
        out.add("vae", {"size": list(size)}, latents=latents[0], z=z[0],
                frames=frames[0])
    return clamped


def end_to_end(pipe, runs, flow_shift, out):
    """WanPipeline itself, with what its sampler and transformer did."""
    for run in runs:
        shift = flow_shift if run.shift is None else run.shift
        pipe.scheduler = scheduler(run.sampler, shift)
        velocities, latents = [], []
        step = pipe.scheduler.step

        def recording_step(velocity, t, sample, **kwargs):
            if not latents:
                latents.append(sample[0])
            velocities.append(velocity[0])
            made = step(velocity, t, sample, **kwargs)
            latents.append(made[0][0])
            return made

        pipe.scheduler.step = recording_step
        frames = pipe(
            prompt=run.prompt, negative_prompt=run.negative, width=run.width,
            height=run.height, num_frames=run.frames,
            num_inference_steps=run.steps, guidance_scale=run.guidance,
            generator=torch.Generator().manual_seed(run.seed),
            output_type="pt").frames
        settings = dict(vars(run), shift=shift)
        out.add("run", settings, noise=latents[0],
                sigmas=pipe.scheduler.sigmas,
                timesteps=pipe.scheduler.timesteps.float(),
                velocities=torch.stack(velocities),
                latents=torch.stack(latents[1:]), frames=frames[0])


def schedules(out):
    for kind in ("unipc", "euler", "lcm"):
        for steps in configs.SCHEDULE_STEPS:
            for shift in configs.SCHEDULE_SHIFTS:
                made = scheduler(kind, shift)
                set_steps(made, kind, steps)
                out.add("schedule",
                        {"sampler": kind, "steps": steps, "shift": shift},
                        sigmas=made.sigmas, timesteps=made.timesteps.float())


def solvers(out):
    """Trajectories under velocities that do not depend on the latents. LCM's
    noise comes from a generator with the number of steps as its seed."""
    for kind in ("unipc", "euler", "lcm"):
        for steps, shift in configs.SOLVER_CASES:
            made = scheduler(kind, shift)
            set_steps(made, kind, steps)
            label = f"solver/{kind}/{steps}"
            fresh = ({"generator": torch.Generator().manual_seed(steps)}
                     if kind == "lcm" else {})
            latents = [randn(f"{label}/noise", 1, 4, 1, 3, 5)]
            velocities = randn(f"{label}/v", steps, 1, 4, 1, 3, 5)
            for i, t in enumerate(made.timesteps):
                latents.append(made.step(
                    velocities[i], t, latents[-1], return_dict=False,
                    **fresh)[0])
            out.add("solver",
                    {"sampler": kind, "steps": steps, "shift": shift},
                    noise=latents[0][0], velocities=velocities[:, 0],
                    latents=torch.stack(latents[1:])[:, 0])


def noise(out):
    """torch.randn of a CPU generator, asked several times in a row."""
    for seed, counts in configs.NOISE_CASES:
        gen = torch.Generator().manual_seed(seed)
        values = [torch.randn(n, generator=gen) for n in counts]
        out.add("noise", {"seed": seed, "counts": counts},
                values=torch.cat(values))


def pipeline(spec, tokenizer, text_encoder, dit, decoder):
    return WanPipeline(
        tokenizer=tokenizer, text_encoder=text_encoder, transformer=dit,
        vae=decoder, scheduler=scheduler(spec.sampler, spec.flow_shift),
        expand_timesteps=spec.expand_timesteps)

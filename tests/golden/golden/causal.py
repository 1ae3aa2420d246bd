# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams of a block-causal Wan transformer, without any cache: a block's
velocity comes from one pass over everything that it depends on.

What is passed through the layers is a list of segments: clean blocks at the
context timestep, each with the prompt it was made under, and last the noisy
block. A segment attends to itself and to frames of earlier segments, which
`visible` names in order. Positions are relative: a segment sees the frames of
`visible` at 0, 1, ... and itself after them. As long as nothing was forgotten
they are the absolute ones, and the whole is one masked attention over the
sequence, which is compared. Semantics of Self-Forcing and LongLive; the
layers are diffusers'. A frame here is one of tokens: patch[0] latent frames.
"""

from dataclasses import dataclass

import torch

from . import stages


@dataclass
class Segment:
    latents: torch.Tensor  # [C, f, h, w]
    timestep: float
    rows: torch.Tensor  # text [1, 512, text_dim]
    visible: list  # (segment, frame in it, frame in the stream)


def rotate(x, table):
    """x [n, heads, size] by the cosines and sines of WanRotaryPosEmbed."""
    cosine, sine = (t[0, :, :, 0::2] for t in table)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine,
                        even * sine + odd * cosine), -1).flatten(-2)


def positions(dit, segment, first, count):
    """Tables for `count` frames of the segment's size from position `first`."""
    patch = dit.config.patch_size
    _, _, h, w = segment.latents.shape
    area = h // patch[1] * (w // patch[2])
    table = dit.rope(torch.zeros(1, 1, (first + count) * patch[0], h, w))
    return [t[:, first * area:] for t in table], area


def attend(q, k, v, mask=None):
    """[n, heads, size]"""
    q, k, v = (x.transpose(0, 1)[None] for x in (q, k, v))
    y = torch.nn.functional.scaled_dot_product_attention(q, k, v, mask)
    return y[0].transpose(0, 1)


def frames(x, area, first=0, count=1):
    return x[first * area:(first + count) * area]


def windows(dit, segments, q, k, v):
    """Each segment over what it sees; lists of [n, heads, size]."""
    out = []
    for i, s in enumerate(segments):
        past = len(s.visible)
        count = s.latents.shape[1] // dit.config.patch_size[0]
        table, area = positions(dit, s, 0, past + count)
        pick = [(segment, frame) for segment, frame, _ in s.visible]
        pick += [(i, frame) for frame in range(count)]
        keys = torch.cat([frames(k[a], area, b) for a, b in pick])
        values = torch.cat([frames(v[a], area, b) for a, b in pick])
        own = [t[:, past * area:] for t in table]
        out.append(attend(rotate(q[i], own), rotate(keys, table), values))
    return out


def masked(dit, segments, q, k, v):
    """The same as one attention over the sequence, at absolute positions."""
    counts = [s.latents.shape[1] // dit.config.patch_size[0]
              for s in segments]
    table, area = positions(dit, segments[0], 0, sum(counts))
    tokens = [count * area for count in counts]
    block = torch.repeat_interleave(torch.tensor(tokens))
    y = attend(rotate(torch.cat(q), table), rotate(torch.cat(k), table),
               torch.cat(v), block[:, None] >= block[None])
    return list(y.split(tokens))


def self_attention(dit, block, segments, x, e, how):
    attn = block.attn1
    h = [(block.norm1(x) * (1 + e[1]) + e[0])[0] for x, e in zip(x, e)]
    heads = (attn.heads, -1)
    q = [attn.norm_q(attn.to_q(h)).unflatten(1, heads) for h in h]
    k = [attn.norm_k(attn.to_k(h)).unflatten(1, heads) for h in h]
    v = [attn.to_v(h).unflatten(1, heads) for h in h]
    y = how(dit, segments, q, k, v)
    return [attn.to_out[0](y.flatten(1))[None] * e[2] for y, e in zip(y, e)]


def embed(dit, segment):
    """Tokens, raw and projected time, text; time a token: [1, n, ...]"""
    x = dit.patch_embedding(segment.latents[None]).flatten(2).transpose(1, 2)
    temb, time, text, _ = dit.condition_embedder(
        torch.tensor([segment.timestep]), segment.rows, None)
    return x, temb, time.unflatten(1, (6, -1)), text


def unpatchify(dit, x, shape):
    _, f, h, w = shape
    pt, ph, pw = dit.config.patch_size
    x = x.reshape(f // pt, h // ph, w // pw, pt, ph, pw, -1)
    return x.permute(6, 0, 3, 1, 4, 2, 5).reshape(-1, f, h, w)


def velocity(dit, segments, how=windows):
    """Of the last segment."""
    x, temb, time, text = map(list, zip(*(embed(dit, s) for s in segments)))
    for block in dit.blocks:
        e = [(block.scale_shift_table + t).chunk(6, dim=1) for t in time]
        y = self_attention(dit, block, segments, x, e, how)
        x = [a + b for a, b in zip(x, y)]
        x = [a + block.attn2(block.norm2(a), t, None, None)
             for a, t in zip(x, text)]
        x = [a + block.ffn(block.norm3(a) * (1 + m[4]) + m[3]) * m[5]
             for a, m in zip(x, e)]
    shift, scale = (dit.scale_shift_table + temb[-1].unsqueeze(1)).chunk(2, 1)
    y = dit.proj_out(dit.norm_out(x[-1]) * (1 + scale) + shift)
    return unpatchify(dit, y, segments[-1].latents.shape)


class Stream:
    """What a causal checkpoint remembers under one prompt after another."""

    def __init__(self, dit, spec):
        self.dit, self.spec = dit, spec
        patch = dit.config.patch_size[0]
        self.block, self.window, self.sink = (
            n // patch for n in (spec.block, spec.window, spec.sink))
        self.segments = []
        self.past = []  # as Segment.visible

    def make_room(self):
        drop = max(0, len(self.past)
                   - (self.sink + self.window - self.block))
        self.past = self.past[:self.sink] + self.past[self.sink + drop:]

    def velocity(self, latents, timestep, rows):
        last = Segment(latents, timestep, rows, list(self.past))
        segments = [*self.segments, last]
        y = velocity(self.dit, segments)
        everything = sum(s.latents.shape[1] for s in self.segments)
        if len(self.past) * self.dit.config.patch_size[0] == everything:
            whole = velocity(self.dit, segments, masked)
            assert torch.allclose(y, whole, atol=2e-5, rtol=1e-4)
        if not self.segments:
            plain = self.dit(latents[None], torch.tensor([timestep]), rows,
                             return_dict=False)[0][0]
            assert torch.allclose(y, plain, atol=2e-5, rtol=1e-4)
        return y

    def add(self, latents, rows, first):
        """Frames of the stream from `first` on."""
        count = latents.shape[1] // self.dit.config.patch_size[0]
        self.segments.append(Segment(
            latents, self.spec.context_timestep, rows, list(self.past)))
        self.past += [(len(self.segments) - 1, i, first + i)
                      for i in range(count)]

    def append(self, latents, rows):
        self.add(latents, rows, self.total)

    @property
    def total(self):
        return self.past[-1][2] + 1 if self.past else 0

    def recache(self, rows):
        """The past under another prompt, the frames of a block together."""
        patch = self.dit.config.patch_size[0]
        blocks = {}
        for segment, frame, at in self.past:
            part = self.segments[segment].latents
            blocks.setdefault(at // self.block, []).append(
                (at, part[:, frame * patch:(frame + 1) * patch]))
        self.segments, self.past = [], []
        for parts in blocks.values():
            self.add(torch.cat([x for _, x in parts], 1), rows, parts[0][0])


def forwards(dit, spec, rows, out):
    """Blocks one after the other, remembered under prompts in turn, nothing
    made again; a noisy block's velocity before each is remembered."""
    for case, size in enumerate(spec.forwards):
        channels = dit.config.in_channels
        stream = Stream(dit, spec)
        shape = (spec.blocks, channels, spec.block, *size)
        label = f"{spec.name}/forward/{case}"
        clean = stages.randn(f"{label}/clean", *shape)
        noisy = stages.randn(f"{label}/noisy", *shape)
        velocities, texts = [], []
        for k in range(spec.blocks):
            which = k % len(rows)
            stream.make_room()
            velocities.append(stream.velocity(
                noisy[k], spec.timesteps[k % 3], rows[which]))
            stream.append(clean[k], rows[which])
            texts.append(which)
        out.add("stream", {"size": list(size), "texts": texts},
                clean=clean, noisy=noisy, velocity=torch.stack(velocities),
                timesteps=[spec.timesteps[k % 3] for k in range(spec.blocks)])


def denoise(streams, run, rows, noise, generator):
    made = stages.scheduler(run.sampler, run.shift)
    stages.set_steps(made, run.sampler, run.steps)
    fresh = {"generator": generator} if run.sampler == "lcm" else {}
    latents = noise
    for t in made.timesteps:
        v = streams[0].velocity(latents[0], float(t), rows[0])
        if len(streams) > 1:
            u = streams[1].velocity(latents[0], float(t), rows[1])
            v = u + rows[2] * (v - u)
        latents = made.step(v[None], t, latents, return_dict=False,
                            **fresh)[0]
    return latents[0]


def run_stream(pipe, spec, run):
    """Latents [C, f, h, w] of all chunks."""
    dit = pipe.transformer
    space = pipe.vae_scale_factor_spatial
    shape = (1, dit.config.in_channels, spec.block, run.height // space,
             run.width // space)
    streams, texts, made = [None, None], [None, None], []
    for k, chunk in enumerate(run.chunks):
        wanted = [chunk.prompt, chunk.negative if chunk.guidance > 1 else None]
        rows = [None if text is None else stages.text(pipe, text)[1]
                for text in wanted]
        for i, text in enumerate(wanted):
            if text is None:
                streams[i] = None
            elif streams[i] is None:
                streams[i] = Stream(dit, spec)
                # The conditional one has what there is to remember.
                if i == 1 and k > 0:
                    streams[i].segments = list(streams[0].segments)
                    streams[i].past = list(streams[0].past)
                    streams[i].recache(rows[i])
            else:
                if k > 0:
                    streams[i].append(made[-1], texts[i][1])
                streams[i].make_room()
                if text != texts[i][0] and spec.recache:
                    streams[i].recache(rows[i])
            texts[i] = (text, rows[i])
        generator = torch.Generator().manual_seed(run.seed + k)
        noise = torch.randn(shape, generator=generator)
        made.append(denoise([s for s in streams if s], run,
                            [*rows, chunk.guidance], noise, generator))
    return torch.cat(made, 1)


def end_to_end(pipe, spec, out):
    config = pipe.vae.config
    mean = torch.tensor(config.latents_mean).view(1, -1, 1, 1, 1)
    deviation = torch.tensor(config.latents_std).view(1, -1, 1, 1, 1)
    for run in spec.runs:
        latents = run_stream(pipe, spec, run)
        video = pipe.vae.decode(latents[None] * deviation + mean,
                                return_dict=False)[0]
        pixels = (video[0] * 0.5 + 0.5).clamp(0, 1).mul(255).round()
        settings = dict(vars(run), chunks=[vars(c) for c in run.chunks])
        out.add("run", settings, latents=latents,
                frames=pixels.permute(1, 2, 3, 0).to(torch.uint8))

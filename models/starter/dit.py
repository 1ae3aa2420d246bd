# SPDX-License-Identifier: LGPL-2.1-or-later
"""The transformer: diffusers' WanTransformer3DModel, and a fast way through.

`forward` gives what the module gives, with less: attention by plain matrix
products (quicker than torch's fused one on a CPU at these lengths), and the
zero rows after a prompt, which all become the same row, as one row whose
logit gets + ln(their number).
"""

import math

import torch
import torch.nn.functional as F
from diffusers import WanTransformer3DModel

CONFIG = dict(
    patch_size=(1, 2, 2), num_attention_heads=5, attention_head_dim=64,
    in_channels=16, out_channels=16, text_dim=192, freq_dim=256,
    ffn_dim=1024, num_layers=6, cross_attn_norm=True,
    qk_norm='rms_norm_across_heads', eps=1e-6, rope_max_seq_len=1024)


def make():
    """A new transformer, its weights drawn as this recipe wants them."""
    model = WanTransformer3DModel(**CONFIG)
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1 and 'scale_shift_table' not in name:
            flat = parameter.view(parameter.shape[0], -1)
            torch.nn.init.xavier_uniform_(flat)
        elif name.endswith('bias'):
            torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        for block in model.blocks:
            block.scale_shift_table.zero_()
            block.scale_shift_table[:, (2, 5)] = .5      # the gates
            block.attn2.to_out[0].weight.mul_(.5)
        model.scale_shift_table.zero_()
        model.proj_out.weight.zero_()
        model.condition_embedder.time_proj.weight.mul_(.3)
        _look_around(model.blocks[0].attn1)
    return model


def _look_around(attention):
    """Start the first attention as one that looks a step up, down, aside.

    Rotary positions tell a token where another is from it, never where in
    the picture it is itself.  A head that looks one row up finds itself
    elsewhere on the top row, and the layers above may notice that.  So the
    queries and keys of four heads begin as constants whose product peaks at
    one step up, down, left and right.
    """
    heads, size = attention.heads, attention.inner_dim // attention.heads
    part = 2 * (size // 6)
    first = size - 2 * part
    steps = [(0, -1), (0, 1), (1, -1), (1, 1)]
    attention.to_q.weight.mul_(.3)
    attention.to_k.weight.mul_(.3)
    for head, (axis, step) in zip(range(heads), steps):
        begin = head * size + first + axis * part
        for pair in range(3):        # the three quickest frequencies
            angle = step / 10000 ** (2 * pair / part)
            strength = 2.5 / (1 + pair)
            attention.to_k.bias[begin + 2 * pair] = strength
            # q turned by -step meets k when k stands `step` further on
            attention.to_q.bias[begin + 2 * pair] = \
                strength * math.cos(angle)
            attention.to_q.bias[begin + 2 * pair + 1] = \
                strength * math.sin(angle)


def _rms(x, norm):
    x = x.float()
    scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + norm.eps)
    return x * scale * norm.weight


def _layer_norm(x, norm):
    return F.layer_norm(x.float(), x.shape[-1:], norm.weight, norm.bias,
                        norm.eps)


def _rotate(x, cos, sin):
    """x: [B, L, heads, size]; cos, sin: [1, L, 1, size / 2]."""
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos],
                       -1).flatten(-2)


def _attend(q, k, v, bias=None):
    """[B, L, heads, size] each; bias is added to the logits."""
    dtype = v.dtype
    q, k, v = (t.transpose(1, 2) for t in (q, k, v))
    q = (q * q.shape[-1] ** -.5).to(dtype)
    logits = torch.matmul(q, k.to(dtype).transpose(-1, -2)).float()
    if bias is not None:
        logits = logits + bias
    weights = logits.softmax(-1).to(dtype)
    return torch.matmul(weights, v).transpose(1, 2).flatten(2)


def _self_attention(x, attention, rotary):
    heads = (attention.heads, -1)
    q = _rms(attention.to_q(x), attention.norm_q).unflatten(2, heads)
    k = _rms(attention.to_k(x), attention.norm_k).unflatten(2, heads)
    v = attention.to_v(x).unflatten(2, heads)
    q, k = _rotate(q, *rotary), _rotate(k, *rotary)
    return attention.to_out[0](_attend(q, k, v))


def _cross_attention(x, text, attention, bias):
    heads = (attention.heads, -1)
    q = _rms(attention.to_q(x), attention.norm_q).unflatten(2, heads)
    k = _rms(attention.to_k(text), attention.norm_k).unflatten(2, heads)
    v = attention.to_v(text).unflatten(2, heads)
    return attention.to_out[0](_attend(q, k, v, bias))


def block_forward(block, x, text, bias, modulation, rotary):
    """One block; modulation: [B, 6, dim], x in float32."""
    shift, scale, gate, c_shift, c_scale, c_gate = (
        block.scale_shift_table + modulation).chunk(6, 1)
    h = _layer_norm(x, block.norm1) * (1 + scale) + shift
    x = x + _self_attention(h, block.attn1, rotary) * gate
    h = _layer_norm(x, block.norm2)
    x = x + _cross_attention(h, text, block.attn2, bias)
    h = _layer_norm(x, block.norm3) * (1 + c_scale) + c_shift
    h = block.ffn.net[0].proj(h)
    h = block.ffn.net[2](F.gelu(h, approximate='tanh'))
    return x + h * c_gate


def _patches(latents):
    """[B, C, T, H, W] to [B, tokens, C * 4], as the convolution sees them."""
    x = latents.unflatten(4, (-1, 2)).unflatten(3, (-1, 2))
    return x.permute(0, 2, 3, 5, 1, 4, 6).flatten(4).flatten(1, 3)


def _pictures(tokens, shape):
    """[B, tokens, 4 * C], channel innermost, to [B, C, T, H, W]."""
    batch, channels, frames, height, width = shape
    x = tokens.view(batch, frames, height // 2, width // 2, 2, 2, channels)
    return x.permute(0, 6, 1, 2, 4, 3, 5).reshape(shape)


def rotary(model, latents):
    """Cosines and sines of every token's position, [1, tokens, 1, size/2]."""
    cos, sin = model.rope(latents)
    return cos[..., 0::2].float(), sin[..., 1::2].float()


def forward(model, latents, timestep, text, mask, text_len, angles=None):
    """The velocity, [B, C, T, H, W], as float32.

    latents: [B, C, T, H, W].  timestep: [B], 0..1000.  text: [B, L, dim],
    zero where mask, [B, L], is zero; at least one row beyond every prompt.
    text_len: how many rows the prompt is padded to for the bias.
    """
    angles = angles or rotary(model, latents)
    x = F.linear(_patches(latents), model.patch_embedding.weight.flatten(1),
                 model.patch_embedding.bias)
    temb, modulation, text, _ = model.condition_embedder(timestep, text, None)
    modulation = modulation.float().unflatten(1, (6, -1))
    lengths = mask.sum(1, keepdim=True)
    rows = torch.arange(mask.shape[1])
    bias = torch.zeros(mask.shape).masked_fill(rows > lengths, -1e9)
    bias = torch.where(rows == lengths,
                       (text_len - lengths).clamp(min=1).float().log(), bias)
    bias = bias[:, None, None]
    x = x.float()
    for block in model.blocks:
        x = block_forward(block, x, text, bias, modulation, angles)
    shift, scale = (model.scale_shift_table
                    + temb.float().unsqueeze(1)).chunk(2, 1)
    x = _layer_norm(x, model.norm_out) * (1 + scale) + shift
    return _pictures(model.proj_out(x).float(), latents.shape)

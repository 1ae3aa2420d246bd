# SPDX-License-Identifier: LGPL-2.1-or-later
"""The video autoencoder: AutoencoderKLWan of diffusers, and a fast way in it.

diffusers runs the Wan autoencoder a latent frame at a time with caches, on
5-D tensors.  That is right for streaming and slow for training on a CPU.
`encode` and `decode` here share the module's parameters but take the whole
clip at once, frames folded into the batch, every causal 3-D convolution done
as one 2-D convolution over the channels of three neighbouring frames.  They
give what diffusers gives (`recipe.py check` compares them).

Tensors inside are [batch * time, channel, height, width], channels last.
"""

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLWan

Z_DIM = 16

CONFIG = dict(
    base_dim=16, decoder_base_dim=32, z_dim=Z_DIM, dim_mult=[1, 2, 4, 4],
    num_res_blocks=1, attn_scales=[], temperal_downsample=[False, True, True],
    dropout=0.0, is_residual=True, in_channels=12, out_channels=12,
    patch_size=2, scale_factor_temporal=4, scale_factor_spatial=16)


def make(latents_mean=None, latents_std=None):
    """A new autoencoder with random weights."""
    return AutoencoderKLWan(
        latents_mean=latents_mean or [0.0] * Z_DIM,
        latents_std=latents_std or [1.0] * Z_DIM, **CONFIG)


def _time_first(x, batch):
    return x.unflatten(0, (batch, -1))


def _conv(x, batch, conv):
    """A causal convolution of kernel 1 or 3 x 3 x 3."""
    weight = conv.weight
    if weight.shape[2] == 1:
        return F.conv2d(x, weight[:, :, 0], conv.bias)
    if x.shape[0] == batch:          # one frame: its past is zeros
        return F.conv2d(x, weight[:, :, 2], conv.bias, padding=1)
    past = F.pad(_time_first(x, batch), (0, 0, 0, 0, 0, 0, 2, 0))
    stacked = torch.cat([past[:, :-2], past[:, 1:-1], past[:, 2:]], 2)
    stacked = stacked.flatten(0, 1).contiguous(
        memory_format=torch.channels_last)
    weight = torch.cat(weight.unbind(2), 1)
    return F.conv2d(stacked, weight, conv.bias, padding=1)


def _time_conv(frames, conv):
    """A convolution of kernel 3 x 1 x 1 over [B, T, C, H, W], unpadded."""
    stride = conv.stride[0]
    count = (frames.shape[1] - 3) // stride + 1
    last = stride * (count - 1) + 1
    taps = [frames[:, k:k + last:stride] for k in range(3)]
    stacked = torch.cat(taps, 2).flatten(0, 1)
    weight = torch.cat(conv.weight.unbind(2), 1)
    return F.conv2d(stacked, weight, conv.bias).unflatten(
        0, (frames.shape[0], -1))


def _norm_silu(x, norm):
    """RMS over channels, then SiLU."""
    scale = torch.rsqrt(x.float().pow(2).mean(1, keepdim=True) + 1e-12)
    gamma = norm.gamma.view(1, -1, 1, 1)
    return F.silu(x * scale.to(x.dtype) * gamma.to(x.dtype))


def _residual(x, batch, block):
    shortcut = x
    if not isinstance(block.conv_shortcut, torch.nn.Identity):
        shortcut = _conv(x, batch, block.conv_shortcut)
    x = _conv(_norm_silu(x, block.norm1), batch, block.conv1)
    x = _conv(_norm_silu(x, block.norm2), batch, block.conv2)
    return x + shortcut


def _middle(x, batch, block):
    x = _residual(x, batch, block.resnets[0])
    for attention, resnet in zip(block.attentions, block.resnets[1:]):
        frames = x.unsqueeze(2)      # attention sees each frame alone
        x = attention(frames).squeeze(2)
        x = _residual(x, batch, resnet)
    return x


def _average_down(x, batch, down):
    """AvgDown3D: means over groups of folded pixels, as a shortcut."""
    frames = _time_first(x, batch).transpose(1, 2)
    return down(frames).transpose(1, 2).flatten(0, 1)


def _down(x, batch, block):
    shortcut = _average_down(x, batch, block.avg_shortcut)
    for resnet in block.resnets:
        x = _residual(x, batch, resnet)
    if block.downsampler is not None:
        x = block.downsampler.resample(x)
        if block.downsampler.mode == 'downsample3d':
            frames = _time_first(x, batch)
            if frames.shape[1] > 1:
                rest = _time_conv(frames, block.downsampler.time_conv)
                frames = torch.cat([frames[:, :1], rest], 1)
            x = frames.flatten(0, 1)
    return x + shortcut


def _double_time(x, batch, conv):
    """The first frame stays one; each later frame becomes two."""
    frames = _time_first(x, batch)
    if frames.shape[1] == 1:
        return x
    rest = F.pad(frames[:, 1:], (0, 0, 0, 0, 0, 0, 2, 0))
    rest = _time_conv(rest, conv)
    rest = rest.unflatten(2, (2, -1)).flatten(1, 2)
    return torch.cat([frames[:, :1], rest], 1).flatten(0, 1)


def _up(x, batch, block):
    shortcut = None
    if block.avg_shortcut is not None:
        frames = _time_first(x, batch).transpose(1, 2)
        frames = block.avg_shortcut(frames, first_chunk=True)
        shortcut = frames.transpose(1, 2).flatten(0, 1)
    for resnet in block.resnets:
        x = _residual(x, batch, resnet)
    if block.upsampler is not None:
        if block.upsampler.mode == 'upsample3d':
            x = _double_time(x, batch, block.upsampler.time_conv)
        conv = block.upsampler.resample[1]
        x = F.interpolate(x, scale_factor=2.0, mode='nearest')
        x = F.conv2d(x, conv.weight, conv.bias, padding=1)
    return x if shortcut is None else x + shortcut


def encode(vae, video):
    """Mean and log variance of the latents, [B, Z, t, H/16, W/16] each.

    video: [B, 3, T, H, W] in -1..1, T = 1 + 4 k.
    """
    batch = video.shape[0]
    x = video.transpose(1, 2).flatten(0, 1)
    x = F.pixel_unshuffle(x, 2)
    # diffusers' patchify puts the column before the row inside a channel
    x = x.unflatten(1, (3, 2, 2)).transpose(2, 3).flatten(1, 3)
    x = x.contiguous(memory_format=torch.channels_last)
    encoder = vae.encoder
    x = _conv(x, batch, encoder.conv_in)
    for block in encoder.down_blocks:
        x = _down(x, batch, block)
    x = _middle(x, batch, encoder.mid_block)
    x = _conv(_norm_silu(x, encoder.norm_out), batch, encoder.conv_out)
    x = _conv(x, batch, vae.quant_conv)
    x = _time_first(x, batch).transpose(1, 2)
    return x.float().chunk(2, 1)


def decode(vae, latents):
    """The video, [B, 3, T, H, W], not clamped.

    latents: [B, Z, t, h, w], not normalised.
    """
    batch = latents.shape[0]
    x = latents.transpose(1, 2).flatten(0, 1)
    x = x.contiguous(memory_format=torch.channels_last)
    decoder = vae.decoder
    x = _conv(x, batch, vae.post_quant_conv)
    x = _conv(x, batch, decoder.conv_in)
    x = _middle(x, batch, decoder.mid_block)
    for block in decoder.up_blocks:
        x = _up(x, batch, block)
    x = _conv(_norm_silu(x, decoder.norm_out), batch, decoder.conv_out)
    x = x.unflatten(1, (3, 2, 2)).transpose(2, 3).flatten(1, 3)
    x = F.pixel_shuffle(x.float(), 2)
    return _time_first(x, batch).transpose(1, 2)

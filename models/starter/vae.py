# SPDX-License-Identifier: LGPL-2.1-or-later
"""The video autoencoder: AutoencoderKLWan of diffusers, and a fast way in it.

Beside it there is a decoder alone, which makes pictures of twice the size of
the same latents.

diffusers runs the Wan autoencoder a latent frame at a time with caches, on
5-D tensors.  That is right for streaming and slow for training on a CPU.
`encode` and `decode` here share the module's parameters but take the whole
clip at once.  They give what diffusers gives (test_vae.py compares them).

Tensors inside are [batch, channel, time, height, width], channels last.
"""

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLWan

Z_DIM = 64
PATCH = 4                       # pixels a side that the convolutions take at once

CONFIG = dict(
    base_dim=64, decoder_base_dim=64, z_dim=Z_DIM, dim_mult=[1, 2, 2],
    num_res_blocks=1, attn_scales=[], temperal_downsample=[True, True],
    dropout=0.0, is_residual=True, in_channels=3 * PATCH ** 2,
    out_channels=3 * PATCH ** 2, patch_size=PATCH, scale_factor_temporal=4, scale_factor_spatial=16)

# One doubling more, by the decoder; what is before it has the shapes above.
UPSCALING = dict(
    CONFIG, dim_mult=[1, 1, 2, 2], temperal_downsample=[False, True, True],
    scale_factor_spatial=32)


def make(config=None):
    """A new autoencoder with random weights."""
    return AutoencoderKLWan(latents_mean=[0.0] * Z_DIM,
                            latents_std=[1.0] * Z_DIM, **(config or CONFIG))


def make_upscaling():
    """A decoder that makes 32 x 32 pixels of a latent, with random weights.

    It has no encoder: its latents are those of the other.
    """
    return drop_encoder(make(UPSCALING))


def drop_encoder(model):
    """Leave only what decodes."""
    del model.encoder, model.quant_conv
    return model


LAST = torch.channels_last_3d


def _past(x, frames=2):
    """Zeros in front: a causal convolution's past."""
    return F.pad(x, (0, 0, 0, 0, frames, 0))


def _conv(x, conv):
    """A causal convolution of kernel 1 or 3 x 3 x 3."""
    weight = conv.weight
    if weight.shape[2] == 1:
        return F.conv3d(x, weight, conv.bias)
    if x.shape[2] == 1:              # one frame: its past is zeros
        return F.conv3d(x, weight[:, :, 2:], conv.bias, padding=(0, 1, 1))
    return F.conv3d(_past(x), weight, conv.bias, padding=(0, 1, 1))


def _flat_conv(x, conv, **options):
    """A 2-D convolution, frame by frame."""
    return F.conv3d(x, conv.weight[:, :, None], conv.bias, **options)


def _norm_silu(x, norm):
    """RMS over channels, then SiLU."""
    scale = torch.rsqrt(x.float().pow(2).mean(1, keepdim=True) + 1e-12)
    gamma = norm.gamma.view(1, -1, 1, 1, 1)
    return F.silu(x * scale.to(x.dtype) * gamma.to(x.dtype))


def _residual(x, block):
    shortcut = x
    if not isinstance(block.conv_shortcut, torch.nn.Identity):
        shortcut = _conv(x, block.conv_shortcut)
    x = _conv(_norm_silu(x, block.norm1), block.conv1)
    x = _conv(_norm_silu(x, block.norm2), block.conv2)
    return x + shortcut


def _middle(x, block):
    x = _residual(x, block.resnets[0])
    for attention, resnet in zip(block.attentions, block.resnets[1:]):
        x = _residual(attention(x), resnet)
    return x


def _halve(x, down):
    """A strided convolution in space, and one in time but the first frame."""
    conv = down.resample[1]
    x = _flat_conv(F.pad(x, (0, 1, 0, 1)), conv, stride=(1, 2, 2))
    if down.mode != 'downsample3d' or x.shape[2] == 1:
        return x
    time = down.time_conv
    rest = F.conv3d(x, time.weight, time.bias, stride=(2, 1, 1))
    return torch.cat([x[:, :, :1], rest], 2)


def _down(x, block):
    shortcut = block.avg_shortcut(x)
    for resnet in block.resnets:
        x = _residual(x, resnet)
    if block.downsampler is not None:
        x = _halve(x, block.downsampler)
    return x + shortcut


def _double_time(x, conv):
    """The first frame stays one; each later frame becomes two."""
    if x.shape[2] == 1:
        return x
    rest = F.conv3d(_past(x[:, :, 1:]), conv.weight, conv.bias)
    rest = rest.unflatten(1, (2, -1)).transpose(1, 2)
    rest = rest.transpose(2, 3).flatten(2, 3)
    return torch.cat([x[:, :, :1], rest], 2)


def _up(x, block):
    shortcut = None
    if block.avg_shortcut is not None:
        shortcut = block.avg_shortcut(x, first_chunk=True)
    for resnet in block.resnets:
        x = _residual(x, resnet)
    if block.upsampler is not None:
        if block.upsampler.mode == 'upsample3d':
            x = _double_time(x, block.upsampler.time_conv)
        x = F.interpolate(x, scale_factor=(1.0, 2.0, 2.0), mode='nearest')
        x = _flat_conv(x, block.upsampler.resample[1], padding=(0, 1, 1))
    return x if shortcut is None else x + shortcut


def _patchify(video):
    """[B, 3, T, H, W] to [B, 3 * P * P, T, H / P, W / P].

    Inside a channel diffusers' order is the column before the row.
    """
    x = video.unflatten(4, (-1, PATCH)).unflatten(3, (-1, PATCH))
    x = x.permute(0, 1, 6, 4, 2, 3, 5).flatten(1, 3)
    return x.contiguous(memory_format=LAST)


def _unpatchify(x):
    x = x.unflatten(1, (3, PATCH, PATCH)).permute(0, 1, 4, 5, 3, 6, 2)
    return x.flatten(5, 6).flatten(3, 4)


def encode(vae, video):
    """Mean and log variance of the latents, [B, Z, t, H/16, W/16] each.

    video: [B, 3, T, H, W] in -1..1, T = 1 + 4 k.
    """
    encoder = vae.encoder
    x = _conv(_patchify(video), encoder.conv_in)
    for block in encoder.down_blocks:
        x = _down(x, block)
    x = _middle(x, encoder.mid_block)
    x = _conv(_norm_silu(x, encoder.norm_out), encoder.conv_out)
    return _conv(x, vae.quant_conv).float().chunk(2, 1)


def decode(vae, latents):
    """The video, [B, 3, T, H, W], not clamped.

    latents: [B, Z, t, h, w], not normalised.
    """
    decoder = vae.decoder
    x = _conv(latents.contiguous(memory_format=LAST), vae.post_quant_conv)
    x = _conv(x, decoder.conv_in)
    x = _middle(x, decoder.mid_block)
    for block in decoder.up_blocks:
        x = _up(x, block)
    x = _conv(_norm_silu(x, decoder.norm_out), decoder.conv_out)
    return _unpatchify(x.float())

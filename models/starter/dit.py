# SPDX-License-Identifier: LGPL-2.1-or-later
"""The transformer: diffusers' WanTransformer3DModel, used block by block.

A block is BLOCK latent frames, all of one noise level.  It attends to itself
and to the clean blocks before it: those of the sink, which are the first of
the stream, and those in the window.  `Teaching` lays a whole clip out, clean
and noisy, so that one pass trains every block; `Cache` keeps keys and values,
so that a stream goes on for ever.  Both do the same sums: see test_dit.py.

Attention is by plain matrix products on a CPU (quicker there than torch's
fused one at these lengths).  The zero rows after a prompt, which all become the
same row, are one row whose logit gets + ln(their number).

What the network gives is not the velocity itself but what is left of it: see
`velocity`.
"""

import math

import torch
import torch.nn.functional as F
from diffusers import WanTransformer3DModel

from vae import Z_DIM

BLOCK = 3                       # latent frames
WINDOW = 12                     # latent frames attended to, own block included
SINK = 3                        # latent frames at the start, besides

PATCH = 1                       # latent pixels of a token, either way

CONFIG = dict(
    patch_size=(1, PATCH, PATCH), num_attention_heads=5, attention_head_dim=64,
    in_channels=Z_DIM, out_channels=Z_DIM, text_dim=192, freq_dim=256,
    ffn_dim=1024, num_layers=8, cross_attn_norm=True,
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


def _rms(x):
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG['eps'])


def _layer_norm(x, norm):
    return F.layer_norm(x.float(), x.shape[-1:], norm.weight, norm.bias,
                        norm.eps)


def _evens_first(weight, heads):
    """Reorder the rows of a weight, those of a head by themselves: those that
    even channels come from first.  So a rotation works on two halves instead
    of on neighbours, which vectors of a CPU like better; the products of
    queries and keys stay what they were."""
    return weight.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2)


def _turnable(x, linear, norm, heads):
    """Queries or keys, [B, L, heads, size], even channels first."""
    x = F.linear(x, _evens_first(linear.weight, heads),
                 _evens_first(linear.bias, heads))
    x = _rms(x) * _evens_first(norm.weight, heads)
    return x.unflatten(2, (heads, -1))


def _rotate(x, cos, sin):
    """x: [B, L, heads, size], even channels first; cos, sin: [1, L, 1,
    size / 2]."""
    even, odd = x.chunk(2, -1)
    return torch.cat([even * cos - odd * sin, even * sin + odd * cos], -1)


def _attend(q, k, v, bias=None):
    """[B, L, heads, size] each; bias is added to the logits."""
    dtype = v.dtype
    q, k, v = (t.transpose(1, 2) for t in (q, k, v))
    if v.is_cuda:
        bias = bias if bias is None else bias.to(dtype)
        return F.scaled_dot_product_attention(
            q.to(dtype), k.to(dtype), v, bias).transpose(1, 2).flatten(2)
    q = (q * q.shape[-1] ** -.5).to(dtype)
    logits = torch.matmul(q, k.to(dtype).transpose(-1, -2)).float()
    if bias is not None:
        logits = logits + bias
    weights = logits.softmax(-1).to(dtype)
    return torch.matmul(weights, v).transpose(1, 2).flatten(2)


def _heads(x, attention):
    return x.unflatten(2, (attention.heads, -1))


def _self_attention(x, attention, attend):
    q = _turnable(x, attention.to_q, attention.norm_q, attention.heads)
    k = _turnable(x, attention.to_k, attention.norm_k, attention.heads)
    return attention.to_out[0](attend(q, k, _heads(attention.to_v(x),
                                                   attention)))


def _cross_attention(x, text, attention, bias):
    """x: [B, N, dim]; text: [B * S, R, dim], for each Sth of x its own."""
    parts = x.reshape(text.shape[0], -1, x.shape[2])
    q = _rms(attention.to_q(parts)) * attention.norm_q.weight
    k = _rms(attention.to_k(text)) * attention.norm_k.weight
    q, k, v = (_heads(x, attention) for x in (q, k, attention.to_v(text)))
    return attention.to_out[0](_attend(q, k, v, bias)).view(x.shape)


def block_forward(block, x, text, bias, modulation, attend):
    """One block of layers.

    x: [B, N, dim], float32.  modulation: [B, G, 6, dim], for each Gth of x.
    attend: takes q, k, v [B, N, heads, size], unrotated, and of q and k the
    even channels of a head first.
    """
    groups = modulation.shape[1]
    shift, scale, gate, c_shift, c_scale, c_gate = (
        block.scale_shift_table[:, None] + modulation).chunk(6, 2)

    def modulated(norm, by, plus):
        h = _layer_norm(x, norm).unflatten(1, (groups, -1))
        return (h * (1 + by) + plus).flatten(1, 2)

    def gated(h, by):
        return (h.unflatten(1, (groups, -1)) * by).flatten(1, 2)

    h = modulated(block.norm1, scale, shift)
    x = x + gated(_self_attention(h, block.attn1, attend), gate)
    h = _layer_norm(x, block.norm2)
    x = x + _cross_attention(h, text, block.attn2, bias)
    h = modulated(block.norm3, c_scale, c_shift)
    h = block.ffn.net[0].proj(h)
    h = block.ffn.net[2](F.gelu(h, approximate='tanh'))
    return x + gated(h, c_gate)


def compile_blocks():
    """From here on a block of layers is compiled, once for each shape of its
    input, all layers alike: the whole network as one takes many minutes."""
    global block_forward
    torch._dynamo.config.recompile_limit = 64
    block_forward = torch.compile(block_forward, dynamic=False)


def patches(latents):
    """[B, C, T, H, W] to [B, tokens, C * PATCH^2], as the convolution sees
    them."""
    x = latents.unflatten(4, (-1, PATCH)).unflatten(3, (-1, PATCH))
    return x.permute(0, 2, 3, 5, 1, 4, 6).flatten(4).flatten(1, 3)


def _pictures(tokens, shape):
    """[B, tokens, PATCH^2 * C], channel innermost, to [B, C, T, H, W]."""
    batch, channels, frames, height, width = shape
    x = tokens.view(batch, frames, height // PATCH, width // PATCH, PATCH,
                    PATCH, channels)
    return x.permute(0, 6, 1, 2, 4, 3, 5).reshape(shape)


def rotary(model, frames, height, width):
    """Cosines and sines of every token's position, [1, tokens, 1, size/2].

    frames, height, width: of the latents.
    """
    device = model.proj_out.weight.device
    cos, sin = model.rope(torch.zeros(1, 1, frames, height, width,
                                      device=device))
    return (cos[..., 0::2].float().to(device),
            sin[..., 1::2].float().to(device))


def velocity(output, latents, time):
    """The velocity noise - x0 that an output stands for.

    Of latents x = (1 - t) x0 + t noise, all of unit variance, (2t - 1) / d x
    with d = t^2 + (1 - t)^2 is the best guess that needs no network; what is
    left has variance 1 / d.  So the network need not carry the noise of its
    input through.  After Karras et al. 2022 (arXiv
    2206.00364, appendix B.6).

    output, latents: [B, C, T, H, W].  time: [B, G], 0..1000.
    """
    t = time.float() / 1000
    t = t.repeat_interleave(latents.shape[2] // t.shape[1], 1)
    t = t[:, None, :, None, None]
    spread = t ** 2 + (1 - t) ** 2
    return (2 * t - 1) / spread * latents + output * spread.rsqrt()


def guided(both, scale):
    """The velocity with classifier-free guidance (Ho & Salimans 2022, arXiv
    2207.12598), of those with a prompt and, behind them, those without."""
    with_text, without = both.chunk(2)
    return without + scale * (with_text - without)


def text_bias(mask, text_len):
    """What is added to the logits of text rows [B, R], mask [B, R]."""
    lengths = mask.sum(1, keepdim=True)
    rows = torch.arange(mask.shape[1], device=mask.device)
    bias = torch.zeros(mask.shape, device=mask.device)
    bias = bias.masked_fill(rows > lengths, -1e9)
    bias = torch.where(rows == lengths,
                       (text_len - lengths).clamp(min=1).float().log(), bias)
    return bias[:, None, None]


def run(model, latents, time, rows, mask, text_len, attends, notice=None):
    """The velocity, [B, C, T, H, W], as float32.

    latents: [B, C, T, H, W].  time: [B, G], 0..1000, one for each Gth of the
    frames.  rows: [B, S, R, width], text of each Sth of the frames, zero
    where mask [B, S, R] is zero, with at least one row beyond every prompt.
    text_len: how many rows a prompt is padded to.
    attends: gives for a layer's number what block_forward wants.
    notice: takes a layer's number and what comes out of it, [B, N, dim].
    """
    x = F.linear(patches(latents), model.patch_embedding.weight.flatten(1),
                 model.patch_embedding.bias)
    temb, modulation, text, _ = model.condition_embedder(
        time.flatten(), rows.flatten(0, 1), None)
    modulation = modulation.float().view(*time.shape, 6, -1)
    bias = text_bias(mask.flatten(0, 1), text_len)
    x = x.float()
    for index, block in enumerate(model.blocks):
        x = block_forward(block, x, text, bias, modulation, attends(index))
        if notice:
            notice(index, x)
    shift, scale = (model.scale_shift_table
                    + temb.float().view(*time.shape, 1, -1)).chunk(2, 2)
    x = _layer_norm(x, model.norm_out).unflatten(1, (time.shape[1], -1))
    x = (x * (1 + scale) + shift).flatten(1, 2)
    return velocity(_pictures(model.proj_out(x).float(), latents.shape),
                    latents, time)


class Teaching:
    """A clip of `frames` latent frames, clean and noisy, in one pass.

    The clean part comes first, without its last block, which nobody would
    see.  Its blocks see those before and themselves; a noisy block sees the
    clean ones before and itself.  frames may be one: then there is but that,
    noisy.
    """

    def __init__(self, model, frames, height, width):
        self.blocks = -(-frames // BLOCK)
        self.context = frames - BLOCK if self.blocks > 1 else 0
        tokens = height * width // PATCH ** 2
        self.length = tokens * min(frames, BLOCK)   # of a block, in tokens
        cos, sin = rotary(model, frames, height, width)
        clean = slice(0, self.context * tokens)
        self.cos = torch.cat([cos[:, clean], cos], 1)
        self.sin = torch.cat([sin[:, clean], sin], 1)

    def _seen(self, x, block, noisy):
        """Of keys or values, what a block may see."""
        before = x[:, :block * self.length]
        at = (block + noisy * (self.blocks - 1)) * self.length
        return torch.cat([before, x[:, at:at + self.length]], 1)

    def _attend(self, q, k, v):
        q, k = _rotate(q, self.cos, self.sin), _rotate(k, self.cos, self.sin)
        order = [(block, False) for block in range(self.blocks - 1)] + \
            [(block, True) for block in range(self.blocks)]
        return torch.cat([
            _attend(own, self._seen(k, *where), self._seen(v, *where))
            for own, where in zip(q.split(self.length, 1), order)], 1)

    def _attends(self, _):
        return self._attend

    def __call__(self, model, clean, noisy, context_time, time, rows, mask,
                 text_len, notice=None):
        """The velocity of the noisy part, [B, C, T, H, W].

        context_time, time: [B, blocks].  rows: [B, blocks, R, width].
        notice: see run; of one frame only.
        """
        if self.blocks == 1:
            return run(model, noisy, time, rows, mask, text_len,
                       self._attends, notice)
        both = run(model, torch.cat([clean[:, :, :self.context], noisy], 2),
                   torch.cat([context_time[:, :-1], time], 1),
                   torch.cat([rows[:, :-1], rows], 1),
                   torch.cat([mask[:, :-1], mask], 1), text_len,
                   self._attends)
        return both[:, :, self.context:]


class _Held:
    """How one layer of a block that comes next attends, and what it saw."""

    def __init__(self, held, own, every):
        """held: keys and values from before, or None; own, every: angles of
        the block's tokens, and of all."""
        self.held, self.own, self.every = held, own, every
        self.seen = None

    def __call__(self, q, k, v):
        if self.held is not None:
            k = torch.cat([self.held[0], k], 1)
            v = torch.cat([self.held[1], v], 1)
        self.seen = k, v
        return _attend(_rotate(q, *self.own), _rotate(k, *self.every), v)


class Cache:
    """Keys and values of the blocks that a next one may see."""

    def __init__(self, model, height, width):
        self.cos, self.sin = rotary(model, SINK + WINDOW, height, width)
        self.tokens = height * width // PATCH ** 2
        self.layers = [None] * len(model.blocks)

    def _held(self, fresh):
        """One for each layer, of a block of so many tokens."""
        before = 0 if self.layers[0] is None else self.layers[0][0].shape[1]
        every = slice(0, before + fresh)
        own = slice(before, before + fresh)
        angles = [(self.cos[:, part], self.sin[:, part])
                  for part in (own, every)]
        return [_Held(held, *angles) for held in self.layers]

    def _trim(self, x):
        """What a further block may see: the sink, and the window but it."""
        sink = SINK * self.tokens
        room = (WINDOW - BLOCK) * self.tokens
        if x.shape[1] <= sink + room:
            return x
        return torch.cat([x[:, :sink], x[:, -room:]], 1)

    def __call__(self, model, latents, time, rows, mask, text_len,
                 store=False):
        """The velocity of a block [B, C, BLOCK, H, W] that comes next.

        time: [B].  rows: [B, R, width].  store: keep its keys and values.
        """
        layers = self._held(latents.shape[2] * self.tokens)
        result = run(model, latents, time[:, None], rows[:, None],
                     mask[:, None], text_len, layers.__getitem__)
        if store:
            self.layers = [tuple(map(self._trim, layer.seen))
                           for layer in layers]
        return result

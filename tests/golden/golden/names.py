# SPDX-License-Identifier: LGPL-2.1-or-later
"""diffusers and transformers tensor names -> those of the original releases.

The inverse of diffusers' scripts/convert_wan_to_diffusers.py, and for the text
encoder the names of Wan2.1 wan/modules/t5.py.
"""

import re

TRANSFORMER = [
    (r"^condition_embedder\.text_embedder\.linear_1\.", "text_embedding.0."),
    (r"^condition_embedder\.text_embedder\.linear_2\.", "text_embedding.2."),
    (r"^condition_embedder\.time_embedder\.linear_1\.", "time_embedding.0."),
    (r"^condition_embedder\.time_embedder\.linear_2\.", "time_embedding.2."),
    (r"^condition_embedder\.time_proj\.", "time_projection.1."),
    (r"^scale_shift_table$", "head.modulation"),
    (r"\.scale_shift_table$", ".modulation"),
    (r"^proj_out\.", "head.head."),
    (r"\.attn1\.", ".self_attn."),
    (r"\.attn2\.", ".cross_attn."),
    (r"\.to_(q|k|v)\.", r".\1."),
    (r"\.to_out\.0\.", ".o."),
    (r"\.ffn\.net\.0\.proj\.", ".ffn.0."),
    (r"\.ffn\.net\.2\.", ".ffn.2."),
    (r"\.norm2\.", ".norm3."),  # the only one of norm2, norm3 with tensors
]

TEXT_ENCODER = [
    (r"^(shared|encoder\.embed_tokens)\.weight$", "token_embedding.weight"),
    (r"^encoder\.final_layer_norm\.", "norm."),
    (r"^encoder\.block\.", "blocks."),
    (r"\.layer\.0\.layer_norm\.", ".norm1."),
    (r"\.layer\.1\.layer_norm\.", ".norm2."),
    (r"\.layer\.0\.SelfAttention\.relative_attention_bias\.",
     ".pos_embedding.embedding."),
    (r"\.layer\.0\.SelfAttention\.", ".attn."),
    (r"\.layer\.1\.DenseReluDense\.wi_0\.", ".ffn.gate.0."),
    (r"\.layer\.1\.DenseReluDense\.wi_1\.", ".ffn.fc1."),
    (r"\.layer\.1\.DenseReluDense\.wo\.", ".ffn.fc2."),
]

RESNET = [
    (r"\.norm1\.", ".residual.0."),
    (r"\.conv1\.", ".residual.2."),
    (r"\.norm2\.", ".residual.3."),
    (r"\.conv2\.", ".residual.6."),
    (r"\.conv_shortcut\.", ".shortcut."),
]

VAE = [
    (r"^quant_conv\.", "conv1."),
    (r"^post_quant_conv\.", "conv2."),
    (r"\.conv_in\.", ".conv1."),
    (r"\.norm_out\.", ".head.0."),
    (r"\.conv_out\.", ".head.2."),
    (r"\.mid_block\.attentions\.0\.", ".middle.1."),
]


def _apply(table, name):
    for pattern, replacement in table:
        name = re.sub(pattern, replacement, name)
    return name


def transformer(name):
    return _apply(TRANSFORMER, name)


def text_encoder(name):
    return _apply(TEXT_ENCODER, name)


def vae(name, config):
    """The original release counts resnets and samplers in one list: over the
    whole decoder (2.1) or within each block (2.2)."""
    residual = config.is_residual
    resnets = config.num_res_blocks + 1
    if m := re.match(r"(encoder|decoder)\.mid_block\.resnets\.(\d)\.", name):
        rest = "." + name[m.end():]
        return f"{m[1]}.middle.{2 * int(m[2])}" + _apply(RESNET, rest)
    if m := re.match(r"decoder\.up_blocks\.(\d)\.resnets\.(\d)\.", name):
        block, item, rest = int(m[1]), int(m[2]), "." + name[m.end():]
        rest = _apply(RESNET, rest)
        if residual:
            return f"decoder.upsamples.{block}.upsamples.{item}{rest}"
        return f"decoder.upsamples.{block * (resnets + 1) + item}{rest}"
    if m := re.match(r"decoder\.up_blocks\.(\d)\.upsamplers?(\.0)?\.", name):
        block, rest = int(m[1]), name[m.end():]
        if residual:
            return f"decoder.upsamples.{block}.upsamples.{resnets}.{rest}"
        return f"decoder.upsamples.{block * (resnets + 1) + resnets}.{rest}"
    if m := re.match(r"encoder\.down_blocks\.(\d+)\.", name):
        block, rest = int(m[1]), "." + name[m.end():]
        if not residual:
            return f"encoder.downsamples.{block}" + _apply(RESNET, rest)
        if n := re.match(r"\.resnets\.(\d)\.", rest):
            rest = "." + rest[n.end():]
            rest = f".downsamples.{n[1]}" + _apply(RESNET, rest)
        else:
            rest = rest.replace(
                ".downsampler.", f".downsamples.{config.num_res_blocks}.")
        return f"encoder.downsamples.{block}{rest}"
    return _apply(VAE, name)

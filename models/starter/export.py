# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the trained parts as a diffusers directory, and reads it again.

Weights are in 8 bits and bfloat16 (eight_bits.py): half of what bfloat16
alone would take.
"""

import json
import os
import shutil

import torch
from diffusers import UniPCMultistepScheduler
from safetensors.torch import load_file, save_file
from transformers import T5Tokenizer

import adapter
import dit
import eight_bits
import progress
import stage
import text
import vae as autoencoder
import vocabulary

# How the transformer likes to be run: without its adapter (adapter.py), and
# with it.
PLAIN = dict(steps=6, guidance_scale=2.5, solver_order=2)
ADAPTED = dict(steps=4, guidance_scale=1.0, solver_order=1)
UNCORRECTED = 16                # steps after which nothing is corrected
# What is the same for both; the engine reads it from dit_config.json.
NATIVE = dict(name='gst-dit starter',
              width=stage.SIZE, height=stage.SIZE, fps=stage.FPS,
              num_frames=stage.BLOCKS[4][1],
              flow_shift=3.0, sampler='unipc', text_len=text.TEXT_LEN,
              causal_block=dit.BLOCK, causal_window=dit.WINDOW,
              causal_sink=dit.SINK, causal_context_timestep=250,
              causal_recache=False,
              velocity_skip=True,
              event_seconds=2.25, words='words.txt', actions={
                  'straight': 'we drive straight on',
                  'left': 'we turn to the left',
                  'right': 'we turn to the right',
                  'faster': 'we drive faster', 'slower': 'we drive slower',
                  'brake': 'we brake'})


def scheduler(manner):
    """The sampler of PLAIN or ADAPTED, as diffusers' pipeline wants it.

    Of order 1 and without its corrector UniPC is Euler's method.
    """
    euler = manner['solver_order'] == 1
    made = UniPCMultistepScheduler(
        prediction_type='flow_prediction', use_flow_sigmas=True,
        flow_shift=NATIVE['flow_shift'], num_train_timesteps=1000,
        solver_order=manner['solver_order'], solver_type='bh2',
        final_sigmas_type='zero',
        disable_corrector=list(range(UNCORRECTED)) if euler else [])
    made.set_timesteps(manner['steps'])
    return made


def _tokenizer(spiece, folder):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, 'spiece.model')
    shutil.copyfile(spiece, path)
    tokenizer = T5Tokenizer.from_pretrained(
        folder, extra_ids=0, legacy=False, model_max_length=512)
    tokenizer.save_pretrained(folder)
    path = os.path.join(folder, 'tokenizer_config.json')
    with open(path, encoding='utf-8') as file:
        settings = json.load(file)
    for name in ('is_local', 'local_files_only'):
        settings.pop(name, None)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(settings, file, indent=2)
        file.write('\n')


WEIGHTS = ('diffusion_pytorch_model.safetensors', 'model.safetensors')


def _weights(folder):
    """The file of a part's weights."""
    return next(path for path in (os.path.join(folder, name)
                                  for name in WEIGHTS)
                if os.path.exists(path))


def _write_part(part, folder):
    """As diffusers writes it, then the weights once more, smaller."""
    part.save_pretrained(folder)
    path = _weights(folder)
    save_file(eight_bits.quantise(load_file(path)), path,
              metadata={'format': 'pt'})


def _read_part(kind, folder, decoder_only=False):
    """A part in float32; a part of transformers', where kind is its."""
    if hasattr(kind, 'load_config'):
        part = kind.from_config(kind.load_config(folder))
    else:
        part = kind(kind.config_class.from_pretrained(folder))
    if decoder_only:
        autoencoder.drop_encoder(part)
    rest = part.load_state_dict(
        eight_bits.restore(load_file(_weights(folder))), strict=False)
    own = {name for name, _ in part.named_parameters()}
    if rest.unexpected_keys or own & set(rest.missing_keys):
        raise ValueError(f'{folder}: {rest}')
    return part.eval()


def write_parts(folder, parts, spiece):
    """Write parts, by the names of their folders, and the tokenizer.

    A part may be None: there is none.
    """
    os.makedirs(folder, exist_ok=True)
    for name, part in parts.items():
        if part is not None:
            _write_part(part, os.path.join(folder, name))
    _tokenizer(spiece, os.path.join(folder, 'tokenizer'))


def _write_adapter(folder, values):
    """Write an adapter's tensors, or see that there is none."""
    path = _adapter(folder)
    if values is not None:
        adapter.write(path, values)
    elif os.path.exists(path):
        os.remove(path)


def write(folder, parts, spiece, values):
    """Write the directory `folder`, a whole checkpoint.

    values: of an adapter (adapter.load), or None.
    """
    write_parts(folder, parts, spiece)
    _write_adapter(folder, values)
    liked = manner(folder)
    scheduler(liked).save_pretrained(os.path.join(folder, 'scheduler'))
    native = dict(NATIVE, steps=liked['steps'],
                  guidance_scale=liked['guidance_scale'])
    index = {'_class_name': 'WanPipeline', '_diffusers_version': '0.42.1',
             'boundary_ratio': None, 'expand_timesteps': False,
             'scheduler': ['diffusers', 'UniPCMultistepScheduler'],
             'text_encoder': ['transformers', 'UMT5EncoderModel'],
             'tokenizer': ['transformers', 'T5TokenizerFast'],
             'transformer': ['diffusers', 'WanTransformer3DModel'],
             'transformer_2': [None, None],
             'vae': ['diffusers', 'AutoencoderKLWan']}
    for name, content in (('model_index.json', index),
                          ('dit_config.json', native)):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            json.dump(content, file, indent=2)
            file.write('\n')
    path = os.path.join(folder, NATIVE['words'])
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(word + '\n' for word in vocabulary.known())


def from_training(out, folder, finished=False):
    """Export what was trained under `out`.

    finished: only the parts that a transformer's training leaves as they
    are, where there is no transformer worth it yet.
    """
    import latents
    import train
    import upscale
    parts = {'vae': latents.load_vae(out), 'vae_upscale': upscale.load(out),
             'text_encoder': train.load_encoder(out)}
    spiece = os.path.join(out, 'spiece.model')
    if finished:
        write_parts(folder, parts, spiece)
        return
    mean, std = ([round(v, 6) for v in values.tolist()]
                 for values in latents.statistics(out))
    for name in ('vae', 'vae_upscale'):
        if parts[name] is not None:
            parts[name].register_to_config(latents_mean=mean, latents_std=std)
    write(folder, {'transformer': train.load_transformer(out), **parts},
          spiece, adapter.load(out))


def _adapter(folder):
    return os.path.join(folder, 'transformer', adapter.NAME)


def manner(folder):
    """How a checkpoint likes to be run: PLAIN or ADAPTED."""
    return ADAPTED if os.path.exists(_adapter(folder)) else PLAIN


def read_part(folder, name, adapted=True):
    """A part of a checkpoint in float32, or None if it is not there;
    adapted: a transformer with its adapter, if it has one."""
    from diffusers import AutoencoderKLWan, WanTransformer3DModel
    from transformers import UMT5EncoderModel
    path = os.path.join(folder, name)
    kinds = {'transformer': WanTransformer3DModel, 'vae': AutoencoderKLWan,
             'vae_upscale': AutoencoderKLWan,
             'text_encoder': UMT5EncoderModel}
    if not os.path.isdir(path):
        return None
    part = _read_part(kinds[name], path, name == 'vae_upscale')
    if name == 'transformer' and adapted and os.path.exists(_adapter(folder)):
        adapter.merge(part, adapter.read(_adapter(folder)))
    return part


def load(folder, decoder='vae', adapted=True):
    """The parts of a checkpoint, in float32; decoder: which of the two."""
    return (*(read_part(folder, name, adapted)
              for name in ('transformer', decoder, 'text_encoder')),
            os.path.join(folder, 'tokenizer', 'spiece.model'))


def _silence(transformer, new):
    """Let layers that are wholly new add nothing at first."""
    for number, block in enumerate(transformer.blocks):
        if f'blocks.{number}.attn1.to_q.weight' in new:
            for last in (block.attn1.to_out[0], block.attn2.to_out[0],
                         block.ffn.net[2]):
                torch.nn.init.zeros_(last.weight)


def _adopt_transformer(out, transformer):
    model = dit.make()
    new = progress.take(model, transformer.state_dict())
    _silence(model, new)
    print('new in the transformer:', *new)
    progress.save(os.path.join(out, 'transformer.pt'), step=0, acts={},
                  model=model.state_dict(),
                  average=progress.Average(model).values)


def _adopt_vae(out, vae):
    if dict(vae.config)['patch_size'] != autoencoder.PATCH:
        print('the autoencoder is of another kind: left out')
        return
    progress.begin(os.path.join(out, 'vae.pt'), vae)
    if set(vae.config.latents_std) != {1.0}:    # else `latents` measures
        progress.save(os.path.join(out, 'latents', 'statistics.pt'),
                      mean=torch.tensor(vae.config.latents_mean),
                      std=torch.tensor(vae.config.latents_std))


def adopt(out, folder):
    """Make training files of exported parts, to go on from them.

    A transformer may be of another size: what fits is taken, and further
    layers begin as if they were not there.
    """
    import upscale
    transformer, vae, encoder, spiece = load(folder, adapted=False)
    os.makedirs(out, exist_ok=True)
    if os.path.exists(_adapter(folder)):
        adapter.adopt(out, adapter.read(_adapter(folder)))
    shutil.copyfile(spiece, os.path.join(out, 'spiece.model'))
    if encoder is not None:
        progress.save(os.path.join(out, 'text.pt'), step=0, wall=0.0, cpu=0.0,
                      model=encoder.state_dict())
    if transformer is not None:
        _adopt_transformer(out, transformer)
    if vae is not None:
        _adopt_vae(out, vae)
    upscaling = read_part(folder, 'vae_upscale')
    if upscaling is not None:
        progress.begin(os.path.join(out, upscale.NAME), upscaling)

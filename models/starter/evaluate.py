# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges an exported checkpoint: numbers for the README, and sheets to see.

Prompts name an actor, an action and a place.  Every second one joins an actor
to the place where it was never staged (`stage.held_out`); no seed and, but for
chance, no sentence was met in training.
"""

import json
import os

import numpy as np
import torch

import actors
import captions
import classifier
import export
import latents as cache
import sample
import sets
import stage
import text
import train_vae
import vae as autoencoder

SEED = 70000
SHOWN = [
    'a dog runs on the beach', 'a taxi drives to the right in the street',
    'an elephant walks to the left in the snow',
    'a rocket takes off in the desert', 'a basketball bounces in a room',
    'a sailboat sails to the left on the sea at sunset',
    'a butterfly flies to the right in a meadow',
    'a frog jumps in the forest', 'a robot stands on the moon',
    'a cat walks to the left in the kitchen',
    'a bus drives to the left in the street at night',
    'a teddy bear falls down on a wooden floor',
]


def theatre(folder):
    """An exported checkpoint, ready to film."""
    transformer, vae, encoder, spiece = export.load(folder)
    return sample.Theatre(transformer, vae, encoder, text.Tokenizer(spiece),
                          torch.tensor(vae.config.latents_mean),
                          torch.tensor(vae.config.latents_std))


def _prompt(scene, rng):
    """A plain sentence that names all that is judged."""
    action, kind = scene.action, scene.kind
    if action.split()[-1] in ('left', 'right'):
        table = captions.FLYING if action.startswith('fly') \
            else captions.GOING
        verb = table.get(kind, table[None])[int(scene.fast)][0]
        does = f'{verb} to the {action.split()[-1]}'
    elif action == 'wait' and kind in ('flyer', 'floater'):
        does = 'hovers'
    else:
        does = captions.DOING[action][1]
    name = actors.CAST[scene.actor][4].split(',')[0]
    article = 'an' if name[0] in 'aeio' else 'a'
    when = '' if scene.light == 'day' else \
        {'sunset': ' at sunset', 'night': ' at night'}[scene.light]
    where = captions.PLACES[scene.place][0]
    return f'{article} {name} {does} {where}{when}'


def test_scenes(rounds=1, seed=SEED):
    """Scenes of every actor; every second one is a pair never staged."""
    rng = np.random.default_rng(seed)
    scenes = []
    for turn in range(rounds):
        for number, actor in enumerate(actors.NAMES):
            strange = (number + turn) % 2 == 0
            while True:
                scene = stage._draw(rng)
                scene.actor = actor
                scene.big = 0
                if stage.held_out(actor, scene.place) == strange \
                        and scene.action in actors.REPERTOIRE[scene.kind]:
                    break
            scenes.append(scene)
    return scenes, [_prompt(scene, rng) for scene in scenes]


def judged(judge, hall, clips):
    """The judge's answers to clips, uint8 [B, T, H, W, 3]."""
    answers = []
    for clip in clips:
        video = train_vae.to_tensor(clip)[None]
        with torch.no_grad():
            mean, _ = autoencoder.encode(hall.vae, video)
            seen = judge((mean - hall.mean) / hall.std)
        answers.append({name: int(row.argmax()) for name, row in seen.items()})
    return answers


def evaluate(out, folder, rounds=1):
    """Print the figures and keep them in evaluation.json beside the parts."""
    hall = theatre(folder)
    figures = {'vae_psnr_db': train_vae.psnr(
        hall.vae, np.random.default_rng(99))}
    judge, figures['judge_on_staged_clips'] = classifier.train(out)
    scenes, prompts = test_scenes(rounds)
    clips = hall(prompts, list(range(SEED, SEED + len(prompts))))
    answers = judged(judge, hall, clips)
    strange = [stage.held_out(s.actor, s.place) for s in scenes]
    for title, wanted in (('all', (True, False)), ('pairs_met', (False,)),
                          ('pairs_never_met', (True,))):
        chosen = [i for i in range(len(scenes)) if strange[i] in wanted]
        figures['generated_' + title] = {
            name: float(np.mean([answers[i][name] == values.index(
                getattr(scenes[i], name)) for i in chosen]))
            for name, values in text.FACTS.items()}
    figures['clips'] = len(clips)
    print(json.dumps(figures, indent=2))
    with open(os.path.join(out, 'evaluation.json'), 'w',
              encoding='utf-8') as file:
        json.dump(figures, file, indent=2)
    missed = [(prompt, actors.NAMES[answer['actor']],
               sets.SETS[answer['place']])
              for prompt, answer, scene in zip(prompts, answers, scenes)
              if actors.NAMES[answer['actor']] != scene.actor]
    for row in missed:
        print('  missed:', *row, sep='  ')
    return figures


def write_sheet(folder, path, prompts=()):
    """A sheet of generated clips."""
    prompts = list(prompts) or SHOWN
    clips = theatre(folder)(prompts, list(range(1, len(prompts) + 1)))
    sample.sheet(clips, prompts, path)


def training_sheet(out, path, frames=9, prompts=None, **settings):
    """A sheet of what is being trained, before any export."""
    import train
    prompts = prompts or SHOWN
    hall = sample.Theatre(
        train.load_transformer(out), cache.load_vae(out),
        train.load_encoder(out),
        text.Tokenizer(os.path.join(out, 'spiece.model')),
        *cache.statistics(out))
    clips = hall(prompts, list(range(1, len(prompts) + 1)), frames=frames,
                 **settings)
    sample.sheet(clips, prompts, path)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges an exported checkpoint: numbers for docs/starter.md, sheets to see.

Prompts of one event: one an actor, each every second time in a set where it
was never staged (stage.held_out).  Prompts of two: three blocks each.  No seed
and, but for chance, no sentence was met in training.
"""

import dataclasses
import json
import os

import numpy as np
import torch

import adapter
import align
import captions
import classifier
import dit
import exam
import export
import latents as cache
import paraphrase
import sample
import stage
import stream
import text
import train
import train_vae

SEED = 70000
ACTORS = stage.FACTS['actor'][1:]
STAGED = [place for place in stage.FACTS['place'] if place != 'road']
BLOCKS = 3                      # a clip of one event, or each of two
STORIES = 60
STREAMS, MINUTES = 4, 10.0      # for drift
SHOWN = [
    'a dog runs to the left on the beach',
    'a taxi drives to the right in the street',
    'an elephant walks to the left in the snow',
    'a rocket flies to the right in space',
    'a basketball bounces in a room',
    'a sailboat sails to the left on the sea at sunset',
    'a butterfly flies to the right in a meadow',
    'a frog jumps in the forest in the rain',
    'a cat and a rabbit wait in the kitchen',
    'driving along a road at night',
    'two penguins wait in the snow',
    'a pumpkin falls down in an alley at night',
]


def theatre(folder, decoder='vae'):
    """An exported checkpoint, ready to film; decoder: `vae_upscale` makes
    256 x 256."""
    transformer, vae, encoder, spiece = export.load(folder, decoder)
    return sample.Theatre(transformer, vae, encoder, text.Tokenizer(spiece),
                          torch.tensor(vae.config.latents_mean),
                          torch.tensor(vae.config.latents_std),
                          export.manner(folder))


def in_training(out, adapted=True):
    """What is being trained, ready to film; adapted: with its adapter, if
    there is one."""
    transformer = train.load_transformer(out)
    values = adapter.load(out) if adapted else None
    if values is not None:
        adapter.merge(transformer, values)
    return sample.Theatre(
        transformer, cache.load_vae(out), train.load_encoder(out),
        text.Tokenizer(os.path.join(out, 'spiece.model')),
        *cache.statistics(out),
        export.PLAIN if values is None else export.ADAPTED)


def _draw(rng, fits, split):
    while True:
        script = stage.draw_script(rng, split)
        if fits(script):
            return script


def single_scripts(names, seed=SEED):
    """A script for each actor, in turns with strange and known sets; a known
    one too for whom no set is kept back."""
    rng = np.random.default_rng(seed)
    scripts = []
    for number, actor in enumerate(names):
        strange = number % 2 == 0 and any(
            stage.held_out(actor, place) for place in STAGED)
        scripts.append(_draw(
            rng, lambda s, a=actor: s.facts(0)['actor'] == a
            and s.facts(0)['action'] not in ('enter', 'leave'),
            'test' if strange else 'train'))
    return scripts


def double_scripts(seed=SEED + 1):
    """Scripts of two events and more, whose first two do not look alike."""
    rng = np.random.default_rng(seed)

    def differ(script):
        if len(script.events) < 2:
            return False
        one, two = script.facts(0), script.facts(1)
        return any(one[name] != two[name]
                   for name in ('action', 'direction', 'actor'))

    return [_draw(rng, differ, 'train') for _ in range(STORIES)]


def seen_of(see, clips, block):
    """Features of the two blocks from `block` on of uint8 clips
    [B, T, H, W, 3], for the judge."""
    own = slice(dit.BLOCK * block, dit.BLOCK * block + exam.FRAMES)
    pictures = torch.from_numpy(np.ascontiguousarray(clips[:, ::4][:, own]))
    return align.look(see, pictures)


class Truth:
    """What is asked of an event of each script."""

    def __init__(self, scripts, event):
        self.facts = torch.tensor([stage.numbered(script.facts(event))
                                   for script in scripts])
        self.cast = torch.tensor([exam.cast_of(script, event)
                                  for script in scripts])
        self.who = self.facts[:, classifier.ACTOR]

    def right(self, judge, seen):
        """By fact, which answers of the judge are right [B]."""
        return classifier.right(classifier.judged(judge, seen, self.who),
                                self.facts, self.cast)


def _shares(right, clear, chosen):
    """Share of right answers by fact, of the chosen rows [B] that are clear."""
    return {name: float(hits[chosen & clear[name]].float().mean())
            for name, hits in right.items()}


def _filmed(hall, scripts, seed, mirrored=False):
    """The scripts filmed and put through the autoencoder; mirrored: before
    another backdrop, too."""
    rng = np.random.default_rng(seed)
    clips = []
    for script in scripts:
        if mirrored:
            script = dataclasses.replace(script, backdrop=script.backdrop + 1)
        film = stage.film(rng, script, range(stage.BLOCKS[BLOCKS - 1][1]))[0]
        if mirrored:
            film = np.ascontiguousarray(film[:, :, ::-1])
        latents = exam.encoded(hall.vae, [film])
        clips.append(hall.film((latents - hall.mean) / hall.std)[0])
    return np.stack(clips)


def staged(see, judge, scripts, hall):
    """What the judge gets right of the scripts themselves: of the others
    nobody can tell.  By fact, [B]."""
    seen = seen_of(see, _filmed(hall, scripts, SEED + 9), 0)
    return Truth(scripts, 0).right(judge, seen)


def best(see, judge, scripts, hall, clear):
    """What whoever stages the same again, in a mirror, would reach."""
    truth = Truth(scripts, 0)
    truth.facts = exam.mirrored(truth.facts)
    seen = seen_of(see, _filmed(hall, scripts, SEED + 10, mirrored=True), 0)
    return _shares(truth.right(judge, seen), clear,
                   torch.ones(len(scripts), dtype=torch.bool))


def single(hall, judge, see, scripts, clear, say, seed):
    """Figures of prompts of one event.

    clear: of `staged`.  say: (script) to its prompt.
    """
    prompts = [say(script) for script in scripts]
    clips = hall(prompts, list(range(seed, seed + len(prompts))),
                 blocks=BLOCKS)
    right = Truth(scripts, 0).right(judge, seen_of(see, clips, 0))
    strange = torch.tensor([
        stage.held_out(script.facts(0)['actor'], script.place)
        for script in scripts])
    return {
        'all': _shares(right, clear, strange | True),
        'pairs_met': _shares(right, clear, ~strange),
        'pairs_never_met': _shares(right, clear, strange)}


def double(hall, judge, see, seed):
    """Share of two-event prompts whose events come in their order."""
    scripts = double_scripts()
    prompts = [[captions.plain(script, 0)] * BLOCKS
               + [captions.plain(script, 1)] * BLOCKS for script in scripts]
    clips = hall(prompts, list(range(seed, seed + len(prompts))),
                 blocks=2 * BLOCKS)
    truths = [Truth(scripts, 0), Truth(scripts, 1)]
    parts = [seen_of(see, clips, at) for at in (1, BLOCKS + 1)]

    def fit(part, event):
        truth, rows = truths[event], torch.arange(len(scripts))
        answers = classifier.judged(judge, parts[part], truth.who)
        return sum(answers[name][rows, truth.facts[:, column]]
                   for column, name in enumerate(stage.FACTS)
                   if name in ('action', 'direction', 'actor'))

    ordered = fit(0, 0) + fit(1, 1) > fit(0, 1) + fit(1, 0)
    return float(ordered.float().mean())


def drifting(hall, judge, see, seed):
    """First against last minute of a few streams: see stream.drift."""
    scripts = single_scripts(ACTORS[:2 * STREAMS])[1::2]
    prompts = [captions.plain(script, 0) for script in scripts]
    truth = Truth(scripts, 0)
    return stream.drift(
        hall, lambda clips: truth.right(judge, seen_of(see, clips, 0)),
        prompts, list(range(seed, seed + STREAMS)), MINUTES)


def evaluate(out, hall):
    """Print the figures, and keep them in evaluation.json beside the parts as
    they come."""
    judge, own = classifier.train(out)
    see = align.load_finder(hall.device)
    rng = np.random.default_rng(SEED)
    scripts = single_scripts(ACTORS)
    clear = staged(see, judge, scripts, hall)
    parts = {
        'judge_on_staged': lambda: own,
        'vae_psnr_db': lambda: train_vae.psnr(hall.vae,
                                              np.random.default_rng(99)),
        'clear': lambda: {name: float(rows.float().mean())
                          for name, rows in clear.items()},
        'best': lambda: best(see, judge, scripts, hall, clear),
        'one_event': lambda: single(
            hall, judge, see, scripts, clear,
            lambda s: captions.plain(s, 0), SEED),
        'other_words': lambda: single(
            hall, judge, see, scripts, clear,
            lambda s: paraphrase.in_other_words(rng, captions.plain(s, 0)),
            SEED + 1000),
        'order_of_two_events': lambda: double(hall, judge, see, SEED + 2000),
        'steering_pixels_a_frame': lambda: stream.steering(hall),
        'drift': lambda: drifting(hall, judge, see, SEED + 3000)}
    figures = {}
    for name, measure in parts.items():
        figures[name] = measure()
        print(f'{name}: {json.dumps(figures[name], indent=2)}', flush=True)
        with open(os.path.join(out, 'evaluation.json'), 'w',
                  encoding='utf-8') as file:
            json.dump(figures, file, indent=2)
    return figures


def write_sheet(hall, path, prompts=(), **settings):
    """A sheet of generated clips."""
    prompts = list(prompts) or SHOWN
    clips = hall(prompts, list(range(1, len(prompts) + 1)), **settings)
    sample.sheet(clips, prompts, path)


def compare_sheet(hall, path, count=12, seed=SEED + 5):
    """Staged clips, each above what is generated from its sentence."""
    rng = np.random.default_rng(seed)
    scripts = [stage.draw_script(rng) for _ in range(count)]
    frames = stage.BLOCKS[BLOCKS - 1][1]
    staged = [stage.film(rng, script, range(frames))[0] for script in scripts]
    prompts = [[captions.plain(script, script.event_at(stage.BLOCKS[k][0]))
                for k in range(BLOCKS)] for script in scripts]
    made = hall(prompts, list(range(seed, seed + count)), blocks=BLOCKS)
    clips = np.stack([clip for pair in zip(staged, made) for clip in pair])
    titles = [title for line in prompts
              for title in ('staged: ' + line[0], 'generated')]
    sample.sheet(clips, titles, path)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the judge learns from (classifier.py): staged scenes as the finder of
`videoaudiofoley` sees them, stills and pairs of blocks, with who plays.

The transformer never meets some actors in some places (stage.held_out).  The
judge does, as often as not: who has met an actor at sea only does not know it
on land.
"""

import glob
import os

import numpy as np
import torch

import align
import dit
import latents as cache
import progress
import stage
import train_vae
import vae as autoencoder

STRANGE = .3                    # scenes of pairs kept from the transformer
STILLS, WINDOWS = 600, 200      # of a chunk
BLOCKS = 2                      # of a window
FRAMES = BLOCKS * dit.BLOCK     # latent ones
LEAD = 9                        # video frames before it, to be thrown away
BATCH = 50
MIRRORED = {'left': 'right', 'right': 'left'}


def cast_of(script, event):
    """Who plays in an event: a flag for each of FACTS['actor']."""
    names = {script.parties[index].actor for index in script.present(event)}
    names.add(script.facts(event)['actor'])
    return [name in names for name in stage.FACTS['actor']]


def mirrored(facts):
    """Class numbers of facts [N, facts] as they are in a mirror."""
    facts = facts.clone()
    for column, (name, values) in enumerate(stage.FACTS.items()):
        if name in ('direction', 'camera'):
            swap = torch.tensor([values.index(MIRRORED.get(value, value))
                                 for value in values])
            facts[:, column] = swap[facts[:, column]]
    return facts


def _draw(rng):
    return stage.draw_script(rng, 'test' if rng.random() < STRANGE
                             else 'train')


def told_of(script, event):
    return stage.numbered(script.facts(event)), cast_of(script, event)


def encoded(vae, films):
    """Films, uint8 [T, H, W, 3], to raw latents."""
    video = torch.stack([train_vae.to_tensor(film) for film in films])
    video = video.to(vae.device)
    with torch.no_grad(), torch.autocast(video.device.type, torch.bfloat16):
        return autoencoder.encode(vae, video)[0]


def _stills(rng, vae, see, count):
    """Features [count, 1, 64, WIDTH] and what is told of each."""
    seen, told = [], []
    for _ in range(count // BATCH):
        films = []
        for _ in range(BATCH):
            script, frame = _draw(rng), int(rng.integers(stage.FRAMES))
            films.append(stage.film(rng, script, [frame])[0])
            told.append(told_of(script, script.event_at(frame)))
        seen.append(align.look(see, align.shown(vae, encoded(vae, films))))
    return torch.cat(seen), told


def _window(rng):
    """A script, one of its events, and the first block of two within it; of
    half of all the very first."""
    script = _draw(rng)
    places = [(event, block) for event in range(len(script.events))
              for block in range(script.events[event].start,
                                 script.events[event].end - BLOCKS + 1)]
    if places[0][1] == 0 and rng.random() < .5:
        return script, *places[0]
    return script, *places[int(rng.integers(len(places)))]


def _windows(rng, vae, see, count):
    """Features [2 * count, FRAMES, 64, WIDTH] and what is told of each; the
    second half is the first in a mirror."""
    rows, told = [], []
    for _ in range(count):
        script, event, block = _window(rng)
        first = max(0, stage.BLOCKS[block][0] - LEAD)
        film = stage.film(rng, script, range(
            first, stage.BLOCKS[block + BLOCKS - 1][1]))[0]
        rows.append(align.shown(vae, encoded(vae, [film]))[:, -FRAMES:])
        told.append(told_of(script, event))
    pictures = torch.cat(rows)
    return torch.cat([align.look(see, some.contiguous()) for some in
                      (pictures, pictures.flip(3))]), told


def tables(told):
    facts, cast = zip(*told)
    return torch.tensor(facts), torch.tensor(cast)


def build(out, chunks, part=0, parts=1, seed=17):
    """Add chunks until there are so many; several processes may each make
    every so-manieth."""
    device = progress.device()
    vae, see = cache.load_vae(out).to(device), align.load_finder(device)
    for number in range(part, chunks, parts):
        path = os.path.join(out, 'exam', f'{number:03}.pt')
        if os.path.exists(path):
            continue
        rng = np.random.default_rng([seed, number])
        stills, told = _stills(rng, vae, see, STILLS)
        facts, cast = tables(told)
        windows, told = _windows(rng, vae, see, WINDOWS)
        moving, players = tables(told)
        progress.save(path, stills=stills, facts=facts, cast=cast,
                      windows=windows,
                      moving=torch.cat([moving, mirrored(moving)]),
                      players=players.repeat(2, 1))
        print(f'exam: {path}', flush=True)


def load(out, first=0, last=None):
    """Stills and windows of some chunks, each (features, facts, cast)."""
    paths = sorted(glob.glob(os.path.join(out, 'exam', '*.pt')))[first:last]
    if not paths:
        raise FileNotFoundError(f'{out}/exam: nothing for the judge to learn '
                                'from; run `recipe.py exam` first')
    rows = [torch.load(path, weights_only=True) for path in paths]
    return [tuple(torch.cat([row[name] for row in rows]) for name in names)
            for names in (('stills', 'facts', 'cast'),
                          ('windows', 'moving', 'players'))]

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Films scenes, encodes them once, and keeps the latents on disk.

A chunk is a file of some hundred stills or clips: normalised latents would
depend on statistics that are not known yet, so they are kept as the encoder
gives them, in float16, with where the actors are and what was played.

Some clips change to another script in the middle, by a short dissolve: so a
stream learns to take a prompt that has nothing to do with what was before.
"""

import glob
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

import progress
import stage
import vae as autoencoder
from train_vae import to_tensor

CHUNK = {1: 500, stage.FRAMES: 40}    # scenes in a chunk, by frames
BATCH = {1: 50, stage.FRAMES: 1}
SWITCHES = .15                  # clips that change to another script
DISSOLVE = 6                    # frames


class Record:
    """What was played: a script, or two with the block where the second is."""

    def __init__(self, script, second=None, switch=None, frame=None):
        self.script, self.second, self.switch = script, second, switch
        self.frame = frame              # of a still

    def at(self, block):
        """The script and the event of a block, and which event in all."""
        if self.frame is not None:
            event = self.script.event_at(self.frame)
            return self.script, event, event
        start = stage.BLOCKS[block][0]
        if self.second is not None and block >= self.switch:
            event = self.second.event_at(
                start - stage.BLOCKS[self.switch][0])
            return self.second, event, 10 + event
        event = self.script.event_at(start)
        return self.script, event, event

    def to_json(self):
        return json.dumps([
            self.script.to_dict(), self.second and self.second.to_dict(),
            self.switch, self.frame])

    @staticmethod
    def from_json(text):
        first, second, switch, frame = json.loads(text)
        load = stage.Script.from_dict
        return Record(load(first), second and load(second), switch, frame)


def load_vae(out):
    """The trained autoencoder: its moving average."""
    saved = progress.load(os.path.join(out, 'vae.pt'))
    return progress.averaged(autoencoder.make(), saved)


def presence(mask):
    """How much of each latent pixel is actor: [B, 1, T, H, W] to latents."""
    first, rest = mask[:, :, :1], mask[:, :, 1:]
    small = [F.avg_pool3d(first, (1, 16, 16))]
    if rest.shape[2]:
        small.append(F.avg_pool3d(rest, (4, 16, 16)))
    return torch.cat(small, 2)


def still(rng):
    """A scene of one frame: record, colours, mask."""
    script = stage.draw_script(rng)
    frame = int(rng.integers(stage.FRAMES))
    colours, mask, _ = stage.film(rng, script, [frame])
    return Record(script, frame=frame), colours, mask


def clip(rng):
    """A scene of stage.FRAMES frames: record, colours, mask."""
    script = stage.draw_script(rng)
    if rng.random() >= SWITCHES:
        colours, mask, _ = stage.film(rng, script)
        return Record(script), colours, mask
    second = stage.draw_script(rng)
    switch = int(rng.integers(2, len(stage.BLOCKS) - 1))
    begin = stage.BLOCKS[switch][0]
    one, one_mask, _ = stage.film(rng, script, range(begin + DISSOLVE))
    two, two_mask, _ = stage.film(rng, second, range(stage.FRAMES - begin))
    share = (np.arange(DISSOLVE) + 1) / (DISSOLVE + 1)
    share = share[:, None, None, None]
    both = one[begin:] * (1 - share) + two[:DISSOLVE] * share
    colours = np.concatenate([one[:begin], both.astype(np.uint8),
                              two[DISSOLVE:]])
    return Record(script, second, switch), colours, \
        np.concatenate([one_mask[:begin], two_mask])


@torch.no_grad()
def _chunk(model, rng, frames):
    latents, masks, records = [], [], []
    while len(records) < CHUNK[frames]:
        films, shadows = [], []
        for _ in range(BATCH[frames]):
            record, colours, mask = (still if frames == 1 else clip)(rng)
            films.append(to_tensor(colours))
            shadows.append(torch.from_numpy(mask)[None].float() / 255)
            records.append(record.to_json())
        with torch.autocast('cpu', torch.bfloat16):
            mean, _ = autoencoder.encode(model, torch.stack(films))
        latents.append(mean.half())
        masks.append(presence(torch.stack(shadows)).half())
    return dict(latents=torch.cat(latents), masks=torch.cat(masks),
                records=records)


def build(out, stills, clips, seed=11, part=0, parts=1):
    """Add chunks until there are so many stills and clips.

    part, parts: several processes may each make every so-manieth chunk.
    """
    folder = os.path.join(out, 'latents')
    os.makedirs(folder, exist_ok=True)
    model = load_vae(out)
    for frames, count in ((1, stills), (stage.FRAMES, clips)):
        for number in range(part, -(-count // CHUNK[frames]), parts):
            path = os.path.join(folder, f'{frames:02}-{number:04}.pt')
            if os.path.exists(path):
                continue
            rng = np.random.default_rng([seed, frames, number])
            progress.save(path, **_chunk(model, rng, frames))
            print(f'latents: {path}', flush=True)
    if part == 0:
        measure(out)


def measure(out):
    """Mean and deviation of every latent channel, over stills and clips."""
    path = os.path.join(out, 'latents', 'statistics.pt')
    if os.path.exists(path):
        return
    rows = []
    for frames in CHUNK:
        latents = Chunks(out, frames, normal=False, most=20).latents.float()
        rows.append(latents.transpose(0, 1).flatten(1)[:, :1_000_000])
    rows = torch.cat(rows, 1)
    progress.save(path, mean=rows.mean(1), std=rows.std(1))
    print('latents: mean', rows.mean(1), 'std', rows.std(1))


def statistics(out):
    saved = progress.load(os.path.join(out, 'latents', 'statistics.pt'))
    return saved['mean'], saved['std']


class Chunks:
    """All chunks of one length, in memory."""

    def __init__(self, out, frames, normal=True, most=None):
        pattern = os.path.join(out, 'latents', f'{frames:02}-*.pt')
        self.statistics = statistics(out) if normal else None
        self.records = []
        loaded = [self._load(path) for path in sorted(glob.glob(pattern))[:most]]
        if not loaded:
            raise FileNotFoundError(f'{pattern}: no latents; run '
                                    '`recipe.py latents` first')
        self.latents, self.masks = (torch.cat(parts) for parts in zip(*loaded))

    def _load(self, path):
        chunk = torch.load(path, weights_only=True)
        values = chunk['latents']
        if self.statistics:
            mean, std = (v.view(1, -1, 1, 1, 1) for v in self.statistics)
            values = ((values.float() - mean) / std).half()
        self.records += [Record.from_json(row) for row in chunk['records']]
        return values, chunk['masks']

    def __len__(self):
        return len(self.records)

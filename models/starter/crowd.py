# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many processes that film scenes, for a training that is quicker than one.

Each writes chunks to a folder in memory: the pictures, where actors are, and
captions as token ids, some for each event.  It waits while enough of its kind
lie there.  `Reader` takes them away in its own thread.
"""

import glob
import multiprocessing
import os
import queue
import threading
import time

import numpy as np
import torch

import latents as cache
import progress
import stage
import text
import train

SCENES = {1: 250, stage.FRAMES: 8}      # in a chunk, by frames
WAITING = {1: 600, stage.FRAMES: 500}   # chunks that may lie there
VARIANTS = 2                    # captions of an event
EVENTS = 6                      # of a clip, at most; later ones are left out


def _presence(mask):
    """latents.presence of uint8 [T, H, W], as float16 [t, H/16, W/16]."""
    video = torch.from_numpy(mask)[None, None].float() / 255
    return cache.presence(video)[0, 0].half().numpy()


def _told(caption, record, frames):
    """Captions [EVENTS * VARIANTS] as ids, 0 at the end; the event that each
    block shows."""
    blocks = range(1 if frames == 1 else len(stage.BLOCKS))
    keys, events = {}, []
    for block in blocks:
        script, event, key = record.at(block)
        keys.setdefault(key, (script, event))
        events.append(min(list(keys).index(key), EVENTS - 1))
    ids = np.zeros((EVENTS if frames > 1 else 1, VARIANTS, train.ROWS),
                   np.int16)
    for row, (script, event) in zip(ids, keys.values()):
        for own in row:
            pieces = caption(script, event)
            own[:len(pieces)] = pieces
    return ids.reshape(-1, train.ROWS), np.array(events, np.int16)


def _chunk(rng, caption, frames):
    rows = []
    for _ in range(SCENES[frames]):
        record, colours, mask = (cache.still if frames == 1
                                 else cache.clip)(rng)
        rows.append((colours, _presence(mask),
                     *_told(caption, record, frames)))
    names = 'colours', 'presence', 'ids', 'events'
    return {name: torch.from_numpy(np.stack(values))
            for name, values in zip(names, zip(*rows))}


def _work(out, folder, number, frames, seed):
    """Film chunks of one kind for ever."""
    torch.set_num_threads(1)
    rng = np.random.default_rng([seed, number])
    tokenizer = text.Tokenizer(os.path.join(out, 'spiece.model'))

    def caption(script, event):
        line = train.caption(rng, tokenizer, script, event)
        return tokenizer.pieces.encode(line) + [1]

    made = 0
    while True:
        if len(glob.glob(os.path.join(folder, f'{frames}-*.pt'))) \
                >= WAITING[frames]:
            time.sleep(.2)
            continue
        progress.save(os.path.join(folder, f'{frames}-{made:06}-{number}.pt'),
                      **_chunk(rng, caption, frames))
        made += 1


def film(out, folder, workers, seed=41):
    """Let `workers` processes film, three of seven of them stills."""
    os.makedirs(folder, exist_ok=True)
    crowd = [multiprocessing.Process(
        target=_work, daemon=True,
        args=(out, folder, number, 1 if number % 7 < 3 else stage.FRAMES,
              seed)) for number in range(workers)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()


class Reader:
    """Takes chunks of one kind from a folder, oldest first."""

    def __init__(self, folder, frames, device):
        self.pin = device.type == 'cuda'    # so a copy there need not wait
        self.pattern = os.path.join(folder, f'{frames}-*.pt')
        self.ready = queue.Queue(4)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            paths = sorted(glob.glob(self.pattern))
            for path in paths:
                chunk = torch.load(path, weights_only=True, mmap=True)
                os.remove(path)
                if self.pin:
                    chunk = {name: rows.pin_memory()
                             for name, rows in chunk.items()}
                self.ready.put(chunk)
            if not paths:
                time.sleep(.05)

    def get(self):
        """A chunk, or None where none is ready."""
        try:
            return self.ready.get_nowait()
        except queue.Empty:
            return None

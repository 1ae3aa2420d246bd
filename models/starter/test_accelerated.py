# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is filmed comes to the lessons as it was.

    python -m unittest test_accelerated
"""

import tempfile
import time
import unittest

import torch

import accelerated
import crowd
import dit
import progress
import stage
import text
import train

FRAMES = accelerated.LATENT[stage.FRAMES]


def scenes(first, count):
    """Scenes whose every number tells which scene, and of the latents which
    frame."""
    number = torch.arange(first, first + count).float()
    frame = torch.arange(FRAMES).float() / 100
    latents = number[:, None] + frame
    lines = crowd.VARIANTS * crowd.EVENTS
    return dict(
        latents=latents[:, None, :, None, None].expand(-1, 64, -1, 8, 8),
        masks=torch.zeros(count, 1, FRAMES, 8, 8),
        rows=number[:, None, None, None].expand(
            -1, lines, train.ROWS, text.WIDTH),
        lengths=torch.full((count, lines), 5),
        events=torch.zeros(count, len(stage.BLOCKS)))


class Accelerated(unittest.TestCase):
    def test_lesson_is_of_one_scene(self):
        torch.manual_seed(3)
        store = accelerated.Store(stage.FRAMES, torch.device('cpu'), 6)
        for first in (0, 4):                # the first two are given up
            store.add(**scenes(first, 4))
        self.assertEqual((store.count, store.filmed), (6, 8))
        kind = train.Kind(stage.FRAMES, train.LENGTH, 40)
        lesson = store.lesson(kind, torch.full((text.WIDTH,), -1.))
        told = lesson.mask.sum(2)
        self.assertEqual(set(told.flatten().tolist()), {1, 5})
        clean = lesson.clean[:, 0, :, 0, 0]
        scene = clean.floor()
        self.assertEqual(set(scene.flatten().tolist()), set(range(2, 8)))
        self.assertTrue((scene == scene[:, :1]).all())
        rows = lesson.rows[:, 0, 0, 0]
        silent = told[:, 0] == 1
        self.assertTrue((rows[silent] == -1).all())
        self.assertTrue((rows[~silent] == scene[~silent, 0]).all())
        # The frames: the first block, then others in a row
        frame = ((clean - scene) * 100).round()
        self.assertTrue((frame[:, :3] == torch.arange(3.)).all())
        later = frame[:, 3:].diff(dim=1)
        self.assertTrue((later == 1).all())
        # A block that nothing leads up to does not count
        gap = frame[:, 3] != 3
        self.assertTrue(gap.any() and not gap.all())
        counts = lesson.weight[:, 0, dit.BLOCK:2 * dit.BLOCK].sum((1, 2, 3))
        self.assertTrue(((counts == 0) == gap).all())

    def test_reader_takes_chunks(self):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(3):
                progress.save(f'{folder}/1-{number:06}-0.pt',
                              ids=torch.tensor([number]))
            reader = crowd.Reader(folder, 1, torch.device('cpu'))
            found, until = [], time.time() + 20
            while len(found) < 3 and time.time() < until:
                chunk = reader.get()
                if chunk:
                    found.append(chunk['ids'].item())
            self.assertEqual(found, [0, 1, 2])
            self.assertIsNone(reader.get())

    def test_every_kind_has_as_many_tokens(self):
        for kind in train.KINDS.values():
            tokens = accelerated.lengths(kind)
            self.assertEqual(accelerated.TOKENS % tokens, 0)


if __name__ == '__main__':
    unittest.main()

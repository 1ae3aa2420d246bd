# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the judge is shown in training is what the finder takes.

    python -m unittest test_reward
"""

import unittest

import numpy as np
import torch

import align
import reward


class Reward(unittest.TestCase):
    def test_finder_input(self):
        _, to_input = align.load_finder()
        torch.manual_seed(2)
        pictures = torch.randint(0, 256, (2, 16, 16, 3), dtype=torch.uint8)
        wanted = to_input(pictures)
        found = reward.finder_input(pictures.permute(0, 3, 1, 2).float())
        self.assertLess((found - wanted).abs().max(), 1.01 / 128)

    def test_moved(self):
        video = torch.zeros(1, 3, 2, 32, 32)
        video[..., 12:16, 20:24] = 1
        places = set()
        for seed in range(20):
            found = reward.moved(video, np.random.default_rng(seed))
            self.assertEqual(found.shape, video.shape)
            self.assertEqual(found.sum(), video.sum())
            row, column = divmod(found[0, 0, 0].argmax().item(), 32)
            places.add((row, column))
            self.assertLessEqual(abs(row - 12), reward.SHIFT)
            self.assertLessEqual(abs(column - 20), reward.SHIFT)
        self.assertGreater(len(places), 10)


if __name__ == '__main__':
    unittest.main()

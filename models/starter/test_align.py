# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the finder sees lies on the transformer's tokens.

    python -m unittest test_align
"""

import unittest

import torch

import align
import dit


class Align(unittest.TestCase):
    @torch.no_grad()
    def test_cells_are_tokens(self):
        net, to_input = align.load_finder()
        pictures = torch.full((2, 128, 128, 3), 90, dtype=torch.uint8)
        pictures[1, 20:40, 84:104] = torch.tensor([250, 40, 40])
        plain, marked = align.features(net, to_input(pictures))
        self.assertEqual(plain.shape, (64, align.WIDTH))
        change = (marked - plain).norm(dim=1).view(8, 8)
        row, column = divmod(change.argmax().item(), 8)
        self.assertIn(row, (1, 2))
        self.assertIn(column, (5, 6))
        # dit's tokens: row by row, too
        latents = torch.zeros(1, dit.CONFIG['in_channels'], 1, 8, 8)
        latents[..., 1, 5] = 1
        tokens = dit.patches(latents)[0].abs().sum(1)
        self.assertEqual(tokens.argmax().item(), 8 + 5)

    def test_distance(self):
        torch.manual_seed(1)
        projector = align.Projector(320)
        tokens, weight = torch.randn(2, 64, 320), torch.ones(2, 64)
        seen = projector(tokens).detach()
        near = projector.distance(tokens, seen, weight)
        far = projector.distance(tokens, -seen, weight)
        self.assertAlmostEqual(near.item(), 0, places=4)
        self.assertAlmostEqual(far.item(), 2, places=4)
        near.backward()


if __name__ == '__main__':
    unittest.main()

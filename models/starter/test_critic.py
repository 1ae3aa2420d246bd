# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a critic is shown, and that it learns.

    python -m unittest test_critic
"""

import unittest

import torch

import critic


class CriticTest(unittest.TestCase):
    def test_pairs(self):
        video = torch.rand(2, 3, 5, 8, 8)
        known = torch.rand(2, 3, 5, 8, 8)
        at = torch.tensor([3, 0])
        shown = critic.pairs(video, known, at)
        self.assertEqual(shown.shape, (4, 12, 8, 8))
        # Of the second clip the first pair: frames 3 and 4.
        wanted = torch.cat([video[1, :, 3], video[1, :, 4],
                            known[1, :, 3], known[1, :, 4]])
        torch.testing.assert_close(shown[2], wanted)

    def test_learns(self):
        torch.manual_seed(3)
        judge = critic.Critic()
        optimiser = torch.optim.Adam(judge.parameters(), 1e-3, (.5, .9))
        values = []
        for _ in range(30):
            filmed = torch.randn(4, 12, 32, 32)
            made = torch.nn.functional.avg_pool2d(filmed, 3, 1, 1)
            value = critic.finding_out(judge, made, filmed)
            values.append(value.item())
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
        self.assertGreater(values[0], 1.5)
        self.assertLess(values[-1], .5)
        made.requires_grad_()
        passing, unlike = critic.pleasing(judge, made, filmed)
        self.assertGreater(passing.item(), .5)
        (passing + unlike).backward()
        self.assertGreater(made.grad.abs().sum().item(), 0)


if __name__ == '__main__':
    unittest.main()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""A training goes on where its file says.

    python -m unittest test_progress
"""

import os
import tempfile
import unittest
import unittest.mock

import torch

import progress


def training(path):
    torch.manual_seed(1)
    model = torch.nn.Linear(4, 2)
    return progress.Training(path, model, torch.optim.AdamW(
        model.parameters(), 1.0), 10, .9)


def learn(stage, steps):
    for _ in range(steps):
        inputs = torch.full((1, 4), float(stage.step + 1))
        stage.model(inputs).square().sum().backward()
        stage.learn(.01 * (stage.step + 1))


class Training(unittest.TestCase):
    def test_resumes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'stage.pt')
            whole = training(path)
            learn(whole, 5)
            half = training(path)
            learn(half, 3)
            half.save()
            rest = training(path)
            self.assertEqual(rest.step, 3)
            self.assertGreaterEqual(rest.clock.wall, half.clock.wall - 1)
            learn(rest, 2)
        for name, value in whole.model.named_parameters():
            self.assertTrue(torch.equal(
                value, rest.model.get_parameter(name)))
            self.assertTrue(torch.equal(whole.average.values[name],
                                        rest.average.values[name]))
            self.assertIsNone(value.grad)
            self.assertFalse(torch.equal(value, whole.average.values[name]))


class Means(unittest.TestCase):
    def test_reports(self):
        means, said = progress.Means('stage', 2), []
        with unittest.mock.patch.object(
                progress, 'report', lambda *a, **figures: said.append(figures)):
            for step in range(1, 6):
                means.take({'all': step} if step % 2 else {'even': step},
                           step, None)
        self.assertEqual(said, [{'all': 1, 'even': 2}, {'all': 3, 'even': 4}])


if __name__ == '__main__':
    unittest.main()

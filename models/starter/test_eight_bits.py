# SPDX-License-Identifier: LGPL-2.1-or-later
"""Weights in 8 bits, and back.

    python -m unittest test_eight_bits
"""

import os
import tempfile
import unittest

import torch
from safetensors.torch import load_file, save_file

import eight_bits


def model(seed=1):
    torch.manual_seed(seed)
    return {
        'proj.weight': torch.randn(96, 64) * torch.rand(96, 1),
        'conv.weight': torch.randn(8, 16, 3, 3, 4),
        'table': torch.randn(1, 64, 64),
        'proj.bias': torch.randn(8192),
        'small.weight': torch.randn(8, 16),
    }


class EightBits(unittest.TestCase):
    def test_what_is_stored(self):
        stored = eight_bits.quantise(model())
        self.assertEqual(set(stored), {
            'proj.weight', 'proj.weight_scale', 'conv.weight',
            'conv.weight_scale', 'table', 'table_scale', 'proj.bias',
            'small.weight'})
        for name, scales in (('proj.weight', (96, 1)), ('table', (1, 1, 1)),
                             ('conv.weight', (8, 1, 1, 1, 1))):
            self.assertEqual(stored[name].dtype, torch.int8)
            scale = stored[name + '_scale']
            self.assertEqual((scale.dtype, tuple(scale.shape)),
                             (torch.float32, scales))
            self.assertTrue((scale > 0).all())
        for name in ('proj.bias', 'small.weight'):
            self.assertEqual(stored[name].dtype, torch.bfloat16)

    def test_restored(self):
        state = model()
        restored = eight_bits.restore(eight_bits.quantise(state))
        self.assertEqual(set(restored), set(state))
        for name, tensor in state.items():
            self.assertEqual(restored[name].dtype, torch.float32)
            self.assertEqual(restored[name].shape, tensor.shape)
            error = (restored[name] - tensor).norm() / tensor.norm()
            self.assertLess(error, .012, name)

    def test_formula(self):
        stored = eight_bits.quantise(model())
        restored = eight_bits.restore(stored)
        for row in range(96):
            expected = stored['proj.weight'][row].float() \
                * stored['proj.weight_scale'][row, 0]
            self.assertTrue(torch.equal(restored['proj.weight'][row],
                                        expected))

    def test_no_worse_than_the_largest(self):
        """Clipping is only done where it helps."""
        state = model(2)
        state['proj.weight'][3, 5] = 40
        restored = eight_bits.restore(eight_bits.quantise(state))
        for name in ('proj.weight', 'conv.weight', 'table'):
            rows, found = state[name].flatten(1), restored[name].flatten(1)
            scale = rows.abs().amax(1, keepdim=True) / 127
            plain = torch.round(rows / scale) * scale
            self.assertTrue(((found - rows).square().sum(1)
                             <= (plain - rows).square().sum(1)).all())

    def test_exact(self):
        """What int8 can hold comes back as it was."""
        codes = torch.randint(-127, 128, (64, 64)).float()
        codes[:, 0] = 127
        state = {'w': codes * 2. ** torch.arange(-32, 32)[:, None]}
        restored = eight_bits.restore(eight_bits.quantise(state))
        self.assertTrue(torch.equal(restored['w'], state['w']))

    def test_extremes(self):
        state = {'w': torch.zeros(4, 2048)}
        state['w'][1] = 1e-44
        state['w'][2] = 3e38
        stored = eight_bits.quantise(state)
        restored = eight_bits.restore(stored)
        self.assertTrue(stored['w_scale'].isfinite().all())
        self.assertTrue(restored['w'].isfinite().all())
        self.assertTrue((restored['w'][:2] == 0).all())
        self.assertLess((restored['w'][2] / 3e38 - 1).abs().max(), .01)

    def test_file(self):
        """It goes through a file, in half of bfloat16's bytes."""
        state = {'a.weight': torch.randn(256, 256).to(torch.bfloat16)}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'x.safetensors')
            stored = eight_bits.quantise(state)
            save_file(stored, path)
            loaded = load_file(path)
            size = os.path.getsize(path)
        self.assertLess(size, 256 * 256 * 1.05)
        for name, tensor in stored.items():
            self.assertTrue(torch.equal(loaded[name], tensor))


if __name__ == '__main__':
    unittest.main()

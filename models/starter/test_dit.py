# SPDX-License-Identifier: LGPL-2.1-or-later
"""The two ways through the transformer give the same, and diffusers' own.

    python -m unittest test_dit
"""

import unittest

import torch

import dit

FRAMES, SIDE, ROWS = 9, 4, 7


def setting(seed=1):
    torch.manual_seed(seed)
    model = dit.make().eval()
    for parameter in model.parameters():
        parameter.data += .05 * torch.randn_like(parameter)
    shape = (2, dit.CONFIG['in_channels'], FRAMES, SIDE, SIDE)
    rows = torch.randn(2, FRAMES // dit.BLOCK, ROWS, dit.CONFIG['text_dim'])
    mask = torch.ones(rows.shape[:3])
    mask[0, :, 4:], mask[1, :, 6:] = 0, 0
    return model, torch.randn(shape), torch.randn(shape), \
        rows * mask[..., None], mask


class Transformer(unittest.TestCase):
    @torch.no_grad()
    def test_stream_equals_teaching(self):
        model, clean, noisy, rows, mask = setting()
        context = torch.full((2, 3), 20.)
        time = torch.tensor([[900., 500, 100], [50, 700, 300]])
        wanted = dit.Teaching(model, FRAMES, SIDE, SIDE)(
            model, clean, noisy, context, time, rows, mask, 32)
        cache = dit.Cache(model, SIDE, SIDE)
        for k in range(3):
            own = slice(3 * k, 3 * k + 3)
            found = cache(model, noisy[:, :, own], time[:, k], rows[:, k],
                          mask[:, k], 32)
            torch.testing.assert_close(found, wanted[:, :, own], rtol=1e-4,
                                       atol=1e-4)
            cache(model, clean[:, :, own], context[:, k], rows[:, k],
                  mask[:, k], 32, store=True)

    @torch.no_grad()
    def test_first_block_equals_diffusers(self):
        model, _, noisy, rows, mask = setting(2)
        time = torch.tensor([900., 50.])
        found = dit.Cache(model, SIDE, SIDE)(
            model, noisy[:, :, :3], time, rows[:, 0], mask[:, 0], 32)
        padded = torch.nn.functional.pad(rows[:, 0], (0, 0, 0, 32 - ROWS))
        block = noisy[:, :, :3]
        output = model(block, time, padded, return_dict=False)[0]
        wanted = dit.velocity(output, block, time[:, None])
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


if __name__ == '__main__':
    unittest.main()

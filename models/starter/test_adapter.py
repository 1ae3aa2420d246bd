# SPDX-License-Identifier: LGPL-2.1-or-later
"""An adapter in training, in its file, and merged, is the same.

    python -m unittest test_adapter
"""

import copy
import os
import tempfile
import unittest

import torch
from safetensors import safe_open

import adapter
import dit
import export


def adapted():
    """A plain transformer, one that trains an adapter, and its parts."""
    torch.manual_seed(5)
    plain = dit.make()
    model = copy.deepcopy(plain)
    parts = adapter.attach(model)
    return plain, model, parts


class Adapter(unittest.TestCase):
    def test_begins_as_nothing(self):
        plain, model, parts = adapted()
        self.assertEqual(len(parts), 80)
        for name, layer in adapter.layers(plain).items():
            self.assertTrue(torch.equal(
                layer.weight, model.get_submodule(name).weight))
        self.assertEqual({name for name, value in model.named_parameters()
                          if value.requires_grad},
                         {f'{name}.parametrizations.weight.0.{side}'
                          for name in parts for side in ('down', 'up')})

    def test_merged(self):
        plain, model, parts = adapted()
        for part in parts.values():
            torch.nn.init.normal_(part.up, std=.1)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, adapter.NAME)
            values = adapter.tensors(parts)
            adapter.write(path, values)
            adapter.merge(plain, adapter.read(path))
            with safe_open(path, 'pt') as file:
                names = set(file.keys())
            adapter.adopt(folder, values)
            again = adapter.load(folder)
        self.assertIn('transformer.blocks.7.ffn.net.2.lora_B.weight', names)
        for name, layer in adapter.layers(plain).items():
            wanted = model.get_submodule(name).weight
            self.assertLess((layer.weight - wanted).norm(),
                            .01 * wanted.norm())
        self.assertEqual(set(again), set(values))
        self.assertEqual(again['blocks.0.attn1.to_q.lora_A.weight'].shape,
                         (adapter.RANK, 320))

    def test_manner(self):
        """Of order 1, without its corrector, UniPC is Euler's method."""
        scheduler = export.scheduler(export.ADAPTED)
        sigmas, x = scheduler.sigmas, torch.linspace(-1, 1, 7)
        euler = x.clone()
        for step, time in enumerate(scheduler.timesteps):
            velocity = torch.sin(3 * euler + step)
            euler = euler + (sigmas[step + 1] - sigmas[step]) * velocity
            x = scheduler.step(velocity, time, x, return_dict=False)[0]
        self.assertLess((x - euler).abs().max(), 1e-5)


if __name__ == '__main__':
    unittest.main()

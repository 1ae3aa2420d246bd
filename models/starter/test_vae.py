# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fast way through the autoencoder gives what diffusers gives.

    python -m unittest test_vae
"""

import unittest

import torch

import vae


class Autoencoder(unittest.TestCase):
    @torch.no_grad()
    def compare(self, frames):
        torch.manual_seed(frames)
        model = vae.make().eval()
        video = torch.rand(2, 3, frames, 64, 32) * 2 - 1
        mean, logvar = vae.encode(model, video)
        wanted = model.encode(video).latent_dist
        torch.testing.assert_close(mean, wanted.mean, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(logvar, wanted.logvar, rtol=1e-4,
                                   atol=1e-4)
        found = vae.decode(model, mean).clamp(-1, 1)
        torch.testing.assert_close(found, model.decode(mean).sample,
                                   rtol=1e-4, atol=1e-4)

    def test_still(self):
        self.compare(1)

    def test_clip(self):
        self.compare(13)

    @torch.no_grad()
    def test_upscaling(self):
        torch.manual_seed(2)
        model = vae.make_upscaling().eval()
        latents = torch.randn(2, vae.Z_DIM, 3, 2, 3)
        found = vae.decode(model, latents)
        self.assertEqual(found.shape, (2, 3, 9, 64, 96))
        torch.testing.assert_close(found.clamp(-1, 1),
                                   model.decode(latents).sample,
                                   rtol=1e-4, atol=1e-4)


if __name__ == '__main__':
    unittest.main()

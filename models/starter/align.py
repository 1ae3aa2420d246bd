# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the finder of `videoaudiofoley` sees in the stills, to learn from.

A transformer that is to draw a thing has to know, in its middle layers, where
in the picture which part of what is.  The finder, a network that was taught
to tell just that, has features of it in cells of 16 x 16 pixels, which are
the transformer's tokens.  So the middle layer is pulled towards them, through
a small projector that is thrown away after the training: Yu et al. 2024,
"Representation Alignment for Generation" (arXiv 2410.06940).

The features are those of the pictures as the autoencoder gives them back.
"""

import glob
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

import latents as cache
import progress
import vae as autoencoder

FINDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                      'foley', 'finder')
LAYER = 4                       # whose output is pulled
WIDTH = 224                     # features of a cell
BATCH = 50


def load_finder():
    """The network, and what makes its input of uint8 pictures [B, H, W, 3]."""
    sys.path.insert(0, FINDER)
    import finder_recipe
    import finder_scenes
    net = finder_recipe.unfold(
        finder_recipe.model(), finder_recipe.eight_bits.restore(
            finder_recipe.load_file(finder_recipe.WEIGHTS)))
    return net.eval(), finder_scenes.to_input


def features(net, x):
    """[B, 3, 128, 128] to [B, 64, WIDTH]: the finder's coarsest features, and
    those that it names things by."""
    kept = []
    hooks = [layer.register_forward_hook(lambda *a: kept.append(a[2]))
             for layer in (net.block16b, net.join8)]
    net(x)
    for hook in hooks:
        hook.remove()
    coarse, named = kept
    both = torch.cat([coarse, F.avg_pool2d(named, 2)], 1)
    return both.flatten(2).transpose(1, 2)


@torch.no_grad()
def _look(vae, see, latents):
    """Raw latents [B, C, 1, 8, 8] to features [B, 64, WIDTH], float16."""
    net, to_input = see
    with torch.autocast('cpu', torch.bfloat16):
        pictures = autoencoder.decode(vae, latents.float())[:, :, 0]
        pictures = ((pictures.float().clamp(-1, 1) + 1) * 127.5).round()
        rows = features(net, to_input(pictures.byte().permute(0, 2, 3, 1)))
    return rows.half()


def build(out, part=0, parts=1):
    """A file of features beside each chunk of stills."""
    vae, see = cache.load_vae(out), load_finder()
    paths = sorted(glob.glob(os.path.join(out, 'latents', '01-*.pt')))
    for path in paths[part::parts]:
        target = path.replace('01-', 'seen-')
        if os.path.exists(target):
            continue
        latents = torch.load(path, weights_only=True)['latents']
        seen = torch.cat([_look(vae, see, some)
                          for some in latents.split(BATCH)])
        progress.save(target, seen=seen)
        print(f'seen: {target}', flush=True)


def load(out, count):
    """The features of the first `count` stills [count, 64, WIDTH], float16,
    each of mean 0 and deviation 1."""
    paths = sorted(glob.glob(os.path.join(out, 'latents', 'seen-*.pt')))
    seen = torch.cat([torch.load(path, weights_only=True)['seen']
                      for path in paths])
    if len(seen) < count:
        raise FileNotFoundError(f'{out}/latents: the finder has seen '
                                f'{len(seen)} of {count} stills; run '
                                '`recipe.py see` first')
    some = seen[:4000].flatten(0, 1).float()
    mean, std = some.mean(0), some.std(0) + 1e-3
    return torch.cat([((rows.float() - mean) / std).half()
                      for rows in seen[:count].split(2000)])


class Projector(nn.Sequential):
    """From a layer of the transformer, `inner` wide, to the features."""

    def __init__(self, inner):
        super().__init__(nn.Linear(inner, 2 * inner), nn.SiLU(),
                         nn.Linear(2 * inner, WIDTH))

    def distance(self, tokens, seen, weight):
        """1 - cosine, weighted.  tokens: [B, N, inner]; weight: [B, N]."""
        likeness = F.cosine_similarity(self(tokens).float(), seen, -1)
        return ((1 - likeness) * weight).mean()

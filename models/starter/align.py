# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the finder of `videoaudiofoley` sees in staged scenes, to learn from.

A transformer that is to draw a thing has to know, in its middle layers, where
in the picture which part of what is.  The finder, a network that was taught
to tell just that, has features of it in cells of 16 x 16 pixels, which are
the transformer's tokens.  So the middle layer is pulled towards them, through
a small projector that is thrown away after the training: Yu et al. 2024,
"Representation Alignment for Generation" (arXiv 2410.06940).  Of clips the
same features, a picture a latent frame, are what the judge goes by
(classifier.py).

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


def load_finder(device='cpu'):
    """The network, and what makes its input of uint8 pictures [B, H, W, 3]."""
    sys.path.insert(0, FINDER)
    import finder_recipe
    import finder_scenes
    net = finder_recipe.unfold(
        finder_recipe.model(), finder_recipe.eight_bits.restore(
            finder_recipe.load_file(finder_recipe.WEIGHTS)))
    return net.eval().to(device), finder_scenes.to_input


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
def watch(see, pictures):
    """uint8 [N, H, W, 3] to features [N, 64, WIDTH], float16, in the host's
    memory; see: of load_finder."""
    net, to_input = see
    pictures = pictures.to(next(net.parameters()).device)
    with torch.autocast(pictures.device.type, torch.bfloat16):
        rows = [features(net, to_input(some))
                for some in pictures.split(BATCH)]
    return torch.cat(rows).half().cpu()


def last_of_each(video):
    """Of [B, C, T, H, W] the last frame of each latent frame."""
    return video[:, :, ::4]


@torch.no_grad()
def shown(vae, latents):
    """Raw latents [B, C, t, 8, 8] as pictures, one a latent frame: uint8
    [B, t, H, W, 3]."""
    with torch.autocast(latents.device.type, torch.bfloat16):
        video = last_of_each(autoencoder.decode(vae, latents.float()))
    video = ((video.float().clamp(-1, 1) + 1) * 127.5).round().byte()
    return video.permute(0, 2, 3, 4, 1)


def look(see, pictures):
    """Pictures of `shown` to features [B, t, 64, WIDTH], float16."""
    rows = watch(see, pictures.flatten(0, 1))
    return rows.unflatten(0, pictures.shape[:2])


def build(out, frames=1, part=0, parts=1):
    """A file of features beside each chunk of scenes of so many frames."""
    vae, see = cache.load_vae(out), load_finder()
    paths = sorted(glob.glob(os.path.join(out, 'latents', f'{frames:02}-*')))
    for path in paths[part::parts]:
        target = path.replace(f'{frames:02}-', f'seen{frames:02}-')
        if os.path.exists(target):
            continue
        latents = torch.load(path, weights_only=True)['latents']
        seen = torch.cat([look(see, shown(vae, some)) for some in latents.split(
            max(1, BATCH // frames))])
        progress.save(target, seen=seen)
        print(f'seen: {target}', flush=True)


def load(out, count, frames=1):
    """The features of the first `count` scenes [count, t, 64, WIDTH],
    float16."""
    pattern = os.path.join(out, 'latents', f'seen{frames:02}-*.pt')
    seen = [torch.load(path, weights_only=True)['seen']
            for path in sorted(glob.glob(pattern))]
    have = sum(map(len, seen))
    if have < count:
        raise FileNotFoundError(f'{pattern}: the finder has seen {have} of '
                                f'{count} scenes; run `recipe.py see` first')
    return torch.cat(seen)[:count]


def scale(seen):
    """Mean and deviation of features, by the first few."""
    some = seen[:4000].flatten(0, -2).float()
    return some.mean(0), some.std(0) + 1e-3


def normal(seen, mean, std):
    """Features of mean 0 and deviation 1, float16."""
    return torch.cat([((rows.float() - mean) / std).half()
                      for rows in seen.split(2000)])


class Projector(nn.Sequential):
    """From a layer of the transformer, `inner` wide, to the features."""

    def __init__(self, inner):
        super().__init__(nn.Linear(inner, 2 * inner), nn.SiLU(),
                         nn.Linear(2 * inner, WIDTH))

    def distance(self, tokens, seen, weight):
        """1 - cosine, weighted.  tokens: [B, N, inner]; weight: [B, N]."""
        likeness = F.cosine_similarity(self(tokens).float(), seen, -1)
        return ((1 - likeness) * weight).mean()

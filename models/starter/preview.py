# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sheet of staged scenes with their captions, to see what is taught."""

import os

import numpy as np

import captions
import sample
import stage


def write(out, count=24, seed=0):
    rng = np.random.default_rng(seed)
    scenes = [stage.draw_scene(rng) for _ in range(count)]
    clips = np.stack([stage.play(rng, scene)[..., :3] for scene in scenes])
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, 'preview.png')
    sample.sheet(clips, [captions.caption(rng, s) for s in scenes], path)
    print(path)

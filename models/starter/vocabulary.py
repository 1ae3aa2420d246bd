# SPDX-License-Identifier: LGPL-2.1-or-later
"""The words that the checkpoint was taught: what words.txt lists."""

import re

import numpy as np

import captions
import paraphrase
import stage
import words

CAPTIONS = 20000


def known(seed=4):
    """Sorted words of captions, of stories and of what stands for them."""
    rng, found = np.random.default_rng(seed), set()
    for _ in range(CAPTIONS):
        script = stage.draw_script(rng)
        lines = [captions.caption(rng, script, event)
                 for event in range(len(script.events))]
        lines += [captions.story(rng, script), captions.plain(script, 0),
                  paraphrase.in_other_words(rng, lines[0])]
        for line in lines:
            found.update(re.findall(r"[a-z]+(?:[-'][a-z]+)*", line.lower()))
    found.update(name.lower() for name in words.HELD_OUT)
    found.update(word for name in stage.FACTS['actor']
                 for word in name.lower().split())
    return sorted(found)

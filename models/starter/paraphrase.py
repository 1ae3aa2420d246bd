# SPDX-License-Identifier: LGPL-2.1-or-later
"""Says a caption in held-out words (words.py)."""

import re
from functools import lru_cache

import grammar
import words

SHARE = .6                      # of the words that could be another


def _same(word):
    return word


@lru_cache(maxsize=1)
def _others():
    """Each form of a caption's word: the held-out words' same forms."""
    others = {}
    nouns = {**words.ACTORS, **words.PLACES, **words.LIGHTS,
             **words.WEATHERS}
    for table, shapes in (
            (nouns, (_same, grammar.plural)),
            (words.ACTIONS, (_same, grammar.third, grammar.going))):
        for other, word in table.items():
            for shape in shapes:
                others.setdefault(shape(word), []).append(shape(other))
    return others


@lru_cache(maxsize=1)
def _pattern():
    return re.compile(grammar.any_of(_others()) + r'\b')


def _articles(text):
    """a and an as the word after them has it."""
    return re.sub(r'\b([Aa])n? (?=([A-Za-z]+))', lambda match: match[1]
                  + ('n ' if match[2][0].lower() in 'aeio' else ' '), text)


def in_other_words(rng, text, share=SHARE):
    """The text, some of whose words are ones that no caption uses."""
    def other(match):
        if rng.random() >= share:
            return match[0]
        choices = _others()[match[0]]
        return choices[rng.integers(len(choices))]

    return _articles(_pattern().sub(other, text))

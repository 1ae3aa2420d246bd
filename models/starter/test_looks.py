# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests what texts tell of how actors look: see looks.py."""

import unittest

import torch

import actors
import looks


class Named(unittest.TestCase):
    def names(self, text):
        return [(text[begin:end], actors.NAMES[actor])
                for begin, end, actor in looks.mentions(text)]

    def test_names_in_captions(self):
        self.assertEqual(self.names('A dog and two fire engines by the sea'),
                         [('dog', 'dog'), ('fire engines', 'fire engine')])

    def test_the_longest_name_counts(self):
        self.assertEqual(self.names('a police car, a car'),
                         [('police car', 'police car'), ('car', 'car')])

    def test_words_that_no_caption_uses(self):
        self.assertEqual(self.names('puppies'), [('puppies', 'dog')])

    def test_parts_of_words_are_none(self):
        self.assertEqual(self.names('a catalogue of doghouses'), [])


class Looks(unittest.TestCase):
    def test_portraits_stand_on_one_line(self):
        for name in ('dog', 'plane', 'castle'):
            grey = (looks.portrait(name)[0] == looks.GREY).all(-1)
            self.assertTrue(grey[looks.FOOT:].all(), name)
            self.assertFalse(grey[:looks.FOOT].all(), name)

    def test_axes_keep_distances(self):
        torch.manual_seed(1)
        values = torch.randn(40, 500)       # 39 axes hold all
        codes = looks._main_axes(values)
        self.assertAlmostEqual(codes.pow(2).mean().item(), 1, 5)
        ratio = torch.cdist(codes, codes) / torch.cdist(values, values)
        ratio = ratio[~torch.eye(40, dtype=torch.bool)]
        self.assertLess(ratio.std() / ratio.mean(), 1e-4)


if __name__ == '__main__':
    unittest.main()

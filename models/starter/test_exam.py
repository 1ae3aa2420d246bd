# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the judge is asked, and when it is right.

    python -m unittest test_exam
"""

import unittest

import numpy as np
import torch

import align
import classifier
import exam
import stage


class Exam(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(4)
        self.windows = [exam._window(rng) for _ in range(60)]
        told = [exam.told_of(script, event)
                for script, event, _ in self.windows]
        self.facts, self.cast = exam.tables(told)

    def test_windows_lie_within_an_event(self):
        for script, event, block in self.windows:
            for part in range(block, block + exam.BLOCKS):
                first = stage.BLOCKS[part][0]
                self.assertEqual(script.event_at(first), event)

    def test_pairs_kept_from_the_transformer_are_asked(self):
        strange = [stage.held_out(script.facts(0)['actor'], script.place)
                   for script, _, _ in self.windows]
        self.assertTrue(any(strange))
        self.assertFalse(all(strange))

    def test_mirror(self):
        there = exam.mirrored(self.facts)
        self.assertTrue((there != self.facts).any())
        self.assertTrue((exam.mirrored(there) == self.facts).all())
        same = [i for i, name in enumerate(stage.FACTS)
                if name not in ('direction', 'camera')]
        self.assertTrue((there[:, same] == self.facts[:, same]).all())

    def test_cast_has_the_one_asked_about(self):
        who = self.facts[:, classifier.ACTOR]
        rows = torch.arange(len(who))
        self.assertTrue(self.cast[rows, who].all())
        self.assertTrue((self.cast.sum(1) > 1).any())

    def test_right(self):
        """One of two who play has to be among the two likeliest."""
        facts = torch.zeros(3, len(stage.FACTS), dtype=torch.long)
        facts[:, classifier.ACTOR] = 5
        cast = torch.zeros(3, classifier.ACTORS, dtype=torch.bool)
        cast[:, 5] = cast[1:, 9] = True
        answers = {name: torch.zeros(3, len(values))
                   for name, values in stage.FACTS.items()}
        rows = answers['actor']
        rows[:, 5], rows[:, 7], rows[2, 8] = 1, 2, 3
        right = classifier.right(answers, facts, cast)
        self.assertEqual(right['actor'].tolist(), [False, True, False])
        self.assertTrue(right['place'].all())

    def test_answers_depend_on_who_is_asked_about(self):
        torch.manual_seed(3)
        judge = classifier.Judge(torch.zeros(align.WIDTH),
                                 torch.ones(align.WIDTH)).eval()
        seen = torch.randn(1, exam.FRAMES, 64, align.WIDTH).half()
        one, two = (classifier.judged(judge, seen, torch.tensor([who]))
                    for who in (3, 4))
        self.assertFalse(torch.equal(one['direction'], two['direction']))
        self.assertTrue(torch.equal(one['actor'], two['actor']))
        still = classifier.judged(judge, seen[:, :1], torch.tensor([3]))
        self.assertEqual(set(still), set(stage.FACTS)
                         - set(classifier.MOVING))


if __name__ == '__main__':
    unittest.main()

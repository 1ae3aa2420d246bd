# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is asked of streams, and where the teacher leads.

    python -m unittest test_distil
"""

import os
import unittest

import numpy as np
import torch

import distil
import export
import reward
import stage
import text

HERE = os.path.dirname(os.path.abspath(__file__))

def roles(count):
    rng = np.random.default_rng(7)
    tokenizer = text.Tokenizer(os.path.join(
        HERE, 'checkpoint', 'tokenizer', 'spiece.model'))
    return [distil.Role(rng, tokenizer) for _ in range(count)]


class Distil(unittest.TestCase):
    def test_asked(self):
        """What moves counts at the beginning of an event, and hardly later;
        of who is told nothing, nothing is asked."""
        seen = set()
        for role in roles(40):
            for window in range(40):
                line, facts, cast, kind = role.next(window == 0)
                self.assertEqual(facts, stage.numbered(
                    role.script.facts(role.event)))
                self.assertTrue(any(cast) and len(cast) == len(
                    stage.FACTS['actor']))
                self.assertEqual(line == '', kind == 'silent')
                if kind != 'silent':
                    self.assertEqual(
                        kind in ('early', 'changing'),
                        role.played <= distil.FRESH)
                    self.assertEqual(kind == 'changing',
                                     window > 0 and role.played == 1)
                seen.add(kind)
        self.assertEqual(seen, set(distil.ASKED))

    def test_held_out(self):
        """Pairs kept for evaluation are never played."""
        for role in roles(40):
            for window in range(6):
                role.next(window == 0)
                for party in role.script.parties:
                    self.assertFalse(stage.held_out(party.actor,
                                                    role.script.place))

    def test_wanted(self):
        """The teacher's smaller steps, with guidance, in one velocity."""
        scheduler = export.scheduler(export.ADAPTED)
        work = object.__new__(distil.School)
        work.sigmas, work.teacher = scheduler.sigmas, None

        def memory(_, x, time, rows, mask, text_len):
            """Towards what the text says, faster where there is more noise."""
            return rows.view(-1, 1, 1, 1, 1) * (1 + time / 1000).view(
                -1, 1, 1, 1, 1) * torch.ones_like(x)

        x = torch.randn(3, 2, 3, 4, 4)
        step = torch.tensor([0, 1, 3])
        told = torch.tensor([2., 3., 4., 1., 1., 1.]), None
        found = work._wanted(memory, x, step, told)
        for i, at in enumerate(step):
            begin, end = work.sigmas[at], work.sigmas[at + 1]
            means = np.mean([1 + begin + (end - begin) * k / distil.SUBSTEPS
                             for k in range(distil.SUBSTEPS)])
            wanted = (1 + distil.GUIDANCE * (told[0][i] - 1)) * means
            self.assertLess((found[i] - wanted).abs().max(), 1e-4)

    def test_weights_are_of_facts(self):
        for weights in distil.ASKED.values():
            self.assertLessEqual(set(weights), set(stage.FACTS))
            self.assertEqual(reward.fixed(weights).sum().item() == 0,
                             not weights)


if __name__ == '__main__':
    unittest.main()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of the stage: python -m unittest test_stage"""

import json
import math
import unittest

import numpy as np

import actors
import captions
import physics
import stage
import words


def _scripts(count, seed=0, split='train'):
    rng = np.random.default_rng(seed)
    return [stage.draw_script(rng, split) for _ in range(count)]


def _body(index=0, material='rubber', mass=1.0, depth=1.0, **more):
    return physics.Body(index, material, mass, 5, 10, depth, **more)


class Physics(unittest.TestCase):
    def test_bounces_come_when_the_closed_form_says(self):
        ball = _body(rolls=True)
        ball.z, high = 60.0, 60.0
        world = physics.World([ball], 'tiles')
        for _ in range(int(81 * physics.STEPS)):
            world.step(1 / 16 / physics.STEPS)
        rebound = physics.MATERIALS['rubber'][0]
        time = math.sqrt(2 * high / physics.GRAVITY)
        speed = math.sqrt(2 * high * physics.GRAVITY)
        for contact in world.contacts[:5]:
            self.assertAlmostEqual(contact['time'], time, places=6)
            self.assertAlmostEqual(contact['speed'], speed, places=4)
            speed *= rebound
            time += 2 * speed / physics.GRAVITY

    def test_energy_does_not_grow(self):
        ball = _body(rolls=True)
        ball.z, ball.vx = 70.0, 30.0
        world = physics.World([ball], 'asphalt')
        before = ball.energy(world.gravity)
        for _ in range(400):
            world.step(1 / 37)
            after = ball.energy(world.gravity)
            self.assertLessEqual(after, before + 1e-6)
            before = after

    def test_a_collision_keeps_momentum(self):
        one, other = _body(0, mass=3.0), _body(1, 'metal', 7.0)
        one.x, one.vx, other.x, other.vx = -20.0, 50.0, 20.0, -10.0
        one.z = other.z = 50.0
        world = physics.World([one, other])
        world.gravity = 1e-9
        before = one.mass * one.vx + other.mass * other.vx
        for _ in range(32):
            world.step(1 / 32)
        self.assertAlmostEqual(
            one.mass * one.vx + other.mass * other.vx, before, places=6)
        contact = world.contacts[0]
        self.assertEqual(contact['partners'], [0, 1])
        self.assertAlmostEqual(contact['time'], 30 / 60, places=6)
        self.assertAlmostEqual(contact['speed'], 60)

    def test_what_slides_stops_where_friction_says(self):
        box = _body(0, 'wood')
        box.vx = 60.0
        world = physics.World([box], 'asphalt')
        for _ in range(64):
            world.step(1 / 32)
        world.finish()
        loss = physics.GRAVITY * physics.MATERIALS['wood'][1]
        self.assertEqual(box.vx, 0)
        self.assertEqual(world.contacts[0]['kind'], 'slide')
        self.assertAlmostEqual(world.contacts[0]['end'], 60 / loss, places=2)


class Scripts(unittest.TestCase):
    def test_there_is_enough_to_see(self):
        self.assertGreaterEqual(len(actors.NAMES), 150)
        self.assertGreaterEqual(len(stage.FACTS['place']), 12)
        self.assertGreaterEqual(len(stage.FACTS['action']), 10)

    def test_events_fill_the_clip(self):
        for script in _scripts(300):
            self.assertIn(len(script.events), (1, 2, 3))
            self.assertEqual(script.events[0].start, 0)
            self.assertEqual(script.events[-1].end, len(stage.BLOCKS))
            for event in script.events:
                self.assertGreaterEqual(event.end - event.start, 2)
            self.assertEqual(script.event_at(80), len(script.events) - 1)

    def test_json_and_back(self):
        for script in _scripts(50):
            text = json.dumps(script.to_dict())
            self.assertEqual(stage.Script.from_dict(json.loads(text)),
                             script)

    def test_facts_are_of_their_lists(self):
        for script in _scripts(300):
            for index in range(len(script.events)):
                for name, value in script.facts(index).items():
                    self.assertIn(value, stage.FACTS[name])

    def test_held_out_pairs_are_never_met(self):
        for script in _scripts(400):
            if script.place != 'road':
                for party in script.parties:
                    self.assertFalse(
                        stage.held_out(party.actor, script.place))
        for script in _scripts(100, split='test'):
            for event in script.events:
                actor = script.parties[event.subject].actor
                self.assertTrue(stage.held_out(actor, script.place))
        share = np.mean([stage.held_out(actor, place)
                         for actor in actors.NAMES
                         for place in stage.FACTS['place']])
        self.assertAlmostEqual(share, 1 / 8, delta=.02)


class Captions(unittest.TestCase):
    def test_held_out_words_are_never_used(self):
        rng = np.random.default_rng(1)
        for script in _scripts(400):
            texts = [captions.story(rng, script)]
            for index in range(len(script.events)):
                texts += [captions.caption(rng, script, index),
                          captions.plain(script, index)]
            for text in texts:
                self.assertEqual(words.held_out(text), [], text)
                self.assertNotIn('  ', text)

    def test_plain_names_the_facts(self):
        for script in _scripts(200):
            for index, event in enumerate(script.events):
                text = captions.plain(script, index)
                self.assertIn(captions.PLACES[script.place][0], text)
                if event.subject >= 0:
                    party = script.parties[event.subject]
                    name = actors.CAST[party.actor].names[0]
                    if party.count == 1:
                        self.assertIn(name, text)


class Film(unittest.TestCase):
    def test_the_same_rng_gives_the_same_film(self):
        for seed, script in enumerate(_scripts(12)):
            one = stage.film(np.random.default_rng(seed), script, [0, 40, 80])
            stage._BACKDROPS.clear()
            other = stage.film(np.random.default_rng(seed), script, [40])
            np.testing.assert_array_equal(one[0][1], other[0][0])
            self.assertEqual(one[2], other[2])

    def test_boxes_hold_the_mask(self):
        for seed, script in enumerate(_scripts(40, 5)):
            frames = [4, 30, 61, 80]
            _, masks, truth = stage.film(np.random.default_rng(seed), script,
                                         frames)
            for frame, mask in zip(frames, masks):
                left = mask.copy()
                for thing in truth['objects']:
                    if thing['boxes'][frame]:
                        x0, y0, x1, y1 = thing['boxes'][frame]
                        left[max(0, int(y0) - 2):int(y1) + 3,
                             max(0, int(x0) - 2):int(x1) + 3] = 0
                self.assertLess(left.max(), 16, (script, frame))

    def test_the_subject_is_seen(self):
        unseen = 0
        scripts = _scripts(150, 9)
        for seed, script in enumerate(scripts):
            truth = stage.film(np.random.default_rng(seed), script, [0])[2]
            event = script.events[-1]
            if event.subject < 0 or event.action == 'leave':
                continue
            first = sum(party.count
                        for party in script.parties[:event.subject])
            frame = sum(event.frames) // 2
            unseen += truth['objects'][first]['boxes'][frame] is None
        self.assertLessEqual(unseen, len(scripts) // 50)

    def test_the_truth_is_json(self):
        for seed, script in enumerate(_scripts(12, 3)):
            truth = stage.film(np.random.default_rng(seed), script, [3])[2]
            again = json.loads(json.dumps(truth))
            self.assertEqual(len(again['camera']), stage.FRAMES)
            for contact in again['contacts']:
                self.assertLessEqual(contact['time'],
                                     stage.FRAMES / stage.FPS)

    def test_a_larger_film_shows_the_same(self):
        script = _scripts(1, 7)[0]
        small = stage.film(np.random.default_rng(1), script, [20])[0][0]
        large = stage.film(np.random.default_rng(1), script, [20], 256)[0][0]
        self.assertEqual(large.shape, (256, 256, 3))
        half = large.reshape(128, 2, 128, 2, 3).mean((1, 3))
        self.assertLess(np.abs(half - small).mean(), 6)

    def test_to_the_left_turns_the_world_to_the_right(self):
        scripts = [script for script in _scripts(900, 4)
                   if script.place == 'road'
                   and script.events[0].direction == 'left']
        film, _, truth = stage.film(np.random.default_rng(1), scripts[0],
                                    [10, 12])
        self.assertLess(truth['camera'][12]['heading'],
                        truth['camera'][10]['heading'])
        rows = film[:, 30:56].astype(float).mean(3)
        errors = {shift: np.abs(rows[1][:, 20:108] - rows[0][
            :, 20 - shift:108 - shift]).mean() for shift in range(-12, 13)}
        self.assertGreater(min(errors, key=errors.get), 0)


if __name__ == '__main__':
    unittest.main()

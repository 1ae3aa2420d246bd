#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the sound of real footage goes with what moves in it.

    footage.py --run build/tests/bench/foley/foley-run [FILE...]

For each video: how often things sound, the correlation of the sound's level with
the motion (both in tenths of a second, smoothed over one), the greatest over
delays of up to half a second, and the loudest sample while a picture of it stands
still for ten seconds.  Without FILE: OpenCV's vtest.avi and Megamind.avi, of
Debian's opencv-doc.  Needs numpy, Pillow and ffmpeg.
"""

import argparse
import json
import os
import subprocess
import tempfile

import numpy as np

import foley_bench as bench

FOLDER = '/usr/share/doc/opencv-doc/examples/data'
FILES = ('vtest.avi', 'Megamind.avi')
WIDE, HIGH, FPS, MOST = 320, 240, 10, 80        # pixels, frames a second, s


def read(path, folder):
    raw = os.path.join(folder, 'frames.rgb')
    subprocess.run(['ffmpeg', '-v', 'error', '-y', '-i', path, '-t', str(MOST),
                    '-vf', f'scale={WIDE}:{HIGH}', '-r', str(FPS), '-pix_fmt',
                    'rgb24', '-f', 'rawvideo', raw], check=True)
    return np.fromfile(raw, np.uint8).reshape(-1, HIGH, WIDE, 3)


def smooth(row):
    return np.convolve(row, np.ones(FPS) / FPS, 'same')


def correlate(film, sound):
    """The greatest correlation, and the sound's delay in seconds."""
    luma = film.mean(3)
    motion = np.abs(np.diff(luma, axis=0)).mean((1, 2))
    step = bench.RATE // FPS
    level = np.sqrt((sound[:len(luma) * step].reshape(-1, step, 2) ** 2
                     ).mean((1, 2)))[1:]
    motion, level = smooth(motion), smooth(level)
    best = max(range(-FPS // 2, FPS // 2 + 1), key=lambda by: np.corrcoef(
        motion[FPS:-FPS], np.roll(level, -by)[FPS:-FPS])[0, 1])
    return float(np.corrcoef(motion[FPS:-FPS], np.roll(level, -best)
                             [FPS:-FPS])[0, 1]), best / FPS


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--run', required=True)
    parser.add_argument('files', nargs='*')
    options = parser.parse_args()
    files = options.files or [os.path.join(FOLDER, name) for name in FILES]
    report = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            film = read(path, folder)
            notes, _, sound = bench.listen(options.run, film, FPS, None,
                                           folder)
            still = np.repeat(film[len(film) // 2][None], 10 * FPS, 0)
            _, _, silence = bench.listen(options.run, still, FPS, None, folder)
            events = [note for note in notes if note['layer'] != 'ambience']
            like, delay = correlate(film, sound)
            report[os.path.basename(path)] = {
                'seconds': len(film) / FPS, 'events': len(events),
                'named': sum(bool(note['class']) for note in events),
                'level_and_motion': like, 'delay': delay,
                'still_peak': float(np.abs(silence).max())}
    print(json.dumps(report, indent=2))


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws what was heard: the pictures of docs/spectrograms.md.

    spectrograms.py --run build/tests/bench/foley/foley-run OUT

Above, frames; below, the spectrogram of the sound (both channels' sum, 60 Hz to
16 kHz, 70 dB from white to black), with a line for each event that was told:
what, and why.  Needs numpy, Pillow, `../shared/data`, and for the last picture
ffmpeg and opencv-doc.
"""

import argparse
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import foley_bench as bench
import stage

WIDTH, HIGH, STRIP = 960, 240, 96       # of a picture; spectrogram, frames
LOW, TOP, RANGE = 60, 16000, 70         # Hz, Hz, dB
FOOTAGE = '/usr/share/doc/opencv-doc/examples/data/vtest.avi'
# Seeds that show one thing each; none is a scene of the benchmark.
SCENES = {'bounce': 'bounce', 'go': 'go', 'rush': 'rush'}


def spectrogram(sound):
    """Decibels [HIGH, WIDTH] below the loudest, low frequencies at the
    bottom."""
    mono = sound.sum(1)
    size = 2048
    middles = np.linspace(0, len(mono) - 1, WIDTH).astype(int)
    padded = np.pad(mono, size // 2)
    frames = np.stack([padded[m:m + size] for m in middles])
    power = np.abs(np.fft.rfft(frames * np.hanning(size))) ** 2
    edges = np.geomspace(LOW, TOP, HIGH + 1) * size / bench.RATE
    total = np.concatenate([np.zeros((WIDTH, 1)), power.cumsum(1)], 1)
    at = lambda edge: np.stack([np.interp(edge, np.arange(total.shape[1]), row)
                                for row in total])
    bands = np.diff(at(edges + .5), axis=1)
    level = 10 * np.log10(bands.T[::-1] + 1e-12)
    return level - level.max()


def draw(film, fps, notes, sound, path):
    """One picture."""
    seconds = len(film) / fps
    sheet = Image.new('RGB', (WIDTH, STRIP + HIGH + 20), 'white')
    wide = round(STRIP * film.shape[2] / film.shape[1])
    count = WIDTH // wide
    for k in range(count):
        frame = film[int((k + .5) * len(film) / count)]
        sheet.paste(Image.fromarray(frame).resize((wide, STRIP)),
                    (round((k + .5) * WIDTH / count - wide / 2), 0))
    level = spectrogram(sound[:int(seconds * bench.RATE)])
    grey = (255 * np.clip(-level / RANGE, 0, 1)).astype(np.uint8)
    sheet.paste(Image.fromarray(grey).convert('RGB'), (0, STRIP))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    lines = 0
    for note in notes:
        x = note['time'] / seconds * WIDTH
        if not 0 <= x < WIDTH:
            continue
        pen.line([x, STRIP, x, STRIP + HIGH], (200, 30, 30))
        y = STRIP + 2 + lines % 8 * 13
        text = f"{note['sound']}: {note['why']}"
        box = pen.textbbox((x + 3, y), text, font)
        left = min(x + 3, WIDTH - (box[2] - box[0]) - 2)
        pen.rectangle([left - 1, y, left + box[2] - box[0], y + 12], 'white')
        pen.text((left, y), text, (160, 0, 0), font)
        lines += 1
    for second in range(int(seconds) + 1):
        pen.text((second / seconds * WIDTH + 2, STRIP + HIGH + 4),
                 f'{second} s', 'black', font)
    sheet.quantize(48).save(path, optimize=True)


def staged(action):
    """The first scene of the seeds from 600000 up whose first event is that,
    by daylight in clear weather."""
    seed = 600000
    while True:
        rng = np.random.default_rng(seed)
        script = stage.draw_script(rng, 'test')
        if script.place != 'road' and script.light == 'day' \
                and script.weather == 'clear' \
                and script.events[0].action == action:
            return script, stage.film(rng, script)[0]
        seed += 1


def footage(folder):
    """Ten seconds of people in a street, 320 x 240, ten frames a second."""
    raw = os.path.join(folder, 'footage.rgb')
    subprocess.run(['ffmpeg', '-v', 'error', '-i', FOOTAGE, '-t', '10', '-vf',
                    'scale=320:240', '-r', '10', '-pix_fmt', 'rgb24', '-f',
                    'rawvideo', raw], check=True)
    return np.fromfile(raw, np.uint8).reshape(-1, 240, 320, 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--run', required=True)
    parser.add_argument('out')
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clips = {name: (staged(action)[1], bench.FPS)
                 for name, action in SCENES.items()}
        if os.path.exists(FOOTAGE):
            clips['footage'] = footage(folder), 10
        for name, (film, fps) in clips.items():
            notes, _, sound = bench.listen(options.run, film, fps, None,
                                           folder)
            draw(film, fps, notes, sound,
                 os.path.join(options.out, name + '.png'))
            print(name, len(notes), 'events')


if __name__ == '__main__':
    main()

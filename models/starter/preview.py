# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sheet of staged clips with their captions, to see what is taught.

The truth of each is written beside it, as JSON; on the sheet a box is drawn
around every object, and a cross where something touched something within
the time of a picture.
"""

import json
import os

import numpy as np
from PIL import Image, ImageDraw

import captions
import stage

COLUMNS = 7                     # pictures of a clip: the end of each block
COLOURS = [(255, 70, 70), (70, 220, 90), (90, 140, 255)]
ROW = 12                        # height of a line of text


def _mark(image, truth, frame, since):
    """Draw boxes, and the contacts after one frame until another."""
    pen = ImageDraw.Draw(image)
    for thing, colour in zip(truth['objects'], COLOURS):
        if thing['boxes'][frame]:
            x0, y0, x1, y1 = thing['boxes'][frame]
            pen.rectangle([x0, y0, x1 - 1, y1 - 1], outline=colour)
    for contact in truth['contacts']:
        if since < contact['time'] * stage.FPS <= frame:
            x, y = contact['x'], contact['y']
            for side in (-3, 3):
                pen.line([x - 3, y - side, x + 3, y + side], (255, 255, 0))


def _clip(rng, script, marks):
    """The pictures of one clip, side by side under its captions."""
    frames = [end - 1 for _, end in stage.BLOCKS]
    film, _, truth = stage.film(rng, script, frames)
    texts = [captions.caption(rng, script, index)
             for index in range(len(script.events))]
    texts += [captions.story(rng, script).replace('\n', ' / ')]
    top = ROW * len(texts) + 2
    strip = Image.new('RGB', (COLUMNS * stage.SIZE, top + stage.SIZE),
                      (24, 24, 28))
    pen = ImageDraw.Draw(strip)
    for row, text in enumerate(texts):
        late = script.events[row].start if row < len(script.events) else 0
        text = text if row < len(script.events) else '= ' + text
        pen.text((late * stage.SIZE + 2, row * ROW), text, (230, 230, 230))
    since = -1
    for column, (frame, picture) in enumerate(zip(frames, film)):
        image = Image.fromarray(picture)
        if marks:
            _mark(image, truth, frame, since)
        strip.paste(image, (column * stage.SIZE, top))
        since = frame
    return strip, {'captions': texts, 'script': script.to_dict(),
                   'truth': truth}


def write(out, count=24, seed=0, marks=True, split='train'):
    """Write preview.png and preview.json into a folder."""
    rng = np.random.default_rng(seed)
    pairs = [_clip(rng, stage.draw_script(rng, split), marks)
             for _ in range(count)]
    half = -(-count // 2) if count > 8 else count
    columns = [pairs[:half], pairs[half:]] if count > half else [pairs]
    wide = COLUMNS * stage.SIZE + 6
    high = max(sum(strip.height for strip, _ in column)
               for column in columns)
    sheet = Image.new('RGB', (wide * len(columns) - 6, high))
    for number, column in enumerate(columns):
        y = 0
        for strip, _ in column:
            sheet.paste(strip, (number * wide, y))
            y += strip.height
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, 'preview.png')
    sheet.save(path)
    with open(os.path.join(out, 'preview.json'), 'w',
              encoding='utf-8') as file:
        json.dump([record for _, record in pairs], file)
    print(path)

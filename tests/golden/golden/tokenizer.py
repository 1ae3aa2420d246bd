# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two tiny SentencePiece tokenizers, and the ids upstream makes with them.

`tokenizer-umt5` follows google/umt5-xxl: pad 0, eos 1, bos 2, unk 3, and byte
pieces for what the vocabulary lacks. `tokenizer-t5` follows T5: pad 0, eos 1,
unk 2, no byte pieces. The first normalises as nmt_nfkc, the second not at all.
"""

import html
import io
import json

import ftfy
import regex
import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import PreTrainedTokenizerFast

from . import texts
from .weights import write_json

MAX_LENGTH = 512
KINDS = {
    "tokenizer-umt5": dict(
        train=dict(vocab_size=640, byte_fallback=True, bos_id=2, unk_id=3,
                   normalization_rule_name="nmt_nfkc"),
        extra_ids=4),
    "tokenizer-t5": dict(
        train=dict(vocab_size=420, bos_id=-1, unk_id=2,
                   normalization_rule_name="identity"), extra_ids=3),
}


def train(folder, kind):
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(texts.CORPUS * 4), model_writer=model,
        model_type="unigram", pad_id=0, eos_id=1, character_coverage=0.995,
        hard_vocab_limit=False, num_threads=1, minloglevel=2,
        **KINDS[kind]["train"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(model.getvalue())
    special = dict(eos_token="</s>", pad_token="<pad>", unk_token="<unk>")
    if kind == "tokenizer-umt5":
        special["bos_token"] = "<s>"
    extra = [f"<extra_id_{i}>" for i in range(KINDS[kind]["extra_ids"])]
    write_json(folder / "special_tokens_map.json",
               special | {"additional_special_tokens": extra})
    write_json(folder / "tokenizer_config.json", special | {
        "additional_special_tokens": extra, "extra_ids": len(extra),
        "model_max_length": MAX_LENGTH, "tokenizer_class": "T5Tokenizer"})


def load(folder):
    """What transformers makes of the model, byte pieces and unk id kept.

    transformers' T5Tokenizer sets byte_fallback off and unk 2 whatever the
    model says; the tokenizer.json of google/umt5-xxl, which Wan was trained
    and is run with, does not. So the tokenizer is built here as that file has
    it.
    """
    kind = KINDS[folder.name]
    model = proto.ModelProto()
    model.ParseFromString((folder / "spiece.model").read_bytes())
    vocab = [(p.piece, p.score) for p in model.pieces]
    extra = [f"<extra_id_{i}>" for i in range(kind["extra_ids"])]
    vocab += [(token, 0.0) for token in reversed(extra)]
    backend = Tokenizer(Unigram(
        vocab, unk_id=model.trainer_spec.unk_id,
        byte_fallback=model.trainer_spec.byte_fallback))
    charsmap = model.normalizer_spec.precompiled_charsmap
    if charsmap:
        backend.normalizer = normalizers.Precompiled(charsmap)
    backend.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(),
        pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
    backend.post_processor = processors.TemplateProcessing(
        single=["$A", "</s>"], pair=["$A", "</s>", "$B", "</s>"],
        special_tokens=[("</s>", 1)])
    bos = {"bos_token": "<s>"} if model.trainer_spec.bos_id >= 0 else {}
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="</s>", pad_token="<pad>",
        unk_token="<unk>", additional_special_tokens=extra,
        model_max_length=MAX_LENGTH, **bos)


def clean(text):
    """diffusers' prompt_clean where ftfy is installed, but for what ftfy does to
    text that was decoded in a wrong encoding."""
    return unescape(ftfy.fix_text(text, fix_encoding=False))


def unescape(text):
    """The rest of prompt_clean."""
    text = html.unescape(html.unescape(text)).strip()
    return regex.sub(r"\s+", " ", text).strip()


def write_ids(path, folders):
    """Text, cleaned text and ids of every string with every tokenizer.

    `ids` is upstream's. Where libsentencepiece plus eos, cut to 512, gives
    other ids, they are in `sentencepiece`; where ftfy would have repaired the
    text's encoding, the result is in `repaired`: both for information.
    """
    entries = []
    for text in texts.STRINGS:
        entry = {"text": text, "cleaned": clean(text)}
        repaired = unescape(ftfy.fix_text(text))
        if repaired != entry["cleaned"]:
            entry["repaired"] = repaired
        entries.append(entry)
    differ = 0
    for folder in folders:
        upstream = load(folder)
        plain = spm.SentencePieceProcessor(
            model_file=str(folder / "spiece.model"))
        for entry in entries:
            ids = upstream(entry["cleaned"], truncation=True,
                           max_length=MAX_LENGTH).input_ids
            other = plain.encode(entry["cleaned"])[:MAX_LENGTH - 1] + [1]
            made = entry.setdefault(folder.name, {})
            made["ids"] = ids
            if ids != other:
                made["sentencepiece"] = other
                differ += 1
    lines = [json.dumps(entry, sort_keys=True) for entry in entries]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    return len(entries), differ

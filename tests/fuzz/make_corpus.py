#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the first inputs of the fuzz targets to corpus/TARGET/.

    python make_corpus.py

Needs sentencepiece (tests/golden/requirements.txt). What a fuzzer finds is
added to the same directories by hand, as finding-*; this script leaves it.
"""

import io
import json
import math
import pathlib
import re
import struct

import sentencepiece as spm

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden/data"


def write(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def safetensors(header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def make_safetensors():
    write("safetensors", "empty", safetensors({}, b""))
    write("safetensors", "one", safetensors(
        {"w": entry("F32", [2, 1], 0, 8)}, bytes(range(8))))
    kinds = [("F32", 4), ("F16", 2), ("BF16", 2), ("I32", 4), ("U8", 1),
             ("I64", 8), ("BOOL", 1), ("F4", 1)]
    header, at = {"__metadata__": {"format": "pt", "k": "v"}}, 0
    for kind, size in kinds:
        header[kind] = entry(kind, [3], at, at + 3 * size)
        at += 3 * size
    write("safetensors", "types", safetensors(header, bytes(at)))
    write("safetensors", "shapes", safetensors({
        "scalar": entry("F16", [], 0, 2), "none": entry("F16", [0, 7], 2, 2),
        "deep": entry("U8", [1] * 7, 2, 3)}, b"abc"))
    make_scales()


def make_scales():
    """Weights of 8 bits, and what they are multiplied with."""
    codes, scales = bytes(range(250, 256)), struct.pack("<2f", .5, -2)
    for name, weight, companion, dtype, shape in (
            ("rows", "a.weight", "a.weight_scale", "F32", [2, 1]),
            ("comfy", "a.weight", "a.scale_weight", "BF16", [4]),
            ("table", "a.table", "a.table_scale", "F16", [4, 1]),
            ("absent", "a.weight", "b.weight_scale", "F32", [2]),
            ("type", "a.weight", "a.weight_scale", "I8", [8])):
        write("safetensors", f"scales-{name}", safetensors({
            weight: entry("I8", [2, 3], 0, 6),
            "e.weight": entry("F8_E4M3", [3, 2], 6, 12),
            "m.weight": entry("F8_E5M2", [6], 12, 18),
            companion: entry(dtype, shape, 18, 26)}, codes * 3 + scales))
    write("safetensors", "scales-infinite", safetensors({
        "a.weight": entry("I8", [2], 0, 2),
        "a.weight_scale": entry("F32", [1], 2, 6)},
        b"\1\2" + struct.pack("<f", float("inf"))))


def floats(**tensors):
    """A file of ones; "__" in the place of a dot."""
    header, at = {}, 0
    for name, shape in tensors.items():
        size = 4 * math.prod(shape)
        header[name.replace("__", ".")] = entry("F32", shape, at, at + size)
        at += size
    return header, struct.pack("<f", 1) * (at // 4)


def make_lora():
    """Adapters of the modules that the target has."""
    pair = {"q__lora_A__weight": [2, 3], "q__lora_B__weight": [2, 2]}
    for name, tensors in {
            "pair": pair, "half": {"q__lora_down__weight": [1, 3]},
            "alpha": pair | {"q__alpha": [], "transformer__norm__diff": [3]},
            "kohya": {"lora_unet_q__lora_down__weight": [1, 3],
                      "lora_unet_q__lora_up__weight": [2, 1]},
            "patches": {"patches__lora_A__weight": [3, 1, 1, 2, 2],
                        "patches__lora_B__weight": [2, 3, 1, 1, 1]},
            "diff": {"diffusion_model__q__diff": [2, 3], "q__diff_b": [2]},
            "ranks": {"q__lora_A__weight": [2, 3],
                      "q__lora_B__weight": [2, 1]},
            "none": {"none__lora_A__weight": [2, 3],
                     "none__lora_B__weight": [0, 2]},
            "others": {"text_encoder__a": [1], "z__diff": [1]}}.items():
        write("lora", name, safetensors(*floats(**tensors)))
    header, data = floats(**pair)
    header["__metadata__"] = {"lora_adapter_metadata": json.dumps(
        {"transformer.lora_alpha": 3, "transformer.use_rslora": True,
         "transformer.alpha_pattern": {}})}
    write("lora", "metadata", safetensors(header, data))
    write("lora", "eight-bits", safetensors({
        "q.lora_A.weight": entry("I8", [2, 3], 0, 6),
        "q.lora_B.weight": entry("F8_E4M3", [2, 2], 6, 10),
        "q.lora_A.weight_scale": entry("F32", [2], 10, 18)},
        bytes(range(10)) + struct.pack("<2f", .5, -2)))


def make_index():
    for name, places in (("both", {"a": "a", "b": "b"}), ("one", {"b": "b"}),
                         ("wrong", {"a": "b"}), ("outside", {"a": "../a"})):
        write("index", name, json.dumps(
            {"metadata": {"total_size": 6}, "weight_map": places}).encode())


def make_config():
    for part in ("vae/config", "transformer/config", "text_encoder/config",
                 "scheduler/scheduler_config"):
        text = (GOLDEN / "wan21" / f"{part}.json").read_text()
        write("config", part.split("/")[0],
              json.dumps(json.loads(text), separators=(",", ":")).encode())
    write("config", "euler", json.dumps(
        {"_class_name": "FlowMatchEulerDiscreteScheduler",
         "shift": 3.0}).encode())
    write("config", "tokenizer", b'{"extra_ids":3,"added_tokens_decoder":'
          b'{"7":{"content":"<x>","special":true}}}')
    write("config", "texts", b'{"a":{"left":"turning left","x":"y"},'
          b'"eps":{"b":1},"patch_size":{"":"x"},"_class_name":"../up"}')
    write("config", "values", b'{"a":[1,2.5,true,null,"\\u00e9\\n",{}],'
          b'"eps":1e-06,"patch_size":[1,2,2],"":-0.5,"n":null}')


def make_models():
    for pipeline in ("wan21", "wan22-ti2v"):
        for part in ("vae/config", "transformer/config", "text_encoder/config",
                     "scheduler/scheduler_config", "model_index"):
            text = (GOLDEN / pipeline / f"{part}.json").read_text()
            write("models", f"{pipeline}-{part.split('/')[0]}",
                  json.dumps(json.loads(text), separators=(",", ":")).encode())
    native = HERE.parent.parent / "models/starter/checkpoint/dit_config.json"
    write("models", "native", native.read_bytes())
    causal = (GOLDEN / "causal21/dit_config.json").read_text()
    write("models", "causal",
          json.dumps(json.loads(causal), separators=(",", ":")).encode())
    write("models", "steered", b'{"events":true,"event_seconds":2.5,'
          b'"actions":{"left":"turning left","faster":"getting faster"}}')
    write("models", "words", b'{"words":"words.txt","events":false}')
    write("models", "words-outside", b'{"words":"../words.txt"}')
    write("models", "distance", b'{"relative_attention_max_distance":8}')
    write("models", "patches", b'{"patch_size":[2,3,16],"out_channels":768}')


def tiny_model(**options):
    """A model of few pieces, with a normalisation of few rules."""
    rules = HERE / "rules.tsv"
    rules.write_text(
        "41\t61\nC4\t61 65\nFF21\t61\n61 301\tE1\n3000\t20\n")
    out = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(["a dog runs", "dogs run", "á b"] * 9),
        model_writer=out, model_type="unigram", pad_id=0,
        eos_id=1, hard_vocab_limit=False, minloglevel=2, num_threads=1,
        normalization_rule_tsv=str(rules), **options)
    rules.unlink()
    return out.getvalue()


def make_tokenizer():
    plain = tiny_model(vocab_size=24, unk_id=2, bos_id=-1)
    text = "A dog, Äá \uff21\u3000</s> runs &amp; ▁x".encode()
    write("tokenizer", "plain", text + b"\0" + plain)
    bytes_ = tiny_model(
        vocab_size=280, unk_id=3, bos_id=2, byte_fallback=True)
    write("tokenizer", "bytes", text + b"\0" + bytes_)
    write("tokenizer", "least", b"u v\0"
          b"\x0a\x08\x0a\x04</s>\x18\x03\x0a\x05\x0a\x01u\x18\x02"
          b"\x12\x03\xc0\x02\x01")


def make_prompt():
    entries = json.loads((GOLDEN / "tokens.json").read_text())
    for i, item in enumerate(entries[::7]):
        text = item["text"].encode("utf-8", "ignore")[:200]
        write("prompt", f"golden-{i:02}", text)


def make_storyboard():
    for name, text in (
            ("timed", "0s: a dog; 1.5 s: a cat &amp; b\n0:04: c; 1:00:05.5: d"),
            ("lines", "a dog walks\r\n\na taxi stops\n"),
            ("sentences", "A dog walks, a taxi stops, then it runs. Mr. B "
             "waits now and then; after that, 2 cats run home!"),
            ("whole", "at night, a ship at sea, in the rain")):
        write("storyboard", name, text.encode())


def make_words():
    for name, text, words in (
            ("known", "a dog runs, the Dogs' fox-hunting 4k", "a\ndog\nrun\n"),
            ("phrases", "hot dogs, hot dog stands", "hot dog\r\nhot dog stand"),
            ("accents", "Éclairs e\u0301clair", "éclair\ne\u0301"),
            ("none", "x", "\n,\n")):
        write("words", name, text.encode() + b"\0" + words.encode())


RECIPES = {
    "every-signal": """[a]\ntype=sine\n[b]\ntype=saw\ninputs=a\n[c]\ntype=pulse
width=chance\n[d]\ntype=fm\n[e]\ntype=lfo\nshape=square\n[f]\ntype=noise
color=brown\nlevel=e\n[g]\ntype=gusts\n[h]\ntype=envelope\non=start;e;k\ninputs=b
sustain=random(0,1)\n[i]\ntype=contour\npoints=0:1 0.1:5e2\n[k]\ntype=pulses
pattern=random\nrate=1000\n[l]\ntype=glide\nto=i\ntime=size\n[m]\ntype=onepole
inputs=f\ncutoff=l\n[n]\ntype=filter\nkind=notch\ninputs=m\nq=mass
[o]\ntype=peak\ninputs=n\ngain=-6\n[p]\ntype=formant\ninputs=o\nvowel=4*g
[q]\ntype=delay\ninputs=p\nfeedback=.9\n[r]\ntype=gain\ninputs=q\nlevel=1e5
[s]\ntype=mix\ninputs=c;d;r\n[t]\ntype=multiply\ninputs=s;h
[out]\ntype=saturate\ninputs=t\n""",
    "cycle": "[a]\ntype=gain\ninputs=out\n[out]\ntype=gain\ninputs=a\n",
    "release": "[a]\ntype=noise\n[out]\ntype=envelope\ninputs=a\non=release\n",
    "numbers": "[out]\ntype=sine\nfrequency=-2^2^-.5+(1/0)*step(1,clamp(min("
               "speed,1e-3),exp(age),abs(-log2(force))))\nlevel=sqrt(-1)\n",
}


def make_recipe():
    """The page's examples, some more, and the words of all of them."""
    page = (HERE.parents[1] / "docs/sound-recipes.md").read_text()
    for i, block in enumerate(page.split("```ini\n")[1:]):
        write("recipe", f"page-{i}", block.split("```")[0].encode())
    for name, text in RECIPES.items():
        write("recipe", name, text.encode())
    words = {word for row in page.splitlines() if row.startswith("|")
             for word in re.findall(r"[a-z_]+[0-9]?", row)}
    words |= set(re.findall(r"(?m)^### (.*)$", page))
    tokens = sorted(words) + ["[out]", "type=", "inputs=", "on=", "=", "\\n["]
    (HERE / "recipe.dict").write_text(
        "".join(f'"{token}"\n' for token in tokens).replace("\\n", "\\x0a"))


def main():
    make_safetensors()
    make_lora()
    make_index()
    make_config()
    make_models()
    make_tokenizer()
    make_prompt()
    make_storyboard()
    make_words()
    make_recipe()


main()

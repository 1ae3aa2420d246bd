# SPDX-License-Identifier: LGPL-2.1-or-later
"""The training text of the tiny tokenizers, and the strings to tokenize."""

from . import configs

CORPUS = """
A small dog runs on the beach at sunset, and the waves come in.
A yellow taxi drives through the city street at night, in the rain.
The rocket flies over the desert; a bell falls and bounces on the floor.
Two cats sit in a meadow while snow falls. The ball rolls down the hill.
A cat walks on grass, the camera pans slowly, cinematic light, high detail.
blurry, static, worst quality, low quality, overexposed, subtitles, still picture
An old man reads 3 books, it's 10:45 on 2024-05-17, the price is $9.99 (50% off).
Ein kleiner Hund läuft bei Sonnenuntergang am Strand, über Straßen und Brücken.
Ein gelbes Taxi fährt nachts durch die Stadt. Die Glocke fällt auf den Boden.
Un petit chien court sur la plage au coucher du soleil, près de la forêt.
Le taxi jaune roule dans la rue, la nuit, sous la pluie. C'est très beau, n'est-ce pas ?
Un perro pequeño corre por la playa al atardecer. ¿Dónde está el niño? ¡Qué bonito!
Um cão pequeno corre na praia ao pôr do sol, não há ninguém na rua.
Un piccolo cane corre sulla spiaggia al tramonto, perché il mare è calmo.
Маленькая собака бежит по пляжу на закате. Жёлтое такси едет по улице ночью.
Кот сидит на траве, идёт снег, камера медленно движется.
Mały pies biegnie po plaży o zachodzie słońca, żółta taksówka jedzie nocą.
Küçük bir köpek gün batımında sahilde koşuyor, gece yağmur yağıyor.
Một chú chó nhỏ chạy trên bãi biển lúc hoàng hôn.
Ένας μικρός σκύλος τρέχει στην παραλία το ηλιοβασίλεμα.
一只小狗在海滩上奔跑，夕阳西下。黄色的出租车在夜晚的城市街道上行驶。
火箭飞过沙漠，铃铛掉在地板上。猫在草地上走，下雪了，镜头缓慢移动。
小さな犬が夕暮れの浜辺を走る。黄色いタクシーが夜の街を走っている。
ロケットが砂漠の上を飛ぶ。ネコが草の上を歩く。
작은 개가 해질녘 해변을 달린다. 노란 택시가 밤거리를 달린다.
كلب صغير يركض على الشاطئ عند غروب الشمس.
כלב קטן רץ על החוף בשקיעה.
एक छोटा कुत्ता सूर्यास्त के समय समुद्र तट पर दौड़ता है।
สุนัขตัวเล็กวิ่งบนชายหาดตอนพระอาทิตย์ตก
একটি ছোট কুকুর সৈকতে দৌড়ায়।
""".strip().splitlines()

STRINGS = [
    # The prompts of the pipelines.
    configs.PROMPT, configs.NEGATIVE, configs.CHINESE, configs.LONG,
    # Latin scripts.
    "a", "A", "dog", "Dog", "DOG", "a dog", "The dog runs on the beach",
    "Ein Hund läuft über die Straße.", "Fahrvergnügen für Größere",
    "Un chien court près de la forêt, l'été.", "¿Dónde está el niño?",
    "Não há ninguém na praia.", "Perché il mare è così calmo?",
    "Żółta taksówka jedzie nocą.", "Gün batımında koşan köpek İstanbul ı i",
    "Một chú chó nhỏ chạy trên bãi biển.", "Příliš žluťoučký kůň úpěl",
    "Ő árvíztűrő tükörfúrógép", "þetta er lítill hundur", "naïve café",
    # The same letters composed and decomposed.
    "caf\u00e9", "cafe\u0301", "\u00c5ngstr\u00f6m", "A\u030angstro\u0308m",
    "\u1ea5", "a\u0302\u0301", "e\u0301\u0302\u0303",
    # Other scripts.
    "Маленькая собака бежит по пляжу.", "Ёлка и ещё ёж", "Μικρός σκύλος",
    "一只小狗在海滩上奔跑，夕阳西下。", "黄色的出租车", "小さな犬が浜辺を走る。",
    "ロケットが飛ぶ", "ﾛｹｯﾄ", "작은 개가 해변을 달린다.", "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "كلب صغير يركض على الشاطئ", "כלב קטן רץ על החוף", "एक छोटा कुत्ता दौड़ता है",
    "สุนัขตัวเล็กวิ่งบนชายหาด", "একটি ছোট কুকুর", "ქართული", "Հայերեն", "አማርኛ", "ᐃᓄᒃᑎᑐᑦ",
    "中文 and English mixed 日本語 한국어 русский",
    # Digits, punctuation, forms that normalisation folds.
    "0123456789", "3.14159", "1,000,000", "10:45", "$9.99 (50% off)", "2024-05-17",
    "a-b_c/d\\e|f", "“quoted” ‘text’ — dash – dash … dots", "foo...bar!!!???",
    "Ｆｕｌｌｗｉｄｔｈ　ｔｅｘｔ１２３", "ﬁne ﬂow oﬃce", "H₂O x² ½ ¾", "①②③", "Ⅷ ⅷ", "㎏ ㎡ ㍿",
    "™ © ® № ℃", "´ ¨ ¸ ˜", "ſ ẞ ß", "Ａ\u0301",
    # Emoji, alone, joined, with modifiers, flags.
    "😀", "🐕🏖️🌅", "a 🐶 runs", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇯🇵", "❤️ ❤", "🚀🚀🚀", "1️⃣",
    # White space of all kinds.
    "", " ", "   ", "\n", "\t\t", " a", "a ", "  a  dog  ", "a\tdog\nruns\r\nhere",
    "a\u00a0dog", "a\u3000dog", "a\u2003dog\u2009runs", "a\u2028b\u2029c", "a\u0085b",
    "a\u200bdog", "dog\u200b", "\u200bdog", "a \u200b dog", "a\u200cb\u200dc", "a\u2060b", "\ufeffdog",
    "a\u1680b\u205fc\u202fd", "a\u180eb", "a\u001cb\u001fc", "\u001cdog\u001c",
    # Control characters and others that hardly occur.
    "a\u0001b", "a\u0007b\u001bc", "a\u007fb", "a\u0080b\u009fc", "soft\u00adhyphen",
    "a\u202eb\u202cc", "\ufffd", "a\ufffdb", "\ufffe", "\ue000", "\U0010ffff", "\U00020000",
    "\u0300", "\u0300a", "Z\u0351\u036b\u0343a\u0321l\u034dg\u0349o\u0326",
    # The marks of SentencePiece and of T5.
    "▁", "a▁b", "▁dog", "▁ ▁", "<unk>", "<pad>", "</s>", "<s>", "a </s> b", "a</s>b",
    "<extra_id_0>", "a <extra_id_0> dog", "<0x41>", "<0x0A>",
    # HTML.
    "waves &amp; wind", "waves &amp;amp; wind", "waves &amp;amp;amp; wind", "&lt;b&gt;bold&lt;/b&gt;",
    "&quot;dog&quot; &#39;cat&#39;", "&eacute;t&eacute;", "&eacutet&eacute", "&nbsp;dog&nbsp;&nbsp;runs&nbsp;",
    "&#x41;&#65;&#x1F600;", "&#x41 &#65 dog", "&notit; &notin; &not", "&copy &copy; &copysr;", "&AMP; &Amp; &aMp;",
    "&#0; &#x0; &#xD800; &#x110000; &#128; &#x9f; &#x81;", "&#1; &#xFFFE; &#11; &#xB;", "&unknown; & & &; &# &#; &#x;",
    "&CounterClockwiseContourIntegral;", "&NotEqualTilde;", "AT&T", "a&b", "R&amp;D", "&ampamp;", "&amp;lt;", "&fjlig;",
    "&#99999999999999999999;", "&bigstar;&half;", "&Tab;dog&NewLine;cat&ZeroWidthSpace;",
    # Text in a wrong encoding, which ftfy would repair; the reference does not.
    "cafÃ©", "â€œquotedâ€\u009d", "schÃ¶n",
    # Long.
    "dog " * 600, "ab" * 700, "狗" * 530, "x" * 3000, "The rocket flies over the desert. " * 40,
    "😀" * 200, "a  b\n" * 60,
    # What ftfy changes: quotes, ligatures, widths, breaks of lines.
    "‘a’ ‚b‛ “c” „d‟ ʼe", "it’s a “small” dog", "ŉ Ĳ ĳ Ǆ ǅ ǆ Ǉ ǈ ǉ Ǌ ǋ ǌ Ǳ ǲ ǳ", "ﬀ ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ ﬓ ﭏ",
    "".join(map(chr, range(0xff01, 0xff70))), " ".join(map(chr, range(0xff70, 0xfff0))),
    "ｶﾞｷﾞﾊﾟ ＄１０ （ｄｏｇ）", "a\rb\r\nc\n\rd\u2028\r\n\u0085", "a\u0300\rb", "dog\n\n\ncat",
    # Controls and escapes of terminals.
    "\u001b[36;44mblue\u001b[0m dog", "\u001b[1;3\u0661mx \u001b[3;y \u001b[;\u001b[m \u001b", "\u001b[3\u0001mred",
    "a\u206ab\u206fc\ufff9d\ufffae\ufffbf\ufffcg\ufeffh", "\ufeff\ufeffdog", "\u0091dog\u0092 \u0093cat\u0094 \u0081\u008d\u009d",
    "".join(map(chr, range(1, 0x100))),
    # References, which a < keeps until the last step, from its line on.
    "&EACUTE;t&EACUTE; &NTILDE; &SZLIG; &nTILDE; &HELLIP;", "<b>&EACUTE;</b>", "&EACUTE;\n<\n&EACUTE;", "&lt;&EACUTE;&gt;",
    "this&not that &not; &amp &amp;EACUTE; &#38;EACUTE;", "&#145;dog&#146; &#x93;cat&#x94; &lsquo;x&rsquo;", "&#59; &#12ab; &#x3b;amp; &#X41;",
    "&#x1b;[1mbold &#13;&#10; &#8232;", "&CounterClockwiseContourIntegral; &ClockwiseContourIntegral;",
    "&#0000000000000000000000065; &#000000000000000000000065;", "&amp;" * 9 + "lt;", "&amp;amp;amp;amp;amp;amp;amp;lt;", "&;&#;&&amp;&",
    # Composing, and what is excluded from it.
    "\u0958 \u0915\u093c \u2126 \u212b \u2adc", "\u1100\u1161\u11a8 \uac00\u11a8", "a\u0323\u0307 a\u0307\u0323 \u1e0b\u0323",
    "\u0344 \u0374 \u037e \u0387 \u1fef", "ａ\u0301 ﬁ\u0301", "\u304b\u3099 \uff76\uff9e", "a\u0345\u0300\u0301 \u0f73\u0f75",
    "a" + "\u0323\u0301" * 40,
]

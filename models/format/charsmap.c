/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* charsmap.c: applies the normalisation (as a rule nmt_nfkc) that a
 * SentencePiece model carries as a map from strings to strings.
 *
 * The map is the size of a trie in bytes (32 bits, little-endian), the trie,
 * and the replacements, each ended by a zero byte
 * (sentencepiece/src/normalizer.cc, EncodePrecompiledCharsMap).  The trie is a
 * double array of darts-clone: an element has a label (the byte that leads
 * there), an offset to its children, and a bit that says that a value follows
 * (darts.h, DoubleArrayUnit).
 *
 * Upstream does not run libsentencepiece but huggingface/tokenizers, which
 * applies the map in another way (spm_precompiled/src/lib.rs,
 * normalize_string): by grapheme clusters; one of less than six bytes becomes
 * the replacement of the *shortest* of its beginnings that has one, whatever
 * comes after; else each character is replaced alone. Ids are to be upstream's,
 * so this is done here, oddities included. */

#include <string.h>

#include "tokenizer-private.h"

#define MAX_CLUSTER 6           /* bytes; shorter ones are looked up whole */
/* Bytes of a replacement; the longest of nmt_nfkc has 33. Bounds what a hostile
 * table can make of a text. */
#define MAX_REPLACEMENT 255

typedef struct
{
  const guint8 *trie;
  gsize units;
  const char *texts;
  gsize texts_size;
} Charsmap;

static gboolean
charsmap_open (const guint8 * charsmap, gsize size, Charsmap * map)
{
  guint32 trie_size;

  if (size < sizeof trie_size)
    return FALSE;
  memcpy (&trie_size, charsmap, sizeof trie_size);
  trie_size = GUINT32_FROM_LE (trie_size);
  if (trie_size > size - sizeof trie_size || trie_size % 4 != 0
      || trie_size == 0)
    return FALSE;
  map->trie = charsmap + sizeof trie_size;
  map->units = trie_size / 4;
  map->texts = (const char *) map->trie + trie_size;
  map->texts_size = size - sizeof trie_size - trie_size;
  return TRUE;
}

/* The texts are UTF-8 with zero bytes between them, the last one too. */
static gboolean
check_texts (const char *texts, gsize size)
{
  const char *end = texts + size;

  if (size == 0 || end[-1] != '\0')
    return size == 0;
  for (; texts < end; texts += strlen (texts) + 1)
    if (strlen (texts) > MAX_REPLACEMENT || !g_utf8_validate (texts, -1, NULL))
      return FALSE;
  return TRUE;
}

gboolean
charsmap_check (const guint8 * charsmap, gsize size, const char *path,
    GError ** error)
{
  Charsmap map;

  if (size == 0 || (charsmap_open (charsmap, size, &map)
          && check_texts (map.texts, map.texts_size)))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
      "%s: malformed table of normalisation (%" G_GSIZE_FORMAT " bytes)", path,
      size);
  return FALSE;
}

/* An element beyond the end is one that leads nowhere. */
static guint32
get_unit (const Charsmap * map, gsize i)
{
  guint32 unit = 0;

  if (i < map->units)
    memcpy (&unit, map->trie + 4 * i, sizeof unit);
  return GUINT32_FROM_LE (unit);
}

static gsize
unit_offset (guint32 unit)
{
  return (gsize) (unit >> 10) << ((unit & 0x200) >> 6);
}

/* The replacement of the shortest beginning of @text that has one, or NULL. */
static const char *
look_up (const Charsmap * map, const char *text, gsize length)
{
  gsize at = unit_offset (get_unit (map, 0)), i;

  for (i = 0; i < length; i++) {
    guint32 unit;
    at ^= (guint8) text[i];
    unit = get_unit (map, at);
    if ((unit & 0x800000ff) != (guint8) text[i])
      return NULL;
    at ^= unit_offset (unit);
    if (unit & 0x100) {
      gsize value = get_unit (map, at) & 0x7fffffff;
      /* A value within a character can only be hostile. */
      return value < map->texts_size
          && ((guint8) map->texts[value] & 0xc0) != 0x80 ?
          map->texts + value : NULL;
    }
  }
  return NULL;
}

typedef enum
{
  CLUSTER_OTHER,
  CLUSTER_CONTROL,              /* alone always */
  CLUSTER_EXTEND,               /* joins what is before it */
  CLUSTER_PREPEND,              /* joins what comes after it */
  CLUSTER_L,                    /* Hangul: leading, vowel, trailing, syllables */
  CLUSTER_V,
  CLUSTER_T,
  CLUSTER_LV,
  CLUSTER_LVT
} ClusterClass;

static ClusterClass
hangul_class (gunichar c)
{
  if ((c >= 0x1100 && c <= 0x115f) || (c >= 0xa960 && c <= 0xa97c))
    return CLUSTER_L;
  if ((c >= 0x1160 && c <= 0x11a7) || (c >= 0xd7b0 && c <= 0xd7c6))
    return CLUSTER_V;
  if ((c >= 0x11a8 && c <= 0x11ff) || (c >= 0xd7cb && c <= 0xd7fb))
    return CLUSTER_T;
  if (c >= 0xac00 && c <= 0xd7a3)
    return (c - 0xac00) % 28 == 0 ? CLUSTER_LV : CLUSTER_LVT;
  return CLUSTER_OTHER;
}

/* Format characters are controls, but for joiners, tags and prefixes. */
static ClusterClass
format_class (gunichar c)
{
  if (c == 0x200c || c == 0x200d || (c >= 0xe0020 && c <= 0xe007f))
    return CLUSTER_EXTEND;
  if ((c >= 0x600 && c <= 0x605) || c == 0x6dd || c == 0x70f
      || (c >= 0x890 && c <= 0x891) || c == 0x8e2 || c == 0x110bd
      || c == 0x110cd)
    return CLUSTER_PREPEND;
  return CLUSTER_CONTROL;
}

/* Places kept for controls to come (Default_Ignorable_Code_Point). */
static gboolean
is_future_control (gunichar c)
{
  return c == 0x2065 || (c >= 0xfff0 && c <= 0xfff8)
      || (c >= 0xe0000 && c <= 0xe0fff);
}

static ClusterClass
cluster_class (gunichar c)
{
  switch (g_unichar_type (c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return CLUSTER_CONTROL;
    case G_UNICODE_FORMAT:
      return format_class (c);
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_SPACING_MARK:
      return CLUSTER_EXTEND;
    case G_UNICODE_UNASSIGNED:
      return is_future_control (c) ? CLUSTER_CONTROL : CLUSTER_OTHER;
    default:
      /* Halfwidth kana marks, Thai and Lao sara am, emoji modifiers. */
      if (c == 0xff9e || c == 0xff9f || c == 0xe33 || c == 0xeb3
          || (c >= 0x1f3fb && c <= 0x1f3ff))
        return CLUSTER_EXTEND;
      return hangul_class (c);
  }
}

/* Whether @b belongs to the cluster in which @a comes just before it (Unicode
 * annex 29, GB3 to GB9b). Flags, emoji joined with U+200D and Indic conjuncts
 * are left apart: such clusters have six bytes or more, so that their
 * characters are looked up alone in any case. */
static gboolean
joins (gunichar a, ClusterClass class_a, gunichar b, ClusterClass class_b)
{
  if (class_a == CLUSTER_CONTROL || class_b == CLUSTER_CONTROL)
    return a == '\r' && b == '\n';
  if (class_b == CLUSTER_EXTEND || class_a == CLUSTER_PREPEND)
    return TRUE;
  if (class_a == CLUSTER_L)
    return class_b == CLUSTER_L || class_b == CLUSTER_V
        || class_b == CLUSTER_LV || class_b == CLUSTER_LVT;
  if (class_a == CLUSTER_V || class_a == CLUSTER_LV)
    return class_b == CLUSTER_V || class_b == CLUSTER_T;
  return (class_a == CLUSTER_T || class_a == CLUSTER_LVT)
      && class_b == CLUSTER_T;
}

static const char *
cluster_end (const char *text, const char *end)
{
  gunichar a = g_utf8_get_char (text);
  ClusterClass class_a = cluster_class (a);

  for (text = g_utf8_next_char (text); text < end;
      text = g_utf8_next_char (text)) {
    gunichar b = g_utf8_get_char (text);
    ClusterClass class_b = cluster_class (b);
    if (!joins (a, class_a, b, class_b))
      break;
    a = b;
    class_a = class_b;
  }
  return text;
}

static void
normalize_characters (const Charsmap * map, const char *text,
    const char *end, GString * out)
{
  while (text < end) {
    const char *next = g_utf8_next_char (text);
    const char *found = look_up (map, text, next - text);
    if (found)
      g_string_append (out, found);
    else
      g_string_append_len (out, text, next - text);
    text = next;
  }
}

void
charsmap_normalize (const guint8 * charsmap, gsize size, const char *text,
    gsize length, GString * out)
{
  const char *end = text + length;
  Charsmap map;

  if (!charsmap_open (charsmap, size, &map)) {
    g_string_append_len (out, text, (gssize) length);
    return;
  }
  while (text < end) {
    const char *next = cluster_end (text, end);
    const char *found = next - text < MAX_CLUSTER ?
        look_up (&map, text, next - text) : NULL;
    if (found)
      g_string_append (out, found);
    else
      normalize_characters (&map, text, next, out);
    text = next;
  }
}

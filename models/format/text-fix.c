/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text-fix.c: ftfy.fix_text() with its default settings (ftfy 6.3,
 * fix_and_explain in __init__.py), but for what repairs text that was decoded in a
 * wrong encoding. The names are ftfy's; surrogates cannot be in UTF-8. */

#include <string.h>

#include "text-private.h"

/* Each round unescapes "&amp;amp;" once. ftfy has no limit, and takes time
 * squared for a text of nothing else. */
#define MAX_ROUNDS 32
/* More combining characters in a row are no text: putting them in order, too,
 * takes time squared. */
#define MAX_MARKS 256

typedef struct
{
  gunichar c;
  const char *text;
} Ligature;

static const Ligature ligatures[] = {
  {0x132, "IJ"}, {0x133, "ij"}, {0x149, "\312\274n"}, {0x1f1, "DZ"},
  {0x1f2, "Dz"}, {0x1f3, "dz"}, {0x1c4, "D\305\275"}, {0x1c5, "D\305\276"},
  {0x1c6, "d\305\276"}, {0x1c7, "LJ"}, {0x1c8, "Lj"}, {0x1c9, "lj"},
  {0x1ca, "NJ"}, {0x1cb, "Nj"}, {0x1cc, "nj"}, {0xfb00, "ff"},
  {0xfb01, "fi"}, {0xfb02, "fl"}, {0xfb03, "ffi"}, {0xfb04, "ffl"},
  {0xfb05, "\305\277t"}, {0xfb06, "st"}
};

static const char *
ligature_find (gunichar c)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ligatures); i++)
    if (ligatures[i].c == c)
      return ligatures[i].text;
  return NULL;
}

/* ---- one character after the other ------------------------------------------------ */

/* uncurl_quotes, fix_line_breaks */
static gunichar
straighten (gunichar c)
{
  if (c == 0x2bc || (c >= 0x2018 && c <= 0x201b))
    return '\'';
  if (c >= 0x201c && c <= 0x201f)
    return '"';
  if (c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85)
    return '\n';
  return c;
}

static void
append_straight (GString * out, const char *text)
{
  for (; *text; text = g_utf8_next_char (text))
    g_string_append_unichar (out, straighten (g_utf8_get_char (text)));
}

/* fix_character_width: forms of other than the usual width, and the ideographic
 * space. */
static void
append_usual_width (GString * out, gunichar c)
{
  char text[7] = { 0, };
  g_autofree char *usual = NULL;

  g_unichar_to_utf8 (c, text);
  usual = g_utf8_normalize (text, -1, G_NORMALIZE_NFKC);
  append_straight (out, usual);
}

static void
append_fixed (GString * out, gunichar c)
{
  const char *parts;

  if (c < 0x80) {
    g_string_append_unichar (out, straighten (c));
    return;
  }
  c = text_from_windows_1252 (c);       /* fix_c1_controls */
  parts = ligature_find (c);    /* fix_latin_ligatures */
  if (parts)
    append_straight (out, parts);
  else if (c == 0x3000)
    g_string_append_c (out, ' ');
  else if (c >= 0xff01 && c < 0xfff0)
    append_usual_width (out, c);
  else
    g_string_append_unichar (out, straighten (c));
}

static char *
fix_characters (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    if (p[0] != '\r' || p[1] != '\n')
      append_fixed (out, g_utf8_get_char (p));
  return g_string_free (out, FALSE);
}

/* ---- what has no shape ------------------------------------------------------------- */

/* "\033[36;44m": the end of it, or NULL if @p is at none. */
static const char *
skip_escape (const char *p)
{
  if (p[0] != '\033' || p[1] != '[')
    return NULL;
  p += 2;
  while (*p == ';' || g_unichar_isdigit (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  return g_ascii_isalpha (*p) ? p + 1 : NULL;
}

static gboolean
is_control (gunichar c)
{
  return c <= 0x8 || c == 0xb || (c >= 0xe && c <= 0x1f) || c == 0x7f
      || (c >= 0x206a && c <= 0x206f) || c == 0xfeff
      || (c >= 0xfff9 && c <= 0xfffc);
}

/* remove_terminal_escapes, then remove_control_chars: an escape that was broken
 * off loses its first character. */
static char *
remove_controls (const char *text)
{
  GString *out = g_string_new (NULL);
  const char *p = text, *next;

  while (*p) {
    const char *end = skip_escape (p);

    next = end ? end : g_utf8_next_char (p);
    if (!end && !is_control (g_utf8_get_char (p)))
      g_string_append_len (out, p, next - p);
    p = next;
  }
  return g_string_free (out, FALSE);
}

static char *
normalize (const char *text)
{
  guint marks = 0;

  for (const char *p = text; *p && marks <= MAX_MARKS; p = g_utf8_next_char (p))
    marks = g_unichar_combining_class (g_utf8_get_char (p)) ? marks + 1 : 0;
  return marks > MAX_MARKS ? g_strdup (text)
      : g_utf8_normalize (text, -1, G_NORMALIZE_NFC);
}

/* ---- lines --------------------------------------------------------------------------- */

/* Nothing that any of the fixes is about. */
static gboolean
is_plain (const char *text)
{
  for (; *text; text++)
    if (*text == '&' || *text == '\r' || (guchar) * text >= 0x7f
        || is_control (*text))
      return FALSE;
  return TRUE;
}

static char *
fix_once (const char *line, gboolean unescape)
{
  g_autofree char *unescaped = unescape ? text_unescape_strictly (line) : NULL;
  g_autofree char *fixed = fix_characters (unescape ? unescaped : line);
  g_autofree char *seen = remove_controls (fixed);

  return normalize (seen);
}

/* Until nothing changes any more. */
static char *
fix_line (const char *line, gboolean unescape)
{
  char *text = g_strdup (line);

  for (guint i = 0; i < MAX_ROUNDS && !is_plain (text); i++) {
    char *fixed = fix_once (text, unescape);
    gboolean same = g_str_equal (fixed, text);

    g_free (text);
    text = fixed;
    if (same)
      break;
  }
  return text;
}

/* From the first line with a < on, text is taken for HTML: its references stay. */
char *
text_fix (const char *text)
{
  GString *out = g_string_new (NULL);
  gboolean unescape = TRUE;

  while (*text) {
    const char *end = strchr (text, '\n');
    gsize length = end ? (gsize) (end + 1 - text) : strlen (text);
    g_autofree char *line = g_strndup (text, length);
    g_autofree char *fixed = NULL;

    unescape = unescape && !strchr (line, '<');
    fixed = fix_line (line, unescape);
    g_string_append (out, fixed);
    text += length;
  }
  return g_string_free (out, FALSE);
}

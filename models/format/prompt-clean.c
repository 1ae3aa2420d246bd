/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prompt-clean.c: what diffusers does to a prompt before it is tokenized
 * (pipeline_wan.py, prompt_clean; html.unescape of Python's library). */

#include <stdlib.h>
#include <string.h>

#include "models/format/format.h"
#include "text-private.h"

typedef struct
{
  const char *name;             /* without &, with its ; if it needs one */
  const char *text;
} HtmlEntity;

#include "models/format/html-entities.h"

/* Characters of a name at most, the ; aside (html/__init__.py, _charref). */
#define MAX_NAME 32

/* Code points 0x80 to 0x9f mean what they are in Windows-1252 (HTML standard,
 * "numeric character reference end state"). */
static const gunichar windows_1252[32] = {
  0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
  0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
  0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
  0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

typedef struct
{
  const char *name;
  gsize length;
} EntityKey;

static int
compare_entity (const void *a, const void *b)
{
  const EntityKey *key = a;
  const HtmlEntity *entity = b;
  int order = strncmp (key->name, entity->name, key->length);

  return order ? order : -(entity->name[key->length] != '\0');
}

static const char *
entity_find (const char *name, gsize length)
{
  EntityKey key = { name, length };
  const HtmlEntity *entity = bsearch (&key, html_entities,
      G_N_ELEMENTS (html_entities), sizeof *html_entities, compare_entity);

  return entity ? entity->text : NULL;
}

static gboolean
is_dropped (guint32 code)
{
  return code < 0x9 || code == 0xb || (code >= 0xe && code <= 0x1f)
      || (code >= 0x7f && code <= 0x9f) || (code >= 0xfdd0 && code <= 0xfdef)
      || (code & 0xfffe) == 0xfffe;
}

static void
append_code (GString * out, guint32 code)
{
  if (code >= 0x80 && code <= 0x9f)
    g_string_append_unichar (out, windows_1252[code - 0x80]);
  else if (code == 0 || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    g_string_append_unichar (out, 0xfffd);
  else if (!is_dropped (code))
    g_string_append_unichar (out, code);
}

/* "&#65;", "&#x41;"; the ; may be missing. @p is at the #. Returns the end, or
 * NULL if there are no digits. */
static const char *
unescape_number (const char *p, GString * out)
{
  gboolean hex = p[1] == 'x' || p[1] == 'X';
  guint32 base = hex ? 16 : 10, code = 0;
  const char *digits = p + (hex ? 2 : 1), *end;
  int digit;

  for (end = digits; (digit = hex ? g_ascii_xdigit_value (*end) :
          g_ascii_digit_value (*end)) >= 0; end++)
    code = MIN (code * base + (guint32) digit, 0x110000);
  if (end == digits)
    return NULL;
  append_code (out, code);
  return end + (*end == ';');
}

/* "&name;", or the longest name that @p begins with: "&notit;" is "¬it;".
 * @p is behind the &. Returns the end, or NULL if there is no name. */
static const char *
unescape_name (const char *p, GString * out)
{
  const char *end = p, *text;
  gsize length, whole;
  guint n;

  for (n = 0; n < MAX_NAME && *end && !strchr ("\t\n\f <&#;", *end); n++)
    end = g_utf8_next_char (end);
  if (n == 0)
    return NULL;
  whole = (gsize) (end - p) + (*end == ';');
  for (length = whole; length > 1; length--) {
    text = entity_find (p, length);
    if (text) {
      g_string_append (out, text);
      g_string_append_len (out, p + length, (gssize) (whole - length));
      return p + whole;
    }
  }
  return NULL;
}

static char *
html_unescape (const char *text)
{
  GString *out = g_string_new (NULL);
  const char *p = text, *amp;

  while ((amp = strchr (p, '&'))) {
    g_string_append_len (out, p, amp - p);
    p = amp[1] == '#' ? unescape_number (amp + 1, out) :
        unescape_name (amp + 1, out);
    if (!p) {
      g_string_append_c (out, '&');
      p = amp + 1;
    }
  }
  return g_string_free (g_string_append (out, p), FALSE);
}

/* What str.strip() of Python takes away. */
static gboolean
is_stripped (gunichar c)
{
  return text_is_space (c) || (c >= 0x1c && c <= 0x1f);
}

static void
strip (const char **begin, const char **end)
{
  while (*begin < *end && is_stripped (g_utf8_get_char (*begin)))
    *begin = g_utf8_next_char (*begin);
  while (*begin < *end) {
    const char *last = g_utf8_prev_char (*end);
    if (!is_stripped (g_utf8_get_char (last)))
      break;
    *end = last;
  }
}

static char *
collapse_spaces (const char *text)
{
  GString *out = g_string_new (NULL);
  const char *p = text, *end = text + strlen (text);
  gboolean space = FALSE;

  strip (&p, &end);
  for (; p < end; p = g_utf8_next_char (p)) {
    gboolean was_space = space;
    space = text_is_space (g_utf8_get_char (p));
    if (!space)
      g_string_append_len (out, p, g_utf8_next_char (p) - p);
    else if (!was_space)
      g_string_append_c (out, ' ');
  }
  return g_string_free (out, FALSE);
}

char *
prompt_clean (const char *text)
{
  g_autofree char *once = html_unescape (text);
  g_autofree char *twice = html_unescape (once);

  return collapse_spaces (twice);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* html-unescape.c: character references of HTML (html.unescape of Python's
 * library, unescape_html of ftfy). */

#include <stdlib.h>
#include <string.h>

#include "text-private.h"

typedef struct
{
  const char *name;             /* without &, with its ; if it needs one */
  const char *text;
} HtmlEntity;

#include "models/format/html-entities.h"

/* Characters of a name at most, the ; aside (html/__init__.py, _charref). */
#define MAX_NAME 32
#define MAX_STRICT_NAME 24

static const gunichar windows_1252[32] = {
  0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
  0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
  0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
  0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

gunichar
text_from_windows_1252 (gunichar c)
{
  return c >= 0x80 && c <= 0x9f ? windows_1252[c - 0x80] : c;
}

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
find_in (const HtmlEntity * entities, gsize n, const char *name, gsize length)
{
  EntityKey key = { name, length };
  const HtmlEntity *entity = bsearch (&key, entities, n, sizeof *entities,
      compare_entity);

  return entity ? entity->text : NULL;
}

static const char *
entity_find (const char *name, gsize length)
{
  return find_in (html_entities, G_N_ELEMENTS (html_entities), name, length);
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
    g_string_append_unichar (out, text_from_windows_1252 (code));
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

static const char *
unescape (const char *p, GString * out)
{
  return *p == '#' ? unescape_number (p, out) : unescape_name (p, out);
}

/* "&name;" and "&#65;" as ftfy takes them (chardata.py, HTML_ENTITY_RE). @p is
 * behind the &. Returns the end, or NULL if it is left. */
static const char *
unescape_strictly (const char *p, GString * out)
{
  const char *begin = p + (*p == '#'), *end = begin, *text;
  gsize before = out->len;

  while (g_ascii_isalnum (*end) && end - begin <= MAX_STRICT_NAME)
    end++;
  if (*end != ';' || end == begin || end - begin > MAX_STRICT_NAME)
    return NULL;
  end++;
  if (*p != '#') {
    text = entity_find (p, end - p);
    if (!text)
      text = find_in (html_capitals, G_N_ELEMENTS (html_capitals), p, end - p);
    if (text)
      g_string_append (out, text);
    return text ? end : NULL;
  }
  /* digits up to the ;, which must not be what comes out */
  if (unescape_number (p, out) == end && !strchr (out->str + before, ';'))
    return end;
  g_string_truncate (out, before);
  return NULL;
}

static char *
unescape_all (const char *text,
    const char *(*one) (const char *p, GString * out))
{
  GString *out = g_string_new (NULL);
  const char *p = text, *amp;

  while ((amp = strchr (p, '&'))) {
    g_string_append_len (out, p, amp - p);
    p = one (amp + 1, out);
    if (!p) {
      g_string_append_c (out, '&');
      p = amp + 1;
    }
  }
  return g_string_free (g_string_append (out, p), FALSE);
}

char *
text_unescape (const char *text)
{
  return unescape_all (text, unescape);
}

char *
text_unescape_strictly (const char *text)
{
  return unescape_all (text, unescape_strictly);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prompt-clean.c: what diffusers does to a prompt before it is tokenized
 * (pipeline_wan.py, prompt_clean). */

#include <string.h>

#include "models/format/format.h"
#include "text-private.h"

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
  g_autofree char *fixed = text_fix (text);
  g_autofree char *once = text_unescape (fixed);
  g_autofree char *twice = text_unescape (once);

  return collapse_spaces (twice);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text-private.h: what is done to text before it is tokenized, and classes of
 * characters, as upstream's languages have them. All text is valid UTF-8; g_free()
 * what is returned. */

#pragma once

#include <glib.h>

/* html-unescape.c: html.unescape() of Python, and ftfy's of the same name, which
 * takes the ; for needed and knows some names in capitals. */
char *text_unescape (const char *text);
char *text_unescape_strictly (const char *text);

/* text-fix.c: ftfy.fix_text(), but for text in a wrong encoding. */
char *text_fix (const char *text);

/* White_Space of Unicode: what \s of Python's regex and what Rust's
 * char::is_whitespace mean. g_unichar_isspace() lacks some of it. */
static inline gboolean
text_is_space (gunichar c)
{
  return (c >= 0x9 && c <= 0xd) || c == 0x20 || c == 0x85 || c == 0xa0
      || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028
      || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* What a code point means that should not be there: 0x80 to 0x9f are taken for
 * Windows-1252 (HTML standard, "numeric character reference end state"). */
gunichar text_from_windows_1252 (gunichar c);

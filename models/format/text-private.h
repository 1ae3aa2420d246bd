/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text-private.h: classes of characters, as upstream's languages have them. */

#pragma once

#include <glib.h>

/* White_Space of Unicode: what \s of Python's regex and what Rust's
 * char::is_whitespace mean. g_unichar_isspace() lacks some of it. */
static inline gboolean
text_is_space (gunichar c)
{
  return (c >= 0x9 && c <= 0xd) || c == 0x20 || c == 0x85 || c == 0xa0
      || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028
      || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

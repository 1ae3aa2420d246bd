/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-words.c: the input is a text, a zero byte and a list of words that the
 * text is held against. */

#include <string.h>

#include "models/format/format.h"
#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  return 0;
}

static void
find (WordList * list, const char *text)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);

  word_list_find_unknown (list, text, unknown);
  if (unknown->len > WORD_LIST_MAX_UNKNOWN)
    abort ();
  for (guint i = 0; i < unknown->len; i++)
    if (!*(char *) unknown->pdata[i] || strlen (unknown->pdata[i]) > 300
        || !g_utf8_validate (unknown->pdata[i], -1, NULL))
      abort ();
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  const guint8 *zero = size ? memchr (data, 0, size) : NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WordList) list = NULL;

  if (!zero)
    return 0;
  path = fuzz_write ("words.txt", zero + 1, size - 1 - (zero - data));
  list = word_list_open (path, &error);
  fuzz_check_error (list != NULL, error);
  if (list && g_utf8_validate ((const char *) data, -1, NULL))
    find (list, (const char *) data);
  return 0;
}

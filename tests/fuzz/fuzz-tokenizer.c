/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-tokenizer.c: the input is a text, a zero byte and the SentencePiece
 * model that the text is encoded with. */

#include <string.h>

#include "models/format/format.h"
#include "fuzz.h"

#define MAX_TOKENS 64

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  return 0;
}

static void
encode (Tokenizer * tokenizer, const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean truncated;
  guint n, unknown, i;
  g_autofree gint32 *ids = tokenizer_encode (tokenizer, text, MAX_TOKENS, &n,
      &truncated, &unknown, &error);

  fuzz_check_error (ids != NULL, error);
  if (!ids)
    return;
  if (n < 1 || n > MAX_TOKENS || (truncated && n != MAX_TOKENS))
    abort ();
  for (i = 0; i < n; i++)
    if ((guint) ids[i] >= tokenizer_get_size (tokenizer))
      abort ();
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  const guint8 *zero = size ? memchr (data, 0, size) : NULL;
  g_autofree char *path = NULL, *cleaned = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Tokenizer) tokenizer = NULL;

  if (!zero)
    return 0;
  path = fuzz_write ("spiece.model", zero + 1, size - 1 - (zero - data));
  tokenizer = tokenizer_open (path, &error);
  fuzz_check_error (tokenizer != NULL, error);
  if (!tokenizer)
    return 0;
  encode (tokenizer, (const char *) data);
  if (!g_utf8_validate ((const char *) data, -1, NULL))
    return 0;
  cleaned = prompt_clean ((const char *) data);
  encode (tokenizer, cleaned);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-prompt.c: the input is a prompt, encoded with a model as large models
 * have it: nmt_nfkc and byte pieces. GOLDEN_DATA is where that lies. */

#include <string.h>

#include "models/format/format.h"
#include "fuzz.h"

#define MAX_TOKENS 512

static Tokenizer *tokenizer;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  tokenizer = tokenizer_open (GOLDEN_DATA "/tokenizer-umt5/spiece.model", NULL);
  if (!tokenizer)
    g_error ("no tokenizer in %s", GOLDEN_DATA);
  return 0;
}

/* The tokens of a lower limit are the first ones of a higher. */
static void
check_limits (const char *text)
{
  gboolean truncated;
  guint many_n, few_n;
  g_autofree gint32 *many = tokenizer_encode (tokenizer, text, MAX_TOKENS,
      &many_n, &truncated, NULL, NULL);
  g_autofree gint32 *few = tokenizer_encode (tokenizer, text, 5, &few_n,
      &truncated, NULL, NULL);

  if (few_n != MIN (many_n, 5) || truncated != (many_n > 5)
      || memcmp (few, many, (few_n - 1) * sizeof *few) != 0)
    abort ();
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *cleaned = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  check_limits (text);
  cleaned = prompt_clean (text);
  if (!g_utf8_validate (cleaned, -1, NULL) || g_str_has_prefix (cleaned, " ")
      || g_str_has_suffix (cleaned, " ") || strstr (cleaned, "  "))
    abort ();
  check_limits (cleaned);
  return 0;
}

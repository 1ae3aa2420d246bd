/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-config.c: the input is a JSON configuration, read with every getter, as
 * a sampler's and as a tokenizer's. */

#include <string.h>

#include "models/video/sampler.h"
#include "fuzz.h"

/* Two pieces: "</s>" and an unknown one, whose id is 1. */
#define MODEL "\x0a\x08\x0a\x04</s>\x18\x03" "\x0a\x05\x0a\x01u\x18\x02" \
    "\x12\x03\xc0\x02\x01"

static char *model_path;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  model_path = fuzz_write ("spiece.model", MODEL, sizeof MODEL - 1);
  return 0;
}

static void
read_scalars (Config * config, const char *key)
{
  GError *errors[4] = { NULL, };
  gint64 i = 0;
  double d = 0;
  const char *s = NULL;
  gboolean b, good[4];
  guint k;

  good[0] = config_get_int (config, key, 3, 0, 1000, &i, &errors[0]);
  good[1] = config_get_double (config, key, 1, -1e6, 1e6, &d, &errors[1]);
  good[2] = config_get_bool (config, key, TRUE, &b, &errors[2]);
  good[3] = config_get_string (config, key, "", &s, &errors[3]);
  if ((good[0] && (i < 0 || i > 1000)) || (good[1] && !(d * d <= 1e12))
      || (good[3] && !g_utf8_validate (s, -1, NULL)))
    abort ();
  for (k = 0; k < 4; k++) {
    fuzz_check_error (good[k], errors[k]);
    g_clear_error (&errors[k]);
  }
}

static void
read_lists (Config * config, const char *key)
{
  g_autofree gint64 *ints = NULL;
  g_autofree double *doubles = NULL;
  g_autoptr (GError) error = NULL;
  guint n;
  gboolean success =
      config_get_ints (config, key, 8, -1, 99, &ints, &n, &error);

  fuzz_check_error (success, error);
  g_clear_error (&error);
  success = config_get_doubles (config, key, 64, &doubles, &n, &error);
  fuzz_check_error (success, error);
}

static void
read_texts (Config * config, const char *key)
{
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) values = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  gboolean success =
      config_get_texts (config, key, 3, 20, &names, &values, &error);

  fuzz_check_error (success, error);
  if (success && (g_strv_length (names) != g_strv_length (values)
          || g_strv_length (names) > 3))
    abort ();
  g_clear_error (&error);
  success = config_get_file (config, key, &path, &error);
  fuzz_check_error (success, error);
  if (path && (!g_str_has_prefix (path, fuzz_directory)
          || strchr (path + strlen (fuzz_directory) + 1, '/')))
    abort ();
}

static void
read_sampler (Config * config)
{
  g_autoptr (GError) error = NULL;
  SamplerConfig sampler;
  gboolean success = sampler_config_read (config, &sampler, &error);

  fuzz_check_error (success, error);
}

/* The model finds the configuration beside it. */
static void
read_tokenizer (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Tokenizer) tokenizer = tokenizer_open (model_path, &error);

  fuzz_check_error (tokenizer != NULL, error);
  if (tokenizer && tokenizer_get_size (tokenizer) < 2)
    abort ();
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const char *const keys[] = { "a", "dim_mult", "latents_mean", "eps",
    "patch_size", "attn_scales", "_class_name", ""
  };
  g_autofree char *path = fuzz_write ("tokenizer_config.json", data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (Config) config = config_open (path, &error);
  guint i;

  fuzz_check_error (config != NULL, error);
  if (!config)
    return 0;
  for (i = 0; i < G_N_ELEMENTS (keys); i++) {
    read_scalars (config, keys[i]);
    read_lists (config, keys[i]);
    read_texts (config, keys[i]);
  }
  read_sampler (config);
  read_tokenizer ();
  return 0;
}

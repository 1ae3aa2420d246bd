/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text-encoder-config.c: the text encoder's config.json.
 *
 * Keys and defaults as transformers' UMT5Config has them. */

#include "models/video/text-encoder-private.h"

#define MAX_LAYERS 256
#define MAX_SIZE (1 << 20)

static gboolean
check_kind (Config * config, GError ** error)
{
  const char *type, *activation;

  if (!config_get_string (config, "model_type", "umt5", &type, error)
      || !config_get_string (config, "feed_forward_proj", "gated-gelu",
          &activation, error))
    return FALSE;
  if (g_str_equal (type, "umt5") && g_str_equal (activation, "gated-gelu"))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: a text encoder of type \"%s\" with \"%s\"; supported is \"umt5\" "
      "with \"gated-gelu\"", config_get_path (config), type, activation);
  return FALSE;
}

/* Distances from a quarter of the buckets on share them by their logarithm, up
 * to the largest: which must be more. */
static gboolean
check_distance (TextEncoderConfig * c, Config * config, GError ** error)
{
  if (c->max_distance > c->buckets / 4)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: \"relative_attention_max_distance\" is %" G_GINT64_FORMAT
      ", expected more than a quarter of \"relative_attention_num_buckets\", %"
      G_GINT64_FORMAT, config_get_path (config), c->max_distance, c->buckets);
  return FALSE;
}

gboolean
text_encoder_config_read (TextEncoderConfig * c, const char *path,
    GError ** error)
{
  g_autoptr (Config) config = config_open (path, error);

  return config && check_kind (config, error)
      && config_get_int (config, "d_model", 512, 1, MAX_SIZE, &c->dim, error)
      && config_get_int (config, "d_ff", 1024, 1, MAX_SIZE, &c->ffn, error)
      && config_get_int (config, "num_heads", 6, 1, 1024, &c->heads, error)
      && config_get_int (config, "d_kv", 64, 1, 1024, &c->head_size, error)
      && config_get_int (config, "num_layers", 8, 1, MAX_LAYERS, &c->n_layers,
      error)
      && config_get_int (config, "relative_attention_num_buckets", 32, 4,
      MAX_SIZE, &c->buckets, error)
      && config_get_int (config, "relative_attention_max_distance", 128, 2,
      MAX_SIZE, &c->max_distance, error)
      && config_get_int (config, "vocab_size", 250112, 3, 1 << 24,
      &c->vocabulary, error)
      && config_get_double (config, "layer_norm_epsilon", 1e-6, 0, 1, &c->eps,
      error) && check_distance (c, config, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transformer-config.c: the transformer's config.json.
 *
 * Keys and defaults as diffusers' WanTransformer3DModel has them. */

#include "models/video/transformer-private.h"

#define MAX_LAYERS 256
#define MAX_SIZE (1 << 20)

static gboolean
unsupported (Config * config, const char *what, GError ** error)
{
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: %s; supported are the Wan text-to-video transformers 2.1 and "
      "2.2 TI2V", config_get_path (config), what);
  return FALSE;
}

/* Only text conditions a model that runs here. */
static gboolean
check_kind (Config * config, GError ** error)
{
  static const char *const others[] = {
    "image_dim", "added_kv_proj_dim", "vace_layers", "vace_in_channels",
    "pos_embed_seq_len"
  };
  const char *name;

  if (!config_get_string (config, "_class_name", "WanTransformer3DModel",
          &name, error))
    return FALSE;
  if (!g_str_equal (name, "WanTransformer3DModel")) {
    g_autofree char *what = g_strdup_printf ("its class is \"%s\"", name);

    return unsupported (config, what, error);
  }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (config_has (config, others[i])) {
      g_autofree char *what = g_strdup_printf ("\"%s\" is set", others[i]);

      return unsupported (config, what, error);
    }
  return TRUE;
}

static gboolean
read_patch (Config * config, guint patch[3], GError ** error)
{
  static const guint usual[3] = { 1, 2, 2 };
  g_autofree gint64 *values = NULL;
  guint n;

  if (!config_get_ints (config, "patch_size", 3, 1, 16, &values, &n, error))
    return FALSE;
  if (values && n != 3) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: \"patch_size\" has %u values, expected 3",
        config_get_path (config), n);
    return FALSE;
  }
  for (guint i = 0; i < 3; i++)
    patch[i] = values ? values[i] : usual[i];
  return TRUE;
}

gboolean
transformer_config_read (TransformerConfig * c, const char *path,
    GError ** error)
{
  g_autoptr (Config) config = config_open (path, error);

  if (!config || !check_kind (config, error)
      || !read_patch (config, c->patch, error)
      || !config_get_int (config, "num_attention_heads", 40, 1, 1024,
          &c->heads, error)
      || !config_get_int (config, "attention_head_dim", 128, 2, 1024,
          &c->head_size, error)
      || !config_get_int (config, "in_channels", 16, 1, 1024,
          &c->in_channels, error)
      || !config_get_int (config, "out_channels", 16, 1, 1024,
          &c->out_channels, error)
      || !config_get_int (config, "text_dim", 4096, 1, MAX_SIZE,
          &c->text_width, error)
      || !config_get_int (config, "freq_dim", 256, 2, MAX_SIZE,
          &c->frequencies, error)
      || !config_get_int (config, "ffn_dim", 13824, 1, MAX_SIZE, &c->ffn, error)
      || !config_get_int (config, "num_layers", 40, 1, MAX_LAYERS,
          &c->n_layers, error)
      || !config_get_bool (config, "cross_attn_norm", TRUE,
          &c->cross_attn_norm, error)
      || !config_get_double (config, "eps", 1e-6, 0, 1, &c->eps, error))
    return FALSE;
  if (c->head_size % 2 || c->frequencies % 2)
    return unsupported (config, "\"attention_head_dim\" or \"freq_dim\" is odd",
        error);
  if (c->in_channels != c->out_channels)
    return unsupported (config, "\"in_channels\" is not \"out_channels\"",
        error);
  c->dim = c->heads * c->head_size;
  return TRUE;
}

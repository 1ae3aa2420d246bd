/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae-config.c: from the VAE's config.json to the shape of its decoder.
 *
 * Keys, defaults and arithmetic as diffusers' AutoencoderKLWan has them. */

#include "vae-private.h"

/* Of Wan 2.1, for a configuration that has none. */
static const double default_mean[] = {
  -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508,
  0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921
};

static const double default_std[] = {
  2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743,
  3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160
};
static const gint64 default_multipliers[] = { 1, 2, 4, 4 };
static const gint64 default_time[] = { FALSE, TRUE, TRUE };

static gboolean
mismatch (Config * json, const char *what, GError ** error)
{
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH, "%s: %s",
      config_get_path (json), what);
  return FALSE;
}

static gboolean
check_class (Config * json, GError ** error)
{
  const char *name;

  if (!config_get_string (json, "_class_name", "AutoencoderKLWan", &name,
          error))
    return FALSE;
  if (g_str_equal (name, "AutoencoderKLWan"))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: \"_class_name\" is \"%s\", expected \"AutoencoderKLWan\"",
      config_get_path (json), name);
  return FALSE;
}

/* As config_get_ints(), with a fallback. */
static gint64 *
get_list (Config * json, const char *key, gint64 min, gint64 max,
    const gint64 * fallback, guint n_fallback, guint * n, GError ** error)
{
  gint64 *values = NULL;

  if (!config_get_ints (json, key, VAE_MAX_BLOCKS, min, max, &values, n, error))
    return NULL;
  if (!values) {
    values = g_memdup2 (fallback, n_fallback * sizeof *fallback);
    *n = n_fallback;
  }
  return values;
}

/* ---- blocks ---------------------------------------------------------------- */

/* Wan 2.1 halves the channels in its upsamplers; Wan 2.2 leaves that to the
 * next block. */
static void
set_blocks (VaeConfig * config, gint64 base, const gint64 * multipliers,
    const gint64 * time)
{
  guint n = config->n_blocks;
  gsize in;

  config->width = in = base * multipliers[n - 1];
  config->scale_space = config->patch;
  config->scale_time = 1;
  for (guint i = 0; i < n; i++) {
    VaeBlockShape *shape = &config->blocks[i];

    shape->in = in;
    shape->out = shape->up = base * multipliers[n - 1 - i];
    shape->space = i + 1 < n;
    shape->time = shape->space && time[n - 2 - i];
    if (shape->space && !config->residual)
      shape->up /= 2;
    if (shape->space)
      config->scale_space *= 2;
    if (shape->time)
      config->scale_time *= 2;
    in = shape->up;
  }
}

static gboolean
check_width (VaeConfig * config, Config * json, GError ** error)
{
  if (config->width <= VAE_MAX_WIDTH)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: the middle of the decoder has %" G_GSIZE_FORMAT
      " channels (\"base_dim\" times the last \"dim_mult\"), supported are at "
      "most %u", config_get_path (json), config->width, VAE_MAX_WIDTH);
  return FALSE;
}

/* The shortcut around an upsampler repeats each channel, into time and space
 * as well; that must come out even. */
static gboolean
check_blocks (VaeConfig * config, Config * json, GError ** error)
{
  for (guint i = 0; i < config->n_blocks; i++) {
    VaeBlockShape *shape = &config->blocks[i];

    if (shape->up == 0)
      return mismatch (json, "a block of 1 channel cannot be halved", error);
    if (config->residual && shape->space
        && shape->up * (shape->time ? 8 : 4) % shape->in != 0) {
      g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
          "%s: \"dim_mult\": the shortcut of up block %u cannot make %"
          G_GSIZE_FORMAT " channels of %" G_GSIZE_FORMAT,
          config_get_path (json), i, shape->up, shape->in);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
read_blocks (VaeConfig * config, Config * json, GError ** error)
{
  g_autofree gint64 *multipliers = NULL;
  g_autofree gint64 *time = NULL;
  gint64 base, resnets;
  guint n_time;

  if (!config_get_int (json, "base_dim", 96, 1, 4096, &base, error)
      || !config_get_int (json, "decoder_base_dim", base, 1, 4096, &base, error)
      || !config_get_int (json, "num_res_blocks", 2, 0, 15, &resnets, error)
      || !config_get_bool (json, "is_residual", FALSE, &config->residual, error)
      || !(multipliers = get_list (json, "dim_mult", 1, 64,
              default_multipliers, G_N_ELEMENTS (default_multipliers),
              &config->n_blocks, error))
      || !(time = get_list (json, "temperal_downsample", 0, 1, default_time,
              G_N_ELEMENTS (default_time), &n_time, error)))
    return FALSE;
  if (config->n_blocks == 0 || n_time != config->n_blocks - 1)
    return mismatch (json, "\"temperal_downsample\" must have one value less "
        "than \"dim_mult\"", error);

  config->n_resnets = resnets + 1;
  set_blocks (config, base, multipliers, time);
  return check_width (config, json, error)
      && check_blocks (config, json, error);
}

/* ---- pixels ------------------------------------------------------------------ */

static gboolean
read_patch (VaeConfig * config, Config * json, GError ** error)
{
  gint64 patch, channels;

  if (!config_get_int (json, "patch_size", 1, 1, 16, &patch, error)
      || !config_get_int (json, "out_channels", VAE_IMAGE_CHANNELS, 1, 4096,
          &channels, error))
    return FALSE;
  config->patch = patch;
  if (channels == VAE_IMAGE_CHANNELS * patch * patch)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: \"out_channels\" is %" G_GINT64_FORMAT ", expected %"
      G_GINT64_FORMAT " (red, green and blue of %" G_GINT64_FORMAT " x %"
      G_GINT64_FORMAT " pixels)", config_get_path (json), channels,
      VAE_IMAGE_CHANNELS * patch * patch, patch, patch);
  return FALSE;
}

/* What the file says of its scales must be what its blocks do: others size
 * the latents by it. */
static gboolean
check_scale (Config * json, const char *key, guint made, GError ** error)
{
  gint64 said;

  if (!config_get_int (json, key, made, 1, G_MAXINT, &said, error))
    return FALSE;
  if (said == made)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: \"%s\" is %" G_GINT64_FORMAT ", but its blocks make %u",
      config_get_path (json), key, said, made);
  return FALSE;
}

/* ---- latents ----------------------------------------------------------------- */

/* @values [config->latent_channels] from the list at @key. */
static gboolean
read_statistic (VaeConfig * config, Config * json, const char *key,
    const double *fallback, guint n_fallback, double *values, GError ** error)
{
  g_autofree double *list = NULL;
  const double *from = fallback;
  guint n = 0;

  if (!config_get_doubles (json, key, VAE_MAX_LATENT_CHANNELS, &list, &n,
          error))
    return FALSE;
  if (list)
    from = list;
  else
    n = n_fallback;
  if (n != config->latent_channels) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: \"%s\" has %u values, expected %" G_GSIZE_FORMAT
        " (\"z_dim\")", config_get_path (json), key, n,
        config->latent_channels);
    return FALSE;
  }
  for (guint i = 0; i < n; i++)
    values[i] = from[i];
  return TRUE;
}

static gboolean
read_latents (VaeConfig * config, Config * json, GError ** error)
{
  gint64 channels;

  if (!config_get_int (json, "z_dim", 16, 1, VAE_MAX_LATENT_CHANNELS,
          &channels, error))
    return FALSE;
  config->latent_channels = channels;
  return read_statistic (config, json, "latents_mean", default_mean,
      G_N_ELEMENTS (default_mean), config->mean, error)
      && read_statistic (config, json, "latents_std", default_std,
      G_N_ELEMENTS (default_std), config->std, error);
}

gboolean
vae_config_read (VaeConfig * config, const char *path, GError ** error)
{
  g_autoptr (Config) json = config_open (path, error);

  return json && check_class (json, error)
      && read_latents (config, json, error)
      && read_patch (config, json, error)
      && read_blocks (config, json, error)
      && check_scale (json, "scale_factor_spatial", config->scale_space, error)
      && check_scale (json, "scale_factor_temporal", config->scale_time, error);
}

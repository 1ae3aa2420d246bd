/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler-config.c: what a scheduler_config.json asks for, if it can be had. */

#include <string.h>

#include "sampler.h"

#define MAX_TRAIN_TIMESTEPS 1000000
#define MAX_SHIFT 1000.0

static gboolean
unsupported (Config * config, const char *key, const char *value,
    const char *expected, GError ** error)
{
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: \"%s\" is \"%s\", expected %s", config_get_path (config), key,
      value, expected);
  return FALSE;
}

/* The boolean @key, @fallback where it is missing, must be @wanted. */
static gboolean
require_bool (Config * config, const char *key, gboolean fallback,
    gboolean wanted, GError ** error)
{
  gboolean value;

  if (!config_get_bool (config, key, fallback, &value, error))
    return FALSE;
  return value == wanted || unsupported (config, key,
      value ? "true" : "false", wanted ? "true" : "false", error);
}

static gboolean
require_string (Config * config, const char *key, const char *fallback,
    const char *wanted, GError ** error)
{
  const char *value;

  if (!config_get_string (config, key, fallback, &value, error))
    return FALSE;
  return g_str_equal (value, wanted) || unsupported (config, key, value,
      wanted, error);
}

/* What both schedulers may be told and is not done here. */
static gboolean
require_plain_sigmas (Config * config, GError ** error)
{
  const char *const keys[] = { "use_dynamic_shifting", "use_karras_sigmas",
    "use_exponential_sigmas", "use_beta_sigmas"
  };
  double terminal;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!require_bool (config, keys[i], FALSE, FALSE, error))
      return FALSE;
  if (!config_get_double (config, "shift_terminal", 0, 0, 1, &terminal, error))
    return FALSE;
  return terminal == 0 || unsupported (config, "shift_terminal", "set", "null",
      error);
}

static gboolean
read_shift (Config * config, const char *key, SamplerConfig * out,
    GError ** error)
{
  return config_get_double (config, key, 1.0, 1e-3, MAX_SHIFT,
      &out->flow_shift, error);
}

static gboolean
read_euler (Config * config, SamplerConfig * out, GError ** error)
{
  out->type = SAMPLER_EULER;
  return require_plain_sigmas (config, error)
      && require_bool (config, "invert_sigmas", FALSE, FALSE, error)
      && require_bool (config, "stochastic_sampling", FALSE, FALSE, error)
      && read_shift (config, "shift", out, error);
}

/* "midpoint", "heun" and "logrho" mean bh2 upstream too. */
static gboolean
read_solver_type (Config * config, SamplerConfig * out, GError ** error)
{
  const char *const known[] =
      { "bh1", "bh2", "midpoint", "heun", "logrho", NULL };
  const char *type;

  if (!config_get_string (config, "solver_type", "bh2", &type, error))
    return FALSE;
  out->solver_bh2 = !g_str_equal (type, "bh1");
  return g_strv_contains (known, type)
      || unsupported (config, "solver_type", type, "bh1 or bh2", error);
}

static gboolean
read_corrector (Config * config, SamplerConfig * out, GError ** error)
{
  g_autofree gint64 *steps = NULL;
  guint n;

  if (!config_get_ints (config, "disable_corrector", 64, 0, 63, &steps, &n,
          error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    out->uncorrected |= G_GUINT64_CONSTANT (1) << steps[i];
  return TRUE;
}

static gboolean
read_unipc (Config * config, SamplerConfig * out, GError ** error)
{
  out->type = SAMPLER_UNIPC;
  if (config_has (config, "solver_p"))
    return unsupported (config, "solver_p", "set", "null", error);
  return require_string (config, "prediction_type", "epsilon",
      "flow_prediction", error)
      && require_bool (config, "use_flow_sigmas", FALSE, TRUE, error)
      && require_bool (config, "predict_x0", TRUE, TRUE, error)
      && require_bool (config, "thresholding", FALSE, FALSE, error)
      && require_string (config, "final_sigmas_type", "zero", "zero", error)
      && require_plain_sigmas (config, error)
      && read_corrector (config, out, error)
      && read_solver_type (config, out, error)
      && read_shift (config, "flow_shift", out, error)
      && config_get_int (config, "solver_order", 2, 1, 3, &out->solver_order,
      error)
      && config_get_bool (config, "lower_order_final", TRUE,
      &out->lower_order_final, error);
}

gboolean
sampler_config_read (Config * config, SamplerConfig * out, GError ** error)
{
  const char *name;

  /* What the file has no say in must do for the other solver too. */
  memset (out, 0, sizeof *out);
  out->solver_order = 2;
  out->lower_order_final = TRUE;
  out->solver_bh2 = TRUE;
  if (!config_get_string (config, "_class_name", "", &name, error)
      || !config_get_int (config, "num_train_timesteps", 1000, 2,
          MAX_TRAIN_TIMESTEPS, &out->num_train_timesteps, error))
    return FALSE;
  if (g_str_equal (name, "UniPCMultistepScheduler"))
    return read_unipc (config, out, error);
  if (g_str_equal (name, "FlowMatchEulerDiscreteScheduler"))
    return read_euler (config, out, error);
  return unsupported (config, "_class_name", name,
      "UniPCMultistepScheduler or FlowMatchEulerDiscreteScheduler", error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checkpoint.c: model_index.json, scheduler/scheduler_config.json and
 * dit_config.json of a checkpoint directory. */

#include "models/video/checkpoint.h"

#define LAYOUT "a checkpoint is a directory in the layout of diffusers: " \
    "model_index.json, transformer/, vae/, text_encoder/, tokenizer/, " \
    "scheduler/"

char *
checkpoint_path (const Checkpoint * c, const char *part)
{
  return g_build_filename (c->directory, part, NULL);
}

static gboolean
check_directory (const char *directory, GError ** error)
{
  g_autofree char *index = NULL;

  if (!g_file_test (directory, G_FILE_TEST_IS_DIR)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND,
        "%s: no such directory; " LAYOUT, directory);
    return FALSE;
  }
  index = g_build_filename (directory, "model_index.json", NULL);
  if (g_file_test (index, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND,
      "%s: not found; " LAYOUT, index);
  return FALSE;
}

static gboolean
read_index (Checkpoint * c, GError ** error)
{
  g_autofree char *path = checkpoint_path (c, "model_index.json");
  g_autofree char *second = checkpoint_path (c, "transformer_2");
  g_autoptr (Config) config = config_open (path, error);
  const char *name;

  if (!config
      || !config_get_string (config, "_class_name", "WanPipeline", &name, error)
      || !config_get_bool (config, "expand_timesteps", FALSE,
          &c->per_frame_timesteps, error))
    return FALSE;
  if (!g_str_equal (name, "WanPipeline")) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
        "%s: a \"%s\"; supported is \"WanPipeline\"", path, name);
    return FALSE;
  }
  if (g_file_test (second, G_FILE_TEST_EXISTS)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
        "%s: pairs of experts (Wan2.2 A14B) are not supported; Wan2.1 and "
        "Wan2.2 TI2V are", second);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_scheduler (Checkpoint * c, GError ** error)
{
  g_autofree char *path =
      checkpoint_path (c, "scheduler/scheduler_config.json");
  g_autoptr (Config) config = config_open (path, error);

  return config && sampler_config_read (config, &c->sampler, error);
}

static gboolean
read_sampler_name (Checkpoint * c, Config * config, GError ** error)
{
  static const struct
  {
    const char *name;
    SamplerType type;
  } known[] = {
    {"unipc", SAMPLER_UNIPC}, {"euler", SAMPLER_EULER}, {"lcm", SAMPLER_LCM}
  };
  const char *sampler;

  if (!config_get_string (config, "sampler", NULL, &sampler, error))
    return FALSE;
  if (!sampler)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (sampler, known[i].name)) {
      c->sampler.type = known[i].type;
      return TRUE;
    }
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: \"sampler\" is \"%s\"; supported are \"unipc\", \"euler\" and "
      "\"lcm\"", config_get_path (config), sampler);
  return FALSE;
}

static gboolean
read_name (Checkpoint * c, Config * config, GError ** error)
{
  const char *name;

  if (!config_get_string (config, "name", c->name, &name, error))
    return FALSE;
  if (name != c->name) {
    g_free (c->name);
    c->name = g_strdup (name);
  }
  return TRUE;
}

/* More latent frames than fit a device; they are counted in ints. */
#define MAX_CAUSAL 4096

static gboolean
read_causal (Checkpoint * c, Config * config, GError ** error)
{
  if (!config_get_int (config, "causal_block", 0, 0, MAX_CAUSAL,
          &c->causal_block, error)
      || !config_get_int (config, "causal_window", 0, 1, MAX_CAUSAL,
          &c->causal_window, error)
      || !config_get_int (config, "causal_sink", 0, 0, MAX_CAUSAL,
          &c->causal_sink, error)
      || !config_get_double (config, "causal_context_timestep", 0, 0,
          c->sampler.num_train_timesteps, &c->context_timestep, error)
      || !config_get_bool (config, "causal_recache", TRUE, &c->causal_recache,
          error))
    return FALSE;
  if (!c->causal_window || c->causal_block <= c->causal_window)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: \"causal_block\" is %" G_GINT64_FORMAT ", more than "
      "\"causal_window\", %" G_GINT64_FORMAT, config_get_path (config),
      c->causal_block, c->causal_window);
  return FALSE;
}

/* Of an event: an hour is beyond any clip. */
#define MAX_EVENT_SECONDS 3600

static gboolean
read_events (Checkpoint * c, Config * config, GError ** error)
{
  gboolean events;

  if (!config_get_double (config, "event_seconds", c->event_seconds, 0.01,
          MAX_EVENT_SECONDS, &c->event_seconds, error)
      || !config_get_bool (config, "events", FALSE, &events, error))
    return FALSE;
  if (config_has (config, "events"))
    c->events = events;
  return TRUE;
}

static gboolean
read_words (Checkpoint * c, Config * config, GError ** error)
{
  g_autofree char *path = NULL;

  return config_get_file (config, "words", &path, error)
      && (!path || (c->words = word_list_open (path, error)) != NULL);
}

#define MAX_ACTIONS 64
/* Of the name and of the phrase: bytes. */
#define MAX_ACTION 200

/* The encoder's attention makes tables of this squared, a head. */
#define MAX_TEXT_LENGTH 4096

/* docs/wan.md describes it. */
static gboolean
read_native (Checkpoint * c, GError ** error)
{
  g_autofree char *path = checkpoint_path (c, "dit_config.json");
  g_autoptr (Config) config = NULL;

  c->text_length = 512;
  c->guidance_scale = 5;
  c->events = -1;
  c->event_seconds = 3;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  return (config = config_open (path, error)) != NULL
      && config_get_int (config, "width", 0, 1, 16384, &c->width, error)
      && config_get_int (config, "height", 0, 1, 16384, &c->height, error)
      && config_get_int (config, "fps", 0, 1, 1000, &c->fps, error)
      && config_get_int (config, "num_frames", 0, 1, 100000, &c->num_frames,
      error)
      && config_get_int (config, "steps", 0, 1, 1000, &c->steps, error)
      && config_get_int (config, "text_len", c->text_length, 1,
      MAX_TEXT_LENGTH, &c->text_length, error)
      && config_get_double (config, "guidance_scale", c->guidance_scale, 0,
      100, &c->guidance_scale, error)
      && config_get_double (config, "flow_shift", 0, 0, 100, &c->flow_shift,
      error)
      && config_get_texts (config, "actions", MAX_ACTIONS, MAX_ACTION,
      &c->actions, &c->phrases, error)
      && read_events (c, config, error)
      && read_words (c, config, error)
      && read_sampler_name (c, config, error)
      && read_causal (c, config, error)
      && config_get_bool (config, "velocity_skip", FALSE, &c->velocity_skip,
      error)
      && read_name (c, config, error);
}

gboolean
checkpoint_read (Checkpoint * c, const char *directory, GError ** error)
{
  *c = (Checkpoint) {
  0};
  if (!check_directory (directory, error))
    return FALSE;
  c->directory = g_strdup (directory);
  c->name = g_path_get_basename (directory);
  return read_index (c, error) && read_scheduler (c, error)
      && read_native (c, error);
}

void
checkpoint_clear (Checkpoint * c)
{
  g_clear_pointer (&c->directory, g_free);
  g_clear_pointer (&c->name, g_free);
  g_clear_pointer (&c->words, word_list_free);
  g_clear_pointer (&c->actions, g_strfreev);
  g_clear_pointer (&c->phrases, g_strfreev);
}

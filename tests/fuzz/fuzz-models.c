/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-models.c: the input is a JSON configuration, read as that of each part of
 * a model, and as each of those of a whole checkpoint. */

#include <string.h>

#include "models/video/checkpoint.h"
#include "models/video/text-encoder-private.h"
#include "models/video/transformer-private.h"
#include "models/video/vae-private.h"
#include "fuzz.h"

#define INDEX "{}"
#define NATIVE "{}"
#define SCHEDULER "{\"_class_name\":\"FlowMatchEulerDiscreteScheduler\"}"

/* A file of a checkpoint, and what stands there while another is the input. */
static const struct
{
  const char *name, *usual;
} files[] = {
  {"model_index.json", INDEX},
  {"dit_config.json", NATIVE},
  {"scheduler/scheduler_config.json", SCHEDULER}
};

static void
write_file (const char *name, const void *data, gsize size)
{
  g_free (fuzz_write (name, data, size));
}

/* fuzz_clean_up(), which runs after it, knows files of one directory. */
static void
clean_up_scheduler (void)
{
  g_autofree char *directory =
      g_build_filename (fuzz_directory, "scheduler", NULL);
  g_autofree char *path =
      g_build_filename (directory, "scheduler_config.json", NULL);

  g_remove (path);
  g_rmdir (directory);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_autofree char *directory = NULL;

  fuzz_init ();
  directory = g_build_filename (fuzz_directory, "scheduler", NULL);
  if (g_mkdir (directory, 0700) != 0)
    g_error ("%s: cannot be made", directory);
  atexit (clean_up_scheduler);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    write_file (files[i].name, files[i].usual, strlen (files[i].usual));
  write_file ("words.txt", "a\ndog\n", 6);
  return 0;
}

static void
read_transformer (const char *path)
{
  g_autoptr (GError) error = NULL;
  TransformerConfig c;
  gboolean success = transformer_config_read (&c, path, &error);

  fuzz_check_error (success, error);
  if (success && (c.dim != c.heads * c.head_size || c.dim < 2
          || c.head_size % 2 || c.frequencies % 2 || c.n_layers < 1
          || c.n_layers > 256 || c.in_channels < 1 || c.patch[0] < 1
          || c.patch[1] < 1 || c.patch[2] < 1 || c.patch[2] > 16))
    abort ();
}

static void
read_text_encoder (const char *path)
{
  g_autoptr (GError) error = NULL;
  TextEncoderConfig c;
  gboolean success = text_encoder_config_read (&c, path, &error);

  fuzz_check_error (success, error);
  if (success && (c.buckets < 4 || c.max_distance <= c.buckets / 4
          || c.heads < 1 || c.head_size < 1 || c.n_layers < 1
          || c.n_layers > 256 || c.vocabulary < 3))
    abort ();
}

static void
read_vae (const char *path)
{
  g_autoptr (GError) error = NULL;
  VaeConfig c;
  gboolean success = vae_config_read (&c, path, &error);

  fuzz_check_error (success, error);
  if (!success)
    return;
  if (c.n_blocks < 1 || c.n_blocks > VAE_MAX_BLOCKS || c.width < 1
      || c.width > VAE_MAX_WIDTH || c.scale_space < 1 || c.scale_time < 1
      || c.latent_channels > VAE_MAX_LATENT_CHANNELS)
    abort ();
  for (guint i = 0; i < c.n_blocks; i++)
    if (c.blocks[i].in < 1 || c.blocks[i].out < 1 || c.blocks[i].up < 1)
      abort ();
}

static void
read_checkpoint (void)
{
  g_autoptr (GError) error = NULL;
  Checkpoint c;
  gboolean success = checkpoint_read (&c, fuzz_directory, &error);

  fuzz_check_error (success, error);
  if (success && (!c.name || !g_utf8_validate (c.name, -1, NULL)
          || c.text_length < 1 || c.text_length > 4096 || c.width < 0
          || c.width > 16384 || c.num_frames < 0 || c.num_frames > 100000
          || c.sampler.num_train_timesteps < 2
          || !(c.event_seconds > 0 && c.event_seconds <= 3600)
          || !c.actions != !c.phrases || (c.actions
              && g_strv_length (c.actions) != g_strv_length (c.phrases))))
    abort ();
  checkpoint_clear (&c);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree char *path = fuzz_write ("config.json", data, size);

  read_transformer (path);
  read_text_encoder (path);
  read_vae (path);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    write_file (files[i].name, data, size);
    read_checkpoint ();
    write_file (files[i].name, files[i].usual, strlen (files[i].usual));
  }
  return 0;
}

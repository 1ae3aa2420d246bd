/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-recipe.c: the input is a sound recipe; what is made of it sounds for a
 * while, is triggered and released. */

#include <math.h>
#include <string.h>

#include "models/foley/shape/voice.h"
#include "fuzz.h"

#define QUANTA 24

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  return 0;
}

static void
render (Voice * voice, guint n)
{
  float out[FOLEY_QUANTUM];
  guint i, j;

  for (i = 0; i < n; i++) {
    gboolean silent = voice_is_silent (voice);

    voice_render (voice, out);
    for (j = 0; j < FOLEY_QUANTUM; j++)
      if (!isfinite (out[j]) || (silent && fabsf (out[j]) > 1))
        abort ();
  }
}

/* @data gives it a life: which variables are what, and when it is triggered. */
static void
play (Voice * voice, const guint8 * data, gsize size)
{
  static const float values[] = { 0, 1, -1, 1e-3f, 30, 1e9f, NAN, INFINITY };
  guint i;

  for (i = 0; i < QUANTA; i++) {
    guint8 byte = size ? data[i % size] : 0;

    voice_set (voice, byte % VOICE_N_VARIABLES,
        values[byte / 16 % G_N_ELEMENTS (values)]);
    if (byte % 3 == 0)
      voice_trigger (voice, byte, byte / 128.f - 0.5f);
    if (i == QUANTA / 2)
      voice_release (voice);
    render (voice, 1 + byte % 4);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const guint rates[] = { FOLEY_MIN_RATE, 44100, 48000 };
  const Material materials[2] = { size % N_MATERIALS, size * 7 % N_MATERIALS };
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (Patch) patch = NULL;
  g_autoptr (Voice) voice = NULL;

  if (!g_key_file_load_from_data (file, (const char *) data, size,
          G_KEY_FILE_NONE, NULL))
    return 0;
  patch = patch_new (file, fuzz_directory, &error);
  fuzz_check_error (patch != NULL, error);
  if (!patch)
    return 0;
  voice = voice_new (patch, rates[size % G_N_ELEMENTS (rates)], materials, size,
      &error);
  fuzz_check_error (voice != NULL, error);
  if (voice)
    play (voice, data, size);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* director.c: from frame to frame. */

#include <string.h>

#include "director.h"

/* What goes on by itself fades so long after the last frame, s. */
#define LAST_FADE 0.5f

gboolean
director_init (Director * d, const FoleyOptions * options, GError ** error)
{
  const MixerOptions mixer = {
    .rate = options->rate,.layout = options->layout,
    .n_stems = options->n_stems,.hrtf = options->hrtf,.peak = -1
  };
  guint i;

  d->rate = options->rate;
  d->n_stems = options->n_stems;
  d->seed = options->seed;
  d->aspect = 1;
  d->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) source_free);
  d->actors = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  d->notes = g_array_new (FALSE, FALSE, sizeof (FoleyNote));
  d->strings = g_string_chunk_new (1024);
  for (i = 0; i < FOLEY_N_LAYERS; i++)
    d->gains[i] = 1;
  return (d->memory = memory_new (options->memory, error)) != NULL
      && (d->mixer = mixer_new (&mixer, error)) != NULL;
}

void
director_clear (Director * d)
{
  g_clear_pointer (&d->sources, g_ptr_array_unref);
  g_clear_pointer (&d->actors, g_hash_table_unref);
  g_clear_pointer (&d->notes, g_array_unref);
  g_clear_pointer (&d->strings, g_string_chunk_free);
  g_clear_pointer (&d->mixer, mixer_free);
  g_clear_pointer (&d->memory, memory_free);
  g_strfreev (d->allow);
  g_strfreev (d->deny);
  g_strfreev (d->classes);
  g_free (d->prompt);
  g_free (d->scene);
}

static gboolean
replace_string (char **to, const char *by)
{
  if (g_strcmp0 (*to, by) == 0)
    return FALSE;
  g_free (*to);
  *to = g_strdup (by);
  return TRUE;
}

void
director_control (Director * d, const FoleyControls * controls)
{
  memcpy (d->gains, controls->gains, sizeof d->gains);
  d->new_words |= replace_string (&d->prompt, controls->prompt);
  if (replace_string (&d->scene, controls->scene)) {
    g_strfreev (d->classes);
    d->classes = d->scene ? director_find_classes (d, d->scene) : NULL;
    d->words++;
  }
  g_strfreev (d->allow);
  g_strfreev (d->deny);
  d->allow = g_strdupv ((char **) controls->allow);
  d->deny = g_strdupv ((char **) controls->deny);
  mixer_set_loudness (d->mixer, controls->loudness);
}

void
director_see (Director * d, const Scene * scene)
{
  guint64 sample = director_to_sample (scene->time, d->rate);

  d->before = d->any ? MAX (d->seen, d->position) : d->position;
  d->seen = MAX (sample, d->before);
  d->any = TRUE;
  if (d->new_words)
    director_stage_words (d);
  director_cast (d, scene);
  director_hear_contacts (d, scene);
  director_lay_beds (d, scene);
}

void
director_end (Director * d)
{
  guint i;

  for (i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (s->role == SOURCE_THING)
      s->id = 0;                /* whose it was is gone */
    if (s->role != SOURCE_ONCE)
      source_fade (s, 0, LAST_FADE, d->rate);
  }
}

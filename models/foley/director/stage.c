/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stage.c: sources come, sound and go. */

#include <string.h>

#include "director.h"

static gboolean
names (char **list, const SourceOrder * order)
{
  guint i;

  for (i = 0; list && list[i]; i++)
    if (g_ascii_strcasecmp (list[i], order->sound->id) == 0
        || g_ascii_strcasecmp (list[i], order->sound->name) == 0
        || (order->class_name
            && g_ascii_strcasecmp (list[i], order->class_name) == 0))
      return TRUE;
  return FALSE;
}

static gboolean
is_wanted (Director * d, const SourceOrder * order)
{
  return (!d->allow || !d->allow[0] || names (d->allow, order))
      && !names (d->deny, order);
}

Source *
director_add (Director * d, const SourceOrder * order)
{
  guint64 seed = d->seed * 0x9E3779B97F4A7C15ULL + ++d->count;
  Source *s;

  if (!is_wanted (d, order) || d->sources->len >= DIRECTOR_MAX_SOURCES)
    return NULL;
  s = source_new (order->sound, d->mixer, d->rate, order->materials,
      d->n_stems ? MIN (order->stem, d->n_stems - 1) : 0, seed);
  if (!s)
    return NULL;
  s->role = order->role;
  s->id = order->id;
  s->kind = order->kind;
  s->class_name = order->class_name;
  source_move (s, order->state, order->start, order->start);
  if (s->role == SOURCE_ONCE)
    s->trigger = order->start;
  else {
    s->fade = 0;
    source_fade (s, 1, 0.1f, d->rate);
  }
  g_ptr_array_add (d->sources, s);
  return s;
}

Source *
director_find (Director * d, SourceRole role, guint id, guint kind,
    const Sound * sound)
{
  guint i;

  for (i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (s->role == role && s->id == id && s->kind == kind
        && (!sound || s->sound == sound))
      return s;
  }
  return NULL;
}

void
director_note (Director * d, const Source * s, guint64 sample, const char *why)
{
  const FoleyNote note = {
    .time = director_to_time (sample, d->rate),
    .sound = s->sound->id,.class_name = s->class_name,
    .material = material_get_name (s->materials[0]),
    .layer = s->sound->layer,.azimuth = s->to.place.azimuth,
    .distance = s->to.place.distance,
    .gain = s->to.place.gain * s->level,
    .stem = d->n_stems ? (int) s->stem : -1,
    .why = g_string_chunk_insert (d->strings, why)
  };

  g_array_append_val (d->notes, note);
}

/* The one that fewest sources go to; the lowest of these. */
guint
director_take_stem (Director * d)
{
  guint users[FOLEY_MAX_STEMS] = { 0 }, i, best = 0;

  for (i = 0; i < d->sources->len; i++)
    users[((Source *) d->sources->pdata[i])->stem]++;
  for (i = 1; i < d->n_stems; i++)
    if (users[i] < users[best])
      best = i;
  return best;
}

/* What sounds now and then: what is once is told by who orders it. */
static void
note_call (Director * d, const Source * s)
{
  g_autofree char *why = NULL;

  if (s->role == SOURCE_ONCE || s->role == SOURCE_CONTACT)
    return;
  why = g_strdup_printf ("%s of %s", foley_layer_get_name (s->sound->layer),
      s->class_name ? s->class_name : s->sound->name);
  director_note (d, s, d->position, why);
}

void
director_render (Director * d, float *const *mix, float *const *const *stems)
{
  guint i;

  mixer_begin (d->mixer);
  for (i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (source_render (s, d->mixer, d->rate, d->gains[s->sound->layer],
            d->position))
      note_call (d, s);
  }
  mixer_end (d->mixer, mix, stems);
  for (i = d->sources->len; i-- > 0;)
    if (source_is_over (d->sources->pdata[i]))
      g_ptr_array_remove_index (d->sources, i);
  d->position += FOLEY_QUANTUM;
}

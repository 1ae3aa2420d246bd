/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* foley.c: the whole way from frames to samples. */

#include <string.h>

#include "director/director.h"

struct _Foley
{
  See *see;
  Director director;
  GArray *given;                /* notes, and their strings, that were asked for */
  GStringChunk *given_strings;
  guint channels;
  guint64 position;             /* samples that were handed out */
  float *buffers;               /* a quantum of the mix and of the stems */
  float *mix[FOLEY_MAX_CHANNELS];
  float **stem_channels;        /* [n_stems * channels] */
  float *const **stems;         /* [n_stems] */
};

static void
make_buffers (Foley * f)
{
  guint n_stems = f->director.n_stems, i;

  f->buffers = g_new0 (float, (1 + n_stems) * f->channels * FOLEY_QUANTUM);
  f->stem_channels = g_new0 (float *, n_stems * f->channels);
  f->stems = g_new0 (float *const *, n_stems);
  for (i = 0; i < f->channels; i++)
    f->mix[i] = f->buffers + i * FOLEY_QUANTUM;
  for (i = 0; i < n_stems * f->channels; i++)
    f->stem_channels[i] = f->buffers + (f->channels + i) * FOLEY_QUANTUM;
  for (i = 0; i < n_stems; i++)
    f->stems[i] = f->stem_channels + i * f->channels;
}

static gboolean
check_options (const FoleyOptions * options, GError ** error)
{
  if (options->rate >= FOLEY_MIN_RATE && options->rate <= FOLEY_MAX_RATE
      && options->n_stems <= FOLEY_MAX_STEMS
      && (guint) options->layout <= FOLEY_LAYOUT_BINAURAL)
    return TRUE;
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
      "%u samples a second, layout %u, %u stems: there can be %u to %u, a "
      "layout up to %u, and %u stems", options->rate, options->layout,
      options->n_stems, FOLEY_MIN_RATE, FOLEY_MAX_RATE, FOLEY_LAYOUT_BINAURAL,
      FOLEY_MAX_STEMS);
  return FALSE;
}

Foley *
foley_new (const FoleyOptions * options, GError ** error)
{
  Foley *f;

  if (!check_options (options, error))
    return NULL;
  f = g_new0 (Foley, 1);
  f->channels = foley_layout_get_channels (options->layout);
  f->given = g_array_new (FALSE, FALSE, sizeof (FoleyNote));
  f->given_strings = g_string_chunk_new (1024);
  if (!director_init (&f->director, options, error)) {
    foley_free (f);
    return NULL;
  }
  f->see = see_new (options->finder);
  make_buffers (f);
  return f;
}

void
foley_free (Foley * f)
{
  g_clear_pointer (&f->see, see_free);
  director_clear (&f->director);
  g_array_unref (f->given);
  g_string_chunk_free (f->given_strings);
  g_free (f->buffers);
  g_free (f->stem_channels);
  g_free (f->stems);
  g_free (f);
}

const char *const *
foley_get_complaints (Foley * f)
{
  return memory_get_complaints (f->director.memory);
}

void
foley_control (Foley * f, const FoleyControls * controls)
{
  director_control (&f->director, controls);
}

gboolean
foley_see (Foley * f, const FoleyFrame * frame, GError ** error)
{
  Director *d = &f->director;
  Scene scene;

  if (frame->width == 0 || frame->height == 0 || !(frame->aspect > 0)
      || frame->stride < frame->width * 3) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
        "a frame of %u x %u pixels, %u bytes a row, %g to 1: nothing can be "
        "seen in it", frame->width, frame->height, frame->stride,
        frame->aspect);
    return FALSE;
  }
  see_frame (f->see, frame, d->scene, &scene);
  d->aspect = frame->aspect;
  director_see (d, &scene);
  return TRUE;
}

const FoleyNote *
foley_get_notes (Foley * f, guint * n)
{
  Director *d = &f->director;
  GArray *notes = d->notes;
  GStringChunk *strings = d->strings;

  d->notes = f->given;
  d->strings = f->given_strings;
  g_array_set_size (d->notes, 0);
  g_string_chunk_clear (d->strings);
  f->given = notes;
  f->given_strings = strings;
  *n = notes->len;
  return (const FoleyNote *) notes->data;
}

static void
copy_out (Foley * f, gsize done, guint from, guint n, float *const *mix,
    float *const *const *stems)
{
  guint i, c;

  for (c = 0; c < f->channels; c++)
    memcpy (mix[c] + done, f->mix[c] + from, n * sizeof (float));
  for (i = 0; stems && i < f->director.n_stems; i++)
    for (c = 0; c < f->channels; c++)
      memcpy (stems[i][c] + done, f->stems[i][c] + from, n * sizeof (float));
}

void
foley_render (Foley * f, guint64 upto, float *const *mix,
    float *const *const *stems)
{
  Director *d = &f->director;
  gsize done = 0;

  while (f->position < upto) {
    guint from = f->position % FOLEY_QUANTUM, n;

    if (f->position == d->position)
      director_render (d, f->mix, d->n_stems ? f->stems : NULL);
    n = MIN (FOLEY_QUANTUM - from, upto - f->position);
    copy_out (f, done, from, n, mix, stems);
    f->position += n;
    done += n;
  }
}

guint64
foley_get_position (Foley * f)
{
  return f->position;
}

void
foley_end (Foley * f)
{
  director_end (&f->director);
}

gboolean
foley_is_silent (Foley * f)
{
  return f->director.sources->len == 0 && mixer_is_silent (f->director.mixer);
}

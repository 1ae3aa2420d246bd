/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-foley.c: a stand-in for models/foley that makes a known signal, writes down
 * what it is given, and fails as it is told to. It checks that its caller keeps to
 * the contract: one thread at a time, times that do not go back, no sound of what
 * has not been seen. */

#include "fake-foley.h"

#include <string.h>

#define NSEC G_GUINT64_CONSTANT (1000000000)

FakeFoley fake_foley;

struct _Foley
{
  FoleyOptions options;
  gint busy;                    /* one thread at a time */
  gboolean controlled, seen, ended;
  guint64 time;                 /* of the last frame */
  guint64 frames, position, end;
  FoleyNote notes[2];
  guint n_notes;
};

/* *INDENT-OFF* */
G_DEFINE_QUARK (foley-error-quark, foley_error)
/* *INDENT-ON* */

void
fake_foley_reset (void)
{
  g_assert_cmpint (g_atomic_int_get (&fake_foley.alive), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&fake_foley.finders), ==, 0);
  memset (&fake_foley, 0, sizeof fake_foley);
  fake_foley.new_error = fake_foley.see_error = -1;
}

static void
enter (Foley * foley)
{
  g_assert_true (g_atomic_int_compare_and_exchange (&foley->busy, 0, 1));
}

static void
leave (Foley * foley)
{
  g_assert_true (g_atomic_int_compare_and_exchange (&foley->busy, 1, 0));
}

guint
foley_layout_get_channels (FoleyLayout layout)
{
  static const guint channels[] = { 1, 2, 6, 4, 2 };

  return channels[layout];
}

const char *
foley_layer_get_name (FoleyLayer layer)
{
  static const char *const names[] = {
    "ambience", "impacts", "movement", "voices"
  };

  return names[layer];
}

static void
note (char to[FAKE_TEXT], const char *text)
{
  g_strlcpy (to, text ? text : "-", FAKE_TEXT);
}

struct _FoleyFinder
{
  gint refs;
  GError *failure;
};

FoleyFinder *
foley_finder_new (const char *device, GError ** error)
{
  FoleyFinder *finder;

  note (fake_foley.device, device);
  g_atomic_int_inc (&fake_foley.finders_made);
  if (fake_foley.no_device) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_DEVICE, "told to fail");
    return NULL;
  }
  g_atomic_int_inc (&fake_foley.finders);
  finder = g_new0 (FoleyFinder, 1);
  finder->refs = 1;
  return finder;
}

void
foley_finder_unref (FoleyFinder * finder)
{
  if (!g_atomic_int_dec_and_test (&finder->refs))
    return;
  g_atomic_int_add (&fake_foley.finders, -1);
  g_clear_error (&finder->failure);
  g_free (finder);
}

const GError *
foley_finder_get_failure (FoleyFinder * finder)
{
  return finder->failure;
}

Foley *
foley_new (const FoleyOptions * options, GError ** error)
{
  Foley *foley;

  if (fake_foley.new_error >= 0) {
    g_set_error (error, FOLEY_ERROR, fake_foley.new_error, "told to fail");
    return NULL;
  }
  g_assert_cmpuint (options->rate, >=, FOLEY_MIN_RATE);
  g_assert_cmpuint (options->rate, <=, FOLEY_MAX_RATE);
  g_assert_cmpuint (options->n_stems, <=, FOLEY_MAX_STEMS);
  foley = g_new0 (Foley, 1);
  if (options->finder)
    g_atomic_int_inc (&options->finder->refs);
  foley->options = fake_foley.options = *options;
  note (fake_foley.memory, options->memory);
  note (fake_foley.hrtf, options->hrtf);
  fake_foley.options.memory = fake_foley.options.hrtf = NULL;
  fake_foley.seen_hash = 0;
  g_atomic_int_inc (&fake_foley.made);
  g_atomic_int_inc (&fake_foley.alive);
  return foley;
}

void
foley_free (Foley * foley)
{
  enter (foley);
  g_atomic_int_add (&fake_foley.alive, -1);
  if (foley->options.finder)
    foley_finder_unref (foley->options.finder);
  g_free (foley);
}

const char *const *
foley_get_complaints (Foley * foley)
{
  static const char *const none[] = { NULL };

  return fake_foley.complaints ? fake_foley.complaints : none;
}

static void
note_names (char to[FAKE_TEXT], const char *const *names)
{
  g_autofree char *all = names ? g_strjoinv ("|", (char **) names) : NULL;

  note (to, all);
}

void
foley_control (Foley * foley, const FoleyControls * controls)
{
  enter (foley);
  foley->controlled = TRUE;
  fake_foley.controlled++;
  note (fake_foley.prompt, controls->prompt);
  note (fake_foley.scene, controls->scene);
  note_names (fake_foley.allow, controls->allow);
  note_names (fake_foley.deny, controls->deny);
  memcpy (fake_foley.gains, controls->gains, sizeof fake_foley.gains);
  fake_foley.loudness = controls->loudness;
  leave (foley);
}

static guint64
hash (guint64 sum, guint64 value)
{
  return (sum ^ value) * G_GUINT64_CONSTANT (0x100000001b3);
}

/* All pixels are read, so that a wrong stride or size shows. */
static void
look (const FoleyFrame * frame)
{
  const guint8 *middle = frame->rgb + frame->height / 2 * frame->stride
      + frame->width / 2 * 3;

  for (guint y = 0; y < frame->height; y++)
    for (guint x = 0; x < frame->width * 3; x++)
      fake_foley.seen_hash = hash (fake_foley.seen_hash,
          frame->rgb[y * frame->stride + x]);
  fake_foley.seen_hash = hash (fake_foley.seen_hash, frame->time);
  memcpy (fake_foley.pixel, middle, sizeof fake_foley.pixel);
}

static void
note_hints (const FoleyFrame * frame)
{
  for (guint i = 0; i < MIN (frame->n_hints, FAKE_HINTS); i++) {
    fake_foley.hints[i] = frame->hints[i];
    fake_foley.hints[i].class_name =
        g_intern_string (frame->hints[i].class_name);
  }
}

static void
make_notes (Foley * foley)
{
  /* time, sound, class, material, layer, azimuth, distance, gain, stem, why */
  static const FoleyNote told = {
    0, "bell-1", "bell", "brass", FOLEY_LAYER_IMPACTS, 0.25, 2.5, 0.5, -1,
    "told to"
  };

  foley->n_notes = 0;
  if (!fake_foley.note_every || foley->frames % fake_foley.note_every)
    return;
  foley->n_notes = 1;
  foley->notes[0] = told;
  foley->notes[0].time = foley->time / 2;
}

gboolean
foley_see (Foley * foley, const FoleyFrame * frame, GError ** error)
{
  enter (foley);
  g_assert_true (foley->controlled);
  g_assert_false (foley->ended);
  g_assert_cmpuint (frame->time, >=, foley->time);
  g_assert_cmpuint (frame->width, >=, 1);
  g_assert_cmpuint (frame->height, >=, 1);
  g_assert_cmpuint (frame->width * frame->height, <=, FOLEY_MOST_PIXELS);
  g_assert_cmpuint (frame->stride, >=, frame->width * 3);
  g_assert_cmpfloat (frame->aspect, >, 0);
  foley->time = frame->time;
  foley->seen = TRUE;
  foley->frames++;
  if (fake_foley.finder_fails && foley->options.finder
      && foley->frames == (guint64) fake_foley.finder_fails)
    g_set_error (&foley->options.finder->failure, FOLEY_ERROR,
        FOLEY_ERROR_DEVICE, "told to fail");
  fake_foley.seen++;
  fake_foley.frame = *frame;
  look (frame);
  note_hints (frame);
  make_notes (foley);
  leave (foley);
  if (fake_foley.see_error < 0)
    return TRUE;
  g_set_error (error, FOLEY_ERROR, fake_foley.see_error, "told to fail");
  return FALSE;
}

const FoleyNote *
foley_get_notes (Foley * foley, guint * n)
{
  *n = foley->n_notes;
  return foley->notes;
}

float
fake_foley_sample (guint64 n, int stem, guint channel)
{
  return (float) (n % 4093 + 1) / 8192 + channel / 16.f + (stem + 1) / 128.f;
}

static void
render_track (guint64 from, guint64 upto, float *const *track, int stem,
    guint channels)
{
  for (guint c = 0; c < channels; c++)
    for (guint64 i = from; i < upto; i++)
      track[c][i - from] = fake_foley.silent ? 0 :
          fake_foley_sample (i, stem, c);
}

/* samples * NSEC / rate, without overflow in what tests do */
static guint64
time_to_sample (const Foley * foley, guint64 time)
{
  guint64 rate = foley->options.rate;

  return time / NSEC * rate + time % NSEC * rate / NSEC;
}

void
foley_render (Foley * foley, guint64 upto, float *const *mix,
    float *const *const *stems)
{
  guint channels = foley_layout_get_channels (foley->options.layout);

  enter (foley);
  g_assert_true (foley->seen);
  g_assert_cmpuint (upto, >=, foley->position);
  if (!foley->ended)
    g_assert_cmpuint (upto, <=, time_to_sample (foley, foley->time) + 1);
  g_assert_true (!stems == !foley->options.n_stems);
  render_track (foley->position, upto, mix, -1, channels);
  for (guint i = 0; i < foley->options.n_stems; i++)
    render_track (foley->position, upto, stems[i], i, channels);
  foley->position = upto;
  leave (foley);
}

guint64
foley_get_position (Foley * foley)
{
  return foley->position;
}

void
foley_end (Foley * foley)
{
  enter (foley);
  g_assert_false (foley->ended);
  foley->ended = TRUE;
  foley->end = time_to_sample (foley, foley->time + fake_foley.tail);
  fake_foley.ended++;
  leave (foley);
}

gboolean
foley_is_silent (Foley * foley)
{
  return foley->ended && foley->position >= foley->end;
}

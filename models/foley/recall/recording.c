/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recording.c: plays a sound file: "recording".
 *
 * It is kept at the rate it was recorded at, as mono, and read at any speed by
 * a windowed sinc whose cutoff falls where reading is faster than the voice's
 * rate (Smith, "Digital Audio Resampling Home Page", CCRMA 2002).  Voices of
 * the same file share it. */

#include <gio/gio.h>
#include <math.h>
#include <sndfile.h>
#include <string.h>

#include "models/foley/recall/players.h"

#define LONGEST 60              /* s */
#define MOST_CHANNELS 32
#define LEAST_RATE 1000
#define MOST_RATE 768000
/* Zero crossings of the sinc to a side, and steps from one to the next. */
#define CROSSINGS 12
#define STEPS 512
#define KAISER 9.               /* -90 dB beyond */
/* Files are read at most so many times as fast: longer kernels cost too much. */
#define FASTEST 16.
/* s, of what is cut off. */
#define FADE 0.005f
#define RELEASE 0.2f
#define PLAYS 2
/* Frames that are read at a time. */
#define CHUNK 4096

enum
{
  PITCH, LEVEL
};

static const NodeParam params[] = {
  {"pitch", "", 1, 0.05f, 10},  /* times as fast and as high */
  {"level", "", 1, 0, 100},
  {NULL}
};

static const char *const yes_no[] = { "no", "yes", NULL };

static const NodeWord words[] = {
  {"file", "", NULL},           /* in the folder of the recipe */
  {"loop", "no", yes_no},       /* from its end to its beginning */
  {NULL}
};

typedef struct
{
  char *path;
  guint users;                  /* under the lock */
  float *samples;               /* [n] */
  gsize n;
  double rate;
} Take;

/* One that is heard. */
typedef struct
{
  gboolean active;
  double position;              /* in samples of the file */
  guint wait;                   /* samples of the voice until it begins */
  float strength, fade, fade_step;
} Play;

typedef struct
{
  Take *take;
  gboolean loop;
  Play plays[PLAYS];
  guint latest;
} Recording;

static GMutex lock;
static GHashTable *takes;       /* path: Take, those in use */

static double
bessel_i0 (double x)
{
  double sum = 1, term = 1;

  for (guint k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

/* Half of a symmetric kernel: [CROSSINGS * STEPS + 2]. */
static gpointer
make_kernel (gpointer data)
{
  float *kernel = g_new0 (float, CROSSINGS * STEPS + 2);

  kernel[0] = 1;
  for (guint i = 1; i < CROSSINGS * STEPS; i++) {
    double x = (double) i / STEPS, u = x / CROSSINGS;

    kernel[i] = (float) (sin (G_PI * x) / (G_PI * x)
        * bessel_i0 (KAISER * sqrt (1 - u * u)) / bessel_i0 (KAISER));
  }
  return kernel;
}

static const float *
get_kernel (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, make_kernel, NULL);
}

static gboolean
check_info (const SF_INFO * info, const char *name, GError ** error)
{
  const char *why = NULL;

  if (info->samplerate < LEAST_RATE || info->samplerate > MOST_RATE)
    why = "a rate of 1000 to 768000 Hz";
  else if (info->channels < 1 || info->channels > MOST_CHANNELS)
    why = "1 to 32 channels";
  else if (info->frames < 1
      || info->frames > (sf_count_t) LONGEST * info->samplerate)
    why = "at most 60 s, and not nothing";
  if (why == NULL)
    return TRUE;
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
      "file: found %s: %d channels, %d Hz, %.1f s; possible: %s", name,
      info->channels, info->samplerate,
      (double) info->frames / MAX (info->samplerate, 1), why);
  return FALSE;
}

/* Mixed to mono; a sample that is no number counts nothing. */
static void
mix_down (const float *in, gsize n, guint channels, float *out)
{
  for (gsize i = 0; i < n; i++) {
    float sum = 0;

    for (guint c = 0; c < channels; c++)
      sum += in[i * channels + c];
    sum /= channels;
    out[i] = isfinite (sum) ? CLAMP (sum, -16.f, 16.f) : 0;
  }
}

/* Reads until the end of a file that may be shorter than it says. */
static void
read_samples (SNDFILE * file, const SF_INFO * info, Take * take)
{
  g_autofree float *chunk = g_new (float, CHUNK * info->channels);
  sf_count_t got;

  take->samples = g_new (float, info->frames);
  while (take->n < (gsize) info->frames) {
    got = sf_readf_float (file, chunk,
        MIN (CHUNK, info->frames - (sf_count_t) take->n));
    if (got <= 0)
      break;
    mix_down (chunk, got, info->channels, take->samples + take->n);
    take->n += got;
  }
}

static Take *
load_take (const char *path, const char *name, GError ** error)
{
  SF_INFO info = { 0 };
  SNDFILE *file = sf_open (path, SFM_READ, &info);
  Take *take;

  if (file == NULL) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
        "file: found %s, which can't be read (%s); possible: a sound file, as "
        "WAV, FLAC or Ogg", name, sf_strerror (NULL));
    return NULL;
  }
  if (!check_info (&info, name, error)) {
    sf_close (file);
    return NULL;
  }
  take = g_new0 (Take, 1);
  take->path = g_strdup (path);
  take->rate = info.samplerate;
  read_samples (file, &info, take);
  sf_close (file);
  return take;
}

/* One that another voice has, or else a new one. */
static Take *
get_take (const char *path, const char *name, GError ** error)
{
  Take *take;

  g_mutex_lock (&lock);
  if (takes == NULL)
    takes = g_hash_table_new (g_str_hash, g_str_equal);
  take = g_hash_table_lookup (takes, path);
  if (take == NULL) {
    take = load_take (path, name, error);
    if (take != NULL)
      g_hash_table_insert (takes, take->path, take);
  }
  if (take != NULL)
    take->users++;
  g_mutex_unlock (&lock);
  return take;
}

static void
leave_take (Take * take)
{
  g_mutex_lock (&lock);
  if (--take->users == 0) {
    g_hash_table_remove (takes, take->path);
    g_free (take->path);
    g_free (take->samples);
    g_free (take);
  }
  g_mutex_unlock (&lock);
}

static gboolean
recording_open (Node * node, GError ** error)
{
  Recording *self = node->state;
  g_autofree char *path = player_get_path (node, node->words[0], error);

  if (path == NULL)
    return FALSE;
  get_kernel ();
  self->loop = strcmp (node->words[1], "yes") == 0;
  self->take = get_take (path, node->words[0], error);
  return self->take != NULL;
}

static void
recording_close (Node * node)
{
  Recording *self = node->state;

  g_clear_pointer (&self->take, leave_take);
}

static void
fade_out (Node * node, Play * play, float seconds)
{
  play->fade_step = -1 / MAX (seconds * (float) node->rate, 1);
}

static void
recording_trigger (Node * node, guint offset, float strength)
{
  Recording *self = node->state;
  Play *play = &self->plays[self->latest];

  if (play->active)
    fade_out (node, play, FADE);
  self->latest = (self->latest + 1) % PLAYS;
  play = &self->plays[self->latest];
  *play = (Play) {
  .active = TRUE,.wait = offset,.strength = strength,.fade = 1};
}

static void
recording_release (Node * node)
{
  Recording *self = node->state;

  for (guint i = 0; self->loop && i < PLAYS; i++)
    fade_out (node, &self->plays[i], RELEASE);
}

/* The sample at @index; beyond its ends silence, or it again. */
static float
get_sample (const Recording * self, gint64 index)
{
  gint64 n = self->take->n;

  if (self->loop)
    index = (index % n + n) % n;
  return index >= 0 && index < n ? self->take->samples[index] : 0;
}

/* At @position; @step: samples of the file to one of the voice. */
static float
interpolate (const Recording * self, double position, double step)
{
  const float *kernel = get_kernel ();
  double cutoff = 1 / MAX (step, 1), reach = CROSSINGS / cutoff;
  gint64 from = (gint64) ceil (position - reach);
  gint64 to = (gint64) floor (position + reach);
  double sum = 0;

  for (gint64 i = from; i <= to; i++) {
    double at = fabs (position - i) * cutoff * STEPS;
    guint index = (guint) at;
    float part = (float) (at - index);

    sum += get_sample (self, i)
        * (kernel[index] + part * (kernel[index + 1] - kernel[index]));
  }
  return (float) (sum * cutoff);
}

/* Adds a sample of it and goes on by @step. */
static float
next_sample (const Recording * self, Play * play, double step)
{
  float out = play->strength * play->fade
      * interpolate (self, play->position, step);

  play->position += step;
  play->fade += play->fade_step;
  if (self->loop)
    play->position = fmod (play->position, self->take->n);
  else if (play->position > self->take->n + CROSSINGS * MAX (step, 1))
    play->active = FALSE;
  if (play->fade <= 0)
    play->active = FALSE;
  return out;
}

static void
recording_render (Node * node, const float *const *inputs, float *out)
{
  Recording *self = node->state;
  double step = MIN (self->take->rate / node->rate * node->params[PITCH],
      FASTEST);

  memset (out, 0, FOLEY_QUANTUM * sizeof (float));
  for (guint k = 0; k < PLAYS; k++) {
    Play *play = &self->plays[k];

    for (guint i = 0; i < FOLEY_QUANTUM && play->active; i++)
      if (play->wait > 0)
        play->wait--;
      else
        out[i] += node->params[LEVEL] * next_sample (self, play, step);
  }
}

static gboolean
recording_is_silent (const Node * node)
{
  const Recording *self = node->state;

  for (guint i = 0; i < PLAYS; i++)
    if (self->plays[i].active)
      return FALSE;
  return TRUE;
}

const NodeClass recording_class = {
  .type = "recording",
  .about = "plays a sound file of the recipe's folder when triggered",
  .params = params,
  .words = words,
  .state_size = sizeof (Recording),
  .open = recording_open,
  .close = recording_close,
  .trigger = recording_trigger,
  .render = recording_render,
  .is_silent = recording_is_silent,
  .release = recording_release,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-mixer.c: stems, silence, jumps, hostile input, all rates, and speed. */

#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/models/foley/mix/measure.h"

static const guint rates[] = {
  8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000
};

static const guint n_channels[] = { 1, 2, 6, 4, 2 };

/* Noises that move about. */
static void
play_moving (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  double phase = time * (1 + strip) + strip;

  if (fmod (phase, 1) < 0.7)
    measure_noise (strip, time, rate, 0.3, in);
  place->azimuth = (float) (3 * sin (phase));
  place->elevation = (float) (0.4 * sin (phase * 1.7));
  place->distance = (float) (3 + 2 * cos (phase));
  place->width = strip % 3 == 2 ? 0.7f : 0;
}

static void
assert_same (const Take * a, const Take * b)
{
  guint c;

  g_assert_cmpuint (a->length, ==, b->length);
  for (c = 0; c < a->channels; c++)
    g_assert_cmpmem (a->x[c], a->length * sizeof (float), b->x[c],
        b->length * sizeof (float));
}

static Take *
take_moving (guint rate, FoleyLayout layout, guint n_stems, double seconds)
{
  g_autoptr (Mixer) mixer = measure_new_mixer (rate, layout, n_stems);

  mixer_set_room (mixer, ROOM_KITCHEN);
  mixer_set_loudness (mixer, -20);
  return measure_play (mixer, rate, layout, n_stems, 5, seconds, play_moving,
      NULL);
}

static void
test_stems (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  g_autoptr (Take) take = take_moving (48000, layout, 3, 2);
  g_autoptr (Take) whole = take_moving (48000, layout, 0, 2);
  double off = 0, apart = 0, sum = 0;
  guint c, s, i;

  for (c = 0; c < take->channels; c++)
    for (i = 0; i < take->length; i++) {
      double left = take->x[c][i];

      sum += left * left;
      apart += pow (left - whole->x[c][i], 2);
      for (s = 0; s < 3; s++)
        left -= take->stems[s][c][i];
      off = MAX (off, fabs (left));
    }
  g_test_message ("stems off the mix by %.0f dBFS, the mix off that without "
      "stems by %.0f dB", 20 * log10 (off + 1e-12),
      10 * log10 (apart / sum + 1e-24));
  g_assert_cmpfloat (off, <, 3e-5);
  g_assert_cmpfloat (apart, <, 1e-9 * sum);
  for (s = 0; s < 3; s++)
    g_assert_cmpfloat (measure_rms (take->stems[s][0], take->length), >, 0.001);
}

/* A strip is heard in its own stem only. */
static void
play_one (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  if (strip == 1)
    measure_noise (strip, time, rate, 0.1, in);
}

static void
test_own_stem (void)
{
  g_autoptr (Mixer) mixer = measure_new_mixer (48000, FOLEY_LAYOUT_STEREO, 3);
  g_autoptr (Take) take = NULL;

  mixer_set_room (mixer, ROOM_HALL);
  take = measure_play (mixer, 48000, FOLEY_LAYOUT_STEREO, 3, 3, 0.5, play_one,
      NULL);
  g_assert_cmpfloat (measure_rms (take->stems[0][0], take->length), ==, 0);
  g_assert_cmpfloat (measure_rms (take->stems[1][0], take->length), >, 0.01);
  g_assert_cmpfloat (measure_rms (take->stems[2][0], take->length), ==, 0);
}

static void
test_same (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  g_autoptr (Take) a = take_moving (44100, layout, 0, 1);
  g_autoptr (Take) b = take_moving (44100, layout, 0, 1);

  assert_same (a, b);
}

static void
play_silence (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  place->azimuth = (float) sin (10 * time);
}

static void
test_silence (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  g_autoptr (Mixer) mixer = measure_new_mixer (48000, layout, 0);
  g_autoptr (Take) take = NULL;
  guint c, i;

  mixer_set_room (mixer, ROOM_CATHEDRAL);
  mixer_set_loudness (mixer, -14);
  take = measure_play (mixer, 48000, layout, 0, 4, 2, play_silence, NULL);
  for (c = 0; c < take->channels; c++)
    for (i = 0; i < take->length; i++)
      g_assert_cmpfloat (take->x[c][i], ==, 0);
  g_assert_true (mixer_is_silent (mixer));
}

typedef struct
{
  const char *what;
  Place before, after;          /* after 0.5 s */
  double bound;                 /* of the second difference, of amplitude 1 */
} Jump;

static void
play_jump (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  const Jump *jump = data;

  measure_sine (200, time, rate, 0.2, in);
  *place = time < 0.5 ? jump->before : jump->after;
}

/* The largest second difference, as of an amplitude of 1; a click has 1. */
static double
find_bend (const Take * take, guint from)
{
  double most = 0;
  guint c, i;

  for (c = 0; c < take->channels; c++)
    for (i = from + 2; i < take->length; i++)
      most = MAX (most, fabs ((double) take->x[c][i] -
              2 * take->x[c][i - 1] + take->x[c][i - 2]));
  return most / 0.2;
}

/* 200 Hz bends by 7e-4. */
static void
test_jumps (gconstpointer data)
{
  static const Jump jumps[] = {
    {"still", {0, 0, 1, 1, 0}, {0, 0, 1, 1, 0}, 1e-3},
    {"farther", {0, 0, 1, 1, 0}, {0, 0, 20, 1, 0}, 5e-3},
    {"nearer", {0, 0, 20, 1, 0}, {0, 0, 1, 1, 0}, 5e-3},
    {"gain", {0, 0, 1, 0, 0}, {0, 0, 1, 1, 0}, 5e-3},
    {"side", {-1.5f, 0, 1, 1, 0}, {1.5f, 0, 1, 1, 0}, 1e-2},
    {"width", {1, 0, 1, 1, 0}, {1, 0, 1, 1, 1}, 5e-3},
    {"overhead", {1, 0, 1, 1, 0}, {-2, 1.5f, 1, 1, 0}, 1e-2},
  };
  FoleyLayout layout = GPOINTER_TO_INT (data);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (jumps); i++) {
    g_autoptr (Mixer) mixer = measure_new_mixer (48000, layout, 0);
    g_autoptr (Take) take = measure_play (mixer, 48000, layout, 0, 1, 1,
        play_jump, (gpointer) & jumps[i]);
    double bend = find_bend (take, 23000);

    g_test_message ("%s: bends by %.1e", jumps[i].what, bend);
    g_assert_cmpfloat (bend, <, jumps[i].bound);
    g_assert_cmpfloat (bend, >, 1e-6);
  }
}

/* A room change while a tone sounds: as smooth as the tone. */
static void
test_room_change (void)
{
  static const Room rooms[] =
      { ROOM_HALL, ROOM_OPEN, ROOM_KITCHEN, ROOM_FOREST };
  g_autoptr (Mixer) mixer = measure_new_mixer (48000, FOLEY_LAYOUT_STEREO, 0);
  g_autoptr (Strip) strip = strip_new (mixer, 0);
  Place place = {.distance = 3,.gain = 1 };
  Take take = {.rate = 48000,.channels = 2,.length = 750 * 4 * FOLEY_QUANTUM };
  double bend, last = 0;
  guint i;

  take.x[0] = g_new0 (float, take.length);
  take.x[1] = g_new0 (float, take.length);
  for (i = 0; i < 750 * 4; i++) {
    float in[FOLEY_QUANTUM];
    float *mix[] = { take.x[0] + i * FOLEY_QUANTUM,
      take.x[1] + i * FOLEY_QUANTUM
    };

    if (i % 750 == 300)
      mixer_set_room (mixer, rooms[i / 750]);
    mixer_begin (mixer);
    measure_sine (200, i * 64 / 48000.0, 48000, 0.2, in);
    mixer_add (mixer, strip, in, &place);
    mixer_end (mixer, mix, NULL);
  }
  bend = find_bend (&take, 4800);
  g_test_message ("changing rooms bends by %.1e", bend);
  g_assert_cmpfloat (bend, <, 3e-3);
  /* the rooms are heard: levels differ */
  for (i = 1; i < 4; i++) {
    double level = measure_rms (take.x[0] + i * 48000, 9600);

    g_assert_cmpfloat (fabs (level / (last + 1e-9) - 1), >, 0.01);
    last = level;
  }
  g_free (take.x[0]);
  g_free (take.x[1]);
}

/* Values that are none, and places that are nowhere. */
static void
play_hostile (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  static const float values[] = { NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX,
    1e-40f, -1e-30f, 0, 1, -1, 1e6f
  };
  guint n = (guint) (time * rate / FOLEY_QUANTUM) + strip, i;
#define PICK(k) values[(n / (k)) % G_N_ELEMENTS (values)]

  for (i = 0; i < FOLEY_QUANTUM; i++)
    in[i] = values[(i + n) % G_N_ELEMENTS (values)];
  place->azimuth = PICK (1);
  place->elevation = PICK (2);
  place->distance = PICK (3);
  place->gain = PICK (5);
  place->width = PICK (7);
}

static void
test_hostile (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  g_autoptr (Mixer) mixer = measure_new_mixer (16000, layout, 2);
  g_autoptr (Take) take = NULL;
  guint c, i;

  mixer_set_room (mixer, ROOM_ROOM);
  mixer_set_loudness (mixer, NAN);
  mixer_set_loudness (mixer, -1000);
  take = measure_play (mixer, 16000, layout, 2, 3, 4, play_hostile, NULL);
  for (c = 0; c < take->channels; c++)
    for (i = 0; i < take->length; i++) {
      g_assert_true (isfinite (take->x[c][i]));
      g_assert_cmpfloat (fabsf (take->x[c][i]), <, 1);
    }
}

/* What fades away doesn't become denormal. */
static void
play_fading (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  measure_sine (500, time, rate, exp (-100 * time), in);
}

static void
test_denormals (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  g_autoptr (Mixer) mixer = measure_new_mixer (48000, layout, 0);
  g_autoptr (Take) take = NULL;
  guint c, i;

  mixer_set_room (mixer, ROOM_FOREST);
  take = measure_play (mixer, 48000, layout, 0, 1, 2, play_fading, NULL);
  for (c = 0; c < take->channels; c++)
    for (i = 0; i < take->length; i++)
      g_assert_cmpint (fpclassify (take->x[c][i]), !=, FP_SUBNORMAL);
  g_assert_true (mixer_is_silent (mixer));
}

static void
test_rates (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  guint r, c, i;

  for (r = 0; r < G_N_ELEMENTS (rates); r++) {
    g_autoptr (Take) take = take_moving (rates[r], layout, 0, 0.5);

    g_assert_cmpuint (take->channels, ==, n_channels[layout]);
    for (c = 0; c < take->channels; c++) {
      double level = measure_rms (take->x[c], take->length);

      for (i = 0; i < take->length; i++)
        g_assert_true (isfinite (take->x[c][i]));
      if (layout == FOLEY_LAYOUT_5_1 && c == 3)
        g_assert_cmpfloat (level, ==, 0);
      else
        g_assert_cmpfloat (level, >, 0.003);
      g_assert_cmpfloat (level, <, 0.5);
    }
  }
}

static void
test_settings (void)
{
  static const MixerOptions wrong[] = {
    {.rate = 7999}, {.rate = 192001}, {.rate = 48000,.layout = 5},
    {.rate = 48000,.n_stems = 33}, {.rate = 48000,.peak = 1},
    {.rate = 48000,.peak = NAN}, {.rate = 48000,.loudness = INFINITY}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (mixer_new (&wrong[i], &error));
    g_assert_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS);
  }
}

/* Sixteen that move, in a room; how many times as fast as they sound. */
static void
test_speed (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  g_autoptr (Mixer) mixer = measure_new_mixer (48000, layout, 0);
  float in[16][FOLEY_QUANTUM], out[FOLEY_MAX_CHANNELS][FOLEY_QUANTUM];
  float *mix[FOLEY_MAX_CHANNELS];
  Strip *strips[16];
  gint64 begin;
  double seconds = 2;
  guint q, i;

  mixer_set_room (mixer, ROOM_ROOM);
  mixer_set_loudness (mixer, -23);
  for (i = 0; i < 16; i++) {
    strips[i] = strip_new (mixer, 0);
    measure_noise (i, 0, 48000, 0.05, in[i]);
  }
  for (i = 0; i < FOLEY_MAX_CHANNELS; i++)
    mix[i] = out[i];
  begin = g_get_monotonic_time ();
  for (q = 0; q < seconds * 750; q++) {
    mixer_begin (mixer);
    for (i = 0; i < 16; i++) {
      Place place = {.azimuth = (float) (i + 0.001 * q),
        .distance = (float) (4 + 0.001 * (q % 3000)),.gain = 1
      };

      mixer_add (mixer, strips[i], in[i], &place);
    }
    mixer_end (mixer, mix, NULL);
  }
  seconds /= (g_get_monotonic_time () - begin) * 1e-6;
  g_test_message ("16 moving strips: %.0f x real time", seconds);
  /* Told, not tested: machines are busy.  What comes out is heard. */
  g_assert_cmpfloat (fabsf (out[0][FOLEY_QUANTUM - 1]), >, 0);
  for (i = 0; i < 16; i++)
    strip_free (strips[i]);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = {
    "mono", "stereo", "5.1", "ambisonic", "binaural"
  };
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    {"stems", test_stems}, {"same", test_same}, {"silence", test_silence},
    {"jumps", test_jumps}, {"hostile", test_hostile},
    {"denormals", test_denormals}, {"rates", test_rates},
    {"speed", test_speed}
  };
  guint t, layout;

  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  for (t = 0; t < G_N_ELEMENTS (tests); t++)
    for (layout = 0; layout <= FOLEY_LAYOUT_BINAURAL; layout++) {
      g_autofree char *path = g_strdup_printf ("/mix/mixer/%s/%s",
          tests[t].name, names[layout]);

      g_test_add_data_func (path, GINT_TO_POINTER (layout), tests[t].test);
    }
  g_test_add_func ("/mix/mixer/own-stem", test_own_stem);
  g_test_add_func ("/mix/mixer/room-change", test_room_change);
  g_test_add_func ("/mix/mixer/settings", test_settings);
  return g_test_run ();
}

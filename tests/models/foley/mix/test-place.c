/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-place.c: where a source is heard: direction, distance, movement. */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "models/foley/mix/air.h"
#include "models/foley/mix/head.h"
#include "tests/models/foley/mix/measure.h"

#define DEGREES (180 / G_PI)

static const char *const layouts[] = {
  "mono", "stereo", "5.1", "ambisonic", "binaural"
};

typedef struct
{
  double frequency;             /* Hz; 0: noise */
  Place place;
} Fixed;

static void
play_fixed (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  const Fixed *fixed = data;

  *place = fixed->place;
  if (fixed->frequency > 0)
    measure_sine (fixed->frequency, time, rate, 0.1, in);
  else
    measure_noise (strip, time, rate, 0.05, in);
}

/* A second of what stands still, half a second of which is skipped. */
static Take *
take_fixed (guint rate, FoleyLayout layout, double frequency, Place place)
{
  g_autoptr (Mixer) mixer = measure_new_mixer (rate, layout, 0);
  Fixed fixed = { frequency, place };

  return measure_play (mixer, rate, layout, 0, 1, 1, play_fixed, &fixed);
}

/* Radians; the inverse of what pan.h says. */
static double
find_stereo (const Take * take, guint from, guint n)
{
  double left = measure_rms (take->x[0] + from, n);
  double right = measure_rms (take->x[1] + from, n);

  return 2 * atan2 (right, left) - G_PI_2;
}

/* The direction of the sum of loudspeakers' amplitudes. */
static double
find_surround (const Take * take, guint from, guint n)
{
  static const double azimuths[] = { -30, 30, 0, 0, -110, 110 };
  double x = 0, y = 0;
  guint c;

  for (c = 0; c < 6; c++) {
    double gain = measure_rms (take->x[c] + from, n);

    if (c == 3) {
      g_assert_cmpfloat (gain, ==, 0);
      continue;
    }
    x += gain * cos (azimuths[c] / DEGREES);
    y += gain * sin (azimuths[c] / DEGREES);
  }
  return atan2 (y, x);
}

/* The direction of the intensity, which W and the others tell. */
static double
find_ambisonic (const Take * take, guint from, guint n, double *elevation)
{
  double axes[3];
  guint c, i;

  for (c = 0; c < 3; c++) {
    axes[c] = 0;
    for (i = 0; i < n; i++)
      axes[c] += (double) take->x[0][from + i] * take->x[c + 1][from + i];
  }
  *elevation = atan2 (axes[1], hypot (axes[0], axes[2]));
  return atan2 (-axes[0], axes[2]);
}

static double
turn_between (double a, double b)
{
  return fabs (remainder (a - b, 2 * G_PI)) * DEGREES;
}

static void
test_azimuth (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  int reach = layout == FOLEY_LAYOUT_STEREO ? 90 : 180, degrees;
  double worst = 0, elevation, found = 0;

  for (degrees = -reach; degrees <= reach; degrees += 15) {
    Place place = {.azimuth = (float) (degrees / DEGREES),.distance = 2,
      .gain = 1
    };
    g_autoptr (Take) take = take_fixed (48000, layout, 0, place);
    guint n = take->length / 2;

    if (layout == FOLEY_LAYOUT_STEREO)
      found = find_stereo (take, n, n);
    else if (layout == FOLEY_LAYOUT_5_1)
      found = find_surround (take, n, n);
    else
      found = find_ambisonic (take, n, n, &elevation);
    worst = MAX (worst, turn_between (found, place.azimuth));
  }
  g_test_message ("%s: azimuth from the signal within %.3f degrees",
      layouts[layout], worst);
  /* White noise: near half the rate the delays between samples cost a little. */
  g_assert_cmpfloat (worst, <, 2.5);
}

static void
test_elevation (void)
{
  int degrees;

  for (degrees = -90; degrees <= 90; degrees += 30) {
    Place place = {.azimuth = 0.7f,.elevation = (float) (degrees / DEGREES),
      .distance = 2,.gain = 1
    };
    g_autoptr (Take) take =
        take_fixed (48000, FOLEY_LAYOUT_AMBISONIC, 0, place);
    double elevation, azimuth;

    azimuth = find_ambisonic (take, take->length / 2, take->length / 2,
        &elevation);
    g_assert_cmpfloat_with_epsilon (elevation * DEGREES, degrees, 0.1);
    if (abs (degrees) < 90)
      g_assert_cmpfloat (turn_between (azimuth, 0.7), <, 0.1);
  }
}

/* What is behind sounds as its mirror image ahead; the far ear is late; and what
 * is summed to mono keeps its power. */
static void
test_stereo_delay (void)
{
  int degrees;

  for (degrees = -75; degrees <= 180; degrees += 15) {
    Place place = {.azimuth = (float) (degrees / DEGREES),.distance = 2,
      .gain = 1
    };
    g_autoptr (Take) take = take_fixed (48000, FOLEY_LAYOUT_STEREO, 0, place);
    guint n = take->length / 2, i;
    double side = sin (degrees / DEGREES), lag, sum = 0;

    g_assert_cmpfloat_with_epsilon (find_stereo (take, n, n) * DEGREES,
        asin (side) * DEGREES, 2.5);
    if (fabs (side) > 0.99)
      continue;
    lag = measure_lag (take->x[0] + n, take->x[1] + n, n, 48000, 0.0005);
    g_assert_cmpfloat_with_epsilon (lag, 0.0003 * side, 5e-6);
    for (i = n; i < 2 * n; i++)
      sum += pow (take->x[0][i] + take->x[1][i], 2) / n;
    sum = 10 * log10 (sum / pow (0.025, 2));
    g_assert_cmpfloat (sum, >, -1);
    g_assert_cmpfloat (sum, <, 3.1);
  }
}

/* Woodworth: (a / c) (angle + sin angle). */
static double
woodworth (double angle)
{
  return 0.0875 / 343 * (angle + sin (angle));
}

static void
check_ears (const float *left, const float *right, guint n, double rate,
    int degrees, double tolerance)
{
  double lag = measure_lag (left, right, n, rate, 0.001);
  double ild = 20 * log10 (measure_rms (right, n) / measure_rms (left, n));
  double goal = woodworth (degrees / DEGREES);

  g_test_message ("%4d degrees: ITD %4.0f us (Woodworth %4.0f), ILD %5.1f dB",
      degrees, lag * 1e6, goal * 1e6, ild);
  g_assert_cmpfloat_with_epsilon (lag, goal, tolerance);
  if (degrees == 0)
    g_assert_cmpfloat (fabs (ild), <, 1.5);
  else
    g_assert_cmpfloat (degrees > 0 ? ild : -ild, >, 1 + abs (degrees) / 30.0);
}

/* Of whatever head serves here. */
static void
test_binaural (void)
{
  int degrees;

  for (degrees = -90; degrees <= 90; degrees += 15) {
    Place place = {.azimuth = (float) (degrees / DEGREES),.distance = 2,
      .gain = 1
    };
    g_autoptr (Take) take = take_fixed (48000, FOLEY_LAYOUT_BINAURAL, 0, place);
    guint n = take->length / 2;

    check_ears (take->x[0] + n, take->x[1] + n, n, 48000, degrees, 1.2e-4);
  }
}

static void
test_sphere (gconstpointer data)
{
  guint rate = GPOINTER_TO_UINT (data);
  float filters[HEAD_DIRECTIONS * 2 * 64];
  Head head = { 64, filters };
  int degrees;

  head_fill_sphere (&head, rate);
  for (degrees = -90; degrees <= 90; degrees += 15) {
    const float *filter = head_find (&head, degrees / DEGREES, 0);
    float padded[2][192] = { {0}
    };
    guint i;

    for (i = 0; i < 64; i++) {
      padded[0][64 + i] = filter[i];
      padded[1][64 + i] = filter[64 + i];
    }
    check_ears (padded[0], padded[1], 192, rate, degrees, 8e-5);
  }
}

/* Why no mixer can be made with a file for heads. */
static void
check_no_mixer (const char *hrtf, FoleyError code, const char *why)
{
  const MixerOptions options = {
    .rate = 48000,.layout = FOLEY_LAYOUT_BINAURAL,.peak = -1,.hrtf = hrtf
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (mixer_new (&options, &error));
  g_assert_error (error, FOLEY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, why));
}

#ifdef HAVE_MYSOFA

static void
test_head_errors (void)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("XXXXXX.sofa", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, "\211HDF\r\n\032\n\2", 9), ==, 9);
  g_close (fd, NULL);
  check_no_mixer ("/nowhere/head.sofa", FOLEY_ERROR_NOT_FOUND,
      "/nowhere/head.sofa");
  check_no_mixer (path, FOLEY_ERROR_READ, path);
  g_unlink (path);
}

#else

static void
test_head_errors (void)
{
  check_no_mixer ("/nowhere/head.sofa", FOLEY_ERROR_SETTINGS, "libmysofa");
}

#endif

static void
test_distance (void)
{
  static const double distances[] = { 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (distances); i++) {
    Place place = {.distance = (float) distances[i],.gain = 0.5f };
    g_autoptr (Take) take = take_fixed (48000, FOLEY_LAYOUT_MONO, 250, place);
    double level = measure_tone (take->x[0] + take->length / 2,
        take->length / 2, 48000, 250);
    double goal = 0.05 / MAX (0.5, distances[i]);

    g_assert_cmpfloat (fabs (20 * log10 (level / goal)), <, 0.1);
  }
}

/* ISO 9613-2, table 2: 20 degrees, 70 %, dB a kilometre; of an octave's exact
 * middle. */
static void
test_absorption (void)
{
  static const double table[][2] = {
    {-3, 0.3}, {-2, 1.1}, {-1, 2.8}, {0, 5.0}, {1, 9.0}, {2, 22.9}, {3, 76.6}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpfloat_with_epsilon (table[i][1], 1000 *
        air_get_absorption (1000 * pow (10, 0.3 * table[i][0]), 70),
        0.051 + 0.002 * table[i][1]);
}

static void
test_air (gconstpointer data)
{
  guint rate = GPOINTER_TO_UINT (data);
  double frequency = MIN (4000, 0.4 * rate), last = 0, distance;

  for (distance = 10; distance < 1000; distance *= 2) {
    Place place = {.distance = (float) distance,.gain = 1 };
    g_autoptr (Take) take =
        take_fixed (rate, FOLEY_LAYOUT_MONO, frequency, place);
    g_autoptr (Take) low = take_fixed (rate, FOLEY_LAYOUT_MONO, 125, place);
    guint n = take->length / 2;
    double loss = -20 * log10 (measure_tone (take->x[0] + n, n, rate,
            frequency) / (0.1 / distance));
    double goal = distance * air_get_absorption (frequency, 50);

    g_test_message ("%u Hz, %g m: %.2f dB at %g Hz, %.2f by ISO 9613-1", rate,
        distance, loss, frequency, goal);
    g_assert_cmpfloat (loss, >, last);
    /* Between samples the delay line loses some at low rates. */
    g_assert_cmpfloat (fabs (loss - goal), <, rate < 44100 ? 3 : 0.2);
    g_assert_cmpfloat (fabs (20 * log10 (measure_tone (low->x[0] + n, n, rate,
                    125) / (0.1 / distance))), <, 0.1 + 0.05 * goal);
    last = loss;
  }
}

typedef struct
{
  double speed, aside;          /* m/s to the right, m */
} Passing;

/* At its nearest after a second. */
static void
play_passing (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  const Passing *passing = data;
  double x = passing->speed * (time + FOLEY_QUANTUM / rate - 1);

  measure_sine (1000, time, rate, 0.1, in);
  place->azimuth = (float) atan2 (x, passing->aside);
  place->distance = (float) hypot (x, passing->aside);
}

/* Hz, heard at @time: 1000 c / (c + v), v how fast it went away when the sound
 * left. */
static double
doppler (const Passing * passing, double time)
{
  double left = time, x;
  guint i;

  for (i = 0; i < 50; i++)
    left = time - hypot (passing->speed * (left - 1), passing->aside) / 343;
  x = passing->speed * (left - 1);
  return 1000 * 343 / (343 + passing->speed * x / hypot (x, passing->aside));
}

/* Hz: from the phases of a tone near 1000 in two halves of @n samples. */
static double
find_frequency (const float *x, guint n, double rate)
{
  double phases[2];
  guint h, i;

  for (h = 0; h < 2; h++) {
    double re = 0, im = 0;

    for (i = 0; i < n / 2; i++) {
      guint at = h * n / 2 + i;
      double window = 1 - cos (2 * G_PI * (i + 0.5) / (n / 2));

      re += window * x[at] * cos (2 * G_PI * 1000 * at / rate);
      im -= window * x[at] * sin (2 * G_PI * 1000 * at / rate);
    }
    phases[h] = atan2 (im, re);
  }
  return 1000 + remainder (phases[1] - phases[0], 2 * G_PI) /
      (2 * G_PI) * rate / (n / 2.0);
}

static void
test_doppler (gconstpointer data)
{
  static const Passing passings[] = { {5, 2}, {15, 4}, {-28, 6} };
  guint rate = GPOINTER_TO_UINT (data), p;

  for (p = 0; p < G_N_ELEMENTS (passings); p++) {
    g_autoptr (Mixer) mixer = measure_new_mixer (rate, FOLEY_LAYOUT_MONO, 0);
    g_autoptr (Take) take = measure_play (mixer, rate, FOLEY_LAYOUT_MONO, 0, 1,
        1.9, play_passing, (gpointer) & passings[p]);
    guint n = (guint) (0.004 * rate) * 2, at;
    double worst = 0, least = 2000, most = 0;

    for (at = rate / 4; at + n < take->length; at += n) {
      double time = (at + n / 2.0 - mixer_get_latency (mixer)) / rate;
      double found = find_frequency (take->x[0] + at, n, rate);

      worst = MAX (worst, fabs (found / doppler (&passings[p], time) - 1));
      least = MIN (least, found);
      most = MAX (most, found);
    }
    g_test_message ("%u Hz, %g m/s at %g m: %.1f to %.1f Hz, error %.3f %%",
        rate, passings[p].speed, passings[p].aside, most, least, worst * 100);
    g_assert_cmpfloat (worst, <, 0.01);
    g_assert_cmpfloat (most, >, 1000 + 2 * fabs (passings[p].speed));
  }
}

static void
test_width (gconstpointer data)
{
  FoleyLayout layout = GPOINTER_TO_INT (data);
  Place place = {.azimuth = 1,.distance = 1,.gain = 1,.width = 1 };
  g_autoptr (Take) take = take_fixed (48000, layout, 0, place);
  guint n = take->length / 2, a, b;
  double power = 0;

  for (a = 0; a < take->channels; a++) {
    power += pow (measure_rms (take->x[a] + n, n), 2);
    for (b = 0; b < a; b++)
      if (layout != FOLEY_LAYOUT_5_1 || (a != 3 && b != 3))
        g_assert_cmpfloat (fabs (measure_correlation (take->x[a] + n,
                    take->x[b] + n, n)), <, 0.2);
  }
  /* Of ambisonics the directions together have the power of W. */
  if (layout == FOLEY_LAYOUT_AMBISONIC)
    power /= 2;
  g_assert_cmpfloat (fabs (20 * log10 (sqrt (power) / 0.05)), <, 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
#define FOR(path, f, value) \
  g_test_add_data_func (path, GINT_TO_POINTER (value), f)
  FOR ("/mix/place/stereo", test_azimuth, FOLEY_LAYOUT_STEREO);
  FOR ("/mix/place/surround", test_azimuth, FOLEY_LAYOUT_5_1);
  FOR ("/mix/place/ambisonic", test_azimuth, FOLEY_LAYOUT_AMBISONIC);
  g_test_add_func ("/mix/place/elevation", test_elevation);
  g_test_add_func ("/mix/place/stereo-delay", test_stereo_delay);
  g_test_add_func ("/mix/place/binaural", test_binaural);
  FOR ("/mix/place/sphere/44100", test_sphere, 44100);
  FOR ("/mix/place/sphere/48000", test_sphere, 48000);
  g_test_add_func ("/mix/place/head-errors", test_head_errors);
  g_test_add_func ("/mix/place/distance", test_distance);
  g_test_add_func ("/mix/place/absorption", test_absorption);
  FOR ("/mix/place/air/8000", test_air, 8000);
  FOR ("/mix/place/air/48000", test_air, 48000);
  FOR ("/mix/place/air/192000", test_air, 192000);
  FOR ("/mix/place/doppler/8000", test_doppler, 8000);
  FOR ("/mix/place/doppler/48000", test_doppler, 48000);
  FOR ("/mix/place/doppler/192000", test_doppler, 192000);
  FOR ("/mix/place/width/stereo", test_width, FOLEY_LAYOUT_STEREO);
  FOR ("/mix/place/width/surround", test_width, FOLEY_LAYOUT_5_1);
  FOR ("/mix/place/width/ambisonic", test_width, FOLEY_LAYOUT_AMBISONIC);
  FOR ("/mix/place/width/binaural", test_width, FOLEY_LAYOUT_BINAURAL);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-room.c: reverberation: how long, how dull, how strong, and its end. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/room.h"
#include "tests/models/foley/mix/measure.h"

static void
play_impulse (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  in[0] = time == 0 ? 0.5f : 0;
  if (data != NULL)
    place->distance = *(float *) data;
}

/* s: twice the time in which the energy that is left (Schroeder 1965) falls from
 * -5 to -35 dB, in the octave about @frequency; a line fitted to it. */
static double
find_rt60 (const Take * take, double frequency)
{
  g_autofree float *x = g_new0 (float, take->length);
  guint from = (guint) (0.023 * take->rate), n = take->length - from, i;
  g_autofree double *left = g_new0 (double, n + 1);
  double sx = 0, sy = 0, sxx = 0, sxy = 0, count = 0;

  memcpy (x, take->x[0], take->length * sizeof (float));
  measure_octave (x, take->length, take->rate, frequency);
  for (i = n; i-- > 0;)
    left[i] = left[i + 1] + (double) x[from + i] * x[from + i];
  for (i = 0; i < n; i++) {
    double level = 10 * log10 (left[i] / left[0] + 1e-30);
    double t = (double) i / take->rate;

    if (level > -5 || level < -35)
      continue;
    sx += t;
    sy += level;
    sxx += t * t;
    sxy += t * level;
    count++;
  }
  return -60 * (sxx * count - sx * sx) / (sxy * count - sx * sy);
}

static void
check_rt60 (Room room, guint rate, FoleyLayout layout)
{
  double goal = room_get_rt60 (room);
  g_autoptr (Mixer) mixer = measure_new_mixer (rate, layout, 0);
  g_autoptr (Take) take = NULL;
  double found;

  mixer_set_room (mixer, room);
  take = measure_play (mixer, rate, layout, 0, 1, 1.2 * goal + 0.1,
      play_impulse, NULL);
  found = find_rt60 (take, 1000);
  g_test_message ("%s at %u Hz: RT60 %.3f s of %g (%+.1f %%)",
      room_get_name (room), rate, found, goal, 100 * (found / goal - 1));
  g_assert_cmpfloat (fabs (found / goal - 1), <, 0.15);
  if (rate >= 22050) {
    double high = find_rt60 (take, 6000);

    g_test_message ("  at 6 kHz: %.3f s", high);
    /* The echoes of trunks stay bright; walls and air take highs. */
    g_assert_cmpfloat (high, <, (room == ROOM_FOREST ? 1.15 : 0.95) * found);
    g_assert_cmpfloat (high, >, 0.2 * found);
  }
}

static void
test_rt60 (gconstpointer data)
{
  guint rate = GPOINTER_TO_UINT (data), room;

  for (room = ROOM_FOREST; room < N_ROOMS; room++)
    if (rate <= 48000 || room != ROOM_CATHEDRAL)
      check_rt60 (room, rate, FOLEY_LAYOUT_MONO);
  check_rt60 (ROOM_CLASSROOM, rate, FOLEY_LAYOUT_STEREO);
}

/* At the critical distance the room is as loud as the source. */
static void
test_critical (void)
{
  guint room;

  for (room = ROOM_FOREST; room < N_ROOMS; room++) {
    const RoomPreset *preset = room_get_preset (room);
    float distance = (float) preset->critical;
    double goal = -0.04 * distance / preset->rt60 * 10 / log (10), ratio;
    double direct = 0, rest = 0;
    g_autoptr (Mixer) mixer = measure_new_mixer (48000, FOLEY_LAYOUT_MONO, 0);
    g_autoptr (Take) take = NULL;
    guint i, split;

    mixer_set_room (mixer, room);
    take = measure_play (mixer, 48000, FOLEY_LAYOUT_MONO, 0, 1,
        1.2 * preset->rt60 + 0.1, play_impulse, &distance);
    split = (guint) (48000 * (distance / 343 + 0.002)) + FOLEY_QUANTUM;
    measure_octave (take->x[0], split, 48000, 1000);
    measure_octave (take->x[0] + split, take->length - split, 48000, 1000);
    for (i = 0; i < take->length; i++)
      *(i < split ? &direct : &rest) += pow (take->x[0][i], 2);
    ratio = 10 * log10 (rest / direct);
    g_test_message ("%s at %g m: room over direct %.1f dB (%.1f)",
        preset->name, distance, ratio, goal);
    g_assert_cmpfloat_with_epsilon (ratio, goal, 4);
  }
}

static void
test_open (void)
{
  g_autoptr (Mixer) mixer = measure_new_mixer (48000, FOLEY_LAYOUT_STEREO, 0);
  g_autoptr (Take) take = measure_play (mixer, 48000, FOLEY_LAYOUT_STEREO, 0,
      1, 1, play_impulse, NULL);
  guint i;

  /* No more than the impulse, between samples and through the air. */
  for (i = FOLEY_QUANTUM + 48000 / 343 + 10; i < take->length; i++)
    g_assert_cmpfloat (fabsf (take->x[0][i]), <, 1e-6);
  for (i = 1000; i < take->length; i++)
    g_assert_cmpfloat (take->x[0][i], ==, 0);
  g_assert_true (mixer_is_silent (mixer));
}

/* A tail ends about when it is at -110 dB, and then there is exactly nothing. */
static void
test_end (gconstpointer data)
{
  Room room = GPOINTER_TO_INT (data);
  double rt60 = room_get_rt60 (room);
  g_autoptr (Mixer) mixer = measure_new_mixer (16000, FOLEY_LAYOUT_STEREO, 0);
  float left[FOLEY_QUANTUM], right[FOLEY_QUANTUM], in[FOLEY_QUANTUM] = { 0.5 };
  float *mix[] = { left, right };
  g_autoptr (Strip) strip = strip_new (mixer, 0);
  Place place = {.distance = 1,.gain = 1 };
  guint i, end = 0;

  mixer_set_room (mixer, room);
  for (i = 0; i < 3 * rt60 * 16000 / FOLEY_QUANTUM + 100; i++) {
    mixer_begin (mixer);
    if (i == 0 || !strip_is_silent (strip))
      mixer_add (mixer, strip, in, &place);
    in[0] = 0;
    mixer_end (mixer, mix, NULL);
    if (end == 0 && i > 10 && mixer_is_silent (mixer) &&
        strip_is_silent (strip))
      end = i;
    if (end > 0 && i > end + 1) {
      g_assert_cmpfloat (measure_rms (left, FOLEY_QUANTUM), ==, 0);
      g_assert_cmpfloat (measure_rms (right, FOLEY_QUANTUM), ==, 0);
    }
  }
  g_test_message ("%s: silent after %.2f s", room_get_name (room),
      end * FOLEY_QUANTUM / 16000.0);
  g_assert_cmpfloat (end * FOLEY_QUANTUM / 16000.0, >, 0.5 * rt60);
  g_assert_cmpfloat (end * FOLEY_QUANTUM / 16000.0, <, 2 * rt60 + 0.3);
}

static void
test_places (void)
{
  guint room;

  for (room = 0; room < N_ROOMS; room++) {
    g_assert_nonnull (room_get_name (room));
    g_assert_cmpfloat (room_get_rt60 (room), >=, 0);
    if (room != ROOM_OPEN)
      g_assert_cmpint (room_of_place (room_get_name (room), FALSE), ==, room);
  }
  g_assert_cmpint (room_of_place ("Church", TRUE), ==, ROOM_CATHEDRAL);
  g_assert_cmpint (room_of_place ("beach", FALSE), ==, ROOM_OPEN);
  g_assert_cmpint (room_of_place (NULL, FALSE), ==, ROOM_OPEN);
  g_assert_cmpint (room_of_place (NULL, TRUE), ==, ROOM_ROOM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
#define FOR(path, f, value) \
  g_test_add_data_func (path, GINT_TO_POINTER (value), f)
  FOR ("/mix/room/rt60/8000", test_rt60, 8000);
  FOR ("/mix/room/rt60/44100", test_rt60, 44100);
  FOR ("/mix/room/rt60/48000", test_rt60, 48000);
  FOR ("/mix/room/rt60/96000", test_rt60, 96000);
  FOR ("/mix/room/rt60/192000", test_rt60, 192000);
  g_test_add_func ("/mix/room/critical", test_critical);
  g_test_add_func ("/mix/room/open", test_open);
  FOR ("/mix/room/end/forest", test_end, ROOM_FOREST);
  FOR ("/mix/room/end/room", test_end, ROOM_ROOM);
  FOR ("/mix/room/end/cathedral", test_end, ROOM_CATHEDRAL);
  g_test_add_func ("/mix/room/places", test_places);
  return g_test_run ();
}

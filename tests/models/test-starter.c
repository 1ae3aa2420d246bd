/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-starter.c: the embedded checkpoint, whose weights no reference has. */

#include "generator-test.h"

#define SIDE 128

/* What the two decoders make of the same latents is the same picture; measured:
 * 29.6 dB. */
#define LEAST_ALIKE 26.0

static VideoGenerator *
open_starter (void)
{
  const VideoOpenOptions options = {.model = STARTER,.device = "cpu" };

  return open_with (&options);
}

/* The first chunk, *n frames of @side x @side */
static guint8 *
play (VideoGenerator * g, guint side, guint * n)
{
  const VideoSettings settings = {
    .prompt = "a taxi drives to the right in the street",.width = side,
    .height = side,.guidance_scale = -1,.seed = 1
  };

  configure (g, &settings);
  sample (g, 0);
  return read_frames (g, side, side, n);
}

/* The mean of 2 x 2 pixels at pixel @i of @side x @side, in channel @c */
static double
mean_of_four (const guint8 * twice, guint side, gsize i, guint c)
{
  const gsize row = 2 * side * 3;
  const guint8 *first = twice + 2 * (i / side) * row + 2 * (i % side) * 3 + c;

  return (first[0] + first[3] + first[row] + first[row + 3]) / 4.0;
}

static double
alike (const guint8 * frames, const guint8 * twice, guint n, guint side)
{
  const gsize pixels = (gsize) n * side * side;
  double sum = 0;

  for (gsize i = 0; i < pixels; i++)
    for (guint c = 0; c < 3; c++) {
      double d = frames[i * 3 + c] - mean_of_four (twice, side, i, c);

      sum += d * d;
    }
  return 10 * log10 (255.0 * 255.0 * pixels * 3 / sum);
}

static double
deviation (const guint8 * frames, gsize n)
{
  double sum = 0, squares = 0;

  for (gsize i = 0; i < n; i++) {
    sum += frames[i];
    squares += frames[i] * frames[i];
  }
  return sqrt (squares / n - sum / n * (sum / n));
}

static void
test_sizes (void)
{
  g_autoptr (VideoGenerator) g = open_starter ();
  guint n, n_twice;
  g_autofree guint8 *frames = play (g, SIDE, &n);
  g_autofree guint8 *twice = play (g, 2 * SIDE, &n_twice);
  double found;

  g_assert_cmpuint (n, ==, 9);
  g_assert_cmpuint (n_twice, ==, n);
  g_assert_cmpfloat (deviation (frames, (gsize) n * SIDE * SIDE * 3), >, 30);
  found = alike (frames, twice, n, SIDE);
  g_test_message ("%.1f dB", found);
  g_assert_cmpfloat (found, >=, LEAST_ALIKE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/starter/sizes", test_sizes);
  return g_test_run ();
}

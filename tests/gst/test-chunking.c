/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chunking.c: which frame is in which chunk. */

#include "gstditchunking.h"

/* Frame by frame, as they come. */
static void
check (guint first, guint later)
{
  GstDitChunking chunking = { first, later };
  guint64 frame = 0;

  g_assert_cmpuint (gst_dit_chunking_count (&chunking, 0), ==, 0);
  for (guint64 chunk = 0; chunk < 20; chunk++) {
    guint frames = gst_dit_chunking_get_frames (&chunking, chunk);

    g_assert_cmpuint (frames, ==, chunk ? later : first);
    g_assert_cmpuint (gst_dit_chunking_get_first (&chunking, chunk), ==, frame);
    for (guint i = 0; i < frames; i++, frame++) {
      guint position;

      g_assert_cmpuint (gst_dit_chunking_find (&chunking, frame, &position), ==,
          chunk);
      g_assert_cmpuint (position, ==, i);
      g_assert_cmpuint (gst_dit_chunking_count (&chunking, frame + 1), ==,
          chunk + 1);
    }
  }
}

static void
test_equal (void)
{
  check (81, 81);
  check (1, 1);
}

static void
test_causal (void)
{
  check (9, 12);
  check (1, 4);
  check (33, 36);
}

/* A hundred years on. */
static void
test_far_away (void)
{
  GstDitChunking chunking = { 9, 12 };
  guint64 chunk = G_GUINT64_CONSTANT (1) << 40;
  guint64 frame = gst_dit_chunking_get_first (&chunking, chunk);
  guint position;

  g_assert_cmpuint (frame, ==, 12 * chunk - 3);
  g_assert_cmpuint (gst_dit_chunking_find (&chunking, frame + 5, &position), ==,
      chunk);
  g_assert_cmpuint (position, ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunking/equal", test_equal);
  g_test_add_func ("/chunking/causal", test_causal);
  g_test_add_func ("/chunking/far-away", test_far_away);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-helpers.c: what the tests with the stand-in share. */

#include "fake-helpers.h"

static void
run_test (gconstpointer data)
{
  const GTestFunc *test = data;

  fake_video_reset ();
  (*test) ();
  g_assert_cmpint (g_atomic_int_get (&fake_video.alive), ==, 0);
}

void
fake_add (const char *path, GTestFunc test)
{
  GTestFunc *copy = g_new (GTestFunc, 1);

  *copy = test;
  g_test_add_data_func_full (path, copy, run_test, g_free);
}

FakeMark
sample_mark (GstSample * sample)
{
  FakeMark mark;

  g_assert_cmpuint (gst_buffer_extract (gst_sample_get_buffer (sample), 0,
          &mark, sizeof mark), ==, sizeof mark);
  return mark;
}

/* The frame's number in the whole, from what is painted on it. */
guint64
sample_frame (GstSample * sample)
{
  FakeMark mark = sample_mark (sample);
  guint later = fake_video.chunk_frames + (fake_video.causal ? 3 : 0);

  return mark.chunk == 0 ? mark.position :
      fake_video.chunk_frames + (mark.chunk - 1) * (guint64) later
      + mark.position;
}

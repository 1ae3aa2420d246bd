/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-seek.c: seeks are exact, take effect at once, and positions are right. */

#include "fake-helpers.h"

static GstClockTime
time_of (guint64 frame)
{
  return gst_util_uint64_scale (frame, GST_SECOND, fake_video.fps);
}

static void
assert_next (Chain * chain, guint64 frame)
{
  g_autoptr (GstSample) sample = chain_pull (chain);
  GstSegment *segment = gst_sample_get_segment (sample);
  GstClockTime pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));

  /* A bin that still goes to PLAYING would be confused by another flush. */
  gst_element_get_state (chain->pipeline, NULL, NULL, GST_SECOND);
  g_assert_cmpuint (sample_frame (sample), ==, frame);
  g_assert_cmpuint (pts, ==, time_of (frame));
  g_assert_cmpuint (gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
          MAX (pts, segment->start)), ==, MAX (pts, segment->start));
}

static void
check_every_frame (guint fps)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);

  fake_video.fps = fps;
  chain_play (&chain);
  assert_next (&chain, 0);
  for (guint64 n = 0; n < 40; n++) {
    guint64 frame = n * 17 % 40;

    chain_seek (&chain, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE,
        time_of (frame), GST_CLOCK_TIME_NONE);
    assert_next (&chain, frame);
  }
  /* the last moment of a frame is still that frame */
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, time_of (31) - 1,
      GST_CLOCK_TIME_NONE);
  assert_next (&chain, 30);
}

/* Rates whose frame times are whole, rounded up and down. */
static void
test_every_frame (void)
{
  check_every_frame (16);
  check_every_frame (24);
  check_every_frame (30);
  check_every_frame (7);
}

/* Chunks of 9, 12, 12 ... frames. */
static void
test_causal (void)
{
  fake_video.causal = TRUE;
  check_every_frame (24);
}

/* What goes on needs its own steps alone, a seek all from the first chunk on. */
static void
test_causal_steps (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", -1, NULL);
  gint before;

  fake_video.causal = TRUE;
  chain_play (&chain);
  for (guint64 frame = 0; frame < 10; frame++)
    assert_next (&chain, frame);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, time_of (33), GST_CLOCK_TIME_NONE);
  assert_next (&chain, 33);
  before = g_atomic_int_get (&fake_video.steps_done);
  for (guint64 frame = 34; frame < 46; frame++)
    assert_next (&chain, frame);
  g_assert_cmpint (g_atomic_int_get (&fake_video.steps_done) - before, ==, 4);
}

static void
test_far_away (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", -1, NULL);
  guint64 frame = 24 * G_GUINT64_CONSTANT (3600) * 24 * 100 + 7;

  chain_play (&chain);
  assert_next (&chain, 0);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, time_of (frame),
      GST_CLOCK_TIME_NONE);
  assert_next (&chain, frame);
  g_assert_cmpint (g_atomic_int_get (&fake_video.sampled), <=, 3);
}

static void
test_forward_in_chunk_samples_once (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  chain_play (&chain);
  assert_next (&chain, 0);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, time_of (7), GST_CLOCK_TIME_NONE);
  assert_next (&chain, 7);
  g_assert_cmpint (fake_video.sampled, ==, 1);
}

static void
test_stop (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);

  chain_play (&chain);
  assert_next (&chain, 0);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, time_of (10), time_of (13));
  assert_next (&chain, 10);
  assert_next (&chain, 11);
  assert_next (&chain, 12);
  chain_pull_eos (&chain);
}

static void
test_segment_seek (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);

  chain_play (&chain);
  assert_next (&chain, 0);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT, time_of (20),
      time_of (22));
  assert_next (&chain, 20);
  assert_next (&chain, 21);
  gst_message_unref (chain_wait (&chain, GST_MESSAGE_SEGMENT_DONE));
}

static gpointer
seek_to_35 (gpointer data)
{
  chain_seek (data, 0, time_of (35), GST_CLOCK_TIME_NONE);
  return NULL;
}

/* The seek waits for the stream, which waits for whoever pulls. What it brings is
 * known by its segment: frame 35 may have come by itself before. */
static void
test_without_flush (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", -1, NULL);
  GThread *seeker;
  GstClockTime start = 0;

  chain_play (&chain);
  assert_next (&chain, 0);
  seeker = g_thread_new ("seeker", seek_to_35, &chain);
  while (start != time_of (35)) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    start = gst_sample_get_segment (sample)->start;
    if (start != 0)
      g_assert_cmpuint (sample_frame (sample), ==, 35);
  }
  for (guint64 frame = 36; frame < 40; frame++)
    assert_next (&chain, frame);
  g_thread_join (seeker);
}

static void
test_by_frame_number (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);

  chain_play (&chain);
  assert_next (&chain, 0);
  g_assert_true (gst_element_seek_simple (chain.src, GST_FORMAT_DEFAULT,
          GST_SEEK_FLAG_FLUSH, 29));
  assert_next (&chain, 29);
}

/* Sampling takes 40 s: both seeks, and the end, must cut into it. */
static void
test_in_mid_step (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 100, NULL);
  gint64 begin;

  fake_video.step_ms = 10000;
  chain_play (&chain);
  for (guint i = 1; i <= 3; i++) {
    gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
            "sample"));
    begin = now_ms ();
    chain_seek (&chain, GST_SEEK_FLAG_FLUSH, i * GST_SECOND,
        GST_CLOCK_TIME_NONE);
    g_assert_cmpint (now_ms () - begin, <, 500);
    gst_message_unref (chain_wait_progress (&chain,
            GST_PROGRESS_TYPE_CANCELED, "sample"));
  }
  begin = now_ms ();
  gst_element_set_state (chain.pipeline, GST_STATE_NULL);
  g_assert_cmpint (now_ms () - begin, <, 500);
}

static void
test_eos_in_mid_step (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 100, NULL);
  gint64 begin;

  fake_video.step_ms = 10000;
  chain_play (&chain);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
          "sample"));
  begin = now_ms ();
  g_assert_true (gst_element_send_event (chain.src, gst_event_new_eos ()));
  chain_pull_eos (&chain);
  g_assert_cmpint (now_ms () - begin, <, 500);
}

static void
test_backwards_is_refused (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);

  chain_play (&chain);
  assert_next (&chain, 0);
  g_assert_false (gst_element_seek (chain.src, -1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET,
          GST_SECOND));
  assert_next (&chain, 1);
}

/* A seek flushes tags on their way: they are sent again. */
static void
test_scene_after_seek (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");
  g_autoptr (GstEvent) tags = NULL;

  fake_video.step_ms = 10000;
  fake_video.slow_samples = 1;
  chain_play (&chain);
  while (!g_atomic_int_get (&fake_video.sampled))
    g_usleep (1000);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, GST_SECOND, GST_CLOCK_TIME_NONE);
  assert_next (&chain, 24);
  tags = gst_pad_get_sticky_event (pad, GST_EVENT_TAG, 0);
  g_assert_nonnull (tags);
}

static void
test_queries (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");
  gint64 value, start, stop;
  gboolean seekable;

  chain_play (&chain);
  assert_next (&chain, 0);
  g_assert_true (gst_element_query_duration (chain.src, GST_FORMAT_TIME,
          &value));
  g_assert_cmpint (value, ==, time_of (40));
  g_assert_true (gst_element_query_duration (chain.src, GST_FORMAT_DEFAULT,
          &value));
  g_assert_cmpint (value, ==, 40);
  g_assert_true (gst_pad_query_convert (pad, GST_FORMAT_DEFAULT, 10,
          GST_FORMAT_TIME, &value));
  g_assert_cmpint (value, ==, time_of (10));
  g_assert_true (gst_pad_query_convert (pad, GST_FORMAT_TIME, time_of (10),
          GST_FORMAT_DEFAULT, &value));
  g_assert_cmpint (value, ==, 10);
  g_assert_true (gst_element_query (chain.src, seeking));
  gst_query_parse_seeking (seeking, NULL, &seekable, &start, &stop);
  g_assert_true (seekable);
  g_assert_cmpint (start, ==, 0);
  g_assert_cmpint (stop, ==, time_of (40));
}

static void
test_endless_has_no_duration (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", -1, NULL);
  gint64 value = 0;

  chain_play (&chain);
  assert_next (&chain, 0);
  g_assert_true (gst_element_query_duration (chain.src, GST_FORMAT_TIME,
          &value));
  g_assert_cmpint (value, ==, -1);
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/seek/every-frame", test_every_frame);
  fake_add ("/seek/causal", test_causal);
  fake_add ("/seek/causal-steps", test_causal_steps);
  fake_add ("/seek/far-away", test_far_away);
  fake_add ("/seek/forward-in-chunk", test_forward_in_chunk_samples_once);
  fake_add ("/seek/stop", test_stop);
  fake_add ("/seek/segment", test_segment_seek);
  fake_add ("/seek/without-flush", test_without_flush);
  fake_add ("/seek/by-frame-number", test_by_frame_number);
  fake_add ("/seek/in-mid-step", test_in_mid_step);
  fake_add ("/seek/eos-in-mid-step", test_eos_in_mid_step);
  fake_add ("/seek/backwards", test_backwards_is_refused);
  fake_add ("/seek/scene-after-seek", test_scene_after_seek);
  fake_add ("/seek/queries", test_queries);
  fake_add ("/seek/endless", test_endless_has_no_duration);
  return g_test_run ();
}

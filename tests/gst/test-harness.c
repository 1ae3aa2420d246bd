/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-harness.c: the element alone, in a GstHarness: what crosses its pad, and in
 * which order. */

#include <gst/check/gstharness.h>

#include "fake-helpers.h"

/* GStreamer has no clean-up function for its own before 1.26. */
typedef GstHarness Harness;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Harness, gst_harness_teardown)
     static GstHarness *harness_new (const char *launch)
{
  GstHarness *h = gst_harness_new_parse (launch);

  gst_harness_set_sink_caps_str (h, "video/x-raw, format=I420");
  return h;
}

static void
expect_event (GstHarness * h, GstEventType type)
{
  g_autoptr (GstEvent) event = gst_harness_pull_event (h);

  g_assert_nonnull (event);
  g_assert_cmpstr (GST_EVENT_TYPE_NAME (event), ==,
      gst_event_type_get_name (type));
}

/* What has to go ahead of the first frame, in the order that pads ask for, and the
 * end after the last. */
static void
test_events (void)
{
  g_autoptr (Harness) h = harness_new ("dittextsrc model=/fake prompt=x");

  gst_harness_play (h);
  for (guint i = 0; i < fake_video.chunk_frames; i++)
    gst_buffer_unref (gst_harness_pull (h));
  expect_event (h, GST_EVENT_STREAM_START);
  expect_event (h, GST_EVENT_CAPS);
  expect_event (h, GST_EVENT_SEGMENT);
  expect_event (h, GST_EVENT_TAG);
  expect_event (h, GST_EVENT_CUSTOM_DOWNSTREAM);
  expect_event (h, GST_EVENT_EOS);
}

/* No drift and no gap, at a rate whose frames are no whole nanoseconds. */
static void
test_timestamps (void)
{
  g_autoptr (Harness) h = harness_new ("dittextsrc model=/fake num-frames=100");
  GstClockTime end = 0;

  gst_harness_play (h);
  for (guint i = 0; i < 100; i++) {
    g_autoptr (GstBuffer) buffer = gst_harness_pull (h);

    g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, end);
    g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, i);
    end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  }
  g_assert_cmpuint (end, ==, gst_util_uint64_scale (100, GST_SECOND,
          fake_video.fps));
}

static void
skip_to_event (Harness * h, GstEventType type)
{
  GstEventType found;

  do {
    g_autoptr (GstEvent) event = gst_harness_pull_event (h);

    g_assert_nonnull (event);
    found = GST_EVENT_TYPE (event);
  } while (found != type);
}

/* A seek from downstream flushes, and then sends a segment ahead of the frame,
 * which does not continue those before. */
static void
test_seek (void)
{
  g_autoptr (Harness) h = harness_new ("dittextsrc model=/fake num-frames=100");
  g_autoptr (GstBuffer) buffer = NULL;

  gst_harness_play (h);
  gst_buffer_unref (gst_harness_pull (h));
  g_assert_true (gst_harness_push_upstream_event (h,
          gst_event_new_seek (1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
              GST_SEEK_TYPE_SET, 2 * GST_SECOND, GST_SEEK_TYPE_NONE, -1)));
  skip_to_event (h, GST_EVENT_FLUSH_START);
  expect_event (h, GST_EVENT_FLUSH_STOP);
  do {
    g_clear_pointer (&buffer, gst_buffer_unref);
    buffer = gst_harness_pull (h);
  } while (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT));
  g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, 48);
  g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, 2 * GST_SECOND);
  expect_event (h, GST_EVENT_SEGMENT);
}

/* Downstream wants another format in mid-stream: from some frame on it gets it. */
static void
test_renegotiation (void)
{
  g_autoptr (Harness) h = harness_new ("dittextsrc model=/fake num-frames=-1");
  gsize size;

  gst_harness_play (h);
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_set_sink_caps_str (h, "video/x-raw, format=RGBA");
  do {
    g_autoptr (GstBuffer) buffer = gst_harness_pull (h);

    size = gst_buffer_get_size (buffer);
  } while (size != 64 * 48 * 4);
}

static void
test_queries (void)
{
  g_autoptr (Harness) h = harness_new ("dittextsrc model=/fake num-frames=48");
  g_autoptr (GstQuery) duration = gst_query_new_duration (GST_FORMAT_TIME);
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  g_autoptr (GstQuery) latency = gst_query_new_latency ();
  gboolean seekable, live;
  gint64 start, end;

  gst_harness_play (h);
  gst_buffer_unref (gst_harness_pull (h));
  g_assert_true (gst_pad_peer_query (h->sinkpad, duration));
  gst_query_parse_duration (duration, NULL, &end);
  g_assert_cmpint (end, ==, 2 * GST_SECOND);
  g_assert_true (gst_pad_peer_query (h->sinkpad, seeking));
  gst_query_parse_seeking (seeking, NULL, &seekable, &start, &end);
  g_assert_true (seekable);
  g_assert_cmpint (start, ==, 0);
  g_assert_cmpint (end, ==, 2 * GST_SECOND);
  g_assert_true (gst_pad_peer_query (h->sinkpad, latency));
  gst_query_parse_latency (latency, &live, NULL, NULL);
  g_assert_false (live);
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/harness/events", test_events);
  fake_add ("/harness/timestamps", test_timestamps);
  fake_add ("/harness/seek", test_seek);
  fake_add ("/harness/renegotiation", test_renegotiation);
  fake_add ("/harness/queries", test_queries);
  return g_test_run ();
}

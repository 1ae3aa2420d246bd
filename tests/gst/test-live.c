/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-live.c: the element as a live source, by a clock that the test turns. */

#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>

#include "fake-helpers.h"

#define FRAME(n) gst_util_uint64_scale (n, GST_SECOND, fake_video.fps)
#define WAIT (60 * GST_SECOND)
/* What does not come in this time will not come. */
#define QUIET_US (50 * 1000)

typedef struct
{
  GstHarness *h;
  GstElement *src;
  GstBus *bus;
  GstTestClock *clock;
} Live;

/* Properties and NULL follow. */
static Live
live_new (const char *first_property, ...)
{
  Live live = { NULL, };
  va_list args;

  live.src = gst_element_factory_make ("dittextsrc", NULL);
  g_object_set (live.src, "model", "/fake", "is-live", TRUE, "num-frames", -1,
      NULL);
  va_start (args, first_property);
  if (first_property)
    g_object_set_valist (G_OBJECT (live.src), first_property, args);
  va_end (args);

  live.bus = gst_bus_new ();
  gst_element_set_bus (live.src, live.bus);
  live.h = gst_harness_new_with_element (live.src, NULL, "src");
  gst_harness_set_sink_caps_str (live.h, "video/x-raw, format=I420");
  gst_harness_use_testclock (live.h);
  live.clock = gst_harness_get_testclock (live.h);
  return live;
}

static void
live_clear (Live * live)
{
  gst_element_set_state (live->src, GST_STATE_NULL);
  gst_element_set_bus (live->src, NULL);
  gst_bus_set_flushing (live->bus, TRUE);
  gst_object_unref (live->bus);
  gst_object_unref (live->clock);
  gst_harness_teardown (live->h);
  gst_object_unref (live->src);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Live, live_clear)
     static guint64 get_stat (Live * live, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 count = 0;
  guint queued;

  g_object_get (live->src, "stats", &stats, NULL);
  g_assert_true (gst_structure_has_name (stats, "application/x-dit-stats"));
  if (gst_structure_get_uint (stats, name, &queued))
    return queued;
  g_assert_true (gst_structure_get_uint64 (stats, name, &count));
  return count;
}

static void
wait_queued (Live * live, guint n)
{
  gint64 end = g_get_monotonic_time () + WAIT / 1000;

  while (get_stat (live, "queued") < n) {
    g_assert_cmpint (g_get_monotonic_time (), <, end);
    g_usleep (500);
  }
}

/* The next frame, which is that of chunk @chunk at @position, at time @pts. */
static void
assert_next (Live * live, guint32 chunk, guint32 position, GstClockTime pts)
{
  g_autoptr (GstBuffer) buffer = gst_harness_pull (live->h);
  FakeMark mark;

  g_assert_nonnull (buffer);
  gst_buffer_extract (buffer, 0, &mark, sizeof mark);
  g_assert_cmpuint (mark.chunk, ==, chunk);
  g_assert_cmpuint (mark.position, ==, position);
  g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, pts);
}

static void
assert_quiet (Live * live)
{
  g_usleep (QUIET_US);
  g_assert_null (gst_harness_try_pull (live->h));
}

/* Turns the clock to the time that the element waits for. */
static void
crank (Live * live)
{
  g_assert_true (gst_harness_crank_single_clock_wait (live->h));
}

/* Turns the clock to @time, which is later than what the element waits for. */
static void
jump (Live * live, GstClockTime time)
{
  GstClockID id, processed;

  gst_test_clock_wait_for_next_pending_id (live->clock, &id);
  gst_test_clock_set_time (live->clock, time);
  processed = gst_test_clock_process_next_clock_id (live->clock);
  g_assert_true (processed == id);
  gst_clock_id_unref (processed);
  gst_clock_id_unref (id);
}

/* The first chunk, of 9 frames from time 0 on; only the last is not taken yet. */
static void
show_first_chunk (Live * live)
{
  gst_harness_play (live->h);
  assert_next (live, 0, 0, 0);
  wait_queued (live, 8);
  for (guint i = 1; i < 9; i++) {
    crank (live);
    assert_next (live, 0, i, FRAME (i));
  }
}

static GstMessage *
wait_message (Live * live, GstMessageType type)
{
  GstMessage *message = gst_bus_timed_pop_filtered (live->bus, WAIT, type);

  g_assert_nonnull (message);
  return message;
}

/* ---- pace --------------------------------------------------------------- */

static void
test_on_time (void)
{
  g_auto (Live) live = live_new (NULL);

  gst_harness_play (live.h);
  for (guint i = 0; i < 100; i++) {
    if (i) {
      wait_queued (&live, 1);
      g_assert_null (gst_harness_try_pull (live.h));
      crank (&live);
    }
    assert_next (&live, i / 9, i % 9, FRAME (i));
    g_assert_cmpuint (gst_clock_get_time (GST_CLOCK (live.clock)), ==,
        FRAME (i));
  }
  g_assert_cmpuint (get_stat (&live, "out"), ==, 100);
  g_assert_cmpuint (get_stat (&live, "repeated"), ==, 0);
  g_assert_cmpuint (get_stat (&live, "dropped"), ==, 0);
}

/* The first frame's time is when it was there. */
static void
test_late_start (void)
{
  g_auto (Live) live = live_new (NULL);

  fake_video.allowed = -1;
  gst_harness_play (live.h);
  assert_quiet (&live);
  gst_test_clock_set_time (live.clock, 5 * GST_SECOND);
  g_atomic_int_set (&fake_video.allowed, 0);
  assert_next (&live, 0, 0, 5 * GST_SECOND);
  wait_queued (&live, 1);
  crank (&live);
  assert_next (&live, 0, 1, 5 * GST_SECOND + FRAME (1));
}

/* The last frame is shown again, and what was late goes on at its own speed. */
static void
test_slow_generator (void)
{
  g_auto (Live) live = live_new (NULL);

  fake_video.allowed = 1;
  show_first_chunk (&live);
  for (guint i = 9; i < 14; i++) {
    crank (&live);
    assert_next (&live, 0, 8, FRAME (i));
  }
  g_atomic_int_set (&fake_video.allowed, 0);
  wait_queued (&live, 9);
  for (guint i = 14; i < 32; i++) {
    assert_quiet (&live);
    crank (&live);
    assert_next (&live, (i - 5) / 9, (i - 5) % 9, FRAME (i));
    wait_queued (&live, 1);
  }
  g_assert_cmpuint (get_stat (&live, "repeated"), ==, 5);
  g_assert_cmpuint (get_stat (&live, "dropped"), ==, 0);
  g_assert_cmpuint (get_stat (&live, "out"), ==, 32);
}

/* After two seconds of that nothing is shown, until it goes on then and there. */
static void
test_very_slow_generator (void)
{
  g_auto (Live) live = live_new (NULL);
  guint end = 9 + 2 * 24;

  fake_video.allowed = 1;
  show_first_chunk (&live);
  for (guint i = 9; i < end; i++) {
    crank (&live);
    assert_next (&live, 0, 8, FRAME (i));
  }
  crank (&live);
  assert_quiet (&live);
  gst_test_clock_set_time (live.clock, 10 * GST_SECOND);
  assert_quiet (&live);
  g_atomic_int_set (&fake_video.allowed, 0);
  assert_next (&live, 1, 0, 10 * GST_SECOND);
  wait_queued (&live, 1);
  assert_quiet (&live);
  crank (&live);
  assert_next (&live, 1, 1, 10 * GST_SECOND + FRAME (1));
}

static void
check_qos_message (Live * live)
{
  g_autoptr (GstMessage) message = wait_message (live, GST_MESSAGE_QOS);
  gboolean is_live;
  guint64 running_time, timestamp, processed, dropped;
  gint64 jitter;
  GstFormat format;

  gst_message_parse_qos (message, &is_live, &running_time, NULL, &timestamp,
      NULL);
  g_assert_true (is_live);
  g_assert_cmpuint (running_time, ==, FRAME (1));
  g_assert_cmpuint (timestamp, ==, FRAME (1));
  gst_message_parse_qos_values (message, &jitter, NULL, NULL);
  g_assert_cmpint (jitter, ==, GST_SECOND - FRAME (1));
  gst_message_parse_qos_stats (message, &format, &processed, &dropped);
  g_assert_cmpint (format, ==, GST_FORMAT_BUFFERS);
  g_assert_cmpuint (processed, ==, 1);
  g_assert_cmpuint (dropped, ==, 8);
}

/* What should have been shown meanwhile is dropped, as far as it was made. */
static void
test_late_consumer (void)
{
  g_auto (Live) live = live_new (NULL);

  fake_video.allowed = 2;
  gst_harness_play (live.h);
  assert_next (&live, 0, 0, 0);
  wait_queued (&live, 9);
  jump (&live, GST_SECOND);
  assert_next (&live, 1, 0, FRAME (24));
  check_qos_message (&live);
  g_assert_cmpuint (get_stat (&live, "dropped"), ==, 8);
  wait_queued (&live, 8);
  assert_quiet (&live);
  crank (&live);
  assert_next (&live, 1, 1, FRAME (25));
}

/* Frames that a sink holds for the pipeline's latency are not late. */
static void
test_consumer_within_latency (void)
{
  g_auto (Live) live = live_new (NULL);

  gst_harness_play (live.h);
  assert_next (&live, 0, 0, 0);
  g_assert_true (gst_harness_push_upstream_event (live.h,
          gst_event_new_latency (2 * GST_SECOND)));
  fake_video.allowed = 2;
  wait_queued (&live, 9);
  jump (&live, GST_SECOND);
  for (guint i = 1; i < 18; i++)
    assert_next (&live, i / 9, i % 9, FRAME (i));
  assert_quiet (&live);
  crank (&live);
  assert_next (&live, 1, 8, FRAME (18));
  g_assert_cmpuint (gst_clock_get_time (GST_CLOCK (live.clock)), ==,
      FRAME (18) + 2 * GST_SECOND - FRAME (1) - 1);
  assert_quiet (&live);
  g_atomic_int_set (&fake_video.allowed, 0);
  assert_next (&live, 2, 0, FRAME (19));
  g_assert_cmpuint (get_stat (&live, "dropped"), ==, 0);
  g_assert_cmpuint (get_stat (&live, "repeated"), ==, 1);
}

/* ---- content ------------------------------------------------------------ */

/* Never more than a chunk is ready, and none is begun before the one before it is
 * shown. */
static void
check_run_ahead (gboolean causal)
{
  g_auto (Live) live = live_new (NULL);
  guint64 frame = 0;

  fake_video.causal = causal;
  gst_harness_play (live.h);
  for (guint chunk = 0; chunk < 4; chunk++) {
    guint frames = chunk && causal ? 12 : 9;

    for (guint i = 0; i < frames; i++, frame++) {
      if (frame)
        crank (&live);
      assert_next (&live, chunk, i, FRAME (frame));
      wait_queued (&live, causal ? 12 : 9);
      g_usleep (QUIET_US / 10);
      g_assert_cmpuint (get_stat (&live, "queued"), ==, causal ? 12 : 9);
      g_assert_cmpint (g_atomic_int_get (&fake_video.sampled), ==, chunk + 2);
    }
  }
}

static void
test_run_ahead (void)
{
  check_run_ahead (FALSE);
}

static void
test_causal_run_ahead (void)
{
  check_run_ahead (TRUE);
}

/* Whatever was shown when it was set. */
static void
check_prompt (guint set_at)
{
  g_auto (Live) live = live_new ("prompt", "one", NULL);

  gst_harness_play (live.h);
  for (guint i = 0; i < 36; i++) {
    g_autoptr (GstBuffer) buffer = NULL;
    FakeMark mark;

    if (i) {
      wait_queued (&live, 9);
      crank (&live);
    }
    buffer = gst_harness_pull (live.h);
    gst_buffer_extract (buffer, 0, &mark, sizeof mark);
    if (mark.chunk >= set_at / 9 + 2)
      g_assert_cmpuint (mark.prompt, ==, g_str_hash ("two"));
    else if (i <= set_at)
      g_assert_cmpuint (mark.prompt, ==, g_str_hash ("one"));
    if (i == set_at)
      g_object_set (live.src, "prompt", "two", NULL);
  }
}

static void
test_prompt (void)
{
  check_prompt (0);
  check_prompt (4);
  check_prompt (8);
}

/* Each chunk is announced with the time at which it is shown, and told of when its last
 * frame goes out. */
static void
test_scenes (void)
{
  g_auto (Live) live = live_new ("prompt", "x", NULL);
  guint64 chunk = 0;

  fake_video.allowed = 1;
  show_first_chunk (&live);
  crank (&live);
  assert_next (&live, 0, 8, FRAME (9));
  g_atomic_int_set (&fake_video.allowed, 0);
  wait_queued (&live, 9);
  crank (&live);
  assert_next (&live, 1, 0, FRAME (10));
  while (chunk < 2) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (live.h);
    const GstStructure *structure = gst_event_get_structure (event);
    guint64 index, timestamp;

    if (!gst_event_has_name (event, "dit-scene"))
      continue;
    g_assert_true (gst_structure_get (structure, "chunk", G_TYPE_UINT64, &index,
            "timestamp", G_TYPE_UINT64, &timestamp, NULL));
    g_assert_cmpuint (index, ==, chunk);
    g_assert_cmpuint (timestamp, ==, chunk ? FRAME (10) : 0);
    chunk++;
  }
}

static void
test_end (void)
{
  g_auto (Live) live = live_new ("num-frames", 20, NULL);
  g_autoptr (GstEvent) event = NULL;

  gst_harness_play (live.h);
  for (guint i = 0; i < 20; i++) {
    if (i) {
      wait_queued (&live, 1);
      crank (&live);
    }
    assert_next (&live, i / 9, i % 9, FRAME (i));
  }
  crank (&live);
  do {
    gst_clear_event (&event);
    event = gst_harness_pull_event (live.h);
    g_assert_nonnull (event);
  } while (GST_EVENT_TYPE (event) != GST_EVENT_EOS);
}

/* It plays before there is a model, and is asked for other caps then; none of that
 * counts as a buffer. */
static void
test_loading (void)
{
  g_auto (Live) live = live_new ("num-buffers", 5, NULL);
  g_autoptr (GstBuffer) buffer = NULL;

  fake_video.open_ms = 200;
  gst_harness_play (live.h);
  assert_quiet (&live);
  gst_harness_set_sink_caps_str (live.h, "video/x-raw, format=RGBA");
  for (guint i = 0; i < 5; i++) {
    if (i) {
      wait_queued (&live, 1);
      crank (&live);
    }
    gst_clear_buffer (&buffer);
    buffer = gst_harness_pull (live.h);
    g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, FRAME (i));
    g_assert_cmpuint (gst_buffer_get_size (buffer), ==, 64 * 48 * 4);
  }
  assert_quiet (&live);
  g_assert_true (GST_PAD_IS_EOS (live.h->sinkpad));
}

/* Without waiting for it. */
static GError *
next_error (Live * live)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (live->bus,
      GST_MESSAGE_ERROR);
  GError *error = NULL;

  if (message)
    gst_message_parse_error (message, &error, NULL);
  return error;
}

/* What was made before it is shown, and it is told once. */
static void
test_error (void)
{
  g_auto (Live) live = live_new (NULL);
  g_autoptr (GError) error = NULL;

  fake_video.sample_error = VIDEO_ERROR_NUMERIC;
  fake_video.error_chunk = 1;
  show_first_chunk (&live);
  crank (&live);
  while (!(error = next_error (&live))) {
    g_autoptr (GstBuffer) buffer = gst_harness_try_pull (live.h);

    if (buffer)
      crank (&live);
    g_usleep (1000);
  }
  g_assert_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
  while (!GST_PAD_IS_EOS (live.h->sinkpad))
    g_usleep (1000);
  do {
    g_clear_error (&error);
    error = next_error (&live);
    g_assert_false (g_error_matches (error, GST_STREAM_ERROR,
            GST_STREAM_ERROR_DECODE));
  } while (error);
}

/* From the next frame on it is as asked for, though made before. */
static void
test_renegotiation (void)
{
  g_auto (Live) live = live_new ("prompt", "x", NULL);
  FakeMark mark = { 0, };

  gst_harness_play (live.h);
  assert_next (&live, 0, 0, 0);
  wait_queued (&live, 9);
  gst_harness_set_sink_caps_str (live.h,
      "video/x-raw, format=RGBA, width=32, height=16");
  for (guint i = 0; i < 27; i++) {
    g_autoptr (GstBuffer) buffer = NULL;

    wait_queued (&live, 9);
    crank (&live);
    buffer = gst_harness_pull (live.h);
    if (i)
      g_assert_cmpuint (gst_buffer_get_size (buffer), ==, 32 * 16 * 4);
    gst_buffer_extract (buffer, 0, &mark, sizeof mark);
  }
  g_assert_cmpuint (mark.chunk, ==, 3);
  g_assert_cmpuint (mark.position, ==, 0);
}

/* ---- latency ------------------------------------------------------------ */

static void
query_latency (Live * live, GstClockTime * min, GstClockTime * max)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean is_live;

  g_assert_true (gst_pad_peer_query (live->h->sinkpad, query));
  gst_query_parse_latency (query, &is_live, min, max);
  g_assert_true (is_live);
}

/* One chunk, and the time that one takes to make as soon as that is known. */
static void
test_latency (void)
{
  g_auto (Live) live = live_new (NULL);
  GstClockTime min, max;

  fake_video.step_ms = 50;
  fake_video.allowed = 1;
  gst_harness_play (live.h);
  gst_message_unref (wait_message (&live, GST_MESSAGE_LATENCY));
  query_latency (&live, &min, &max);
  g_assert_cmpuint (min, ==, FRAME (9));
  g_assert_cmpuint (max, ==, FRAME (18));

  assert_next (&live, 0, 0, 0);
  wait_queued (&live, 8);
  crank (&live);
  assert_next (&live, 0, 1, FRAME (1));
  gst_message_unref (wait_message (&live, GST_MESSAGE_LATENCY));
  query_latency (&live, &min, &max);
  g_assert_cmpuint (min, >=, FRAME (9) + 200 * GST_MSECOND);
  g_assert_cmpuint (max, ==, min + FRAME (9));
  g_assert_cmpuint (get_stat (&live, "latency"), ==, min);
}

/* ---- states and events -------------------------------------------------- */

static void
test_states (void)
{
  g_auto (Live) live = live_new (NULL);

  g_assert_cmpint (gst_element_set_state (live.src, GST_STATE_PAUSED), ==,
      GST_STATE_CHANGE_NO_PREROLL);
  assert_quiet (&live);
  g_assert_cmpint (fake_video.sampled, ==, 0);
  g_assert_cmpint (gst_element_set_state (live.src, GST_STATE_PLAYING), ==,
      GST_STATE_CHANGE_SUCCESS);
  assert_next (&live, 0, 0, 0);
  wait_queued (&live, 9);
  g_assert_cmpint (gst_element_set_state (live.src, GST_STATE_PAUSED), ==,
      GST_STATE_CHANGE_NO_PREROLL);
  assert_quiet (&live);
  g_assert_null (gst_element_provide_clock (live.src));
}

/* Of a pause running time knows nothing: the base time is moved. */
static void
test_pause (void)
{
  g_auto (Live) live = live_new (NULL);

  gst_harness_play (live.h);
  assert_next (&live, 0, 0, 0);
  for (guint i = 1; i < 30; i++) {
    wait_queued (&live, 9);
    gst_element_set_state (live.src, GST_STATE_PAUSED);
    gst_test_clock_set_time (live.clock,
        gst_clock_get_time (GST_CLOCK (live.clock)) + 10 * GST_SECOND);
    assert_quiet (&live);
    gst_element_set_base_time (live.src, i * 10 * GST_SECOND);
    gst_element_set_state (live.src, GST_STATE_PLAYING);
    crank (&live);
    assert_next (&live, i / 9, i % 9, FRAME (i));
  }
}

static void
test_flush (void)
{
  g_auto (Live) live = live_new (NULL);

  fake_video.allowed = 1;
  show_first_chunk (&live);
  for (guint i = 0; i < 2; i++) {
    g_assert_true (gst_element_send_event (live.src,
            gst_event_new_flush_start ()));
    g_assert_true (gst_element_send_event (live.src,
            gst_event_new_flush_stop (FALSE)));
    assert_quiet (&live);
  }
  g_atomic_int_set (&fake_video.allowed, 0);
  assert_next (&live, 1, 0, FRAME (8));
}

static void
test_not_seekable (void)
{
  g_auto (Live) live = live_new (NULL);
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  gboolean seekable;

  gst_harness_play (live.h);
  assert_next (&live, 0, 0, 0);
  g_assert_false (gst_element_seek_simple (live.src, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SECOND));
  g_assert_true (gst_pad_peer_query (live.h->sinkpad, seeking));
  gst_query_parse_seeking (seeking, NULL, &seekable, NULL, NULL);
  g_assert_false (seekable);
  wait_queued (&live, 1);
  crank (&live);
  assert_next (&live, 0, 1, FRAME (1));
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/live/on-time", test_on_time);
  fake_add ("/live/late-start", test_late_start);
  fake_add ("/live/slow-generator", test_slow_generator);
  fake_add ("/live/very-slow-generator", test_very_slow_generator);
  fake_add ("/live/late-consumer", test_late_consumer);
  fake_add ("/live/consumer-within-latency", test_consumer_within_latency);
  fake_add ("/live/run-ahead", test_run_ahead);
  fake_add ("/live/causal-run-ahead", test_causal_run_ahead);
  fake_add ("/live/prompt", test_prompt);
  fake_add ("/live/scenes", test_scenes);
  fake_add ("/live/end", test_end);
  fake_add ("/live/loading", test_loading);
  fake_add ("/live/error", test_error);
  fake_add ("/live/renegotiation", test_renegotiation);
  fake_add ("/live/latency", test_latency);
  fake_add ("/live/states", test_states);
  fake_add ("/live/pause", test_pause);
  fake_add ("/live/flush", test_flush);
  fake_add ("/live/not-seekable", test_not_seekable);
  return g_test_run ();
}

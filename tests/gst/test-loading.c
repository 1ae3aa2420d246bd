/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-loading.c: loading is asynchronous, tells how far it is, can be given up
 * at any time, and fails with words. */

#include "fake-helpers.h"

/* What a call into the element may take at most; loading takes much longer. */
#define AT_ONCE_MS 500

static void
test_asynchronous (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  gint64 begin = now_ms ();

  fake_video.open_ms = 1000;
  g_assert_cmpint (gst_element_set_state (chain.pipeline, GST_STATE_PLAYING),
      ==, GST_STATE_CHANGE_ASYNC);
  g_assert_cmpint (now_ms () - begin, <, AT_ONCE_MS);
  gst_sample_unref (chain_pull (&chain));
  g_assert_cmpint (now_ms () - begin, >=, 800);
}

static void
test_progress (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  int last = -1, percent;

  chain_play (&chain);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
          "open"));
  for (;;) {
    g_autoptr (GstMessage) message = chain_wait (&chain, GST_MESSAGE_PROGRESS);
    g_autofree char *code = NULL;
    GstProgressType type;

    gst_message_parse_progress (message, &type, &code, NULL);
    g_assert_cmpstr (code, ==, "open");
    g_assert_true (gst_structure_get_int (gst_message_get_structure (message),
            "percent", &percent));
    g_assert_cmpint (percent, >=, last);
    last = percent;
    if (type == GST_PROGRESS_TYPE_COMPLETE)
      break;
    g_assert_cmpint (type, ==, GST_PROGRESS_TYPE_CONTINUE);
  }
  g_assert_cmpint (last, ==, 100);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
          "sample"));
}

static void
check_given_up (GstState state)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  gint64 begin;

  fake_video.open_ms = 20000;
  chain_play (&chain);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_CONTINUE,
          "open"));
  begin = now_ms ();
  gst_element_set_state (chain.pipeline, state);
  g_assert_cmpint (now_ms () - begin, <, AT_ONCE_MS);
  if (state == GST_STATE_READY)
    gst_message_unref (chain_wait_progress (&chain,
            GST_PROGRESS_TYPE_CANCELED, "open"));
}

static void
test_given_up (void)
{
  check_given_up (GST_STATE_READY);
  check_given_up (GST_STATE_NULL);
}

/* In the middle of what can't be interrupted, and started again at once: the
 * second loading waits for the first to be over. */
static void
test_started_again (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  gint64 begin;

  fake_video.compile_ms = 600;
  chain_play (&chain);
  g_usleep (200000);
  begin = now_ms ();
  gst_element_set_state (chain.pipeline, GST_STATE_READY);
  chain_play (&chain);
  g_assert_cmpint (now_ms () - begin, <, AT_ONCE_MS);
  gst_sample_unref (chain_pull (&chain));
  g_assert_cmpint (fake_video.opened, ==, 2);
  g_assert_cmpint (g_atomic_int_get (&fake_video.alive), ==, 1);
}

static void
check_error (gint code, GQuark domain, gint gst_code)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  fake_video.open_error = code;
  chain_play (&chain);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_ERROR,
          "open"));
  chain_expect_error (&chain, domain, gst_code, "injected error");

  /* and works after what was wrong is set right */
  fake_video.open_error = -1;
  gst_element_set_state (chain.pipeline, GST_STATE_NULL);
  chain_play (&chain);
  gst_sample_unref (chain_pull (&chain));
}

static void
test_errors (void)
{
  check_error (VIDEO_ERROR_NOT_FOUND, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND);
  check_error (VIDEO_ERROR_READ, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
  check_error (VIDEO_ERROR_UNSUPPORTED, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_READ);
  check_error (VIDEO_ERROR_SETTINGS, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS);
  check_error (VIDEO_ERROR_MEMORY, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  check_error (VIDEO_ERROR_DEVICE, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT);
  check_error (VIDEO_ERROR_NUMERIC, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
}

static void
test_error_details (void)
{
  g_auto (Chain) chain = chain_new (NULL, "device", "cpu", NULL);
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *details;

  fake_video.open_error = VIDEO_ERROR_READ;
  chain_play (&chain);
  message = chain_wait (&chain, GST_MESSAGE_ERROR);
  gst_message_parse_error_details (message, &details);
  g_assert_nonnull (details);
  g_assert_cmpstr (gst_structure_get_string (details, "model"), ==,
      "/fake/model");
  g_assert_cmpstr (gst_structure_get_string (details, "device"), ==, "cpu");
}

static void
test_no_device (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  fake_video.no_device = TRUE;
  g_assert_cmpint (gst_element_set_state (chain.pipeline, GST_STATE_READY), ==,
      GST_STATE_CHANGE_FAILURE);
  chain_expect_error (&chain, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
      "no OpenCL device");
  g_assert_cmpint (fake_video.opened, ==, 0);
}

static void
check_refused_at_once (const char *property, const char *value, GQuark domain,
    gint code)
{
  g_auto (Chain) chain = chain_new (NULL, property, value, NULL);

  g_assert_cmpint (gst_element_set_state (chain.pipeline, GST_STATE_PAUSED),
      ==, GST_STATE_CHANGE_FAILURE);
  chain_expect_error (&chain, domain, code, "found");
  g_assert_cmpint (fake_video.opened, ==, 0);
}

static void
test_refused_at_once (void)
{
  check_refused_at_once ("model", "/none", GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND);
  check_refused_at_once ("lora", "/none", GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND);
  check_refused_at_once ("device", "none", GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_INIT);
}

static void
test_events_after_failure (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 100, NULL);

  fake_video.open_error = VIDEO_ERROR_READ;
  chain_play (&chain);
  chain_expect_error (&chain, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
      "injected error");
  g_assert_false (gst_element_seek_simple (chain.src, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SECOND));
  g_assert_false (gst_element_send_event (chain.src,
          gst_event_new_flush_stop (TRUE)));
  g_assert_false (gst_element_send_event (chain.src, gst_event_new_eos ()));

  /* In READY a seek is kept for the next start, as ever. */
  fake_video.open_error = -1;
  gst_element_set_state (chain.pipeline, GST_STATE_READY);
  chain_seek (&chain, 0, GST_SECOND, GST_CLOCK_TIME_NONE);
  chain_play (&chain);
  {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    g_assert_cmpuint (sample_frame (sample), ==, 24);
  }
}

static void
test_ready_loads_nothing (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");
  g_autoptr (GstQuery) query = gst_query_new_scheduling ();

  g_assert_cmpint (gst_element_set_state (chain.pipeline, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
  g_assert_true (gst_pad_query (pad, query));
  g_assert_true (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PUSH));
  g_assert_false (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
  g_assert_cmpint (fake_video.opened, ==, 0);
}

/* The base class would stop the source to answer it. */
static void
test_scheduling_query_while_loading (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");
  g_autoptr (GstQuery) query = gst_query_new_scheduling ();
  gint64 begin;

  fake_video.open_ms = 500;
  chain_play (&chain);
  begin = now_ms ();
  g_assert_true (gst_pad_query (pad, query));
  g_assert_cmpint (now_ms () - begin, <, AT_ONCE_MS);
  gst_sample_unref (chain_pull (&chain));
}

static void
test_eos_while_loading (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  fake_video.open_ms = 300;
  chain_play (&chain);
  g_assert_true (gst_element_send_event (chain.src, gst_event_new_eos ()));
  chain_pull_eos (&chain);
  g_assert_cmpint (fake_video.sampled, ==, 0);

  /* It can be played all the same. A sink that is flushed on its way to PLAYING, for
   * which EOS was its preroll, may stay in PAUSED: that is between it and its bin. */
  g_assert_cmpint (gst_element_get_state (chain.pipeline, NULL, NULL,
          60 * GST_SECOND), ==, GST_STATE_CHANGE_SUCCESS);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, 0, GST_CLOCK_TIME_NONE);
  gst_sample_unref (chain_pull (&chain));
}

static void
test_seek_while_loading (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 100, NULL);
  g_autoptr (GstSample) sample = NULL;

  fake_video.open_ms = 300;
  chain_play (&chain);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, GST_SECOND, GST_CLOCK_TIME_NONE);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, 2 * GST_SECOND, GST_CLOCK_TIME_NONE);
  sample = chain_pull (&chain);
  g_assert_cmpuint (sample_frame (sample), ==, 48);
}

static void
test_seek_from_sink_while_loading (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 100, NULL);
  g_autoptr (GstSample) sample = NULL;

  fake_video.open_ms = 300;
  chain_play (&chain);
  g_assert_true (gst_element_send_event (chain.sink,
          gst_event_new_seek (1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
              GST_SEEK_TYPE_SET, GST_SECOND, GST_SEEK_TYPE_NONE, -1)));
  sample = chain_pull (&chain);
  g_assert_cmpuint (sample_frame (sample), ==, 24);
}

static void
test_flush_while_loading_is_refused (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  fake_video.open_ms = 300;
  chain_play (&chain);
  g_assert_false (gst_element_send_event (chain.src,
          gst_event_new_flush_start ()));
  g_assert_false (gst_element_send_event (chain.src,
          gst_event_new_flush_stop (TRUE)));
  gst_sample_unref (chain_pull (&chain));
}

static void
test_seek_before_start (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 100, NULL);
  g_autoptr (GstSample) sample = NULL;

  gst_element_set_state (chain.pipeline, GST_STATE_READY);
  chain_seek (&chain, 0, GST_SECOND, GST_CLOCK_TIME_NONE);
  chain_play (&chain);
  sample = chain_pull (&chain);
  g_assert_cmpuint (sample_frame (sample), ==, 24);
}

/* With no model set the starter is found. */
static void
test_starter (void)
{
  g_auto (Chain) chain = chain_new (NULL, "model", NULL, NULL);

  chain_play (&chain);
  gst_sample_unref (chain_pull (&chain));
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/loading/asynchronous", test_asynchronous);
  fake_add ("/loading/progress", test_progress);
  fake_add ("/loading/given-up", test_given_up);
  fake_add ("/loading/started-again", test_started_again);
  fake_add ("/loading/errors", test_errors);
  fake_add ("/loading/error-details", test_error_details);
  fake_add ("/loading/no-device", test_no_device);
  fake_add ("/loading/refused-at-once", test_refused_at_once);
  fake_add ("/loading/events-after-failure", test_events_after_failure);
  fake_add ("/loading/ready-loads-nothing", test_ready_loads_nothing);
  fake_add ("/loading/scheduling-query", test_scheduling_query_while_loading);
  fake_add ("/loading/eos", test_eos_while_loading);
  fake_add ("/loading/seek", test_seek_while_loading);
  fake_add ("/loading/seek-from-sink", test_seek_from_sink_while_loading);
  fake_add ("/loading/flush", test_flush_while_loading_is_refused);
  fake_add ("/loading/seek-before-start", test_seek_before_start);
  fake_add ("/loading/starter", test_starter);
  return g_test_run ();
}

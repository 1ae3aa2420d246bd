/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-states.c: state changes, seeks and prompts in any order, at any time. */

#include "fake-helpers.h"

#define CHANGES 100
#define INSTANCES 4

/* What to do next takes less than this; loading and sampling take longer. */
#define AT_ONCE_MS 500

static void
seek_somewhere (Chain * chain, GRand * random)
{
  gst_element_seek_simple (chain->pipeline, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH, g_rand_int_range (random, 0, 5) * GST_SECOND);
}

static void
say_something (Chain * chain, GRand * random)
{
  g_autofree char *prompt = g_strdup_printf ("prompt %u",
      g_rand_int_range (random, 0, 10));

  g_object_set (chain->src, "prompt", prompt, NULL);
}

static void
change_state (Chain * chain, GRand * random)
{
  GstState state = g_rand_int_range (random, GST_STATE_NULL,
      GST_STATE_PLAYING + 1);
  gint64 begin = now_ms ();

  g_assert_cmpint (gst_element_set_state (chain->pipeline, state), !=,
      GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint (now_ms () - begin, <, AT_ONCE_MS);
}

static void
take_a_frame (Chain * chain, GRand * random)
{
  GstSample *sample = gst_app_sink_try_pull_sample (GST_APP_SINK (chain->sink),
      g_rand_int_range (random, 0, 60) * GST_MSECOND);

  if (sample)
    gst_sample_unref (sample);
}

/* No errors: what the test asks for is always possible. */
static void
assert_no_errors (Chain * chain)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (chain->bus,
      GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);

  g_assert_null (message);
}

static void
check_random_changes (guint32 seed, gboolean live)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 1000,
      "is-live", live, NULL);
  GRand *random = g_rand_new_with_seed (seed);

  fake_video.open_ms = 30;
  fake_video.step_ms = 10;
  for (guint changes = 0; changes < CHANGES;) {
    switch (g_rand_int_range (random, 0, 5)) {
      case 0:
        seek_somewhere (&chain, random);
        break;
      case 1:
        say_something (&chain, random);
        break;
      case 2:
        take_a_frame (&chain, random);
        break;
      default:
        change_state (&chain, random);
        changes++;
        break;
    }
    if (g_rand_boolean (random))
      g_usleep (g_rand_int_range (random, 0, 40) * 1000);
  }
  assert_no_errors (&chain);

  /* and still plays */
  chain_play (&chain);
  gst_sample_unref (chain_pull (&chain));
  g_rand_free (random);
}

static void
test_random_changes (void)
{
  check_random_changes (1, FALSE);
  check_random_changes (2, FALSE);
  check_random_changes (3, FALSE);
}

static void
test_live_random_changes (void)
{
  check_random_changes (4, TRUE);
  check_random_changes (5, TRUE);
}

/* As fast as can be: every start is cut short. */
static void
check_fast_cycles (gboolean live)
{
  g_auto (Chain) chain = chain_new (NULL, "is-live", live, NULL);

  fake_video.open_ms = 2;
  for (guint i = 0; i < 200; i++) {
    chain_play (&chain);
    g_usleep (i * 20);
    gst_element_set_state (chain.pipeline, i % 2 ? GST_STATE_READY :
        GST_STATE_NULL);
  }
  assert_no_errors (&chain);
}

static void
test_fast_cycles (void)
{
  check_fast_cycles (FALSE);
  check_fast_cycles (TRUE);
}

/* Without a pipeline, as generic/states of GStreamer does. */
static void
check_bare_element (gboolean live)
{
  GstElement *element = gst_element_factory_make ("dittextsrc", NULL);

  g_object_set (element, "model", "/fake", "is-live", live, NULL);
  for (guint i = 0; i < 20; i++) {
    gst_element_set_state (element, GST_STATE_PAUSED);
    g_usleep (i * 100);
    gst_element_set_state (element, GST_STATE_READY);
    gst_element_set_state (element, GST_STATE_PLAYING);
    gst_element_set_state (element, GST_STATE_NULL);
  }
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (element), ==, 1);
  gst_object_unref (element);
}

static void
test_bare_element (void)
{
  check_bare_element (FALSE);
  check_bare_element (TRUE);
}

/* Whatever a live source is at: loading, sampling, keeping time, waiting for a
 * chunk that takes 40 s, or for downstream. */
static void
test_live_end (void)
{
  static const guint after_ms[] = { 0, 20, 120, 400, 1000, 3500 };

  for (guint i = 0; i < G_N_ELEMENTS (after_ms); i++) {
    g_auto (Chain) chain = chain_new (NULL, "num-frames", -1, "is-live", TRUE,
        NULL);
    gint64 begin;

    fake_video.open_ms = 50;
    fake_video.step_ms = i == 1 ? 10000 : 20;
    fake_video.allowed = 1 + g_atomic_int_get (&fake_video.sampled);
    if (i > 3)
      g_object_set (chain.sink, "max-buffers", 0, NULL);
    chain_play (&chain);
    g_usleep (after_ms[i] * 1000);
    begin = now_ms ();
    gst_element_set_state (chain.pipeline, GST_STATE_NULL);
    g_assert_cmpint (now_ms () - begin, <, AT_ONCE_MS);
    assert_no_errors (&chain);
  }
}

static void
test_live_eos (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", -1, "is-live", TRUE,
      NULL);
  gint64 begin;

  fake_video.step_ms = 10000;
  chain_play (&chain);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
          "sample"));
  begin = now_ms ();
  g_assert_true (gst_element_send_event (chain.src, gst_event_new_eos ()));
  chain_pull_eos (&chain);
  g_assert_cmpint (now_ms () - begin, <, AT_ONCE_MS);
}

/* By a real clock: what is shown goes on where it was, a pause is none of its time. */
static void
test_live_pause (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", -1, "is-live", TRUE,
      NULL);
  GstClockTime last = 0;

  g_object_set (chain.sink, "max-buffers", 0, NULL);
  g_assert_cmpint (gst_element_set_state (chain.pipeline, GST_STATE_PAUSED),
      ==, GST_STATE_CHANGE_NO_PREROLL);
  for (guint i = 0; i < 3; i++) {
    chain_play (&chain);
    for (guint frame = 0; frame < 10; frame++) {
      g_autoptr (GstSample) sample = chain_pull (&chain);
      GstClockTime pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));

      if (i || frame)
        g_assert_cmpuint (pts - last, <, GST_SECOND);
      g_assert_true ((i == 0 && frame == 0) || pts > last);
      last = pts;
    }
    g_assert_cmpint (gst_element_set_state (chain.pipeline, GST_STATE_PAUSED),
        ==, GST_STATE_CHANGE_NO_PREROLL);
    g_usleep (1500 * 1000);
  }
}

static void
test_pause_and_play (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 30, NULL);

  chain_play (&chain);
  for (guint64 i = 0; i < 30; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    g_assert_cmpuint (sample_frame (sample), ==, i);
    if (i % 5 == 4) {
      gst_element_set_state (chain.pipeline, GST_STATE_PAUSED);
      chain_play (&chain);
    }
  }
  chain_pull_eos (&chain);
}

static gpointer
pull_all (gpointer data)
{
  Chain *chain = data;

  for (guint64 i = 0; i < 50; i++) {
    g_autoptr (GstSample) sample = chain_pull (chain);

    g_assert_cmpuint (sample_frame (sample), ==, i);
  }
  chain_pull_eos (chain);
  return NULL;
}

static void
test_many_at_once (void)
{
  Chain chains[INSTANCES];
  GThread *threads[INSTANCES];

  for (guint i = 0; i < INSTANCES; i++) {
    chains[i] = chain_new (NULL, "num-frames", 50, NULL);
    chain_play (&chains[i]);
    threads[i] = g_thread_new ("puller", pull_all, &chains[i]);
  }
  for (guint i = 0; i < INSTANCES; i++) {
    g_thread_join (threads[i]);
    chain_clear (&chains[i]);
  }
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/states/random-changes", test_random_changes);
  fake_add ("/states/live-random-changes", test_live_random_changes);
  fake_add ("/states/live-end", test_live_end);
  fake_add ("/states/live-eos", test_live_eos);
  fake_add ("/states/live-pause", test_live_pause);
  fake_add ("/states/fast-cycles", test_fast_cycles);
  fake_add ("/states/bare-element", test_bare_element);
  fake_add ("/states/pause-and-play", test_pause_and_play);
  fake_add ("/states/many-at-once", test_many_at_once);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-foley-states.c: videoaudiofoley in whole pipelines: preroll, states, seeks and
 * pads in any order, at any time. */

#include <gst/app/gstappsink.h>

#include "foley-helpers.h"

#define WAIT (60 * GST_SECOND)
#define AT_ONCE_MS 1000
#define CHANGES 100

#define SOURCE "videotestsrc name=src num-buffers=%d pattern=ball ! " \
    "video/x-raw, width=32, height=32, framerate=%d/%d ! " \
    "videoaudiofoley name=f "
#define VIDEO "f.video ! queue ! fakesink name=video "
#define AUDIO "f.audio ! queue ! fakesink name=audio "

static GstElement *
parse (const char *description)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, &error);

  g_assert_no_error (error);
  return pipeline;
}

static GstElement *
make_pipeline (int frames, int fps_n, int fps_d, const char *sinks)
{
  g_autofree char *source = g_strdup_printf (SOURCE, frames, fps_n, fps_d);
  g_autofree char *description = g_strconcat (source, sinks, NULL);

  return parse (description);
}

static void
end_pipeline (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  g_assert_cmpint (gst_element_set_state (pipeline, GST_STATE_NULL), ==,
      GST_STATE_CHANGE_SUCCESS);
  gst_bus_set_flushing (bus, TRUE);
  for (guint i = 0; i < 200 && GST_OBJECT_REFCOUNT_VALUE (pipeline) > 1; i++)
    g_usleep (10000);
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (pipeline), ==, 1);
  gst_object_unref (pipeline);
}

static void
preroll (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  g_assert_cmpint (gst_element_get_state (pipeline, NULL, NULL, WAIT), ==,
      GST_STATE_CHANGE_SUCCESS);
}

/* Plays to the end, which is @type of message. */
static void
play_out (GstElement * pipeline, GstMessageType type)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, WAIT,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, type);
}

/* ---- preroll ------------------------------------------------------------ */

static void
check_prerolls (int frames, int fps_n, int fps_d, const char *sinks)
{
  GstElement *pipeline = make_pipeline (frames, fps_n, fps_d, sinks);

  preroll (pipeline);
  play_out (pipeline, GST_MESSAGE_EOS);
  end_pipeline (pipeline);
}

static void
test_preroll (void)
{
  fake_foley.tail = 3 * GST_SECOND;
  check_prerolls (50, 25, 1, VIDEO AUDIO);
  check_prerolls (1, 25, 1, VIDEO AUDIO);
  check_prerolls (2, 25, 1, VIDEO AUDIO);
  check_prerolls (50, 25, 1, VIDEO AUDIO
      "f.stem_0 ! queue ! fakesink f.stem_1 ! queue ! fakesink");
}

/* The queues hold a second, a frame stands for twenty. */
static void
test_preroll_of_stills (void)
{
  check_prerolls (3, 1, 20, VIDEO AUDIO);
}

/* A muxer takes no sound that is later than a video which may go on; the queue
 * before it holds a second of a tail of three. */
static void
test_muxed (void)
{
  fake_foley.tail = 3 * GST_SECOND;
  check_prerolls (50, 25, 1, "f.video ! queue ! m.  f.audio ! queue ! m. "
      "matroskamux name=m ! fakesink");
}

/* Sound goes first: the video needs no queue. */
static void
test_few_queues (void)
{
  check_prerolls (50, 25, 1, "f.video ! fakesink " AUDIO);
}

static void
test_unlinked (void)
{
  GstElement *pipeline;

  check_prerolls (50, 25, 1, VIDEO);
  check_prerolls (50, 25, 1, AUDIO);
  check_prerolls (50, 25, 1, "f.stem_3 ! queue ! fakesink");
  pipeline = make_pipeline (50, 25, 1, "");
  play_out (pipeline, GST_MESSAGE_ERROR);
  end_pipeline (pipeline);
}

static void
test_no_frames (void)
{
  GstElement *pipeline = parse ("fakesrc num-buffers=0 ! video/x-raw ! "
      "videoaudiofoley name=f " VIDEO AUDIO);

  play_out (pipeline, GST_MESSAGE_EOS);
  end_pipeline (pipeline);
}

/* ---- playing ------------------------------------------------------------ */

static void
test_seek_in_pipeline (void)
{
  GstElement *pipeline = make_pipeline (-1, 25, 1, VIDEO AUDIO);
  gint64 position;

  preroll (pipeline);
  for (guint i = 0; i < 10; i++) {
    GstClockTime to = (i * 7 % 10) * GST_SECOND;

    g_assert_true (gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, to));
    g_assert_cmpint (gst_element_get_state (pipeline, NULL, NULL, WAIT), ==,
        GST_STATE_CHANGE_SUCCESS);
    g_assert_true (gst_element_query_position (pipeline, GST_FORMAT_TIME,
            &position));
    g_assert_cmpint (position, ==, to);
  }
  end_pipeline (pipeline);
}

/* By the clock: what sinks get is in time for them. */
static void
test_live (void)
{
  GstElement *pipeline = make_pipeline (30, 30, 1,
      "f.video ! queue ! fakesink sync=true name=video "
      "f.audio ! queue ! fakesink sync=true name=audio");
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline),
      "src");
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean live;
  GstClockTime min, max;

  g_object_set (source, "is-live", TRUE, NULL);
  g_assert_cmpint (gst_element_set_state (pipeline, GST_STATE_PAUSED), ==,
      GST_STATE_CHANGE_NO_PREROLL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_assert_cmpint (gst_element_get_state (pipeline, NULL, NULL, WAIT), ==,
      GST_STATE_CHANGE_SUCCESS);
  g_assert_true (gst_element_query (pipeline, query));
  gst_query_parse_latency (query, &live, &min, &max);
  g_assert_true (live);
  g_assert_cmpuint (min, >=, GST_SECOND / 30);
  play_out (pipeline, GST_MESSAGE_EOS);
  end_pipeline (pipeline);
}

/* Stopped while downstream takes nothing. */
static void
test_blocked (void)
{
  static const char *const sinks[] = {
    "f.video ! appsink max-buffers=1 name=v f.audio ! queue ! fakesink",
    "f.video ! queue ! fakesink f.audio ! appsink max-buffers=1",
    "f.video ! appsink max-buffers=1 f.audio ! appsink max-buffers=1"
  };

  for (guint i = 0; i < 3 * G_N_ELEMENTS (sinks); i++) {
    GstElement *pipeline = make_pipeline (-1, 25, 1, sinks[i % 3]);
    gint64 begin;

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    g_usleep (i * 10000);
    begin = g_get_monotonic_time ();
    gst_element_set_state (pipeline, GST_STATE_NULL);
    g_assert_cmpint (g_get_monotonic_time () - begin, <, AT_ONCE_MS * 1000);
    end_pipeline (pipeline);
  }
}

/* ---- any order ---------------------------------------------------------- */

static void
toggle_stem (GstElement * foley, GstPad ** stem, GstElement * pipeline)
{
  if (*stem) {
    g_autoptr (GstPad) peer = gst_pad_get_peer (*stem);
    g_autoptr (GstElement) sink = gst_pad_get_parent_element (peer);

    gst_element_release_request_pad (foley, *stem);
    gst_clear_object (stem);
    gst_bin_remove (GST_BIN (pipeline), gst_object_ref (sink));
    gst_element_set_state (sink, GST_STATE_NULL);
    gst_object_unref (sink);
  } else {
    GstElement *sink = gst_parse_bin_from_description ("queue ! fakesink "
        "async=false", TRUE, NULL);
    g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

    gst_bin_add (GST_BIN (pipeline), sink);
    gst_element_sync_state_with_parent (sink);
    *stem = gst_element_request_pad_simple (foley, "stem_%u");
    g_assert_cmpint (gst_pad_link (*stem, pad), ==, GST_PAD_LINK_OK);
  }
}

static void
change (GstElement * pipeline, GstElement * foley, GstPad ** stem,
    GRand * random)
{
  switch (g_rand_int_range (random, 0, 5)) {
    case 0:
      gst_element_seek_simple (pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
          g_rand_int_range (random, 0, 5) * GST_SECOND);
      break;
    case 1:
      toggle_stem (foley, stem, pipeline);
      break;
    case 2:
      g_object_set (foley, "prompt", "x", "gain-voices",
          g_rand_double_range (random, 0, 2), NULL);
      break;
    default:
      g_assert_cmpint (gst_element_set_state (pipeline,
              g_rand_int_range (random, GST_STATE_NULL, GST_STATE_PLAYING + 1)),
          !=, GST_STATE_CHANGE_FAILURE);
      break;
  }
}

static void
check_random_changes (guint32 seed)
{
  GstElement *pipeline = make_pipeline (-1, 30, 1, VIDEO AUDIO);
  GstElement *foley = gst_bin_get_by_name (GST_BIN (pipeline), "f");
  GRand *random = g_rand_new_with_seed (seed);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstPad *stem = NULL;

  for (guint i = 0; i < CHANGES; i++) {
    change (pipeline, foley, &stem, random);
    if (g_rand_boolean (random))
      g_usleep (g_rand_int_range (random, 0, 20) * 1000);
  }
  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR));
  preroll (pipeline);
  if (stem)
    toggle_stem (foley, &stem, pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (foley);
  g_rand_free (random);
  end_pipeline (pipeline);
}

static void
test_random_changes (void)
{
  for (guint seed = 1; seed <= 4; seed++)
    check_random_changes (seed);
}

static void
test_fast_cycles (void)
{
  GstElement *pipeline = make_pipeline (-1, 30, 1, VIDEO AUDIO);

  for (guint i = 0; i < 100; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    g_usleep (i * 50);
    gst_element_set_state (pipeline, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
  }
  end_pipeline (pipeline);
}

/* Without a pipeline, as generic/states of GStreamer does. */
static void
test_bare_element (void)
{
  GstElement *foley = gst_element_factory_make ("videoaudiofoley", NULL);
  GstPad *stem = gst_element_request_pad_simple (foley, "stem_2");

  for (guint i = 0; i < 20; i++) {
    gst_element_set_state (foley, GST_STATE_PAUSED);
    gst_element_set_state (foley, GST_STATE_READY);
    gst_element_set_state (foley, GST_STATE_PLAYING);
    gst_element_set_state (foley, GST_STATE_NULL);
  }
  gst_element_release_request_pad (foley, stem);
  gst_object_unref (stem);
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (foley), ==, 1);
  gst_object_unref (foley);
}

/* ---- leaks -------------------------------------------------------------- */

static guint
count_list (const GstStructure * checkpoint, const char *name)
{
  return gst_value_list_get_size (gst_structure_get_value (checkpoint, name));
}

/* Objects that were made since the call before, less those that are gone. */
static int
count_new_objects (GstTracer * tracer, guint * made)
{
  GstStructure *checkpoint = NULL;
  guint new_ones, gone;

  g_signal_emit_by_name (tracer, "activity-get-checkpoint", &checkpoint);
  g_assert_nonnull (checkpoint);
  new_ones = count_list (checkpoint, "objects-created-list");
  gone = count_list (checkpoint, "objects-removed-list");
  gst_structure_free (checkpoint);
  *made += new_ones;
  return (int) new_ones - (int) gone;
}

/* Threads that have done their work may keep things for a moment. */
static int
count_left_objects (GstTracer * tracer, guint * made)
{
  int left = count_new_objects (tracer, made);

  for (guint i = 0; i < 500 && left > 0; i++) {
    g_usleep (10000);
    left += count_new_objects (tracer, made);
  }
  return left;
}

static void
play_cut_short (void)
{
  GstElement *pipeline = make_pipeline (-1, 30, 1, VIDEO AUDIO
      "f.stem_0 ! queue ! fakesink");

  preroll (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_usleep (50000);
  end_pipeline (pipeline);
}

/* What the leaks tracer of GStreamer finds made is gone in the end. */
static void
test_leaks (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPlugin) plugin = gst_plugin_load_file (PLUGINS_DIR
      "/libgstcoretracers.so", &error);
  GstPluginFeature *factory;
  GstTracer *tracer;
  guint made = 0;

  g_assert_no_error (error);
  gst_registry_add_plugin (gst_registry_get (), plugin);
  factory = gst_registry_lookup_feature (gst_registry_get (), "leaks");
  g_assert_nonnull (factory);
  tracer = g_object_new (gst_tracer_factory_get_tracer_type
      (GST_TRACER_FACTORY (factory)), NULL);
  check_prerolls (20, 25, 1, VIDEO AUDIO);
  play_cut_short ();
  g_signal_emit_by_name (tracer, "activity-start-tracking");
  for (guint i = 0; i < 5; i++) {
    check_prerolls (20, 25, 1, VIDEO AUDIO);
    play_cut_short ();
  }
  /* One of before may go late. */
  g_assert_cmpint (count_left_objects (tracer, &made), <=, 0);
  g_assert_cmpuint (made, >, 1000);
  g_signal_emit_by_name (tracer, "activity-stop-tracking");
  gst_object_unref (factory);
}

int
main (int argc, char **argv)
{
  foley_init (&argc, &argv);
  foley_add ("/foley-states/preroll", test_preroll);
  foley_add ("/foley-states/preroll-of-stills", test_preroll_of_stills);
  foley_add ("/foley-states/muxed", test_muxed);
  foley_add ("/foley-states/few-queues", test_few_queues);
  foley_add ("/foley-states/unlinked", test_unlinked);
  foley_add ("/foley-states/no-frames", test_no_frames);
  foley_add ("/foley-states/seek", test_seek_in_pipeline);
  foley_add ("/foley-states/live", test_live);
  foley_add ("/foley-states/blocked", test_blocked);
  foley_add ("/foley-states/random-changes", test_random_changes);
  foley_add ("/foley-states/fast-cycles", test_fast_cycles);
  foley_add ("/foley-states/bare-element", test_bare_element);
  foley_add ("/foley-states/leaks", test_leaks);
  return g_test_run ();
}

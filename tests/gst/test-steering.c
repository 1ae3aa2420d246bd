/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-steering.c: storyboards, unknown words, actions, and keys that set them. */

#include <string.h>

#include <gst/check/gstharness.h>
#include <gst/video/navigation.h>

#include "fake-helpers.h"

static const char *const all_actions[] = {
  "left", "right", "faster", "slower", "brake", "wave", NULL
};

/* ---- storyboards ----------------------------------------------------------------- */

/* Chunk and scene, prompt and action of each scene, and the title of each tag. */
static GstPadProbeReturn
note (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GString *log = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  if (gst_event_has_name (event, "dit-scene")) {
    const GstStructure *scene = gst_event_get_structure (event);

    g_string_append_printf (log, "scene %s/%s; ",
        gst_structure_get_string (scene, "prompt"),
        gst_structure_get_string (scene, "action"));
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_TAG) {
    g_autofree char *title = NULL;
    GstTagList *tags;

    gst_event_parse_tag (event, &tags);
    gst_tag_list_get_string (tags, GST_TAG_TITLE, &title);
    g_string_append_printf (log, "title %s; ", title);
  }
  return GST_PAD_PROBE_OK;
}

/* Each chunk is told of with its own event. */
static void
test_storyboard (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 27, "prompt",
      "one\ntwo\ntwo", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");
  static const char *const events[] = { "one", "two", "two" };

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note, log, NULL);
  chain_play (&chain);
  for (guint i = 0; i < 27; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    g_assert_cmpuint (sample_mark (sample).prompt, ==,
        g_str_hash (events[i / 9]));
  }
  chain_pull_eos (&chain);
  g_assert_cmpstr (log->str, ==, "title one; scene one/; title two; "
      "scene two/; scene two/; ");
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstMessage) message = NULL;
    const GstStructure *chunk = chain_wait_element (&chain, "dit-chunk",
        &message);

    g_assert_cmpstr (gst_structure_get_string (chunk, "prompt"), ==, events[i]);
    g_assert_cmpstr (gst_structure_get_string (chunk, "action"), ==, "");
  }
}

/* ---- words ----------------------------------------------------------------------- */

static const char *const words[] = { "kraken", "zeppelin", NULL };

static void
expect_words (Chain * chain)
{
  g_autoptr (GstMessage) message = chain_wait (chain, GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;
  const GstStructure *details;
  g_auto (GStrv) told = NULL;

  gst_message_parse_warning (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
  g_assert_cmpstr (error->message, ==,
      "The model \"model\" does not know: \"kraken\", \"zeppelin\".");
  gst_message_parse_warning_details (message, &details);
  g_assert_true (gst_structure_get (details, "words", G_TYPE_STRV, &told,
          NULL));
  g_assert_true (g_strv_equal ((const char *const *) told, words));
}

static void
expect_no_warning (Chain * chain)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (chain->bus,
      GST_MESSAGE_WARNING);

  g_assert_null (message);
}

/* Once for each prompt. */
static void
test_unknown_words (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 45, "prompt",
      "unknown", NULL);

  fake_video.unknown_words = words;
  chain_play (&chain);
  for (guint i = 0; i < 45; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    if (i == 0)
      expect_words (&chain);
    if (i == 18) {
      expect_no_warning (&chain);
      g_object_set (chain.src, "prompt", "unknown\nmore", NULL);
    }
  }
  chain_pull_eos (&chain);
  expect_words (&chain);
  expect_no_warning (&chain);
}

/* ---- actions --------------------------------------------------------------------- */

static void
test_action (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 27, "prompt", "x",
      "action", "wave", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");
  const guint32 expected[] = { g_str_hash ("wave"), g_str_hash ("left"), 0 };

  fake_video.actions = all_actions;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note, log, NULL);
  chain_play (&chain);
  for (guint i = 0; i < 27; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    g_assert_cmpuint (sample_mark (sample).action, ==, expected[i / 9]);
    if (i % 9 == 0)
      g_object_set (chain.src, "action", i == 0 ? "left" : NULL, NULL);
  }
  g_assert_cmpstr (log->str, ==,
      "title x; scene x/wave; scene x/left; scene x/; ");
}

static void
test_unknown_action (void)
{
  g_auto (Chain) chain = chain_new (NULL, "action", "fly", NULL);

  chain_play (&chain);
  chain_expect_error (&chain, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "no action \"fly\"");
}

/* The settings stay as they were, which is said once. */
static void
test_unknown_action_while_playing (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 45, "prompt", "one",
      "action", "left", NULL);
  guint32 expected = g_str_hash ("left");

  fake_video.actions = all_actions;
  chain_play (&chain);
  for (guint i = 0; i < 45; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);
    const char *prompt = i < 36 ? "one" : "two";

    g_assert_cmpuint (sample_mark (sample).prompt, ==, g_str_hash (prompt));
    g_assert_cmpuint (sample_mark (sample).action, ==, i < 36 ? expected : 0);
    if (i == 0)
      g_object_set (chain.src, "prompt", "two", "action", "fly", NULL);
    if (i == 28)
      g_object_set (chain.src, "action", "", NULL);
  }
  chain_pull_eos (&chain);
  chain_expect_warning (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "no action \"fly\"; the settings stay");
  expect_no_warning (&chain);
}

/* ---- keys ------------------------------------------------------------------------ */

/* GStreamer has no clean-up function for its own before 1.26. */
typedef struct
{
  GstHarness *harness;
  GstElement *src;
  guint notified;
} Keys;

static void
count (GObject * object, GParamSpec * pspec, gpointer data)
{
  ++*(guint *) data;
}

static void
keys_start (Keys * keys, const char *const *actions)
{
  fake_video.actions = actions;
  keys->notified = 0;
  keys->harness =
      gst_harness_new_parse ("dittextsrc model=/fake num-frames=-1");
  gst_harness_set_sink_caps_str (keys->harness, "video/x-raw, format=I420");
  keys->src = gst_harness_find_element (keys->harness, "dittextsrc");
  g_signal_connect (keys->src, "notify::action", G_CALLBACK (count),
      &keys->notified);
  gst_harness_play (keys->harness);
  gst_buffer_unref (gst_harness_pull (keys->harness));
}

static void
keys_stop (Keys * keys)
{
  gst_object_unref (keys->src);
  gst_harness_teardown (keys->harness);
}

/* Pushes what a sink would, and looks at the property. */
static void
keys_push (Keys * keys, gboolean pressed, const char *key,
    gboolean handled, const char *expected)
{
  GstEvent *event = pressed ?
      gst_navigation_event_new_key_press (key, 0) :
      gst_navigation_event_new_key_release (key, 0);
  g_autofree char *action = NULL;

  g_assert_cmpint (gst_harness_push_upstream_event (keys->harness, event), ==,
      handled);
  g_object_get (keys->src, "action", &action, NULL);
  g_assert_cmpstr (action, ==, expected);
}

static void
test_keys (void)
{
  static const struct
  {
    const char *key, *action;
  } bindings[] = {
    {"Left", "left"}, {"Right", "right"}, {"Up", "faster"},
    {"Down", "slower"}, {"space", "brake"}
  };
  Keys keys;

  keys_start (&keys, all_actions);
  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++) {
    keys_push (&keys, TRUE, bindings[i].key, TRUE, bindings[i].action);
    g_assert_cmpuint (keys.notified, ==, 2 * i + 1);
    /* it repeats */
    keys_push (&keys, TRUE, bindings[i].key, TRUE, bindings[i].action);
    g_assert_cmpuint (keys.notified, ==, 2 * i + 1);
    keys_push (&keys, FALSE, bindings[i].key, TRUE, NULL);
    g_assert_cmpuint (keys.notified, ==, 2 * i + 2);
  }
  keys_stop (&keys);
}

/* The last key counts; the release of another changes nothing. */
static void
test_two_keys (void)
{
  Keys keys;

  keys_start (&keys, all_actions);
  keys_push (&keys, TRUE, "Left", TRUE, "left");
  keys_push (&keys, TRUE, "Up", TRUE, "faster");
  keys_push (&keys, FALSE, "Left", TRUE, "faster");
  keys_push (&keys, FALSE, "Up", TRUE, NULL);
  keys_push (&keys, FALSE, "Up", TRUE, NULL);
  g_assert_cmpuint (keys.notified, ==, 3);
  /* what the application sets stays */
  keys_push (&keys, TRUE, "Down", TRUE, "slower");
  g_object_set (keys.src, "action", "wave", NULL);
  keys_push (&keys, FALSE, "Down", TRUE, "wave");
  keys_stop (&keys);
}

/* What is no key, or none of those. */
static void
test_other_keys (void)
{
  static const char *const few[] = { "left", "wave", NULL };
  Keys keys;

  keys_start (&keys, few);
  keys_push (&keys, TRUE, "Right", FALSE, NULL);
  keys_push (&keys, TRUE, "w", FALSE, NULL);
  keys_push (&keys, TRUE, "", FALSE, NULL);
  gst_harness_push_upstream_event (keys.harness,
      gst_navigation_event_new_mouse_move (1, 2, 0));
  gst_harness_push_upstream_event (keys.harness,
      gst_event_new_navigation (gst_structure_new ("application/"
              "x-gst-navigation", "event", G_TYPE_STRING, "key-press", NULL)));
  gst_harness_push_upstream_event (keys.harness,
      gst_event_new_navigation (gst_structure_new_empty ("x")));
  keys_push (&keys, TRUE, "Left", TRUE, "left");
  keys_stop (&keys);
  keys_start (&keys, NULL);
  keys_push (&keys, TRUE, "Left", FALSE, NULL);
  keys_stop (&keys);
}

/* The frames follow; before the model is loaded, nothing does. */
static void
test_steered_frames (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 27, NULL);
  const guint32 expected[] = { 0, g_str_hash ("left"), 0 };

  fake_video.actions = all_actions;
  g_assert_false (gst_element_send_event (chain.src,
          gst_navigation_event_new_key_press ("Left", 0)));
  chain_play (&chain);
  for (guint i = 0; i < 27; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    g_assert_cmpuint (sample_mark (sample).action, ==, expected[i / 9]);
    if (i == 1)
      g_assert_true (gst_element_send_event (chain.sink,
              gst_navigation_event_new_key_press ("Left", 0)));
    if (i == 10)
      g_assert_true (gst_element_send_event (chain.src,
              gst_navigation_event_new_key_release ("Left", 0)));
  }
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/steering/storyboard", test_storyboard);
  fake_add ("/steering/unknown-words", test_unknown_words);
  fake_add ("/steering/action", test_action);
  fake_add ("/steering/unknown-action", test_unknown_action);
  fake_add ("/steering/unknown-action-while-playing",
      test_unknown_action_while_playing);
  fake_add ("/steering/keys", test_keys);
  fake_add ("/steering/two-keys", test_two_keys);
  fake_add ("/steering/other-keys", test_other_keys);
  fake_add ("/steering/steered-frames", test_steered_frames);
  return g_test_run ();
}

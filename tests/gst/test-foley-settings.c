/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-foley-settings.c: what videoaudiofoley is told, and what it tells the bus. */

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>

#include "foley-helpers.h"

#define NONE GST_CLOCK_TIME_NONE
#define FPS 10

static void
push_frames (Bench * bench, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    g_assert_cmpint (bench_push (bench, i * bench->frame, bench->frame), ==,
        GST_FLOW_OK);
}

static void
test_defaults (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, NULL);

  push_frames (&bench, 0, 1);
  g_assert_cmpstr (fake_foley.prompt, ==, "-");
  g_assert_cmpstr (fake_foley.scene, ==, "-");
  g_assert_cmpstr (fake_foley.allow, ==, "-");
  g_assert_cmpstr (fake_foley.deny, ==, "-");
  g_assert_cmpstr (fake_foley.memory, ==, "-");
  g_assert_cmpstr (fake_foley.hrtf, ==, "-");
  g_assert_cmpfloat (fake_foley.loudness, ==, -23);
  g_assert_cmpuint (fake_foley.options.seed, ==, 0);
  g_assert_cmpuint (fake_foley.options.rate, ==, 48000);
  g_assert_cmpuint (fake_foley.options.n_stems, ==, 0);
  for (guint i = 0; i < FOLEY_N_LAYERS; i++)
    g_assert_cmpfloat (fake_foley.gains[i], ==, 1);
}

static void
test_all (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL,
      "prompt", "thunder", "memory", "/my/sounds", "hrtf", "/my/head.sofa",
      "seed", G_MAXUINT64, "loudness", -16.0, "gain-ambience", 0.5,
      "gain-impacts", 2.0, "gain-movement", 0.0, "gain-voices", 10.0,
      "allow", " dog, taxi ,, bell ", "deny", ",cat", NULL);

  push_frames (&bench, 0, 1);
  g_assert_cmpstr (fake_foley.prompt, ==, "thunder");
  g_assert_cmpstr (fake_foley.memory, ==, "/my/sounds");
  g_assert_cmpstr (fake_foley.hrtf, ==, "/my/head.sofa");
  g_assert_cmpstr (fake_foley.allow, ==, "dog|taxi|bell");
  g_assert_cmpstr (fake_foley.deny, ==, "cat");
  g_assert_cmpuint (fake_foley.options.seed, ==, G_MAXUINT64);
  g_assert_cmpfloat (fake_foley.loudness, ==, -16);
  g_assert_cmpfloat (fake_foley.gains[FOLEY_LAYER_AMBIENCE], ==, 0.5);
  g_assert_cmpfloat (fake_foley.gains[FOLEY_LAYER_IMPACTS], ==, 2);
  g_assert_cmpfloat (fake_foley.gains[FOLEY_LAYER_MOVEMENT], ==, 0);
  g_assert_cmpfloat (fake_foley.gains[FOLEY_LAYER_VOICES], ==, 10);
}

static void
test_properties_keep (void)
{
  GstElement *foley = gst_element_factory_make ("videoaudiofoley", NULL);
  guint n;
  g_autofree GParamSpec **specs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (foley), &n);

  for (guint i = 0; i < n; i++) {
    GValue set = G_VALUE_INIT, got = G_VALUE_INIT;

    if (specs[i]->owner_type != G_OBJECT_TYPE (foley)
        || !(specs[i]->flags & G_PARAM_WRITABLE))
      continue;
    g_value_init (&set, specs[i]->value_type);
    g_value_init (&got, specs[i]->value_type);
    g_assert_true (gst_value_deserialize (&set,
            G_IS_PARAM_SPEC_ENUM (specs[i]) ? "mono" :
            G_IS_PARAM_SPEC_BOOLEAN (specs[i]) ? "false" : "0"));
    g_object_set_property (G_OBJECT (foley), specs[i]->name, &set);
    g_object_get_property (G_OBJECT (foley), specs[i]->name, &got);
    g_assert_cmpint (gst_value_compare (&set, &got), ==, GST_VALUE_EQUAL);
    g_value_unset (&set);
    g_value_unset (&got);
  }
  gst_object_unref (foley);
}

/* While it plays what may change changes, and the rest at the next start. */
static void
test_changes (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, "prompt", "a", NULL);
  guint controlled;

  push_frames (&bench, 0, 2);
  controlled = fake_foley.controlled;
  push_frames (&bench, 2, 4);
  g_assert_cmpuint (fake_foley.controlled, ==, controlled);
  g_object_set (bench.foley, "prompt", "b", "seed", (guint64) 7, "memory",
      "/elsewhere", NULL);
  push_frames (&bench, 4, 5);
  g_assert_cmpstr (fake_foley.prompt, ==, "b");
  gst_harness_push_event (bench.video, gst_event_new_flush_start ());
  gst_harness_push_event (bench.video, gst_event_new_flush_stop (TRUE));
  bench_set_caps (&bench, "video/x-raw, format=GRAY8, width=4, height=4, "
      "framerate=10/1");
  push_frames (&bench, 0, 2);
  g_assert_cmpint (fake_foley.made, ==, 2);
  g_assert_cmpuint (fake_foley.options.seed, ==, 0);
  g_assert_cmpstr (fake_foley.memory, ==, "-");
}

/* A control binding drives a gain, frame by frame. */
static void
test_controller (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, NULL);
  g_autoptr (GstControlSource) source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (values, 0, 0);
  gst_timed_value_control_source_set (values, GST_SECOND, 1);
  gst_object_add_control_binding (GST_OBJECT (bench.foley),
      gst_direct_control_binding_new_absolute (GST_OBJECT (bench.foley),
          "gain-voices", source));
  for (guint i = 0; i <= 10; i++) {
    push_frames (&bench, i, i + 1);
    g_assert_cmpfloat (ABS (fake_foley.gains[FOLEY_LAYER_VOICES] - i / 10.),
        <, 1e-6);
  }
}

static void
test_bad_text (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, "prompt", "good", NULL);

  push_frames (&bench, 0, 1);
  g_object_set (bench.foley, "prompt", "bad \xff", "loudness", -10.0, NULL);
  push_frames (&bench, 1, 3);
  bench_expect (&bench, GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS);
  g_assert_null (gst_bus_pop_filtered (bench.bus, GST_MESSAGE_WARNING));
  g_assert_cmpstr (fake_foley.prompt, ==, "good");
  g_assert_cmpfloat (fake_foley.loudness, ==, -23);
  g_object_set (bench.foley, "prompt", "fine", NULL);
  push_frames (&bench, 3, 4);
  g_assert_cmpstr (fake_foley.prompt, ==, "fine");
  g_assert_cmpfloat (fake_foley.loudness, ==, -10);
}

static void
test_bad_text_at_start (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, "deny", "\xff", NULL);

  g_assert_cmpint (bench_push (&bench, 0, NONE), ==, GST_FLOW_ERROR);
  bench_expect (&bench, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS);
}

static void
test_errors (void)
{
  static const struct
  {
    FoleyError error;
    gboolean library;
    int code;
  } cases[] = {
    {FOLEY_ERROR_NOT_FOUND, FALSE, GST_RESOURCE_ERROR_NOT_FOUND},
    {FOLEY_ERROR_READ, FALSE, GST_RESOURCE_ERROR_OPEN_READ},
    {FOLEY_ERROR_RECIPE, FALSE, GST_RESOURCE_ERROR_OPEN_READ},
    {FOLEY_ERROR_SETTINGS, FALSE, GST_RESOURCE_ERROR_SETTINGS},
    {FOLEY_ERROR_DEVICE, TRUE, GST_LIBRARY_ERROR_INIT}
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (cases); i++) {
    guint n = i / 2;

    fake_foley.new_error = i % 2 ? (int) cases[n].error : -1;
    fake_foley.see_error = i % 2 ? -1 : (int) cases[n].error;
    {
      g_auto (Bench) bench = bench_new (FPS, 1, NULL, NULL);

      g_assert_cmpint (bench_push (&bench, 0, NONE), ==, GST_FLOW_ERROR);
      bench_expect (&bench, GST_MESSAGE_ERROR, cases[n].library ?
          GST_LIBRARY_ERROR : GST_RESOURCE_ERROR, cases[n].code);
    }
  }
}

static void
test_complaints (void)
{
  static const char *const complaints[] = { "dog.ini: no group", NULL };
  g_auto (Bench) bench = { NULL, };

  fake_foley.complaints = complaints;
  bench = bench_new (FPS, 1, NULL, NULL);
  push_frames (&bench, 0, 2);
  bench_expect (&bench, GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS);
  g_assert_null (gst_bus_pop_filtered (bench.bus, GST_MESSAGE_ERROR));
}

static void
expect_finder_warning (Bench * bench)
{
  bench_expect (bench, GST_MESSAGE_WARNING, GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_INIT);
  g_assert_null (gst_bus_pop_filtered (bench->bus,
          GST_MESSAGE_ERROR | GST_MESSAGE_WARNING));
}

/* One is made, whatever is flushed; it goes with the element. */
static void
test_device (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, "device", "cpu", NULL);
  GstSegment segment;

  push_frames (&bench, 0, 3);
  gst_harness_push_event (bench.video, gst_event_new_flush_start ());
  gst_harness_push_event (bench.video, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  bench_push_segment (&bench, &segment);
  push_frames (&bench, 0, 3);
  g_assert_cmpint (fake_foley.made, ==, 2);
  g_assert_cmpint (fake_foley.finders_made, ==, 1);
  g_assert_cmpstr (fake_foley.device, ==, "cpu");
  gst_element_set_state (bench.foley, GST_STATE_READY);
  g_assert_cmpint (fake_foley.finders, ==, 0);
}

static void
test_device_none (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, "device", "none", NULL);

  push_frames (&bench, 0, 3);
  g_assert_cmpint (fake_foley.made, ==, 1);
  g_assert_cmpint (fake_foley.finders_made, ==, 0);
  g_assert_null (fake_foley.options.finder);
  g_assert_null (gst_bus_pop_filtered (bench.bus, GST_MESSAGE_WARNING));
}

/* The sound goes on without one; it is told once. */
static void
test_no_device (void)
{
  g_auto (Bench) bench = { NULL, };

  fake_foley.no_device = TRUE;
  bench = bench_new (FPS, 1, NULL, NULL);
  push_frames (&bench, 0, 5);
  g_assert_cmpint (fake_foley.finders_made, ==, 1);
  g_assert_cmpuint (fake_foley.seen, ==, 5);
  expect_finder_warning (&bench);
}

static void
test_device_fails (void)
{
  g_auto (Bench) bench = { NULL, };

  fake_foley.finder_fails = 3;
  bench = bench_new (FPS, 1, NULL, NULL);
  push_frames (&bench, 0, 8);
  g_assert_cmpuint (fake_foley.seen, ==, 8);
  expect_finder_warning (&bench);
}

static void
check_event (const GstStructure * event, GstClockTime time)
{
  guint64 told = 0;
  double azimuth = 0, distance = 0, gain = 0;

  gst_structure_get (event, "time", G_TYPE_UINT64, &told, "azimuth",
      G_TYPE_DOUBLE, &azimuth, "distance", G_TYPE_DOUBLE, &distance, "gain",
      G_TYPE_DOUBLE, &gain, NULL);
  g_assert_cmpuint (told, ==, time);
  g_assert_cmpfloat (azimuth, ==, 0.25);
  g_assert_cmpfloat (distance, ==, 2.5);
  g_assert_cmpfloat (gain, ==, 0.5);
  g_assert_cmpstr (gst_structure_get_string (event, "sound"), ==, "bell-1");
  g_assert_cmpstr (gst_structure_get_string (event, "class"), ==, "bell");
  g_assert_cmpstr (gst_structure_get_string (event, "material"), ==, "brass");
  g_assert_cmpstr (gst_structure_get_string (event, "layer"), ==, "impacts");
  g_assert_cmpstr (gst_structure_get_string (event, "why"), ==, "told to");
}

/* The time of a note is running time, wherever the sound began. */
static void
test_events (void)
{
  g_auto (Bench) bench = bench_new (FPS, 1, NULL, NULL);
  GstMessage *message;
  guint n = 0;

  fake_foley.note_every = 2;
  push_frames (&bench, 100, 105);
  while ((message = gst_bus_pop_filtered (bench.bus, GST_MESSAGE_ELEMENT))) {
    g_assert_true (gst_message_has_name (message, "foley-event"));
    /* at the 2nd and the 4th frame, of half its time */
    check_event (gst_message_get_structure (message),
        100 * bench.frame + (1 + 2 * n) * bench.frame / 2);
    gst_message_unref (message);
    n++;
  }
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (bench_get_stat (&bench, "sounds"), ==, 2);
  g_object_set (bench.foley, "post-messages", FALSE, NULL);
  push_frames (&bench, 105, 109);
  g_assert_null (gst_bus_pop_filtered (bench.bus, GST_MESSAGE_ELEMENT));
  g_assert_cmpuint (bench_get_stat (&bench, "sounds"), ==, 4);
  g_assert_cmpuint (bench_get_stat (&bench, "frames"), ==, 9);
  g_assert_cmpuint (bench_get_stat (&bench, "samples"), ==, 8 * 4800);
}

static void
test_presets (void)
{
  GstElement *foley = gst_element_factory_make ("videoaudiofoley", NULL);
  g_auto (GStrv) names = gst_preset_get_preset_names (GST_PRESET (foley));
  int layout;

  g_assert_cmpuint (g_strv_length (names), ==, 4);
  for (char **name = names; *name; name++)
    g_assert_true (gst_preset_load_preset (GST_PRESET (foley), *name));
  g_assert_true (gst_preset_load_preset (GST_PRESET (foley), "Headphones"));
  g_object_get (foley, "layout", &layout, NULL);
  g_assert_cmpint (layout, ==, FOLEY_LAYOUT_BINAURAL);
  gst_object_unref (foley);
}

int
main (int argc, char **argv)
{
  foley_init (&argc, &argv);
  foley_add ("/foley-settings/defaults", test_defaults);
  foley_add ("/foley-settings/all", test_all);
  foley_add ("/foley-settings/properties-keep", test_properties_keep);
  foley_add ("/foley-settings/changes", test_changes);
  foley_add ("/foley-settings/controller", test_controller);
  foley_add ("/foley-settings/bad-text", test_bad_text);
  foley_add ("/foley-settings/bad-text-at-start", test_bad_text_at_start);
  foley_add ("/foley-settings/errors", test_errors);
  foley_add ("/foley-settings/complaints", test_complaints);
  foley_add ("/foley-settings/device", test_device);
  foley_add ("/foley-settings/device-none", test_device_none);
  foley_add ("/foley-settings/no-device", test_no_device);
  foley_add ("/foley-settings/device-fails", test_device_fails);
  foley_add ("/foley-settings/events", test_events);
  foley_add ("/foley-settings/presets", test_presets);
  return g_test_run ();
}

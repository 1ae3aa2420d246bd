/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-settings.c: properties, URIs, presets. */

#include <string.h>

#include "fake-helpers.h"

static GstElement *
element_new (void)
{
  return gst_element_factory_make ("dittextsrc", NULL);
}

static gboolean
is_own (GObject * object, GParamSpec * pspec)
{
  return pspec->owner_type == G_OBJECT_TYPE (object)
      && pspec->flags & G_PARAM_WRITABLE;
}

/* Each has a nick, a blurb and says when it may be changed; reading a new element
 * gives the default. */
static void
test_properties (void)
{
  g_autoptr (GstElement) element = element_new ();
  g_autofree GParamSpec **pspecs = NULL;
  guint n, own = 0;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);
  for (guint i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;

    if (!is_own (G_OBJECT (element), pspecs[i]))
      continue;
    own++;
    g_assert_cmpuint (strlen (g_param_spec_get_blurb (pspecs[i])), >, 10);
    g_assert_true (pspecs[i]->flags & (GST_PARAM_MUTABLE_PLAYING
            | GST_PARAM_MUTABLE_READY));
    g_value_init (&value, pspecs[i]->value_type);
    g_object_get_property (G_OBJECT (element), pspecs[i]->name, &value);
    g_assert_true (g_param_value_defaults (pspecs[i], &value));
  }
  g_assert_cmpuint (own, ==, 19);
}

static void
set_and_compare (GObject * object, const char *name, const char *text)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);
  g_auto (GValue) before = G_VALUE_INIT;
  g_auto (GValue) after = G_VALUE_INIT;

  g_value_init (&before, pspec->value_type);
  g_value_init (&after, pspec->value_type);
  g_assert_true (gst_value_deserialize (&before, text));
  g_object_set_property (object, name, &before);
  g_object_get_property (object, name, &after);
  g_assert_cmpint (gst_value_compare (&before, &after), ==, GST_VALUE_EQUAL);
}

static void
test_set_and_get (void)
{
  g_autoptr (GstElement) element = element_new ();
  GObject *object = G_OBJECT (element);

  set_and_compare (object, "model", "/some/where");
  set_and_compare (object, "lora", "/some/file.safetensors");
  set_and_compare (object, "lora-scale", "-0.5");
  set_and_compare (object, "device", "gpu");
  set_and_compare (object, "precision", "bfloat16");
  set_and_compare (object, "precision", "int16");
  set_and_compare (object, "gemm", "clblast");
  set_and_compare (object, "memory-limit", "12345678901");
  set_and_compare (object, "prompt", "\"a dog\"");
  set_and_compare (object, "negative-prompt", "blurred");
  set_and_compare (object, "action", "left");
  set_and_compare (object, "guidance-scale", "6.5");
  set_and_compare (object, "steps", "12");
  set_and_compare (object, "seed", "9007199254740993");
  set_and_compare (object, "sampler", "euler");
  set_and_compare (object, "flow-shift", "5");
  set_and_compare (object, "num-frames", "-1");
  set_and_compare (object, "is-live", "true");
  set_and_compare (object, "duration", "4000000000");
  set_and_compare (object, "chunk-frames", "81");
}

static void
test_uri (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) element = gst_element_make_from_uri (GST_URI_SRC,
      "dit://a%20dog%2C%20100%25%20happy?steps=7&seed=3&sampler=euler"
      "&negative-prompt=a%26b&guidance-scale=1.5", NULL, &error);
  g_autoptr (GstElement) copy = element_new ();
  g_autofree char *prompt = NULL, *negative = NULL, *uri = NULL, *again = NULL;
  guint steps;
  gint64 seed;
  double guidance;

  g_assert_no_error (error);
  g_assert_nonnull (element);
  g_object_get (element, "prompt", &prompt, "negative-prompt", &negative,
      "steps", &steps, "seed", &seed, "guidance-scale", &guidance, NULL);
  g_assert_cmpstr (prompt, ==, "a dog, 100% happy");
  g_assert_cmpstr (negative, ==, "a&b");
  g_assert_cmpuint (steps, ==, 7);
  g_assert_cmpint (seed, ==, 3);
  g_assert_cmpfloat (guidance, ==, 1.5);

  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (element));
  g_assert_true (gst_uri_handler_set_uri (GST_URI_HANDLER (copy), uri, &error));
  again = gst_uri_handler_get_uri (GST_URI_HANDLER (copy));
  g_assert_cmpstr (uri, ==, again);
  g_assert_nonnull (strstr (uri, "dit://a%20dog%2C%20100%25%20happy?"));
}

static void
check_bad_uri (const char *uri, gint code)
{
  g_autoptr (GstElement) element = element_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (gst_uri_handler_set_uri (GST_URI_HANDLER (element), uri,
          &error));
  g_assert_error (error, GST_URI_ERROR, code);
}

static void
test_bad_uris (void)
{
  check_bad_uri ("dit://x?no-such=1", GST_URI_ERROR_BAD_REFERENCE);
  /* not the element's own */
  check_bad_uri ("dit://x?name=evil", GST_URI_ERROR_BAD_REFERENCE);
  check_bad_uri ("dit://x?steps=many", GST_URI_ERROR_BAD_REFERENCE);
  check_bad_uri ("dit://x?steps=99999", GST_URI_ERROR_BAD_REFERENCE);
  check_bad_uri ("dit://x?steps", GST_URI_ERROR_BAD_URI);
  check_bad_uri ("dit://x%zz", GST_URI_ERROR_BAD_URI);
}

static void
test_empty_uris (void)
{
  g_autoptr (GstElement) element = element_new ();
  GstURIHandler *handler = GST_URI_HANDLER (element);
  g_autofree char *prompt = NULL;

  g_assert_true (gst_uri_handler_set_uri (handler, "dit://", NULL));
  g_assert_true (gst_uri_handler_set_uri (handler, "dit://?", NULL));
  g_object_get (element, "prompt", &prompt, NULL);
  g_assert_cmpstr (prompt, ==, "");
}

static void
test_uri_while_playing (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  g_autoptr (GError) error = NULL;

  chain_play (&chain);
  gst_sample_unref (chain_pull (&chain));
  g_assert_false (gst_uri_handler_set_uri (GST_URI_HANDLER (chain.src),
          "dit://x", &error));
  g_assert_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE);
}

static void
test_presets (void)
{
  g_autoptr (GstElement) element = element_new ();
  g_auto (GStrv) names = gst_preset_get_preset_names (GST_PRESET (element));
  guint chunk_frames, steps;
  double shift;

  g_assert_nonnull (names);
  g_assert_true (g_strv_contains ((const char *const *) names, "Preview"));
  for (guint i = 0; names[i]; i++) {
    g_autofree char *comment = NULL;

    g_assert_true (gst_preset_load_preset (GST_PRESET (element), names[i]));
    g_assert_true (gst_preset_get_meta (GST_PRESET (element), names[i],
            "comment", &comment));
  }

  g_assert_true (gst_preset_load_preset (GST_PRESET (element), "Wan2.1 720p"));
  g_object_get (element, "chunk-frames", &chunk_frames, "steps", &steps,
      "flow-shift", &shift, NULL);
  g_assert_cmpuint (chunk_frames, ==, 81);
  g_assert_cmpuint (steps, ==, 50);
  g_assert_cmpfloat (shift, ==, 5);
}

static void
test_metadata (void)
{
  g_autoptr (GstElementFactory) factory =
      gst_element_factory_find ("dittextsrc");

  g_assert_true (gst_element_factory_list_is_type (factory,
          GST_ELEMENT_FACTORY_TYPE_SRC));
  g_assert_cmpstr (gst_element_factory_get_metadata (factory,
          GST_ELEMENT_METADATA_KLASS), ==, "Source/Video");
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/settings/properties", test_properties);
  fake_add ("/settings/set-and-get", test_set_and_get);
  fake_add ("/settings/uri", test_uri);
  fake_add ("/settings/bad-uris", test_bad_uris);
  fake_add ("/settings/empty-uris", test_empty_uris);
  fake_add ("/settings/uri-while-playing", test_uri_while_playing);
  fake_add ("/settings/presets", test_presets);
  fake_add ("/settings/metadata", test_metadata);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* helpers.c: what the element tests share. */

#include "helpers.h"

#include <string.h>

#include "gstdittextsrc.h"
#include "load-plugin.h"

#define WAIT (60 * GST_SECOND)

void
helpers_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  gst_init (argc, argv);
  load_plugin (PLUGINS_DIR "/libgstcoreelements.so");
  load_plugin (PLUGINS_DIR "/libgstapp.so");
#ifdef DIT_PLUGIN
  load_plugin (DIT_PLUGIN);
#else
  g_assert_true (GST_ELEMENT_REGISTER (dittextsrc, NULL));
#endif
}

/* The last reference to the element is the caller's: it is gone with it. (A
 * thread of the pipeline's may keep that for a moment.) */
static void
assert_last_reference (GstElement * element)
{
  for (guint i = 0; i < 200 && GST_OBJECT_REFCOUNT_VALUE (element) > 1; i++)
    g_usleep (10000);
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (element), ==, 1);
  gst_object_unref (element);
}

Chain
chain_new (const char *caps, ...)
{
  Chain chain = { NULL, };
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  const char *first_property;
  va_list args;

  chain.pipeline = gst_pipeline_new (NULL);
  chain.src = gst_element_factory_make ("dittextsrc", NULL);
  chain.sink = gst_element_factory_make ("appsink", NULL);
  chain.bus = gst_element_get_bus (chain.pipeline);
  g_object_set (chain.sink, "max-buffers", 1, "sync", FALSE, NULL);
  g_object_set (chain.src, "model", "/fake/model", NULL);
  if (caps)
    gst_util_set_object_arg (G_OBJECT (filter), "caps", caps);

  va_start (args, caps);
  first_property = va_arg (args, const char *);
  if (first_property)
    g_object_set_valist (G_OBJECT (chain.src), first_property, args);
  va_end (args);

  gst_bin_add_many (GST_BIN (chain.pipeline), gst_object_ref (chain.src),
      filter, gst_object_ref (chain.sink), NULL);
  g_assert_true (gst_element_link_many (chain.src, filter, chain.sink, NULL));
  return chain;
}

void
chain_clear (Chain * chain)
{
  if (!chain->pipeline)
    return;
  g_assert_cmpint (gst_element_set_state (chain->pipeline, GST_STATE_NULL), ==,
      GST_STATE_CHANGE_SUCCESS);
  gst_bus_set_flushing (chain->bus, TRUE);
  gst_clear_object (&chain->bus);
  gst_clear_object (&chain->pipeline);
  gst_clear_object (&chain->sink);
  assert_last_reference (g_steal_pointer (&chain->src));
}

void
chain_play (Chain * chain)
{
  g_assert_cmpint (gst_element_set_state (chain->pipeline, GST_STATE_PLAYING),
      !=, GST_STATE_CHANGE_FAILURE);
}

void
chain_try (Chain * chain)
{
  gst_element_set_state (chain->pipeline, GST_STATE_PLAYING);
}

GstSample *
chain_pull (Chain * chain)
{
  GstSample *sample =
      gst_app_sink_try_pull_sample (GST_APP_SINK (chain->sink), WAIT);

  g_assert_nonnull (sample);
  /* The sink plays, the bin may be on its way there: it would not notice that a
   * flush makes the sink wait in PAUSED (with videotestsrc as well). */
  gst_element_get_state (chain->pipeline, NULL, NULL, WAIT);
  return sample;
}

void
chain_pull_eos (Chain * chain)
{
  g_autoptr (GstSample) sample =
      gst_app_sink_try_pull_sample (GST_APP_SINK (chain->sink), WAIT);

  g_assert_null (sample);
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (chain->sink)));
}

void
chain_seek (Chain * chain, GstSeekFlags flags, GstClockTime start,
    GstClockTime stop)
{
  g_assert_true (gst_element_seek (chain->src, 1.0, GST_FORMAT_TIME, flags,
          GST_SEEK_TYPE_SET, start,
          GST_CLOCK_TIME_IS_VALID (stop) ? GST_SEEK_TYPE_SET :
          GST_SEEK_TYPE_NONE, stop));
}

GstMessage *
chain_wait (Chain * chain, GstMessageType type)
{
  GstMessage *message = gst_bus_timed_pop_filtered (chain->bus, WAIT,
      type | GST_MESSAGE_ERROR);

  g_assert_nonnull (message);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      && !(type & GST_MESSAGE_ERROR)) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    g_error ("unexpected error: %s", error->message);
  }
  return message;
}

GstMessage *
chain_wait_progress (Chain * chain, GstProgressType type, const char *code)
{
  for (;;) {
    GstMessage *message = chain_wait (chain, GST_MESSAGE_PROGRESS);
    g_autofree char *found_code = NULL;
    GstProgressType found_type;

    gst_message_parse_progress (message, &found_type, &found_code, NULL);
    if (found_type == type && g_str_equal (found_code, code))
      return message;
    gst_message_unref (message);
  }
}

const GstStructure *
chain_wait_element (Chain * chain, const char *name, GstMessage ** message)
{
  for (;;) {
    *message = chain_wait (chain, GST_MESSAGE_ELEMENT);
    if (gst_message_has_name (*message, name))
      return gst_message_get_structure (*message);
    gst_message_unref (*message);
  }
}

static void
expect_problem (Chain * chain, GstMessageType type, GQuark domain, gint code,
    const char *word)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (chain->bus,
      WAIT, type);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  g_assert_error (error, domain, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
}

void
chain_expect_error (Chain * chain, GQuark domain, gint code, const char *word)
{
  expect_problem (chain, GST_MESSAGE_ERROR, domain, code, word);
}

void
chain_expect_warning (Chain * chain, GQuark domain, gint code, const char *word)
{
  expect_problem (chain, GST_MESSAGE_WARNING, domain, code, word);
}

gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

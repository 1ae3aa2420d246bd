/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* foley-helpers.c: what the tests of videoaudiofoley share. */

#include "foley-helpers.h"

#include <string.h>

#include "gstfoley.h"
#include "load-plugin.h"

#define DEFAULT_CAPS "video/x-raw, format=GRAY8, width=16, height=16"

void
foley_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  gst_init (argc, argv);
  load_plugin (PLUGINS_DIR "/libgstcoreelements.so");
  load_plugin (PLUGINS_DIR "/libgstapp.so");
  load_plugin (PLUGINS_DIR "/libgstvideotestsrc.so");
  load_plugin (PLUGINS_DIR "/libgstmatroska.so");
  g_assert_true (GST_ELEMENT_REGISTER (videoaudiofoley, NULL));
}

static void
run_test (gconstpointer data)
{
  const GTestFunc *test = data;

  fake_foley_reset ();
  (*test) ();
  g_assert_cmpint (g_atomic_int_get (&fake_foley.alive), ==, 0);
}

void
foley_add (const char *path, GTestFunc test)
{
  GTestFunc *copy = g_new (GTestFunc, 1);

  *copy = test;
  g_test_add_data_func_full (path, copy, run_test, g_free);
}

Bench
bench_new (int fps_n, int fps_d, const char *audio_caps, ...)
{
  Bench bench = { NULL, };
  g_autofree char *caps = g_strdup_printf (DEFAULT_CAPS ", framerate=%d/%d",
      fps_n, fps_d);
  const char *first_property;
  va_list args;

  bench.foley = gst_element_factory_make ("videoaudiofoley", NULL);
  va_start (args, audio_caps);
  first_property = va_arg (args, const char *);
  if (first_property)
    g_object_set_valist (G_OBJECT (bench.foley), first_property, args);
  va_end (args);
  bench.bus = gst_bus_new ();
  gst_element_set_bus (bench.foley, bench.bus);
  bench.audio = gst_harness_new_with_element (bench.foley, NULL, "audio");
  bench.video = gst_harness_new_with_element (bench.foley, "sink", "video");
  if (audio_caps)
    gst_harness_set_sink_caps_str (bench.audio, audio_caps);
  gst_harness_play (bench.audio);
  gst_harness_play (bench.video);
  bench_set_caps (&bench, caps);
  return bench;
}

void
bench_clear (Bench * bench)
{
  if (!bench->foley)
    return;
  gst_element_set_state (bench->foley, GST_STATE_NULL);
  gst_element_set_bus (bench->foley, NULL);
  gst_bus_set_flushing (bench->bus, TRUE);
  gst_clear_object (&bench->bus);
  gst_harness_teardown (bench->video);
  gst_harness_teardown (bench->audio);
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (bench->foley), ==, 1);
  gst_clear_object (&bench->foley);
}

void
bench_set_caps (Bench * bench, const char *caps)
{
  g_autoptr (GstCaps) parsed = gst_caps_from_string (caps);
  GstVideoInfo info;

  g_assert_true (gst_video_info_from_caps (&info, parsed));
  bench->size = info.size;
  if (info.fps_n)
    bench->frame = gst_util_uint64_scale (GST_SECOND, info.fps_d, info.fps_n);
  gst_harness_set_src_caps (bench->video, g_steal_pointer (&parsed));
}

GstBuffer *
bench_make_frame (Bench * bench, GstClockTime pts, GstClockTime duration)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, bench->size, NULL);

  gst_buffer_memset (buffer, 0, 100, bench->size);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = duration;
  return buffer;
}

GstFlowReturn
bench_push (Bench * bench, GstClockTime pts, GstClockTime duration)
{
  return gst_harness_push (bench->video,
      bench_make_frame (bench, pts, duration));
}

void
bench_push_segment (Bench * bench, const GstSegment * segment)
{
  g_assert_true (gst_harness_push_event (bench->video,
          gst_event_new_segment (segment)));
}

void
bench_eos (Bench * bench)
{
  g_assert_true (gst_harness_push_event (bench->video, gst_event_new_eos ()));
}

static void
hash_bytes (guint64 * sum, const GstMapInfo * map)
{
  for (gsize i = 0; i < map->size; i++)
    *sum = (*sum ^ map->data[i]) * G_GUINT64_CONSTANT (0x100000001b3);
}

/* Each buffer begins where the one before ended, but after a discontinuity. */
static void
listen (Heard * heard, GstBuffer * buffer, guint bytes)
{
  guint64 n = GST_BUFFER_OFFSET_END (buffer) - GST_BUFFER_OFFSET (buffer);
  gboolean gap = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP);
  GstMapInfo map;

  g_assert_cmpuint (gst_buffer_get_size (buffer), ==, n * bytes);
  g_assert_cmpuint (n, >, 0);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    heard->disconts++;
  else if (heard->buffers) {
    g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, heard->end);
    g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, heard->stop);
  }
  if (heard->buffers == 0) {
    heard->first = GST_BUFFER_OFFSET (buffer);
    heard->start = GST_BUFFER_PTS (buffer);
  }
  heard->buffers++;
  heard->samples += n;
  heard->silent += gap ? n : 0;
  heard->end = GST_BUFFER_OFFSET_END (buffer);
  heard->stop = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  hash_bytes (&heard->hash, &map);
  for (gsize i = 0; gap && i < map.size; i++)
    g_assert_cmpuint (map.data[i], ==, 0);
  gst_buffer_unmap (buffer, &map);
}

Heard
hear (GstHarness * harness)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (harness->sinkpad);
  Heard heard = { 0, };
  GstAudioInfo info;
  GstBuffer *buffer;

  if (!caps)
    return heard;
  g_assert_true (gst_audio_info_from_caps (&info, caps));
  while ((buffer = gst_harness_try_pull (harness))) {
    listen (&heard, buffer, GST_AUDIO_INFO_BPF (&info));
    gst_buffer_unref (buffer);
  }
  return heard;
}

Heard
bench_hear (Bench * bench)
{
  return hear (bench->audio);
}

/* The first of @type in the queue; what is before it is gone. */
GstEvent *
bench_find_event (GstHarness * harness, GstEventType type)
{
  GstEvent *event;

  while ((event = gst_harness_try_pull_event (harness))) {
    if (GST_EVENT_TYPE (event) == type)
      return event;
    gst_event_unref (event);
  }
  g_assert_not_reached ();
}

void
bench_expect (Bench * bench, GstMessageType type, GQuark domain, int code)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bench->bus, type);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  g_assert_error (error, domain, code);
}

guint64
bench_get_stat (Bench * bench, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 count = 0;

  g_object_get (bench->foley, "stats", &stats, NULL);
  g_assert_true (gst_structure_has_name (stats,
          "application/x-dit-foley-stats"));
  g_assert_true (gst_structure_get_uint64 (stats, name, &count));
  return count;
}

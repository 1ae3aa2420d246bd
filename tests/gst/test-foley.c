/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-foley.c: videoaudiofoley at its pads: what passes, what comes, what is asked. */

#include <string.h>

#include "foley-helpers.h"

#define NONE GST_CLOCK_TIME_NONE

static void
push_frames (Bench * bench, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    g_assert_cmpint (bench_push (bench, i * bench->frame, bench->frame), ==,
        GST_FLOW_OK);
}

static GstAudioInfo
get_audio_info (GstHarness * harness)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (harness->sinkpad);
  GstAudioInfo info;

  g_assert_nonnull (caps);
  g_assert_true (gst_audio_info_from_caps (&info, caps));
  return info;
}

/* ---- video -------------------------------------------------------------- */

/* The very buffers, one frame later. */
static void
test_passes (void)
{
  g_auto (Bench) bench = bench_new (25, 1, NULL, NULL);
  GstBuffer *frames[10];

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    frames[i] = bench_make_frame (&bench, i * bench.frame, bench.frame);
    gst_harness_push (bench.video, gst_buffer_ref (frames[i]));
    g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, i);
  }
  bench_eos (&bench);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (bench.video);

    g_assert_true (out == frames[i]);
    gst_buffer_unref (frames[i]);
    g_assert_true (gst_buffer_is_writable (out));
  }
}

typedef struct
{
  GstClockTime sound;           /* where it ends */
  guint frames;
} Order;

static GstPadProbeReturn
note_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  ((Order *) data)->sound = GST_BUFFER_PTS (buffer)
      + GST_BUFFER_DURATION (buffer);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
check_order (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Order *order = data;

  g_assert_cmpuint (order->sound + GST_SECOND / 48000 + 1, >=,
      GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer));
  order->frames++;
  return GST_PAD_PROBE_OK;
}

/* The sound of a frame goes before it. */
static void
test_order (void)
{
  g_auto (Bench) bench = bench_new (24, 1, NULL, NULL);
  Order order = { 0, };

  gst_pad_add_probe (bench.audio->sinkpad, GST_PAD_PROBE_TYPE_BUFFER,
      note_sound, &order, NULL);
  gst_pad_add_probe (bench.video->sinkpad, GST_PAD_PROBE_TYPE_BUFFER,
      check_order, &order, NULL);
  push_frames (&bench, 0, 48);
  bench_eos (&bench);
  g_assert_cmpuint (order.frames, ==, 48);
}

/* The middle of the frame that was seen, of a frame that is 100 all over. */
static void
check_size (GstVideoFormat format, guint width, guint height)
{
  g_auto (Bench) bench = bench_new (25, 1, NULL, NULL);
  g_autofree char *caps = g_strdup_printf ("video/x-raw, format=%s, width=%u, "
      "height=%u, framerate=25/1", gst_video_format_to_string (format), width,
      height);
  double aspect = (double) width / height;

  fake_foley.seen = 0;
  bench_set_caps (&bench, caps);
  push_frames (&bench, 0, 2);
  g_assert_cmpuint (fake_foley.seen, ==, 2);
  g_assert_cmpuint (fake_foley.frame.width, <=, width);
  g_assert_cmpuint (fake_foley.frame.height, <=, height);
  g_assert_cmpfloat (ABS (fake_foley.frame.aspect / aspect - 1), <, 1e-9);
}

static void
test_formats (void)
{
  static const guint sizes[][2] = {
    {1, 1}, {1, 17}, {3, 2}, {161, 121}, {641, 1}
  };

  guint n = 0;
  const GstVideoFormat *formats = gst_video_formats_raw (&n);

  g_assert_cmpuint (n, >, 80);
  for (guint f = 0; f < n; f++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      check_size (formats[f], sizes[i][0], sizes[i][1]);
}

static void
test_sizes (void)
{
  static const guint sizes[][2] = {
    {7680, 4320}, {1920, 1080}, {32767, 1}, {1, 32767}, {20000, 2}, {160, 120},
    {4096, 5}
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    check_size (GST_VIDEO_FORMAT_I420, sizes[i][0], sizes[i][1]);
    check_size (GST_VIDEO_FORMAT_RGBA, sizes[i][0], sizes[i][1]);
  }
}

/* Large frames lose no more than they must, and colours stay. */
static void
test_picture (void)
{
  g_auto (Bench) bench = bench_new (25, 1, NULL, NULL);
  GstBuffer *buffer;
  GstMapInfo map;

  bench_set_caps (&bench, "video/x-raw, format=RGB, width=1280, height=720, "
      "framerate=25/1, pixel-aspect-ratio=4/3, interlace-mode=interleaved");
  buffer = bench_make_frame (&bench, 0, NONE);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (guint i = 0; i < 1280 * 720; i++) {
    map.data[3 * i] = 200;
    map.data[3 * i + 1] = 100;
    map.data[3 * i + 2] = 50;
  }
  gst_buffer_unmap (buffer, &map);
  gst_harness_push (bench.video, buffer);
  g_assert_cmpuint (fake_foley.pixel[0], ==, 200);
  g_assert_cmpuint (fake_foley.pixel[1], ==, 100);
  g_assert_cmpuint (fake_foley.pixel[2], ==, 50);
  g_assert_cmpuint (fake_foley.frame.width, ==, 736);
  g_assert_cmpuint (fake_foley.frame.height, ==, 412);
  g_assert_cmpfloat (ABS (fake_foley.frame.aspect - 16. / 9 * 4 / 3), <, 1e-9);
}

/* Stripes as fine as the frame become gray, not other stripes. */
static void
test_fine_stripes (void)
{
  g_auto (Bench) bench = bench_new (25, 1, NULL, NULL);
  GstBuffer *buffer;
  GstMapInfo map;

  bench_set_caps (&bench, "video/x-raw, format=GRAY8, width=1920, height=1080, "
      "framerate=25/1, colorimetry=1:4:0:0");
  buffer = bench_make_frame (&bench, 0, NONE);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = i % 2 ? 255 : 0;
  gst_buffer_unmap (buffer, &map);
  gst_harness_push (bench.video, buffer);
  /* what is left of them goes where motion is seen: smaller by four */
  g_assert_cmpint (ABS (fake_foley.pixel[0] - 127), <, 16);
}

/* In the middle of the stream; the sound goes on. */
static void
test_new_caps (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  Heard heard;

  push_frames (&bench, 0, 5);
  bench_set_caps (&bench, "video/x-raw, format=NV12, width=64, height=32, "
      "framerate=20/1");
  push_frames (&bench, 10, 21);
  bench_set_caps (&bench, "video/x-raw, format=v210, width=8, height=8, "
      "framerate=0/1");
  push_frames (&bench, 21, 22);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.end, ==, 48000 / 20 * 21);
  g_assert_cmpuint (heard.samples, ==, heard.end);
  g_assert_cmpuint (heard.disconts, ==, 1);
  g_assert_cmpint (fake_foley.made, ==, 1);
  g_assert_cmpuint (bench_get_stat (&bench, "seen"), ==, 17);
}

/* A buffer that has no whole picture. */
static void
test_too_small (void)
{
  g_auto (Bench) bench = bench_new (25, 1, NULL, NULL);

  push_frames (&bench, 0, 2);
  bench.size = 3;
  push_frames (&bench, 2, 5);
  g_assert_cmpuint (fake_foley.seen, ==, 5);
  g_assert_cmpuint (bench_hear (&bench).samples, ==, 48000 / 25 * 4);
  g_assert_cmpuint (fake_foley.pixel[0], >, 0);
}

/* ---- sound -------------------------------------------------------------- */

static void
check_layout (const char *caps, const char *property, FoleyLayout layout,
    guint channels, GstAudioChannelPosition first)
{
  g_auto (Bench) bench = bench_new (25, 1, caps, NULL);
  GstAudioInfo info;

  if (property) {
    gst_element_set_state (bench.foley, GST_STATE_READY);
    gst_util_set_object_arg (G_OBJECT (bench.foley), "layout", property);
    gst_element_set_state (bench.foley, GST_STATE_PLAYING);
    gst_harness_push_event (bench.video, gst_event_new_stream_start ("again"));
    bench_set_caps (&bench, "video/x-raw, format=GRAY8, width=2, height=2, "
        "framerate=25/1");
  }
  push_frames (&bench, 0, 3);
  info = get_audio_info (bench.audio);
  g_assert_cmpint (fake_foley.options.layout, ==, layout);
  g_assert_cmpuint (fake_foley.options.rate, ==, info.rate);
  g_assert_cmpint (info.channels, ==, channels);
  g_assert_cmpint (info.layout, ==, GST_AUDIO_LAYOUT_INTERLEAVED);
  g_assert_cmpint (info.position[0], ==, first);
  g_assert_cmpuint (bench_hear (&bench).samples, ==, info.rate / 25 * 2);
}

static void
test_layouts (void)
{
  check_layout (NULL, NULL, FOLEY_LAYOUT_STEREO, 2,
      GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  check_layout ("audio/x-raw, channels=1, rate=8000", NULL, FOLEY_LAYOUT_MONO,
      1, GST_AUDIO_CHANNEL_POSITION_MONO);
  check_layout ("audio/x-raw, channels=6, rate=192000", NULL, FOLEY_LAYOUT_5_1,
      6, GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  check_layout ("audio/x-raw, channels=4", NULL, FOLEY_LAYOUT_AMBISONIC, 4,
      GST_AUDIO_CHANNEL_POSITION_NONE);
  check_layout ("audio/x-raw, channels=[1, 2]", NULL, FOLEY_LAYOUT_STEREO, 2,
      GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  check_layout ("audio/x-raw, channels=6; audio/x-raw, channels=1", NULL,
      FOLEY_LAYOUT_5_1, 6, GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  check_layout ("audio/x-raw, channels=1; audio/x-raw, channels=2", NULL,
      FOLEY_LAYOUT_STEREO, 2, GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  check_layout (NULL, "binaural", FOLEY_LAYOUT_BINAURAL, 2,
      GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  check_layout (NULL, "surround-5.1", FOLEY_LAYOUT_5_1, 6,
      GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  check_layout (NULL, "ambisonic", FOLEY_LAYOUT_AMBISONIC, 4,
      GST_AUDIO_CHANNEL_POSITION_NONE);
  check_layout (NULL, "mono", FOLEY_LAYOUT_MONO, 1,
      GST_AUDIO_CHANNEL_POSITION_MONO);
}

static void
test_floats (void)
{
  g_auto (Bench) bench = bench_new (10, 1, "audio/x-raw, format=F32LE", NULL);
  g_autoptr (GstBuffer) buffer = NULL;
  GstMapInfo map;

  push_frames (&bench, 0, 2);
  buffer = gst_harness_pull (bench.audio);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (guint i = 0; i < 4800; i++)
    for (guint c = 0; c < 2; c++)
      g_assert_cmpfloat (((float *) map.data)[2 * i + c], ==,
          fake_foley_sample (i, -1, c));
  gst_buffer_unmap (buffer, &map);
}

/* The mean of the error is nothing, it has the spread of triangular dither and of
 * rounding (1/6 + 1/12 of a step's square), and neighbours differ. */
static void
test_dither (void)
{
  g_auto (Bench) bench = bench_new (1, 1, "audio/x-raw, format=S16LE, "
      "channels=1", NULL);
  double sum = 0, squares = 0, products = 0, last = 0;
  guint64 n = 0;

  push_frames (&bench, 0, 4);
  for (;;) {
    g_autoptr (GstBuffer) buffer = gst_harness_try_pull (bench.audio);
    GstMapInfo map;

    if (!buffer)
      break;
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    for (gsize i = 0; i < map.size / 2; i++) {
      double error = ((gint16 *) map.data)[i]
          - 32768. * fake_foley_sample (n++, -1, 0);

      sum += error;
      squares += error * error;
      products += error * last;
      last = error;
    }
    gst_buffer_unmap (buffer, &map);
  }
  g_assert_cmpuint (n, ==, 3 * 48000);
  g_assert_cmpfloat (ABS (sum / n), <, 0.01);
  g_assert_cmpfloat (ABS (squares / n - 0.25), <, 0.01);
  g_assert_cmpfloat (ABS (products / n), <, 0.01);
}

static void
test_silence (void)
{
  static const char *const formats[] = { "F32LE", "S16LE" };

  fake_foley.silent = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autofree char *caps = g_strdup_printf ("audio/x-raw, format=%s",
        formats[i]);
    g_auto (Bench) bench = bench_new (10, 1, caps, NULL);
    Heard heard;

    push_frames (&bench, 0, 11);
    heard = bench_hear (&bench);
    g_assert_cmpuint (heard.samples, ==, 48000);
    g_assert_cmpuint (heard.silent, ==, 48000);
  }
}

/* Downstream changes its mind. */
static void
test_renegotiation (void)
{
  g_auto (Bench) bench = bench_new (10, 1, "audio/x-raw, format=F32LE, "
      "rate=48000, channels=2", NULL);
  Heard heard;

  push_frames (&bench, 0, 6);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples, ==, 5 * 4800);

  /* another format: the same sound */
  gst_harness_set_sink_caps_str (bench.audio, "audio/x-raw, format=S16LE, "
      "rate=48000, channels=2");
  gst_harness_push_upstream_event (bench.audio, gst_event_new_reconfigure ());
  push_frames (&bench, 6, 11);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples, ==, 5 * 4800);
  g_assert_cmpuint (heard.disconts, ==, 0);
  g_assert_cmpint (fake_foley.made, ==, 1);

  /* another rate: another sound, from the same time on */
  gst_harness_set_sink_caps_str (bench.audio, "audio/x-raw, rate=32000, "
      "channels=1");
  gst_harness_push_upstream_event (bench.audio, gst_event_new_reconfigure ());
  push_frames (&bench, 11, 21);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.first, ==, 32000);
  g_assert_cmpuint (heard.start, ==, GST_SECOND);
  g_assert_cmpuint (heard.samples, ==, 32000);
  g_assert_cmpint (fake_foley.made, ==, 2);
}

static void
test_no_common_caps (void)
{
  g_auto (Bench) bench = bench_new (10, 1, "audio/x-raw, channels=3", NULL);

  g_assert_cmpint (bench_push (&bench, 0, NONE), ==, GST_FLOW_NOT_NEGOTIATED);
  bench_expect (&bench, GST_MESSAGE_ERROR, GST_STREAM_ERROR,
      GST_STREAM_ERROR_FORMAT);
}

/* ---- events ------------------------------------------------------------- */

static void
test_stream_start (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  g_autoptr (GstEvent) event = gst_event_new_stream_start ("a/b");
  g_autoptr (GstEvent) sticky = NULL;
  guint32 seqnum = gst_event_get_seqnum (event);
  const char *id;
  guint group;

  gst_event_set_group_id (event, 17);
  gst_harness_push_event (bench.video, g_steal_pointer (&event));
  sticky = gst_pad_get_sticky_event (bench.audio->sinkpad,
      GST_EVENT_STREAM_START, 0);
  gst_event_parse_stream_start (sticky, &id);
  g_assert_cmpstr (id, ==, "a/b/audio");
  g_assert_true (gst_event_parse_group_id (sticky, &group));
  g_assert_cmpuint (group, ==, 17);
  g_assert_cmpuint (gst_event_get_seqnum (sticky), ==, seqnum);
}

static GstTagList *
get_tags (GstHarness * harness)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (harness->sinkpad,
      GST_EVENT_TAG, 0);
  GstTagList *tags;

  g_assert_nonnull (event);
  gst_event_parse_tag (event, &tags);
  return gst_tag_list_ref (tags);
}

/* Tags are for the sound too, but for what is only of the video. */
static void
test_tags (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  g_autoptr (GstTagList) tags = NULL;
  g_autofree char *title = NULL;

  gst_harness_push_event (bench.video, gst_event_new_tag (gst_tag_list_new
          (GST_TAG_TITLE, "A dog", GST_TAG_DESCRIPTION, "It barks",
              GST_TAG_VIDEO_CODEC, "VP8", NULL)));
  push_frames (&bench, 0, 2);
  g_assert_cmpstr (fake_foley.scene, ==, "A dog. It barks");
  tags = get_tags (bench.audio);
  g_assert_true (gst_tag_list_get_string (tags, GST_TAG_TITLE, &title));
  g_assert_cmpstr (title, ==, "A dog");
  g_assert_cmpuint (gst_tag_list_get_tag_size (tags, GST_TAG_VIDEO_CODEC), ==,
      0);
  gst_tag_list_unref (tags);
  tags = get_tags (bench.video);
  g_assert_cmpuint (gst_tag_list_get_tag_size (tags, GST_TAG_VIDEO_CODEC), ==,
      1);
}

static void
push_scene (Bench * bench, const char *prompt)
{
  gst_harness_push_event (bench->video,
      gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
          gst_structure_new ("dit-scene", "prompt", G_TYPE_STRING, prompt,
              "chunk", G_TYPE_UINT64, (guint64) 3, NULL)));
}

/* The source's own word beats tags, and both beat nothing. */
static void
test_scene (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, "prompt", "rain", NULL);
  g_autoptr (GstEvent) event = NULL;
  guint controlled;

  push_frames (&bench, 0, 2);
  g_assert_cmpstr (fake_foley.prompt, ==, "rain");
  g_assert_cmpstr (fake_foley.scene, ==, "-");
  push_scene (&bench, "a taxi stops");
  push_frames (&bench, 2, 3);
  g_assert_cmpstr (fake_foley.scene, ==, "a taxi stops");
  controlled = fake_foley.controlled;
  push_scene (&bench, "a taxi stops");
  gst_harness_push_event (bench.video, gst_event_new_tag (gst_tag_list_new
          (GST_TAG_TITLE, "A film", NULL)));
  push_frames (&bench, 3, 5);
  g_assert_cmpstr (fake_foley.scene, ==, "a taxi stops");
  g_assert_cmpuint (fake_foley.controlled, ==, controlled);
  event = bench_find_event (bench.video, GST_EVENT_CUSTOM_DOWNSTREAM);
  g_assert_true (gst_event_has_name (event, "dit-scene"));
}

/* Events stay between the frames they came between. */
static void
test_event_order (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);

  push_frames (&bench, 0, 2);
  while (gst_harness_events_in_queue (bench.video) > 0)
    gst_event_unref (gst_harness_pull_event (bench.video));
  push_scene (&bench, "x");
  g_assert_cmpuint (gst_harness_events_in_queue (bench.video), ==, 0);
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 1);
  push_frames (&bench, 2, 3);
  g_assert_cmpuint (gst_harness_events_in_queue (bench.video), ==, 1);
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 2);
}

static void
add_region (GstBuffer * buffer, const char *name, guint x, guint y, guint w,
    guint h)
{
  gst_buffer_add_video_region_of_interest_meta (buffer, name, x, y, w, h);
}

static void
test_regions (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  GstBuffer *buffer = bench_make_frame (&bench, 0, NONE);

  add_region (buffer, "dog", 4, 8, 8, 4);
  add_region (buffer, "nothing", 4, 8, 0, 4);
  add_region (buffer, "sky", 8, 0, G_MAXUINT, G_MAXUINT);
  gst_harness_push (bench.video, buffer);
  g_assert_cmpuint (fake_foley.frame.n_hints, ==, 2);
  g_assert_cmpstr (fake_foley.hints[0].class_name, ==, "dog");
  g_assert_cmpfloat (fake_foley.hints[0].x0, ==, 0.25f);
  g_assert_cmpfloat (fake_foley.hints[0].y0, ==, 0.5f);
  g_assert_cmpfloat (fake_foley.hints[0].x1, ==, 0.75f);
  g_assert_cmpfloat (fake_foley.hints[0].y1, ==, 0.75f);
  g_assert_cmpfloat (fake_foley.hints[1].x1, ==, 1.f);
  push_frames (&bench, 1, 2);
  g_assert_cmpuint (fake_foley.frame.n_hints, ==, 0);
}

static GstPadProbeReturn
count_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_SEEK)
    (*(guint *) data)++;
  return GST_PAD_PROBE_OK;
}

/* A seek goes upstream once, whichever pads it comes from. */
static void
test_seek_once (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  GstEvent *seek = gst_event_new_seek (1, GST_FORMAT_TIME, GST_SEEK_FLAG_NONE,
      GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, NONE);
  guint seeks = 0;

  gst_pad_add_probe (bench.video->srcpad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      count_event, &seeks, NULL);
  gst_harness_push_upstream_event (bench.audio, gst_event_ref (seek));
  g_assert_cmpuint (seeks, ==, 1);
  gst_harness_push_upstream_event (bench.video, seek);
  g_assert_cmpuint (seeks, ==, 1);
  seek = gst_event_new_seek (1, GST_FORMAT_TIME, GST_SEEK_FLAG_NONE,
      GST_SEEK_TYPE_SET, 5, GST_SEEK_TYPE_NONE, NONE);
  gst_harness_push_upstream_event (bench.video, seek);
  g_assert_cmpuint (seeks, ==, 2);
  gst_harness_push_upstream_event (bench.video, gst_event_new_qos
      (GST_QOS_TYPE_UNDERFLOW, 1, 0, 0));
  g_autoptr (GstEvent) event = gst_harness_pull_upstream_event (bench.video);
  while (GST_EVENT_TYPE (event) != GST_EVENT_QOS) {
    gst_event_unref (event);
    event = gst_harness_pull_upstream_event (bench.video);
  }
}

/* ---- queries ------------------------------------------------------------ */

static void
test_latency (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);

  gst_harness_set_upstream_latency (bench.video, 70 * GST_MSECOND);
  g_assert_cmpuint (gst_harness_query_latency (bench.video), ==,
      170 * GST_MSECOND);
  bench_set_caps (&bench, "video/x-raw, format=GRAY8, width=4, height=4, "
      "framerate=50/1");
  g_assert_cmpuint (gst_harness_query_latency (bench.video), ==,
      90 * GST_MSECOND);
  /* with frames missing, the longest there was, but not a mere pause */
  bench_push (&bench, 0, NONE);
  bench_push (&bench, 60 * GST_MSECOND, NONE);
  bench_push (&bench, 80 * GST_MSECOND, NONE);
  g_assert_cmpuint (gst_harness_query_latency (bench.video), ==,
      130 * GST_MSECOND);
  bench_push (&bench, 20 * GST_SECOND, NONE);
  g_assert_cmpuint (gst_harness_query_latency (bench.video), ==,
      320 * GST_MSECOND);
  /* of a rate that is not told as well */
  bench_set_caps (&bench, "video/x-raw, format=GRAY8, width=4, height=4, "
      "framerate=0/1");
  g_assert_cmpuint (gst_harness_query_latency (bench.video), ==,
      110 * GST_MSECOND);
  bench_push (&bench, 21 * GST_SECOND, NONE);
  bench_push (&bench, 21 * GST_SECOND + 200 * GST_MSECOND, NONE);
  bench_push (&bench, 21 * GST_SECOND + 210 * GST_MSECOND, NONE);
  g_assert_cmpuint (gst_harness_query_latency (bench.video), >=,
      270 * GST_MSECOND);
}

static GstCaps *
ask_caps (GstElement * foley, const char *name, const char *filter)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (foley, name);
  g_autoptr (GstCaps) filter_caps = filter ? gst_caps_from_string (filter) :
      NULL;

  return gst_pad_query_caps (pad, filter_caps);
}

static void
test_caps_queries (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  g_autoptr (GstCaps) sink = NULL, audio = NULL, all = NULL;

  gst_harness_set_sink_caps_str (bench.video, "video/x-raw, format=I420, "
      "width=32, height=[1, 16]");
  sink = ask_caps (bench.foley, "sink", NULL);
  g_assert_cmpuint (gst_caps_get_size (sink), ==, 1);
  all = gst_caps_from_string ("video/x-raw, format=I420, width=32, "
      "height=[1, 16], framerate=[0/1, 2147483647/1]");
  g_assert_true (gst_caps_is_equal (sink, all));
  audio = ask_caps (bench.foley, "audio", "audio/x-raw, channels=[1, 2], "
      "rate=1000000; audio/x-raw, channels=6");
  g_assert_cmpuint (gst_caps_get_size (audio), ==, 1);
}

static void
test_other_queries (void)
{
  g_auto (Bench) bench = bench_new (10, 1, "audio/x-raw, format=F32LE, "
      "rate=48000, channels=2", NULL);
  g_autoptr (GstPad) audio = gst_element_get_static_pad (bench.foley, "audio");
  g_autoptr (GstQuery) query = gst_query_new_scheduling ();
  gint64 bytes = 0, position;

  g_assert_true (gst_pad_query_convert (audio, GST_FORMAT_TIME, GST_SECOND,
          GST_FORMAT_BYTES, &bytes));
  g_assert_cmpint (bytes, ==, 48000 * 2 * 4);
  g_assert_false (gst_pad_query_position (audio, GST_FORMAT_DEFAULT,
          &position));
  g_assert_true (gst_pad_query (audio, query));
  g_assert_true (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PUSH));
  g_assert_false (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
}

/* One buffer more than downstream asks for: a frame is held. */
static void
test_allocation (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (bench.video->srcpad);
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, TRUE);
  GstStructure *config;
  g_autoptr (GstBufferPool) pool = gst_video_buffer_pool_new ();
  guint size, min, max;

  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, caps, 256, 2, 2);
  gst_buffer_pool_set_config (pool, config);
  gst_harness_add_propose_allocation_meta (bench.video,
      GST_VIDEO_META_API_TYPE, NULL);
  gst_query_add_allocation_pool (query, pool, 256, 2, 2);
  g_assert_true (gst_pad_peer_query (bench.video->srcpad, query));
  gst_query_parse_nth_allocation_pool (query, 0, NULL, &size, &min, &max);
  g_assert_cmpuint (size, ==, 256);
  g_assert_cmpuint (min, ==, 3);
  g_assert_cmpuint (max, ==, 3);
  g_assert_true (gst_query_find_allocation_meta (query,
          GST_VIDEO_META_API_TYPE, NULL));
}

/* ---- stems -------------------------------------------------------------- */

static GstHarness *
add_stem (Bench * bench, const char *name)
{
  GstHarness *harness = gst_harness_new_with_element (bench->foley, NULL, name);

  gst_harness_play (harness);
  return harness;
}

static void
test_stems (void)
{
  g_auto (Bench) bench = bench_new (10, 1, "audio/x-raw, channels=1, "
      "rate=16000", NULL);
  GstHarness *stems[2] = { add_stem (&bench, "stem_0"),
    add_stem (&bench, "stem_1")
  };
  g_autoptr (GstBuffer) buffer = NULL;
  float sample;

  gst_harness_set_sink_caps_str (stems[1], "audio/x-raw, format=S16LE");
  push_frames (&bench, 0, 11);
  g_assert_cmpuint (fake_foley.options.n_stems, ==, 2);
  g_assert_cmpint (get_audio_info (stems[1]).finfo->format, ==,
      GST_AUDIO_FORMAT_S16LE);
  g_assert_cmpint (get_audio_info (stems[0]).rate, ==, 16000);
  buffer = gst_harness_pull (stems[0]);
  gst_buffer_extract (buffer, 0, &sample, sizeof sample);
  g_assert_cmpfloat (sample, ==, fake_foley_sample (0, 0, 0));
  g_assert_cmpuint (hear (stems[1]).samples, ==, 16000);
  g_assert_cmpuint (bench_hear (&bench).samples, ==, 16000);
  gst_harness_teardown (stems[0]);
  gst_harness_teardown (stems[1]);
}

/* While it plays: the sound begins anew with so many stems, in time. */
static void
test_late_stem (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  GstHarness *stem;
  g_autoptr (GstEvent) start = NULL;
  const char *id;
  Heard heard;

  push_frames (&bench, 0, 6);
  stem = add_stem (&bench, "stem_3");
  push_frames (&bench, 6, 11);
  heard = hear (stem);
  g_assert_cmpuint (fake_foley.options.n_stems, ==, 4);
  g_assert_cmpuint (heard.samples, ==, 5 * 4800);
  g_assert_cmpuint (heard.start, ==, 5 * bench.frame);
  g_assert_cmpuint (heard.silent, ==, 0);
  start = gst_pad_get_sticky_event (stem->sinkpad, GST_EVENT_STREAM_START, 0);
  gst_event_parse_stream_start (start, &id);
  g_assert_true (g_str_has_suffix (id, "/stem_3"));
  gst_harness_teardown (stem);
  push_frames (&bench, 11, 21);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples, ==, 48000 * 2);
  g_assert_cmpuint (heard.disconts, ==, 2);
  g_assert_cmpint (fake_foley.made, ==, 2);
}

static float
pull_first_sample (GstHarness * harness)
{
  g_autoptr (GstBuffer) buffer = gst_harness_pull (harness);
  float sample;

  gst_buffer_extract (buffer, 0, &sample, sizeof sample);
  return sample;
}

/* What sounded before another stem was wanted rings out. */
static void
test_late_stem_rings (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  GstHarness *stem;

  fake_foley.tail = GST_SECOND / 4;
  push_frames (&bench, 0, 2);
  bench_hear (&bench);
  stem = add_stem (&bench, "stem_0");
  push_frames (&bench, 2, 7);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpfloat (pull_first_sample (bench.audio), ==,
        fake_foley_sample (i * 4800, -1, 0)
        + (i < 3 ? fake_foley_sample ((i + 1) * 4800, -1, 0) : 0));
  g_assert_cmpfloat (pull_first_sample (stem), ==, fake_foley_sample (0, 0, 0));
  gst_harness_teardown (stem);
}

/* One that was there before is joined where the sound is. */
static void
test_stem_comes_again (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  GstHarness *stem = add_stem (&bench, "stem_0");
  Heard heard;

  push_frames (&bench, 0, 6);
  g_assert_cmpuint (hear (stem).samples, ==, 5 * 4800);
  gst_harness_teardown (stem);
  push_frames (&bench, 6, 11);
  stem = add_stem (&bench, "stem_0");
  push_frames (&bench, 11, 16);
  heard = hear (stem);
  g_assert_cmpuint (heard.samples, ==, 5 * 4800);
  g_assert_cmpuint (heard.first, ==, 10 * 4800);
  g_assert_cmpuint (heard.disconts, ==, 1);
  g_assert_cmpuint (bench_hear (&bench).disconts, ==, 1);
  gst_harness_teardown (stem);
}

/* The video goes on while nobody hears, and who comes then hears from then on. */
static void
test_late_link (void)
{
  GstElement *foley = gst_element_factory_make ("videoaudiofoley", NULL);
  Bench bench = { foley, NULL, };

  bench.video = gst_harness_new_with_element (foley, "sink", "video");
  bench_set_caps (&bench, "video/x-raw, format=GRAY8, width=4, height=4, "
      "framerate=10/1");
  push_frames (&bench, 0, 6);
  bench.audio = gst_harness_new_with_element (foley, NULL, "audio");
  gst_harness_set_sink_caps_str (bench.audio, "audio/x-raw, format=S16LE, "
      "rate=48000, channels=2");
  gst_harness_play (bench.audio);
  push_frames (&bench, 6, 11);
  g_assert_cmpuint (bench_hear (&bench).samples, ==, 5 * 4800);
  g_assert_cmpint (get_audio_info (bench.audio).finfo->format, ==,
      GST_AUDIO_FORMAT_S16LE);
  g_assert_cmpint (fake_foley.made, ==, 1);
  gst_harness_teardown (bench.audio);
  push_frames (&bench, 11, 16);
  gst_harness_teardown (bench.video);
  gst_object_unref (foley);
}

/* Tags that came just before a flush are still there after it. */
static void
test_tags_outlive_flush (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  g_autoptr (GstEvent) event = NULL;
  g_autoptr (GstPad) video = gst_element_get_static_pad (bench.foley, "video");

  push_frames (&bench, 0, 2);
  gst_harness_push_event (bench.video, gst_event_new_tag (gst_tag_list_new
          (GST_TAG_TITLE, "A dog", NULL)));
  gst_harness_push_event (bench.video, gst_event_new_flush_start ());
  gst_harness_push_event (bench.video, gst_event_new_flush_stop (TRUE));
  event = gst_pad_get_sticky_event (video, GST_EVENT_TAG, 0);
  g_assert_nonnull (event);
}

static void
test_stem_names (void)
{
  g_auto (Bench) bench = bench_new (10, 1, NULL, NULL);
  static const char *const wrong[] = { "stem_32", "stem_", "stem_-1",
    "stem_4294967296", "stem_x"
  };
  GstPad *pads[FOLEY_MAX_STEMS];

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_null (gst_element_request_pad_simple (bench.foley, wrong[i]));
  for (guint i = 0; i < FOLEY_MAX_STEMS; i++) {
    g_autofree char *name = g_strdup_printf ("stem_%u", i);

    pads[i] = gst_element_request_pad_simple (bench.foley, "stem_%u");
    g_assert_nonnull (pads[i]);
    g_assert_cmpstr (GST_PAD_NAME (pads[i]), ==, name);
  }
  g_assert_null (gst_element_request_pad_simple (bench.foley, "stem_%u"));
  push_frames (&bench, 0, 3);
  g_assert_cmpuint (fake_foley.options.n_stems, ==, FOLEY_MAX_STEMS);
  for (guint i = 0; i < FOLEY_MAX_STEMS; i++) {
    gst_element_release_request_pad (bench.foley, pads[i]);
    gst_object_unref (pads[i]);
  }
  push_frames (&bench, 3, 6);
}

int
main (int argc, char **argv)
{
  foley_init (&argc, &argv);
  foley_add ("/foley/passes", test_passes);
  foley_add ("/foley/order", test_order);
  foley_add ("/foley/formats", test_formats);
  foley_add ("/foley/sizes", test_sizes);
  foley_add ("/foley/picture", test_picture);
  foley_add ("/foley/fine-stripes", test_fine_stripes);
  foley_add ("/foley/new-caps", test_new_caps);
  foley_add ("/foley/too-small", test_too_small);
  foley_add ("/foley/layouts", test_layouts);
  foley_add ("/foley/floats", test_floats);
  foley_add ("/foley/dither", test_dither);
  foley_add ("/foley/silence", test_silence);
  foley_add ("/foley/renegotiation", test_renegotiation);
  foley_add ("/foley/no-common-caps", test_no_common_caps);
  foley_add ("/foley/stream-start", test_stream_start);
  foley_add ("/foley/tags", test_tags);
  foley_add ("/foley/scene", test_scene);
  foley_add ("/foley/event-order", test_event_order);
  foley_add ("/foley/regions", test_regions);
  foley_add ("/foley/seek-once", test_seek_once);
  foley_add ("/foley/latency", test_latency);
  foley_add ("/foley/caps-queries", test_caps_queries);
  foley_add ("/foley/other-queries", test_other_queries);
  foley_add ("/foley/allocation", test_allocation);
  foley_add ("/foley/stems", test_stems);
  foley_add ("/foley/late-stem", test_late_stem);
  foley_add ("/foley/late-stem-rings", test_late_stem_rings);
  foley_add ("/foley/stem-comes-again", test_stem_comes_again);
  foley_add ("/foley/late-link", test_late_link);
  foley_add ("/foley/tags-outlive-flush", test_tags_outlive_flush);
  foley_add ("/foley/stem-names", test_stem_names);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-caps.c: formats, sizes, rates, pools. */

#include "fake-helpers.h"

static GstVideoInfo
negotiated (Chain * chain)
{
  g_autoptr (GstSample) sample = chain_pull (chain);
  GstVideoInfo info;

  g_assert_true (gst_video_info_from_caps (&info,
          gst_sample_get_caps (sample)));
  return info;
}

static void
test_native (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  GstVideoInfo info;

  chain_play (&chain);
  info = negotiated (&chain);
  g_assert_cmpint (info.width, ==, 64);
  g_assert_cmpint (info.height, ==, 48);
  g_assert_cmpint (info.fps_n, ==, 24);
  g_assert_cmpint (info.fps_d, ==, 1);
  g_assert_cmpint (info.par_n, ==, info.par_d);
  g_assert_cmpint (info.interlace_mode, ==,
      GST_VIDEO_INTERLACE_MODE_PROGRESSIVE);
  g_assert_cmpint (GST_VIDEO_INFO_FORMAT (&info), ==, GST_VIDEO_FORMAT_I420);
  g_assert_true (gst_video_colorimetry_matches (&info.colorimetry,
          GST_VIDEO_COLORIMETRY_BT601));
  g_assert_cmpint (info.chroma_site, ==, GST_VIDEO_CHROMA_SITE_JPEG);
}

static void
test_queries_before_and_after_load (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");
  g_autoptr (GstCaps) before = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (pad);
  g_autoptr (GstCaps) after = NULL;
  g_autoptr (GstCaps) odd = gst_caps_from_string
      ("video/x-raw, format=NV12, width=72, height=48");

  g_assert_true (gst_caps_is_equal (before, template));
  g_assert_true (gst_caps_can_intersect (before, odd));

  chain_play (&chain);
  gst_sample_unref (chain_pull (&chain));
  after = gst_pad_query_caps (pad, NULL);
  g_assert_true (gst_caps_is_subset (after, template));
  g_assert_false (gst_caps_can_intersect (after, odd));
}

static void
check_format (const char *name, const char *colorimetry)
{
  g_autofree char *caps = g_strdup_printf ("video/x-raw, format=%s", name);
  g_auto (Chain) chain = chain_new (caps, NULL);
  g_autoptr (GstSample) sample = NULL;
  GstStructure *structure;

  chain_play (&chain);
  sample = chain_pull (&chain);
  structure = gst_caps_get_structure (gst_sample_get_caps (sample), 0);
  g_assert_cmpstr (gst_structure_get_string (structure, "format"), ==, name);
  g_assert_cmpstr (gst_structure_get_string (structure, "colorimetry"), ==,
      colorimetry);
  g_assert_cmpuint (sample_frame (sample), ==, 0);
}

static void
test_formats (void)
{
  check_format ("I420", "bt601");
  check_format ("NV12", "bt601");
  check_format ("RGB", "sRGB");
  check_format ("RGBA", "sRGB");
  check_format ("BGRx", "sRGB");
}

static void
check_size (const char *caps, int width, int height, const char *colorimetry)
{
  g_auto (Chain) chain = chain_new (caps, NULL);
  GstVideoInfo info;
  g_autofree char *found = NULL;

  chain_play (&chain);
  info = negotiated (&chain);
  found = gst_video_colorimetry_to_string (&info.colorimetry);
  g_assert_cmpint (info.width, ==, width);
  g_assert_cmpint (info.height, ==, height);
  g_assert_cmpstr (found, ==, colorimetry);
}

static void
test_sizes (void)
{
  check_size ("video/x-raw, width=32, height=32", 32, 32, "bt601");
  /* the other side keeps the native shape of 64 x 48 */
  check_size ("video/x-raw, width=128", 128, 96, "bt601");
  check_size ("video/x-raw, height=144", 192, 144, "bt601");
  check_size ("video/x-raw, width=16", 16, 16, "bt601");
  /* the nearest in a range */
  check_size ("video/x-raw, width=[100, 300], height=[1, 40]", 112, 32,
      "bt601");
  check_size ("video/x-raw, height=720", 960, 720, "bt709");
  check_size ("video/x-raw, height=720, colorimetry=bt601", 960, 720, "bt601");
}

static void
check_refused (const char *caps, const char *word)
{
  g_auto (Chain) chain = chain_new (caps, NULL);

  chain_play (&chain);
  chain_expect_error (&chain, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, word);
}

static void
test_refused (void)
{
  check_refused ("video/x-raw, width=100, height=48",
      "width 100 is not a multiple of 16 (use 96 or 112)");
  check_refused ("video/x-raw, width=64, height=50",
      "height 50 is not a multiple of 16");
  check_refused ("video/x-raw, framerate=30/1", "put videorate");
  check_refused ("video/x-raw, pixel-aspect-ratio=2/1", "downstream takes");
}

static void
test_new_size_while_playing (void)
{
  g_auto (Chain) chain = chain_new ("video/x-raw, width=64",
      "num-frames", -1, NULL);
  g_autoptr (GstElement) filter = NULL;
  GstIterator *elements =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (chain.pipeline),
      "capsfilter");
  GValue value = G_VALUE_INIT;
  guint64 frame;
  int width = 64;

  g_assert_cmpint (gst_iterator_next (elements, &value), ==, GST_ITERATOR_OK);
  filter = g_value_dup_object (&value);
  g_value_unset (&value);
  gst_iterator_free (elements);

  chain_play (&chain);
  gst_sample_unref (chain_pull (&chain));
  gst_util_set_object_arg (G_OBJECT (filter), "caps", "video/x-raw, width=32");
  for (frame = 1; width == 64; frame++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    gst_structure_get_int (gst_caps_get_structure (gst_sample_get_caps
            (sample), 0), "width", &width);
    /* no frame is lost or made twice by it */
    g_assert_cmpuint (sample_frame (sample), ==, frame);
    g_assert_cmpuint (frame, <, 20);
  }
  g_assert_cmpint (width, ==, 32);
}

/* Offers a pool whose rows are longer than the frame's. */
static GstPadProbeReturn
offer_pool (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);
  GstBufferPool *pool = data;
  GstVideoAlignment alignment;
  GstStructure *config;
  GstVideoInfo video;
  GstCaps *caps;

  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;

  gst_query_parse_allocation (query, &caps, NULL);
  gst_video_info_from_caps (&video, caps);
  gst_video_alignment_reset (&alignment);
  alignment.padding_right = 50;
  alignment.padding_top = 2;
  gst_video_info_align (&video, &alignment);
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, caps, video.size, 3, 3);
  gst_buffer_pool_config_add_option (config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  gst_buffer_pool_config_add_option (config,
      GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT);
  gst_buffer_pool_config_set_video_alignment (config, &alignment);
  gst_buffer_pool_set_config (pool, config);

  gst_query_add_allocation_pool (query, pool, video.size, 3, 3);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return GST_PAD_PROBE_HANDLED;
}

static void
test_downstream_pool (void)
{
  g_autoptr (GstBufferPool) pool = gst_video_buffer_pool_new ();
  g_auto (Chain) chain = chain_new ("video/x-raw, format=RGB", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.sink, "sink");
  g_autoptr (GstSample) sample = NULL;
  GstVideoInfo info;
  GstVideoFrame frame;
  GstBuffer *buffer;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, offer_pool,
      pool, NULL);
  chain_play (&chain);
  sample = chain_pull (&chain);
  buffer = gst_sample_get_buffer (sample);
  g_assert_true (buffer->pool == pool);
  g_assert_nonnull (gst_buffer_get_video_meta (buffer));

  gst_video_info_from_caps (&info, gst_sample_get_caps (sample));
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  g_assert_cmpint (GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0), >,
      GST_VIDEO_INFO_PLANE_STRIDE (&info, 0));
  for (guint y = 1; y < 48; y++) {
    const guint8 *row = (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0)
        + y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);

    g_assert_cmpint (row[0], ==, 16 + y);
    g_assert_cmpint (row[3 * 64 - 1], ==, 16 + y);
  }
  gst_video_frame_unmap (&frame);
}

static void
test_unlinked (void)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *src = gst_element_factory_make ("dittextsrc", NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  g_object_set (src, "model", "/fake", NULL);
  gst_bin_add (GST_BIN (pipeline), src);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND,
      GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/caps/native", test_native);
  fake_add ("/caps/queries-before-and-after-load",
      test_queries_before_and_after_load);
  fake_add ("/caps/formats", test_formats);
  fake_add ("/caps/sizes", test_sizes);
  fake_add ("/caps/refused", test_refused);
  fake_add ("/caps/new-size-while-playing", test_new_size_while_playing);
  fake_add ("/caps/downstream-pool", test_downstream_pool);
  fake_add ("/caps/unlinked", test_unlinked);
  return g_test_run ();
}

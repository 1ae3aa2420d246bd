/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chunks.c: frames, timestamps, prompts, and what is told of them. */

#include <string.h>

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>

#include "fake-helpers.h"

/* @n frames come, in order, each exactly in its place; then EOS. */
static void
check_frames (Chain * chain, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autoptr (GstSample) sample = chain_pull (chain);
    GstBuffer *buffer = gst_sample_get_buffer (sample);
    GstClockTime begin = gst_util_uint64_scale (i, GST_SECOND, fake_video.fps);
    GstClockTime end = gst_util_uint64_scale (i + 1, GST_SECOND,
        fake_video.fps);

    g_assert_cmpuint (sample_frame (sample), ==, i);
    g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, begin);
    g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, end - begin);
    g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, i);
    g_assert_cmpint (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT),
        ==, i == 0);
  }
  chain_pull_eos (chain);
}

static void
test_one_chunk (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  chain_play (&chain);
  check_frames (&chain, 9);
  g_assert_cmpint (fake_video.sampled, ==, 1);
}

static void
test_num_frames (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);

  chain_play (&chain);
  check_frames (&chain, 40);
  g_assert_cmpint (fake_video.sampled, ==, 5);
}

static void
test_num_buffers (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", -1,
      "num-buffers", 25, NULL);

  chain_play (&chain);
  check_frames (&chain, 25);
}

static void
test_duration (void)
{
  g_auto (Chain) chain = chain_new (NULL, "duration", GST_SECOND, NULL);

  chain_play (&chain);
  check_frames (&chain, 24);
}

static void
test_duration_rounds_up (void)
{
  g_auto (Chain) chain = chain_new (NULL, "duration", GST_SECOND + 1, NULL);

  chain_play (&chain);
  check_frames (&chain, 25);
}

static void
test_chunk_frames (void)
{
  g_auto (Chain) chain = chain_new (NULL, "chunk-frames", 5, NULL);

  fake_video.chunk_frames = 5;
  chain_play (&chain);
  check_frames (&chain, 5);
}

static void
test_bad_chunk_frames (void)
{
  g_auto (Chain) chain = chain_new (NULL, "chunk-frames", 6, NULL);

  chain_play (&chain);
  chain_expect_error (&chain, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "4 n + 1");
}

/* 9 frames, then 12 to each chunk that goes on from the one before. */
static void
test_causal (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);

  fake_video.causal = TRUE;
  chain_play (&chain);
  check_frames (&chain, 40);
  g_assert_cmpint (fake_video.sampled, ==, 4);
  g_assert_cmpint (fake_video.steps_done, ==, 16);
}

static void
test_causal_clip (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  fake_video.causal = TRUE;
  fake_video.clip_frames = 33;
  chain_play (&chain);
  check_frames (&chain, 33);
}

static void
test_causal_messages (void)
{
  static const guint frames[] = { 9, 12, 12, 7 };
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 40, NULL);
  guint64 first = 0;

  fake_video.causal = TRUE;
  chain_play (&chain);
  check_frames (&chain, 40);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    g_autofree char *text = NULL, *expected = NULL;
    g_autoptr (GstMessage) progress = chain_wait_progress (&chain,
        GST_PROGRESS_TYPE_CONTINUE, "sample");
    g_autoptr (GstMessage) message = NULL;
    guint64 timestamp;
    guint n;

    gst_message_parse_progress (progress, NULL, NULL, &text);
    expected = g_strdup_printf ("Chunk %u of 4: step 1 of 4", i + 1);
    g_assert_cmpstr (text, ==, expected);
    g_assert_true (gst_structure_get (chain_wait_element (&chain, "dit-chunk",
                &message), "frames", G_TYPE_UINT, &n,
            "timestamp", G_TYPE_UINT64, &timestamp, NULL));
    g_assert_cmpuint (n, ==, frames[i]);
    g_assert_cmpuint (timestamp, ==, first * GST_SECOND / fake_video.fps);
    first += n;
  }
}

static void
test_seed (void)
{
  g_auto (Chain) chain = chain_new (NULL, "seed", (gint64) 77, NULL);
  g_autoptr (GstSample) sample = NULL;

  chain_play (&chain);
  sample = chain_pull (&chain);
  g_assert_cmpuint (sample_mark (sample).seed, ==, 77);
}

static guint32
seed_of_a_start (Chain * chain)
{
  g_autoptr (GstSample) sample = NULL;

  chain_play (chain);
  sample = chain_pull (chain);
  gst_element_set_state (chain->pipeline, GST_STATE_NULL);
  return sample_mark (sample).seed;
}

static void
test_random_seed (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);

  g_assert_cmpuint (seed_of_a_start (&chain), !=, seed_of_a_start (&chain));
}

static void
test_prompt_change (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 27, "prompt", "one",
      NULL);

  chain_play (&chain);
  for (guint i = 0; i < 27; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);
    const char *prompt = i < 9 ? "one" : "two";

    g_assert_cmpuint (sample_mark (sample).prompt, ==, g_str_hash (prompt));
    if (i == 3)
      g_object_set (chain.src, "prompt", "two", NULL);
  }
}

static void
test_empty_prompt (void)
{
  g_auto (Chain) chain = chain_new (NULL, "prompt", "", NULL);

  chain_play (&chain);
  check_frames (&chain, 9);
}

static void
test_huge_prompt (void)
{
  g_autofree char *prompt = g_strnfill (1 << 20, 'a');
  g_auto (Chain) chain = chain_new (NULL, "prompt", prompt, NULL);

  chain_play (&chain);
  chain_expect_warning (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "1000 tokens");
  check_frames (&chain, 9);
}

static void
test_huge_negative_prompt (void)
{
  g_autofree char *prompt = g_strnfill (1 << 20, 'a');
  g_auto (Chain) chain = chain_new (NULL, "prompt", "a dog",
      "negative-prompt", prompt, NULL);

  chain_play (&chain);
  chain_expect_warning (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "The negative prompt is too long");
  check_frames (&chain, 9);
}

/* The prompt, which does not change, was warned of before. */
static void
test_huge_negative_prompt_while_playing (void)
{
  g_autofree char *prompt = g_strnfill (1 << 20, 'a');
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 18, "prompt", prompt,
      NULL);

  chain_play (&chain);
  chain_expect_warning (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "The prompt is too long");
  for (guint i = 0; i < 18; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    if (i == 0)
      g_object_set (chain.src, "negative-prompt", prompt, NULL);
  }
  chain_expect_warning (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "The negative prompt is too long");
}

static void
test_invalid_utf8 (void)
{
  g_auto (Chain) chain = chain_new (NULL, "prompt", "a dog \xff\xfe", NULL);

  g_assert_cmpint (gst_element_set_state (chain.pipeline, GST_STATE_PAUSED),
      ==, GST_STATE_CHANGE_FAILURE);
  chain_expect_error (&chain, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "prompt is not valid UTF-8: byte 0xff at offset 6");
}

static void
test_invalid_utf8_while_playing (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 18, "prompt", "good",
      NULL);
  FakeMark mark = { 0, };

  chain_play (&chain);
  for (guint i = 0; i < 18; i++) {
    g_autoptr (GstSample) sample = chain_pull (&chain);

    mark = sample_mark (sample);
    if (i == 0)
      g_object_set (chain.src, "prompt", "bad \x80", NULL);
  }
  g_assert_cmpuint (mark.chunk, ==, 1);
  g_assert_cmpuint (mark.prompt, ==, g_str_hash ("good"));
  chain_expect_warning (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "UTF-8");
}

/* steps 1 ... 9 over the first 9 frames, read at the start of a chunk */
static void
test_controlled (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 18, NULL);
  g_autoptr (GstMessage) message = NULL;
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);
  guint steps;

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (values, 0, 0.001);
  gst_timed_value_control_source_set (values, 9 * GST_SECOND / 24, 0.008);
  gst_object_add_control_binding (GST_OBJECT (chain.src),
      gst_direct_control_binding_new (GST_OBJECT (chain.src), "steps", source));
  gst_object_unref (source);

  chain_play (&chain);
  check_frames (&chain, 18);
  g_object_get (chain.src, "steps", &steps, NULL);
  g_assert_cmpuint (steps, ==, 8);
}

static void
test_chunk_messages (void)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 12, "prompt", "a cat",
      "seed", (gint64) 5, NULL);

  chain_play (&chain);
  check_frames (&chain, 12);
  for (guint64 i = 0; i < 2; i++) {
    g_autoptr (GstMessage) message = NULL;
    const GstStructure *structure = chain_wait_element (&chain, "dit-chunk",
        &message);
    g_autofree char *prompt = NULL;
    guint64 chunk, seed, timestamp, memory;
    double text, sample, decode;
    guint frames;

    g_assert_true (gst_structure_get (structure,
            "chunk", G_TYPE_UINT64, &chunk,
            "timestamp", G_TYPE_UINT64, &timestamp,
            "frames", G_TYPE_UINT, &frames,
            "prompt", G_TYPE_STRING, &prompt,
            "seed", G_TYPE_UINT64, &seed,
            "text-time", G_TYPE_DOUBLE, &text,
            "sample-time", G_TYPE_DOUBLE, &sample,
            "decode-time", G_TYPE_DOUBLE, &decode,
            "memory-peak", G_TYPE_UINT64, &memory, NULL));
    g_assert_cmpuint (chunk, ==, i);
    g_assert_cmpuint (timestamp, ==, i * 9 * GST_SECOND / 24);
    g_assert_cmpuint (frames, ==, i ? 3 : 9);
    g_assert_cmpstr (prompt, ==, "a cat");
    g_assert_cmpuint (seed, ==, 5);
    g_assert_cmpfloat (sample, ==, 0.5);
    g_assert_cmpuint (memory, ==, 2000);
  }
}

static void
test_step_progress (void)
{
  g_auto (Chain) chain = chain_new (NULL, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GstMessage) message = NULL;
  int percent;

  chain_play (&chain);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
          "sample"));
  message = chain_wait_progress (&chain, GST_PROGRESS_TYPE_CONTINUE, "sample");
  gst_message_parse_progress (message, NULL, NULL, &text);
  g_assert_cmpstr (text, ==, "Chunk 1 of 1: step 1 of 4");
  g_assert_true (gst_structure_get_int (gst_message_get_structure (message),
          "percent", &percent));
  g_assert_cmpint (percent, ==, 25);
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_COMPLETE,
          "sample"));
}

/* What comes down the pad, in a word each. */
static GstPadProbeReturn
note (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GString *log = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    g_string_append (log, "buffer ");
  } else {
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
    const GstStructure *structure = gst_event_get_structure (event);

    if (gst_event_has_name (event, "dit-scene")) {
      guint64 chunk;

      gst_structure_get_uint64 (structure, "chunk", &chunk);
      g_string_append_printf (log, "scene-%" G_GUINT64_FORMAT "-%s ", chunk,
          gst_structure_get_string (structure, "prompt"));
    } else
      g_string_append_printf (log, "%s ", GST_EVENT_TYPE_NAME (event));
  }
  return GST_PAD_PROBE_OK;
}

static void
test_events (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 10, "prompt", "x",
      NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain.src, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, note, log, NULL);
  chain_play (&chain);
  check_frames (&chain, 10);
  g_assert_cmpstr (log->str, ==, "stream-start caps segment tag scene-0-x "
      "buffer buffer buffer buffer buffer buffer buffer buffer buffer "
      "scene-1-x buffer eos ");
}

static void
test_tags (void)
{
  g_auto (Chain) chain = chain_new (NULL, "prompt", "a red ball",
      "seed", (gint64) 9, NULL);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstTagList) tags = NULL;
  g_autofree char *title = NULL, *comment = NULL;
  guint n;

  chain_play (&chain);
  message = chain_wait (&chain, GST_MESSAGE_TAG);
  gst_message_parse_tag (message, &tags);
  g_assert_true (gst_tag_list_get_string (tags, GST_TAG_TITLE, &title));
  g_assert_cmpstr (title, ==, "a red ball");
  g_assert_true (gst_tag_list_get_string (tags, GST_TAG_COMMENT, &comment));
  g_assert_nonnull (strstr (comment, "AI-generated"));
  n = gst_tag_list_get_tag_size (tags, GST_TAG_EXTENDED_COMMENT);
  g_assert_cmpuint (n, ==, 3);
  for (guint i = 0; i < n; i++) {
    static const char *const expected[] = {
      "ai-generated=true", "model=model", "seed=9"
    };
    const char *text;

    gst_tag_list_peek_string_index (tags, GST_TAG_EXTENDED_COMMENT, i, &text);
    g_assert_cmpstr (text, ==, expected[i]);
  }
  g_assert_true (gst_tag_list_get_tag_size (tags, GST_TAG_APPLICATION_NAME));
}

static void
check_sample_error (gint code, GQuark domain, gint gst_code)
{
  g_auto (Chain) chain = chain_new (NULL, "num-frames", 18, NULL);

  fake_video.sample_error = code;
  fake_video.error_chunk = 1;
  chain_play (&chain);
  for (guint i = 0; i < 9; i++)
    gst_sample_unref (chain_pull (&chain));
  chain_expect_error (&chain, domain, gst_code, "injected error");
}

static void
test_sample_errors (void)
{
  check_sample_error (VIDEO_ERROR_NUMERIC, GST_STREAM_ERROR,
      GST_STREAM_ERROR_DECODE);
  check_sample_error (VIDEO_ERROR_MEMORY, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  check_sample_error (VIDEO_ERROR_DEVICE, GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_INIT);
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  fake_add ("/chunks/one-chunk", test_one_chunk);
  fake_add ("/chunks/num-frames", test_num_frames);
  fake_add ("/chunks/num-buffers", test_num_buffers);
  fake_add ("/chunks/duration", test_duration);
  fake_add ("/chunks/duration-rounds-up", test_duration_rounds_up);
  fake_add ("/chunks/chunk-frames", test_chunk_frames);
  fake_add ("/chunks/bad-chunk-frames", test_bad_chunk_frames);
  fake_add ("/chunks/causal", test_causal);
  fake_add ("/chunks/causal-clip", test_causal_clip);
  fake_add ("/chunks/causal-messages", test_causal_messages);
  fake_add ("/chunks/seed", test_seed);
  fake_add ("/chunks/random-seed", test_random_seed);
  fake_add ("/chunks/prompt-change", test_prompt_change);
  fake_add ("/chunks/empty-prompt", test_empty_prompt);
  fake_add ("/chunks/huge-prompt", test_huge_prompt);
  fake_add ("/chunks/huge-negative-prompt", test_huge_negative_prompt);
  fake_add ("/chunks/huge-negative-prompt-while-playing",
      test_huge_negative_prompt_while_playing);
  fake_add ("/chunks/invalid-utf8", test_invalid_utf8);
  fake_add ("/chunks/invalid-utf8-while-playing",
      test_invalid_utf8_while_playing);
  fake_add ("/chunks/controlled", test_controlled);
  fake_add ("/chunks/messages", test_chunk_messages);
  fake_add ("/chunks/step-progress", test_step_progress);
  fake_add ("/chunks/events", test_events);
  fake_add ("/chunks/tags", test_tags);
  fake_add ("/chunks/sample-errors", test_sample_errors);
  return g_test_run ();
}

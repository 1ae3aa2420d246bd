/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-checkpoint.c: the plugin as it is built, with a tiny checkpoint on a real
 * device: what it makes, and what it says of checkpoints that are broken. */

#include <glib/gstdio.h>
#include <string.h>

#include "helpers.h"

#define MODEL GOLDEN_DIR "/wan21"
#define ADAPTED GOLDEN_DIR "/adapted22"
#define CAPS "video/x-raw, format=RGB, width=32, height=32"
#define TRANSFORMER "transformer/diffusion_pytorch_model.safetensors"

static Chain
small_chain (const char *model)
{
  return chain_new (CAPS, "model", model, "device", "cpu", "steps", 2,
      "chunk-frames", 5, "seed", (gint64) 1, "prompt", "a dog", NULL);
}

/* ---- broken checkpoints --------------------------------------------------- */

static void
copy_tree (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir_with_parents (to, 0700), ==, 0);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *source = g_build_filename (from, name, NULL);
    g_autofree char *target = g_build_filename (to, name, NULL);
    g_autofree char *content = NULL;
    gsize length;

    if (g_file_test (source, G_FILE_TEST_IS_DIR)) {
      copy_tree (source, target);
      continue;
    }
    g_assert_true (g_file_get_contents (source, &content, &length, NULL));
    g_assert_true (g_file_set_contents (target, content, length, NULL));
  }
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_remove (path);
}

/* A change to @file of a copy of the checkpoint. */
typedef void (*Damage) (GString * content);

static void
check_damaged (const char *file, Damage damage, GQuark domain, gint code,
    const char *word)
{
  g_autofree char *model = g_dir_make_tmp ("dit-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (model, file, NULL);
  g_autofree char *content = NULL;
  gsize length;

  copy_tree (MODEL, model);
  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  if (damage) {
    g_autoptr (GString) changed = g_string_new_len (content, length);

    damage (changed);
    g_assert_true (g_file_set_contents (path, changed->str, changed->len,
            NULL));
  } else
    g_assert_cmpint (g_remove (path), ==, 0);

  {
    g_auto (Chain) chain = small_chain (model);

    chain_try (&chain);
    chain_expect_error (&chain, domain, code, word);
  }
  remove_tree (model);
}

static void
test_no_model (void)
{
  g_auto (Chain) chain = small_chain ("/no/such/model");

  chain_try (&chain);
  chain_expect_error (&chain, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "/no/such/model");
}

static void
test_half_a_model (void)
{
  check_damaged (TRANSFORMER, NULL, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND, "diffusion_pytorch_model");
  check_damaged ("vae/config.json", NULL, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND, "vae/config.json");
  check_damaged ("text_encoder/model.safetensors", NULL, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND, "text_encoder");
  check_damaged ("model_index.json", NULL, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND, "model_index.json");
}

static void
cut (GString * content)
{
  g_string_truncate (content, content->len - content->len / 3);
}

static void
test_truncated (void)
{
  check_damaged (TRANSFORMER, cut, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
      TRANSFORMER);
}

static void
test_not_json (void)
{
  check_damaged ("transformer/config.json", cut, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_READ, "transformer/config.json");
}

static void
more_heads (GString * content)
{
  g_assert_cmpuint (g_string_replace (content, "\"ffn_dim\": ",
          "\"ffn_dim\": 1", 1), ==, 1);
}

static void
test_wrong_shapes (void)
{
  check_damaged ("transformer/config.json", more_heads, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_READ, "ffn");
}

static void
another_class (GString * content)
{
  g_assert_cmpuint (g_string_replace (content, "WanPipeline", "FluxPipeline",
          0), ==, 1);
}

static void
test_unsupported (void)
{
  check_damaged ("model_index.json", another_class, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_READ, "FluxPipeline");
}

/* Not-a-number in all bytes after the header, whatever their type is. */
static void
all_nan (GString * content)
{
  guint64 header;

  memcpy (&header, content->str, sizeof header);
  header = GUINT64_FROM_LE (header) + sizeof header;
  memset (content->str + header, 0xff, content->len - header);
}

static void
test_nan (void)
{
  check_damaged (TRANSFORMER, all_nan, GST_STREAM_ERROR,
      GST_STREAM_ERROR_DECODE, "NaN");
}

static void
test_no_such_device (void)
{
  g_auto (Chain) chain = small_chain (MODEL);

  g_object_set (chain.src, "device", "abacus", NULL);
  chain_try (&chain);
  chain_expect_error (&chain, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
      "abacus");
}

static void
test_too_little_memory (void)
{
  g_auto (Chain) chain = small_chain (MODEL);

  g_object_set (chain.src, "memory-limit", (guint64) 100000, NULL);
  chain_try (&chain);
  chain_expect_error (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NO_SPACE_LEFT, "memory");
}

static void
test_bad_size (void)
{
  g_auto (Chain) chain = chain_new ("video/x-raw, width=33", "model", MODEL,
      "device", "cpu", NULL);

  chain_try (&chain);
  chain_expect_error (&chain, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "width 33 is not a multiple of 16");
}

static void
test_bad_chunk_frames (void)
{
  g_auto (Chain) chain = small_chain (MODEL);

  g_object_set (chain.src, "chunk-frames", 6, NULL);
  chain_try (&chain);
  chain_expect_error (&chain, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "4 n + 1");
}

static void
check_refused_lora (const char *lora, gint code, const char *word)
{
  g_auto (Chain) chain = small_chain (MODEL);

  g_object_set (chain.src, "lora", lora, NULL);
  chain_try (&chain);
  chain_expect_error (&chain, GST_RESOURCE_ERROR, code, word);
}

/* None, a file of something else, one that is of no adapter, one of another
 * model. */
static void
test_wrong_lora (void)
{
  check_refused_lora ("/no/such.safetensors", GST_RESOURCE_ERROR_NOT_FOUND,
      "/no/such.safetensors");
  check_refused_lora (MODEL "/model_index.json", GST_RESOURCE_ERROR_READ,
      MODEL "/model_index.json");
  check_refused_lora (MODEL "/" TRANSFORMER, GST_RESOURCE_ERROR_OPEN_READ,
      TRANSFORMER);
  check_refused_lora (ADAPTED "/lora.safetensors", GST_RESOURCE_ERROR_READ,
      ADAPTED "/lora.safetensors: tensor");
}

/* ---- what it makes -------------------------------------------------------- */

static GBytes *
frame_bytes (GstSample * sample)
{
  GstMapInfo map;
  GBytes *bytes;

  g_assert_true (gst_buffer_map (gst_sample_get_buffer (sample), &map,
          GST_MAP_READ));
  bytes = g_bytes_new (map.data, map.size);
  gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  gst_sample_unref (sample);
  return bytes;
}

static void
pull_frames (Chain * chain, GBytes ** frames, guint n)
{
  for (guint i = 0; i < n; i++)
    frames[i] = frame_bytes (chain_pull (chain));
}

static void
free_frames (GBytes ** frames, guint n)
{
  for (guint i = 0; i < n; i++)
    g_bytes_unref (frames[i]);
}

/* Ten frames, two chunks; then each again by a seek, and in a new element. */
static void
test_seeks_are_exact (void)
{
  g_auto (Chain) chain = small_chain (MODEL);
  g_auto (Chain) other = small_chain (MODEL);
  GBytes *frames[10];

  g_object_set (chain.src, "num-frames", 10, NULL);
  g_object_set (other.src, "num-frames", 10, NULL);
  chain_play (&chain);
  pull_frames (&chain, frames, 10);
  chain_pull_eos (&chain);
  g_assert_false (g_bytes_equal (frames[0], frames[4]));
  g_assert_false (g_bytes_equal (frames[0], frames[5]));

  chain_play (&other);
  gst_sample_unref (chain_pull (&other));
  for (guint i = 0; i < 10; i++) {
    guint frame = i * 7 % 10;
    g_autoptr (GBytes) again = NULL;

    gst_element_get_state (other.pipeline, NULL, NULL, GST_SECOND);
    chain_seek (&other, GST_SEEK_FLAG_FLUSH,
        gst_util_uint64_scale (frame, GST_SECOND, 16), GST_CLOCK_TIME_NONE);
    again = frame_bytes (chain_pull (&other));
    g_assert_true (g_bytes_equal (frames[frame], again));
  }
  free_frames (frames, 10);
}

static GBytes *
first_frame (const char *property, const char *value)
{
  g_auto (Chain) chain = small_chain (MODEL);

  gst_util_set_object_arg (G_OBJECT (chain.src), property, value);
  chain_play (&chain);
  return frame_bytes (chain_pull (&chain));
}

static void
test_settings_matter (void)
{
  static const char *const settings[][2] = {
    {"seed", "2"}, {"prompt", "a cat"}, {"steps", "3"},
    {"negative-prompt", "blurred"}, {"guidance-scale", "2"},
    {"flow-shift", "7"}, {"sampler", "euler"}
  };
  g_autoptr (GBytes) plain = first_frame ("seed", "1");
  g_autoptr (GBytes) same = first_frame ("seed", "1");

  g_assert_true (g_bytes_equal (plain, same));
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autoptr (GBytes) other = first_frame (settings[i][0], settings[i][1]);

    g_test_message ("%s=%s", settings[i][0], settings[i][1]);
    g_assert_false (g_bytes_equal (plain, other));
  }
}

static void
restart (Chain * chain)
{
  gst_element_set_state (chain->pipeline, GST_STATE_READY);
  chain_play (chain);
}

/* Read at the start, as the model is: what is set later waits for the next. */
static void
test_lora (void)
{
  g_auto (Chain) chain = small_chain (ADAPTED);
  g_autoptr (GBytes) without = NULL;
  g_autoptr (GBytes) later = NULL;
  g_autoptr (GBytes) with = NULL;
  g_autoptr (GBytes) scaled = NULL;

  g_object_set (chain.src, "lora", "", NULL);
  chain_play (&chain);
  without = frame_bytes (chain_pull (&chain));
  g_object_set (chain.src, "lora", ADAPTED "/lora.safetensors", NULL);
  chain_seek (&chain, GST_SEEK_FLAG_FLUSH, 0, GST_CLOCK_TIME_NONE);
  later = frame_bytes (chain_pull (&chain));
  g_assert_true (g_bytes_equal (without, later));
  restart (&chain);
  with = frame_bytes (chain_pull (&chain));
  g_assert_false (g_bytes_equal (without, with));
  g_object_set (chain.src, "lora-scale", 0.0, NULL);
  restart (&chain);
  scaled = frame_bytes (chain_pull (&chain));
  g_assert_true (g_bytes_equal (without, scaled));
}

/* A prompt and a size that keep the device busy for long. */
static void
test_stop_in_mid_step (void)
{
  g_auto (Chain) chain = chain_new ("video/x-raw, width=256, height=256",
      "model", MODEL, "device", "cpu", "steps", 1000, "chunk-frames", 33, NULL);
  gint64 begin;

  chain_play (&chain);
  for (guint i = 1; i <= 3; i++) {
    gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
            "sample"));
    g_usleep (100000 * i);
    begin = now_ms ();
    chain_seek (&chain, GST_SEEK_FLAG_FLUSH, 0, GST_CLOCK_TIME_NONE);
    g_assert_cmpint (now_ms () - begin, <, 1000);
    gst_message_unref (chain_wait_progress (&chain,
            GST_PROGRESS_TYPE_CANCELED, "sample"));
  }
  gst_message_unref (chain_wait_progress (&chain, GST_PROGRESS_TYPE_START,
          "sample"));
  g_usleep (200000);
  begin = now_ms ();
  gst_element_set_state (chain.pipeline, GST_STATE_NULL);
  g_test_message ("to NULL in mid-step: %d ms", (int) (now_ms () - begin));
  g_assert_cmpint (now_ms () - begin, <, 1000);
}

static void
test_huge_prompt (void)
{
  g_auto (Chain) chain = small_chain (MODEL);
  GString *prompt = g_string_new (NULL);

  while (prompt->len < 1 << 20)
    g_string_append (prompt, "a dog and a cat, ");
  g_object_set (chain.src, "prompt", prompt->str, NULL);
  g_string_free (prompt, TRUE);
  chain_play (&chain);
  chain_expect_warning (&chain, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "too long");
  gst_sample_unref (chain_pull (&chain));
}

static void
test_formats (void)
{
  static const char *const formats[] = { "I420", "NV12", "RGBA", "BGRx" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autofree char *caps = g_strdup_printf
        ("video/x-raw, format=%s, width=32, height=48", formats[i]);
    g_auto (Chain) chain = chain_new (caps, "model", MODEL, "device", "cpu",
        "steps", 1, "chunk-frames", 1, NULL);

    chain_play (&chain);
    gst_sample_unref (chain_pull (&chain));
    chain_pull_eos (&chain);
  }
}

static void
test_random_changes (void)
{
  g_auto (Chain) chain = small_chain (MODEL);
  GRand *random = g_rand_new_with_seed (1);
  g_autoptr (GstMessage) problem = NULL;

  g_object_set (chain.src, "num-frames", -1, NULL);
  for (guint i = 0; i < 100; i++) {
    g_assert_cmpint (gst_element_set_state (chain.pipeline,
            g_rand_int_range (random, GST_STATE_NULL, GST_STATE_PLAYING + 1)),
        !=, GST_STATE_CHANGE_FAILURE);
    if (g_rand_boolean (random))
      gst_element_seek_simple (chain.pipeline, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, g_rand_int_range (random, 0, 5) * GST_SECOND);
    g_usleep (g_rand_int_range (random, 0, 100) * 1000);
  }
  problem = gst_bus_pop_filtered (chain.bus,
      GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  g_assert_null (problem);
  chain_play (&chain);
  gst_sample_unref (chain_pull (&chain));
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  helpers_init (&argc, &argv);
  g_test_add_func ("/checkpoint/no-model", test_no_model);
  g_test_add_func ("/checkpoint/half-a-model", test_half_a_model);
  g_test_add_func ("/checkpoint/truncated", test_truncated);
  g_test_add_func ("/checkpoint/not-json", test_not_json);
  g_test_add_func ("/checkpoint/wrong-shapes", test_wrong_shapes);
  g_test_add_func ("/checkpoint/unsupported", test_unsupported);
  g_test_add_func ("/checkpoint/nan", test_nan);
  g_test_add_func ("/checkpoint/no-such-device", test_no_such_device);
  g_test_add_func ("/checkpoint/too-little-memory", test_too_little_memory);
  g_test_add_func ("/checkpoint/bad-size", test_bad_size);
  g_test_add_func ("/checkpoint/bad-chunk-frames", test_bad_chunk_frames);
  g_test_add_func ("/checkpoint/wrong-lora", test_wrong_lora);
  g_test_add_func ("/checkpoint/lora", test_lora);
  g_test_add_func ("/checkpoint/seeks-are-exact", test_seeks_are_exact);
  g_test_add_func ("/checkpoint/settings-matter", test_settings_matter);
  g_test_add_func ("/checkpoint/stop-in-mid-step", test_stop_in_mid_step);
  g_test_add_func ("/checkpoint/huge-prompt", test_huge_prompt);
  g_test_add_func ("/checkpoint/formats", test_formats);
  g_test_add_func ("/checkpoint/random-changes", test_random_changes);
  return g_test_run ();
}

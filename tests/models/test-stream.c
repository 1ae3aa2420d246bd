/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-stream.c: the streams of causal checkpoints: against references that know
 * no cache (tests/golden, causal.py), and what a generator promises of them. */

#include <string.h>

#include "generator-test.h"

#define LEAST_PSNR 60.0

/* causal21: blocks of 2 latent frames, of 4 frames each */
#define WIDTH 32
#define HEIGHT 16
#define SIZE (WIDTH * HEIGHT * 3)
#define FIRST 5
#define LATER 8

static const VideoSettings lcm = {
  .prompt = "a dog",.width = WIDTH,.height = HEIGHT,.steps = 2,
  .guidance_scale = 1,.seed = 5
};

/* ---- against the reference --------------------------------------------------------- */

static double
psnr (const guint8 * frames, const guint8 * expected, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (frames[i] - expected[i]) * (frames[i] - expected[i]);
  return sum > 0 ? 10 * log10 (255.0 * 255.0 * n / sum) : INFINITY;
}

static VideoSampler
sampler_of (JsonObject * run)
{
  const char *name = json_object_get_string_member (run, "sampler");

  return g_str_equal (name, "lcm") ? VIDEO_SAMPLER_LCM
      : g_str_equal (name, "euler") ? VIDEO_SAMPLER_EULER : VIDEO_SAMPLER_UNIPC;
}

static VideoSettings
chunk_settings (JsonObject * run, guint k)
{
  JsonObject *chunk = json_array_get_object_element
      (json_object_get_array_member (run, "chunks"), k);

  return (VideoSettings) {
  .prompt = json_object_get_string_member (chunk, "prompt"),.negative_prompt =
        json_object_get_string_member (chunk, "negative"),.width =
        json_object_get_int_member (run, "width"),.height =
        json_object_get_int_member (run, "height"),.steps =
        json_object_get_int_member (run, "steps"),.guidance_scale =
        json_object_get_double_member (chunk, "guidance"),.flow_shift =
        json_object_get_double_member (run, "shift"),.sampler =
        sampler_of (run),.seed = json_object_get_int_member (run, "seed")};
}

static void
check_run (VideoGenerator * g, TensorStore * reference, JsonObject * run,
    guint i)
{
  guint chunks =
      json_array_get_length (json_object_get_array_member (run, "chunks"));
  g_autofree char *key = g_strdup_printf ("run.%u.frames", i);
  g_autoptr (GError) error = NULL;
  OclHostArray expected;
  gsize size, done = 0;

  tensor_store_get (reference, key, &expected, &error, 4, G_MAXSIZE, G_MAXSIZE,
      G_MAXSIZE, 3);
  g_assert_no_error (error);
  size = expected.dims[1] * expected.dims[2] * 3;
  for (guint k = 0; k < chunks; k++) {
    VideoSettings settings = chunk_settings (run, k);
    g_autofree guint8 *frames = NULL;
    guint n, first, later;
    double quality;

    configure (g, &settings);
    sample (g, k);
    frames = read_frames (g, settings.width, settings.height, &n);
    video_generator_get_chunk_frames (g, &first, &later);
    g_assert_cmpuint (n, ==, k == 0 ? first : later);
    quality = psnr (frames, (const guint8 *) expected.data + done * size,
        n * size);
    g_test_message ("run %u, chunk %u: %.1f dB", i, k, quality);
    g_assert_cmpfloat (quality, >=, LEAST_PSNR);
    done += n;
  }
  g_assert_cmpuint (done, ==, expected.dims[0]);
}

static void
test_runs (const char *pipeline, OclGemm gemm)
{
  g_autoptr (VideoGenerator) g = open_pipeline (pipeline, gemm);
  g_autoptr (TensorStore) reference = golden_reference (pipeline);

  for (guint i = 0; golden_has (reference, "run", i, "frames"); i++) {
    g_autoptr (JsonObject) run = golden_settings (pipeline, "run", i);

    check_run (g, reference, run, i);
  }
}

static void
test_packed (gconstpointer pipeline)
{
  test_runs (pipeline, OCL_GEMM_PACKED);
}

static void
test_clblast (gconstpointer pipeline)
{
  test_runs (pipeline, OCL_GEMM_CLBLAST);
}

/* ---- promises ------------------------------------------------------------------ */

static VideoGenerator *
open_stream (void)
{
  return open_pipeline ("causal21", OCL_GEMM_AUTO);
}

/* Frames of chunks 0 ... @n - 1 one after the other; element type guint8. */
static GByteArray *
play (VideoGenerator * g, guint n)
{
  GByteArray *all = g_byte_array_new ();

  for (guint k = 0; k < n; k++) {
    g_autofree guint8 *frames = NULL;
    guint count;

    sample (g, k);
    frames = read_frames (g, WIDTH, HEIGHT, &count);
    g_assert_cmpuint (count, ==, k ? LATER : FIRST);
    g_byte_array_append (all, frames, count * SIZE);
  }
  return all;
}

static GByteArray *
play_alone (const VideoSettings * settings, guint n)
{
  g_autoptr (VideoGenerator) g = open_stream ();

  configure (g, settings);
  return play (g, n);
}

/* The frames of the sampled chunk are those of chunk @k of @all. */
static void
assert_chunk (VideoGenerator * g, const GByteArray * all, guint k)
{
  gsize at = k ? FIRST + (k - 1) * LATER : 0, count = k ? LATER : FIRST;
  g_autofree guint8 *frames = NULL;
  guint n;

  frames = read_frames (g, WIDTH, HEIGHT, &n);
  g_assert_cmpuint (n, ==, count);
  g_assert_cmpuint ((at + count) * SIZE, <=, all->len);
  g_assert_true (memcmp (frames, all->data + at * SIZE, count * SIZE) == 0);
}

static void
test_info (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  const VideoInfo *info = video_generator_get_info (g);
  VideoSettings settings = { NULL, };
  guint first, later;

  g_assert_true (info->causal);
  g_assert_cmpuint (info->chunk_frames, ==, FIRST);
  g_assert_cmpuint (info->clip_frames, ==, 13);
  g_assert_cmpint (info->sampler, ==, VIDEO_SAMPLER_LCM);
  g_assert_cmpuint (info->steps, ==, 4);
  settings.guidance_scale = -1;
  configure (g, &settings);
  video_generator_get_chunk_frames (g, &first, &later);
  g_assert_cmpuint (first, ==, FIRST);
  g_assert_cmpuint (later, ==, LATER);
}

/* A chunk is the same after its predecessors, from the start again, and where
 * some were left out or not read to their end. */
static void
test_seek (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  g_autoptr (GByteArray) all = NULL;

  configure (g, &lcm);
  all = play (g, 5);
  g_assert_true (memcmp (all->data, all->data + LATER * SIZE, FIRST * SIZE)
      != 0);

  g_assert_cmpuint (steps_of (g, 2), ==, 6);
  assert_chunk (g, all, 2);
  g_assert_cmpuint (steps_of (g, 3), ==, 2);
  g_assert_true (video_generator_next_frame (g, NULL, OCL_MATRIX_BT601, NULL));
  g_assert_cmpuint (steps_of (g, 4), ==, 2);
  assert_chunk (g, all, 4);
  g_assert_cmpuint (steps_of (g, 1), ==, 4);
  g_assert_cmpuint (steps_of (g, 3), ==, 4);
  assert_chunk (g, all, 3);
  g_assert_cmpuint (steps_of (g, 3), ==, 8);
  assert_chunk (g, all, 3);
}

/* Without a step where nothing was lost: the stream's first chunk, and one of
 * which no frame was taken. */
static void
test_starts_over (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  VideoSettings next = lcm;
  g_autoptr (GByteArray) all = NULL;

  configure (g, &lcm);
  all = play (g, 1);
  g_assert_cmpuint (steps_of (g, 0), ==, 0);
  assert_chunk (g, all, 0);
  g_assert_cmpuint (steps_of (g, 1), ==, 2);
  configure (g, &lcm);
  g_assert_cmpuint (steps_of (g, 1), ==, 0);
  next.seed++;
  configure (g, &next);
  g_assert_cmpuint (steps_of (g, 1), ==, 4);
}

typedef struct
{
  VideoGenerator *g;
  guint at;                     /* the step after which it is cancelled */
} Cancel;

static void
cancel_at (guint step, guint steps, gpointer data)
{
  Cancel *cancel = data;

  if (step == cancel->at)
    video_generator_cancel (cancel->g);
}

static void
assert_cancelled (VideoGenerator * g, guint64 chunk, VideoStepFunc func,
    gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (video_generator_sample (g, chunk, func, data, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
  video_generator_uncancel (g);
}

static const VideoSettings guided = {
  .prompt = "a dog",.negative_prompt = "a cat",.width = WIDTH,
  .height = HEIGHT,.steps = 3,.guidance_scale = 3,.seed = 1
};

/* Between two steps, on the way to a later chunk, and before anything. */
static void
test_cancel (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  g_autoptr (GByteArray) all = play_alone (&guided, 4);
  Cancel cancel = { g, 2 };

  configure (g, &guided);
  for (guint k = 0; k < 4; k++) {
    assert_cancelled (g, k, cancel_at, &cancel);
    video_generator_cancel (g);
    assert_cancelled (g, k, NULL, NULL);
    g_assert_cmpuint (steps_of (g, k), ==, 3);
    assert_chunk (g, all, k);
  }
  cancel.at = 5;
  assert_cancelled (g, 2, cancel_at, &cancel);
  g_assert_cmpuint (steps_of (g, 2), ==, 6);
  assert_chunk (g, all, 2);
}

static gpointer
cancel_soon (gpointer data)
{
  Cancel *cancel = data;

  g_usleep (cancel->at);
  video_generator_cancel (cancel->g);
  return NULL;
}

/* At whatever moment, with all that there is to do between two chunks. */
static void
test_cancel_anywhere (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  g_autoptr (GByteArray) all = play_alone (&guided, 3);
  guint cancelled = 0;
  gint64 span;

  configure (g, &guided);
  sample (g, 0);
  span = g_get_monotonic_time ();
  sample (g, 1);
  span = g_get_monotonic_time () - span;
  for (guint i = 0; i < 30; i++) {
    Cancel cancel = { g, span * exp2 (g_test_rand_double_range (-7, 0)) };
    g_autoptr (GError) error = NULL;
    GThread *thread = g_thread_new ("cancel", cancel_soon, &cancel);

    if (!video_generator_sample (g, i % 3, NULL, NULL, &error)) {
      g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
      cancelled++;
    }
    g_thread_join (thread);
    video_generator_uncancel (g);
    sample (g, i % 3);
    assert_chunk (g, all, i % 3);
  }
  g_test_message ("%u of 30 cancelled", cancelled);
}

/* In the middle of decoding: the decoder's state has to be found again. */
static void
test_cancel_decoding (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  g_autoptr (GByteArray) all = play_alone (&lcm, 4);
  g_autoptr (GError) error = NULL;

  configure (g, &lcm);
  sample (g, 2);
  g_assert_true (video_generator_next_frame (g, NULL, OCL_MATRIX_BT601, NULL));
  video_generator_cancel (g);
  g_assert_false (video_generator_next_frame (g, NULL, OCL_MATRIX_BT601,
          &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
  video_generator_uncancel (g);
  g_assert_false (video_generator_next_frame (g, NULL, OCL_MATRIX_BT601, NULL));
  sample (g, 2);
  assert_chunk (g, all, 2);
  sample (g, 3);
  assert_chunk (g, all, 3);
}

/* A prompt takes effect with the next chunk, and one taken back has none. */
static void
test_prompt (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  g_autoptr (GByteArray) all = play_alone (&lcm, 4);
  g_autofree guint8 *frames = NULL;
  VideoSettings cat = lcm;
  Cancel cancel = { g, 1 };
  guint n;

  cat.prompt = "a cat";
  configure (g, &lcm);
  sample (g, 0);
  configure (g, &cat);
  assert_chunk (g, all, 0);
  configure (g, &lcm);
  sample (g, 1);
  assert_chunk (g, all, 1);

  configure (g, &cat);
  sample (g, 2);
  frames = read_frames (g, WIDTH, HEIGHT, &n);
  g_assert_true (memcmp (frames, all->data + (FIRST + LATER) * SIZE,
          LATER * SIZE) != 0);

  /* the same with a cancel after what is remembered was made anew */
  configure (g, &lcm);
  sample (g, 1);
  configure (g, &cat);
  assert_cancelled (g, 2, cancel_at, &cancel);
  sample (g, 2);
  g_clear_pointer (&all, g_byte_array_unref);
  all = g_byte_array_new ();
  g_byte_array_set_size (all, (FIRST + LATER) * SIZE);
  g_byte_array_append (all, frames, LATER * SIZE);
  assert_chunk (g, all, 2);
}

/* Events take effect as prompts do that are set one after the other. */
static void
test_storyboard (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  g_autoptr (VideoGenerator) other = open_stream ();
  VideoSettings story = lcm, one = lcm;
  g_autoptr (GByteArray) all = NULL;

  story.prompt = "0s: a dog; 1s: a cat; 2.5s: a dog";
  configure (g, &story);
  all = play (g, 5);
  for (guint k = 0; k < 5; k++) {
    one.prompt = video_generator_get_prompt (g, k);
    configure (other, &one);
    sample (other, k);
    assert_chunk (other, all, k);
  }
  g_assert_cmpstr (video_generator_get_prompt (g, 2), ==, "a cat");
  sample (g, 3);
  assert_chunk (g, all, 3);
}

/* The stream ends with its size; its index goes on. */
static void
test_size (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  g_autoptr (GByteArray) all = play_alone (&lcm, 3);
  VideoSettings other = lcm;
  g_autofree guint8 *frames = NULL;
  guint n;

  configure (g, &lcm);
  sample (g, 0);
  other.width = HEIGHT;
  configure (g, &other);
  sample (g, 1);
  frames = read_frames (g, HEIGHT, HEIGHT, &n);
  g_assert_cmpuint (n, ==, FIRST);
  sample (g, 2);
  g_free (read_frames (g, HEIGHT, HEIGHT, &n));
  g_assert_cmpuint (n, ==, LATER);

  other = lcm;
  other.chunk_frames = 1;
  configure (g, &other);
  sample (g, 3);
  g_free (read_frames (g, WIDTH, HEIGHT, &n));
  g_assert_cmpuint (n, ==, 1);
  sample (g, 4);
  g_free (read_frames (g, WIDTH, HEIGHT, &n));
  g_assert_cmpuint (n, ==, 4);

  configure (g, &lcm);
  sample (g, 2);
  assert_chunk (g, all, 2);
}

/* However long the stream. */
static void
test_memory (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  VideoSettings settings = lcm;
  guint64 used = 0;
  guint n;

  settings.steps = 1;
  for (guint k = 0; k < 50; k++) {
    settings.prompt = k / 10 % 2 ? "a cat" : "a dog";
    configure (g, &settings);
    sample (g, k);
    g_free (read_frames (g, WIDTH, HEIGHT, &n));
    if (k == 13)                /* all that is asked for has been once */
      used = memory_used (g);
    if (k >= 13)
      g_assert_cmpuint (memory_used (g), <=, used);
  }
}

static void
test_settings (void)
{
  g_autoptr (VideoGenerator) g = open_stream ();
  const guint good[] = { 0, 1, 5, 9, 13 }, bad[] = { 6, 17, 4000000001 };
  VideoSettings settings = lcm;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    settings.chunk_frames = good[i];
    configure (g, &settings);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    settings.chunk_frames = bad[i];
    g_assert_false (video_generator_configure (g, &settings, NULL, &error));
    g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  }
}

/* Without a past, and with nothing but a sink as one. */
static void
test_narrow (gconstpointer json)
{
  g_autofree char *directory = copy_pipeline ("causal21");
  g_autofree char *path = g_build_filename (directory, "dit_config.json", NULL);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (VideoGenerator) g = NULL;
  g_autoptr (GByteArray) all = NULL;
  VideoSettings other = lcm;

  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  g = open_with (&options);
  configure (g, &lcm);
  all = play (g, 4);
  sample (g, 2);
  assert_chunk (g, all, 2);
  other.prompt = "a cat";
  configure (g, &other);
  sample (g, 3);
  remove_copy (directory);
}

/* Later chunks would go on from what is no number. */
static void
test_nan (void)
{
  g_autofree char *directory = copy_pipeline ("causal21");
  g_autofree char *path = g_build_filename (directory,
      "transformer/diffusion_pytorch_model.safetensors", NULL);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (VideoGenerator) g = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  memset (bytes + length - 400, 0xff, 400);
  g_assert_true (g_file_set_contents (path, bytes, length, NULL));
  g = open_with (&options);
  configure (g, &lcm);
  for (guint k = 0; k < 2; k++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (video_generator_sample (g, k, NULL, NULL, &error));
    g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_NUMERIC);
  }
  remove_copy (directory);
}

/* ---- configurations that are none ------------------------------------------------------ */

static const struct
{
  const char *name, *json, *says;
  const char *pipeline;         /* NULL: wan21 */
} hostile[] = {
  {"negative-block", "{\"causal_block\": -1}", "\"causal_block\""},
  {"negative-window", "{\"causal_block\": 1, \"causal_window\": -3}",
      "\"causal_window\""},
  {"no-window", "{\"causal_block\": 1, \"causal_window\": 0}",
      "\"causal_window\""},
  {"negative-sink", "{\"causal_block\": 1, \"causal_sink\": -1}",
      "\"causal_sink\""},
  {"absurd-block", "{\"causal_block\": 2147483648}", "\"causal_block\""},
  {"absurd-window", "{\"causal_block\": 1, \"causal_window\": 1e300}",
      "\"causal_window\""},
  {"absurd-sink", "{\"causal_block\": 1, \"causal_sink\": "
        "9223372036854775807}", "\"causal_sink\""},
  {"long-block", "{\"causal_block\": 5, \"causal_window\": 4}",
      "more than \"causal_window\", 4"},
  {"long-for-the-clip", "{\"causal_block\": 5, \"num_frames\": 13}",
      "blocks of 5 latent frames in a window of 4"},
  {"timestep", "{\"causal_block\": 1, \"causal_context_timestep\": 1001}",
      "\"causal_context_timestep\""},
  {"text", "{\"causal_block\": \"3\"}", "\"causal_block\""},
  {"odd-block", "{\"causal_block\": 3, \"causal_window\": 8}",
      "multiples of 2", "wan21-patch"},
  {"odd-window", "{\"causal_block\": 2, \"causal_window\": 7}",
      "multiples of 2", "wan21-patch"},
  {"odd-sink", "{\"causal_block\": 2, \"causal_window\": 8, "
        "\"causal_sink\": 1}", "multiples of 2", "wan21-patch"}
};

static void
test_hostile (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *directory =
      copy_pipeline (hostile[i].pipeline ? hostile[i].pipeline : "wan21");
  g_autofree char *path = g_build_filename (directory, "dit_config.json", NULL);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, hostile[i].json, -1, NULL));
  g_assert_null (video_generator_open (&options, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_READ);
  g_assert_nonnull (strstr (error->message, hostile[i].says));
  remove_copy (directory);
}

/* As much as may be said is too much for the memory, and no more than that. */
static void
test_too_much (void)
{
  g_autofree char *directory = copy_pipeline ("wan21");
  g_autofree char *path = g_build_filename (directory, "dit_config.json", NULL);
  const VideoOpenOptions options = {
    .model = directory,.device = "cpu",.memory_limit = 64 << 20
  };
  g_autoptr (VideoGenerator) g = NULL;
  VideoSettings settings = lcm;
  g_autoptr (GError) error = NULL;

  settings.width = settings.height = 256;
  g_assert_true (g_file_set_contents (path, "{\"causal_block\": 2, "
          "\"causal_window\": 4096, \"causal_sink\": 4096}", -1, NULL));
  g = open_with (&options);
  configure (g, &settings);
  g_assert_false (video_generator_sample (g, 0, NULL, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_MEMORY);
  remove_copy (directory);
}

/* ---- all --------------------------------------------------------------------- */

static void
add (const char *group, const char *name, gconstpointer data,
    GTestDataFunc func)
{
  g_autofree char *path = g_strconcat ("/stream/", group, "/", name, NULL);

  g_test_add_data_func (path, data, func);
}

int
main (int argc, char **argv)
{
  static const char *const pipelines[] = {
    "causal21", "causal22", "causal-patch", "causal-ti2v", "causal-kept"
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pipelines); i++) {
    add ("packed", pipelines[i], pipelines[i], test_packed);
    add ("clblast", pipelines[i], pipelines[i], test_clblast);
  }
  g_test_add_func ("/stream/info", test_info);
  g_test_add_func ("/stream/seek", test_seek);
  g_test_add_func ("/stream/starts-over", test_starts_over);
  g_test_add_func ("/stream/cancel", test_cancel);
  g_test_add_func ("/stream/cancel-anywhere", test_cancel_anywhere);
  g_test_add_func ("/stream/cancel-decoding", test_cancel_decoding);
  g_test_add_func ("/stream/prompt", test_prompt);
  g_test_add_func ("/stream/storyboard", test_storyboard);
  g_test_add_func ("/stream/size", test_size);
  g_test_add_func ("/stream/memory", test_memory);
  g_test_add_func ("/stream/settings", test_settings);
  add ("narrow", "no-past", "{\"causal_block\": 2, \"causal_window\": 2}",
      test_narrow);
  add ("narrow", "sink", "{\"causal_block\": 2, \"causal_window\": 2, "
      "\"causal_sink\": 3}", test_narrow);
  g_test_add_func ("/stream/nan", test_nan);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    add ("hostile", hostile[i].name, GUINT_TO_POINTER (i), test_hostile);
  g_test_add_func ("/stream/too-much", test_too_much);
  return g_test_run ();
}

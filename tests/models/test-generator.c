/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-generator.c: whole pipelines against what diffusers' WanPipeline makes
 * of the same prompts and seeds; what a generator promises beside that; and
 * checkpoints that are none. */

#include <string.h>
#include <glib/gstdio.h>

#include "models/video/generator-private.h"
#include "models/video/sampler.h"
#include "generator-test.h"

/* A pipeline's frames, as 8-bit RGB, against the reference rounded as diffusers
 * rounds it. */
#define LEAST_PSNR 60.0

static const char *const pipelines[] = {
  "wan21", "wan21-small", "wan21-patch", "wan21-uneven", "wan22-ti2v",
  "wan22-plain", "upscaled22", "adapted22"
};

/* ---- against diffusers ------------------------------------------------------------ */

/* @expected: [n, 3, height, width] in 0 ... 1 */
static double
psnr (const guint8 * frames, const OclHostArray * expected)
{
  const float *values = expected->data;
  gsize n = expected->dims[0], area = expected->dims[2] * expected->dims[3];
  double sum = 0;

  for (gsize f = 0; f < n; f++)
    for (gsize c = 0; c < 3; c++)
      for (gsize i = 0; i < area; i++) {
        double wanted = rint (values[(f * 3 + c) * area + i] * 255.0);
        double d = frames[(f * area + i) * 3 + c] - wanted;

        sum += d * d;
      }
  return sum > 0 ? 10 * log10 (255.0 * 255.0 * n * 3 * area / sum) : INFINITY;
}

static void
check_run (VideoGenerator * g, const char *pipeline, TensorStore * reference,
    guint i)
{
  g_autoptr (JsonObject) s = golden_settings (pipeline, "run", i);
  OclHostArray expected = golden_get (reference, "run", i, "frames", 4);
  const VideoSettings settings = {
    .prompt = json_object_get_string_member (s, "prompt"),
    .negative_prompt = json_object_get_string_member (s, "negative"),
    .width = json_object_get_int_member (s, "width"),
    .height = json_object_get_int_member (s, "height"),
    .chunk_frames = json_object_get_int_member (s, "frames"),
    .steps = json_object_get_int_member (s, "steps"),
    .guidance_scale = json_object_get_double_member (s, "guidance"),
    .flow_shift = json_object_get_double_member (s, "shift"),
    .sampler = g_str_equal (json_object_get_string_member (s, "sampler"),
        "euler") ? VIDEO_SAMPLER_EULER : VIDEO_SAMPLER_UNIPC,
    .seed = json_object_get_int_member (s, "seed")
  };
  g_autofree guint8 *frames = NULL;
  double quality;
  guint n;

  configure (g, &settings);
  sample (g, 0);
  frames = read_frames (g, settings.width, settings.height, &n);
  g_assert_cmpuint (n, ==, expected.dims[0]);
  quality = psnr (frames, &expected);
  g_test_message ("run %u: %.1f dB", i, quality);
  g_assert_cmpfloat (quality, >=, LEAST_PSNR);
}

static void
test_runs (const char *pipeline, OclGemm gemm)
{
  g_autoptr (VideoGenerator) g = open_pipeline (pipeline, gemm);
  g_autoptr (TensorStore) reference = golden_reference (pipeline);

  for (guint i = 0; golden_has (reference, "run", i, "frames"); i++)
    check_run (g, pipeline, reference, i);
}

/* The native size and the upscaling VAE's have the same latents, so that only the
 * decoder changes. */
static void
test_upscaled (void)
{
  static const guint order[] = { 2, 0, 2, 0 };
  g_autoptr (VideoGenerator) g = open_pipeline ("upscaled22", OCL_GEMM_AUTO);
  g_autoptr (TensorStore) reference = golden_reference ("upscaled22");

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    check_run (g, "upscaled22", reference, order[i]);
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

#define SIZE 32

static const VideoSettings small = {
  .prompt = "a dog",.width = SIZE,.height = SIZE,.chunk_frames = 9,
  .steps = 2,.guidance_scale = 3,.seed = 5
};

/* Chunks are pure functions of their index, in any order; others of it, of the
 * prompt and of the seed are other frames. */
static void
test_chunks (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings next = small;
  gsize size = 9 * SIZE * SIZE * 3;
  g_autofree guint8 *first = NULL, *second = NULL, *again = NULL;
  g_autofree guint8 *other = NULL;
  guint n;

  configure (g, &small);
  sample (g, 0);
  first = read_frames (g, SIZE, SIZE, &n);
  g_assert_cmpuint (n, ==, 9);
  sample (g, 1);
  second = read_frames (g, SIZE, SIZE, &n);
  g_assert_cmpint (memcmp (first, second, size), !=, 0);

  /* not read to its end */
  sample (g, 2);
  g_assert_true (video_generator_next_frame (g, NULL, OCL_MATRIX_BT601, NULL));
  sample (g, 0);
  again = read_frames (g, SIZE, SIZE, &n);
  g_assert_cmpmem (first, size, again, size);

  next.seed = small.seed + 1;
  configure (g, &next);
  sample (g, 0);
  g_clear_pointer (&again, g_free);
  again = read_frames (g, SIZE, SIZE, &n);
  g_assert_cmpmem (second, size, again, size);

  next = small;
  next.prompt = "a cat";
  configure (g, &next);
  sample (g, 0);
  other = read_frames (g, SIZE, SIZE, &n);
  g_assert_cmpint (memcmp (first, other, size), !=, 0);
}

/* 0 is the negative prompt alone, 1 the prompt alone, and between them is neither. */
static void
test_loose_guidance (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings dog = small, cat = small;
  gsize size = 9 * SIZE * SIZE * 3;
  g_autofree guint8 *frames[4] = { NULL };
  guint n;

  dog.negative_prompt = cat.prompt = "a cat";
  cat.guidance_scale = 1;
  for (guint i = 0; i < 4; i++) {
    dog.guidance_scale = i * 0.5;
    configure (g, i < 3 ? &dog : &cat);
    sample (g, 0);
    frames[i] = read_frames (g, SIZE, SIZE, &n);
  }
  g_assert_cmpmem (frames[0], size, frames[3], size);
  g_assert_cmpint (memcmp (frames[1], frames[0], size), !=, 0);
  g_assert_cmpint (memcmp (frames[1], frames[2], size), !=, 0);
  g_assert_cmpint (memcmp (frames[2], frames[0], size), !=, 0);
}

/* The chunk at hand is not sampled again, unless something changed. */
static void
test_starts_over (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings next = small;
  gsize size = 9 * SIZE * SIZE * 3;
  g_autofree guint8 *first = NULL, *again = NULL;
  guint n;

  configure (g, &small);
  g_assert_cmpuint (steps_of (g, 0), ==, 2);
  first = read_frames (g, SIZE, SIZE, &n);
  configure (g, &small);
  g_assert_cmpuint (steps_of (g, 0), ==, 0);
  again = read_frames (g, SIZE, SIZE, &n);
  g_assert_cmpuint (n, ==, 9);
  g_assert_cmpmem (first, size, again, size);
  g_assert_cmpuint (steps_of (g, 1), ==, 2);
  g_assert_cmpuint (steps_of (g, 0), ==, 2);

  next.prompt = "a cat";
  configure (g, &next);
  g_assert_cmpuint (steps_of (g, 0), ==, 2);
  next.negative_prompt = "a cow";
  configure (g, &next);
  g_assert_cmpuint (steps_of (g, 0), ==, 2);
  next.steps = 3;
  configure (g, &next);
  g_assert_cmpuint (steps_of (g, 0), ==, 3);
  next.seed++;
  configure (g, &next);
  g_assert_cmpuint (steps_of (g, 0), ==, 3);
  g_assert_cmpuint (steps_of (g, 0), ==, 0);
}

/* Once the decoder has all its pasts (from the third latent frame on), the
 * frames that follow cost nothing. */
static void
test_long_chunk (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  guint64 used = 0;

  settings.chunk_frames = 61;
  settings.steps = 1;
  configure (g, &settings);
  sample (g, 0);
  for (guint i = 0; i < settings.chunk_frames; i++) {
    g_assert_true (video_generator_next_frame (g, NULL, OCL_MATRIX_BT601,
            NULL));
    if (i < 12)
      used = memory_used (g);
    g_assert_cmpuint (memory_used (g), ==, used);
  }
}

/* One chunk after the other takes no more memory than the first. */
static void
test_memory (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  guint64 used;
  guint n;

  configure (g, &settings);
  sample (g, 0);
  g_free (read_frames (g, SIZE, SIZE, &n));
  used = memory_used (g);
  for (guint chunk = 1; chunk < 6; chunk++) {
    sample (g, chunk);
    g_free (read_frames (g, SIZE, SIZE, &n));
  }
  g_assert_cmpuint (memory_used (g), ==, used);
}

static gpointer
cancel_soon (gpointer g)
{
  g_usleep (20000);
  video_generator_cancel (g);
  return NULL;
}

/* A cancel in mid-step ends it; after an uncancel everything is as before. */
static void
test_cancel (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  g_autoptr (GError) error = NULL;
  GThread *thread;
  guint n;

  settings.steps = 1000;
  configure (g, &settings);
  thread = g_thread_new ("cancel", cancel_soon, g);
  g_assert_false (video_generator_sample (g, 0, NULL, NULL, &error));
  g_thread_join (thread);
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (video_generator_sample (g, 0, NULL, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);

  video_generator_uncancel (g);
  settings.steps = 2;
  configure (g, &settings);
  sample (g, 0);
  g_free (read_frames (g, SIZE, SIZE, &n));
  g_assert_cmpuint (n, ==, 9);
}

static void
test_settings (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  g_autofree char *long_prompt = g_strnfill (1 << 20, 'a');
  VideoPromptReport report = { VIDEO_TRUNCATED_PROMPT, NULL };
  VideoSettings wrong[6];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    wrong[i] = small;
  wrong[0].width = 40;
  wrong[1].chunk_frames = 8;
  wrong[2].guidance_scale = NAN;
  wrong[3].prompt = "\xff";
  wrong[4].width = 1 << 30;
  wrong[5].chunk_frames = 4000000001;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_assert_false (video_generator_configure (g, &wrong[i], NULL, &error));
    g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
    g_clear_error (&error);
  }

  g_assert_true (video_generator_configure (g, &small, &report, NULL));
  g_assert_cmpuint (report.truncated, ==, 0);
  wrong[0] = small;
  for (gsize i = 3; i < 1 << 20; i += 4)
    long_prompt[i] = ' ';
  wrong[0].prompt = long_prompt;
  g_assert_true (video_generator_configure (g, &wrong[0], &report, NULL));
  g_assert_cmpuint (report.truncated, ==, VIDEO_TRUNCATED_PROMPT);
  wrong[0].prompt = NULL;
  wrong[0].negative_prompt = long_prompt;
  g_assert_true (video_generator_configure (g, &wrong[0], &report, NULL));
  g_assert_cmpuint (report.truncated, ==, VIDEO_TRUNCATED_NEGATIVE_PROMPT);
  wrong[0].prompt = long_prompt;
  g_assert_true (video_generator_configure (g, &wrong[0], &report, NULL));
  g_assert_cmpuint (report.truncated, ==, VIDEO_TRUNCATED_PROMPT
      | VIDEO_TRUNCATED_NEGATIVE_PROMPT);
  /* without guidance nobody reads it */
  wrong[0].guidance_scale = 1;
  g_assert_true (video_generator_configure (g, &wrong[0], &report, NULL));
  g_assert_cmpuint (report.truncated, ==, VIDEO_TRUNCATED_PROMPT);
}

/* ---- broken checkpoints ----------------------------------------------------------- */

typedef struct
{
  const char *name;
  const char *path;             /* the file that is damaged */
  const char *replace;          /* text that is replaced in it, NULL: all */
  const char *by;               /* NULL: it is cut instead */
  gsize keep;                   /* bytes kept of it; 0: removed */
  VideoError code;
  const char *says;             /* part of the message */
  const char *pipeline;         /* NULL: wan21 */
} Damage;

/* A tensor of float32 that claims to be of integers; MODULE/NAME.safetensors. */
#define MISTYPED(name, path, tensor) \
  {name, path ".safetensors", "\"" tensor "\":{\"dtype\":\"F32\"", \
    "\"" tensor "\":{\"dtype\":\"I32\"", 0, VIDEO_ERROR_UNSUPPORTED, \
    path ".safetensors: tensor \"" tensor "\" is of type I32, expected F32, " \
    "F16, BF16, I8, F8_E4M3 or F8_E5M2"}
#define SHARD "-00002-of-00003.safetensors"

static const Damage damages[] = {
  {"no-index", "model_index.json", NULL, NULL, 0, VIDEO_ERROR_NOT_FOUND,
      "model_index.json"},
  {"other-class", "model_index.json", "WanPipeline", "FluxPipeline", 0,
      VIDEO_ERROR_UNSUPPORTED, "FluxPipeline"},
  {"no-config", "transformer/config.json", NULL, NULL, 0,
      VIDEO_ERROR_NOT_FOUND, "transformer/config.json"},
  {"half-config", "transformer/config.json", NULL, NULL, 40,
      VIDEO_ERROR_READ, "transformer/config.json"},
  {"other-adapter", "transformer/pytorch_lora_weights.safetensors", NULL,
      "not tensors", 0, VIDEO_ERROR_READ, "pytorch_lora_weights.safetensors"},
  {"no-weights", "vae/diffusion_pytorch_model.safetensors", NULL, NULL, 0,
      VIDEO_ERROR_NOT_FOUND, "vae"},
  {"half-upscaling", "vae_upscale/diffusion_pytorch_model.safetensors", NULL,
      NULL, 20000, VIDEO_ERROR_READ, "vae_upscale", "upscaled22"},
  {"truncated", "transformer/diffusion_pytorch_model.safetensors", NULL, NULL,
      20000, VIDEO_ERROR_READ, "diffusion_pytorch_model.safetensors"},
  {"no-tokenizer", "tokenizer/spiece.model", NULL, NULL, 0,
      VIDEO_ERROR_NOT_FOUND, "spiece.model"},
  {"half-tokenizer", "tokenizer/spiece.model", NULL, NULL, 1000,
      VIDEO_ERROR_READ, "spiece.model"},
  {"wrong-shape", "transformer/config.json", "\"ffn_dim\": ",
      "\"ffn_dim\": 1", 0, VIDEO_ERROR_READ, "ffn"},
  {"other-sampler", "scheduler/scheduler_config.json",
        "UniPCMultistepScheduler", "DDIMScheduler", 0, VIDEO_ERROR_UNSUPPORTED,
      "DDIMScheduler"},
  MISTYPED ("mistyped-linear", "transformer/diffusion_pytorch_model",
      "blocks.0.attn1.to_q.weight"),
  MISTYPED ("mistyped-bias", "transformer/diffusion_pytorch_model",
      "blocks.0.attn1.to_q.bias"),
  MISTYPED ("mistyped-vector", "transformer/diffusion_pytorch_model",
      "blocks.0.attn1.norm_q.weight"),
  MISTYPED ("mistyped-patches", "transformer/diffusion_pytorch_model",
      "patch_embedding.weight"),
  MISTYPED ("mistyped-vae", "vae/diffusion_pytorch_model",
      "post_quant_conv.weight"),
  MISTYPED ("mistyped-vae-bias", "vae/diffusion_pytorch_model",
      "post_quant_conv.bias"),
  MISTYPED ("mistyped-vae-conv", "vae/diffusion_pytorch_model",
      "decoder.conv_in.weight"),
  MISTYPED ("mistyped-vae-gamma", "vae/diffusion_pytorch_model",
      "decoder.norm_out.gamma"),
  {"long-text", "dit_config.json", NULL, "{\"text_len\": 4097}", 0,
      VIDEO_ERROR_READ, "\"text_len\" is 4097, expected 1 to 4096"},
  {"words-outside", "dit_config.json", NULL, "{\"words\": \"../words.txt\"}", 0,
      VIDEO_ERROR_READ, "\"words\" leads elsewhere, expected the name of a "
        "file in the same directory"},
  {"no-words", "dit_config.json", NULL, "{\"words\": \"words.txt\"}", 0,
      VIDEO_ERROR_NOT_FOUND, "words.txt"},
  {"numbered-action", "dit_config.json", NULL, "{\"actions\": {\"left\": 1}}",
        0,
      VIDEO_ERROR_READ, "\"actions\" has something else under \"left\""},
  {"no-shard", "transformer/diffusion_pytorch_model" SHARD, NULL, NULL, 0,
        VIDEO_ERROR_NOT_FOUND, "transformer/diffusion_pytorch_model" SHARD,
      "wan22-ti2v"},
  {"half-shard", "transformer/diffusion_pytorch_model" SHARD, NULL, NULL,
        10000, VIDEO_ERROR_READ, "diffusion_pytorch_model" SHARD ": truncated",
      "wan22-ti2v"},
};

/* The text encoder is opened when a prompt needs it. */
static const Damage late_damages[] = {
  {"no-weights", "text_encoder/model.safetensors", NULL, NULL, 0,
      VIDEO_ERROR_NOT_FOUND, "text_encoder"},
  {"short-distance", "text_encoder/config.json",
        "\"relative_attention_max_distance\": 128",
        "\"relative_attention_max_distance\": 8", 0, VIDEO_ERROR_READ,
      "\"relative_attention_max_distance\" is 8, expected more than a quarter "
        "of \"relative_attention_num_buckets\", 32"},
  MISTYPED ("mistyped-table", "text_encoder/model", "shared.weight"),
  MISTYPED ("mistyped-linear", "text_encoder/model",
      "encoder.block.0.layer.0.SelfAttention.k.weight"),
  {"no-shard", "text_encoder/model" SHARD, NULL, NULL, 0,
      VIDEO_ERROR_NOT_FOUND, "text_encoder/model" SHARD, "wan22-ti2v"},
  {"half-shard", "text_encoder/model" SHARD, NULL, NULL, 10000,
      VIDEO_ERROR_READ, "model" SHARD ": truncated", "wan22-ti2v"},
};

/* @text of @length bytes, any, with @by for each @part. */
static void
replace_bytes (char **text, gsize * length, const char *part, const char *by)
{
  GString *out = g_string_new (NULL);
  gsize n = strlen (part), i = 0;

  while (i < *length)
    if (*length - i >= n && memcmp (*text + i, part, n) == 0) {
      g_string_append (out, by);
      i += n;
    } else {
      g_string_append_c (out, (*text)[i++]);
    }
  /* a part that was not there leaves all as it was */
  g_assert_false (out->len == *length
      && memcmp (out->str, *text, out->len) == 0);
  g_free (*text);
  *length = out->len;
  *text = g_string_free (out, FALSE);
}

static void
damage_file (const char *directory, const Damage * d)
{
  g_autofree char *path = g_build_filename (directory, d->path, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (!d->replace && d->by) {
    g_assert_true (g_file_set_contents (path, d->by, -1, NULL));
    return;
  }
  if (!d->replace && d->keep == 0) {
    g_assert_cmpint (g_unlink (path), ==, 0);
    return;
  }
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  if (d->replace) {
    replace_bytes (&text, &length, d->replace, d->by);
  } else {
    g_assert_cmpuint (d->keep, <, length);
    length = d->keep;
  }
  g_assert_true (g_file_set_contents (path, text, length, NULL));
}

static void
assert_says (const GError * error, const Damage * d)
{
  g_test_message ("%s", error->message);
  g_assert_error (error, VIDEO_ERROR, (int) d->code);
  g_assert_nonnull (strstr (error->message, d->says));
}

static char *
damaged_pipeline (const Damage * d)
{
  char *directory = copy_pipeline (d->pipeline ? d->pipeline : "wan21");

  damage_file (directory, d);
  return directory;
}

static void
test_damage (gconstpointer data)
{
  g_autofree char *directory = damaged_pipeline (data);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_open (&options, &error));
  assert_says (error, data);
  remove_copy (directory);
}

static void
test_late_damage (gconstpointer data)
{
  g_autofree char *directory = damaged_pipeline (data);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (VideoGenerator) g = open_with (&options);
  g_autoptr (GError) error = NULL;

  g_assert_false (video_generator_configure (g, &small, NULL, &error));
  assert_says (error, data);
  remove_copy (directory);
}

/* ---- other checkpoints ------------------------------------------------------------ */

typedef struct
{
  const char *name;
  guint n_dims;
  gsize dims[OCL_MAX_DIMS];
} Shape;

static void
append_entry (GString * header, const Shape * shape, gsize * end)
{
  gsize begin = *end, count = 1;

  g_string_append_printf (header, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[",
      begin > 0 ? "," : "", shape->name);
  for (guint i = 0; i < shape->n_dims; i++) {
    g_string_append_printf (header, "%s%" G_GSIZE_FORMAT, i > 0 ? "," : "",
        shape->dims[i]);
    count *= shape->dims[i];
  }
  *end += count * sizeof (float);
  g_string_append_printf (header, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%"
      G_GSIZE_FORMAT "]}", begin, *end);
}

/* A file of tensors that are 0. */
static void
write_zeros (const char *path, const Shape * shapes, guint n)
{
  GString *text = g_string_new ("{");
  guint64 length;
  gsize size = 0;

  for (guint i = 0; i < n; i++)
    append_entry (text, &shapes[i], &size);
  g_string_append_c (text, '}');
  length = GUINT64_TO_LE (text->len);
  g_string_prepend_len (text, (const char *) &length, sizeof length);
  length = text->len;
  g_string_set_size (text, length + size);
  memset (text->str + length, 0, size);
  g_assert_true (g_file_set_contents (path, text->str, text->len, NULL));
  g_string_free (text, TRUE);
}

static gboolean
is_among (const char *name, const Shape * shapes, guint n)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (shapes[i].name, name))
      return TRUE;
  return FALSE;
}

/* Puts zeros of other shapes in the place of tensors of DIRECTORY/PART/NAME: in a
 * shard of their own. */
static void
replace_tensors (const char *directory, const char *part, const char *name,
    const Shape * shapes, guint n)
{
  g_autofree char *single = g_strdup_printf ("%s/%s/%s.safetensors", directory,
      part, name);
  g_autofree char *index = g_strconcat (single, ".index.json", NULL);
  g_autofree char *old = g_build_filename (directory, part, "old", NULL);
  g_autofree char *new = g_build_filename (directory, part, "new", NULL);
  g_autoptr (TensorStore) store = tensor_store_open_file (single, NULL);
  const char *const *names = tensor_store_get_names (store);
  g_autoptr (GString) map = g_string_new ("{\"weight_map\":{");

  for (guint i = 0; names[i]; i++)
    g_string_append_printf (map, "%s\"%s\":\"%s\"", i > 0 ? "," : "",
        names[i], is_among (names[i], shapes, n) ? "new" : "old");
  g_string_append (map, "}}");
  g_assert_true (g_file_set_contents (index, map->str, -1, NULL));
  write_zeros (new, shapes, n);
  g_assert_cmpint (g_rename (single, old), ==, 0);
}

/* wan21 with patches of @height x @width */
static char *
other_patches (guint height, guint width)
{
  const gsize area = (gsize) height * width;
  const Shape shapes[] = {
    {"patch_embedding.weight", 5, {64, 16, 1, height, width}},
    {"proj_out.weight", 2, {16 * area, 64}},
    {"proj_out.bias", 1, {16 * area}}
  };
  g_autofree char *config = g_strdup_printf ("1,\n  %u,\n  %u", height, width);
  const Damage other = {
    .path = "transformer/config.json",.replace = "1,\n  2,\n  2",.by = config
  };
  char *directory = copy_pipeline ("wan21");

  damage_file (directory, &other);
  replace_tensors (directory, "transformer", "diffusion_pytorch_model", shapes,
      G_N_ELEMENTS (shapes));
  return directory;
}

/* Sizes are whole patches on either side. */
static void
test_uneven_patches (void)
{
  g_autofree char *directory = other_patches (2, 3);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (VideoGenerator) g = open_with (&options);
  const VideoInfo *info = video_generator_get_info (g);
  VideoSettings settings = small;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (info->size_multiple, ==, 48);
  g_assert_cmpuint (info->width, ==, 816);
  g_assert_cmpuint (info->height, ==, 480);
  settings.width = settings.height = 24;
  g_assert_false (video_generator_configure (g, &settings, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  settings.width = settings.height = 48;
  configure (g, &settings);
  sample (g, 0);
  remove_copy (directory);
}

static void
test_large_patches (void)
{
  g_autofree char *directory = other_patches (15, 16);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_open (&options, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message,
          "patches of 15 x 16: sizes would be "
          "multiples of 1920, supported are at most 1024"));
  remove_copy (directory);
}

/* An upscaling VAE that makes no larger pictures than the other. */
static void
test_upscales_nothing (void)
{
  g_autofree char *directory = copy_pipeline ("upscaled22");
  g_autofree char *command =
      g_strdup_printf ("cp -r '%s/vae/.' '%s/vae_upscale'", directory,
      directory);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (GError) error = NULL;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_assert_null (video_generator_open (&options, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "vae_upscale: makes 8 x 8 pixels "
          "and 2 frames of 6 channels, vae/ 8 x 8 and 2 of 6"));
  remove_copy (directory);
}

/* What the checkpoint wants becomes what its model takes. */
static void
test_native (void)
{
  static const struct
  {
    const char *pipeline;
    guint wanted[3], had[3];    /* width, height, frames */
  } cases[] = {
    {"wan21", {830, 470, 80}, {832, 464, 81}},
    {"wan21", {1, 16384, 1}, {16, 16384, 1}},
    {"wan21-patch", {840, 480, 81}, {848, 480, 85}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *directory = copy_pipeline (cases[i].pipeline);
    g_autofree char *config = g_strdup_printf ("{\"width\": %u, "
        "\"height\": %u, \"num_frames\": %u}", cases[i].wanted[0],
        cases[i].wanted[1], cases[i].wanted[2]);
    const Damage native = {.path = "dit_config.json",.by = config };
    const VideoOpenOptions options = {.model = directory,.device = "cpu" };
    const VideoSettings settings = {.prompt = "a dog" };
    g_autoptr (VideoGenerator) g = NULL;
    const VideoInfo *info;

    damage_file (directory, &native);
    g = open_with (&options);
    info = video_generator_get_info (g);
    g_assert_cmpuint (info->width, ==, cases[i].had[0]);
    g_assert_cmpuint (info->height, ==, cases[i].had[1]);
    g_assert_cmpuint (info->chunk_frames, ==, cases[i].had[2]);
    configure (g, &settings);
    remove_copy (directory);
  }
}

/* The latents after each of three steps of Euler's, and what is put in their
 * place after the first. */
typedef struct
{
  VideoGenerator *g;
  gsize n;
  float *after[3];              /* [n] each */
  const float *instead;         /* or NULL */
} Steps;

static void
note_step (guint step, guint of, gpointer data)
{
  Steps *steps = data;
  VideoGenerator *g = steps->g;

  g_assert_cmpuint (of, ==, G_N_ELEMENTS (steps->after));
  if (step == 1 && steps->instead)
    memcpy (g->latents, steps->instead, steps->n * sizeof (float));
  steps->after[step - 1] = g_memdup2 (g->latents, steps->n * sizeof (float));
}

static void
take_steps (const char *directory, Steps * steps)
{
  const VideoOpenOptions options = {
    .model = directory,.device = "cpu",.precision = OCL_PRECISION_FLOAT32
  };
  g_autoptr (VideoGenerator) g = open_with (&options);
  VideoSettings settings = small;
  g_autoptr (GError) error = NULL;

  settings.steps = G_N_ELEMENTS (steps->after);
  settings.sampler = VIDEO_SAMPLER_EULER;
  settings.flow_shift = 3;
  configure (g, &settings);
  video_generator_take_size (g);
  steps->g = g;
  steps->n = (gsize) transformer_get_channels (g->transformer)
      * g->latent_frames * g->latent_height * g->latent_width;
  video_generator_sample (g, 0, note_step, steps, &error);
  g_assert_no_error (error);
}

/* From the same latents x, the second step with velocity_skip goes where the
 * formula says, given where the step without goes. */
static void
test_velocity_skip (void)
{
  g_autofree char *directory = copy_pipeline ("wan21");
  const Damage native = {.path = "dit_config.json",
    .by = "{\"velocity_skip\": true}"
  };
  g_autofree char *plain_directory = golden_path ("wan21", NULL);
  const float shift = 3;
  Steps skip = { NULL }, plain = { NULL };
  double sigma[3], d, worst = 0;

  for (guint i = 0; i < 3; i++) {
    double first = 1, last = shift / 1000 / (1 + (shift - 1) / 1000);
    double even = first + i * (last - first) / 2;
    sigma[i] = shift * even / (1 + (shift - 1) * even);
  }
  damage_file (directory, &native);
  take_steps (directory, &skip);
  plain.instead = skip.after[0];
  take_steps (plain_directory, &plain);

  d = sigma[1] * sigma[1] + (1 - sigma[1]) * (1 - sigma[1]);
  for (gsize i = 0; i < skip.n; i++) {
    double x = skip.after[0][i], by = sigma[2] - sigma[1];
    double wanted = x + by * (2 * sigma[1] - 1) / d * x
        + (plain.after[1][i] - x) / sqrt (d);

    worst = MAX (worst, fabs (wanted - skip.after[1][i]));
    g_assert_cmpfloat (plain.after[0][i], ==, skip.after[0][i]);
  }
  g_assert_cmpfloat (worst, <, 1e-4);
  for (guint i = 0; i < 3; i++) {
    g_free (skip.after[i]);
    g_free (plain.after[i]);
  }
  remove_copy (directory);
}

/* A text encoder of another width is refused however often it is asked for. */
static void
test_other_text_encoder (void)
{
  g_autofree char *directory = copy_pipeline ("wan21");
  g_autofree char *other = golden_path ("wan21-uneven", "text_encoder");
  g_autofree char *command = g_strdup_printf ("cp -r '%s' '%s'", other,
      directory);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (VideoGenerator) g = NULL;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g = open_with (&options);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (video_generator_configure (g, &small, NULL, &error));
    g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_READ);
    g_assert_nonnull (strstr (error->message,
            "the text encoder is 68 wide, the " "transformer expects 48"));
  }
  remove_copy (directory);
}

/* What was told of the text encoder's loading. */
typedef struct
{
  guint reports, loads;         /* parts, wholes */
  double refuse;                /* at this fraction */
} Loading;

static gboolean
note_loading (const char *stage, double fraction, gpointer data)
{
  Loading *loading = data;

  if (!g_str_equal (stage, "text-encoder"))
    return TRUE;
  loading->reports++;
  loading->loads += fraction == 1;
  return fraction != loading->refuse;
}

static void
test_text_encoder_progress (void)
{
  g_autofree char *path = golden_path ("wan21", NULL);
  Loading loading = {.refuse = 0.5 };
  const VideoOpenOptions options = {
    .model = path,.device = "cpu",.progress = note_loading,
    .progress_data = &loading
  };
  g_autoptr (VideoGenerator) g = open_with (&options);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (loading.reports, ==, 0);
  g_assert_false (video_generator_configure (g, &small, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
  g_assert_cmpuint (loading.reports, ==, 1);

  video_generator_uncancel (g);
  loading = (Loading) {
  .refuse = -1};
  configure (g, &small);
  g_assert_cmpuint (loading.reports, ==, 2);
  g_assert_cmpuint (loading.loads, ==, 1);
}

/* wan21 with a text encoder that takes more than a quarter of the memory. */
static char *
large_text_encoder (void)
{
  const gsize ffn = 8192, dim = 48;
  const Shape shapes[] = {
    {"encoder.block.0.layer.1.DenseReluDense.wi_0.weight", 2, {ffn, dim}},
    {"encoder.block.0.layer.1.DenseReluDense.wi_1.weight", 2, {ffn, dim}},
    {"encoder.block.0.layer.1.DenseReluDense.wo.weight", 2, {dim, ffn}},
    {"encoder.block.1.layer.1.DenseReluDense.wi_0.weight", 2, {ffn, dim}},
    {"encoder.block.1.layer.1.DenseReluDense.wi_1.weight", 2, {ffn, dim}},
    {"encoder.block.1.layer.1.DenseReluDense.wo.weight", 2, {dim, ffn}},
  };
  const Damage wider = {
    .path = "text_encoder/config.json",.replace = "\"d_ff\": 80",
    .by = "\"d_ff\": 8192"
  };
  char *directory = copy_pipeline ("wan21");

  damage_file (directory, &wider);
  replace_tensors (directory, "text_encoder", "model", shapes,
      G_N_ELEMENTS (shapes));
  return directory;
}

/* It is loaded once for both prompts, and then given back. */
static void
test_large_text_encoder (void)
{
  g_autofree char *directory = large_text_encoder ();
  Loading loading = {.refuse = -1 };
  const VideoOpenOptions options = {
    .model = directory,.device = "cpu",.memory_limit = 24 << 20,
    .precision = OCL_PRECISION_FLOAT32,.progress = note_loading,
    .progress_data = &loading
  };
  g_autoptr (VideoGenerator) g = open_with (&options);
  VideoSettings settings = small;

  configure (g, &settings);
  g_assert_cmpuint (loading.loads, ==, 1);
  g_assert_cmpuint (memory_used (g), <, 8 << 20);
  configure (g, &settings);
  g_assert_cmpuint (loading.loads, ==, 1);
  settings.prompt = "a cat\na cow";
  configure (g, &settings);
  g_assert_cmpuint (loading.loads, ==, 2);
  g_assert_cmpuint (memory_used (g), <, 8 << 20);
  /* what was encoded before is kept for a while */
  settings.prompt = "a dog\na cow";
  configure (g, &settings);
  g_assert_cmpuint (loading.loads, ==, 2);
  remove_copy (directory);
}

/* More values than this machine has room for. */
static void
test_sampler_memory (void)
{
  const SamplerConfig config = {
    .type = SAMPLER_UNIPC,.flow_shift = 3,.num_train_timesteps = 1000,
    .solver_order = 2
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (sampler_new (&config, 4, G_MAXSIZE / 2, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_OUT_OF_MEMORY);
}

/* ---- storyboards, actions, words -------------------------------------------------- */

/* The frames of @chunk with @prompt and @action; g_free() */
static guint8 *
frames_of (VideoGenerator * g, const char *prompt, const char *action,
    guint64 chunk)
{
  VideoSettings settings = small;
  guint n;

  settings.prompt = prompt;
  settings.action = action;
  configure (g, &settings);
  sample (g, chunk);
  return read_frames (g, SIZE, SIZE, &n);
}

/* Chunks of 9 frames at 16 a second: the second begins at 0.56 s. */
#define TWO_EVENTS "0s: a dog; 0.5s: a cat"

/* Each chunk is what its event alone would be. */
static void
test_storyboard (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  gsize size = 9 * SIZE * SIZE * 3;

  for (guint64 chunk = 0; chunk < 3; chunk++) {
    const char *event = chunk == 0 ? "a dog" : "a cat";
    g_autofree guint8 *alone = frames_of (g, event, NULL, chunk);
    g_autofree guint8 *told = frames_of (g, TWO_EVENTS, NULL, chunk);

    g_assert_cmpstr (video_generator_get_prompt (g, chunk), ==, event);
    g_assert_cmpuint (video_generator_get_length (g), ==, 2 * 9);
    g_assert_cmpmem (alone, size, told, size);
  }
}

/* The chunk at hand knows which event it was made of. */
static void
test_storyboard_starts_over (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  static const struct
  {
    const char *prompt;
    guint64 chunk;
    guint steps;
  } cases[] = {
    {TWO_EVENTS, 0, 2},
    {"0s: a dog; 0.5s: a cow", 0, 0},
    {"a dog", 0, 0},
    {"0s: a cat; 0.5s: a dog", 0, 2},
    {"0s: a cat; 0.5s: a dog", 1, 2},
    {"a\na dog", 1, 0},
    {"a\nb\na dog", 1, 2},
    {"a\nb", 2, 2},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    settings.prompt = cases[i].prompt;
    configure (g, &settings);
    g_assert_cmpuint (steps_of (g, cases[i].chunk), ==, cases[i].steps);
  }
  /* 36 frames for two: 18 each, and what begins with a chunk is in the middle */
  settings.total_frames = 36;
  configure (g, &settings);
  g_assert_cmpstr (video_generator_get_prompt (g, 1), ==, "a");
  g_assert_cmpstr (video_generator_get_prompt (g, 2), ==, "b");
  g_assert_cmpuint (steps_of (g, 2), ==, 0);
}

/* Only the context of the chunk at hand is kept, and no more texts than there are
 * events. */
static void
test_storyboard_memory (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  guint64 used = 0;

  for (guint round = 0; round < 4; round++) {
    g_autoptr (GString) prompt = g_string_new (NULL);

    for (guint i = 0; i < 20; i++)
      g_string_append_printf (prompt, "dog %c%c\n", 'a' + round, 'a' + i);
    settings.prompt = prompt->str;
    configure (g, &settings);
    for (guint chunk = 0; chunk < 20; chunk += 9)
      sample (g, chunk);
    if (round == 1)
      used = memory_used (g);
    else if (round > 1)         /* a letter may be more pieces than another */
      g_assert_cmpuint (memory_used (g), <, used + 4096);
  }
}

static void
test_storyboard_refused (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  configure (g, &small);
  g_assert_cmpuint (steps_of (g, 0), ==, 2);
  settings.prompt = "4s: a dog; 2s: a cat";
  g_assert_false (video_generator_configure (g, &settings, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "\"2s: a cat\""));
  g_clear_error (&error);
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (many, "%us: dog %u; ", i, i);
  settings.prompt = many->str;
  g_assert_false (video_generator_configure (g, &settings, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "more than 256 events"));
  configure (g, &small);
  g_assert_cmpuint (steps_of (g, 0), ==, 0);
}

/* An encoder's cancel in mid-context leaves nothing broken behind. */
static void
test_storyboard_cancelled (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  gsize size = 9 * SIZE * SIZE * 3;
  g_autofree guint8 *before = frames_of (g, "a cat", NULL, 1);
  g_autofree guint8 *after = NULL;
  VideoSettings settings = small;
  g_autoptr (GError) error = NULL;
  guint n;

  settings.prompt = TWO_EVENTS;
  configure (g, &settings);
  sample (g, 0);
  video_generator_cancel (g);
  g_assert_false (video_generator_sample (g, 1, NULL, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
  video_generator_uncancel (g);
  sample (g, 1);
  after = read_frames (g, SIZE, SIZE, &n);
  g_assert_cmpmem (before, size, after, size);
}

/* The times of what is set while a causal checkpoint is under way count from the
 * next chunk, and from the first if all begins again. */
static void
test_storyboard_origin (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("causal21", OCL_GEMM_AUTO);
  VideoSettings settings = small;

  configure (g, &small);
  sample (g, 2);
  settings.prompt = "0s: a; 0.1s: b";
  configure (g, &settings);
  configure (g, &settings);
  g_assert_cmpstr (video_generator_get_prompt (g, 3), ==, "a");
  g_assert_cmpstr (video_generator_get_prompt (g, 4), ==, "b");
  video_generator_get_encoded (g, 3);
  video_generator_get_encoded (g, 4);
  g_assert_cmpstr (video_generator_get_prompt (g, 3), ==, "a");
  video_generator_get_encoded (g, 0);
  g_assert_cmpstr (video_generator_get_prompt (g, 0), ==, "a");
  g_assert_cmpstr (video_generator_get_prompt (g, 1), ==, "b");
  g_assert_true (ocl_context_finish (g->cl, NULL));
}

/* wan21 with @config as its dit_config.json; its files are all read */
static VideoGenerator *
open_configured (const char *config, const char *words)
{
  g_autofree char *directory = copy_pipeline ("wan21");
  const Damage native = {.path = "dit_config.json",.by = config };
  const Damage list = {.path = "words.txt",.by = words };
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  VideoGenerator *g;

  damage_file (directory, &native);
  if (words)
    damage_file (directory, &list);
  g = open_with (&options);
  configure (g, &small);
  remove_copy (directory);
  return g;
}

#define ACTIONS "\"actions\": {\"left\": \"turning left\", \"up\": \"rising\"}"

static void
test_actions (void)
{
  g_autoptr (VideoGenerator) g = open_configured ("{" ACTIONS "}", NULL);
  const VideoInfo *info = video_generator_get_info (g);
  gsize size = 9 * SIZE * SIZE * 3;
  g_autofree guint8 *said = frames_of (g, "a dog, turning left", NULL, 0);
  g_autofree guint8 *steered = frames_of (g, "a dog. ", "left", 0);
  g_autofree guint8 *bare = frames_of (g, "rising", "", 0);
  g_autofree guint8 *empty = frames_of (g, NULL, "up", 0);
  VideoSettings settings = small;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (info->actions[0], ==, "left");
  g_assert_cmpstr (info->actions[1], ==, "up");
  g_assert_null (info->actions[2]);
  g_assert_cmpmem (said, size, steered, size);
  g_assert_cmpmem (bare, size, empty, size);
  configure (g, &settings);
  g_assert_cmpuint (steps_of (g, 0), ==, 2);
  settings.action = "left";
  configure (g, &settings);
  g_assert_cmpstr (video_generator_get_prompt (g, 0), ==, "a dog");
  g_assert_cmpuint (steps_of (g, 0), ==, 2);
  settings.action = "down";
  g_assert_false (video_generator_configure (g, &settings, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "no action \"down\""));
  g_assert_nonnull (strstr (error->message, "has left, up"));
}

static void
test_no_actions (void)
{
  g_autoptr (VideoGenerator) g = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_get_info (g)->actions[0]);
  g_assert_cmpfloat (video_generator_get_info (g)->event_seconds, ==, 0);
  settings.action = "left";
  g_assert_false (video_generator_configure (g, &settings, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "\"wan21\" has none"));
}

/* Sentences are split where the checkpoint says that it knows events. */
static void
test_events (void)
{
  g_autoptr (VideoGenerator) g = open_configured ("{\"events\": true, "
      "\"event_seconds\": 1.2}", NULL);
  g_autoptr (VideoGenerator) other = open_configured ("{\"events\": false, "
      "\"event_seconds\": 1.2}", NULL);
  VideoSettings settings = small;

  g_assert_cmpfloat (video_generator_get_info (g)->event_seconds, ==, 1.2);
  g_assert_cmpfloat (video_generator_get_info (other)->event_seconds, ==, 0);
  settings.prompt = "a dog walks, a taxi stops";
  configure (g, &settings);
  g_assert_cmpstr (video_generator_get_prompt (g, 1), ==, "a dog walks");
  g_assert_cmpstr (video_generator_get_prompt (g, 2), ==, "a taxi stops");
  configure (other, &settings);
  g_assert_cmpstr (video_generator_get_prompt (other, 2), ==, settings.prompt);
}

static void
test_unknown_words (void)
{
  g_autoptr (VideoGenerator) g = open_configured ("{\"words\": \"words.txt\"}",
      "a\nthe\ndog\ntaxi\nstop\nand\n");
  g_autoptr (VideoGenerator) other = open_pipeline ("wan21", OCL_GEMM_AUTO);
  VideoSettings settings = small;
  VideoPromptReport report;

  settings.prompt = "0s: a Kraken &amp; the dogs; 2s: the taxis' kraken "
      "stopped and &quot;zeppelin&quot;";
  g_assert_true (video_generator_configure (g, &settings, &report, NULL));
  g_assert_cmpstr (report.unknown_words[0], ==, "kraken");
  g_assert_cmpstr (report.unknown_words[1], ==, "zeppelin");
  g_assert_null (report.unknown_words[2]);
  g_assert_true (video_generator_configure (g, &small, &report, NULL));
  g_assert_null (report.unknown_words[0]);
  g_assert_true (video_generator_configure (other, &settings, &report, NULL));
  g_assert_null (report.unknown_words);
}

/* ---- broken numbers --------------------------------------------------------------- */

/* The last values of the file are NaN. */
static void
test_nan (void)
{
  g_autofree char *directory = copy_pipeline ("wan21");
  g_autofree char *path = g_build_filename (directory,
      "transformer/diffusion_pytorch_model.safetensors", NULL);
  const VideoOpenOptions options = {.model = directory,.device = "cpu" };
  g_autoptr (VideoGenerator) g = NULL;
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  memset (bytes + length - 400, 0xff, 400);
  g_assert_true (g_file_set_contents (path, bytes, length, NULL));
  g = open_with (&options);
  configure (g, &small);
  g_assert_false (video_generator_sample (g, 0, NULL, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_NUMERIC);
  remove_copy (directory);
}

/* Every weight of the VAE is NaN. */
static void
test_nan_vae (gconstpointer precision)
{
  g_autofree char *directory = copy_pipeline ("wan21");
  g_autofree char *path = g_build_filename (directory,
      "vae/diffusion_pytorch_model.safetensors", NULL);
  const VideoOpenOptions options = {
    .model = directory,.device = "cpu",
    .precision = GPOINTER_TO_INT (precision)
  };
  g_autofree guint8 *pixels = g_malloc (SIZE * SIZE * 3);
  const OclFrame frame = {
    .format = OCL_FRAME_RGB,.width = SIZE,.height = SIZE,
    .planes = {pixels},.strides = {SIZE * 3}
  };
  g_autoptr (VideoGenerator) g = NULL;
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  guint64 header;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  memcpy (&header, bytes, 8);
  header = GUINT64_FROM_LE (header);
  memset (bytes + 8 + header, 0xff, length - 8 - header);
  g_assert_true (g_file_set_contents (path, bytes, length, NULL));
  g = open_with (&options);
  configure (g, &small);
  sample (g, 0);
  g_assert_false (video_generator_next_frame (g, &frame, OCL_MATRIX_BT601,
          &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_NUMERIC);
  remove_copy (directory);
}

/* ---- failures to open -------------------------------------------------------------- */

static void
test_no_directory (void)
{
  const VideoOpenOptions options = {.model = "/nowhere",.device = "cpu" };
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_open (&options, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_NOT_FOUND);
}

static void
test_memory_limit (void)
{
  g_autofree char *path = golden_path ("wan21", NULL);
  const VideoOpenOptions options = {
    .model = path,.device = "cpu",.memory_limit = 100000
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_open (&options, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_MEMORY);
}

/* Latents for which there is no room: known before the noise is made. */
static void
test_large_chunk (void)
{
  g_autofree char *path = golden_path ("wan21", NULL);
  const VideoOpenOptions options = {
    .model = path,.device = "cpu",.memory_limit = 64 << 20
  };
  g_autoptr (VideoGenerator) g = open_with (&options);
  VideoSettings settings = small;
  g_autoptr (GError) error = NULL;

  settings.width = settings.height = 8192;
  settings.chunk_frames = 401;
  configure (g, &settings);
  g_assert_false (video_generator_sample (g, 0, NULL, NULL, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_MEMORY);
  g_clear_error (&error);

  configure (g, &small);
  sample (g, 0);
}

static void
test_no_such_device (void)
{
  g_autofree char *path = golden_path ("wan21", NULL);
  const VideoOpenOptions options = {.model = path,.device = "abacus" };
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_open (&options, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "abacus"));
}

static gboolean
refuse (const char *stage, double fraction, gpointer data)
{
  return !g_str_equal (stage, data);
}

static void
test_open_cancelled (gconstpointer stage)
{
  g_autofree char *path = golden_path ("wan21", NULL);
  const VideoOpenOptions options = {
    .model = path,.device = "cpu",.progress = refuse,
    .progress_data = (gpointer) stage
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_open (&options, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
}

/* Notes in *@data how far the transformer's loading came, and ends it. */
static gboolean
refuse_more (const char *stage, double fraction, gpointer data)
{
  if (!g_str_equal (stage, "transformer") || fraction == 0)
    return TRUE;
  *(double *) data += fraction;
  return FALSE;
}

static void
test_open_cancelled_midway (void)
{
  g_autofree char *path = golden_path ("wan21", NULL);
  double loaded = 0;
  const VideoOpenOptions options = {
    .model = path,.device = "cpu",.progress = refuse_more,
    .progress_data = &loaded
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (video_generator_open (&options, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED);
  g_assert_cmpfloat (loaded, ==, 0.5);
}

/* ---- all --------------------------------------------------------------------- */

static void
add (const char *group, const char *name, gconstpointer data,
    GTestDataFunc func)
{
  g_autofree char *path = g_strconcat ("/generator/", group, "/", name, NULL);

  g_test_add_data_func (path, data, func);
}

int
main (int argc, char **argv)
{
  static const char *const stages[] = {
    "device", "tokenizer", "transformer", "vae"
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pipelines); i++) {
    add ("packed", pipelines[i], pipelines[i], test_packed);
    add ("clblast", pipelines[i], pipelines[i], test_clblast);
  }
  g_test_add_func ("/generator/chunks", test_chunks);
  g_test_add_func ("/generator/loose-guidance", test_loose_guidance);
  g_test_add_func ("/generator/starts-over", test_starts_over);
  g_test_add_func ("/generator/long-chunk", test_long_chunk);
  g_test_add_func ("/generator/memory", test_memory);
  g_test_add_func ("/generator/cancel", test_cancel);
  g_test_add_func ("/generator/settings", test_settings);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    add ("damage", damages[i].name, &damages[i], test_damage);
  for (guint i = 0; i < G_N_ELEMENTS (late_damages); i++)
    add ("late-damage", late_damages[i].name, &late_damages[i],
        test_late_damage);
  g_test_add_func ("/generator/uneven-patches", test_uneven_patches);
  g_test_add_func ("/generator/large-patches", test_large_patches);
  g_test_add_func ("/generator/upscaled", test_upscaled);
  g_test_add_func ("/generator/upscales-nothing", test_upscales_nothing);
  g_test_add_func ("/generator/native", test_native);
  g_test_add_func ("/generator/other-text-encoder", test_other_text_encoder);
  g_test_add_func ("/generator/text-encoder-progress",
      test_text_encoder_progress);
  g_test_add_func ("/generator/large-text-encoder", test_large_text_encoder);
  g_test_add_func ("/generator/storyboard", test_storyboard);
  g_test_add_func ("/generator/storyboard/starts-over",
      test_storyboard_starts_over);
  g_test_add_func ("/generator/storyboard/memory", test_storyboard_memory);
  g_test_add_func ("/generator/storyboard/refused", test_storyboard_refused);
  g_test_add_func ("/generator/storyboard/cancelled",
      test_storyboard_cancelled);
  g_test_add_func ("/generator/storyboard/origin", test_storyboard_origin);
  g_test_add_func ("/generator/actions", test_actions);
  g_test_add_func ("/generator/no-actions", test_no_actions);
  g_test_add_func ("/generator/events", test_events);
  g_test_add_func ("/generator/unknown-words", test_unknown_words);
  g_test_add_func ("/generator/sampler-memory", test_sampler_memory);
  g_test_add_func ("/generator/nan", test_nan);
  add ("nan-vae", "float32", GINT_TO_POINTER (OCL_PRECISION_FLOAT32),
      test_nan_vae);
  add ("nan-vae", "bfloat16", GINT_TO_POINTER (OCL_PRECISION_BFLOAT16),
      test_nan_vae);
  g_test_add_func ("/generator/velocity-skip", test_velocity_skip);
  g_test_add_func ("/generator/no-directory", test_no_directory);
  g_test_add_func ("/generator/memory-limit", test_memory_limit);
  g_test_add_func ("/generator/large-chunk", test_large_chunk);
  g_test_add_func ("/generator/no-such-device", test_no_such_device);
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    add ("open-cancelled", stages[i], stages[i], test_open_cancelled);
  g_test_add_func ("/generator/open-cancelled/midway",
      test_open_cancelled_midway);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-transformer.c: the text encoder and the transformer against the golden
 * references, in all precisions, packed (without instructions of some
 * processors only, too) and by CLBlast, under all kinds of tensor names. */

#define _POSIX_C_SOURCE 200809L /* symlink */
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "models/video/text-encoder.h"
#include "models/video/transformer.h"
#include "model-test.h"

#define TEXT_LENGTH 512

static const char *const pipelines[] = {
  "wan21", "wan21-small", "wan21-patch", "wan21-uneven", "wan22-ti2v",
  "wan22-plain", "adapted22"
};

typedef enum
{
  NAMES_DIFFUSERS,
  NAMES_ORIGINAL,
  NAMES_REPACKAGED              /* original ones after "model.diffusion_model." */
} Names;

typedef struct
{
  const char *pipeline;
  Names names;
  OclGemm gemm;
  OclPrecision precision;
  gboolean portable;
} Setting;

static double
tolerance (const Setting * s)
{
  static const double tolerances[] = {
    0, FLOAT32_TOLERANCE, BFLOAT16_TOLERANCE, INT16_TOLERANCE
  };

  return tolerances[s->precision];
}

static void
assert_close (OclContext * cl, OclTensor * t, const OclHostArray * expected,
    double bound)
{
  gsize n = ocl_host_array_get_count (expected);
  g_autofree float *values = g_new (float, n);
  g_autoptr (GError) error = NULL;
  double e;

  g_assert_cmpuint (t->rows * t->cols, ==, n);
  ocl_tensor_read (cl, t, values, &error);
  g_assert_no_error (error);
  e = test_relative_error (values, expected->data, n);
  g_test_message ("relative error %.2g", e);
  g_assert_cmpfloat (e, <=, bound);
}

static OclContext *
setting_context (const Setting * s)
{
  const OclContextOptions options = {
    .device = "cpu",.gemm = s->gemm,.portable = s->portable
  };

  return test_context_new (&options);
}

/* The header @json of a safetensors file with longer names. */
static char *
prefix_names (const char *json, gsize length, const char *prefix)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonObject) renamed = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GError) error = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_parser_load_from_data (parser, json, length, &error);
  g_assert_no_error (error);
  json_object_iter_init (&iter,
      json_node_get_object (json_parser_get_root (parser)));
  while (json_object_iter_next (&iter, &name, &value)) {
    g_autofree char *full = g_strconcat (prefix, name, NULL);

    json_object_set_member (renamed,
        g_str_equal (name, "__metadata__") ? name : full,
        json_node_copy (value));
  }
  json_node_set_object (node, renamed);
  return json_to_string (node, FALSE);
}

/* A copy of a safetensors file as repackaged single files name tensors. */
static void
repackage (const char *from, const char *to)
{
  g_autofree char *bytes = NULL, *header = NULL;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gsize length, rest;
  guint64 size;

  g_file_get_contents (from, &bytes, &length, &error);
  g_assert_no_error (error);
  memcpy (&size, bytes, sizeof size);
  size = GUINT64_FROM_LE (size);
  header = prefix_names (bytes + sizeof size, size, "model.diffusion_model.");
  rest = sizeof size + size;

  size = GUINT64_TO_LE (strlen (header));
  g_byte_array_append (out, (guint8 *) & size, sizeof size);
  g_byte_array_append (out, (guint8 *) header, strlen (header));
  g_byte_array_append (out, (guint8 *) bytes + rest, length - rest);
  g_file_set_contents (to, (char *) out->data, out->len, &error);
  g_assert_no_error (error);
}

/* A directory with the part's config.json and the original names' file. */
static char *
part_path (const Setting * s, const char *part)
{
  g_autofree char *plain = golden_path (s->pipeline, part);
  g_autofree char *directory = NULL, *config = NULL, *file = NULL;
  g_autofree char *link = NULL, *original = NULL;
  g_autofree char *name = g_strconcat ("original/", part, ".safetensors", NULL);
  g_autoptr (GError) error = NULL;

  if (s->names == NAMES_DIFFUSERS)
    return g_steal_pointer (&plain);
  directory = g_dir_make_tmp ("dit-XXXXXX", &error);
  g_assert_no_error (error);
  original = golden_path (s->pipeline, name);
  config = g_build_filename (plain, "config.json", NULL);
  file = g_build_filename (directory, "model.safetensors", NULL);
  link = g_build_filename (directory, "config.json", NULL);
  if (s->names == NAMES_REPACKAGED)
    repackage (original, file);
  else
    g_assert_cmpint (symlink (original, file), ==, 0);
  g_assert_cmpint (symlink (config, link), ==, 0);
  return g_steal_pointer (&directory);
}

static void
remove_part (const Setting * s, const char *directory)
{
  static const char *const files[] = { "model.safetensors", "config.json" };

  if (s->names == NAMES_DIFFUSERS)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (directory, files[i], NULL);

    g_assert_cmpint (g_unlink (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* ---- text encoder ------------------------------------------------------------- */

static void
test_text (gconstpointer data)
{
  const Setting *s = data;
  g_autoptr (OclContext) cl = setting_context (s);
  g_autoptr (TensorStore) reference = golden_reference (s->pipeline);
  g_autofree char *path = part_path (s, "text_encoder");
  g_autoptr (GError) error = NULL;
  g_autoptr (TextEncoder) encoder =
      text_encoder_open (cl, path, s->precision, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; golden_has (reference, "text", i, "ids"); i++) {
    g_autofree char *key = g_strdup_printf ("text.%u.ids", i);
    OclHostArray expected = golden_get (reference, "text", i, "embeds", 2);
    g_autoptr (OclTensor) y = NULL;
    OclHostArray ids;

    tensor_store_get (reference, key, &ids, &error, 1, G_MAXSIZE);
    g_assert_no_error (error);
    g_assert_cmpint (ids.type, ==, OCL_I32);
    y = text_encoder_encode (encoder, ids.data, ids.dims[0]);
    assert_close (cl, y, &expected, s->precision == OCL_PRECISION_INT16
        ? FLOAT32_TOLERANCE : tolerance (s));
  }
  remove_part (s, path);
}

/* ---- transformer ---------------------------------------------------------------- */

/* The timesteps of the groups: the tokens' come in runs, one a latent frame. */
static float *
group_timesteps (const OclHostArray * tokens, guint groups)
{
  float *timesteps = g_new (float, groups);

  for (guint i = 0; i < groups; i++)
    timesteps[i] = ((const float *) tokens->data)[i * tokens->dims[0] / groups];
  return timesteps;
}

static void
check_forward (OclContext * cl, const Setting * s, Transformer * t,
    TensorStore * reference, const char *stage, guint i)
{
  OclHostArray latents = golden_get (reference, stage, i, "latents", 4);
  OclHostArray timestep = golden_get (reference, stage, i, "timestep", 1);
  OclHostArray expected = golden_get (reference, stage, i, "velocity", 4);
  g_autoptr (JsonObject) settings = golden_settings (s->pipeline, stage, i);
  OclHostArray embeds = golden_get (reference, "text",
      json_object_get_int_member (settings, "text"), "embeds", 2);
  guint frames = latents.dims[1] / transformer_get_patch (t)[0];
  guint groups = timestep.dims[0] > 1 ? frames : 1;
  g_autofree float *timesteps = group_timesteps (&timestep, groups);
  g_autoptr (OclTensor) x = ocl_tensor_new_from_host (cl, OCL_F32, &latents);
  g_autoptr (OclTensor) text = ocl_tensor_new_from_host (cl, OCL_F32, &embeds);
  g_autoptr (OclTensor) velocity = ocl_tensor_newv (cl, OCL_F32, 4,
      expected.dims);
  g_autoptr (TextContext) context = text_context_new (t, text, TEXT_LENGTH);

  transformer_forward (t, velocity, x, timesteps, groups, context, NULL);
  assert_close (cl, velocity, &expected, tolerance (s));
}

/* The cases of @stage; with an adapter or NULL. */
static void
check_stage (const Setting * s, const char *stage, const LoraFile * lora)
{
  g_autoptr (OclContext) cl = setting_context (s);
  g_autoptr (TensorStore) reference = golden_reference (s->pipeline);
  g_autofree char *path = part_path (s, "transformer");
  g_autoptr (GError) error = NULL;
  g_autoptr (Transformer) t = transformer_open (cl, path, s->precision, lora,
      NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (golden_has (reference, stage, 0, "latents"));
  for (guint i = 0; golden_has (reference, stage, i, "latents"); i++)
    check_forward (cl, s, t, reference, stage, i);
  remove_part (s, path);
}

static void
test_transformer (gconstpointer data)
{
  check_stage (data, "transformer", NULL);
}

/* Beside the checkpoint's own adapter one under original names. */
static void
test_lora (gconstpointer data)
{
  const Setting *s = data;
  g_autoptr (JsonNode) root = golden_json (s->pipeline, "reference.json");
  g_autofree char *path = golden_path (s->pipeline, "lora.safetensors");
  const LoraFile lora = {
    path, json_object_get_double_member (json_node_get_object (root),
        "lora_scale")
  };

  check_stage (s, "lora", &lora);
}

/* An adapter of another model, whose sizes are not these. */
static void
test_other_lora (void)
{
  const Setting s = {.pipeline = "wan21-patch" };
  g_autoptr (OclContext) cl = setting_context (&s);
  g_autofree char *path = golden_path (s.pipeline, "transformer");
  g_autofree char *adapter = golden_path ("adapted22", "lora.safetensors");
  const LoraFile lora = { adapter, 1 };
  g_autoptr (GError) error = NULL;

  g_assert_null (transformer_open (cl, path, OCL_PRECISION_FLOAT32, &lora,
          NULL, NULL, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, adapter));
}

/* ---- streams of a causal transformer ------------------------------------------------- */

static const char *const streams[] = {
  "causal21", "causal22", "causal-patch", "causal-ti2v"
};

/* Block @k of x [blocks, channels, f, h, w] */
static OclTensor *
block_of (OclContext * cl, const OclHostArray * x, gsize k)
{
  gsize n = ocl_host_array_get_count (x) / x->dims[0];
  const OclHostArray block = {
    .data = (const float *) x->data + k * n,.type = OCL_F32,.n_dims = 4,
    .dims = {x->dims[1], x->dims[2], x->dims[3], x->dims[4]}
  };

  return ocl_tensor_new_from_host (cl, OCL_F32, &block);
}

static TextContext *
text_of (OclContext * cl, Transformer * t, TensorStore * reference, guint i)
{
  OclHostArray embeds = golden_get (reference, "text", i, "embeds", 2);
  g_autoptr (OclTensor) text = ocl_tensor_new_from_host (cl, OCL_F32, &embeds);

  return text_context_new (t, text, TEXT_LENGTH);
}

static TransformerCache *
cache_for (const Setting * s, Transformer * t, const OclHostArray * latents,
    gsize most_packed)
{
  g_autoptr (JsonNode) root = golden_json (s->pipeline, "dit_config.json");
  JsonObject *config = json_node_get_object (root);

  return transformer_cache_new (t,
      json_object_get_int_member (config, "causal_sink"),
      json_object_get_int_member (config, "causal_window"),
      latents->dims[3], latents->dims[4], most_packed);
}

static double
context_timestep (const Setting * s)
{
  g_autoptr (JsonNode) root = golden_json (s->pipeline, "dit_config.json");

  return json_object_get_double_member (json_node_get_object (root),
      "causal_context_timestep");
}

/* Each block's velocity after the clean ones before it, as one masked attention
 * has it that knows no cache; of a further step too, which may find what the first
 * has left. */
static void
check_stream (OclContext * cl, const Setting * s, Transformer * t,
    TensorStore * reference, guint i, gsize most_packed)
{
  OclHostArray clean = golden_get (reference, "stream", i, "clean", 5);
  OclHostArray noisy = golden_get (reference, "stream", i, "noisy", 5);
  OclHostArray expected = golden_get (reference, "stream", i, "velocity", 5);
  OclHostArray timesteps = golden_get (reference, "stream", i, "timesteps", 1);
  g_autoptr (JsonObject) settings = golden_settings (s->pipeline, "stream", i);
  JsonArray *texts = json_object_get_array_member (settings, "texts");
  g_autoptr (TransformerCache) cache = cache_for (s, t, &clean, most_packed);
  const float context = context_timestep (s);
  gsize frames = clean.dims[2], n = ocl_host_array_get_count (&clean);
  g_autoptr (GError) error = NULL;

  for (gsize k = 0; k < clean.dims[0]; k++) {
    g_autoptr (TextContext) text = text_of (cl, t, reference,
        json_array_get_int_element (texts, k));
    g_autoptr (OclTensor) x = block_of (cl, &noisy, k);
    g_autoptr (OclTensor) done = block_of (cl, &clean, k);
    g_autoptr (OclTensor) velocity = ocl_tensor_newv (cl, OCL_F32, 4, x->dims);
    OclHostArray wanted = expected;

    wanted.dims[0] = 1;
    wanted.data = (const float *) expected.data + k * (n / clean.dims[0]);
    transformer_cache_make_room (cache, frames);
    for (guint step = 0; step < 2; step++) {
      transformer_forward (t, velocity, x, (const float *) timesteps.data + k,
          1, text, cache);
      assert_close (cl, velocity, &wanted, tolerance (s));
    }
    transformer_cache_append (t, done, &context, 1, text, cache, &error);
    g_assert_no_error (error);
  }
}

static void
test_stream (gconstpointer data)
{
  const Setting *s = data;
  g_autoptr (OclContext) cl = setting_context (s);
  g_autoptr (TensorStore) reference = golden_reference (s->pipeline);
  g_autofree char *path = golden_path (s->pipeline, "transformer");
  g_autoptr (GError) error = NULL;
  g_autoptr (Transformer) t =
      transformer_open (cl, path, s->precision, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; golden_has (reference, "stream", i, "clean"); i++)
    for (guint kept = 0; kept < 2; kept++)
      check_stream (cl, s, t, reference, i, kept ? G_MAXSIZE : 0);
}

/* More than there is room for is an error, and leaves the cache as it was. */
static void
test_full (void)
{
  const Setting s = {.pipeline = "causal21" };
  g_autoptr (OclContext) cl = setting_context (&s);
  g_autoptr (TensorStore) reference = golden_reference (s.pipeline);
  g_autofree char *path = golden_path (s.pipeline, "transformer");
  OclHostArray clean = golden_get (reference, "stream", 0, "clean", 5);
  const float timestep = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (Transformer) t = transformer_open (cl, path,
      OCL_PRECISION_FLOAT32, NULL, NULL, NULL, &error);
  g_autoptr (TransformerCache) cache = cache_for (&s, t, &clean, G_MAXSIZE);
  g_autoptr (TextContext) text = text_of (cl, t, reference, 0);
  g_autoptr (OclTensor) x = block_of (cl, &clean, 0);

  for (guint i = 0; i < 2; i++)
    g_assert_true (transformer_cache_append (t, x, &timestep, 1, text, cache,
            NULL));
  g_assert_cmpuint (transformer_cache_get_frames (cache), ==, 4);
  g_assert_false (transformer_cache_append (t, x, &timestep, 1, text, cache,
          &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
  g_assert_cmpuint (transformer_cache_get_frames (cache), ==, 4);
  transformer_cache_make_room (cache, 2);
  g_assert_cmpuint (transformer_cache_get_frames (cache), ==, 3);
  transformer_cache_reset (cache);
  g_assert_cmpuint (transformer_cache_get_frames (cache), ==, 0);
}

/* ---- all --------------------------------------------------------------------- */

/* PIPELINE[-NAMES]/GEMM/PRECISION[-portable]; g_free() */
static char *
setting_name (const Setting * s)
{
  static const char *const gemms[] = { "auto", "packed", "clblast" };
  static const char *const precisions[] =
      { "auto", "float32", "bfloat16", "int16" };
  static const char *const namings[] = { "", "-original", "-repackaged" };

  return g_strdup_printf ("%s%s/%s/%s%s", s->pipeline, namings[s->names],
      gemms[s->gemm], precisions[s->precision], s->portable ? "-portable" : "");
}

static void
add (const char *group, const Setting * setting, GTestDataFunc func)
{
  g_autofree char *name = setting_name (setting);
  g_autofree char *path = g_strconcat (group, name, NULL);

  g_test_add_data_func_full (path, g_memdup2 (setting, sizeof *setting), func,
      g_free);
}

static void
add_models (const Setting * setting)
{
  add ("/text-encoder/", setting, test_text);
  add ("/transformer/", setting, test_transformer);
}

static void
add_lora (const Setting * setting)
{
  add ("/lora/", setting, test_lora);
}

static void
add_stream (const Setting * setting)
{
  add ("/stream/", setting, test_stream);
}

/* On all that computes. */
static void
add_all (const char *pipeline, void (*add_one) (const Setting *))
{
  const Setting settings[] = {
    {pipeline, NAMES_DIFFUSERS, OCL_GEMM_PACKED, OCL_PRECISION_FLOAT32},
    {pipeline, NAMES_DIFFUSERS, OCL_GEMM_PACKED, OCL_PRECISION_BFLOAT16},
    {pipeline, NAMES_DIFFUSERS, OCL_GEMM_PACKED, OCL_PRECISION_BFLOAT16, TRUE},
    {pipeline, NAMES_DIFFUSERS, OCL_GEMM_PACKED, OCL_PRECISION_INT16},
    {pipeline, NAMES_DIFFUSERS, OCL_GEMM_PACKED, OCL_PRECISION_INT16, TRUE},
    {pipeline, NAMES_DIFFUSERS, OCL_GEMM_CLBLAST, OCL_PRECISION_FLOAT32}
  };

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    add_one (&settings[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pipelines); i++)
    add_all (pipelines[i], add_models);
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    add_all (streams[i], add_stream);
  add_all ("adapted22", add_lora);
  g_test_add_func ("/lora-other", test_other_lora);
  g_test_add_func ("/stream-full", test_full);
  for (Names names = NAMES_ORIGINAL; names <= NAMES_REPACKAGED; names++)
    add_models (&(Setting) {
        "wan22-plain", names, OCL_GEMM_PACKED, OCL_PRECISION_FLOAT32}
  );
  return g_test_run ();
}

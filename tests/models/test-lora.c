/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-lora.c: what adapters make of weights, under all names and in all types,
 * and what is no adapter. */

#include <math.h>
#include <string.h>

#include "models/video/lora.h"
#include "tests/ocl/ocl-test.h"
#include "tensor-writer.h"

/* A module's sizes: no whole blocks of anything. */
#define OUT 5
#define IN 19
#define RANK 3

#define A "blocks.0.attn1.to_q.lora_A.weight"
#define B "blocks.0.attn1.to_q.lora_B.weight"
#define ALPHA "blocks.0.attn1.to_q.alpha"
#define DIFF "blocks.0.attn1.to_q.diff"

static const char *const to_q[] = {
  "blocks.0.attn1.to_q", "blocks.0.self_attn.q", NULL
};

static void
add_floats (TensorWriter * w, const char *name, guint n_dims,
    const gsize * dims, const float *values)
{
  gsize n = 1;

  for (guint i = 0; i < n_dims; i++)
    n *= dims[i];
  tensor_writer_add (w, name, "F32", n_dims, dims, values, n * sizeof *values);
}

static void
add_matrix (TensorWriter * w, const char *name, gsize rows, gsize cols,
    const float *values)
{
  const gsize dims[] = { rows, cols };

  add_floats (w, name, 2, dims, values);
}

/* Stores @values as I8 with a scale a row, and makes them what that is. */
static void
add_eight_bits (TensorWriter * w, const char *name, gsize rows, gsize cols,
    float *values)
{
  const gsize dims[] = { rows, cols };
  g_autofree gint8 *codes = g_new (gint8, rows * cols);
  g_autofree float *scales = g_new (float, rows);
  g_autofree char *scale_name = g_strconcat (name, "_scale", NULL);

  for (gsize i = 0; i < rows * cols; i++) {
    scales[i / cols] = (1 + i / cols) / 127.0f;
    codes[i] = rint (127 * values[i]);
    values[i] = codes[i] * scales[i / cols];
  }
  tensor_writer_add (w, name, "I8", 2, dims, codes, rows * cols);
  tensor_writer_add (w, scale_name, "F32", 1, dims, scales,
      rows * sizeof *scales);
}

static TensorStore *
end_store (TensorWriter * w)
{
  g_autoptr (GBytes) bytes = tensor_writer_end (w);
  g_autoptr (GError) error = NULL;
  TensorStore *store = tensor_store_open_bytes (bytes, "lora.safetensors",
      &error);

  g_assert_no_error (error);
  return store;
}

static Lora *
end_lora (TensorWriter * w, double strength)
{
  g_autoptr (TensorStore) store = end_store (w);
  g_autoptr (GError) error = NULL;
  Lora *lora = lora_new (store, strength, &error);

  g_assert_no_error (error);
  return lora;
}

static OclHostArray
matrix (const float *values)
{
  return (OclHostArray) {
    .data = values,.type = OCL_F32,.n_dims = 2,.dims = { OUT, IN }
  };
}

/* ---- sums -------------------------------------------------------------------- */

/* weight + factor * up @ down */
static float *
expected_sum (const float *weight, const float *up, const float *down,
    double factor)
{
  float *sum = g_new (float, OUT * IN);

  for (gsize o = 0; o < OUT; o++)
    for (gsize i = 0; i < IN; i++) {
      double product = 0;

      for (gsize r = 0; r < RANK; r++)
        product += (double) up[o * RANK + r] * down[r * IN + i];
      sum[o * IN + i] = weight[o * IN + i] + factor * product;
    }
  return sum;
}

/* What @lora makes of q's @weight is @expected. */
static void
assert_merges (Lora * lora, const char *const *names, const float *weight,
    const float *expected)
{
  const OclHostArray array = matrix (weight);
  g_autoptr (GError) error = NULL;
  g_autofree float *values = NULL;

  g_assert_true (lora_merge (lora, names, "weight", &array, &values, &error));
  g_assert_no_error (error);
  g_assert_nonnull (values);
  g_assert_cmpfloat (test_relative_error (values, expected, OUT * IN), <, 1e-6);
  g_assert_true (lora_check_used (lora, &error));
  g_assert_no_error (error);
}

typedef struct
{
  const char *name;
  const char *down, *up, *alpha;        /* names */
} Naming;

static const Naming namings[] = {
  {"diffusers", "transformer.blocks.0.attn1.to_q.lora_A.weight",
      "transformer.blocks.0.attn1.to_q.lora_B.weight"},
  {"peft", "blocks.0.attn1.to_q.lora_A.weight",
      "blocks.0.attn1.to_q.lora_B.weight"},
  {"comfyui", "diffusion_model.blocks.0.self_attn.q.lora_A.weight",
      "diffusion_model.blocks.0.self_attn.q.lora_B.weight"},
  {"lightx2v", "diffusion_model.blocks.0.self_attn.q.lora_down.weight",
        "diffusion_model.blocks.0.self_attn.q.lora_up.weight",
      "diffusion_model.blocks.0.self_attn.q.alpha"},
  {"kohya", "lora_unet_blocks_0_self_attn_q.lora_down.weight",
        "lora_unet_blocks_0_self_attn_q.lora_up.weight",
      "lora_unet_blocks_0_self_attn_q.alpha"},
};

static void
check_naming (const Naming * n, gboolean eight_bits)
{
  g_autofree float *weight = test_random (OUT * IN);
  g_autofree float *down = test_random (RANK * IN);
  g_autofree float *up = test_random (OUT * RANK);
  g_autofree float *expected = NULL;
  g_autoptr (Lora) lora = NULL;
  TensorWriter w = tensor_writer_new ();
  const float alpha = 1.5;

  if (eight_bits) {
    add_eight_bits (&w, n->down, RANK, IN, down);
    add_eight_bits (&w, n->up, OUT, RANK, up);
  } else {
    add_matrix (&w, n->down, RANK, IN, down);
    add_matrix (&w, n->up, OUT, RANK, up);
  }
  if (n->alpha)
    add_floats (&w, n->alpha, 0, NULL, &alpha);
  lora = end_lora (&w, 0.75);
  expected = expected_sum (weight, up, down, 0.75 * (n->alpha ? 0.5 : 1));
  assert_merges (lora, to_q, weight, expected);
}

static void
test_naming (gconstpointer data)
{
  check_naming (data, FALSE);
  check_naming (data, TRUE);
}

/* The beginning of a file with PEFT's configuration. */
static TensorWriter
writer_with (const char *configuration)
{
  g_autofree char *escaped = g_strescape (configuration, NULL);
  TensorWriter w = tensor_writer_new ();

  g_string_append_printf (w.header,
      "\"__metadata__\":{\"lora_adapter_metadata\":\"%s\"}", escaped);
  return w;
}

/* Alpha in the metadata, as diffusers and as PEFT write it. */
static void
test_metadata (gconstpointer data)
{
  g_autofree float *weight = test_random (OUT * IN);
  g_autofree float *down = test_random (RANK * IN);
  g_autofree float *up = test_random (OUT * RANK);
  g_autofree float *expected = NULL;
  g_autoptr (Lora) lora = NULL;
  TensorWriter w = writer_with (data);
  double divisor = strstr (data, "rslora\": true") ? sqrt (RANK) : RANK;

  add_matrix (&w, A, RANK, IN, down);
  add_matrix (&w, B, OUT, RANK, up);
  lora = end_lora (&w, 1);
  expected = expected_sum (weight, up, down, 6 / divisor);
  assert_merges (lora, to_q, weight, expected);
}

static void
test_wrong_metadata (gconstpointer data)
{
  static const float one = 1;
  g_autoptr (TensorStore) store = NULL;
  g_autoptr (GError) error = NULL;
  TensorWriter w = writer_with (data);

  add_matrix (&w, DIFF, 1, 1, &one);
  store = end_store (&w);
  g_assert_null (lora_new (store, 1, &error));
  g_test_message ("%s", error->message);
  g_assert_true (error->domain == FORMAT_ERROR);
  g_assert_nonnull (strstr (error->message, "lora.safetensors: "));
}

/* A weight of 8 bits with its scales, an adapter in bfloat16, and a second one. */
static void
test_types (void)
{
  static const guint16 halves[] = { 0x3f80, 0xc000 };   /* 1, -2 */
  static const gint8 codes[] = { 10, 20, 30, 40 };
  static const float scales[] = { 0.5, 0.25 };
  static const float up[] = { 1, 0 }, second_up[] = { 0, 3 };
  static const float second_down[] = { 1, -1 };
  const gsize column[] = { 2, 1 }, row[] = { 1, 2 };
  const OclHostArray weight = {
    .data = codes,.type = OCL_I8,.n_dims = 2,.dims = {2, 2},
    .scales = scales,.scale_type = OCL_F32,.n_scales = 2
  };
  /* [10 20; 30 40] * [.5; .25] + [1; 0] @ [1 -2] + 2 [0; 3] @ [1 -1] */
  static const float expected[] = { 5 + 1, 10 - 2, 7.5 + 6, 10 - 6 };
  TensorWriter w = tensor_writer_new (), other = tensor_writer_new ();
  g_autoptr (Lora) lora = NULL;
  g_autoptr (Lora) second = NULL;
  g_autofree float *values = NULL;

  tensor_writer_add (&w, A, "BF16", 2, row, halves, sizeof halves);
  add_floats (&w, B, 2, column, up);
  add_floats (&other, A, 2, row, second_down);
  add_floats (&other, B, 2, column, second_up);
  lora = end_lora (&w, 1);
  second = end_lora (&other, 2);
  g_assert_true (lora_merge (lora, to_q, "weight", &weight, &values, NULL));
  g_assert_true (lora_merge (second, to_q, "weight", &weight, &values, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpfloat (values[i], ==, expected[i]);
}

/* Full differences: of a weight beside its adapter, of a bias, of a norm. */
static void
test_differences (void)
{
  static const char *const norm[] =
      { "blocks.0.norm2", "blocks.0.norm3", NULL };
  const gsize in[] = { IN }, out[] = { OUT };
  const OclHostArray zeros = {
    .data = (const float[IN]) {0},.type = OCL_F32,.n_dims = 1,.dims = {IN}
  };
  OclHostArray bias = zeros;
  g_autofree float *weight = test_random (OUT * IN);
  g_autofree float *down = test_random (RANK * IN);
  g_autofree float *up = test_random (OUT * RANK);
  g_autofree float *diff = test_random (OUT * IN);
  g_autofree float *expected = expected_sum (weight, up, down, -2);
  g_autofree float *of_bias = NULL;
  g_autofree float *of_norm = NULL;
  g_autoptr (Lora) lora = NULL;
  g_autoptr (GError) error = NULL;
  TensorWriter w = tensor_writer_new ();

  add_matrix (&w, "blocks.0.self_attn.q.lora_down.weight", RANK, IN, down);
  add_matrix (&w, "blocks.0.self_attn.q.lora_up.weight", OUT, RANK, up);
  add_matrix (&w, "blocks.0.self_attn.q.diff", OUT, IN, diff);
  add_floats (&w, "blocks.0.self_attn.q.diff_b", 1, out, diff);
  add_floats (&w, "blocks.0.norm3.diff", 1, in, diff);
  lora = end_lora (&w, -2);
  bias.dims[0] = OUT;
  g_assert_false (lora_check_used (lora, NULL));
  g_assert_true (lora_merge (lora, to_q, "bias", &bias, &of_bias, &error));
  g_assert_true (lora_merge (lora, norm, "weight", &zeros, &of_norm, &error));
  g_assert_no_error (error);
  for (gsize i = 0; i < OUT; i++)
    g_assert_cmpfloat (of_bias[i], ==, -2 * diff[i]);
  for (gsize i = 0; i < IN; i++)
    g_assert_cmpfloat (of_norm[i], ==, -2 * diff[i]);
  for (gsize i = 0; i < OUT * IN; i++)
    expected[i] -= 2 * diff[i];
  assert_merges (lora, to_q, weight, expected);
}

/* A convolution whose kernel is its stride. */
static void
test_convolution (void)
{
  static const char *const patches[] = { "patch_embedding", NULL };
  static const float weight[2 * 3 * 2], down[] = { 1, 2, 3, 4, 5, 6 };
  static const float up[] = { 1, -1 };
  const gsize down_size[] = { 1, 3, 1, 1, 2 }, up_size[] = { 2, 1, 1, 1, 1 };
  const OclHostArray array = {
    .data = weight,.type = OCL_F32,.n_dims = 5,.dims = {2, 3, 1, 1, 2}
  };
  g_autofree float *values = NULL;
  g_autoptr (Lora) lora = NULL;
  g_autoptr (GError) error = NULL;
  TensorWriter w = tensor_writer_new ();

  add_floats (&w, "patch_embedding.lora_A.weight", 5, down_size, down);
  add_floats (&w, "patch_embedding.lora_B.weight", 5, up_size, up);
  lora = end_lora (&w, 1);
  lora_merge (lora, patches, "weight", &array, &values, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < 6; i++) {
    g_assert_cmpfloat (values[i], ==, down[i]);
    g_assert_cmpfloat (values[6 + i], ==, -down[i]);
  }
}

/* Nothing is copied for what an adapter leaves alone. */
static void
test_others_left_alone (void)
{
  static const char *const to_k[] = {
    "blocks.0.attn1.to_k", "blocks.0.self_attn.k", NULL
  };
  g_autofree float *weight = test_random (OUT * IN);
  const OclHostArray array = matrix (weight);
  g_autofree float *values = NULL;
  g_autoptr (Lora) lora = NULL;
  TensorWriter w = tensor_writer_new ();

  add_matrix (&w, "blocks.0.attn1.to_q.diff", OUT, IN, weight);
  add_matrix (&w, "text_encoder.layers.0.q.lora_A.weight", OUT, IN, weight);
  add_matrix (&w, "lora_te1_layers_0_q.lora_down.weight", OUT, IN, weight);
  lora = end_lora (&w, 1);
  g_assert_true (lora_merge (lora, to_k, "weight", &array, &values, NULL));
  g_assert_true (lora_merge (lora, to_q, "bias", &array, &values, NULL));
  g_assert_true (lora_merge (lora, to_q, "", &array, &values, NULL));
  g_assert_null (values);
}

/* ---- errors ------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  gsize rows, cols;             /* 0 cols: a vector */
  float value;                  /* of all numbers */
  const char *dtype;            /* NULL: F32 */
} Part;

static const struct
{
  const char *name;
  Part parts[4];
  FormatError code;
  const char *says;
} wrongs[] = {
  {"empty", {{NULL}}, FORMAT_ERROR_NOT_FOUND,
      "lora.safetensors: nothing in it is an adapter"},
  {"text-encoder", {{"text_encoder.q.lora_A.weight", 1, 1}},
      FORMAT_ERROR_NOT_FOUND, "nothing in it is an adapter"},
  {"unknown-kind", {{"blocks.0.attn1.to_q.hada_w1_a", 1, 1}},
      FORMAT_ERROR_UNSUPPORTED,
      "tensor \"blocks.0.attn1.to_q.hada_w1_a\" is of no kind known here"},
  {"no-module", {{".lora_A.weight", 1, 1}}, FORMAT_ERROR_UNSUPPORTED,
      "tensor \".lora_A.weight\" is of no kind"},
  {"scale-of-nothing", {{"blocks.0.attn1.to_q.dora_scale", 1, 1}},
      FORMAT_ERROR_UNSUPPORTED, "to_q.dora_scale"},
  {"no-up", {{A, RANK, IN}}, FORMAT_ERROR_NOT_FOUND,
      "tensor \"" A "\" is without lora_B or lora_up"},
  {"no-down", {{B, OUT, RANK}}, FORMAT_ERROR_NOT_FOUND,
      "tensor \"" B "\" is without lora_A or lora_down"},
  {"lone-alpha", {{ALPHA, 1}}, FORMAT_ERROR_NOT_FOUND,
      "tensor \"" ALPHA "\" is without lora_A"},
  {"twice", {{A, RANK, IN}, {B, OUT, RANK}, {"transformer." A, RANK, IN}},
      FORMAT_ERROR_CORRUPT,
      "\"" A "\" and \"transformer." A "\" are the same"},
  {"other-ranks", {{A, RANK, IN}, {B, OUT, RANK + 1}}, FORMAT_ERROR_MISMATCH,
      "tensor \"" B "\" has the shape [5, 4], expected [5, 3]"},
  {"other-input", {{A, RANK, IN + 1}, {B, OUT, RANK}}, FORMAT_ERROR_MISMATCH,
      "tensor \"" A "\" has the shape [3, 20], expected [any, 19]"},
  {"other-output", {{A, RANK, IN}, {B, OUT + 1, RANK}}, FORMAT_ERROR_MISMATCH,
      "tensor \"" B "\" has the shape [6, 3], expected [5, 3]"},
  {"no-rank", {{A, 0, IN}, {B, OUT, RANK}}, FORMAT_ERROR_MISMATCH,
      "tensor \"" A "\" is of rank 0"},
  {"vector", {{A, IN}, {B, OUT, RANK}}, FORMAT_ERROR_MISMATCH,
      "tensor \"" A "\" has the shape [19], expected [any, 19]"},
  {"other-diff", {{DIFF, IN, OUT}}, FORMAT_ERROR_MISMATCH,
      "tensor \"" DIFF "\" has the shape [19, 5], expected [5, 19]"},
  {"nan-down", {{A, RANK, IN, NAN}, {B, OUT, RANK}}, FORMAT_ERROR_CORRUPT,
      "tensor \"" A "\": value 0 is nan, expected one that is finite"},
  {"infinite-up", {{A, RANK, IN}, {B, OUT, RANK, INFINITY}},
      FORMAT_ERROR_CORRUPT, "tensor \"" B "\": value 0 is inf"},
  {"nan-diff", {{DIFF, OUT, IN, NAN}}, FORMAT_ERROR_CORRUPT,
      "tensor \"" DIFF "\": value 0 is nan"},
  {"nan-alpha", {{A, RANK, IN}, {B, OUT, RANK}, {ALPHA, 1, 0, NAN}},
      FORMAT_ERROR_CORRUPT, "tensor \"" ALPHA "\": value 0 is nan"},
  {"two-alphas", {{A, RANK, IN}, {B, OUT, RANK}, {ALPHA, 2}},
      FORMAT_ERROR_MISMATCH, "tensor \"" ALPHA "\" holds 2 values, expected 1"},
  {"huge", {{A, RANK, IN, 1e30}, {B, OUT, RANK, 1e30}}, FORMAT_ERROR_CORRUPT,
      "\"" A "\" and \"" B "\" have a product that is not finite"},
  {"integers", {{A, RANK, IN, 0, "I32"}, {B, OUT, RANK}},
      FORMAT_ERROR_UNSUPPORTED, "tensor \"" A "\" is of type I32"},
  {"no-scale", {{A, RANK, IN, 0, "I8"}, {B, OUT, RANK}},
      FORMAT_ERROR_NOT_FOUND,
      "tensor \"" A "\" is of type I8 and has no scale"},
  {"other-modules", {{DIFF, OUT, IN}, {"blocks.7.attn1.to_q.diff", OUT, IN},
          {"ff.lora_A.weight", OUT, IN}, {"ff.lora_B.weight", OUT, IN}},
      FORMAT_ERROR_MISMATCH,
      "3 of 4 tensors fit no module of the transformer, the first is "
      "\"blocks.7.attn1.to_q.diff\""},
  {"bias-of-none", {{DIFF, OUT, IN}, {"blocks.0.attn1.to_q.diff_b", OUT}},
      FORMAT_ERROR_MISMATCH, "1 of 2 tensors fit no module"},
};

static TensorStore *
store_of (const Part * parts, guint n)
{
  TensorWriter w = tensor_writer_new ();

  for (guint i = 0; i < n && parts[i].name; i++) {
    const Part *p = &parts[i];
    const gsize dims[] = { p->rows, p->cols };
    gsize count = p->rows * MAX (p->cols, 1);
    gsize size = g_strcmp0 (p->dtype, "I8") == 0 ? 1 : sizeof (float);
    g_autofree float *values = g_new (float, count);

    for (gsize j = 0; j < count; j++)
      values[j] = p->value;
    tensor_writer_add (&w, p->name, p->dtype ? p->dtype : "F32",
        p->cols ? 2 : 1, dims, values, count * size);
  }
  return end_store (&w);
}

/* All that is done with an adapter. */
static void
use (TensorStore * store, GError ** error)
{
  static const float weight[OUT * IN];
  const OclHostArray array = matrix (weight);
  g_autoptr (Lora) lora = lora_new (store, 1, error);
  g_autofree float *values = NULL;

  if (lora && lora_merge (lora, to_q, "weight", &array, &values, error))
    lora_check_used (lora, error);
}

static void
test_wrong (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (TensorStore) store = store_of (wrongs[i].parts,
      G_N_ELEMENTS (wrongs[i].parts));
  g_autoptr (GError) error = NULL;

  use (store, &error);
  g_assert_error (error, FORMAT_ERROR, (int) wrongs[i].code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, wrongs[i].says));
}

static void
test_no_file (void)
{
  const LoraFile file = { "/no/such/lora.safetensors", 1 };
  g_autoptr (GError) error = NULL;

  g_assert_null (lora_open (&file, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, file.path));
}

/* ---- all ---------------------------------------------------------------------- */

static const char *const metadata[] = {
  "{\"transformer.lora_alpha\": 6, \"transformer.r\": 3,"
      " \"transformer.alpha_pattern\": {}}",
  "{\"lora_alpha\": 6.0, \"use_rslora\": false, \"r\": 3}",
  "{\"lora_alpha\": 6, \"use_rslora\": true}"
};

static const char *const wrong_metadata[] = {
  "none", "{\"lora_alpha\": \"6\"}",
  "{\"lora_alpha\": 6, \"alpha_pattern\": {\"attn1.to_q\": 3}}"
};

static void
add_numbered (const char *group, guint i, const char *text, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("%s/%u", group, i);

  g_test_add_data_func (path, text, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (namings); i++) {
    g_autofree char *path = g_strconcat ("/lora/names/", namings[i].name, NULL);

    g_test_add_data_func (path, &namings[i], test_naming);
  }
  for (guint i = 0; i < G_N_ELEMENTS (metadata); i++)
    add_numbered ("/lora/metadata", i, metadata[i], test_metadata);
  for (guint i = 0; i < G_N_ELEMENTS (wrong_metadata); i++)
    add_numbered ("/lora/wrong-metadata", i, wrong_metadata[i],
        test_wrong_metadata);
  g_test_add_func ("/lora/types", test_types);
  g_test_add_func ("/lora/differences", test_differences);
  g_test_add_func ("/lora/convolution", test_convolution);
  g_test_add_func ("/lora/others", test_others_left_alone);
  g_test_add_func ("/lora/no-file", test_no_file);
  for (guint i = 0; i < G_N_ELEMENTS (wrongs); i++) {
    g_autofree char *path = g_strconcat ("/lora/wrong/", wrongs[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_wrong);
  }
  return g_test_run ();
}

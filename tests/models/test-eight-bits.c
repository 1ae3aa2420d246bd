/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-eight-bits.c: golden pipelines with weights of 8 bits, made here, do
 * exactly what they do with the same numbers in float32. */

#include <string.h>
#include <glib/gstdio.h>

#include "models/video/text-encoder.h"
#include "models/video/transformer.h"
#include "models/video/vae.h"
#include "tests/ocl/eight-bits.h"
#include "model-test.h"
#include "tensor-writer.h"

/* ---- quantisation ------------------------------------------------------------- */

/* Ways to store a tensor, taken in turns. */
typedef struct
{
  OclType type;
  const char *dtype;
  enum
  { NO_SCALE, ONE_SCALE, ROW_SCALES } scales;
  const char *companion;        /* of X.weight */
} Form;

static const Form forms[] = {
  {OCL_I8, "I8", ROW_SCALES, "weight_scale"},
  {OCL_F8_E4M3, "F8_E4M3", ONE_SCALE, "scale_weight"},
  {OCL_I8, "I8", ONE_SCALE, "weight_scale"},
  {OCL_F8_E5M2, "F8_E5M2", NO_SCALE, NULL},
  {OCL_F8_E4M3, "F8_E4M3", ROW_SCALES, "weight_scale"},
};

static char *
companion_name (const Form * form, const char *name)
{
  if (!g_str_has_suffix (name, ".weight"))
    return g_strconcat (name, "_scale", NULL);
  return g_strdup_printf ("%.*s%s", (int) (strlen (name) - strlen ("weight")),
      name, form->companion);
}

/* The code of @type that is next to @value. */
static guint8
nearest (OclType type, double value)
{
  double least = INFINITY;
  guint8 best = 0;

  for (guint code = 0; code < 256; code++) {
    double difference = fabs (eight_bits_value (type, code) - value);

    if (difference < least) {
      least = difference;
      best = code;
    }
  }
  return best;
}

/* What makes @n values fill the type, or 1. */
static float
scale_for (const Form * form, const float *values, gsize n)
{
  float most = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, fabsf (values[i]));
  return most > 0 ? most / (form->type == OCL_I8 ? 127 : 448) : 1;
}

/* Adds tensor @name to both files: @eight stores it as @form says, @plain what
 * that is. */
static void
add_tensor (TensorWriter * eight, TensorWriter * plain, const char *name,
    const OclHostArray * array, const Form * form)
{
  gsize n = ocl_host_array_get_count (array), rows = array->dims[0];
  gsize n_scales = form->scales == ROW_SCALES ? rows : 1;
  g_autofree float *values = g_new (float, n);
  g_autofree float *scales = g_new (float, n_scales);
  g_autofree guint8 *codes = g_malloc (n);
  g_autofree char *companion = companion_name (form, name);
  const gsize column[2] = { rows, 1 };

  ocl_host_array_to_float (array, 0, n, values);
  for (gsize row = 0; row < n_scales; row++) {
    gsize run = n / n_scales, end = (row + 1) * run;

    scales[row] = form->scales == NO_SCALE ? 1
        : scale_for (form, values + row * run, run);
    for (gsize i = row * run; i < end; i++) {
      codes[i] = nearest (form->type, values[i] / scales[row]);
      values[i] = (float) eight_bits_value (form->type, codes[i])
          * scales[row];
    }
  }
  tensor_writer_add (eight, name, form->dtype, array->n_dims, array->dims,
      codes, n);
  if (form->scales != NO_SCALE)
    tensor_writer_add (eight, companion, "F32",
        form->scales == ROW_SCALES ? 2 : 0, column, scales,
        n_scales * sizeof *scales);
  tensor_writer_add (plain, name, "F32", array->n_dims, array->dims, values,
      n * sizeof *values);
}

/* Directories with a part's tensors in 8 bits, and in float32. */
typedef struct
{
  char *eight, *plain;
} Parts;

static char *
make_directory (const char *part)
{
  g_autoptr (GError) error = NULL;
  char *directory = g_dir_make_tmp ("test-eight-XXXXXX", &error);
  g_autofree char *from = g_build_filename (part, "config.json", NULL);
  g_autofree char *to = g_build_filename (directory, "config.json", NULL);
  g_autofree char *config = NULL;

  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (from, &config, NULL, NULL));
  g_assert_true (g_file_set_contents (to, config, -1, NULL));
  return directory;
}

static void
remove_directory (char *directory)
{
  static const char *const files[] = { "model.safetensors", "config.json" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (directory, files[i], NULL);

    g_assert_cmpint (g_unlink (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  g_free (directory);
}

static void
save (TensorWriter * w, const char *directory)
{
  g_autofree char *path =
      g_build_filename (directory, "model.safetensors", NULL);
  g_autoptr (GBytes) bytes = tensor_writer_end (w);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
}

/* @turn: the form of the first tensor. */
static Parts
make_parts (const char *pipeline, const char *part, guint turn)
{
  static const char *const stems[] = {
    "diffusion_pytorch_model", "model", NULL
  };
  g_autofree char *path = golden_path (pipeline, part);
  g_autoptr (GError) error = NULL;
  g_autoptr (TensorStore) store = tensor_store_open (path, stems, &error);
  const char *const *names = tensor_store_get_names (store);
  Parts parts = { make_directory (path), make_directory (path) };
  TensorWriter eight = tensor_writer_new (), plain = tensor_writer_new ();

  g_assert_no_error (error);
  for (guint i = 0; names[i]; i++) {
    OclHostArray array;

    tensor_store_get_weight (store, names[i], &array, &error, 0);
    g_assert_no_error (error);
    add_tensor (&eight, &plain, names[i], &array,
        &forms[(i + turn) % G_N_ELEMENTS (forms)]);
  }
  save (&eight, parts.eight);
  save (&plain, parts.plain);
  return parts;
}

/* ---- what the parts make ---------------------------------------------------------- */

static GArray *
read_tensor (OclContext * cl, OclTensor * t)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GError) error = NULL;

  g_array_set_size (values, t->rows * t->cols);
  ocl_tensor_read (cl, t, values->data, &error);
  g_assert_no_error (error);
  return values;
}

static GArray *
encode (OclContext * cl, const char *directory, OclPrecision precision,
    TensorStore * reference)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TextEncoder) encoder =
      text_encoder_open (cl, directory, precision, NULL, NULL, &error);
  g_autoptr (OclTensor) y = NULL;
  OclHostArray ids;

  g_assert_no_error (error);
  tensor_store_get (reference, "text.0.ids", &ids, &error, 1, G_MAXSIZE);
  g_assert_no_error (error);
  y = text_encoder_encode (encoder, ids.data, ids.dims[0]);
  return read_tensor (cl, y);
}

static GArray *
forward (OclContext * cl, const char *directory, OclPrecision precision,
    TensorStore * reference)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Transformer) transformer =
      transformer_open (cl, directory, precision, NULL, NULL, NULL, &error);
  OclHostArray latents = golden_get (reference, "transformer", 0, "latents", 4);
  OclHostArray embeds = golden_get (reference, "text", 0, "embeds", 2);
  OclHostArray timestep =
      golden_get (reference, "transformer", 0, "timestep", 1);
  g_autoptr (OclTensor) x = ocl_tensor_new_from_host (cl, OCL_F32, &latents);
  g_autoptr (OclTensor) text = ocl_tensor_new_from_host (cl, OCL_F32, &embeds);
  g_autoptr (OclTensor) velocity =
      ocl_tensor_newv (cl, OCL_F32, 4, latents.dims);
  g_autoptr (TextContext) context = NULL;

  g_assert_no_error (error);
  context = text_context_new (transformer, text, 512);
  transformer_forward (transformer, velocity, x, timestep.data, 1, context,
      NULL);
  return read_tensor (cl, velocity);
}

/* Two latent frames: what the second has besides is its layers in time. */
static GArray *
decode (OclContext * cl, const char *directory, OclPrecision precision,
    TensorStore * reference)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Vae) vae = vae_open (cl, directory, precision, &error);
  g_autoptr (VaeDecoder) decoder = NULL;
  OclHostArray latents = golden_get (reference, "vae", 0, "latents", 4);
  gsize size = latents.dims[2] * latents.dims[3];
  g_autoptr (OclTensor) latent = ocl_tensor_new (cl, OCL_F32, 3,
      latents.dims[0], latents.dims[2], latents.dims[3]);
  GArray *pixels = NULL;

  g_assert_no_error (error);
  decoder = vae_decoder_new (vae, latents.dims[2], latents.dims[3]);
  g_assert_cmpuint (size * latents.dims[0], <=,
      ocl_host_array_get_count (&latents));
  ocl_tensor_write (cl, latent, latents.data);
  for (guint t = 0; t < 2; t++) {
    g_autoptr (OclTensor) y = vae_decoder_decode (decoder, latent);

    g_clear_pointer (&pixels, g_array_unref);
    pixels = read_tensor (cl, y);
  }
  return pixels;
}

/* ---- tests ---------------------------------------------------------------------- */

static const struct
{
  const char *part;
  GArray *(*run) (OclContext * cl, const char *directory,
      OclPrecision precision, TensorStore * reference);
} stages[] = {
  {"text_encoder", encode}, {"transformer", forward}, {"vae", decode}
};

typedef struct
{
  const char *pipeline;
  guint stage, turn;
  OclPrecision precision;
} Setting;

static void
test_same (gconstpointer data)
{
  const Setting *s = data;
  const char *part = stages[s->stage].part;
  g_autoptr (OclContext) cl = model_test_context (OCL_GEMM_PACKED);
  g_autoptr (TensorStore) reference = golden_reference (s->pipeline);
  g_autofree char *golden = golden_path (s->pipeline, part);
  Parts parts = make_parts (s->pipeline, part, s->turn);
  g_autoptr (GArray) eight =
      stages[s->stage].run (cl, parts.eight, s->precision, reference);
  g_autoptr (GArray) plain =
      stages[s->stage].run (cl, parts.plain, s->precision, reference);
  g_autoptr (GArray) exact =
      stages[s->stage].run (cl, golden, s->precision, reference);
  double e = test_relative_error ((float *) eight->data,
      (float *) exact->data, exact->len);

  g_assert_cmpmem (eight->data, eight->len * sizeof (float), plain->data,
      plain->len * sizeof (float));
  g_test_message ("relative error %.2g by quantisation", e);
  g_assert_cmpfloat (e, <=, 0.5);
  g_assert_cmpfloat (e, >, 0);
  remove_directory (parts.eight);
  remove_directory (parts.plain);
}

/* A transformer whose int8 lacks a scale says which. */
static void
test_no_scale (void)
{
  g_autoptr (OclContext) cl = model_test_context (OCL_GEMM_PACKED);
  Parts parts = make_parts ("wan21-small", "transformer", 0);
  g_autofree char *path =
      g_build_filename (parts.eight, "model.safetensors", NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  char *at;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  while ((at = g_strstr_len (bytes + 8, length - 8, "weight_scale")))
    memcpy (at, "weight_score", strlen ("weight_score"));
  g_assert_true (g_file_set_contents (path, bytes, length, NULL));
  g_assert_null (transformer_open (cl, parts.eight, OCL_PRECISION_FLOAT32,
          NULL, NULL, NULL, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "is of type I8 and has no scale"));
  remove_directory (parts.eight);
  remove_directory (parts.plain);
}

static void
add (const char *pipeline, guint stage, guint turn, OclPrecision precision)
{
  static const char *const precisions[] =
      { "auto", "float32", "bfloat16", "int16" };
  g_autofree char *path = g_strdup_printf ("/eight-bits/%s/%s/%s/%u",
      stages[stage].part, pipeline, precisions[precision], turn);
  Setting *s = g_new (Setting, 1);

  *s = (Setting) {
  pipeline, stage, turn, precision};
  g_test_add_data_func_full (path, s, test_same, g_free);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint stage = 0; stage < G_N_ELEMENTS (stages); stage++) {
    for (guint turn = 0; turn < G_N_ELEMENTS (forms); turn++)
      add ("wan21-small", stage, turn, OCL_PRECISION_FLOAT32);
    add ("wan22-plain", stage, 0, OCL_PRECISION_FLOAT32);
    add ("wan21", stage, 1, OCL_PRECISION_BFLOAT16);
    add ("wan21", stage, 1, OCL_PRECISION_INT16);
  }
  g_test_add_func ("/eight-bits/no-scale", test_no_scale);
  return g_test_run ();
}

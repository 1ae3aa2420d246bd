/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench.c: how fast the operations of the compute library are, at the sizes of
 * the models, and in the same run OpenBLAS at the same products.
 *
 * bench [--device=D] [--gemm=packed|clblast] [--portable] [--rounds=N]
 * [--cpu-time] [PART]: only the rows whose name contains PART. Times are the best of N rounds, in
 * each of which the operation and OpenBLAS take turns. On a busy machine the time that
 * processors spent says more, with POCL_MAX_PTHREAD_COUNT=1 and
 * OPENBLAS_NUM_THREADS=1: then the figures are those of one core. */

#include <string.h>
#include <time.h>

#ifdef HAVE_OPENBLAS
#include <cblas.h>
#endif

#include "ocl/ocl-private.h"

static int rounds = 7;
static gboolean cpu_time;
static const char *part = "";

/* ---- rows of the table -------------------------------------------------------- */

typedef void (*Work) (gpointer data);

static double
now (void)
{
  struct timespec t;

  clock_gettime (cpu_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static double
seconds_of (OclContext * cl, Work work, gpointer data)
{
  g_autoptr (GError) error = NULL;
  double start = now ();

  work (data);
  if (cl && !ocl_context_finish (cl, &error))
    g_error ("%s", error->message);
  return now () - start;
}

static gboolean
wanted (const char *name)
{
  return strstr (name, part) != NULL;
}

/* @amount: floating-point operations or bytes. */
static void
print_row (const char *name, const char *unit, double amount, OclContext * cl,
    Work work, Work blas, gpointer data)
{
  double best = G_MAXDOUBLE, best_blas = G_MAXDOUBLE;

  seconds_of (cl, work, data);  /* compiles */
  for (int i = 0; i < rounds; i++) {
    double t = seconds_of (cl, work, data);

    best = MIN (best, t);
    if (blas) {
      t = seconds_of (NULL, blas, data);
      best_blas = MIN (best_blas, t);
    }
  }
  g_print ("%-44s %9.3f ms %8.1f %s", name, best * 1e3, amount / best * 1e-9,
      unit);
  if (blas)
    g_print ("   %8.1f  %5.2f x", amount / best_blas * 1e-9, best_blas / best);
  g_print ("\n");
}

/* ---- products -------------------------------------------------------------------- */

/* What OpenBLAS multiplies: @count times [m, k] by [k, n], float32. */
typedef struct
{
  gsize m, n, k, count;
  float *a, *b, *c;
} Matrices;

static float *
numbers (gsize n)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (i * 2654435761u >> 8 & 0xffff) / 65536.0f - 0.5f;
  return values;
}

static void
matrices_init (Matrices * m, gsize rows, gsize columns, gsize depth,
    gsize count)
{
  *m = (Matrices) {
  rows, columns, depth, count};
  m->a = numbers (rows * depth);
  m->b = numbers (columns * depth);
  m->c = g_new0 (float, rows * columns);
}

static void
matrices_clear (Matrices * m)
{
  g_free (m->a);
  g_free (m->b);
  g_free (m->c);
}

static double
matrices_flops (const Matrices * m)
{
  return 2.0 * m->m * m->n * m->k * m->count;
}

/* The weights are [n, k], as a checkpoint has them. */
static void
matrices_multiply (const Matrices * m)
{
#ifdef HAVE_OPENBLAS
  for (gsize i = 0; i < m->count; i++)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, m->m, m->n, m->k, 1,
        m->a, m->k, m->b, m->k, 0, m->c, m->n);
#endif
}

#ifdef HAVE_OPENBLAS
#define BLAS(work) (work)
#define BLAS_NAME openblas_get_corename ()      /* its kernels' processor */
#else
#define BLAS(work) ((void) (work), NULL)        /* refers to it: else it is unused */
#define BLAS_NAME "not there"
#endif

static OclTensor *
new_tensor (OclContext * cl, gsize rows, gsize cols)
{
  g_autofree float *values = numbers (rows * cols);
  OclTensor *t = ocl_tensor_new (cl, OCL_F32, 2, rows, cols);

  ocl_tensor_write (cl, t, values);
  return t;
}

static const char *
precision_name (OclPrecision precision)
{
  return precision == OCL_PRECISION_BFLOAT16 ? "bf16"
      : precision == OCL_PRECISION_INT16 ? "int16" : "f32";
}

/* ---- linear ------------------------------------------------------------------------ */

typedef struct
{
  OclContext *cl;
  OclTensor *x, *y;
  OclLinear *linear;
  OclEpilogue epilogue;
  Matrices m;
} LinearBench;

static void
linear_work (gpointer data)
{
  LinearBench *b = data;

  ocl_linear (b->cl, b->y, b->x, b->linear, &b->epilogue);
}

static void
linear_blas (gpointer data)
{
  matrices_multiply (&((LinearBench *) data)->m);
}

static void
bench_linear (OclContext * cl, gsize rows, gsize in, gsize out,
    OclActivation activation, OclPrecision precision)
{
  g_autofree char *name = g_strdup_printf ("linear %s %" G_GSIZE_FORMAT " x %"
      G_GSIZE_FORMAT " -> %" G_GSIZE_FORMAT "%s", precision_name (precision),
      rows, in, out, activation == OCL_ACTIVATION_GELU_TANH ? " gelu" : "");
  LinearBench b = { cl };
  OclHostArray weight = { NULL, OCL_F32, 2, {out, in} };

  if (!wanted (name))
    return;
  matrices_init (&b.m, rows, out, in, 1);
  weight.data = b.m.b;
  b.linear = ocl_linear_new (cl, &weight, NULL, 1, precision);
  b.x = new_tensor (cl, rows, in);
  b.y = new_tensor (cl, rows, out);
  b.epilogue.activation = activation;
  print_row (name, "GFLOP/s", matrices_flops (&b.m), cl, linear_work,
      BLAS (linear_blas), &b);
  ocl_linear_free (b.linear);
  ocl_tensor_unref (b.x);
  ocl_tensor_unref (b.y);
  matrices_clear (&b.m);
}

/* ---- attention ------------------------------------------------------------------------ */

typedef struct
{
  OclContext *cl;
  OclTensor *q, *k, *v, *y;
  OclKeyValues *kv;
  OclAttentionOptions options;
  Matrices scores, values;      /* one head's two products */
} AttentionBench;

static void
attention_work (gpointer data)
{
  AttentionBench *b = data;

  ocl_key_values_write (b->cl, b->kv, 0, b->k, b->v);
  ocl_attention (b->cl, b->y, b->q, b->kv, &b->options);
}

/* Without the softmax between them. */
static void
attention_blas (gpointer data)
{
  AttentionBench *b = data;

  matrices_multiply (&b->scores);
  matrices_multiply (&b->values);
}

static void
bench_attention (OclContext * cl, gsize queries, gsize keys, guint heads,
    guint size, OclPrecision precision)
{
  g_autofree char *name = g_strdup_printf ("attention%s %u x %u, %"
      G_GSIZE_FORMAT " queries, %" G_GSIZE_FORMAT " keys",
      precision == OCL_PRECISION_BFLOAT16 ? " bf16" : "", heads, size, queries,
      keys);
  AttentionBench b = { cl };

  if (!wanted (name))
    return;
  matrices_init (&b.scores, queries, keys, size, heads);
  matrices_init (&b.values, queries, size, keys, heads);
  b.q = new_tensor (cl, queries, heads * size);
  b.k = new_tensor (cl, keys, heads * size);
  b.v = new_tensor (cl, keys, heads * size);
  b.y = new_tensor (cl, queries, heads * size);
  b.kv = ocl_key_values_new (cl, keys, heads, size, precision);
  b.options.scale = 0.1;
  b.options.count = keys;
  print_row (name, "GFLOP/s", 2 * matrices_flops (&b.scores), cl,
      attention_work, BLAS (attention_blas), &b);
  ocl_key_values_free (b.kv);
  ocl_tensor_unref (b.q);
  ocl_tensor_unref (b.k);
  ocl_tensor_unref (b.v);
  ocl_tensor_unref (b.y);
  matrices_clear (&b.scores);
  matrices_clear (&b.values);
}

/* ---- convolution ------------------------------------------------------------------------ */

typedef struct
{
  OclContext *cl;
  OclTensor *x, *y, *history;
  OclConv *conv;
  Matrices m;                   /* the same sums as one product */
} ConvBench;

static void
conv_work (gpointer data)
{
  ConvBench *b = data;

  ocl_conv (b->cl, b->y, b->x, b->history, b->conv, NULL);
}

static void
conv_blas (gpointer data)
{
  matrices_multiply (&((ConvBench *) data)->m);
}

/* 3 x 3 x 3; or, with @upsample, 3 x 3 on twice the size. */
static void
bench_conv (OclContext * cl, gsize frames, gsize height, gsize width, gsize in,
    gsize out, gboolean upsample, OclPrecision precision)
{
  guint taps = upsample ? 9 : 27, up = upsample ? 2 : 1;
  g_autofree char *name = g_strdup_printf ("conv %s %s %ux%ux%u, %u -> %u",
      upsample ? "up 3x3" : "3x3x3", precision_name (precision),
      (guint) frames, (guint) height, (guint) width, (guint) in, (guint) out);
  const OclConvOptions options = { 0, 1, 1, 1, 1, upsample };
  /* as the VAE has it */
  OclType type = precision == OCL_PRECISION_BFLOAT16 ? OCL_BF16 : OCL_F32;
  OclHostArray weight = { NULL, OCL_F32, upsample ? 4 : 5, {out, in, 3, 3, 3} };
  ConvBench b = { cl };

  if (!wanted (name))
    return;
  matrices_init (&b.m, frames * height * width * up * up, out, in * taps, 1);
  weight.data = b.m.b;
  b.conv = ocl_conv_new (cl, &weight, NULL, &options, precision);
  b.x = ocl_tensor_new (cl, type, 4, frames, height, width, in);
  b.y = ocl_tensor_new (cl, OCL_F32, 4, frames, up * height, up * width, out);
  ocl_tensor_fill (cl, b.x, 0.5);
  if (!upsample) {
    b.history = ocl_tensor_new (cl, type, 4, 2, height, width, in);
    ocl_tensor_fill (cl, b.history, 0.5);
  }
  print_row (name, "GFLOP/s", matrices_flops (&b.m), cl, conv_work,
      BLAS (conv_blas), &b);
  ocl_conv_free (b.conv);
  ocl_tensor_unref (b.x);
  ocl_tensor_unref (b.y);
  ocl_tensor_unref (b.history);
  matrices_clear (&b.m);
}

/* ---- operations that move bytes ------------------------------------------------------ */

typedef struct
{
  OclContext *cl;
  OclTensor *x, *y, *row, *table, *ids;
  guint heads;
} RowsBench;

static void
layer_norm_work (gpointer data)
{
  RowsBench *b = data;

  ocl_layer_norm (b->cl, b->y, b->x, NULL, NULL, b->row, b->row, 1e-6);
}

static void
rms_norm_work (gpointer data)
{
  RowsBench *b = data;

  ocl_rms_norm (b->cl, b->y, b->x, b->row, 1e-6);
}

static void
channel_norm_work (gpointer data)
{
  RowsBench *b = data;

  ocl_channel_norm (b->cl, b->y, b->x, b->row, OCL_ACTIVATION_SILU);
}

static void
rope_work (gpointer data)
{
  RowsBench *b = data;

  ocl_rope (b->cl, b->x, b->x, b->table, b->table, b->heads);
}

static void
add_work (gpointer data)
{
  RowsBench *b = data;

  ocl_add (b->cl, b->y, b->x, b->y);
}

static void
copy_work (gpointer data)
{
  RowsBench *b = data;

  ocl_tensor_copy (b->cl, b->y, b->x);
}

static void
softmax_work (gpointer data)
{
  RowsBench *b = data;

  ocl_softmax (b->cl, b->y, b->x);
}

static void
activate_work (gpointer data)
{
  RowsBench *b = data;

  ocl_activate (b->cl, b->y, b->x, OCL_ACTIVATION_GELU_TANH);
}

static void
affine_work (gpointer data)
{
  RowsBench *b = data;

  ocl_affine (b->cl, b->y, b->x, 2, 1);
}

static void
embedding_work (gpointer data)
{
  RowsBench *b = data;

  ocl_embedding (b->cl, b->y, b->x, b->ids);
}

static void
transpose_work (gpointer data)
{
  RowsBench *b = data;
  g_autoptr (OclTensor) y =
      ocl_tensor_reshape (b->y, 2, b->x->dims[1], b->x->dims[0]);

  ocl_transpose (b->cl, y, b->x);
}

/* The rows as [channels, 1, height, width] of latents, in patches of 2 x 2. */
static const guint patch[3] = { 1, 2, 2 };

static OclTensor *
as_latents (RowsBench * b, OclTensor * t)
{
  return ocl_tensor_reshape (t, 4, b->x->dims[1] / 4, 1, 2, 2 * b->x->dims[0]);
}

static void
patchify_work (gpointer data)
{
  RowsBench *b = data;
  g_autoptr (OclTensor) x = as_latents (b, b->x);

  ocl_patchify (b->cl, b->y, x, patch);
}

static void
unpatchify_work (gpointer data)
{
  RowsBench *b = data;
  g_autoptr (OclTensor) y = as_latents (b, b->y);

  ocl_unpatchify (b->cl, y, b->x, patch);
}

/* The rows as [1, 1, width, channels], twice as large in y with a quarter of the
 * channels. */
static void
double_size (RowsBench * b, void (*op) (OclContext * cl, OclTensor * y,
        OclTensor * x))
{
  gsize rows = b->x->dims[0], cols = b->x->dims[1];
  g_autoptr (OclTensor) x = ocl_tensor_reshape (b->x, 4, 1, 1, rows, cols);
  g_autoptr (OclTensor) y =
      ocl_tensor_reshape (b->y, 4, 1, 2, 2 * rows, cols / 4);

  op (b->cl, y, x);
}

/* The first quarter of the rows. */
static void
upsample_work (gpointer data)
{
  RowsBench *b = data;
  gsize rows = b->x->dims[0] / 4, cols = b->x->dims[1];
  g_autoptr (OclTensor) quarter = ocl_tensor_rows (b->x, 0, rows);
  g_autoptr (OclTensor) x = ocl_tensor_reshape (quarter, 4, 1, 1, rows, cols);
  g_autoptr (OclTensor) y = ocl_tensor_reshape (b->y, 4, 1, 2, 2 * rows, cols);

  ocl_upsample_nearest (b->cl, y, x);
}

static void
depth_to_space (OclContext * cl, OclTensor * y, OclTensor * x)
{
  ocl_depth_to_space (cl, y, x, 2);
}

static void
depth_to_space_work (gpointer data)
{
  double_size (data, depth_to_space);
}

static void
duplicate_up (OclContext * cl, OclTensor * y, OclTensor * x)
{
  ocl_duplicate_up (cl, y, x, 1, 0);
}

static void
duplicate_up_work (gpointer data)
{
  double_size (data, duplicate_up);
}

static void
bench_rows (OclContext * cl, const char *op, Work work, gsize rows, gsize cols,
    guint heads, OclType y_type)
{
  g_autofree char *name = g_strdup_printf ("%s %" G_GSIZE_FORMAT " x %"
      G_GSIZE_FORMAT, op, rows, cols);
  g_autofree gint32 *ids = g_new0 (gint32, rows);
  RowsBench b = { cl };

  if (!wanted (name))
    return;
  for (gsize i = 0; i < rows; i++)
    ids[i] = i * 7919 % rows;
  b.x = new_tensor (cl, rows, cols);
  b.y = ocl_tensor_new (cl, y_type, 2, rows, cols);
  ocl_tensor_fill (cl, b.y, 0);
  b.row = new_tensor (cl, 1, cols);
  b.ids = ocl_tensor_new (cl, OCL_I32, 1, rows);
  ocl_tensor_write (cl, b.ids, ids);
  b.table = new_tensor (cl, rows, cols / heads / 2);
  b.heads = heads;
  print_row (name, "GB/s   ", (double) rows * cols * (sizeof (float)
          + ocl_type_size (y_type)), cl, work, NULL, &b);
  ocl_tensor_unref (b.x);
  ocl_tensor_unref (b.y);
  ocl_tensor_unref (b.row);
  ocl_tensor_unref (b.ids);
  ocl_tensor_unref (b.table);
}

/* ---- the table ------------------------------------------------------------------------- */

static void
bench_linears (OclContext * cl, OclPrecision p)
{
  /* Wan 1.3B */
  bench_linear (cl, 1280, 1536, 1536, OCL_ACTIVATION_NONE, p);
  bench_linear (cl, 1280, 1536, 4608, OCL_ACTIVATION_NONE, p);
  bench_linear (cl, 1280, 1536, 8960, OCL_ACTIVATION_GELU_TANH, p);
  bench_linear (cl, 1280, 8960, 1536, OCL_ACTIVATION_NONE, p);
  bench_linear (cl, 1, 1536, 9216, OCL_ACTIVATION_NONE, p);
  bench_linear (cl, 16, 1536, 1536, OCL_ACTIVATION_NONE, p);
  /* the starter */
  bench_linear (cl, 192, 320, 320, OCL_ACTIVATION_NONE, p);
  bench_linear (cl, 192, 320, 960, OCL_ACTIVATION_NONE, p);
  bench_linear (cl, 192, 320, 1024, OCL_ACTIVATION_GELU_TANH, p);
  bench_linear (cl, 192, 1024, 320, OCL_ACTIVATION_NONE, p);
  bench_linear (cl, 1, 320, 1920, OCL_ACTIVATION_NONE, p);
}

static void
bench_precision (OclContext * cl, OclPrecision p)
{
  bench_linears (cl, p);
  /* the VAE of Wan 2.1 */
  bench_conv (cl, 1, 60, 104, 384, 384, FALSE, p);
  bench_conv (cl, 2, 60, 104, 192, 192, FALSE, p);
  bench_conv (cl, 4, 60, 104, 96, 96, FALSE, p);
  bench_conv (cl, 4, 60, 104, 96, 3, FALSE, p);
  bench_conv (cl, 1, 60, 104, 16, 384, FALSE, p);
  bench_conv (cl, 1, 30, 52, 384, 192, TRUE, p);
  /* the starter's */
  bench_conv (cl, 1, 8, 8, 128, 128, FALSE, p);
  bench_conv (cl, 2, 16, 16, 128, 128, FALSE, p);
  bench_conv (cl, 4, 32, 32, 64, 64, FALSE, p);
  bench_conv (cl, 4, 64, 64, 64, 64, FALSE, p);
  bench_conv (cl, 4, 64, 64, 64, 48, FALSE, p);
  /* Wan 1.3B, then the starter: of itself and of the prompt */
  bench_attention (cl, 1280, 1280, 12, 128, p);
  bench_attention (cl, 4096, 4096, 12, 128, p);
  bench_attention (cl, 1280, 512, 12, 128, p);
  bench_attention (cl, 192, 960, 5, 64, p);
  bench_attention (cl, 192, 40, 5, 64, p);
}

static void
bench_all (OclContext * cl)
{
  g_print ("%-44s %12s %16s   OpenBLAS SGEMM (%s)\n", "", "best", "",
      BLAS_NAME);
  bench_precision (cl, OCL_PRECISION_FLOAT32);
  bench_precision (cl, OCL_PRECISION_BFLOAT16);
  bench_linears (cl, OCL_PRECISION_INT16);
  bench_attention (cl, 32, 32, 6, 32, OCL_PRECISION_FLOAT32);
  bench_attention (cl, 1560, 1560, 1, 384, OCL_PRECISION_FLOAT32);
  bench_rows (cl, "layer_norm", layer_norm_work, 1280, 1536, 12, OCL_F32);
  bench_rows (cl, "rms_norm", rms_norm_work, 1280, 1536, 12, OCL_F32);
  bench_rows (cl, "channel_norm", channel_norm_work, 24960, 96, 1, OCL_F32);
  bench_rows (cl, "channel_norm bf16", channel_norm_work, 24960, 96, 1,
      OCL_BF16);
  bench_rows (cl, "rope", rope_work, 1280, 1536, 12, OCL_F32);
  bench_rows (cl, "add", add_work, 1280, 1536, 1, OCL_F32);
  bench_rows (cl, "copy", copy_work, 1280, 1536, 1, OCL_F32);
  bench_rows (cl, "affine", affine_work, 1280, 1536, 1, OCL_F32);
  bench_rows (cl, "gelu", activate_work, 1280, 1536, 1, OCL_F32);
  bench_rows (cl, "softmax", softmax_work, 1280, 1536, 1, OCL_F32);
  bench_rows (cl, "embedding", embedding_work, 512, 4096, 1, OCL_F32);
  bench_rows (cl, "transpose", transpose_work, 1280, 1536, 1, OCL_F32);
  bench_rows (cl, "patchify", patchify_work, 32760, 64, 1, OCL_F32);
  bench_rows (cl, "unpatchify", unpatchify_work, 32760, 64, 1, OCL_F32);
  bench_rows (cl, "upsample", upsample_work, 24960, 96, 1, OCL_F32);
  bench_rows (cl, "duplicate_up", duplicate_up_work, 6240, 128, 1, OCL_F32);
  bench_rows (cl, "depth_to_space", depth_to_space_work, 6240, 128, 1, OCL_F32);
}

int
main (int argc, char **argv)
{
  g_autofree char *device = NULL;
  g_autofree char *gemm = NULL;
  gboolean portable = FALSE, no_tiles = FALSE;
  const GOptionEntry entries[] = {
    {"device", 'd', 0, G_OPTION_ARG_STRING, &device, "OpenCL device", "D"},
    {"gemm", 'g', 0, G_OPTION_ARG_STRING, &gemm, "packed or clblast", "G"},
    {"cpu-time", 'c', 0, G_OPTION_ARG_NONE, &cpu_time,
        "Measure the time of processors", NULL},
    {"no-tiles", 't', 0, G_OPTION_ARG_NONE, &no_tiles, "Without AMX", NULL},
    {"portable", 'p', 0, G_OPTION_ARG_NONE, &portable, "OpenCL C only", NULL},
    {"rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Best of N", "N"},
    {NULL}
  };
  g_autoptr (GOptionContext) parser = g_option_context_new ("[PART]");
  g_autoptr (GError) error = NULL;
  g_autoptr (OclContext) cl = NULL;
  OclContextOptions options = { 0 };

  g_option_context_add_main_entries (parser, entries, NULL);
  if (!g_option_context_parse (parser, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (argc > 1)
    part = argv[1];
  options.device = device;
  options.portable = portable;
  if (gemm)
    options.gemm = g_str_equal (gemm, "clblast") ? OCL_GEMM_CLBLAST
        : OCL_GEMM_PACKED;
  cl = ocl_context_new (&options, &error);
  if (!cl)
    g_error ("%s", error->message);
  if (no_tiles)
    ocl_context_forget_bf16_tiles (cl);
  g_print ("%s\n", ocl_context_get_device (cl)->name);
  bench_all (cl);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-ops.c: norms, element-wise operations and layouts against plain C, on
 * random shapes, dense and as views, as a CPU and as a GPU would run them. */

#include <string.h>

#include "ocl/ocl-private.h"
#include "ocl-test.h"

#define BOUND 2e-6

typedef struct
{
  OclContext *cl;
  gsize rows, cols;
  gboolean view;
  float *x;                     /* [rows, cols] */
  float *expected;              /* [rows, cols] */
  OclTensor *in, *out;
} Case;

static void
case_clear (Case * c)
{
  g_clear_pointer (&c->x, g_free);
  g_clear_pointer (&c->expected, g_free);
  g_clear_pointer (&c->in, ocl_tensor_unref);
  g_clear_pointer (&c->out, ocl_tensor_unref);
}

static void
case_init (Case * c, OclContext * cl, gsize rows, gsize cols, gboolean view)
{
  *c = (Case) {
  .cl = cl,.rows = rows,.cols = cols,.view = view};
  c->x = test_random (rows * cols);
  c->expected = g_new0 (float, rows * cols);
  c->in = test_tensor_new (cl, rows, cols, view, c->x);
  c->out = test_tensor_new (cl, rows, cols, view, NULL);
}

static void
case_check (Case * c)
{
  test_assert_close (c->cl, c->out, c->expected, BOUND);
}

/* Calls @check for shapes that matter and some that chance picks. */
static void
for_cases (void (*check) (Case *))
{
  static const gsize shapes[][2] = {
    {1, 1}, {1, 16}, {3, 15}, {5, 17}, {12, 384}, {2, 1536}, {1, 5000}
  };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (int gpu = 0; gpu < 2; gpu++) {
    ocl_context_set_is_cpu (cl, !gpu);
    for (guint i = 0; i < 2 * G_N_ELEMENTS (shapes); i++) {
      gboolean chance = i >= G_N_ELEMENTS (shapes);
      gsize rows =
          chance ? (gsize) g_test_rand_int_range (1, 40) : shapes[i][0];
      gsize cols =
          chance ? (gsize) g_test_rand_int_range (1, 300) : shapes[i][1];
      Case c;

      case_init (&c, cl, rows, cols, i % 2);
      check (&c);
      case_clear (&c);
    }
  }
}

static double
activation (double x, OclActivation a)
{
  if (a == OCL_ACTIVATION_SILU)
    return x / (1 + exp (-x));
  if (a == OCL_ACTIVATION_GELU_TANH)
    return 0.5 * x * (1 + tanh (sqrt (2 / G_PI) * (x + 0.044715 * x * x * x)));
  if (a == OCL_ACTIVATION_RELU6)
    return CLAMP (x, 0, 6);
  return x;
}

/* ---- norms ----------------------------------------------------------------- */

static void
moments (const float *x, gsize n, double *mean, double *variance,
    double *squares)
{
  *mean = *variance = *squares = 0;
  for (gsize i = 0; i < n; i++) {
    *mean += x[i] / n;
    *squares += (double) x[i] * x[i];
  }
  for (gsize i = 0; i < n; i++)
    *variance += (x[i] - *mean) * (x[i] - *mean) / n;
}

static gsize
groups_of (gsize rows)
{
  for (gsize g = MIN (rows, 4); g > 1; g--)
    if (rows % g == 0)
      return g;
  return 1;
}

/* Each optional operand present or not, by the bits of @has. */
static void
check_layer_norm_with (Case * c, guint has)
{
  const double eps = 1e-6;
  gsize groups = groups_of (c->rows);
  float *vectors[4];
  OclTensor *tensors[4];

  for (int i = 0; i < 4; i++) {
    gsize rows = i < 2 ? 1 : groups;

    vectors[i] = test_random (rows * c->cols);
    tensors[i] = has & 1 << i
        ? test_tensor_new (c->cl, rows, c->cols, c->view, vectors[i]) : NULL;
  }
  for (gsize r = 0; r < c->rows; r++) {
    gsize group = r * groups / c->rows * c->cols;
    double mean, variance, squares;

    moments (c->x + r * c->cols, c->cols, &mean, &variance, &squares);
    for (gsize i = 0; i < c->cols; i++) {
      double v = (c->x[r * c->cols + i] - mean) / sqrt (variance + eps);

      v = has & 1 ? v * vectors[0][i] : v;
      v = has & 2 ? v + vectors[1][i] : v;
      v = has & 8 ? v * (1 + vectors[3][group + i]) : v;
      v = has & 4 ? v + vectors[2][group + i] : v;
      c->expected[r * c->cols + i] = v;
    }
  }
  ocl_layer_norm (c->cl, c->out, c->in, tensors[0], tensors[1], tensors[2],
      tensors[3], eps);
  case_check (c);
  for (int i = 0; i < 4; i++) {
    g_free (vectors[i]);
    g_clear_pointer (&tensors[i], ocl_tensor_unref);
  }
}

static void
check_layer_norm (Case * c)
{
  if (c->cols == 1)             /* 0 / sqrt (eps): nothing but rounding */
    return;
  check_layer_norm_with (c, 0);
  check_layer_norm_with (c, 3);
  check_layer_norm_with (c, 12);
  check_layer_norm_with (c, 15);
}

/* The channel norm stored as bfloat16: 8 bits of mantissa. */
static void
check_rounded_norm (Case * c, OclTensor * weight)
{
  gsize n = c->rows * c->cols;
  g_autoptr (OclTensor) y = ocl_tensor_new (c->cl, OCL_BF16, 2, c->rows,
      c->cols);
  g_autofree guint16 *halves = g_new (guint16, n);
  g_autofree float *values = g_new (float, n);

  ocl_channel_norm (c->cl, y, c->in, weight, OCL_ACTIVATION_SILU);
  g_assert_true (ocl_tensor_read (c->cl, y, halves, NULL));
  for (gsize i = 0; i < n; i++) {
    guint32 bits = (guint32) halves[i] << 16;

    memcpy (&values[i], &bits, sizeof bits);
  }
  g_assert_cmpfloat (test_relative_error (values, c->expected, n), <=,
      1.0 / 256);
}

static void
check_root_norms (Case * c)
{
  const double eps = 1e-6;
  g_autofree float *weight = test_random (c->cols);
  g_autoptr (OclTensor) w =
      test_tensor_new (c->cl, 1, c->cols, c->view, weight);

  for (int channel = 0; channel < 2; channel++) {
    for (gsize r = 0; r < c->rows; r++) {
      double mean, variance, squares, norm;

      moments (c->x + r * c->cols, c->cols, &mean, &variance, &squares);
      norm = channel ? MAX (sqrt (squares), 1e-12) / sqrt (c->cols)
          : sqrt (squares / c->cols + eps);
      for (gsize i = 0; i < c->cols; i++) {
        double v = c->x[r * c->cols + i] / norm * weight[i];

        c->expected[r * c->cols + i] =
            channel ? activation (v, OCL_ACTIVATION_SILU) : v;
      }
    }
    if (channel) {
      ocl_channel_norm (c->cl, c->out, c->in, w, OCL_ACTIVATION_SILU);
      check_rounded_norm (c, w);
    } else {
      ocl_rms_norm (c->cl, c->out, c->in, w, eps);
    }
    case_check (c);
  }
}

static void
check_softmax (Case * c)
{
  for (gsize r = 0; r < c->rows; r++) {
    double sum = 0;

    for (gsize i = 0; i < c->cols; i++)
      sum += exp (c->x[r * c->cols + i]);
    for (gsize i = 0; i < c->cols; i++)
      c->expected[r * c->cols + i] = exp (c->x[r * c->cols + i]) / sum;
  }
  ocl_softmax (c->cl, c->out, c->in);
  case_check (c);
}

/* ---- element-wise ------------------------------------------------------------ */

static void
check_activate (Case * c)
{
  for (OclActivation a = 0; a <= OCL_ACTIVATION_RELU6; a++) {
    for (gsize i = 0; i < c->rows * c->cols; i++)
      c->expected[i] = activation (c->x[i], a);
    ocl_activate (c->cl, c->out, c->in, a);
    case_check (c);
  }
}

static void
check_affine (Case * c)
{
  for (gsize i = 0; i < c->rows * c->cols; i++)
    c->expected[i] = 3 * c->x[i] - 0.5;
  ocl_affine (c->cl, c->out, c->in, 3, -0.5);
  case_check (c);
}

static void
check_add (Case * c)
{
  gsize all[] = { c->rows, groups_of (c->rows), 1 };

  for (guint k = 0; k < G_N_ELEMENTS (all); k++) {
    g_autofree float *b = test_random (all[k] * c->cols);
    g_autoptr (OclTensor) tensor =
        test_tensor_new (c->cl, all[k], c->cols, c->view, b);

    for (gsize r = 0; r < c->rows; r++)
      for (gsize i = 0; i < c->cols; i++)
        c->expected[r * c->cols + i] = c->x[r * c->cols + i]
            + b[r * all[k] / c->rows * c->cols + i];
    ocl_add (c->cl, c->out, c->in, tensor);
    case_check (c);
  }
}

/* Ids outside the vocabulary give zeros. */
static void
check_embedding (Case * c)
{
  gsize n = g_test_rand_int_range (1, 20);
  g_autofree gint32 *ids = g_new (gint32, n);
  g_autofree float *expected = g_new0 (float, n * c->cols);
  g_autoptr (OclTensor) device_ids = ocl_tensor_new (c->cl, OCL_I32, 1, n);
  g_autoptr (OclTensor) y = test_tensor_new (c->cl, n, c->cols, c->view, NULL);

  for (gsize i = 0; i < n; i++) {
    ids[i] = g_test_rand_int_range (-1, c->rows + 1);
    if (ids[i] >= 0 && (gsize) ids[i] < c->rows)
      memcpy (expected + i * c->cols, c->x + ids[i] * c->cols,
          c->cols * sizeof (float));
  }
  ocl_tensor_write (c->cl, device_ids, ids);
  ocl_embedding (c->cl, y, c->in, device_ids);
  test_assert_close (c->cl, y, expected, 0);
}

static void
check_transpose (Case * c)
{
  g_autoptr (OclTensor) y =
      test_tensor_new (c->cl, c->cols, c->rows, c->view, NULL);

  for (gsize r = 0; r < c->rows; r++)
    for (gsize i = 0; i < c->cols; i++)
      c->expected[i * c->rows + r] = c->x[r * c->cols + i];
  ocl_transpose (c->cl, y, c->in);
  test_assert_close (c->cl, y, c->expected, 0);
}

static void
convert (OclType to_type, void *to, OclType from_type, const void *from,
    gsize n)
{
  const OclHostArray array = {
    .data = from,.type = from_type,.n_dims = 1,.dims = {n}
  };

  ocl_convert (to_type, to, &array);
}

/* The type itself, to and from. */
static void
check_cast (Case * c)
{
  gsize n = c->rows * c->cols;
  g_autofree guint16 *halves = g_new (guint16, n);
  g_autofree guint16 *made = g_new (guint16, n);
  g_autoptr (OclTensor) whole = ocl_tensor_new (c->cl, OCL_BF16, 2, c->rows,
      c->cols + 3);
  g_autoptr (OclTensor) narrow = ocl_tensor_columns (whole, 1, c->cols);

  if (n > 2)
    c->x[2] = 0x1.01p0f;        /* half way between two */
  test_write (c->cl, c->in, c->x);
  convert (OCL_BF16, halves, OCL_F32, c->x, n);
  convert (OCL_F32, c->expected, OCL_BF16, halves, n);
  ocl_cast (c->cl, narrow, c->in);
  g_assert_true (ocl_tensor_read (c->cl, narrow, made, NULL));
  g_assert_cmpmem (made, n * 2, halves, n * 2);
  ocl_cast (c->cl, c->out, narrow);
  test_assert_close (c->cl, c->out, c->expected, 0);
  ocl_cast (c->cl, c->out, c->in);
  test_assert_close (c->cl, c->out, c->x, 0);
}

/* Turns pairs as complex numbers. */
static void
rope (float *x, const float *cosine, const float *sine, gsize rows, gsize cols,
    gsize half)
{
  for (gsize r = 0; r < rows; r++)
    for (gsize i = 0; i < cols / 2; i++) {
      float *pair = x + r * cols + 2 * i, a = pair[0], b = pair[1];
      float co = cosine[r * half + i % half], si = sine[r * half + i % half];

      pair[0] = a * co - b * si;
      pair[1] = a * si + b * co;
    }
}

static void
test_rope (void)
{
  static const gsize shapes[][3] = { {7, 3, 40}, {1, 1, 2}, {16, 12, 128} };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint k = 0; k < G_N_ELEMENTS (shapes); k++) {
    gsize rows = shapes[k][0], heads = shapes[k][1], half = shapes[k][2] / 2;
    gsize cols = heads * 2 * half;
    g_autofree float *x = test_random (rows * cols);
    g_autofree float *cosine = test_random (rows * half);
    g_autofree float *sine = test_random (rows * half);
    g_autoptr (OclTensor) t = test_tensor_new (cl, rows, cols, k % 2 == 0, x);
    g_autoptr (OclTensor) y = test_tensor_new (cl, rows, cols, k % 2, NULL);
    g_autoptr (OclTensor) c = test_tensor_new (cl, rows, half, FALSE, cosine);
    g_autoptr (OclTensor) s = test_tensor_new (cl, rows, half, FALSE, sine);
    g_autoptr (OclTensor) narrow = ocl_tensor_new (cl, OCL_BF16, 2, rows, cols);
    g_autofree guint16 *halves = g_new (guint16, rows * cols);

    convert (OCL_BF16, halves, OCL_F32, x, rows * cols);
    ocl_cast (cl, narrow, t);
    rope (x, cosine, sine, rows, cols, half);
    ocl_rope (cl, y, t, c, s, heads);
    test_assert_close (cl, y, x, BOUND);
    ocl_rope (cl, t, t, c, s, heads);
    test_assert_close (cl, t, x, BOUND);

    convert (OCL_F32, x, OCL_BF16, halves, rows * cols);
    rope (x, cosine, sine, rows, cols, half);
    ocl_rope (cl, y, narrow, c, s, heads);
    test_assert_close (cl, y, x, BOUND);
  }
}

/* ---- layout ------------------------------------------------------------------ */

static void
patchify (float *tokens, const float *x, const gsize dims[4],
    const guint p[3], gboolean back)
{
  gsize channels = dims[0], n = channels * p[0] * p[1] * p[2];
  gsize token = 0;

  for (gsize f = 0; f < dims[1]; f += p[0])
    for (gsize h = 0; h < dims[2]; h += p[1])
      for (gsize w = 0; w < dims[3]; w += p[2], token++)
        for (gsize c = 0; c < channels; c++)
          for (gsize t = 0; t < p[0]; t++)
            for (gsize i = 0; i < p[1]; i++)
              for (gsize j = 0; j < p[2]; j++) {
                gsize from = ((c * dims[1] + f + t) * dims[2] + h + i)
                    * dims[3] + w + j;
                gsize inner = (t * p[1] + i) * p[2] + j;
                gsize at = back ? inner * channels + c
                    : c * p[0] * p[1] * p[2] + inner;

                tokens[token * n + at] = x[from];
              }
}

static void
test_patchify (void)
{
  static const gsize dims[][4] = { {16, 3, 4, 6}, {3, 4, 2, 9}, {1, 1, 2, 2} };
  static const guint patches[][3] = { {1, 2, 2}, {2, 1, 3}, {1, 2, 2} };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint k = 0; k < G_N_ELEMENTS (dims); k++) {
    const gsize *d = dims[k];
    const guint *p = patches[k];
    gsize n = d[0] * d[1] * d[2] * d[3], cols = d[0] * p[0] * p[1] * p[2];
    g_autofree float *x = test_random (n), *expected = g_new (float, n);
    g_autoptr (OclTensor) device_x =
        ocl_tensor_new (cl, OCL_F32, 4, d[0], d[1], d[2], d[3]);
    g_autoptr (OclTensor) tokens =
        test_tensor_new (cl, n / cols, cols, TRUE, NULL);

    test_write (cl, device_x, x);
    patchify (expected, x, d, p, FALSE);
    ocl_patchify (cl, tokens, device_x, p);
    test_assert_close (cl, tokens, expected, 0);

    patchify (expected, x, d, p, TRUE);
    test_write (cl, tokens, expected);
    ocl_tensor_fill (cl, device_x, 0);
    ocl_unpatchify (cl, device_x, tokens, p);
    test_assert_close (cl, device_x, x, 0);
  }
}

static void
test_upsample_nearest (void)
{
  const gsize t = 2, h = 3, w = 5, c = 7;
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autofree float *x = test_random (t * h * w * c);
  g_autofree float *expected = g_new (float, 4 * t * h * w * c);
  g_autoptr (OclTensor) in = ocl_tensor_new (cl, OCL_F32, 4, t, h, w, c);
  g_autoptr (OclTensor) out =
      ocl_tensor_new (cl, OCL_F32, 4, t, 2 * h, 2 * w, c);

  for (gsize row = 0; row < 2 * t * h; row++)
    for (gsize i = 0; i < 2 * w; i++)
      memcpy (expected + (row * 2 * w + i) * c,
          x + (row / 2 * w + i / 2) * c, c * sizeof (float));
  test_write (cl, in, x);
  ocl_upsample_nearest (cl, out, in);
  test_assert_close (cl, out, expected, 0);
}

/* ---- errors -------------------------------------------------------------------- */

static void
test_wrong_shapes (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) a = ocl_tensor_new (cl, OCL_F32, 2, 3, 4);
  g_autoptr (OclTensor) b = ocl_tensor_new (cl, OCL_F32, 2, 3, 5);
  g_autoptr (GError) error = NULL;

  ocl_add (cl, a, a, b);
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "add"));
  g_clear_error (&error);

  ocl_tensor_fill (cl, a, 1);
  ocl_add (cl, a, a, a);
  g_assert_true (ocl_context_finish (cl, &error));
}

#define ADD(name) \
  static void \
  test_##name (void) \
  { \
    for_cases (check_##name); \
  }

ADD (layer_norm)
    ADD (root_norms)
    ADD (softmax)
    ADD (activate)
    ADD (affine)
    ADD (add)
    ADD (cast)
    ADD (embedding)
    ADD (transpose)
#undef ADD
     int main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ocl/layer-norm", test_layer_norm);
  g_test_add_func ("/ocl/root-norms", test_root_norms);
  g_test_add_func ("/ocl/softmax", test_softmax);
  g_test_add_func ("/ocl/activate", test_activate);
  g_test_add_func ("/ocl/affine", test_affine);
  g_test_add_func ("/ocl/add", test_add);
  g_test_add_func ("/ocl/cast", test_cast);
  g_test_add_func ("/ocl/embedding", test_embedding);
  g_test_add_func ("/ocl/transpose", test_transpose);
  g_test_add_func ("/ocl/rope", test_rope);
  g_test_add_func ("/ocl/patchify", test_patchify);
  g_test_add_func ("/ocl/upsample-nearest", test_upsample_nearest);
  g_test_add_func ("/ocl/wrong-shapes", test_wrong_shapes);
  return g_test_run ();
}

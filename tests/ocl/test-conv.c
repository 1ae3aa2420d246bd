/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-conv.c: convolutions against plain C, in all ways to make products. */

#include "ocl/ocl-private.h"
#include "product-test.h"

typedef struct
{
  gsize t, h, w, in, out;
  guint kt, kh, kw;             /* kt 0: weights of a conv2d */
  OclConvOptions options;
  OclType type;                 /* of the weights */
  gboolean bias, history, residual;     /* which is y */
  OclActivation activation;
} Case;

static guint
taps_in_time (const Case * c)
{
  return MAX (c->kt, 1);
}

static guint
stride_of (const Case * c)
{
  return MAX (c->options.stride, 1);
}

static gsize
out_height (const Case * c)
{
  return ((c->options.upsample ? 2 : 1) * c->h + c->options.pad_top
      + c->options.pad_bottom - c->kh) / stride_of (c) + 1;
}

static gsize
out_width (const Case * c)
{
  return ((c->options.upsample ? 2 : 1) * c->w + c->options.pad_left
      + c->options.pad_right - c->kw) / stride_of (c) + 1;
}

static gsize
multiplications (const Case * c)
{
  return c->t * out_height (c) * out_width (c) * c->out * c->in
      * taps_in_time (c) * c->kh * c->kw;
}

/* ---- the plain twin --------------------------------------------------------- */

/* The channels of a position of the upsampled, padded input; NULL: zeros. */
static const float *
input_at (const Case * c, const float *x, const float *history, int t, int row,
    int column)
{
  int up = c->options.upsample ? 2 : 1;
  int iy = row - (int) c->options.pad_top;
  int ix = column - (int) c->options.pad_left;

  if (iy < 0 || ix < 0 || iy >= up * (int) c->h || ix >= up * (int) c->w)
    return NULL;
  if (t < 0) {
    t += taps_in_time (c) - 1;
    x = history;
  }
  return x ? x + ((t * c->h + iy / up) * c->w + ix / up) * c->in : NULL;
}

static double
plain_sum (const Case * c, const float *x, const float *history,
    const float *weight, gsize t, gsize row, gsize column, gboolean round)
{
  gsize taps = (gsize) taps_in_time (c) * c->kh * c->kw, tap = 0;
  double sum = 0;

  for (guint a = 0; a < taps_in_time (c); a++)
    for (guint b = 0; b < c->kh; b++)
      for (guint d = 0; d < c->kw; d++, tap++) {
        const float *in = input_at (c, x, history,
            (int) (t + a) - (int) taps_in_time (c) + 1,
            row * stride_of (c) + b, column * stride_of (c) + d);

        for (gsize i = 0; in && i < c->in; i++)
          sum += (double) operand (in[i], round)
              * operand (weight[i * taps + tap], round);
      }
  return sum;
}

/* y holds the residual */
static void
plain_conv (float *y, const Case * c, const float *x, const float *history,
    const float *weight, const float *bias, gboolean round)
{
  gsize filter = (gsize) taps_in_time (c) * c->kh * c->kw * c->in;

  for (gsize t = 0; t < c->t; t++)
    for (gsize row = 0; row < out_height (c); row++)
      for (gsize column = 0; column < out_width (c); column++)
        for (gsize o = 0; o < c->out; o++) {
          double v = plain_sum (c, x, history, weight + o * filter, t, row,
              column, round);

          v = plain_activation (v + (bias ? bias[o] : 0), c->activation);
          *y = v + (c->residual ? *y : 0);
          y++;
        }
}

/* ---- cases -------------------------------------------------------------------- */

#define SAME { 0, 1, 1, 1, 1 }

static const Case cases[] = {
  {1, 1, 1, 1, 1, 1, 1, 1},
  {1, 1, 1, 1, 1, 3, 3, 3, SAME},
  {2, 3, 5, 3, 7, 3, 3, 3, SAME, OCL_F32, TRUE, TRUE, TRUE},
  {1, 8, 8, 16, 32, 3, 3, 3, SAME, OCL_BF16, TRUE, FALSE, FALSE,
      OCL_ACTIVATION_SILU},
  {4, 9, 7, 33, 12, 3, 3, 3, SAME, OCL_F16, TRUE, TRUE},
  {3, 6, 5, 24, 48, 3, 1, 1, {0}, OCL_F32, TRUE, TRUE},
  {2, 5, 9, 31, 65, 1, 1, 1, {0}, OCL_BF16, TRUE, FALSE, TRUE},
  {2, 7, 6, 20, 10, 0, 3, 3, {0, 1, 1, 1, 1, TRUE}, OCL_F32, TRUE},
  {1, 5, 4, 8, 40, 0, 3, 3, {0, 1, 1, 1, 1, TRUE}, OCL_F32, TRUE, FALSE, TRUE},
  {1, 8, 8, 12, 12, 0, 3, 3, {2, 0, 1, 0, 1}, OCL_F32, TRUE},
  {2, 9, 7, 5, 33, 0, 3, 3, {2, 0, 1, 0, 1}, OCL_F32, TRUE},
  {2, 6, 11, 4, 9, 3, 3, 3, {2, 1, 0, 2, 3}, OCL_F32, TRUE, TRUE},
  {1, 20, 21, 48, 64, 3, 3, 3, SAME, OCL_F32, TRUE, TRUE, TRUE,
      OCL_ACTIVATION_GELU_TANH},
  {2, 5, 6, 7, 35, 3, 3, 3, SAME, OCL_I8, TRUE},
  {1, 6, 5, 9, 20, 0, 3, 3, SAME, OCL_F8_E4M3, TRUE},
  {2, 4, 4, 17, 8, 3, 1, 1, {0}, OCL_F8_E5M2, TRUE, TRUE},
  /* by Winograd, where in float32 */
  {2, 15, 16, 16, 16, 3, 3, 3, SAME, OCL_F32, TRUE, TRUE},
  {4, 12, 11, 80, 70, 3, 3, 3, SAME, OCL_BF16, TRUE, TRUE, TRUE,
      OCL_ACTIVATION_SILU},
  {2, 9, 10, 32, 3, 0, 3, 3, {0, 1, 1, 1, 1, TRUE}, OCL_F32, TRUE, FALSE, TRUE},
  {1, 41, 30, 16, 48, 3, 3, 3, {0, 2, 0, 0, 3}, OCL_F32},
};

/* Whole frames in the middle of more frames. */
static OclTensor *
new_video (OclContext * cl, OclType type, gsize t, gsize h, gsize w, gsize c,
    const float *values)
{
  g_autoptr (OclTensor) whole = ocl_tensor_new (cl, type, 4, t + 2, h, w, c);
  g_autoptr (OclTensor) rows = ocl_tensor_rows (whole, h * w, t * h * w);
  OclTensor *view = ocl_tensor_reshape (rows, 4, t, h, w, c);

  g_autofree guint16 *halves = g_new (guint16, view->rows * view->cols);

  ocl_tensor_fill (cl, whole, NAN);
  for (gsize i = 0; i < view->rows * view->cols; i++)
    halves[i] = to_bfloat (values[i]);
  ocl_tensor_write (cl, view,
      type == OCL_BF16 ? (const void *) halves : values);
  return view;
}

/* @input: the type that x and history are stored in; @copy_bytes: how much is
 * copied at a time, 0 for the default */
static void
run_stored (OclContext * cl, const Case * c, OclPrecision precision,
    OclType input, gsize copy_bytes)
{
  gsize past = taps_in_time (c) - 1, frame = c->h * c->w * c->in;
  gsize n = c->t * out_height (c) * out_width (c) * c->out;
  gsize dims[5] = { c->out, c->in, c->kt, c->kh, c->kw };
  const gsize flat[4] = { c->out, c->in, c->kh, c->kw };
  g_auto (Host) weight = c->kt ? host_new (c->type, 5, dims)
      : host_new (c->type, 4, flat);
  g_auto (Host) bias = host_new (c->type, 1, dims);
  g_autofree float *x = test_random (c->t * frame);
  g_autofree float *history = test_random (past * frame);
  g_autofree float *expected = test_random (n);
  gboolean with_history = c->history && past > 0;
  g_autoptr (OclTensor) xt = new_video (cl, input, c->t, c->h, c->w, c->in, x);
  g_autoptr (OclTensor) yt = new_video (cl, OCL_F32, c->t, out_height (c),
      out_width (c), c->out, expected);
  g_autoptr (OclTensor) ht = with_history
      ? new_video (cl, input, past, c->h, c->w, c->in, history) : NULL;
  const OclEpilogue epilogue = { c->activation, NULL, NULL,
    c->residual ? yt : NULL
  };
  g_autoptr (OclConv) conv = ocl_conv_new (cl, &weight.array,
      c->bias ? &bias.array : NULL, &c->options, precision);

  plain_conv (expected, c, x, with_history ? history : NULL, weight.values,
      c->bias ? bias.values : NULL, precision == OCL_PRECISION_BFLOAT16);
  if (copy_bytes)
    ocl_conv_set_copy_bytes (conv, copy_bytes);
  ocl_conv (cl, yt, xt, ht, conv, &epilogue);
  test_assert_close (cl, yt, expected, 2e-6);
}

static void
run_case (OclContext * cl, const Case * c, OclPrecision precision)
{
  guint shift = test_is_simulated (cl) ? 8 : 4;

  if (test_is_too_large (cl, multiplications (c)))
    return;
  run_stored (cl, c, precision, OCL_F32, 0);
  if (precision == OCL_PRECISION_BFLOAT16)
    run_stored (cl, c, precision, OCL_BF16, 0);
  /* in parts: from a row to some frames */
  for (gsize bytes = 1; bytes <= 1 << 16; bytes <<= shift)
    run_stored (cl, c, precision, OCL_F32, bytes);
}

static void
test_cases (gconstpointer data)
{
  const Setup *setup = data;
  g_autoptr (OclContext) cl = setup_context (setup);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("case %u", i);
    run_case (cl, &cases[i], setup->precision);
  }
}

static void
test_random_shapes (gconstpointer data)
{
  const Setup *setup = data;
  g_autoptr (OclContext) cl = setup_context (setup);
  guint n = test_is_simulated (cl) ? 4 : 20;

  for (guint i = 0; i < n; i++) {
    Case c = {
      g_test_rand_int_range (1, 4), g_test_rand_int_range (2, 9),
      g_test_rand_int_range (2, 9), g_test_rand_int_range (1, 40),
      g_test_rand_int_range (1, 70), g_test_rand_int_range (0, 4),
      g_test_rand_int_range (1, 4), g_test_rand_int_range (1, 4)
    };

    c.options.stride = g_test_rand_int_range (0, 4);
    c.options.pad_top = g_test_rand_int_range (0, 3);
    c.options.pad_bottom = g_test_rand_int_range (1, 3);
    c.options.pad_left = g_test_rand_int_range (1, 3);
    c.options.pad_right = g_test_rand_int_range (0, 3);
    c.options.upsample = g_test_rand_bit ();
    c.bias = g_test_rand_bit ();
    c.history = g_test_rand_bit ();
    c.residual = g_test_rand_bit ();
    g_test_message ("[%u, %u, %u, %u] to %u, %u x %u x %u taps, stride %u",
        (guint) c.t, (guint) c.h, (guint) c.w, (guint) c.in, (guint) c.out,
        c.kt, c.kh, c.kw, stride_of (&c));
    run_case (cl, &c, setup->precision);
  }
}

/* Such as winograd.c may make. */
static void
test_random_tiles (gconstpointer data)
{
  const Setup *setup = data;
  g_autoptr (OclContext) cl = setup_context (setup);
  guint n = test_is_simulated (cl) ? 2 : 12;

  for (guint i = 0; i < n; i++) {
    Case c = {
      g_test_rand_int_range (1, 5), g_test_rand_int_range (10, 30),
      g_test_rand_int_range (10, 30), 16 * g_test_rand_int_range (1, 6),
      g_test_rand_int_range (1, 50), g_test_rand_int_range (0, 4), 3, 3
    };

    c.options.pad_top = g_test_rand_int_range (0, 3);
    c.options.pad_bottom = g_test_rand_int_range (0, 3);
    c.options.pad_left = g_test_rand_int_range (0, 3);
    c.options.pad_right = g_test_rand_int_range (0, 3);
    c.options.upsample = g_test_rand_int_range (0, 4) == 0;
    c.activation = g_test_rand_bit ()? OCL_ACTIVATION_SILU : 0;
    c.bias = g_test_rand_bit ();
    c.history = g_test_rand_bit ();
    c.residual = g_test_rand_bit ();
    g_test_message ("[%u, %u, %u, %u] to %u, %u in time", (guint) c.t,
        (guint) c.h, (guint) c.w, (guint) c.in, (guint) c.out, c.kt);
    run_stored (cl, &c, setup->precision, OCL_F32, 0);
    run_stored (cl, &c, setup->precision, OCL_F32,
        1 << g_test_rand_int_range (10, 20));
  }
}

/* Frame by frame with history is the same as all at once. */
static void
test_stream (gconstpointer data)
{
  static const gsize lengths[] = { 1, 1, 3, 2, 1 };
  const gsize dims[5] = { 9, 6, 3, 3, 3 };
  const OclConvOptions same = SAME;
  g_autoptr (OclContext) cl = setup_context (data);
  g_auto (Host) weight = host_new (OCL_F32, 5, dims);
  g_autoptr (OclConv) conv = ocl_conv_new (cl, &weight.array, NULL, &same,
      ((const Setup *) data)->precision);
  g_autofree float *values = test_random (8 * 20 * 6);
  g_autofree float *whole = g_new (float, 8 * 20 * 9);
  g_autoptr (OclTensor) x = new_video (cl, OCL_F32, 8, 4, 5, 6, values);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 4, 8, 4, 5, 9);
  g_autoptr (OclTensor) history = ocl_tensor_new (cl, OCL_F32, 4, 2, 4, 5, 6);
  gsize at = 0;

  ocl_conv (cl, y, x, NULL, conv, NULL);
  g_assert_true (ocl_tensor_read (cl, y, whole, NULL));
  ocl_tensor_fill (cl, y, 0);
  ocl_tensor_fill (cl, history, 0);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    gsize n = lengths[i];
    g_autoptr (OclTensor) x_rows = ocl_tensor_rows (x, at * 20, n * 20);
    g_autoptr (OclTensor) y_rows = ocl_tensor_rows (y, at * 20, n * 20);
    g_autoptr (OclTensor) xi = ocl_tensor_reshape (x_rows, 4, n, 4, 5, 6);
    g_autoptr (OclTensor) yi = ocl_tensor_reshape (y_rows, 4, n, 4, 5, 9);

    ocl_conv (cl, yi, xi, history, conv, NULL);
    ocl_conv_push_history (cl, history, xi);
    at += n;
  }
  test_assert_close (cl, y, whole, 1e-6);
}

static void
test_misfit (gconstpointer data)
{
  const gsize dims[5] = { 4, 3, 3, 3, 3 };
  g_autoptr (OclContext) cl = setup_context (data);
  g_auto (Host) weight = host_new (OCL_F32, 5, dims);
  g_autoptr (OclConv) conv = ocl_conv_new (cl, &weight.array, NULL, NULL,
      OCL_PRECISION_FLOAT32);
  g_autoptr (OclConv) wrong = NULL;
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 4, 1, 5, 5, 3);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 4, 1, 5, 5, 4);
  g_autoptr (OclTensor) y2 = ocl_tensor_new (cl, OCL_F32, 4, 1, 3, 3, 4);
  g_autoptr (OclTensor) halves = ocl_tensor_new (cl, OCL_BF16, 4, 1, 5, 5, 3);
  g_autoptr (OclTensor) thin = ocl_tensor_new (cl, OCL_F32, 4, 1, 2, 2, 3);

  ocl_conv (cl, y, x, NULL, conv, NULL);
  assert_invalid (cl, "conv");
  ocl_conv (cl, y, thin, NULL, conv, NULL);
  assert_invalid (cl, "conv");
  ocl_conv (cl, y2, halves, NULL, conv, NULL);
  assert_invalid (cl, "conv");
  ocl_conv_push_history (cl, y, x);
  assert_invalid (cl, "conv_push_history");
  wrong = ocl_conv_new (cl, &weight.array, &weight.array, NULL,
      OCL_PRECISION_FLOAT32);
  assert_invalid (cl, "conv_new");
  ocl_conv (cl, y, x, NULL, wrong, NULL);
  assert_invalid (cl, "conv");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_setups ("/conv/cases", test_cases);
  add_for_setups ("/conv/random", test_random_shapes);
  add_for_setups ("/conv/stream", test_stream);
  add_for_packed ("/conv/random-tiles", OCL_PRECISION_FLOAT32,
      test_random_tiles);
  g_test_add_data_func ("/conv/misfit", &setups[0], test_misfit);
  return g_test_run ();
}

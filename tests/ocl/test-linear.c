/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-linear.c: linear layers against plain C, in all ways to make products. */

#include "product-test.h"

/* ---- the plain twin --------------------------------------------------------- */

typedef struct
{
  gsize rows, in, out;
  const float *x, *weight, *bias, *multiply, *gate, *residual;
  gsize groups;
  OclActivation activation;
  gboolean round;               /* operands, to bfloat16 */
} Plain;

static void
plain_linear (float *y, const Plain * p)
{
  for (gsize r = 0; r < p->rows; r++)
    for (gsize o = 0; o < p->out; o++) {
      gsize at = r * p->out + o;
      double sum = 0;

      for (gsize i = 0; i < p->in; i++)
        sum += (double) operand (p->x[r * p->in + i], p->round)
            * operand (p->weight[o * p->in + i], p->round);
      if (p->bias)
        sum += p->bias[o];
      sum = plain_activation (sum, p->activation);
      if (p->multiply)
        sum *= p->multiply[at];
      if (p->gate)
        sum *= p->gate[r * p->groups / p->rows * p->out + o];
      y[at] = sum + (p->residual ? p->residual[at] : 0);
    }
}

/* ---- int16 ----------------------------------------------------------------- */

/* As in gemm-int16.cl: elements of x with one scale, and the most they become. */
#define BLOCK 320
#define X_MAX 8191

/* A uniform error of one unit, relative to the numbers' L2 norm, where the unit is a
 * part of their greatest magnitude (@crest norms) or, of weights, of the sum of a
 * block's magnitudes (at most BLOCK norms). */
#define X_ERROR(crest) ((crest) / X_MAX / sqrt (12))
#define WEIGHT_ERROR (BLOCK / (pow (2, 31) / X_MAX - BLOCK / 2) / sqrt (12))

/* Rows [n] of x to what the kernel makes of them. */
static void
round_x (float *x, gsize rows, gsize n)
{
  for (gsize row = 0; row < rows; row++, x += n)
    for (gsize k = 0; k < n; k += BLOCK) {
      gsize end = MIN (k + BLOCK, n);
      float most = 0;

      for (gsize i = k; i < end; i++)
        most = MAX (most, fabsf (x[i]));
      for (gsize i = k; i < end; i++)
        x[i] = rint (x[i] * (double) (X_MAX / most)) * most / X_MAX;
    }
}

/* The same with the weights [n] of each output. */
static void
round_weights (float *w, gsize outputs, gsize n)
{
  for (gsize o = 0; o < outputs; o++, w += n) {
    double scale = 0;

    for (gsize k = 0; k < n; k += BLOCK) {
      double sum = 0;

      for (gsize i = k; i < MIN (k + BLOCK, n); i++) {
        sum += fabsf (w[i]);
        scale = MAX (scale, fabsf (w[i]) / 32767.0);
      }
      scale = MAX (scale, sum / (G_MAXINT32 / X_MAX - BLOCK / 2 - 1));
    }
    for (gsize i = 0; scale > 0 && i < n; i++)
      w[i] = round (w[i] / scale) * scale;
  }
}

/* ---- cases -------------------------------------------------------------------- */

typedef struct
{
  gsize rows, in, out;
  OclType type;                 /* of the weights */
  gboolean bias;
  OclActivation activation;
  gboolean multiply;
  gsize groups;                 /* 0: no gate */
  gboolean residual;            /* is y */
  gboolean views;               /* all activations are columns of wider ones */
} Case;

static const Case cases[] = {
  {1, 1, 1, OCL_F32},
  {1, 7, 33, OCL_F32, TRUE},
  {3, 5, 31, OCL_BF16, TRUE, OCL_ACTIVATION_SILU},
  {12, 64, 32, OCL_F16, FALSE, OCL_ACTIVATION_GELU_TANH},
  {13, 97, 65, OCL_F32, TRUE, OCL_ACTIVATION_GELU_TANH, TRUE},
  {16, 200, 48, OCL_F32, TRUE, OCL_ACTIVATION_NONE, FALSE, 2, TRUE},
  {21, 384, 96, OCL_BF16, TRUE, OCL_ACTIVATION_SILU, TRUE, 3, TRUE},
  {100, 385, 130, OCL_F32, TRUE, OCL_ACTIVATION_NONE, FALSE, 1, TRUE, TRUE},
  {35, 31, 50, OCL_F16, TRUE, OCL_ACTIVATION_GELU_TANH, TRUE, 5, TRUE, TRUE},
  {197, 512, 17, OCL_F32, FALSE, OCL_ACTIVATION_NONE, FALSE, 197, FALSE, TRUE},
  {1, 1280, 384, OCL_BF16, TRUE, OCL_ACTIVATION_SILU},
  {144, 384, 1152, OCL_F32, TRUE},
  {203, 3, 330, OCL_F32, TRUE},
  {25, 170, 40, OCL_BF16, FALSE, OCL_ACTIVATION_NONE, FALSE, 0, TRUE, TRUE},
  {14, 99, 70, OCL_I8, TRUE, OCL_ACTIVATION_SILU},
  {3, 64, 33, OCL_F8_E4M3, TRUE, OCL_ACTIVATION_NONE, FALSE, 0, TRUE},
  {40, 320, 96, OCL_F8_E5M2},
  {100, 700, 600, OCL_F32, TRUE},
};

static void
check_case (OclContext * cl, const Case * c, OclPrecision precision)
{
  g_autofree float *x = test_random (c->rows * c->in);
  g_autofree float *multiply = test_random (c->rows * c->out);
  g_autofree float *residual = test_random (c->rows * c->out);
  g_autofree float *gate = test_random (MAX (c->groups, 1) * c->out);
  g_autofree float *expected = g_new (float, c->rows * c->out);
  gsize first = c->out / 2, dims[2] = { c->out, c->in };
  g_auto (Host) weight = host_new (c->type, 2, dims), bias =
      host_new (c->type, 1, dims);
  const OclHostArray weights[2] = {
    host_rows (&weight, 0, first), host_rows (&weight, first, c->out)
  };
  const OclHostArray biases[2] = {
    host_rows (&bias, 0, first), host_rows (&bias, first, c->out)
  };
  gboolean split = first > 0;
  g_autoptr (OclLinear) linear = ocl_linear_new (cl,
      split ? weights : weights + 1,
      c->bias ? split ? biases : biases + 1 : NULL, split ? 2 : 1, precision);
  g_autoptr (OclTensor) xt = test_tensor_new (cl, c->rows, c->in, c->views, x);
  g_autoptr (OclTensor) yt =
      test_tensor_new (cl, c->rows, c->out, c->views, residual);
  g_autoptr (OclTensor) mt =
      test_tensor_new (cl, c->rows, c->out, c->views, multiply);
  g_autoptr (OclTensor) gt =
      test_tensor_new (cl, MAX (c->groups, 1), c->out, c->views, gate);
  const OclEpilogue epilogue = { c->activation, c->multiply ? mt : NULL,
    c->groups ? gt : NULL, c->residual ? yt : NULL
  };
  const Plain plain = { c->rows, c->in, c->out, x, weight.values,
    c->bias ? bias.values : NULL, c->multiply ? multiply : NULL,
    c->groups ? gate : NULL, c->residual ? residual : NULL, c->groups,
    c->activation, precision == OCL_PRECISION_BFLOAT16
  };

  if (ocl_context_resolve_precision (cl, precision) == OCL_PRECISION_INT16) {
    round_x (x, c->rows, c->in);
    round_weights (weight.values, c->out, c->in);
  }
  g_assert_cmpuint (ocl_linear_get_outputs (linear), ==, c->out);
  g_assert_cmpuint (ocl_linear_get_inputs (linear), ==, c->in);
  plain_linear (expected, &plain);
  ocl_linear (cl, yt, xt, linear, &epilogue);
  test_assert_close (cl, yt, expected, 2e-6);
}

static void
run_case (OclContext * cl, const Case * c, OclPrecision precision)
{
  if (!test_is_too_large (cl, c->rows * c->in * c->out))
    check_case (cl, c, precision);
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

/* Random shapes, with everything an epilogue can have now and then. */
static void
test_random_shapes (gconstpointer data)
{
  const Setup *setup = data;
  g_autoptr (OclContext) cl = setup_context (setup);
  guint n = test_is_simulated (cl) ? 6 : 30;

  for (guint i = 0; i < n; i++) {
    const gsize groups = g_test_rand_int_range (0, 4);
    const Case c = {
      (groups ? groups : 1) * g_test_rand_int_range (1, 60),
      g_test_rand_int_range (1, 500), g_test_rand_int_range (1, 150),
      g_test_rand_int_range (OCL_F32, OCL_I32), g_test_rand_bit (),
      g_test_rand_int_range (0, 3), g_test_rand_bit (), groups,
      g_test_rand_bit (), g_test_rand_bit ()
    };

    g_test_message ("%" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " x %"
        G_GSIZE_FORMAT, c.rows, c.in, c.out);
    run_case (cl, &c, setup->precision);
  }
}

/* Activations far from 0 neither overflow nor lose their sign. */
static void
test_activations (gconstpointer data)
{
  static const float x[] = { -1e30, -1e4, -100, -20, -12, -5, -1e-3, 0,
    1e-6, 0.5, 3, 9, 30, 1000, 1e30, NAN
  };
  static const float one = 1;
  const OclHostArray weight = { &one, OCL_F32, 2, {1, 1} };
  g_autoptr (OclContext) cl = setup_context (data);
  g_autoptr (OclLinear) linear =
      ocl_linear_new (cl, &weight, NULL, 1, OCL_PRECISION_FLOAT32);
  g_autoptr (OclTensor) xt =
      ocl_tensor_new (cl, OCL_F32, 2, G_N_ELEMENTS (x), 1);
  g_autoptr (OclTensor) yt =
      ocl_tensor_new (cl, OCL_F32, 2, G_N_ELEMENTS (x), 1);

  ocl_tensor_write (cl, xt, x);
  for (OclActivation a = 0; a <= OCL_ACTIVATION_RELU6; a++) {
    const OclEpilogue epilogue = { a };
    float y[G_N_ELEMENTS (x)];

    ocl_linear (cl, yt, xt, linear, &epilogue);
    g_assert_true (ocl_tensor_read (cl, yt, y, NULL));
    for (guint i = 0; i < G_N_ELEMENTS (x); i++) {
      double expected = plain_activation (x[i], a);

      if (isnan (expected))
        g_assert_true (isnan (y[i]));
      else
        g_assert_cmpfloat (fabs (y[i] - expected), <=,
            1e-6 * fabs (expected) + 1e-6 * MIN (fabs (x[i]), 1));
    }
  }
}

/* ---- int16: what is special ---------------------------------------------------- */

/* y [rows, out] = x [rows, in] by weights [out, in], with biases or NULL, in int16;
 * g_free() */
static float *
multiply_int16 (OclContext * cl, const float *x, const float *weights,
    const float *biases, gsize rows, gsize in, gsize out)
{
  const OclHostArray w = { weights, OCL_F32, 2, {out, in} };
  const OclHostArray b = { biases, OCL_F32, 1, {out} };
  g_autoptr (OclLinear) linear =
      ocl_linear_new (cl, &w, biases ? &b : NULL, 1, OCL_PRECISION_INT16);
  g_autoptr (OclTensor) xt = test_tensor_new (cl, rows, in, FALSE, x);
  g_autoptr (OclTensor) yt = test_tensor_new (cl, rows, out, FALSE, NULL);
  g_autoptr (GError) error = NULL;
  float *y = g_new (float, rows * out);

  ocl_linear (cl, yt, xt, linear, NULL);
  ocl_tensor_read (cl, yt, y, &error);
  g_assert_no_error (error);
  return y;
}

/* The error of uniform numbers, whose greatest is sqrt (3) norms, of any magnitude,
 * is what the bits leave. */
static void
test_int16_error (gconstpointer data)
{
  static const float sizes[] = { 1, 1e-30, 1e30 };
  const gsize rows = 13, in = 1000, out = 70;
  g_autoptr (OclContext) cl = setup_context (data);
  g_autofree float *expected = g_new (float, rows * out);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++) {
    g_autofree float *x = test_random (rows * in);
    g_autofree float *w = test_random (out * in);
    g_autofree float *y = NULL;
    float size = sizes[i / 2];
    double e;

    if (i % 2)
      for (gsize k = 0; k < out * in; k++)
        w[k] *= size;
    else
      for (gsize k = 0; k < rows * in; k++)
        x[k] *= size;
    plain_linear (expected, &(Plain) {
        rows, in, out, x, w}
    );
    y = multiply_int16 (cl, x, w, NULL, rows, in, out);
    /* test_relative_error() takes what is small for an error */
    for (gsize k = 0; k < rows * out; k++) {
      y[k] /= size;
      expected[k] /= size;
    }
    e = test_relative_error (y, expected, rows * out);
    g_test_message ("relative error %.2g", e);
    g_assert_cmpfloat (e, <=, hypot (X_ERROR (sqrt (3)), WEIGHT_ERROR));
  }
}

/* All as large as it can be: a sum that left int32 would change its sign. */
static void
test_int16_overflow (gconstpointer data)
{
  const gsize in = 10000, out = 17;
  g_autoptr (OclContext) cl = setup_context (data);

  for (guint kind = 0; kind < 3; kind++) {
    g_autofree float *x = g_new (float, in);
    g_autofree float *w = g_new (float, out * in);
    g_autofree float *y = NULL;
    double expected = 0;

    for (gsize k = 0; k < in; k++) {
      float value = kind == 1 ? -1 : kind == 2 && k % 2 ? -1 : 1;

      x[k] = value;
      for (gsize o = 0; o < out; o++)
        w[o * in + k] = kind == 1 ? 1 : value;
      expected += (double) x[k] * w[k];
    }
    y = multiply_int16 (cl, x, w, NULL, 1, in, out);
    for (gsize o = 0; o < out; o++)
      g_assert_cmpfloat (fabs (y[o] / expected - 1), <=,
          sqrt (3) * WEIGHT_ERROR);
  }
}

/* Rows of zeros are the bias; what is no number stays so, in its row. */
static void
test_int16_rows (gconstpointer data)
{
  const gsize rows = 15, in = 700, out = 40;
  g_autoptr (OclContext) cl = setup_context (data);
  g_autofree float *x = test_random (rows * in);
  g_autofree float *w = test_random (out * in);
  g_autofree float *bias = test_random (out);
  g_autofree float *y = NULL;

  for (gsize k = 0; k < in; k++)
    x[2 * in + k] = 0;
  x[4 * in] = NAN;
  x[7 * in + 699] = INFINITY;
  x[9 * in + 350] = -INFINITY;
  x[10 * in + 5] = 1e-44;
  y = multiply_int16 (cl, x, w, bias, rows, in, out);
  for (gsize o = 0; o < out; o++) {
    g_assert_true (y[2 * out + o] == bias[o]);
    for (gsize row = 0; row < rows; row++)
      g_assert_true (isnan (y[row * out + o]) == (row == 4 || row == 7
              || row == 9));
  }
}

/* A weight that is no number makes its output none. */
static void
test_int16_weights (gconstpointer data)
{
  const gsize rows = 7, in = 33, out = 40;
  g_autoptr (OclContext) cl = setup_context (data);
  g_autofree float *x = test_random (rows * in);
  g_autofree float *w = test_random (out * in);
  g_autofree float *y = NULL;

  w[3 * in + 32] = NAN;
  w[17 * in] = -INFINITY;
  for (gsize k = 0; k < in; k++)
    w[20 * in + k] = 0;
  y = multiply_int16 (cl, x, w, NULL, rows, in, out);
  for (gsize row = 0; row < rows; row++) {
    g_assert_true (y[row * out + 20] == 0);
    for (gsize o = 0; o < out; o++)
      g_assert_true (isnan (y[row * out + o]) == (o == 3 || o == 17));
  }
}

/* ---- all ----------------------------------------------------------------------- */

/* CLBlast keeps programs, and they their context, for the life of the process. */
static void
test_context_ends (void)
{
  const OclContextOptions options = {.gemm = OCL_GEMM_CLBLAST };
  OclContext *cl = test_context_new (&options);
  cl_context context = ocl_context_get_cl (cl);
  cl_uint refs = 0;

  clRetainContext (context);
  run_case (cl, &cases[1], OCL_PRECISION_FLOAT32);
  ocl_context_free (cl);
  /* a driver's thread may let go a moment later */
  for (guint i = 0; i < 500 && refs != 1; i++) {
    clGetContextInfo (context, CL_CONTEXT_REFERENCE_COUNT, sizeof refs, &refs,
        NULL);
    g_usleep (i * 100);
  }
  g_assert_cmpuint (refs, ==, 1);
  clReleaseContext (context);
}

/* What does not fit is an error that names the operation. */
static void
test_misfit (gconstpointer data)
{
  static const float zeros[12];
  const OclHostArray weight = { zeros, OCL_F32, 2, {3, 4} };
  const OclHostArray bias = { zeros, OCL_F32, 1, {4} };
  g_autoptr (OclContext) cl = setup_context (data);
  g_autoptr (OclLinear) linear =
      ocl_linear_new (cl, &weight, NULL, 1, OCL_PRECISION_FLOAT32);
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 2, 5, 4);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 2, 5, 4);
  g_autoptr (OclLinear) wrong = NULL;

  ocl_linear (cl, y, x, linear, NULL);
  assert_invalid (cl, "linear");
  wrong = ocl_linear_new (cl, &weight, &bias, 1, OCL_PRECISION_FLOAT32);
  assert_invalid (cl, "linear_new");
  ocl_linear (cl, y, x, wrong, NULL);
  assert_invalid (cl, "linear");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_setups ("/linear/cases", test_cases);
  add_for_setups ("/linear/random", test_random_shapes);
  g_test_add_data_func ("/linear/activations", &setups[0], test_activations);
  add_for_packed ("/linear/error", OCL_PRECISION_INT16, test_int16_error);
  add_for_packed ("/linear/overflow", OCL_PRECISION_INT16, test_int16_overflow);
  add_for_packed ("/linear/rows", OCL_PRECISION_INT16, test_int16_rows);
  add_for_packed ("/linear/weights", OCL_PRECISION_INT16, test_int16_weights);
  g_test_add_func ("/linear/context-ends", test_context_ends);
  g_test_add_data_func ("/linear/misfit", &setups[0], test_misfit);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-depthwise.c: convolutions of each channel by itself against plain C, as
 * a CPU and as a GPU would run them. */

#include "ocl/ocl-private.h"
#include "product-test.h"

typedef struct
{
  gsize t, h, w, channels;
  guint k;
  OclConvOptions options;
  OclType type;                 /* of the weights */
  gboolean bias;
  OclActivation activation;
} Case;

static gsize
stride_of (const Case * c)
{
  return MAX (c->options.stride, 1);
}

static gsize
out_height (const Case * c)
{
  return (c->h + c->options.pad_top + c->options.pad_bottom - c->k)
      / stride_of (c) + 1;
}

static gsize
out_width (const Case * c)
{
  return (c->w + c->options.pad_left + c->options.pad_right - c->k)
      / stride_of (c) + 1;
}

/* ---- the plain twin --------------------------------------------------------- */

/* @frame: [h, w, channels] */
static double
plain_sum (const Case * c, const float *frame, const float *weight, gsize row,
    gsize column, gsize channel)
{
  double sum = 0;

  for (guint a = 0; a < c->k; a++)
    for (guint b = 0; b < c->k; b++) {
      int y = (int) (row * stride_of (c) + a) - (int) c->options.pad_top;
      int x = (int) (column * stride_of (c) + b) - (int) c->options.pad_left;

      if (y >= 0 && x >= 0 && y < (int) c->h && x < (int) c->w)
        sum += (double) frame[(y * c->w + x) * c->channels + channel]
            * weight[(channel * c->k + a) * c->k + b];
    }
  return sum;
}

static void
plain_depthwise (float *y, const Case * c, const float *x, const float *weight,
    const float *bias)
{
  for (gsize t = 0; t < c->t; t++)
    for (gsize row = 0; row < out_height (c); row++)
      for (gsize column = 0; column < out_width (c); column++)
        for (gsize i = 0; i < c->channels; i++)
          *y++ = plain_activation (plain_sum (c,
                  x + t * c->h * c->w * c->channels, weight, row, column, i)
              + (bias ? bias[i] : 0), c->activation);
}

/* ---- cases -------------------------------------------------------------------- */

/* Behind a frame that is not part of it. */
static OclTensor *
new_view (OclContext * cl, gsize t, gsize h, gsize w, gsize c,
    const float *values)
{
  g_autoptr (OclTensor) whole = ocl_tensor_new (cl, OCL_F32, 4, t + 2, h, w, c);
  g_autoptr (OclTensor) rows = ocl_tensor_rows (whole, h * w, t * h * w);
  OclTensor *view = ocl_tensor_reshape (rows, 4, t, h, w, c);

  ocl_tensor_fill (cl, whole, NAN);
  if (values)
    ocl_tensor_write (cl, view, values);
  return view;
}

static void
run_case (OclContext * cl, const Case * c)
{
  const gsize dims[4] = { c->channels, 1, c->k, c->k };
  gsize n = c->t * c->h * c->w * c->channels;
  g_auto (Host) weight = host_new (c->type, 4, dims);
  g_auto (Host) bias = host_new (c->type, 1, dims);
  g_autofree float *x = test_random (n);
  g_autofree float *expected = g_new (float,
      c->t * out_height (c) * out_width (c) * c->channels);
  g_autoptr (OclTensor) xt = NULL;
  g_autoptr (OclTensor) yt = new_view (cl, c->t, out_height (c),
      out_width (c), c->channels, NULL);
  g_autoptr (OclDepthwise) conv = ocl_depthwise_new (cl, &weight.array,
      c->bias ? &bias.array : NULL, &c->options);

  g_test_message ("[%u, %u, %u, %u], %u x %u taps, stride %u", (guint) c->t,
      (guint) c->h, (guint) c->w, (guint) c->channels, c->k, c->k,
      (guint) stride_of (c));
  for (gsize i = 0; i < n; i++)
    x[i] *= 6;                  /* so that sums are on both sides of 6 */
  xt = new_view (cl, c->t, c->h, c->w, c->channels, x);
  plain_depthwise (expected, c, x, weight.values, c->bias ? bias.values : NULL);
  ocl_depthwise (cl, yt, xt, conv, c->activation);
  test_assert_close (cl, yt, expected, 2e-6);
}

static const Case cases[] = {
  {1, 1, 1, 1, 3, {1, 1, 1, 1, 1}, OCL_F32, TRUE},
  {1, 1, 2, 17, 5, {1, 2, 2, 2, 2}, OCL_F32, TRUE, OCL_ACTIVATION_RELU6},
  {1, 7, 7, 48, 5, {1, 2, 2, 2, 2}, OCL_F32, TRUE, OCL_ACTIVATION_RELU6},
  {2, 9, 13, 33, 3, {1, 1, 1, 1, 1}, OCL_F32, TRUE, OCL_ACTIVATION_RELU6},
  {1, 11, 12, 32, 3, {2, 0, 1, 0, 1}, OCL_F32, TRUE, OCL_ACTIVATION_RELU6},
  {1, 14, 15, 16, 5, {2, 1, 2, 1, 2}, OCL_BF16, TRUE},
  {3, 5, 21, 35, 5, {2, 2, 0, 1, 3}, OCL_I8, TRUE, OCL_ACTIVATION_SILU},
  {1, 6, 9, 16, 3, {3, 0, 0, 2, 0}, OCL_F16},
  {1, 5, 40, 16, 3, {0}, OCL_F32},
};

static void
test_cases (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (int gpu = 0; gpu < 2; gpu++) {
    ocl_context_set_is_cpu (cl, !gpu);
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      run_case (cl, &cases[i]);
  }
}

static void
test_random_shapes (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  guint n = test_is_simulated (cl) ? 4 : 30;

  for (guint i = 0; i < n; i++) {
    const Case c = {
      g_test_rand_int_range (1, 4), g_test_rand_int_range (3, 20),
      g_test_rand_int_range (3, 20), g_test_rand_int_range (1, 70),
      g_test_rand_bit ()? 3 : 5,
      {g_test_rand_int_range (0, 4), g_test_rand_int_range (1, 3),
            g_test_rand_int_range (1, 3), g_test_rand_int_range (1, 3),
          g_test_rand_int_range (1, 3)},
      OCL_F32, g_test_rand_bit (), g_test_rand_int_range (0, 4)
    };

    run_case (cl, &c);
  }
}

static void
test_misfit (void)
{
  const gsize dims[4] = { 4, 1, 3, 3 }, even[4] = { 4, 1, 4, 4 };
  const gsize dense[4] = { 4, 2, 3, 3 }, few[1] = { 3 };
  const OclConvOptions upsample = {.upsample = TRUE };
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_auto (Host) weight = host_new (OCL_F32, 4, dims);
  g_auto (Host) weight_even = host_new (OCL_F32, 4, even);
  g_auto (Host) weight_dense = host_new (OCL_F32, 4, dense);
  g_auto (Host) bias = host_new (OCL_F32, 1, few);
  const struct
  {
    OclHostArray *weight, *bias;
    const OclConvOptions *options;
  } wrong[] = {
    {&weight_even.array}, {&weight_dense.array}, {&bias.array},
    {&weight.array, &bias.array}, {&weight.array, NULL, &upsample}
  };
  g_autoptr (OclDepthwise) conv = ocl_depthwise_new (cl, &weight.array, NULL,
      NULL);
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 4, 1, 5, 5, 4);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 4, 1, 3, 3, 4);
  g_autoptr (OclTensor) thin = ocl_tensor_new (cl, OCL_F32, 4, 1, 2, 5, 4);

  ocl_depthwise (cl, x, x, conv, OCL_ACTIVATION_NONE);
  assert_invalid (cl, "depthwise");
  ocl_depthwise (cl, y, thin, conv, OCL_ACTIVATION_NONE);
  assert_invalid (cl, "depthwise");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (OclDepthwise) none = ocl_depthwise_new (cl, wrong[i].weight,
        wrong[i].bias, wrong[i].options);

    assert_invalid (cl, "depthwise_new");
    ocl_depthwise (cl, y, x, none, OCL_ACTIVATION_NONE);
    assert_invalid (cl, "depthwise");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/depthwise/cases", test_cases);
  g_test_add_func ("/depthwise/random", test_random_shapes);
  g_test_add_func ("/depthwise/misfit", test_misfit);
  return g_test_run ();
}

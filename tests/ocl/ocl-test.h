/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ocl-test.h: what the tests of the compute library share: random tensors on
 * both sides and their comparison. */

#pragma once

#include <math.h>
#include "ocl/ocl.h"

static inline OclContext *
test_context_new (const OclContextOptions *options)
{
  const OclContextOptions any = { 0 };    /* oclgrind is no "cpu" */
  g_autoptr (GError) error = NULL;
  OclContext *cl = ocl_context_new (options ? options : &any, &error);

  g_assert_no_error (error);
  return cl;
}

/* On oclgrind's simulated device a kernel takes some thousand times as
 * long: tests leave out what is large. */
static inline gboolean
test_is_simulated (OclContext *cl)
{
  return g_str_equal (ocl_context_get_device (cl)->platform, "Oclgrind");
}

/* Is a product of that many multiplications too large for where it runs? */
static inline gboolean
test_is_too_large (OclContext *cl, gsize multiplications)
{
  return multiplications > 1000000 && test_is_simulated (cl);
}

/* @n values in -1 ... 1 */
static inline float *
test_random (gsize n)
{
  float *values = g_new (float, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    values[i] = g_test_rand_double_range (-1, 1);
  return values;
}

static inline void
test_write (OclContext *cl, OclTensor *t, const float *values)
{
  g_autoptr (GError) error = NULL;

  ocl_tensor_write (cl, t, values);
  ocl_context_finish (cl, &error);
  g_assert_no_error (error);
}

/* A tensor [rows, cols] with @values; `view`: within a larger one, so that
 * neither offset nor stride are trivial. */
static inline OclTensor *
test_tensor_new (OclContext *cl, gsize rows, gsize cols, gboolean view,
    const float *values)
{
  g_autoptr (OclTensor) whole = NULL;
  g_autoptr (OclTensor) middle = NULL;
  OclTensor *t;

  if (view) {
    whole = ocl_tensor_new (cl, OCL_F32, 2, rows + 2, cols + 5);
    ocl_tensor_fill (cl, whole, NAN);
    middle = ocl_tensor_rows (whole, 1, rows);
    t = ocl_tensor_columns (middle, 3, cols);
  } else {
    t = ocl_tensor_new (cl, OCL_F32, 2, rows, cols);
  }
  if (values)
    test_write (cl, t, values);
  return t;
}

static inline double
test_relative_error (const float *values, const float *expected, gsize n)
{
  double difference = 0, norm = 0;

  for (gsize i = 0; i < n; i++) {
    double d = (double) values[i] - expected[i];

    difference += d * d;
    norm += (double) expected[i] * expected[i];
  }
  return sqrt (difference / MAX (norm, 1e-30));
}

/* Relative L2 error at most @bound. */
static inline void
test_assert_close (OclContext *cl, OclTensor *t, const float *expected,
    double bound)
{
  gsize n = t->rows * t->cols;
  g_autofree float *values = g_new (float, n);
  g_autoptr (GError) error = NULL;
  double e;

  ocl_tensor_read (cl, t, values, &error);
  g_assert_no_error (error);
  e = test_relative_error (values, expected, n);
  if (!(e <= bound))
    g_test_message ("relative error %g in [%" G_GSIZE_FORMAT ", %"
        G_GSIZE_FORMAT "]", e, t->rows, t->cols);
  g_assert_cmpfloat (e, <=, bound);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-attention.c: attention against plain C. */

#include "product-test.h"

typedef struct
{
  gsize queries, keys, heads, size;
  gsize first, count;           /* count 0: all */
  gboolean key_bias, bias, views;
  float sharp;                  /* factor of the scale; 0: 1 */
  OclPrecision precision;
} Case;

typedef struct
{
  float *q, *k, *v, *key_bias, *bias;
  float scale;
} Data;

/* ---- the plain twin --------------------------------------------------------- */

static gsize
count_of (const Case * c)
{
  return c->count ? c->count : c->keys - c->first;
}

/* Weights of the keys of one query, not normalised; returns their sum. */
static double
plain_weights (double *weights, const Case * c, const Data * d, gsize head,
    gsize query)
{
  gsize n = count_of (c), cols = c->heads * c->size;
  const float *q = d->q + query * cols + head * c->size;
  double highest = -INFINITY, sum = 0;

  for (gsize j = 0; j < n; j++) {
    const float *k = d->k + (c->first + j) * cols + head * c->size;
    double s = 0;

    for (gsize i = 0; i < c->size; i++)
      s += (double) q[i] * k[i];
    s *= d->scale;
    if (c->key_bias)
      s += d->key_bias[j];
    if (c->bias)
      s += d->bias[(head * c->queries + query) * n + j];
    weights[j] = s;
    highest = MAX (highest, s);
  }
  for (gsize j = 0; j < n; j++)
    sum += weights[j] = exp (weights[j] - highest);
  return sum;
}

static void
plain_attention (float *y, const Case * c, const Data * d)
{
  gsize cols = c->heads * c->size, n = count_of (c);
  g_autofree double *weights = g_new (double, n);

  for (gsize query = 0; query < c->queries; query++)
    for (gsize head = 0; head < c->heads; head++) {
      double sum = plain_weights (weights, c, d, head, query);

      for (gsize i = 0; i < c->size; i++) {
        double v = 0;

        for (gsize j = 0; j < n; j++)
          v += weights[j] * d->v[(c->first + j) * cols + head * c->size + i];
        y[query * cols + head * c->size + i] = v / sum;
      }
    }
}

/* ---- cases -------------------------------------------------------------------- */

static const Case cases[] = {
  {1, 1, 1, 1},
  {1, 65, 1, 3},
  {5, 3, 2, 16},
  {16, 32, 6, 64},
  {12, 64, 12, 128},
  {29, 200, 3, 40, 0, 0, TRUE},
  {50, 77, 4, 32, 0, 0, TRUE, TRUE},
  {61, 130, 2, 64, 70, 60, TRUE, TRUE, TRUE},
  {13, 300, 1, 12, 63, 2, FALSE, TRUE},
  {33, 150, 2, 256, 0, 0, TRUE, TRUE},
  {40, 97, 1, 384},
  {26, 70, 1, 1024, 5, 64, FALSE, FALSE, TRUE},
  {100, 190, 2, 128, 1, 188, FALSE, FALSE, TRUE, 300},
  {30, 260, 2, 64, 0, 0, FALSE, FALSE, FALSE, 12},
  {200, 700, 2, 64},
  {70, 600, 1, 128, 100, 450, TRUE, FALSE, TRUE},
};

/* Written in pieces, the later ones over what others left. */
static OclKeyValues *
new_key_values (OclContext * cl, const Case * c, OclTensor * k, OclTensor * v)
{
  OclKeyValues *kv = ocl_key_values_new (cl, c->keys, c->heads, c->size,
      c->precision);
  gsize at = 0;

  ocl_key_values_write (cl, kv, 0, v, k);
  while (at < c->keys) {
    gsize n = g_test_rand_int_range (1, c->keys - at + 1);
    g_autoptr (OclTensor) k_part = ocl_tensor_rows (k, at, n);
    g_autoptr (OclTensor) v_part = ocl_tensor_rows (v, at, n);

    ocl_key_values_write (cl, kv, at, k_part, v_part);
    at += n;
  }
  return kv;
}

/* Sharp weights carry the rounding of large logits. */
static double
tolerance (const Case * c)
{
  if (c->precision == OCL_PRECISION_BFLOAT16)
    return c->sharp > 0 ? 0.3 : 1e-2;
  return c->sharp > 0 ? 1e-4 : 1e-6;
}

static void
run_case (OclContext * cl, const Case * c)
{
  gsize cols = c->heads * c->size, n = count_of (c);
  g_autofree float *q = test_random (c->queries * cols);
  g_autofree float *k = test_random (c->keys * cols);
  g_autofree float *v = test_random (c->keys * cols);
  g_autofree float *key_bias = test_random (n);
  g_autofree float *bias = test_random (c->heads * c->queries * n);
  g_autofree float *expected = g_new (float, c->queries * cols);
  const Data data = { q, k, v, key_bias, bias,
    (c->sharp > 0 ? c->sharp : 1) / sqrtf (c->size)
  };
  g_autoptr (OclTensor) qt =
      test_tensor_new (cl, c->queries, cols, c->views, q);
  g_autoptr (OclTensor) yt =
      test_tensor_new (cl, c->queries, cols, c->views, NULL);
  g_autoptr (OclTensor) kt = test_tensor_new (cl, c->keys, cols, c->views, k);
  g_autoptr (OclTensor) vt = test_tensor_new (cl, c->keys, cols, c->views, v);
  g_autoptr (OclTensor) kb = test_tensor_new (cl, 1, n, c->views, key_bias);
  g_autoptr (OclTensor) b =
      test_tensor_new (cl, c->heads * c->queries, n, c->views, bias);
  g_autoptr (OclKeyValues) kv = NULL;
  const OclAttentionOptions options = { data.scale, c->first, n,
    c->key_bias ? kb : NULL, c->bias ? b : NULL
  };

  if (c->key_bias && n > 2)
    key_bias[n / 2] = -INFINITY;
  ocl_tensor_write (cl, kb, key_bias);
  plain_attention (expected, c, &data);
  kv = new_key_values (cl, c, kt, vt);
  ocl_attention (cl, yt, qt, kv, &options);
  test_assert_close (cl, yt, expected, tolerance (c));
}

static void
test_cases (gconstpointer data)
{
  const Setup *setup = data;
  g_autoptr (OclContext) cl = setup_context (setup);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Case c = cases[i];

    g_test_message ("case %u", i);
    c.precision = setup->precision;
    run_case (cl, &c);
  }
}

static void
test_random_shapes (gconstpointer data)
{
  const Setup *setup = data;
  g_autoptr (OclContext) cl = setup_context (setup);

  for (guint i = 0; i < 40; i++) {
    Case c = {
      g_test_rand_int_range (1, 150), g_test_rand_int_range (1, 300),
      g_test_rand_int_range (1, 5), g_test_rand_int_range (1, 100)
    };

    c.first = g_test_rand_int_range (0, c.keys);
    c.count = g_test_rand_int_range (1, c.keys - c.first + 1);
    c.key_bias = g_test_rand_bit ();
    c.bias = g_test_rand_bit ();
    c.views = g_test_rand_bit ();
    c.precision = setup->precision;
    g_test_message ("%u x %u of %u queries, keys %u + %u of %u",
        (guint) c.heads, (guint) c.size, (guint) c.queries, (guint) c.first,
        (guint) c.count, (guint) c.keys);
    run_case (cl, &c);
  }
}

/* The first block of keys is masked away as a whole. */
static void
test_masked_block (gconstpointer setup)
{
  enum
  { KEYS = 150, SIZE = 8 };
  g_autoptr (OclContext) cl = setup_context (setup);
  const Case c = { 3, KEYS, 1, SIZE, 0, KEYS, TRUE,.precision =
        ((const Setup *) setup)->precision
  };
  g_autofree float *q = test_random (3 * SIZE);
  g_autofree float *k = test_random (KEYS * SIZE);
  g_autofree float *v = test_random (KEYS * SIZE);
  float key_bias[KEYS], expected[3 * SIZE];
  const Data data = { q, k, v, key_bias, NULL, 1 };
  g_autoptr (OclTensor) qt = test_tensor_new (cl, 3, SIZE, FALSE, q);
  g_autoptr (OclTensor) kt = test_tensor_new (cl, KEYS, SIZE, FALSE, k);
  g_autoptr (OclTensor) vt = test_tensor_new (cl, KEYS, SIZE, FALSE, v);
  g_autoptr (OclTensor) yt = test_tensor_new (cl, 3, SIZE, FALSE, NULL);
  g_autoptr (OclTensor) kb = NULL;
  g_autoptr (OclKeyValues) kv = new_key_values (cl, &c, kt, vt);
  OclAttentionOptions options = { 1, 0, KEYS };

  for (guint i = 0; i < KEYS; i++)
    key_bias[i] = i < 70 ? -INFINITY : 0;
  options.key_bias = kb = test_tensor_new (cl, 1, KEYS, FALSE, key_bias);
  plain_attention (expected, &c, &data);
  ocl_attention (cl, yt, qt, kv, &options);
  test_assert_close (cl, yt, expected, tolerance (&c));
}

static void
test_misfit (void)
{
  g_autoptr (OclContext) cl = setup_context (&setups[0]);
  g_autoptr (OclKeyValues) kv = ocl_key_values_new (cl, 10, 2, 8,
      OCL_PRECISION_FLOAT32);
  g_autoptr (OclKeyValues) wrong = NULL;
  g_autoptr (OclTensor) t = ocl_tensor_new (cl, OCL_F32, 2, 10, 16);
  g_autoptr (OclTensor) thin = ocl_tensor_new (cl, OCL_F32, 2, 10, 15);
  OclAttentionOptions options = { 1, 0, 10 };

  ocl_key_values_write (cl, kv, 0, t, thin);
  assert_invalid (cl, "key_values_write");
  ocl_key_values_write (cl, kv, 60, t, t);
  assert_invalid (cl, "key_values_write");
  ocl_attention (cl, t, thin, kv, &options);
  assert_invalid (cl, "attention");
  options.first = 60;
  ocl_attention (cl, t, t, kv, &options);
  assert_invalid (cl, "attention");
  options.first = options.count = 0;
  ocl_attention (cl, t, t, kv, &options);
  assert_invalid (cl, "attention");
  wrong = ocl_key_values_new (cl, 10, 1, 2000, OCL_PRECISION_FLOAT32);
  assert_invalid (cl, "key_values_new");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_setups ("/attention/cases", test_cases);
  add_for_setups ("/attention/random", test_random_shapes);
  add_for_setups ("/attention/masked-block", test_masked_block);
  g_test_add_func ("/attention/misfit", test_misfit);
  return g_test_run ();
}

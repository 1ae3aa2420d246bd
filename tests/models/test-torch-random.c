/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-torch-random.c: noise against torch.randn's (tests/golden). */

#include "models/video/torch-random.h"
#include "model-test.h"

/* torch's vectorised sine and logarithm differ in the last bits. */
#define TOLERANCE 2e-6

/* One generator, asked for the counts of values one after another. */
static void
check_counts (TensorStore * store, const char *stage, guint index,
    JsonObject * settings)
{
  OclHostArray expected = golden_get (store, stage, index, "values", 1);
  JsonArray *counts = json_object_get_array_member (settings, "counts");
  g_autoptr (TorchRandom) random = torch_random_new
      ((guint64) json_object_get_int_member (settings, "seed"));
  gsize size = ocl_host_array_get_count (&expected), at = 0, i;
  g_autofree float *found = g_new (float, size);
  const float *wanted = expected.data;

  for (i = 0; i < json_array_get_length (counts); i++) {
    gsize count = json_array_get_int_element (counts, i);
    g_assert_cmpuint (at + count, <=, size);
    torch_random_normal (random, found + at, count);
    at += count;
  }
  g_assert_cmpuint (at, ==, size);
  for (i = 0; i < size; i++)
    g_assert_cmpfloat_with_epsilon (found[i], wanted[i], TOLERANCE);
  g_assert_cmpfloat (test_relative_error (found, wanted, size), <, 1e-6);
}

static void
test_golden (void)
{
  g_assert_cmpuint (golden_for_cases ("noise", "noise", check_counts), >=, 10);
}

/* The noise that a run of a golden pipeline began with, from its seed. */
static void
check_noise (TensorStore * store, const char *stage, guint index,
    JsonObject * settings)
{
  OclHostArray noise = golden_get (store, stage, index, "noise", 4);
  gsize n = ocl_host_array_get_count (&noise);
  g_autofree float *found = g_new (float, n);
  g_autoptr (TorchRandom) random = torch_random_new
      ((guint64) json_object_get_int_member (settings, "seed"));

  torch_random_normal (random, found, n);
  g_assert_cmpfloat (test_relative_error (found, noise.data, n), <, 1e-6);
}

static void
test_pipelines (gconstpointer data)
{
  golden_for_cases (data, "run", check_noise);
}

/* The upper half of a seed counts for nothing, as upstream; asking for nothing
 * changes nothing. */
static void
test_repeats (void)
{
  g_autoptr (TorchRandom) one = torch_random_new (5489);
  g_autoptr (TorchRandom) two = torch_random_new (5489 + (G_GINT64_CONSTANT (1)
          << 32));
  g_autofree float *a = g_new (float, 5000), *b = g_new (float, 5000);

  torch_random_normal (one, a, 5000);
  torch_random_normal (two, b, 5000);
  g_assert_cmpmem (a, 5000 * sizeof *a, b, 5000 * sizeof *b);
  torch_random_normal (one, a, 0);
  torch_random_normal (one, a, 17);
  torch_random_normal (two, b, 17);
  g_assert_cmpmem (a, 17 * sizeof *a, b, 17 * sizeof *b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/torch-random/golden", test_golden);
  g_test_add_func ("/torch-random/repeats", test_repeats);
  g_test_add_data_func ("/torch-random/wan21", "wan21/reference",
      test_pipelines);
  g_test_add_data_func ("/torch-random/wan22", "wan22-ti2v/reference",
      test_pipelines);
  return g_test_run ();
}

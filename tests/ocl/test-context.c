/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-context.c: devices, memory, views, errors that stick, cancelling,
 * compiled programs on disk and profiling. */

#include <string.h>
#include <sys/resource.h>
#include <glib/gstdio.h>

#include "ocl/context-private.h"
#include "ocl-test.h"

/* ---- devices ------------------------------------------------------------------ */

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = ocl_device_list (&error);

  g_assert_no_error (error);
  g_assert_cmpuint (devices->len, >, 0);
  for (guint i = 0; i < devices->len; i++) {
    const OclDeviceInfo *info = g_ptr_array_index (devices, i);

    g_assert_cmpuint (info->index, ==, i);
    g_assert_nonnull (info->name);
    g_assert_cmpuint (info->memory, >, 0);
    g_assert_cmpuint (info->max_allocation, >, 0);
  }
}

/* By index, by type and by a part of the name. */
static void
test_choose (void)
{
  g_autoptr (OclContext) first = test_context_new (NULL);
  g_autofree char *index = g_strdup_printf ("%u",
      ocl_context_get_device (first)->index);
  g_autofree char *part =
      g_ascii_strup (ocl_context_get_device (first)->name, 6);
  const char *specs[] = { NULL, index, part };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    const OclContextOptions options = {.device = specs[i] };
    g_autoptr (OclContext) cl = test_context_new (&options);

    g_assert_cmpstr (ocl_context_get_device (cl)->name, ==,
        ocl_context_get_device (first)->name);
  }
}

static void
test_no_such_device (void)
{
  const OclContextOptions options = {.device = "abacus" };
  g_autoptr (GError) error = NULL;

  g_assert_null (ocl_context_new (&options, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_NO_DEVICE);
  g_assert_nonnull (strstr (error->message, "abacus"));
}

/* ---- tensors ------------------------------------------------------------------- */

static void
test_views (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autofree float *x = test_random (6 * 8);
  g_autoptr (OclTensor) t = test_tensor_new (cl, 6, 8, FALSE, x);
  g_autoptr (OclTensor) rows = ocl_tensor_rows (t, 2, 3);
  g_autoptr (OclTensor) part = ocl_tensor_columns (rows, 5, 2);
  g_autoptr (OclTensor) shaped = ocl_tensor_reshape (t, 3, 2, 3, 8);
  float expected[3 * 2];

  for (guint r = 0; r < 3; r++)
    memcpy (expected + r * 2, x + (r + 2) * 8 + 5, 2 * sizeof (float));
  test_assert_close (cl, part, expected, 0);
  g_assert_cmpuint (shaped->rows, ==, 6);
  test_assert_close (cl, shaped, x, 0);

  ocl_tensor_fill (cl, part, 7);
  for (guint r = 0; r < 3; r++)
    x[(r + 2) * 8 + 5] = x[(r + 2) * 8 + 6] = 7;
  test_assert_close (cl, t, x, 0);
}

/* A view keeps the memory; one that does not fit is an error. */
static void
test_view_life (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  OclTensor *t = ocl_tensor_new (cl, OCL_F32, 2, 4, 4);
  g_autoptr (OclTensor) view = ocl_tensor_rows (t, 1, 2);
  g_autoptr (OclTensor) beyond = ocl_tensor_rows (t, 3, 2);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (beyond);
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
  ocl_tensor_unref (t);
  ocl_tensor_fill (cl, view, 1);
  g_assert_true (ocl_context_finish (cl, NULL));
}

static void
test_types (void)
{
  static const float values[] = { 0, 1, -2.5, 65504, 1e-7, 3.14159f };
  const guint n = G_N_ELEMENTS (values);
  static const OclType types[] = { OCL_F16, OCL_BF16 };
  static const double bounds[] = { 1e-3, 1e-2 };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    guint16 stored[G_N_ELEMENTS (values)];
    const OclHostArray array = {
      .data = stored,.type = types[i],.n_dims = 1,.dims = {n}
    };
    g_autoptr (OclTensor) t = NULL;

    ocl_from_float (types[i], stored, values, n);
    t = ocl_tensor_new_from_host (cl, OCL_F32, &array);
    test_assert_close (cl, t, values, bounds[i]);
  }
}

/* Numbers of 8 bits become floats on the device, and are no type of its own. */
static void
test_eight_bits (void)
{
  static const guint8 codes[] = { 0, 1, 0x38, 0xb8, 0x7e };
  static const float scale = 0.5f;
  static const float expected[] = { 0, 0x1p-10f, 0.5f, -0.5f, 224 };
  static const OclType wrong[] = { OCL_I8, OCL_F8_E4M3, OCL_F8_E5M2, OCL_U8 };
  const OclHostArray array = { codes, OCL_F8_E4M3, 1, {5}, &scale, OCL_F32, 1 };
  const OclHostArray scaled = { expected, OCL_F32, 1, {5}, &scale, OCL_F32, 1 };
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) t = ocl_tensor_new_from_host (cl, OCL_F32, &array);
  g_autoptr (OclTensor) s = ocl_tensor_new_from_host (cl, OCL_F32, &scaled);
  float values[5];

  test_assert_close (cl, t, expected, 0);
  g_assert_true (ocl_tensor_read (cl, s, values, NULL));
  for (guint i = 0; i < 5; i++)
    g_assert_cmpfloat (values[i], ==, expected[i] / 2);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (OclTensor) none =
        ocl_tensor_new_from_host (cl, wrong[i], &array);
    g_autoptr (GError) error = NULL;

    g_assert_false (ocl_context_finish (cl, &error));
    g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
  }
}

static void
test_impossible_sizes (void)
{
  static const gsize sizes[][2] =
      { {0, 4}, {G_MAXSIZE / 2, 16}, {1ull << 40, 4} };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (OclTensor) t = ocl_tensor_newv (cl, OCL_F32, 2, sizes[i]);
    g_autoptr (GError) error = NULL;

    ocl_tensor_fill (cl, t, 0);
    g_assert_false (ocl_context_finish (cl, &error));
    g_assert_cmpuint (error->domain, ==, OCL_ERROR);
  }
}

/* ---- memory -------------------------------------------------------------------- */

#define MEBI (1 << 20)

/* What is used is counted, what is released may be used again, and the limit
 * holds; after that error everything goes on. */
static void
test_memory_limit (void)
{
  const OclContextOptions options = {
    .memory_limit = 10 * MEBI
  };
  g_autoptr (OclContext) cl = test_context_new (&options);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++) {
    g_autoptr (OclTensor) t = ocl_tensor_new (cl, OCL_F32, 1, MEBI + i);

    ocl_tensor_fill (cl, t, i);
  }
  g_assert_true (ocl_context_finish (cl, NULL));
  g_assert_cmpuint (ocl_context_get_memory_used (cl), ==, 0);
  g_assert_cmpuint (ocl_context_get_memory_peak (cl), >=, 4 * MEBI);
  g_assert_cmpuint (ocl_context_get_memory_peak (cl), <=, 10 * MEBI);

  {
    g_autoptr (OclTensor) a = ocl_tensor_new (cl, OCL_F32, 1, 2 * MEBI);
    g_autoptr (OclTensor) b = ocl_tensor_new (cl, OCL_F32, 1, 2 * MEBI);

    g_assert_false (ocl_context_finish (cl, &error));
    g_assert_error (error, OCL_ERROR, OCL_ERROR_OUT_OF_MEMORY);
    g_assert_nonnull (a);
    g_assert_nonnull (b);
  }
  {
    g_autoptr (OclTensor) c = ocl_tensor_new (cl, OCL_F32, 1, 2 * MEBI);

    ocl_tensor_fill (cl, c, 0);
    g_assert_true (ocl_context_finish (cl, NULL));
  }
}

/* The driver's own refusal, where the limit would allow more than there is. */
static void
test_memory_gone (void)
{
  const OclContextOptions options = {
    .memory_limit = G_MAXUINT64
  };
  g_autoptr (OclContext) cl = test_context_new (&options);
  const struct rlimit none = { 0, RLIM_INFINITY };
  struct rlimit before;
  g_autoptr (OclTensor) small = NULL;
  g_autoptr (OclTensor) large = NULL;
  g_autoptr (GError) error = NULL;

  if (!cl->is_cpu) {
    g_test_skip ("only a processor's memory can be limited");
    return;
  }
  g_assert_cmpint (getrlimit (RLIMIT_AS, &before), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_AS, &none), ==, 0);
  large = ocl_tensor_new (cl, OCL_F32, 1, 128 * MEBI);
  g_assert_cmpint (setrlimit (RLIMIT_AS, &before), ==, 0);
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_OUT_OF_MEMORY);
  g_assert_nonnull (strstr (error->message, "no more memory"));

  small = ocl_tensor_new (cl, OCL_F32, 1, MEBI);
  ocl_tensor_fill (cl, small, 1);
  g_assert_true (ocl_context_finish (cl, NULL));
}

/* ---- errors -------------------------------------------------------------------- */

/* The first error stays, later operations do nothing. */
static void
test_sticky_error (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) t = ocl_tensor_new (cl, OCL_F32, 1, 1);
  const float one = 1;
  float value = 0;
  g_autoptr (GError) error = NULL;

  ocl_tensor_write (cl, t, &one);
  ocl_context_set_error (cl, OCL_ERROR_UNSUPPORTED, "first");
  ocl_context_set_error (cl, OCL_ERROR_DEVICE_LOST, "second");
  g_assert_false (ocl_context_ok (cl));
  ocl_affine (cl, t, t, 5, 0);
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, "first");

  g_assert_true (ocl_tensor_read (cl, t, &value, NULL));
  g_assert_cmpfloat (value, ==, 1);
}

static void
test_cancel (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) t = ocl_tensor_new (cl, OCL_F32, 1, 1);
  const float one = 1;
  float value = 0;
  g_autoptr (GError) error = NULL;

  ocl_tensor_write (cl, t, &one);
  ocl_context_cancel (cl);
  ocl_affine (cl, t, t, 5, 0);
  for (guint i = 0; i < 2; i++) {
    g_assert_false (ocl_context_finish (cl, &error));
    g_assert_error (error, OCL_ERROR, OCL_ERROR_CANCELLED);
    g_clear_error (&error);
  }
  ocl_context_uncancel (cl);
  ocl_affine (cl, t, t, 3, 0);
  g_assert_true (ocl_tensor_read (cl, t, &value, NULL));
  g_assert_cmpfloat (value, ==, 3);
}

/* A kernel that there is none of, and options that do not compile: the error
 * has the name and the compiler's words. */
static void
test_build_errors (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ocl_context_get_kernel (cl, "nowhere.cl", "", "none"));
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_BUILD);
  g_clear_error (&error);

  g_assert_null (ocl_context_get_kernel (cl, "layout.cl", "-Dlong=(",
          "transpose"));
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_BUILD);
  g_assert_nonnull (strstr (error->message, "layout.cl"));
}

/* Work that was accepted and fails on the device is an error of the next finish,
 * which names it, and no more after that. */
static void
test_lost_device (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) t = ocl_tensor_new (cl, OCL_F32, 1, 1);
  g_autoptr (GError) error = NULL;
  cl_event event = clCreateUserEvent (ocl_context_get_cl (cl), NULL);

  ocl_context_track (cl, "kernel_x", event);
  clSetUserEventStatus (event, CL_OUT_OF_RESOURCES);
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_DEVICE_LOST);
  g_assert_nonnull (strstr (error->message, "kernel_x"));
  ocl_tensor_fill (cl, t, 1);
  g_assert_true (ocl_context_finish (cl, NULL));
}

static guint
count_pending (OclContext * cl)
{
  guint n = 0;

  for (guint i = 0; i < OCL_RUN_AHEAD; i++)
    n += cl->pending[i].event != NULL;
  return n;
}

static gpointer
complete_later (gpointer event)
{
  g_usleep (25 * OCL_LONG_WAIT);
  clSetUserEventStatus (event, CL_COMPLETE);
  return NULL;
}

/* After a long kernel there is one at a time. */
static void
test_run_ahead (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 1, 16);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 1, 16);
  g_autoptr (GError) error = NULL;
  cl_event slow = clCreateUserEvent (ocl_context_get_cl (cl), NULL);
  GThread *thread;

  ocl_activate (cl, y, x, OCL_ACTIVATION_SILU);
  g_assert_true (ocl_context_finish (cl, &error));      /* compiled */
  clRetainEvent (slow);
  ocl_context_track (cl, "slow", slow);
  for (guint i = 1; i < OCL_RUN_AHEAD; i++)
    ocl_activate (cl, y, x, OCL_ACTIVATION_SILU);
  thread = g_thread_new ("complete", complete_later, slow);
  ocl_activate (cl, y, x, OCL_ACTIVATION_SILU);
  g_thread_join (thread);
  clReleaseEvent (slow);
  ocl_activate (cl, y, x, OCL_ACTIVATION_SILU);
  g_assert_cmpuint (count_pending (cl), ==, 1);
  g_assert_true (ocl_context_finish (cl, &error));
  g_assert_no_error (error);
}

/* What a processor can is asked of the device: not while an error or a cancel
 * is pending, which would get lost or be taken for an answer. */
static void
test_self_tests_wait (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclContext) other = test_context_new (NULL);
  g_autoptr (GError) error = NULL;

  ocl_context_set_error (cl, OCL_ERROR_UNSUPPORTED, "first");
  g_assert_false (ocl_context_has_bf16_dot (cl));
  g_assert_false (ocl_context_has_bf16_tiles (cl));
  g_assert_false (ocl_context_has_int16_dot (cl));
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_UNSUPPORTED);

  ocl_context_cancel (cl);
  g_assert_false (ocl_context_has_bf16_dot (cl));
  g_assert_false (ocl_context_has_bf16_tiles (cl));
  g_assert_false (ocl_context_has_int16_dot (cl));
  ocl_context_uncancel (cl);
  g_assert_cmpint (ocl_context_has_bf16_dot (cl), ==,
      ocl_context_has_bf16_dot (other));
  g_assert_cmpint (ocl_context_has_bf16_tiles (cl), ==,
      ocl_context_has_bf16_tiles (other));
  g_assert_cmpint (ocl_context_has_int16_dot (cl), ==,
      ocl_context_has_int16_dot (other));
}

/* What each precision means with @options. */
static void
check_precisions (const OclContextOptions * options)
{
  g_autoptr (OclContext) cl = test_context_new (options);
  gboolean packed = ocl_context_get_gemm (cl) == OCL_GEMM_PACKED;
  OclPrecision best = ocl_context_resolve_precision (cl, OCL_PRECISION_AUTO);

  for (OclPrecision p = OCL_PRECISION_FLOAT32; p < OCL_PRECISION_INT16; p++)
    g_assert_cmpint (ocl_context_resolve_precision (cl, p), ==, p);
  g_assert_cmpint (ocl_context_resolve_precision (cl, OCL_PRECISION_INT16), ==,
      packed ? OCL_PRECISION_INT16 : OCL_PRECISION_FLOAT32);
  if (options->portable && ocl_context_is_cpu (cl))
    g_assert_cmpint (best, ==, OCL_PRECISION_FLOAT32);
  ocl_context_set_lanes (cl, 16);
  if (best == OCL_PRECISION_INT16) {
    g_assert_true (packed && ocl_context_has_int16_dot (cl));
    best = ocl_context_resolve_precision (cl, OCL_PRECISION_AUTO);
    g_assert_cmpint (best, ==, OCL_PRECISION_FLOAT32);
  }
}

static void
test_precisions (void)
{
  check_precisions (&(OclContextOptions) {
      .gemm = OCL_GEMM_PACKED});
  check_precisions (&(OclContextOptions) {
      .gemm = OCL_GEMM_CLBLAST});
  check_precisions (&(OclContextOptions) {
      .portable = TRUE});
}

/* ---- compiled programs on disk -------------------------------------------------- */

static void
count_build (const char *name, guint built, gpointer data)
{
  guint *count = data;

  g_assert_cmpstr (name, ==, "plain.cl");
  g_assert_cmpuint (built, ==, *count);
  ++*count;
}

/* How many programs were compiled for a transposition, whose result must be
 * right, by a context that keeps its programs in @dir. */
static guint
builds_of_transpose (const char *dir, gboolean binaries)
{
  guint count = 0;
  const OclContextOptions options = {
    .build_func = count_build,.build_data = &count
  };
  g_autoptr (OclContext) cl = test_context_new (&options);
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 2, 2, 3);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 2, 3, 2);
  const float in[] = { 1, 2, 3, 4, 5, 6 }, expected[] = { 1, 4, 2, 5, 3, 6 };

  g_free (cl->cache_dir);
  cl->cache_dir = g_strdup (dir);
  cl->cache_binaries = binaries;
  ocl_tensor_write (cl, x, in);
  ocl_transpose (cl, y, x);
  ocl_transpose (cl, y, x);
  test_assert_close (cl, y, expected, 0);
  return count;
}

static char *
only_file (const char *dir)
{
  g_autoptr (GDir) d = g_dir_open (dir, 0, NULL);
  char *path = g_build_filename (dir, g_dir_read_name (d), NULL);

  g_assert_null (g_dir_read_name (d));
  return path;
}

/* A program is compiled once; again if what is on disk is of no use; and
 * everything works where nothing can be written. */
static void
test_program_cache (gconstpointer data)
{
  gboolean binaries = GPOINTER_TO_INT (data);
  g_autofree char *dir = g_dir_make_tmp ("dit-cache-XXXXXX", NULL);
  g_autofree char *file = NULL;
  g_autofree char *nowhere = NULL;

  g_assert_cmpuint (builds_of_transpose (dir, binaries), ==, 1);
  g_assert_cmpuint (builds_of_transpose (dir, binaries), ==, 0);
  file = only_file (dir);
  if (binaries) {
    g_assert_true (g_file_set_contents (file, "no program", -1, NULL));
    g_assert_cmpuint (builds_of_transpose (dir, binaries), ==, 1);
    g_assert_cmpuint (builds_of_transpose (dir, binaries), ==, 0);
  }
  nowhere = g_build_filename (file, "dir", NULL);
  g_assert_cmpuint (builds_of_transpose (nowhere, binaries), ==, 1);
  g_assert_cmpuint (builds_of_transpose (nowhere, binaries), ==, 1);
  g_remove (file);
  g_rmdir (dir);
}

static void
test_profile (void)
{
  const OclContextOptions options = {.profile = TRUE };
  g_autoptr (OclContext) cl = test_context_new (&options);
  g_autoptr (OclTensor) t = ocl_tensor_new (cl, OCL_F32, 2, 100, 100);
  g_autoptr (GArray) rows = NULL;
  gboolean found = FALSE;

  ocl_tensor_fill (cl, t, 1);
  for (guint i = 0; i < 3; i++)
    ocl_affine (cl, t, t, 2, 1);
  g_assert_true (ocl_context_finish (cl, NULL));
  rows = ocl_context_get_profile (cl);
  for (guint i = 0; i < rows->len; i++) {
    const OclProfileRow *row = &g_array_index (rows, OclProfileRow, i);

    if (strcmp (row->kernel, "affine") == 0) {
      found = TRUE;
      g_assert_cmpuint (row->calls, ==, 3);
      g_assert_cmpfloat (row->seconds, >, 0);
    }
  }
  g_assert_true (found);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ocl/device/list", test_list);
  g_test_add_func ("/ocl/device/choose", test_choose);
  g_test_add_func ("/ocl/device/no-such", test_no_such_device);
  g_test_add_func ("/ocl/tensor/views", test_views);
  g_test_add_func ("/ocl/tensor/view-life", test_view_life);
  g_test_add_func ("/ocl/tensor/types", test_types);
  g_test_add_func ("/ocl/tensor/eight-bits", test_eight_bits);
  g_test_add_func ("/ocl/tensor/impossible-sizes", test_impossible_sizes);
  g_test_add_func ("/ocl/memory/limit", test_memory_limit);
  g_test_add_func ("/ocl/context/memory-gone", test_memory_gone);
  g_test_add_func ("/ocl/context/sticky-error", test_sticky_error);
  g_test_add_func ("/ocl/context/lost-device", test_lost_device);
  g_test_add_func ("/ocl/context/cancel", test_cancel);
  g_test_add_func ("/ocl/context/run-ahead", test_run_ahead);
  g_test_add_func ("/ocl/context/build-errors", test_build_errors);
  g_test_add_func ("/ocl/context/self-tests-wait", test_self_tests_wait);
  g_test_add_func ("/ocl/context/precisions", test_precisions);
  g_test_add_data_func ("/ocl/programs/binaries", GINT_TO_POINTER (TRUE),
      test_program_cache);
  g_test_add_data_func ("/ocl/programs/driver-keeps-them",
      GINT_TO_POINTER (FALSE), test_program_cache);
  g_test_add_func ("/ocl/context/profile", test_profile);
  return g_test_run ();
}

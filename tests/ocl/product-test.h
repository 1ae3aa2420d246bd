/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* product-test.h: what the tests of linear layers, convolutions and attention
 * share: the ways to make products, and weights in host memory. */

#pragma once

#include <string.h>

#include "ocl/ocl-private.h"
#include "eight-bits.h"
#include "ocl-test.h"

/* ---- ways ----------------------------------------------------------------- */

typedef struct
{
  const char *name;
  OclGemm gemm;
  OclPrecision precision;
  gboolean portable;
  gboolean no_tiles;            /* vdpbf16ps, though the CPU may have AMX */
  gboolean other_lanes;         /* 8 where the CPU has 16, and the reverse */
} Setup;

static const Setup setups[] = {
  {"float32", OCL_GEMM_PACKED, OCL_PRECISION_FLOAT32},
  {"bfloat16", OCL_GEMM_PACKED, OCL_PRECISION_BFLOAT16},
  {"bfloat16-dot", OCL_GEMM_PACKED, OCL_PRECISION_BFLOAT16, FALSE, TRUE},
  {"bfloat16-portable", OCL_GEMM_PACKED, OCL_PRECISION_BFLOAT16, TRUE},
  {"float32-lanes", OCL_GEMM_PACKED, OCL_PRECISION_FLOAT32,.other_lanes = TRUE},
  {"bfloat16-lanes", OCL_GEMM_PACKED, OCL_PRECISION_BFLOAT16, TRUE,
      .other_lanes = TRUE},
  {"int16", OCL_GEMM_PACKED, OCL_PRECISION_INT16},
  {"int16-portable", OCL_GEMM_PACKED, OCL_PRECISION_INT16, TRUE},
  {"clblast", OCL_GEMM_CLBLAST, OCL_PRECISION_FLOAT32},
  {"clblast-bfloat16", OCL_GEMM_CLBLAST, OCL_PRECISION_BFLOAT16},
  {"clblast-int16", OCL_GEMM_CLBLAST, OCL_PRECISION_INT16},
};

static inline void
add_setup (const char *path, const Setup *setup, GTestDataFunc func)
{
  g_autofree char *full = g_strconcat (path, "/", setup->name, NULL);

  g_test_add_data_func (full, setup, func);
}

static inline void
add_for_setups (const char *path, GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (setups); i++)
    add_setup (path, &setups[i], func);
}

/* The same for those of our own kernels in @precision. */
static inline void
add_for_packed (const char *path, OclPrecision precision, GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (setups); i++)
    if (setups[i].gemm == OCL_GEMM_PACKED && setups[i].precision == precision)
      add_setup (path, &setups[i], func);
}

static inline OclContext *
setup_context (const Setup * setup)
{
  const OclContextOptions options = {
    .gemm = setup->gemm,.portable = setup->portable
  };
  OclContext *cl = test_context_new (&options);

  if (setup->no_tiles)
    ocl_context_forget_bf16_tiles (cl);
  if (setup->other_lanes)
    ocl_context_set_lanes (cl, 24 - ocl_context_get_lanes (cl));
  return cl;
}

/* ---- numbers ---------------------------------------------------------------- */

static inline guint16
to_bfloat (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

static inline float
from_bfloat (guint16 value)
{
  guint32 bits = (guint32) value << 16;
  float f;

  memcpy (&f, &bits, sizeof f);
  return f;
}

static inline float
operand (float value, gboolean round)
{
  return round ? from_bfloat (to_bfloat (value)) : value;
}

static inline double
plain_activation (double v, OclActivation activation)
{
  switch (activation) {
    case OCL_ACTIVATION_SILU:
      return v / (1 + exp (-v));
    case OCL_ACTIVATION_GELU_TANH:
      return v / 2 * (1 + tanh (sqrt (2 / G_PI) * (v + 0.044715 * v * v * v)));
    case OCL_ACTIVATION_RELU6:
      return v < 0 ? 0 : v > 6 ? 6 : v;
    default:
      return v;
  }
}

/* ---- arrays in host memory --------------------------------------------------- */

typedef struct
{
  OclHostArray array;
  guint8 *memory;
  guint8 *scales;
  float *values;                /* what the array holds, as float */
} Host;

static inline void
host_clear (Host * host)
{
  g_free (host->memory);
  g_free (host->scales);
  g_free (host->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Host, host_clear)

/* Random codes that are numbers, with a scale for each row. */
static inline void
host_fill_eight_bits (Host * host, gsize n)
{
  OclType type = host->array.type;
  double most = type == OCL_I8 ? 127 : type == OCL_F8_E4M3 ? 448 : 57344;
  gsize rows = host->array.dims[0];
  g_autofree float *scales = test_random (rows);

  for (gsize row = 0; row < rows; row++)
    scales[row] /= most;
  for (gsize i = 0; i < n; i++) {
    double value;

    do {
      host->memory[1 + i] = g_test_rand_int_range (0, 256);
      value = eight_bits_value (type, host->memory[1 + i]);
    } while (!isfinite (value));
    host->values[i] = (float) value * scales[i / (n / rows)];
  }
  host->scales = g_malloc (rows * sizeof *scales + 1);
  memcpy (host->scales + 1, scales, rows * sizeof *scales);
  host->array.scales = host->scales + 1;
  host->array.n_scales = rows;
}

/* Random numbers, at an odd address as they may be in a file. Those of F16 are
 * small multiples of a power of two. */
static inline Host
host_new (OclType type, guint n_dims, const gsize * dims)
{
  Host host = { {NULL, type, n_dims} };
  gsize n = 1, size = ocl_type_size (type);

  for (guint i = 0; i < n_dims; i++)
    n *= host.array.dims[i] = dims[i];
  host.values = test_random (n);
  host.memory = g_malloc (n * size + 1);
  host.array.data = host.memory + 1;
  if (is_eight_bits (type)) {
    host_fill_eight_bits (&host, n);
    return host;
  }
  for (gsize i = 0; i < n; i++) {
    guint8 *to = host.memory + 1 + i * size;

    if (type == OCL_F32) {
      memcpy (to, &host.values[i], 4);
    } else if (type == OCL_BF16) {
      guint16 bits = to_bfloat (host.values[i]);

      host.values[i] = from_bfloat (bits);
      memcpy (to, &bits, 2);
    } else {
      int tenth = g_test_rand_int_range (0, 1024);
      guint16 bits = g_test_rand_int_range (8, 15) << 10 | tenth;

      host.values[i] = ldexp (1024 + tenth, (bits >> 10) - 25);
      memcpy (to, &bits, 2);
    }
  }
  return host;
}

/* Rows @first ... @end - 1 of @host. */
static inline OclHostArray
host_rows (const Host * host, gsize first, gsize end)
{
  return ocl_host_array_rows (&host->array, first, end - first);
}

/* ---- errors ------------------------------------------------------------------ */

static inline void
assert_invalid (OclContext * cl, const char *op)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, op));
}

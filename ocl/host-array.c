/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* host-array.c: arrays in host memory, of any type that weights are stored in,
 * and their numbers as float32. */

#include "ocl.h"
#include "bits.h"

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "arrays are used as they lie in a file, which is little-endian"
#endif

/* ---- types ----------------------------------------------------------------- */

gsize
ocl_type_size (OclType type)
{
  switch (type) {
    case OCL_F16:
    case OCL_BF16:
      return 2;
    case OCL_U8:
    case OCL_I8:
    case OCL_F8_E4M3:
    case OCL_F8_E5M2:
      return 1;
    default:
      return 4;
  }
}

const char *
ocl_type_name (OclType type)
{
  switch (type) {
    case OCL_F32:
      return "float32";
    case OCL_F16:
      return "float16";
    case OCL_BF16:
      return "bfloat16";
    case OCL_I32:
      return "int32";
    case OCL_U8:
      return "uint8";
    case OCL_I8:
      return "int8";
    case OCL_F8_E4M3:
      return "float8_e4m3";
    case OCL_F8_E5M2:
      return "float8_e5m2";
    default:
      return "unknown";
  }
}

gboolean
ocl_type_is_float (OclType type)
{
  return type == OCL_F32 || type == OCL_F16 || type == OCL_BF16;
}

gboolean
ocl_type_is_weight (OclType type)
{
  return ocl_type_is_float (type) || type == OCL_I8 || type == OCL_F8_E4M3
      || type == OCL_F8_E5M2;
}

/* ---- numbers --------------------------------------------------------------- */

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 mantissa bits. The
 * product with 2^112 moves the exponent's bias to float's, and makes numbers
 * of subnormal ones. */
static inline float
float_from_half (guint16 half)
{
  guint32 magnitude = half & 0x7fff;
  float value = float_from_bits (magnitude << 13) * 0x1p112f;

  if (magnitude >= 0x7c00)      /* infinity or not a number */
    value = float_from_bits (0x7f800000 | magnitude << 13);
  return float_from_bits (bits_from_float (value)
      | (guint32) (half & 0x8000) << 16);
}

/* The same for 1 sign, 4 exponent (bias 7) and 3 mantissa bits, of which the
 * last code alone is no number (arXiv 2209.05433, table 1). */
static float
float_from_e4m3 (guint8 code)
{
  guint32 magnitude = code & 0x7f;
  float value = float_from_bits (magnitude << 20) * 0x1p120f;

  if (magnitude == 0x7f)
    value = float_from_bits (0x7fc00000);
  return float_from_bits (bits_from_float (value)
      | (guint32) (code & 0x80) << 24);
}

/* What each of the codes of a type of 8 bits is. */
static const float *
code_values (OclType type)
{
  static float values[OCL_F8_E5M2 + 1 - OCL_I8][256];
  static gsize ready;

  if (g_once_init_enter (&ready)) {
    for (guint code = 0; code < 256; code++) {
      values[0][code] = (gint8) code;
      values[OCL_F8_E4M3 - OCL_I8][code] = float_from_e4m3 (code);
      /* a half without its last byte */
      values[OCL_F8_E5M2 - OCL_I8][code] = float_from_half (code << 8);
    }
    g_once_init_leave (&ready, 1);
  }
  return values[type - OCL_I8];
}

/* Data of a file need not lie at a multiple of its element's size. */
static inline guint16
load_16 (const guint8 * data, gsize i)
{
  guint16 value;

  memcpy (&value, data + 2 * i, sizeof value);
  return value;
}

static void
to_float (float *to, OclType type, const guint8 * from, gsize n)
{
  const float *codes;

  switch (type) {
    case OCL_F32:
      if (n > 0)
        memcpy (to, from, n * sizeof (float));
      break;
    case OCL_F16:
      for (gsize i = 0; i < n; i++)
        to[i] = float_from_half (load_16 (from, i));
      break;
    case OCL_BF16:
      for (gsize i = 0; i < n; i++)
        to[i] = float_from_bits ((guint32) load_16 (from, i) << 16);
      break;
    case OCL_I8:
    case OCL_F8_E4M3:
    case OCL_F8_E5M2:
      codes = code_values (type);
      for (gsize i = 0; i < n; i++)
        to[i] = codes[from[i]];
      break;
    default:
      g_critical ("no type of weights: %s", ocl_type_name (type));
  }
}

/* ---- arrays ---------------------------------------------------------------- */

static const guint8 *
element (const void *data, OclType type, gsize i)
{
  return (const guint8 *) data + i * ocl_type_size (type);
}

gsize
ocl_host_array_get_count (const OclHostArray * array)
{
  gsize count = 1;

  for (guint i = 0; i < array->n_dims; i++)
    count *= array->dims[i];
  return count;
}

OclHostArray
ocl_host_array_rows (const OclHostArray * array, gsize first, gsize count)
{
  OclHostArray part = *array;
  gsize row = 1;

  for (guint i = 1; i < array->n_dims; i++)
    row *= array->dims[i];
  part.data = element (array->data, array->type, first * row);
  part.dims[0] = count;
  if (array->n_scales > 1) {
    gsize scales = array->n_scales / array->dims[0];

    part.scales = element (array->scales, array->scale_type, first * scales);
    part.n_scales = count * scales;
  }
  return part;
}

/* @values are the numbers from @first on, as they are stored. */
static void
multiply_scales (const OclHostArray * array, gsize first, gsize count,
    float *values)
{
  gsize run = ocl_host_array_get_count (array) / array->n_scales;

  while (count > 0) {
    gsize n = MIN (run - first % run, count);
    float scale;

    to_float (&scale, array->scale_type, element (array->scales,
            array->scale_type, first / run), 1);
    for (gsize i = 0; i < n; i++)
      values[i] *= scale;
    values += n;
    first += n;
    count -= n;
  }
}

void
ocl_host_array_to_float (const OclHostArray * array, gsize first,
    gsize count, float *values)
{
  to_float (values, array->type, element (array->data, array->type, first),
      count);
  if (array->n_scales > 0)
    multiply_scales (array, first, count, values);
}

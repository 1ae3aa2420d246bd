/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* convert.c: numbers from one type to another, on the host. */

#include <string.h>

#include "ocl-private.h"

gsize
ocl_type_size (OclType type)
{
  switch (type) {
    case OCL_F16:
    case OCL_BF16:
      return 2;
    case OCL_U8:
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
    default:
      return "unknown";
  }
}

static inline float
float_from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static inline guint32
bits_from_float (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

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

static guint16
half_from_float (float value)
{
  guint32 bits = bits_from_float (value);
  guint16 sign = bits >> 16 & 0x8000;
  guint32 magnitude = bits & 0x7fffffff;

  if (magnitude > 0x7f800000)
    return sign | 0x7e00;
  if (magnitude >= 0x477ff000)  /* rounds to 2^16 or more */
    return sign | 0x7c00;
  if (magnitude < 0x38800000)   /* below 2^-14: adding 0.5 rounds at 2^-24 */
    return sign | (bits_from_float (float_from_bits (magnitude) + 0.5f)
        - 0x3f000000);
  magnitude += 0xfff + (magnitude >> 13 & 1);
  return sign | (magnitude - 0x38000000) >> 13;
}

static inline guint16
bfloat_from_float (float value)
{
  guint32 bits = bits_from_float (value);

  if ((bits & 0x7fffffff) > 0x7f800000)
    return bits >> 16 | 0x40;   /* stays not a number */
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

static void
to_float (float *to, OclType type, const guint8 * from, gsize n)
{
  guint16 v;

  switch (type) {
    case OCL_F16:
      for (gsize i = 0; i < n; i++) {
        memcpy (&v, from + 2 * i, 2);
        to[i] = float_from_half (v);
      }
      break;
    case OCL_BF16:
      for (gsize i = 0; i < n; i++) {
        memcpy (&v, from + 2 * i, 2);
        to[i] = float_from_bits ((guint32) v << 16);
      }
      break;
    default:
      memcpy (to, from, n * sizeof (float));
  }
}

static void
from_float (guint8 * to, OclType type, const float *from, gsize n)
{
  guint16 v;

  switch (type) {
    case OCL_F16:
      for (gsize i = 0; i < n; i++) {
        v = half_from_float (from[i]);
        memcpy (to + 2 * i, &v, 2);
      }
      break;
    case OCL_BF16:
      for (gsize i = 0; i < n; i++) {
        v = bfloat_from_float (from[i]);
        memcpy (to + 2 * i, &v, 2);
      }
      break;
    default:
      memcpy (to, from, n * sizeof (float));
  }
}

void
ocl_convert (OclType to_type, void *to, OclType from_type, const void *from,
    gsize n)
{
  float block[1024];

  if (to_type == from_type) {
    memcpy (to, from, n * ocl_type_size (to_type));
    return;
  }
  for (gsize i = 0; i < n; i += G_N_ELEMENTS (block)) {
    gsize count = MIN (n - i, G_N_ELEMENTS (block));

    to_float (block, from_type,
        (const guint8 *) from + i * ocl_type_size (from_type), count);
    from_float ((guint8 *) to + i * ocl_type_size (to_type), to_type, block,
        count);
  }
}

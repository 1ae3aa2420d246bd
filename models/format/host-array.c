/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* host-array.c: numbers of an array in a file as float32. */

#include <string.h>

#include "models/format/format.h"

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "arrays are used as they lie in the file, which is little-endian"
#endif

/* The bits of @x seen as a float. */
static float
from_bits (guint32 x)
{
  float value;

  memcpy (&value, &x, sizeof value);
  return value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static float
half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 rest = half & 0x7fff;
  float small;

  if (rest >= 0x7c00)           /* infinity and NaN */
    return from_bits (sign | 0x7f800000 | (rest & 0x3ff) << 13);
  if (rest >= 0x400)            /* normal: the bias grows from 15 to 127 */
    return from_bits (sign | ((rest << 13) + ((127u - 15u) << 23)));
  small = rest;                 /* subnormal: counted in 2^-24 */
  small *= 0x1p-24f;
  return sign ? -small : small;
}

/* Data of a file need not lie at a multiple of its element's size. */
static guint16
load_16 (const guint8 * data, gsize i)
{
  guint16 value;

  memcpy (&value, data + 2 * i, sizeof value);
  return value;
}

gsize
host_array_get_count (const OclHostArray * array)
{
  gsize count = 1;
  guint i;

  for (i = 0; i < array->n_dims; i++)
    count *= array->dims[i];
  return count;
}

void
host_array_to_float (const OclHostArray * array, gsize first, gsize count,
    float *values)
{
  const guint8 *data = array->data;
  gsize i;

  switch (array->type) {
    case OCL_F32:
      if (count > 0)
        memcpy (values, data + 4 * first, 4 * count);
      break;
    case OCL_BF16:
      for (i = 0; i < count; i++)
        values[i] = from_bits ((guint32) load_16 (data, first + i) << 16);
      break;
    case OCL_F16:
      for (i = 0; i < count; i++)
        values[i] = half_to_float (load_16 (data, first + i));
      break;
    default:
      g_critical ("no float type: %d", array->type);
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* convert.c: float32 numbers to the other types, on the host; host-array.c has
 * the way back. */

#include "ocl-private.h"
#include "bits.h"

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

void
ocl_from_float (OclType type, void *to, const float *from, gsize n)
{
  guint8 *bytes = to;
  guint16 v;

  switch (type) {
    case OCL_F16:
      for (gsize i = 0; i < n; i++) {
        v = half_from_float (from[i]);
        memcpy (bytes + 2 * i, &v, 2);
      }
      break;
    case OCL_BF16:
      for (gsize i = 0; i < n; i++) {
        v = bfloat_from_float (from[i]);
        memcpy (bytes + 2 * i, &v, 2);
      }
      break;
    default:
      memcpy (to, from, n * sizeof (float));
  }
}

void
ocl_convert (OclType type, void *to, const OclHostArray * array)
{
  gsize n = ocl_host_array_get_count (array);
  float block[1024];

  for (gsize i = 0; i < n; i += G_N_ELEMENTS (block)) {
    gsize count = MIN (n - i, G_N_ELEMENTS (block));

    ocl_host_array_to_float (array, i, count, block);
    ocl_from_float (type, (guint8 *) to + i * ocl_type_size (type), block,
        count);
  }
}

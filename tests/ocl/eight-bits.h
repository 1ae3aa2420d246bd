/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eight-bits.h: what numbers of 8 bits are, by their definition. */

#pragma once

#include <math.h>

#include "ocl/ocl.h"

/* int8; float8 of 1 sign, 4 exponent (bias 7) and 3 fraction bits, without
 * infinities; of 1, 5 (bias 15) and 2, as IEEE 754 has it. */
static inline double
eight_bits_value (OclType type, guint8 code)
{
  gboolean e4m3 = type == OCL_F8_E4M3;
  int bits = e4m3 ? 3 : 2, bias = e4m3 ? 7 : 15;
  int exponent = (code & 0x7f) >> bits, fraction = code & ((1 << bits) - 1);
  double sign = code < 0x80 ? 1 : -1;

  if (type == OCL_I8)
    return code < 0x80 ? code : code - 256;
  if (e4m3 && (code & 0x7f) == 0x7f)
    return NAN;
  if (!e4m3 && exponent == 31)
    return fraction ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexp (fraction, 1 - bias - bits);
  return sign * ldexp ((1 << bits) + fraction, exponent - bias - bits);
}

static inline gboolean
is_eight_bits (OclType type)
{
  return ocl_type_size (type) == 1 && type != OCL_U8;
}

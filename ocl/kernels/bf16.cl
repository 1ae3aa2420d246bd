/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bf16.cl: bfloat16, the upper half of a float, to and from memory. */

/* Round to nearest, ties to even; NaN stays one. The upper half is the
 * bfloat16. */
uint
round_bf16 (float v)
{
  const uint bits = as_uint (v);

  if ((bits & 0x7fffffff) > 0x7f800000)
    return (bits | 0x00400000) & 0xffff0000;
  return (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
}

uint16
round_bf16_16 (float16 v)
{
  const uint16 bits = as_uint16 (v);
  const uint16 rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const int16 is_nan = (bits & 0x7fffffff) > 0x7f800000;

  return select (rounded, bits | 0x00400000, is_nan) & 0xffff0000;
}

/* Sixteen bfloat16: as words, if they begin at one, because some compilers move
 * vectors of ushort one by one. */

ushort16
load_bf16 (__global const ushort *from)
{
  if ((size_t) from % sizeof (uint) == 0)
    return as_ushort16 (vload8 (0, (__global const uint *) from));
  return vload16 (0, from);
}

void
store_bf16 (ushort16 v, __global ushort *to)
{
  if ((size_t) to % sizeof (uint) == 0)
    vstore8 (as_uint8 (v), 0, (__global uint *) to);
  else
    vstore16 (v, 0, to);
}

/* Elements of memory that holds floats, or if `bf16` bfloat16. */

float16
load_16 (__global const float *from, long at, int bf16)
{
  if (!bf16)
    return vload16 (0, from + at);
  return as_float16 (convert_uint16
      (load_bf16 ((__global const ushort *) from + at)) << 16);
}

float
load_1 (__global const float *from, long at, int bf16)
{
  if (!bf16)
    return from[at];
  return as_float ((uint) ((__global const ushort *) from)[at] << 16);
}

void
store_16 (float16 v, __global float *to, long at, int bf16)
{
  if (!bf16) {
    vstore16 (v, 0, to + at);
  } else {
    const uint16 bits = round_bf16_16 (v);

    store_bf16 ((ushort16) (as_ushort16 (bits.lo).odd,
            as_ushort16 (bits.hi).odd), (__global ushort *) to + at);
  }
}

void
store_1 (float v, __global float *to, long at, int bf16)
{
  if (!bf16)
    to[at] = v;
  else
    ((__global ushort *) to)[at] = round_bf16 (v) >> 16;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vector.cl: what kernels that walk explicit vectors of sixteen share. */

/* Fetches memory ahead of its use where the compiler can be told to: what a
 * processor guesses itself is little for short runs. Any address will do. */
#ifdef __x86_64__
#define PREFETCH(p) __builtin_prefetch ((const void *) (ulong) (p))
#else
#define PREFETCH(p)
#endif

/* Numbers of at most half this are rounded to the nearest integer when it is
 * added, and the sum's low bits are that integer: less work than rint() and a
 * conversion. */
#define ROUNDER 12582912.0f     /* 1.5 * 2^23 */

/* The exponential, to 2 ulp: 2^n * e^r with |r| <= ln 2 / 2, e^r by its Taylor
 * polynomial. 2^n is made from its bits, which at the clamped ends are those of
 * 0 and of infinity; what is not a number stays so. Faster than the library's,
 * and the same on all devices. */
__attribute__ ((always_inline)) float16
exp_16_inline (float16 x)
{
  const float16 above = select (x, (float16) -88.0f, x < -88.0f);
  const float16 v = select (above, (float16) 88.5f, above > 88.5f);
  const float16 shifted = fma (v, (float16) 1.44269504088896341f,
      (float16) ROUNDER);
  const float16 n = shifted - ROUNDER;
  const float16 r = fma (n, (float16) -1.42860682e-6f,
      fma (n, (float16) -0.693145751953125f, v));
  float16 p = 1.98412698e-4f;

  p = fma (p, r, (float16) 1.38888889e-3f);
  p = fma (p, r, (float16) 8.33333333e-3f);
  p = fma (p, r, (float16) 4.16666667e-2f);
  p = fma (p, r, (float16) 1.66666667e-1f);
  p = fma (p, r, (float16) 0.5f);
  p = fma (p, r, (float16) 1.0f);
  p = fma (p, r, (float16) 1.0f);
  return p * as_float16 ((as_int16 (shifted) + 127) << 23);
}

float16
exp_16 (float16 x)
{
  return exp_16_inline (x);
}

/* min (max (x, 0), 6); what is not a number stays so. */
float16
relu6_16 (float16 x)
{
  const float16 above = select (x, (float16) 0.0f, x < 0.0f);

  return select (above, (float16) 6.0f, above > 6.0f);
}

float
sum_16 (float16 v)
{
  const float8 a = v.lo + v.hi;
  const float4 b = a.lo + a.hi;
  const float2 c = b.lo + b.hi;

  return c.x + c.y;
}

float
max_16 (float16 v)
{
  const float8 a = fmax (v.lo, v.hi);
  const float4 b = fmax (a.lo, a.hi);
  const float2 c = fmax (b.lo, b.hi);

  return fmax (c.x, c.y);
}

/* Sixteen numbers of which the first @count exist; the rest are 0. */
float16
load_some (__global const float *from, int count)
{
  float v[16];

  if (count >= 16)
    return vload16 (0, from);
  for (int i = 0; i < 16; i++)
    v[i] = i < count ? from[i] : 0.0f;
  return vload16 (0, v);
}

void
store_some (float16 values, __global float *to, int count)
{
  float v[16];

  if (count >= 16) {
    vstore16 (values, 0, to);
    return;
  }
  vstore16 (values, 0, v);
  for (int i = 0; i < count; i++)
    to[i] = v[i];
}

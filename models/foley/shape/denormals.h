/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* denormals.h: numbers below 1.2e-38 are taken for 0 for a while, since decaying
 * filters are full of them and a processor is a hundred times slower with them.
 * Elsewhere than on x86 and 64-bit ARM nothing is changed. */

#pragma once

#include <glib.h>

#if defined(__SSE2__)
#include <xmmintrin.h>

/* Flush to zero, denormals are zero (Intel SDM 1, 10.2.3.3 and 4). */
static inline guint64
denormals_off (void)
{
  guint before = _mm_getcsr ();

  _mm_setcsr (before | 0x8040);
  return before;
}

static inline void
denormals_restore (guint64 before)
{
  _mm_setcsr (before);
}

#elif defined(__aarch64__)

/* FPCR.FZ (Arm ARM C5.2.8). */
static inline guint64
denormals_off (void)
{
  guint64 before;

  __asm__ volatile ("mrs %0, fpcr":"=r" (before));
  __asm__ volatile ("msr fpcr, %0"::"r" (before | 1 << 24));
  return before;
}

static inline void
denormals_restore (guint64 before)
{
  __asm__ volatile ("msr fpcr, %0"::"r" (before));
}

#else

static inline guint64
denormals_off (void)
{
  return 0;
}

static inline void
denormals_restore (guint64 before)
{
}

#endif

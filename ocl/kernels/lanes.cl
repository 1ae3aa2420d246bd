/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lanes.cl: vectors of the device's own size, for sums that stay in its
 * registers: 32 of them where they hold sixteen floats, else 16.
 * Option: LANES: floats in a register: 16 or 8. */

#if LANES == 16
typedef float16 floats;
typedef uint16 uints;
#define AS_FLOATS as_float16
#define AS_UINTS as_uint16
#else
typedef float8 floats;
typedef uint8 uints;
#define AS_FLOATS as_float8
#define AS_UINTS as_uint8
#endif

/* A register's worth anywhere in memory: vload8() and the like may be made of
 * halves. */
typedef floats unaligned_floats __attribute__ ((aligned (4)));
#define LOAD_LANES(from) (*(__global const unaligned_floats *) (from))
#define STORE_LANES(to, v) (*(__global unaligned_floats *) (to) = (v))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lanes.cl: vectors of the device's own size, for sums that stay in its
 * registers: 32 of them where they hold sixteen floats, else 16.
 * Option: LANES: floats in a register: 16 or 8. */

#if LANES == 16
typedef float16 floats;
typedef uint16 uints;
#define AS_FLOATS as_float16
#else
typedef float8 floats;
typedef uint8 uints;
#define AS_FLOATS as_float8
#endif

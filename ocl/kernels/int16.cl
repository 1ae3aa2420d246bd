/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* int16.cl: products of int16 in pairs: one pair of x, an int, by eight of w, each
 * pair's two products added.
 *
 * Option: INT16_DOT: by vpmaddwd, which only some CPUs have. Without, the same
 * numbers, slowly. */

#ifdef INT16_DOT
#define MULTIPLY_PAIRS(x, w)                                            \
    as_int8 (__builtin_ia32_pmaddwd256 (as_short16 ((int8) (int) (x)),  \
        as_short16 (w)))
#else
#define MULTIPLY_PAIRS(x, w)                                            \
    (((int) (x) << 16 >> 16) * ((w) << 16 >> 16)                        \
        + ((int) (x) >> 16) * ((w) >> 16))
#endif

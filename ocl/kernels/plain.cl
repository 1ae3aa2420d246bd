/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plain.cl: what every model wants and what takes no options, in one program:
 * compilers read their own declarations once for each, which takes PoCL longer
 * than all of this. */

#include "elementwise.cl"
#include "frame.cl"
#include "gather.cl"
#include "layout.cl"
#include "vae.cl"

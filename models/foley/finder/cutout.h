/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cutout.h: a thing cut out of a frame, for the classifier. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

#define CUTOUT_SIZE 224         /* pixels, either way */

/* The box, in shares of the frame, with MARGIN of it around and as a square, as
 * far as the frame has more; grey beyond it.  @to: [CUTOUT_SIZE][CUTOUT_SIZE][3],
 * as the network was taught. FALSE where the box is none. */
gboolean cutout_take (const FoleyFrame * frame, float x0, float y0, float x1,
    float y1, float *to);

G_END_DECLS

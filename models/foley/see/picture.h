/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* picture.h: the small picture that seeing works on. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

/* Planes of [height][width]; u and v are half of blue and red less luma, from
 * 128. */
typedef struct
{
  guint width, height;
  guint8 *y, *u, *v;
} Picture;

void picture_clear (Picture * picture);

/* Averages a frame down to FOLEY_PIXELS or a little more, evenly where its sides
 * are multiples, or takes it as it is where it has not more.  TRUE where @picture was of another size before. */
gboolean picture_take (Picture * picture, const FoleyFrame * frame);

/* Half as wide and high, luma only: [height / 2][width / 2]. */
void picture_halve (const guint8 * from, guint width, guint height,
    guint8 * to);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shift.h: how far a thing went between two looks, by its pixels. */

#pragma once

#include "models/foley/see/blobs.h"
#include "models/foley/see/picture.h"

G_BEGIN_DECLS

typedef struct _Shift Shift;

Shift *shift_new (void);
void shift_free (Shift * shift);
/* The next picture shows nothing of the last. */
void shift_reset (Shift * shift);

/* @picture is looked at now; the one given before is that of the last look. */
void shift_take (Shift * shift, const Picture * picture);

/* Whether @picture is the one that was looked at last, shown again. */
gboolean shift_is_same (const Shift * shift, const Picture * picture);

/* What was in the box @from in the last picture and is about @to in this one:
 * how far it went, in pixels, to a quarter of one or better; and in @doubt how much it
 * differs there by how much it does around there, 0 ... 1.  FALSE where it cannot
 * be told: too small, out of the picture, or farther than a box may be wrong. */
gboolean shift_measure (const Shift * shift, const Box * from, const Box * to,
    float *dx, float *dy, float *doubt);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* found.h: things that the finder finds, followed from frame to frame. */

#pragma once

#include "models/foley/finder/finder.h"
#include "models/foley/see/tracks.h"

G_BEGIN_DECLS

typedef struct _Found Found;

Found *found_new (void);
void found_free (Found * found);
void found_reset (Found * found);

/* @sight: of @picture, or NULL where nobody has looked at this one: things then go
 * on as they did. */
void found_see (Found * found, const FinderSight * sight,
    const Picture * picture, const CameraMove * move, double time);

/* Whether @picture is the one that was looked at last, shown again. */
gboolean found_has_seen (Found * found, const Picture * picture);

/* [n]; with their names. */
const Track *found_get (Found * found, guint * n);

/* What the picture is of, in words that words_read() takes; NULL where that is
 * not known.  Owned by @found. */
const char *found_get_setting (Found * found);

/* The place alone, a word of the finder; NULL where it is not known. */
const char *found_get_place (Found * found);

G_END_DECLS

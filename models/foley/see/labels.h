/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* labels.h: what moving things look like, where nobody knows them otherwise. */

#pragma once

#include "models/foley/finder/finder.h"
#include "models/foley/see/tracks.h"

G_BEGIN_DECLS

typedef struct _Labels Labels;

Labels *labels_new (void);
void labels_free (Labels * labels);
void labels_reset (Labels * labels);

/* Asks @finder about one of [n] @tracks of a picture of @width x @height, which
 * is @frame's, if one is due; NULL: nobody.  Tells the names of those of which it
 * has said enough. */
void labels_see (Labels * labels, FoleyFinder * finder,
    const FoleyFrame * frame, Track * tracks, guint n, guint width,
    guint height);

G_END_DECLS

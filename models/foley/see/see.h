/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* see.h: frames in, the scene out. */

#pragma once

#include "models/foley.h"
#include "models/foley/scene.h"
#include "models/foley/see/tracks.h"

G_BEGIN_DECLS

typedef struct _See See;

/* @finder: what finds and names things, (transfer none); NULL: nobody does. */
See *see_new (FoleyFinder * finder);
void see_free (See * see);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (See, see_free)

/* Takes in a frame.  @scene holds until the next call.  Any size of 1 x 1 and
 * more; a frame of another size than the one before is a cut.
 * @prompt: what the source says it shows, or NULL. */
void see_frame (See * see, const FoleyFrame * frame, const char *prompt,
    Scene * scene);

/* Things that the finder has found, as of the last frame, [n]: for measuring. */
const Track *see_get_found (See * see, guint * n);

G_END_DECLS

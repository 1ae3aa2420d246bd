/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reverb.h: the room that is now, and the one that it was. */

#pragma once

#include "models/foley/mix/mixer.h"

G_BEGIN_DECLS

typedef struct _Reverb Reverb;

Reverb *reverb_new (guint rate, FoleyLayout layout);
void reverb_free (Reverb * reverb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reverb, reverb_free)
/* Crossfades to another room. */
void reverb_set_room (Reverb * reverb, Room room);
/* Adds to @out, [channels][FOLEY_QUANTUM]. */
void reverb_run (Reverb * reverb, const float in[FOLEY_QUANTUM],
    float (*out)[FOLEY_QUANTUM]);
gboolean reverb_is_silent (const Reverb * reverb);

G_END_DECLS

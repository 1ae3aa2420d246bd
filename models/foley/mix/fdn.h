/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fdn.h: the sound of one room: early echoes and a feedback delay network. */

#pragma once

#include "models/foley/mix/mixer.h"

G_BEGIN_DECLS

typedef struct _Fdn Fdn;

/* In ROOM_OPEN, which has no sound. */
Fdn *fdn_new (guint rate, FoleyLayout layout);
void fdn_free (Fdn * fdn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fdn, fdn_free)
/* Silences it and makes it another room; allocates nothing. */
void fdn_set_room (Fdn * fdn, Room room);
Room fdn_get_room (const Fdn * fdn);
/* Adds what is heard of @in to @out, [channels][FOLEY_QUANTUM], at a gain that
 * goes from @from to @to.  A sound of power 1 at a metre gives the room's power at
 * the critical distance. */
void fdn_run (Fdn * fdn, const float in[FOLEY_QUANTUM], float from, float to,
    float (*out)[FOLEY_QUANTUM]);
gboolean fdn_is_silent (const Fdn * fdn);

G_END_DECLS

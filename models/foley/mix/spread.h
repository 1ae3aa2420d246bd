/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spread.h: one signal as many that are unlike, from everywhere. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

typedef struct _Spread Spread;

Spread *spread_new (guint rate, FoleyLayout layout);
void spread_free (Spread * spread);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Spread, spread_free)
/* Adds a quantum of @in to @out, [channels][FOLEY_QUANTUM], with the power that
 * it has. */
void spread_run (Spread * spread, const float in[FOLEY_QUANTUM],
    float (*out)[FOLEY_QUANTUM]);
gboolean spread_is_silent (const Spread * spread);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limiter.h: the gain that keeps true peaks below a ceiling. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

/* Samples between what it is given and what its gains are for. */
#define LIMITER_LATENCY FOLEY_QUANTUM

typedef struct _Limiter Limiter;

/* @peak: dBFS. */
Limiter *limiter_new (guint rate, guint channels, double peak);
void limiter_free (Limiter * limiter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Limiter, limiter_free)
/* Is given a quantum, [channels][FOLEY_QUANTUM]; tells the gains of the quantum
 * before it.  FALSE: they are all 1, and @gains is not set. */
gboolean limiter_run (Limiter * limiter, float (*x)[FOLEY_QUANTUM],
    float gains[FOLEY_QUANTUM]);

G_END_DECLS

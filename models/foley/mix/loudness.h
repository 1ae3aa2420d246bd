/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* loudness.h: how loud a mix is, and the gain that steers it to a target. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

/* No more is added. */
#define LOUDNESS_MAX_GAIN 12.0  /* dB */

typedef struct _Loudness Loudness;

Loudness *loudness_new (guint rate, FoleyLayout layout);
void loudness_free (Loudness * loudness);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loudness, loudness_free)
/* LUFS; 0: back to a gain of 1. */
void loudness_set_target (Loudness * loudness, double target);
/* Measures a quantum, [channels][FOLEY_QUANTUM]; the linear gain to have at its
 * end. */
float loudness_run (Loudness * loudness, float (*x)[FOLEY_QUANTUM]);

G_END_DECLS

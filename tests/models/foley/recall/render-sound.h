/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* render-sound.h: recipes, heard as a rule and measured. */

#pragma once

#include "models/foley/recall/memory.h"

/* Renders @seconds of a sound that is triggered at once, by a thing as large
 * and heavy as its name says, at an everyday speed.  Free the samples [*n]. */
float *render_sound (const Sound * sound, guint rate, double seconds,
    guint64 seed, gsize * n);

/* LUFS of what goes on, over it all but the first second, or else of the
 * loudest 400 ms.  ITU-R BS.1770-4, annex 1, without gates; for 48 kHz. */
double measure_loudness (const Sound * sound, const float *samples, gsize n);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* svf.h: the state variable filter that the filter nodes are made of: Andrew
 * Simper, Linear Trapezoidal Integrated State Variable Filter, Cytomic 2013.  It
 * stays stable while its coefficients move. */

#pragma once

#include "models/foley/shape/signal.h"

G_BEGIN_DECLS

/* out = m0 input + m1 band + m2 low. */
typedef struct
{
  float g, k;                   /* tan (pi cutoff / rate), 1 / Q */
  float m0, m1, m2;
} SvfCoefs;

typedef struct
{
  float band, low;              /* twice integrated: the state */
  gboolean begun;
  SvfCoefs coefs;
} Svf;

static inline float
svf_warp (float cutoff, double rate)
{
  return tanf ((float) G_PI * MIN (cutoff / (float) rate, 0.49f));
}

static inline float
svf_next (Svf *svf, const SvfCoefs *c, float a1, float in)
{
  float v3 = in - svf->low;
  float band = a1 * svf->band + c->g * a1 * v3;
  float low = svf->low + c->g * band;

  svf->band = 2 * band - svf->band;
  svf->low = 2 * low - svf->low;
  return c->m0 * in + c->m1 * band + c->m2 * low;
}

/* One quantum, in which the coefficients reach @to in a line. */
static inline void
svf_render (Svf *svf, const SvfCoefs *to, const float *in, float *out)
{
  SvfCoefs c = svf->begun ? svf->coefs : *to;
  const float share = 1.f / FOLEY_QUANTUM;
  const SvfCoefs step = {
    .g = (to->g - c.g) * share,.k = (to->k - c.k) * share,
    .m0 = (to->m0 - c.m0) * share,.m1 = (to->m1 - c.m1) * share,
    .m2 = (to->m2 - c.m2) * share
  };
  guint i;

  if (memcmp (&c, to, sizeof c) == 0) {
    float a1 = 1 / (1 + c.g * (c.g + c.k));

    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] = svf_next (svf, &c, a1, in[i]);
  } else
    for (i = 0; i < FOLEY_QUANTUM; i++) {
      c.g += step.g;
      c.k += step.k;
      c.m0 += step.m0;
      c.m1 += step.m1;
      c.m2 += step.m2;
      out[i] = svf_next (svf, &c, 1 / (1 + c.g * (c.g + c.k)), in[i]);
    }
  svf->coefs = *to;
  svf->begun = TRUE;
}

static inline gboolean
svf_is_silent (const Svf *svf)
{
  return fabsf (svf->band) < QUIET && fabsf (svf->low) < QUIET;
}

G_END_DECLS

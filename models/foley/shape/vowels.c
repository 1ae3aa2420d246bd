/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vowels.c: the formant node: what a mouth makes of a source. */

#include "models/foley/shape/svf.h"

#define N_FORMANTS 5
#define N_VOWELS 5

typedef struct
{
  float frequency;              /* Hz */
  float level;                  /* dB */
} Formant;

/* Peterson and Barney, Control Methods Used in a Study of the Vowels, JASA 24
 * (1952), table II, means of men: the first three of the vowels of father, bet,
 * beet, bought and boot.  The other two are Klatt's, Software for a
 * Cascade/Parallel Formant Synthesizer, JASA 67 (1980), table I, and fall on as
 * those before. */
static const Formant vowels[N_VOWELS][N_FORMANTS] = {
  {{730, -1}, {1090, -5}, {2440, -28}, {3300, -34}, {3750, -40}},       /* a */
  {{530, -2}, {1840, -17}, {2480, -24}, {3300, -30}, {3750, -36}},      /* e */
  {{270, -4}, {2290, -24}, {3010, -28}, {3400, -32}, {3750, -38}},      /* i */
  {{570, 0}, {840, -7}, {2410, -34}, {3300, -40}, {3750, -46}}, /* o */
  {{300, -3}, {870, -19}, {2240, -43}, {3300, -49}, {3750, -55}},       /* u */
};

/* Klatt, the same table, Hz. */
static const float bandwidths[N_FORMANTS] = { 50, 70, 110, 250, 200 };

typedef struct
{
  Svf svf[N_FORMANTS];
} Mouth;

static void
formant_render (Node * node, const float *const *inputs, float *out)
{
  Mouth *self = node->state;
  float morph = node->params[0], scale = node->params[1];
  float breadth = node->params[2], tilt = node->params[3];
  guint vowel = MIN ((guint) morph, N_VOWELS - 2), i, j;

  morph -= vowel;
  memset (out, 0, FOLEY_QUANTUM * sizeof (float));
  for (i = 0; i < N_FORMANTS; i++) {
    const Formant *a = &vowels[vowel][i], *b = &vowels[vowel + 1][i];
    float frequency = a->frequency + (b->frequency - a->frequency) * morph;
    float level = a->level + (b->level - a->level) * morph
        + tilt * log2f (frequency / 500);
    float k = breadth * bandwidths[i] / frequency;
    SvfCoefs coefs = {
      .g = svf_warp (frequency * scale, node->rate),.k = k,
      /* neighbours in opposite phase, so that nothing cancels between them */
      .m1 = (i % 2 ? -k : k) * powf (10, level / 20)
    };
    float part[FOLEY_QUANTUM];

    svf_render (&self->svf[i], &coefs, inputs[0], part);
    for (j = 0; j < FOLEY_QUANTUM; j++)
      out[j] += part[j];
  }
}

static gboolean
formant_is_silent (const Node * node)
{
  const Mouth *self = node->state;
  guint i;

  for (i = 0; i < N_FORMANTS; i++)
    if (!svf_is_silent (&self->svf[i]))
      return FALSE;
  return TRUE;
}

static const NodeParam formant_params[] = {
  {"vowel", "", 0, 0, N_VOWELS - 1, FALSE}, {"scale", "", 1, 0.2, 6, FALSE},
  {"breadth", "", 1, 0.2, 10, FALSE}, {"tilt", "dB/octave", 0, -12, 12, FALSE},
  {NULL}
};

const NodeClass node_formant = {
  .type = "formant",
  .about =
      "a mouth: the five formants of a vowel (0 a, 1 e, 2 i, 3 o, 4 u, and "
      "between), scale times as high: 1 a man, 1.2 a woman, 2 a small dog, 0.5 a "
      "cow",
  .params = formant_params,
  .min_inputs = 1,
  .max_inputs = 1,
  .state_size = sizeof (Mouth),
  .render = formant_render,
  .is_silent = formant_is_silent,
};

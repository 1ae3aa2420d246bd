/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grains.c: many small collisions: sand, snow, gravel, leaves, drops.
 *
 * PhISEM: Cook, "Physically Informed Sonic Modeling (PhISM): Synthesis of
 * Percussive Sounds" (Computer Music Journal 21, 1997); of floors: Cook,
 * "Modeling Bill's Gait" (AES 22nd, 2002).  Collisions come by chance, at a
 * rate that follows how hard the system is pushed; each is a burst of noise
 * that decays and excites a resonance.  Three resonances take turns, each tuned
 * anew by its collision. */

#include "models/foley/shape/physics/grains.h"

static const struct
{
  Material material;
  GrainKind kind;
} grounds[] = {
  /* rate, decay, frequency, spread, q, even, gain */
  {MATERIAL_SAND, {2500, .0010f, 4200, .30f, .6f, .8f, .45f}},
  {MATERIAL_SNOW, {900, .0030f, 1700, .45f, 1.4f, .5f, .55f}},
  {MATERIAL_GRASS, {420, .0050f, 3800, .40f, .7f, .6f, .30f}},
  {MATERIAL_GRAVEL, {260, .0030f, 2500, .55f, 2.5f, .15f, 1.8f}},
  {MATERIAL_LEAVES, {340, .0040f, 4600, .50f, 1.0f, .2f, 1.0f}},
  {MATERIAL_EARTH, {160, .0040f, 900, .50f, .8f, .4f, .35f}},
  {MATERIAL_PAPER, {300, .0020f, 3000, .60f, 1.5f, .1f, 1.2f}},
};

static const struct
{
  Material material;
  GrainKind kind;
} rains[] = {
  {MATERIAL_UNKNOWN, {500, .0012f, 3500, .60f, .9f, .2f, 1.6f}},
  {MATERIAL_WATER, {500, .0010f, 5000, .50f, 1.2f, .2f, 1.2f}},
  {MATERIAL_TIN, {400, .0008f, 1900, .50f, 9.0f, .1f, 6.0f}},
  {MATERIAL_STEEL, {400, .0008f, 2600, .50f, 12.f, .1f, 6.0f}},
  {MATERIAL_IRON, {400, .0008f, 1500, .50f, 10.f, .1f, 6.0f}},
  {MATERIAL_ALUMINIUM, {400, .0008f, 2200, .50f, 8.0f, .1f, 6.0f}},
  {MATERIAL_GLASS, {400, .0006f, 3400, .30f, 5.0f, .1f, 4.0f}},
  {MATERIAL_WOOD, {450, .0020f, 800, .50f, 2.0f, .2f, 2.4f}},
  {MATERIAL_PLASTIC, {450, .0020f, 1200, .50f, 2.0f, .2f, 2.4f}},
  {MATERIAL_CLOTH, {450, .0030f, 700, .40f, 1.2f, .3f, 1.8f}},
  {MATERIAL_LEAVES, {500, .0015f, 2400, .60f, 1.0f, .2f, 1.8f}},
  {MATERIAL_GRASS, {600, .0012f, 4200, .50f, .7f, .4f, 1.0f}},
  {MATERIAL_EARTH, {500, .0020f, 1200, .50f, .7f, .4f, 1.2f}},
};

const GrainKind *
grains_of_ground (Material material)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (grounds); i++)
    if (grounds[i].material == material)
      return &grounds[i].kind;
  return NULL;
}

const GrainKind *
grains_of_rain (Material material)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rains); i++)
    if (rains[i].material == material)
      return &rains[i].kind;
  return &rains[0].kind;
}

void
grains_init (Grains * grains, const Node * node, const GrainKind * kind)
{
  guint k;

  grains->kind = *kind;
  noise_init (&grains->noise, node);
  grains->fall = expf (-1 / (kind->decay * (float) node->rate));
  grains->quiet = 1e6f;
  for (k = 0; k < G_N_ELEMENTS (grains->bands); k++)
    band_set (&grains->bands[k], node, kind->frequency, kind->q);
}

static void
collide (Grains * grains, const Node * node, float push)
{
  const GrainKind *kind = &grains->kind;
  guint k = noise_bits (&grains->noise) % G_N_ELEMENTS (grains->bands);
  float luck = noise_unit (&grains->noise);

  luck = luck * luck * luck * luck;
  luck += kind->even * (0.5f - luck);
  grains->levels[k] += kind->gain * luck * sqrtf (push);
  band_set (&grains->bands[k], node, kind->frequency
      * exp2f (kind->spread * noise_next (&grains->noise)), kind->q);
  grains->wait += -logf (noise_unit (&grains->noise));
}

void
grains_render (Grains * grains, const Node * node, const float *push,
    float *out)
{
  float rate = grains->kind.rate / (float) node->rate;
  guint i, k;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    if (push[i] > 0) {
      grains->wait -= rate * push[i];
      grains->quiet = 0;
      while (grains->wait < 0)
        collide (grains, node, push[i]);
    }
    if (grains->quiet > 0.5f * (float) node->rate)
      continue;
    grains->quiet++;
    for (k = 0; k < G_N_ELEMENTS (grains->bands); k++) {
      out[i] += band_pass (&grains->bands[k],
          grains->levels[k] * noise_next (&grains->noise));
      grains->levels[k] *= grains->fall;
    }
  }
  for (k = 0; k < G_N_ELEMENTS (grains->bands); k++) {
    grains->levels[k] = settled (grains->levels[k]);
    band_settle (&grains->bands[k]);
  }
}

gboolean
grains_are_silent (const Grains * grains)
{
  return grains->quiet > 1e5f || grains->levels[0] + grains->levels[1]
      + grains->levels[2] < PHYSICS_SILENCE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* squeak.c: stick and slip, of brakes, doors, shoes: "squeak".
 *
 * A mass on a spring, on a belt that runs at the speed: friction falls as the
 * surfaces slip faster (Stribeck), which feeds the oscillation while the belt
 * is slow and pressed hard, and ends it where it is fast.  Serafin, Avanzini,
 * Rocchesso, "Bowed string simulation using an elasto-plastic friction model"
 * (SMAC 2003); Armstrong-Helouvry, "Control of Machines with Friction" (1991).
 * Velocities here are in units of the speed at which friction has fallen. */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/physics.h"

#define TIMES 4                 /* steps a sample: friction is steep */

enum
{
  SPEED, FORCE, FREQUENCY, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 0, 0, 100},
  {"force", "N", 10, 0, 1e5},
  {"frequency", "Hz", 0, 0, 12000},     /* 0: as is usual for the kind */
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const char *const kinds[] = {
  "brake", "door", "sneaker", "glass", "tyre", NULL
};

static const NodeWord words[] = {
  {"kind", "brake", kinds},
  {NULL}
};

static const struct
{
  float frequency;              /* Hz, of mass and spring */
  float slip;                   /* m/s, where friction has fallen */
  float load;                   /* N that are about as strong as the spring */
  float loss;                   /* damping ratio */
  float wander;                 /* of the pitch, relative */
  float second;                 /* resonance of the body, times the pitch */
} table[] = {
  {2600, 2.0f, 300, .003f, .003f, 2.02f},
  {310, 0.15f, 20, .03f, .12f, 3.4f},
  {1350, 0.8f, 250, .02f, .05f, 2.6f},
  {1900, 0.3f, 3, .002f, .004f, 2.3f},
  {780, 9.0f, 3000, .01f, .03f, 2.1f},
};

typedef struct
{
  float x, v;                   /* of the mass; x in units of v / w */
  Noise noise;
  Smooth belt, press, pitch, level;
  float wander;
  Band body;
  gboolean begun;
} Squeak;

static gboolean
open_squeak (Node * node, GError ** error)
{
  noise_init (&((Squeak *) node->state)->noise, node);
  return TRUE;
}

/* Of slip velocity @v: 1 just after sticking, 0.3 when fast. */
static inline float
friction (float v, float steep)
{
  float size = fabsf (v);
  float sign = CLAMP (v / steep, -1, 1);

  return sign * (0.3f + 0.9f / (1 + size * size * 4));
}

static void
follow (Squeak * m, const Node * node)
{
  guint kind = physics_word (node, 0);
  float f = physics_param (node, FREQUENCY);
  float belt = physics_param (node, SPEED) / table[kind].slip;
  float force = physics_param (node, FORCE) / table[kind].load;

  if (f <= 0)
    f = table[kind].frequency;
  f = MIN (f, 0.2f * (float) node->rate);
  m->wander += 0.02f * (noise_next (&m->noise) - m->wander);
  smooth_to (&m->belt, node, MIN (belt, 20), 0.02f, FALSE);
  smooth_to (&m->press, node, physics_saturate (force, 1.5f), 0.02f, FALSE);
  smooth_to (&m->pitch, node, f * (1 + 6 * table[kind].wander * m->wander)
      * 2 * (float) G_PI / (float) node->rate / TIMES, 0.02f, TRUE);
  smooth_to (&m->level, node, 0.25f * physics_level (physics_param (node,
              LEVEL)), 0.02f, TRUE);
  band_set (&m->body, node, f * table[kind].second, 4);
}

static void
render_squeak (Node * node, const float *const *inputs, float *out)
{
  Squeak *m = node->state;
  float loss = 2 * table[physics_word (node, 0)].loss;
  guint i, k;

  follow (m, node);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float belt = smooth_next (&m->belt), press = smooth_next (&m->press);
    float w = smooth_next (&m->pitch);
    float steep = 0.01f + w * press * 0.8f;
    float drive = press * MIN (belt * 50, 1);

    for (k = 0; k < TIMES; k++) {
      m->v += w * (drive * friction (belt - m->v
              + 0.01f * noise_next (&m->noise), steep) - m->x - loss * m->v);
      m->x += w * m->v;
    }
    out[i] = smooth_next (&m->level) * (m->v + 0.5f * band_pass (&m->body,
            m->v));
  }
  if (physics_param (node, SPEED) * physics_param (node, FORCE) == 0
      && fabsf (m->v) + fabsf (m->x) < PHYSICS_SILENCE)
    m->v = m->x = 0;
}

static gboolean
is_silent_squeak (const Node * node)
{
  const Squeak *m = node->state;

  return physics_param (node, SPEED) * physics_param (node, FORCE) == 0
      && m->v == 0 && m->x == 0;
}

const NodeClass physics_squeak = {
  "squeak", "Stick and slip: brakes, doors, shoes, glass, tyres", params, words,
  0, 0, sizeof (Squeak), open_squeak, NULL, NULL, render_squeak,
  is_silent_squeak
};

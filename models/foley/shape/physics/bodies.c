/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bodies.c: at which frequencies bodies ring, by shape, size and material.
 *
 * Formulas and ratios: Fletcher, Rossing, "The Physics of Musical Instruments"
 * (1998), chapters 2, 3, 19-21 (below: FR); discs: Leissa, "Vibration of
 * Plates" (NASA SP-160, 1969), table 2.6; wine glasses: French, "In vino
 * veritas" (Am. J. Phys. 51, 1983); solid blocks: Demarest, "Cube-resonance
 * method" (JASA 49, 1971). */

#include <math.h>

#include "models/foley/shape/physics/bodies.h"

#define SOUND 343.0             /* m/s, in air */

const char *const body_names[] = {
  "bar", "cantilever", "plate", "ring", "membrane", "tube", "bell", "disc",
  "block", "string", "glass", "bottle", NULL
};

/* Thickness where none is given, as a part of the size. */
static const double thickness_of[N_BODIES] = {
  [BODY_BAR] = .06,[BODY_CANTILEVER] = .02,[BODY_PLATE] = .02,
  [BODY_RING] = .04,[BODY_MEMBRANE] = .001,[BODY_TUBE] = .02,
  [BODY_BELL] = .07,[BODY_DISC] = .02,[BODY_BLOCK] = .5,
  [BODY_STRING] = .001,[BODY_GLASS] = .01,[BODY_BOTTLE] = .012,
};

/* Roots of the characteristic equations of beams: FR 2, 2.16. */
static guint
beam_ratios (const double *roots, guint n_roots, double *ratios)
{
  guint k;

  for (k = 0; k < BODY_MAX_MODES / 2; k++) {
    double root = k < n_roots ? roots[k] : roots[n_roots - 1]
        + (k + 1 - n_roots) * G_PI;

    ratios[k] = (root * root) / (roots[0] * roots[0]);
  }
  return k;
}

/* Sorted by insertion, without doubles. */
static guint
insert (double *ratios, guint n, double value)
{
  guint k;

  if (n == BODY_MAX_MODES) {
    if (value >= ratios[n - 1])
      return n;
    n--;
  }
  for (k = n; k > 0 && ratios[k - 1] > value; k--)
    ratios[k] = ratios[k - 1];
  ratios[k] = value;
  return n + 1;
}

static guint
relative (double *ratios, guint n)
{
  double first = ratios[0];
  guint k;

  for (k = 0; k < n; k++)
    ratios[k] /= first;
  return n;
}

/* Simply supported, sides 1 : 0.62: f ~ m^2 / a^2 + n^2 / b^2, FR 3. */
static guint
plate_ratios (double *ratios)
{
  guint m, n, count = 0;

  for (m = 1; m <= 8; m++)
    for (n = 1; n <= 8; n++)
      count = insert (ratios, count, m * m + n * n / (0.62 * 0.62));
  return relative (ratios, count);
}

/* Sides 1 : 0.7 : 0.45, f ~ |(l, m / .7, n / .45)|: standing shear waves. */
static guint
block_ratios (double *ratios)
{
  guint l, m, n, count = 0;

  for (l = 0; l <= 4; l++)
    for (m = 0; m <= 4; m++)
      for (n = 0; n <= 3; n++)
        if (l + m + n > 0)
          count = insert (ratios, count,
              sqrt (l * l + m * m / 0.49 + n * n / 0.2025));
  return relative (ratios, count);
}

/* f ~ n (n^2 - 1) / sqrt (n^2 + 1) for n = 2, 3 ...: FR 2 */
static guint
ring_ratios (double *ratios)
{
  guint k;

  for (k = 0; k < 12; k++) {
    double n = k + 2;

    ratios[k] = n * (n * n - 1) / sqrt (n * n + 1) / (6 / sqrt (5));
  }
  return k;
}

/* Strings are a little stiff: f_n = n sqrt (1 + B n^2), FR 2. */
static guint
harmonic_ratios (double stiffness, guint count, double *ratios)
{
  guint k;

  for (k = 0; k < count; k++)
    ratios[k] = (k + 1) * sqrt ((1 + stiffness * (k + 1) * (k + 1))
        / (1 + stiffness));
  return count;
}

/* The air alone, then the wall: ring modes that begin 9 times as high (a bottle
 * of 0.75 l: 110 Hz and about 1 kHz to 2 kHz). */
static guint
bottle_ratios (double *ratios)
{
  guint k, n = ring_ratios (ratios);

  for (k = n; k > 0; k--)
    ratios[k] = 9 * ratios[k - 1];
  ratios[0] = 1;
  return n + 1;
}

/* (m, n) zeros of Bessel functions over the first: FR 3 */
static const double membrane[] = {
  1, 1.593, 2.135, 2.295, 2.653, 2.917, 3.155, 3.500, 3.598, 3.652, 4.059, 4.153
};

/* Hum, prime, tierce, quint, nominal ...: FR 21, over the hum. */
static const double bell[] = {
  1, 2, 2.4, 3, 4, 5, 5.33, 6, 8, 10.1, 11.8, 13.3, 16.2
};

/* lambda^2 of modes (2,0) (0,1) (3,0) (1,1) (4,0) (5,0) (2,1) (0,2) ... */
static const double disc[] = {
  5.253, 9.084, 12.23, 20.52, 21.6, 33.1, 35.25, 38.55, 46.2, 52.91, 59.86,
  61.0,
  73.1, 79.8, 87.81
};

static guint
table_ratios (const double *table, guint n, double *ratios)
{
  guint k;

  for (k = 0; k < n; k++)
    ratios[k] = table[k];
  return relative (ratios, n);
}

guint
body_get_ratios (Body body, double ratios[BODY_MAX_MODES])
{
  static const double bar[] = { 4.7300, 7.8532, 10.9956, 14.1372 };
  static const double cantilever[] = { 1.8751, 4.6941, 7.8548, 10.9955 };

  switch (body) {
    case BODY_BAR:
      return beam_ratios (bar, G_N_ELEMENTS (bar), ratios);
    case BODY_CANTILEVER:
      return beam_ratios (cantilever, G_N_ELEMENTS (cantilever), ratios);
    case BODY_PLATE:
      return plate_ratios (ratios);
    case BODY_MEMBRANE:
      return table_ratios (membrane, G_N_ELEMENTS (membrane), ratios);
    case BODY_TUBE:
      return harmonic_ratios (0, 16, ratios);
    case BODY_BELL:
      return table_ratios (bell, G_N_ELEMENTS (bell), ratios);
    case BODY_DISC:
      return table_ratios (disc, G_N_ELEMENTS (disc), ratios);
    case BODY_BLOCK:
      return block_ratios (ratios);
    case BODY_STRING:
      return harmonic_ratios (1e-4, BODY_MAX_MODES, ratios);
    case BODY_BOTTLE:
      return bottle_ratios (ratios);
    case BODY_RING:
    case BODY_GLASS:
    case N_BODIES:
      break;
  }
  return ring_ratios (ratios);
}

double
body_get_frequency (Body body, Material material, double size, double thickness)
{
  const MaterialPhysics *m = material_get_physics (material);
  double speed = material_get_wave_speed (material);
  double radius = size / 2;
  double h = thickness > 0 ? thickness : thickness_of[body] * size;

  switch (body) {
    case BODY_CANTILEVER:      /* FR 2 */
      return 0.1615 * speed * h / (size * size);
    case BODY_PLATE:           /* FR 3, with the ratio of the sides above */
      return 0.453 * speed / sqrt (1 - m->poisson * m->poisson) * h
          * (1 + 1 / (0.62 * 0.62)) / (size * size);
    case BODY_RING:            /* FR 2: n = 2, h^2 / 12 of gyration */
      return speed * h / (2 * G_PI * sqrt (12) * radius * radius)
          * 6 / sqrt (5);
    case BODY_MEMBRANE:        /* FR 3; waves of about 100 m/s on a drum head */
      return 2.405 * 100 / (2 * G_PI * radius);
    case BODY_TUBE:            /* FR 8; about as wide as a tenth, open */
      return SOUND / (2 * (size + 1.2 * 0.05 * size));
    case BODY_BELL:            /* bronze of 1 m: hum at 220 Hz, FR 21 */
      return 220 * (speed / 3400) / size * (h / (0.07 * size));
    case BODY_DISC:            /* lambda^2 / (2 pi a^2) sqrt (D / rho h) */
      return 5.253 * h * speed / sqrt (12 * (1 - m->poisson * m->poisson))
          / (2 * G_PI * radius * radius);
    case BODY_BLOCK:           /* half a shear wave along its length */
      return speed / sqrt (2 * (1 + m->poisson)) / (2 * size);
    case BODY_STRING:          /* waves of about 200 m/s */
      return 200 / (2 * size);
    case BODY_GLASS:           /* French: bowl half the height, H = 2 R */
      return sqrt (3.0 / 5) * speed * h / (2 * G_PI * size * size / 16)
          * sqrt (1 + 4.0 / 3 / 16);
    case BODY_BOTTLE:          /* Helmholtz: opening, volume, neck of 0.75 l */
      return SOUND / (2 * G_PI)
          * sqrt (0.0035 / (0.0278 * 0.3)) / size;
    case BODY_BAR:
    case N_BODIES:
      break;
  }
  return 1.028 * speed * h / (size * size);     /* FR 2 */
}

double
body_get_damping (Body body, Material material, guint mode, double frequency,
    double mounting)
{
  /* Air loses to its walls and the room, skin and strings to the air. */
  static const double losses[N_BODIES] = {
    [BODY_MEMBRANE] = .04,[BODY_TUBE] = .02,[BODY_STRING] = .002,
    [BODY_BOTTLE] = .03,
  };
  double loss = losses[body];

  if (loss > 0 && (body != BODY_BOTTLE || mode == 0))
    return (loss + mounting) * G_PI * frequency;
  return material_get_damping (material, frequency, mounting);
}

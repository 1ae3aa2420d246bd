/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* materials.c: what things are made of, in numbers.
 *
 * Ceramic to tin: densities, moduli and Rayleigh damping as NeuralSound has
 * them (Jin et al., "NeuralSound", SIGGRAPH 2022).  Loss factors of the others:
 * Cremer, Heckl, Petersson, "Structure-Borne Sound" (2005), table 4.1; brass
 * and stone from Fletcher, Rossing, "The Physics of Musical Instruments"
 * (1998), 3. Densities and moduli: Ashby, "Materials Selection in Mechanical
 * Design" (2011), appendix A; of grounds: small-strain moduli of soils, Bowles,
 * "Foundation Analysis and Design" (1996), table 2-8; of snow and ice: Mellor,
 * "A Review of Basic Snow Mechanics" (1975), Schulson, Duval, "Creep and
 * Fracture of Ice" (2009); flesh and plants: Duck, "Physical Properties of
 * Tissue" (1990). Roughness is a class of our own: polished 0.02 to rubble
 * 1. */

#include <math.h>

#include "models/foley/shape/physics/materials.h"

static const MaterialPhysics table[N_MATERIALS] = {
  /* density, E, nu, alpha, beta, loss, roughness, ground */
  [MATERIAL_UNKNOWN] = {1000, 3e9, .30, 30, 1e-6, 0, .30, GROUND_HARD},
  [MATERIAL_CERAMIC] = {2700, 7.2e10, .19, 6, 1e-7, 0, .08, GROUND_HARD},
  [MATERIAL_GLASS] = {2600, 6.2e10, .20, 1, 1e-7, 0, .02, GROUND_HARD},
  [MATERIAL_WOOD] = {750, 1.1e10, .25, 60, 2e-6, 0, .25, GROUND_HARD},
  [MATERIAL_PLASTIC] = {1070, 1.4e9, .35, 30, 1e-6, 0, .10, GROUND_HARD},
  [MATERIAL_IRON] = {8000, 2.1e11, .28, 5, 1e-7, 0, .15, GROUND_HARD},
  [MATERIAL_STEEL] = {7850, 2.0e11, .29, 5, 3e-8, 0, .06, GROUND_HARD},
  [MATERIAL_TIN] = {7265, 5e10, .325, 2, 3e-8, 0, .08, GROUND_HARD},
  [MATERIAL_ALUMINIUM] = {2700, 6.9e10, .33, 0, 0, .0014, .06, GROUND_HARD},
  [MATERIAL_BRASS] = {8500, 1.0e11, .34, 0, 0, .001, .05, GROUND_HARD},
  [MATERIAL_RUBBER] = {1100, 5e6, .49, 0, 0, 1.0, .40, GROUND_SOFT},
  [MATERIAL_STONE] = {2600, 5e10, .25, 0, 0, .015, .45, GROUND_HARD},
  [MATERIAL_CONCRETE] = {2300, 3e10, .20, 0, 0, .02, .50, GROUND_HARD},
  [MATERIAL_ASPHALT] = {2300, 4e9, .35, 0, 0, .20, .70, GROUND_HARD},
  [MATERIAL_TILES] = {2400, 6e10, .20, 0, 0, .012, .10, GROUND_HARD},
  [MATERIAL_SAND] = {1600, 5e7, .30, 0, 0, .60, .60, GROUND_GRAIN},
  [MATERIAL_SNOW] = {300, 1e7, .20, 0, 0, .80, .55, GROUND_GRAIN},
  [MATERIAL_ICE] = {917, 9.3e9, .33, 0, 0, .02, .05, GROUND_HARD},
  [MATERIAL_GRASS] = {1200, 5e6, .35, 0, 0, .80, .60, GROUND_GRAIN},
  [MATERIAL_EARTH] = {1700, 3e7, .35, 0, 0, .50, .65, GROUND_SOFT},
  [MATERIAL_GRAVEL] = {1700, 2e8, .30, 0, 0, .40, 1.0, GROUND_GRAIN},
  [MATERIAL_LEAVES] = {200, 1e7, .30, 0, 0, .60, .70, GROUND_GRAIN},
  [MATERIAL_WATER] = {998, 2.2e9, .49, 0, 0, .50, .10, GROUND_WET},
  [MATERIAL_FLESH] = {1050, 5e5, .49, 0, 0, 1.0, .20, GROUND_SOFT},
  [MATERIAL_FUR] = {600, 1e5, .40, 0, 0, 1.0, .30, GROUND_SOFT},
  [MATERIAL_FEATHERS] = {300, 1e5, .40, 0, 0, 1.0, .30, GROUND_SOFT},
  [MATERIAL_CLOTH] = {400, 1e6, .30, 0, 0, .80, .35, GROUND_SOFT},
  [MATERIAL_PAPER] = {800, 3e9, .30, 0, 0, .15, .20, GROUND_SOFT},
  [MATERIAL_FIRE] = {1, 1e5, .30, 0, 0, 1.0, .50, GROUND_SOFT},
  [MATERIAL_AIR] = {1.2, 1.4e5, .30, 0, 0, 1.0, .00, GROUND_SOFT},
};

const MaterialPhysics *
material_get_physics (Material material)
{
  return &table[(guint) material < N_MATERIALS ? material : MATERIAL_UNKNOWN];
}

double
material_get_damping (Material material, double frequency, double mounting)
{
  const MaterialPhysics *m = material_get_physics (material);
  double w = 2 * G_PI * frequency;

  return (m->alpha + m->beta * w * w + (m->loss + mounting) * w) / 2;
}

double
material_get_effective_modulus (Material one, Material two)
{
  const MaterialPhysics *a = material_get_physics (one);
  const MaterialPhysics *b = material_get_physics (two);

  return 1 / ((1 - a->poisson * a->poisson) / a->young
      + (1 - b->poisson * b->poisson) / b->young);
}

double
material_get_wave_speed (Material material)
{
  const MaterialPhysics *m = material_get_physics (material);

  return sqrt (m->young / m->density);
}

double
material_get_contact_time (double mass, double radius, double modulus,
    double speed)
{
  return 2.87 * pow (mass * mass / (radius * modulus * modulus * speed), 0.2);
}

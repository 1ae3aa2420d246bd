/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* materials.h: what things are made of, in numbers. */

#pragma once

#include "models/foley/scene.h"

G_BEGIN_DECLS

/* What a ground does underfoot. */
typedef enum
{
  GROUND_HARD,                  /* rings or knocks */
  GROUND_SOFT,                  /* gives way: a thud */
  GROUND_GRAIN,                 /* particles that rub and crush */
  GROUND_WET                    /* splashes */
} GroundKind;

typedef struct
{
  double density;               /* kg/m^3 */
  double young;                 /* Pa */
  double poisson;
  double alpha;                 /* 1/s, Rayleigh damping by mass */
  double beta;                  /* s, by stiffness */
  double loss;                  /* loss factor, besides alpha and beta */
  double roughness;             /* 0 ... 1: 0 polished, 1 rubble */
  GroundKind ground;
} MaterialPhysics;

const MaterialPhysics *material_get_physics (Material material);

/* Decay of a mode of @frequency Hz: amplitude ~ exp (-d t), 1/s.  @mounting:
 * the loss factor that holding it adds: 0 hung, 0.02 resting, 0.08 held. */
double material_get_damping (Material material, double frequency,
    double mounting);

/* Pa: of two that touch, 1 / E* = (1 - nu1^2) / E1 + (1 - nu2^2) / E2. */
double material_get_effective_modulus (Material one, Material two);

/* Speed of longitudinal waves in a bar, sqrt (E / rho), m/s. */
double material_get_wave_speed (Material material);

/* Seconds that two things touch: @mass, the reduced one, kg; @radius, the
 * reduced one, m; @modulus, E*, Pa; @speed, m/s.  Johnson, "Contact Mechanics"
 * (1985), 11.4: T = 2.87 (m^2 / (R E*^2 v))^(1/5). */
double material_get_contact_time (double mass, double radius, double modulus,
    double speed);

G_END_DECLS

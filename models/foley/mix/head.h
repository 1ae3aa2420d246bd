/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* head.h: what a head does to sound on its way to the two ears. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

#define HEAD_MAX_TAPS 256

/* Directions are 2.5 degrees apart around, 10 degrees from below to above. */
#define HEAD_AZIMUTHS 144
#define HEAD_ELEVATIONS 19

typedef struct
{
  guint taps;                   /* a multiple of 8 */
  float *filters;               /* [HEAD_ELEVATIONS][HEAD_AZIMUTHS][2][taps] */
} Head;

/* @file: a SOFA file; NULL: the one that comes with libmysofa, or a sphere where
 * that is not there.  FOLEY_ERROR_NOT_FOUND, _READ, _SETTINGS name it. */
Head *head_new (guint rate, const char *file, GError ** error);
void head_free (Head * head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Head, head_free)

/* The impulse responses [2][taps], L R, of the nearest direction. */
const float *head_find (const Head * head, double azimuth, double elevation);
/* @in: [taps - 1 samples before][FOLEY_QUANTUM]. */
void head_convolve (const Head * head, const float *filter, const float *in,
    float out[FOLEY_QUANTUM]);

/* For those who fill the table: direction @i of all, and its filters. */
#define HEAD_DIRECTIONS (HEAD_AZIMUTHS * HEAD_ELEVATIONS)
void head_get_direction (guint i, double *azimuth, double *elevation);
/* sphere.c: a rigid sphere. */
void head_fill_sphere (Head * head, guint rate);
/* sofa.c, where libmysofa is: measured. */
gboolean head_fill_sofa (Head * head, guint rate, const char *file,
    GError ** error);

G_END_DECLS

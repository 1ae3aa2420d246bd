/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* backdrop.h: what stands still, and what differs from it. */

#pragma once

#include "models/foley/see/camera.h"

G_BEGIN_DECLS

/* A box in pixels; x1 and y1 are outside. */
typedef struct
{
  float x0, y0, x1, y1;
} Box;

/* Where a thing is expected. */
typedef struct
{
  Box box;
  gboolean hides;               /* it stood there, so what is behind isn't known */
} Expected;

typedef struct
{
  guint width, height;
  /* What differs, 0 ... 255 for how surely; its shadows and specks are out. */
  const guint8 *front;          /* [height][width] */
  const guint8 *idle;           /* [height][width]: frames since it changed */
  const guint8 *hidden;         /* [height][width]: not 0 where it isn't known */
  const float *behind;          /* [height][width]: brightness of the backdrop */
  gboolean young;               /* little of the backdrop is known yet */
  gboolean wet;                 /* so many specks that it rains or snows */
  float energy;                 /* mean change of brightness, 0 ... 1 */
  /* Specks: differences too small to be things, such as drops and flakes. */
  float specks;                 /* share of the picture */
  float bright;                 /* of specks: share that is brighter than behind */
  float upright;                /* of specks: 0 round, 1 upright streaks */
  gboolean settled;             /* enough frames were seen to trust specks */
} Front;

typedef struct _Backdrop Backdrop;

Backdrop *backdrop_new (void);
void backdrop_free (Backdrop * backdrop);

/* Begins anew with the next picture. */
void backdrop_reset (Backdrop * backdrop);

/* The brightness of what stands still, as of the last picture:
 * [height][width]; NULL where little is known yet. */
const guint8 *backdrop_get_behind (Backdrop * backdrop);

/* @boxes: where things are expected that shall not melt into the backdrop. */
void backdrop_see (Backdrop * backdrop, const Picture * picture,
    const CameraMove * move, const Expected * boxes, guint n_boxes,
    Front * front);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* camera.h: how the camera has moved since the frame before, and cuts. */

#pragma once

#include "models/foley/see/picture.h"

G_BEGIN_DECLS

/* Rows of 8 pixels, each of which may move by itself. */
#define CAMERA_BAND 8
#define CAMERA_MAX_BANDS 64

/* By how many pixels what stands still has moved in the picture.  Beside a
 * shift, a zoom and a turn there is a shift of every band of rows: when a
 * camera travels sideways, the ground moves by its distance, which on a plane
 * goes by rows. */
typedef struct
{
  gboolean still;
  float dx, dy;                 /* pixels, in the middle: right, down */
  float zoom, turn;             /* a pixel's share, of its way from the middle */
  guint n_bands;
  float bands[CAMERA_MAX_BANDS];        /* pixels right, in addition */
  float width, height;
} CameraMove;

void camera_move_at (const CameraMove * move, float x, float y, float *dx,
    float *dy);

/* The same along a row: *dx = a[0] + a[1] x, *dy = a[2] + a[3] x. */
void camera_move_row (const CameraMove * move, float y, float a[4]);

typedef struct _Camera Camera;

Camera *camera_new (void);
void camera_free (Camera * camera);

/* Forgets the frame before. */
void camera_reset (Camera * camera);

/* Compares with the frame before.  @mask: [height][width] of it, not 0 where
 * things are that move by themselves; @behind: the brightness of what was
 * behind them, which takes its place so that errors don't add up; or both
 * NULL.  FALSE where nothing of the frame before is in sight, or there is none:
 * a cut. */
gboolean camera_see (Camera * camera, const Picture * picture,
    const guint8 * mask, const guint8 * behind, CameraMove * move);

G_END_DECLS

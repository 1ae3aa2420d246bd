/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blobs.h: connected parts of what differs from the backdrop. */

#pragma once

#include "models/foley/see/backdrop.h"

G_BEGIN_DECLS

#define BLOBS_MAX 64

typedef struct
{
  Box box;
  guint area;                   /* pixels */
  guint real;                   /* of these, known to differ, or changed */
  guint active;                 /* of these, changed just now */
  Box live;                     /* around these */
  Box fresh;                    /* around those that changed since a frame ago */
} Blob;

typedef struct _Blobs Blobs;

Blobs *blobs_new (void);
void blobs_free (Blobs * blobs);

/* The largest ones, at most BLOBS_MAX; smaller ones than things are left out. */
const Blob *blobs_find (Blobs * blobs, const Front * front, guint * n);

/* [height][width]: 1 + the blob's place in the list, or 0. */
const guint8 *blobs_get_labels (Blobs * blobs);

float box_area (const Box * box);
float box_overlap (const Box * a, const Box * b);       /* pixels */
/* Intersection over union, 0 ... 1. */
float box_likeness (const Box * a, const Box * b);
Box box_join (const Box * a, const Box * b);

G_END_DECLS

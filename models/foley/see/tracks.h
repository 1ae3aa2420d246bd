/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tracks.h: things that move, followed from frame to frame. */

#pragma once

#include "models/foley/scene.h"
#include "models/foley/see/blobs.h"

G_BEGIN_DECLS

#define TRACKS_MAX 24
#define TRACK_SAMPLES 32

/* Where a thing was in a frame.  Places are pixels of the stage: the camera's
 * motion, where the thing stands, is taken out. */
typedef struct
{
  double time;                  /* s */
  float x, y;                   /* the middle of its mass */
  float foot;                   /* its lowest edge */
  float left, right, top;
  float low;                    /* how wide its lowest third is */
  gboolean sure;                /* seen by itself, not behind another thing */
  float cover;                  /* the share of its box that nearer ones hide */
  float went_x, went_y;         /* how far it has gone, by its pixels */
  float doubt;                  /* of the last bit of that: see shift.h; or 1 */
  gboolean cut_x, cut_y;        /* the picture's edge cuts it at the side, top */
  gboolean cut_foot;            /* ... at the bottom */
} Sample;

typedef struct
{
  guint id;
  guint age;                    /* frames */
  guint missed;                 /* frames since it was seen */
  guint still;                  /* frames for which it has not moved */
  gboolean told;                /* sure enough to be a thing */
  gboolean far;                 /* it has been on a way that is no jitter */
  gboolean hides;               /* what is behind it is not known yet */
  gboolean entered;             /* was first seen at the edge */
  Box box;                      /* in the picture */
  Box last;                     /* where it was, but for the camera */
  Box keep;                     /* that part of it which changes */
  double offset_x, offset_y;    /* picture less stage */
  float vx, vy;                 /* pixels a second, on the stage */
  float way;                    /* the farthest that it has been from its start */
  float fill;                   /* its area by that of its box */
  float colour[3];              /* y, u, v */
  Sample samples[TRACK_SAMPLES];        /* the last is samples[n - 1] */
  guint n;
  /* How it looks, for when others are in front: [look_h][look_w] */
  guint8 *look[3], *look_mask;
  guint look_w, look_h;
  gboolean found;               /* by the finder: found.c follows it */
  const char *class_name;       /* interned, by its looks; NULL: not known */
  Material material;            /* of that class; or unknown */
  float confidence;             /* 0 ... 1, of that */
} Track;

void box_shift (Box * box, float dx, float dy);
/* Of a picture of @width x @height: whether a box comes to its edge, and whether
 * nothing of it is in it. */
gboolean box_is_at_edge (const Box * box, guint width, guint height);
gboolean box_is_outside (const Box * box, guint width, guint height);

/* How the stage moves in the picture where a thing stands: pixels. */
void track_stage_move (const Track * track, const CameraMove * move,
    float *dx, float *dy);
/* Moves it to where it is expected @dt seconds later; @look: it counts as not
 * seen until track_add(). */
void track_predict (Track * track, const CameraMove * move, float dt,
    gboolean look);
/* A place of a thing whose box in the picture of @width x @height is @box; in the
 * middle of that, sure, how wide it is below not known. */
Sample track_measure (const Track * track, const Box * box, double time,
    guint width, guint height);
/* Where it is now; @side: of the picture, the root of its area. */
void track_add (Track * track, const Sample * sample, float side);

typedef struct _Tracks Tracks;

Tracks *tracks_new (void);
void tracks_free (Tracks * tracks);
void tracks_reset (Tracks * tracks);

/* Where things are likely to be next, not to melt into the backdrop. */
const Expected *tracks_get_boxes (Tracks * tracks, const CameraMove * move,
    guint * n);

/* Follows @front of @picture at @time, in seconds. */
void tracks_see (Tracks * tracks, const Picture * picture,
    const Front * front, const CameraMove * move, double time);

/* [n]; also those that are not told yet. */
Track *tracks_get (Tracks * tracks, guint * n);

G_END_DECLS

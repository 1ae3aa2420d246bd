/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.h: what contacts.c keeps of each thing, and who looks for what. */

#pragma once

#include "models/foley/see/arc.h"
#include "models/foley/see/contacts.h"
#include "models/foley/see/touch.h"

G_BEGIN_DECLS

/* Falls and bounces: fall.c. */
typedef struct
{
  double since;                 /* samples from here on are of this arc */
  gboolean bounced;             /* since is a bounce: */
  double level;                 /* ... there */
  double speed, deviation;      /* ... and so it left: pixels / s, up is < 0 */
  gboolean grounded;            /* level is known */
  double restitution;           /* of the last bounce; < 0: not known */
  guint bounces;                /* in this series */
  double next, next_speed;      /* a bounce too small to see, foreseen; < 0 */
  Arc before;                   /* the arc of the last impact */
  double noise;                 /* of the foot: mean error of what was expected */
  double last;                  /* when the last impact was told */
} Fall;

/* Rolling, sliding, starting, stopping, passing: way.c. */
typedef struct
{
  gboolean moving;
  double rest_x, rest_y;        /* where it rested */
  double rested;                /* since when; < 0: it did not */
  gboolean along;               /* rolling or sliding: */
  ContactKind kind;
  double since;
  guint off;                    /* frames since it last touched the ground */
  gboolean passed;
  double middle;                /* its middle in the picture a frame ago */
} Way;

/* Footfalls: gait.c. */
typedef struct
{
  double last;                  /* when the last was told */
  double period;                /* s; 0: none */
} Gait;

/* Collisions: bump.c. */
typedef struct
{
  double last;
} Bump;

/* Contacts of what was found: touch.c. */
typedef struct
{
  double last, stepped;         /* when the last ones were told */
} Touch;

typedef struct
{
  guint id;
  gboolean seen;
  Fall fall;
  Way way;
  Gait gait;
  Bump bump;
  Touch touch;
} Watch;

typedef struct
{
  const Track *tracks;
  guint n_tracks;
  Watch *watches;
  guint n_watches;
  Lens *lens;
  const TouchNet *touch;        /* or NULL */
  const char *place;            /* the finder's word, or NULL */
  double time;
  SceneContact *list;           /* [CONTACTS_MAX] */
  guint n;
} Telling;

/* Adds a contact of @track at @time; pixels and pixels a second of the stage. */
SceneContact *tell (Telling * telling, ContactKind kind, const Track * track,
    double time, float x, float y, float speed);

void fall_begin (Fall * fall, const Track * track);
void fall_see (Fall * fall, const Track * track, Telling * telling);
void way_begin (Way * way, const Track * track, const Telling * telling);
void way_see (Way * way, const Watch * watch, const Track * track,
    Telling * telling);
/* The thing is gone. */
void way_end (Way * way, guint id, Telling * telling);
void gait_see (Gait * gait, const Watch * watch, const Track * track,
    Telling * telling);
void touch_see (Touch * touch, const Track * track, Telling * telling);
void bump_see (Bump * bump, const Track * track, Telling * telling);

G_END_DECLS

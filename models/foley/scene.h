/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scene.h: what is to be heard, as seeing hands it on to the director.
 *
 * Positions are in the picture: x from 0 at the left to 1 at the right, y from 0
 * at the top to 1 at the bottom.  The camera's view is SCENE_VIEW radians wide.
 * Strings are interned (g_intern_string()): they are owned by nobody. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The horizontal field of view that is taken for granted: 60 degrees. */
#define SCENE_VIEW 1.0472

/* The id of the ground, as a partner of contacts. */
#define SCENE_GROUND 0

typedef enum
{
  MATERIAL_UNKNOWN,
  MATERIAL_CERAMIC,
  MATERIAL_GLASS,
  MATERIAL_WOOD,
  MATERIAL_PLASTIC,
  MATERIAL_IRON,
  MATERIAL_STEEL,
  MATERIAL_TIN,
  MATERIAL_ALUMINIUM,
  MATERIAL_BRASS,
  MATERIAL_RUBBER,
  MATERIAL_STONE,
  MATERIAL_CONCRETE,
  MATERIAL_ASPHALT,
  MATERIAL_TILES,
  MATERIAL_SAND,
  MATERIAL_SNOW,
  MATERIAL_ICE,
  MATERIAL_GRASS,
  MATERIAL_EARTH,
  MATERIAL_GRAVEL,
  MATERIAL_LEAVES,
  MATERIAL_WATER,
  MATERIAL_FLESH,               /* animals, people, fruit */
  MATERIAL_FUR,
  MATERIAL_FEATHERS,
  MATERIAL_CLOTH,
  MATERIAL_PAPER,
  MATERIAL_FIRE,
  MATERIAL_AIR,
  N_MATERIALS
} Material;

/* Lower case, as recipes and messages have it: "steel". */
const char *material_get_name (Material material);
/* FALSE, and @out MATERIAL_UNKNOWN, where there is none of that name. */
gboolean material_from_name (const char *name, Material * out);

typedef struct
{
  guint id;                     /* > 0; the same thing keeps it, frame by frame */
  const char *class_name;       /* "dog", "taxi"; NULL: not known */
  gboolean told;                /* class_name: by who knows, not by its looks */
  Material material;
  float x0, y0, x1, y1;         /* its box, in the picture; may reach out of it */
  float depth;                  /* metres from the camera, > 0 */
  float size;                   /* metres, the larger side of its box */
  float vx, vy;                 /* metres a second: right, down */
  float vdepth;                 /* metres a second: away */
  float confidence;             /* 0 ... 1, of class_name */
} SceneObject;

typedef enum
{
  CONTACT_IMPACT,               /* two things meet; a bounce is one of a series */
  CONTACT_ROLL,                 /* rolling: lasts until its end is told */
  CONTACT_SLIDE,                /* sliding: as rolling */
  CONTACT_STEP,                 /* a footfall */
  CONTACT_SPLASH,               /* something meets water */
  CONTACT_START,                /* a thing at rest begins to move */
  CONTACT_STOP,                 /* a moving thing has come to rest */
  CONTACT_PASS                  /* passes the camera at its nearest */
} ContactKind;

const char *contact_kind_get_name (ContactKind kind);

typedef struct
{
  ContactKind kind;
  guint64 time;                 /* ns since the first frame; between frames */
  guint64 duration;             /* ns of ROLL and SLIDE since `time`; else 0 */
  guint id;                     /* of what moves */
  guint other;                  /* of what it meets, or SCENE_GROUND */
  Material ground;              /* where other is SCENE_GROUND */
  float speed;                  /* metres a second, before; of ROLL, SLIDE: now, 0
                                 * where it is over */
  float x, y, depth;            /* where */
  float restitution;            /* speed after over speed before, < 0: not known */
  float confidence;             /* 0 ... 1 */
} SceneContact;

typedef struct
{
  const char *place;            /* "beach", "forest", "room" ...; NULL: not known */
  gboolean indoors;
  gboolean night;
  float rain, snow, fog, wind;  /* 0 ... 1, how much of it */
  float water, fire;            /* 0 ... 1, in sight */
  Material ground;
  float confidence;             /* 0 ... 1, of place */
} SceneSurroundings;

/* One frame, seen.  Owned by who sees; holds until the next frame. */
typedef struct
{
  guint64 time;                 /* ns since the first frame */
  gboolean cut;                 /* nothing of the frame before is in sight */
  float pan, tilt;              /* the camera's, radians a second: right, down */
  float motion;                 /* mean motion energy left without it, 0 ... 1 */
  const SceneObject *objects;   /* [n_objects] */
  guint n_objects;
  /* Told once, when known: none is later than `time`, most are between the
   * frame before and this one. */
  const SceneContact *contacts; /* [n_contacts], in order of time */
  guint n_contacts;
  SceneSurroundings surroundings;
} Scene;

G_END_DECLS

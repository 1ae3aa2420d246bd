/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finder.h: what is in a picture and where, by a network; what a thing is, by
 * another.
 *
 * The networks, what they were taught and how well they do: README.md.  The first
 * knows the actors and sets of the starter's toy theatre; of anything else it
 * should find nothing.  The second knows ImageNet's classes, and not where they
 * are. */

#pragma once

#include "models/foley.h"
#include "models/foley/finder/classifier.h"
#include "models/foley/scene.h"
#include "models/foley/see/blobs.h"

G_BEGIN_DECLS

#define FINDER_MAX_THINGS 16

typedef struct
{
  const char *name;             /* interned: "dog" */
  Material material;            /* as far as its name tells */
  float name_confidence;        /* 0 ... 1 */
  float confidence;             /* 0 ... 1, that there is a thing */
  Box box;                      /* pixels of the picture */
} FinderThing;

/* How likely it is, 0 ... 1, that the picture is of a place, a light, a
 * weather; interned names. */
typedef struct
{
  const char *place;            /* "beach"; "other": of none that is known */
  const char *light;            /* "day", "sunset", "night" */
  const char *weather;          /* "clear", "rain", "snow", "fog" */
  float place_confidence, light_confidence, weather_confidence;
} FinderAround;

typedef struct
{
  FinderThing things[FINDER_MAX_THINGS];        /* surest first */
  guint n;
  FinderAround around;
} FinderSight;

/* From a file of weights instead of the embedded one. */
FoleyFinder *foley_finder_new_from (GBytes * weights, const char *path,
    const char *device, GError ** error);

/* FALSE where the device fails: then always, and foley_finder_get_failure()
 * tells why. */
gboolean foley_finder_see (FoleyFinder * finder, const Picture * picture,
    FinderSight * sight);

/* What is in a box of @frame, in shares of it: classifier.h.  FALSE as
 * foley_finder_see(). */
gboolean foley_finder_name (FoleyFinder * finder, const FoleyFrame * frame,
    float x0, float y0, float x1, float y1,
    ClassifierGuess guesses[CLASSIFIER_GUESSES]);

G_END_DECLS

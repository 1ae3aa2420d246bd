/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lens.c: a camera at eye height that looks a little down at a plane.
 *
 * Its horizon is taken to be a bit above the middle.  What falls freely gives
 * the scale: 9.81 m/s^2 are so many pixels / s^2. */

#include <math.h>

#include "models/foley/see/lens.h"

#define EYE 1.6f                /* metres above the ground */
#define HORIZON .42f            /* of the height, from the top */
#define NEAREST .5f
#define FARTHEST 120.f
#define GRAVITY 9.81f

void
lens_reset (Lens * lens)
{
  lens->ratio = 1;
  lens->known = 0;
}

void
lens_set (Lens * lens, guint width, guint height, double aspect)
{
  double square = width / (double) height;

  lens->width = width;
  lens->height = height;
  lens->stretch = aspect > 0 && isfinite (aspect)
      ? CLAMP (aspect / square, .1, 10) : 1;
  lens->focus = width * lens->stretch / 2 / tan (SCENE_VIEW / 2);
}

static float
plane_depth (const Lens * lens, float foot)
{
  float down = MAX (foot / lens->height - HORIZON, .04f) * lens->height;

  return CLAMP (EYE * lens->focus / MAX (down, .5f), NEAREST, FARTHEST);
}

float
lens_get_depth (const Lens * lens, float foot)
{
  return CLAMP (plane_depth (lens, foot) * lens->ratio, NEAREST, FARTHEST);
}

float
lens_get_scale (const Lens * lens, float depth)
{
  return depth / lens->focus;
}

void
lens_learn (Lens * lens, float foot, float a)
{
  float depth = lens->focus * GRAVITY / a;
  float ratio = CLAMP (depth / plane_depth (lens, foot), .05f, 20.f);
  float share;

  if (!(a > 0))
    return;
  lens->known = MIN (lens->known + 1, 8);
  share = 1.f / lens->known;
  lens->ratio = expf ((1 - share) * logf (lens->ratio) + share * logf (ratio));
}

void
lens_get_fall (const Lens * lens, float foot, float *a, float *deviation)
{
  *a = lens->focus * GRAVITY / lens_get_depth (lens, foot);
  *deviation = *a * (lens->known > 1 ? .2f : lens->known ? .3f : .6f);
}

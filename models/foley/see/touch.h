/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* touch.h: when a thing that was found touches the ground, told from its way by
 * the small network of models/foley/finder/touch_net.py. */

#pragma once

#include "models/foley/see/lens.h"
#include "models/foley/see/tracks.h"

G_BEGIN_DECLS

typedef struct _TouchNet TouchNet;

/* The embedded weights. */
TouchNet *touch_net_new (GError ** error);
void touch_net_free (TouchNet * net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TouchNet, touch_net_free)

/* What kind of thing a class is, as motion goes: "walker", "hopper", "vehicle",
 * "flyer", "floater", "swimmer", "boat", "roller", "thing"; NULL where that is not
 * known. */
const char *touch_net_get_kind (const TouchNet * net, const char *class_name);

/* As of the newest place of a track. */
typedef struct
{
  float impact;                 /* how likely it met something, or is about to */
  double time;                  /* s, when */
  float doubt;                  /* s, by which that is likely to be wrong */
  float speed;                  /* pixels a second, before */
  float step;                   /* how likely there was a footfall */
  double step_time;             /* s */
} TouchGuess;

/* @place: the finder's word, or NULL.  FALSE where the track is too short for a
 * guess. */
gboolean touch_net_guess (const TouchNet * net, const Track * track,
    const Lens * lens, const char *place, TouchGuess * guess);

G_END_DECLS

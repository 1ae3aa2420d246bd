/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.h: what the things that were found are.
 *
 * Here is where names come from: between what was found (tracks.h) and what is
 * told of it (scene.h).  So far they come from hints alone. */

#pragma once

#include "models/foley/scene.h"
#include "models/foley/see/lens.h"
#include "models/foley/see/tracks.h"

G_BEGIN_DECLS

#define NAMES_MAX 64

typedef struct
{
  guint id;                     /* a track's, or one of its own */
  const char *class_name;       /* interned */
  float confidence;
  gboolean boxed;               /* the box was told for this frame */
  Box box;                      /* pixels of the picture */
  float vx, vy;                 /* pixels a second, where there is no track */
  gboolean alone;               /* there is no track */
  double time;                  /* s, when it was told last */
} Name;

typedef struct _Names Names;

Names *names_new (void);
void names_free (Names * names);
void names_reset (Names * names);

/* Matches the hints of a frame with what is followed. */
void names_see (Names * names, const FoleyFrame * frame, const Track * tracks,
    guint n_tracks, const Lens * lens, double time);

/* That of a track, or NULL. */
const Name *names_get (Names * names, guint id);

/* All of them, [n]; those that are alone are things too. */
const Name *names_get_all (Names * names, guint * n);

G_END_DECLS

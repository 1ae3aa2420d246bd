/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contacts.c: has each thing watched, and puts what is told in order. */

#include <string.h>

#include "models/foley/see/watch.h"

struct _Contacts
{
  const TouchNet *touch;
  Watch watches[TRACKS_MAX];
  guint n;
  SceneContact list[CONTACTS_MAX];
};

Contacts *
contacts_new (const TouchNet * touch)
{
  Contacts *contacts = g_new0 (Contacts, 1);

  contacts->touch = touch;
  return contacts;
}

void
contacts_free (Contacts * contacts)
{
  g_free (contacts);
}

void
contacts_reset (Contacts * contacts)
{
  contacts->n = 0;
}

SceneContact *
tell (Telling * telling, ContactKind kind, const Track * track, double time,
    float x, float y, float speed)
{
  SceneContact *contact;
  const Lens *lens = telling->lens;
  float px = x + track->offset_x, py = y + track->offset_y;
  float depth = lens_get_depth (lens, track->box.y1);

  if (telling->n == CONTACTS_MAX)
    return NULL;
  contact = &telling->list[telling->n++];
  *contact = (SceneContact) {
  .kind = kind,.time = CLAMP (time, 0, telling->time) * 1e9,.id =
        track->id,.other = SCENE_GROUND,.speed =
        speed * lens_get_scale (lens, depth),.x = px / lens->width,.y =
        py / lens->height,.depth = depth,.restitution = -1,.confidence = .8};
  return contact;
}

static Watch *
find (Contacts * contacts, const Track * track, Telling * telling)
{
  Watch *watch;

  for (guint i = 0; i < contacts->n; i++)
    if (contacts->watches[i].id == track->id)
      return &contacts->watches[i];
  if (contacts->n == TRACKS_MAX)
    return NULL;
  watch = &contacts->watches[contacts->n++];
  memset (watch, 0, sizeof *watch);
  watch->id = track->id;
  watch->gait.last = watch->bump.last = -1;
  watch->touch.last = watch->touch.stepped = -1;
  fall_begin (&watch->fall, track);
  way_begin (&watch->way, track, telling);
  return watch;
}

/* Forgets who is gone. */
static void
drop_gone (Contacts * contacts, Telling * telling)
{
  guint kept = 0;

  for (guint i = 0; i < contacts->n; i++) {
    gboolean there = FALSE;

    for (guint k = 0; k < telling->n_tracks; k++)
      there |= telling->tracks[k].id == contacts->watches[i].id;
    if (there)
      contacts->watches[kept++] = contacts->watches[i];
    else
      way_end (&contacts->watches[i].way, contacts->watches[i].id, telling);
  }
  contacts->n = kept;
}

/* Whether a thing is large and known enough for what it does to be told. */
static gboolean
is_trusted (const Track * track, const Lens * lens)
{
  return track->told && track->far && (track->found || (track->n >= 3
          && track->age >= 5))
      && box_area (&track->box) > .004f * lens->width * lens->height;
}

static void
watch_one (Watch * watch, const Track * track, Telling * telling)
{
  if (telling->touch != NULL && track->found)
    touch_see (&watch->touch, track, telling);
  else {
    fall_see (&watch->fall, track, telling);
    gait_see (&watch->gait, watch, track, telling);
  }
  bump_see (&watch->bump, track, telling);
  way_see (&watch->way, watch, track, telling);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const SceneContact *x = a, *y = b;

  return x->time < y->time ? -1 : x->time > y->time;
}

const SceneContact *
contacts_see (Contacts * contacts, const Track * tracks, guint n_tracks,
    Lens * lens, const char *place, double time, guint * n)
{
  Telling telling = {
    .tracks = tracks,.n_tracks = n_tracks,.lens = lens,.time = time,
    .touch = contacts->touch,.place = place,
    .list = contacts->list
  };

  drop_gone (contacts, &telling);
  telling.watches = contacts->watches;
  for (guint i = 0; i < n_tracks; i++) {
    Watch *watch = find (contacts, &tracks[i], &telling);

    telling.n_watches = contacts->n;
    if (watch != NULL && is_trusted (&tracks[i], lens))
      watch_one (watch, &tracks[i], &telling);
  }
  qsort (telling.list, telling.n, sizeof *telling.list, compare_times);
  *n = telling.n;
  return telling.list;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.c: gives hints to the things that they overlap with. */

#include <math.h>
#include <string.h>

#include "models/foley/see/names.h"

#define FIRST_ID 0x40000000u    /* of things that only hints tell of */
#define KEPT .5                 /* s that such a thing lasts without one */
#define MATCH .3f               /* intersection over union */

struct _Names
{
  Name list[NAMES_MAX];
  guint n;
  guint next_id;
};

Names *
names_new (void)
{
  Names *names = g_new0 (Names, 1);

  names->next_id = FIRST_ID;
  return names;
}

void
names_free (Names * names)
{
  g_free (names);
}

void
names_reset (Names * names)
{
  names->n = 0;
}

const Name *
names_get (Names * names, guint id)
{
  for (guint i = 0; i < names->n; i++)
    if (names->list[i].id == id)
      return &names->list[i];
  return NULL;
}

const Name *
names_get_all (Names * names, guint * n)
{
  *n = names->n;
  return names->list;
}

/* The track that a hint is about, or NULL. */
static const Track *
find_track (const Track * tracks, guint n, const Box * box,
    const gboolean * taken, guint * at)
{
  float best = MATCH;
  const Track *found = NULL;

  for (guint i = 0; i < n; i++) {
    float match = box_likeness (&tracks[i].box, box);

    if (!taken[i] && tracks[i].told && match > best) {
      best = match;
      found = &tracks[i];
      *at = i;
    }
  }
  return found;
}

/* The name of an id, a new one where there is none. */
static Name *
get (Names * names, guint id)
{
  Name *name = (Name *) names_get (names, id);

  if (name != NULL)
    return name;
  if (names->n == NAMES_MAX)
    return NULL;
  name = &names->list[names->n++];
  *name = (Name) {
  .id = id};
  return name;
}

/* The thing without a track that a hint is about, as before; or a new one. */
static Name *
get_alone (Names * names, const char *class_name, const Box * box)
{
  float best = .1f;
  Name *found = NULL;

  for (guint i = 0; i < names->n; i++) {
    Name *name = &names->list[i];
    float match = box_likeness (&name->box, box);

    if (name->alone && !name->boxed && name->class_name == class_name
        && match > best) {
      best = match;
      found = name;
    }
  }
  if (found == NULL && (found = get (names, names->next_id)) != NULL) {
    names->next_id++;
    found->alone = TRUE;
    found->time = -1;
  }
  return found;
}

/* A box in pixels; FALSE where a hint's box is none. */
static gboolean
to_box (const FoleyHint * hint, const Lens * lens, Box * box)
{
  *box = (Box) {
  hint->x0 * lens->width, hint->y0 * lens->height, hint->x1 * lens->width,
        hint->y1 * lens->height};
  return isfinite (box->x0) && isfinite (box->y0) && isfinite (box->x1)
      && isfinite (box->y1) && box->x1 > box->x0 && box->y1 > box->y0
      && fabsf (hint->x0) < 16 && fabsf (hint->x1) < 16
      && fabsf (hint->y0) < 16 && fabsf (hint->y1) < 16;
}

static void
take (Name * name, const char *class_name, const Box * box, double time)
{
  double dt = time - name->time;

  if (name->alone && name->time >= 0 && dt > 0) {
    name->vx = (box->x0 + box->x1 - name->box.x0 - name->box.x1) / 2 / dt;
    name->vy = (box->y1 - name->box.y1) / dt;
  }
  name->class_name = class_name;
  name->confidence = 1;
  name->box = *box;
  name->boxed = TRUE;
  name->time = time;
}

static void
drop_gone (Names * names, const Track * tracks, guint n_tracks, double time)
{
  guint kept = 0;

  for (guint i = 0; i < names->n; i++) {
    Name *name = &names->list[i];
    gboolean there = name->alone && time - name->time < KEPT;

    for (guint k = 0; k < n_tracks; k++)
      there |= tracks[k].id == name->id;
    name->boxed = FALSE;
    if (there)
      names->list[kept++] = *name;
  }
  names->n = kept;
}

void
names_see (Names * names, const FoleyFrame * frame, const Track * tracks,
    guint n_tracks, const Lens * lens, double time)
{
  gboolean taken[TRACKS_MAX] = { FALSE };

  drop_gone (names, tracks, n_tracks, time);
  for (guint i = 0; i < frame->n_hints; i++) {
    const FoleyHint *hint = &frame->hints[i];
    const char *class_name;
    const Track *track;
    guint at = 0;
    Name *name;
    Box box;

    if (hint->class_name == NULL || !to_box (hint, lens, &box))
      continue;
    class_name = g_intern_string (hint->class_name);
    track = find_track (tracks, n_tracks, &box, taken, &at);
    name = track ? get (names, track->id)
        : get_alone (names, class_name, &box);
    if (track != NULL)
      taken[at] = TRUE;
    if (name != NULL)
      take (name, class_name, &box, time);
  }
}

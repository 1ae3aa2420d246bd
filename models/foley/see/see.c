/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* see.c: the way of a frame: picture, camera, backdrop, tracks, what is found,
 * labels, names, contacts, surroundings. */

#include <math.h>
#include <string.h>

#include "models/foley/see/around.h"
#include "models/foley/see/contacts.h"
#include "models/foley/see/found.h"
#include "models/foley/see/labels.h"
#include "models/foley/see/names.h"
#include "models/foley/see/see.h"

#define SHORTEST 1e-3           /* s between frames; nearer ones are the same */
#define LONGEST 1.5             /* s; things are not followed over more */
#define BESIDE 2                /* pixels around a thing that may be its too */
#define LOOK (1 / 40.)          /* s between looks of the finder, at least */
#define REPEATED .1             /* s: for so long a picture that stands may be a repeated one */
#define OBJECTS_MAX (TRACKS_MAX + NAMES_MAX)

struct _See
{
  Picture picture;
  Camera *camera;
  Backdrop *backdrop;
  Tracks *tracks;
  FoleyFinder *finder;          /* or NULL */
  Found *found;
  Labels *labels;
  double looked;                /* s, when the finder was asked last */
  const Track *all;             /* [n_all]: of tracks, or what was found */
  guint n_all;
  Names *names;
  TouchNet *touch;              /* NULL without a finder */
  Contacts *contacts;
  Around *around;
  Lens lens;
  gboolean begun;
  double time;                  /* s, of the frame before */
  guint8 *mask;                 /* where things were in it: for the camera */
  SceneObject objects[OBJECTS_MAX];
  SceneContact list[CONTACTS_MAX];
  Scene last;
};

See *
see_new (FoleyFinder * finder)
{
  See *see = g_new0 (See, 1);

  see->camera = camera_new ();
  see->backdrop = backdrop_new ();
  see->tracks = tracks_new ();
  see->finder = finder ? foley_finder_ref (finder) : NULL;
  see->found = found_new ();
  see->labels = labels_new ();
  see->names = names_new ();
  see->touch = finder ? touch_net_new (NULL) : NULL;
  see->contacts = contacts_new (see->touch);
  see->around = around_new ();
  lens_reset (&see->lens);
  see->looked = -1;
  return see;
}

void
see_free (See * see)
{
  picture_clear (&see->picture);
  camera_free (see->camera);
  backdrop_free (see->backdrop);
  tracks_free (see->tracks);
  g_clear_pointer (&see->finder, foley_finder_unref);
  found_free (see->found);
  labels_free (see->labels);
  names_free (see->names);
  contacts_free (see->contacts);
  g_clear_pointer (&see->touch, touch_net_free);
  around_free (see->around);
  g_free (see->mask);
  g_free (see);
}

/* Another shot: nothing of before is in sight. */
static void
cut (See * see)
{
  backdrop_reset (see->backdrop);
  tracks_reset (see->tracks);
  found_reset (see->found);
  labels_reset (see->labels);
  see->looked = -1;
  names_reset (see->names);
  around_reset (see->around);
  lens_reset (&see->lens);
}

/* The camera's, and what is left, as told. */
static void
tell_camera (See * see, const CameraMove * move, const Front * front, double dt,
    Scene * scene)
{
  float dx = 0, dy = 0, sum = 0;
  guint n = 0;

  for (float y = CAMERA_BAND / 2; y < see->picture.height; y += CAMERA_BAND) {
    camera_move_at (move, see->picture.width / 2.f, y, &dx, &dy);
    sum += dx;
    n++;
  }
  if (dt > 0 && n > 0) {
    scene->pan = -sum / n * see->lens.stretch / see->lens.focus / dt;
    scene->tilt = -dy / see->lens.focus / dt;
  }
  scene->motion = front->energy;
}

/* A box in pixels, in metres and shares of the picture. */
static void
place_object (See * see, SceneObject * object, const Box * box, float vx,
    float vy)
{
  const Lens *lens = &see->lens;
  float scale;

  object->x0 = box->x0 / lens->width;
  object->x1 = box->x1 / lens->width;
  object->y0 = box->y0 / lens->height;
  object->y1 = box->y1 / lens->height;
  object->depth = lens_get_depth (lens, box->y1);
  scale = lens_get_scale (lens, object->depth);
  object->size = scale * MAX ((box->x1 - box->x0) * lens->stretch,
      box->y1 - box->y0);
  object->vx = vx * lens->stretch * scale;
  object->vy = vy * scale;
}

/* How fast a thing goes away, from its size: metres a second. */
static float
get_retreat (const Track * track, float depth)
{
  const Sample *now, *then;
  double dt;
  float size, before;

  if (track->n < 8)
    return 0;
  now = &track->samples[track->n - 1];
  then = &track->samples[track->n - 8];
  dt = now->time - then->time;
  if (now->cut_x || now->cut_y || now->cut_foot || then->cut_x || then->cut_y
      || then->cut_foot || !now->sure || !then->sure || dt <= 0)
    return 0;
  size = now->foot - now->top;
  before = then->foot - then->top;
  /* boxes of the finder tremble more than edges */
  if (fabsf (size - before) < (track->found ? 2 : 1) * MAX (1.5f, .08f * size))
    return 0;
  return CLAMP (depth * (before / MAX (size, 1) - 1) / dt, -60, 60);
}

static void
tell_objects (See * see, Scene * scene)
{
  guint n = see->n_all, n_names, count = 0;
  const Track *tracks = see->all;
  const Name *names = names_get_all (see->names, &n_names);

  for (guint i = 0; i < n; i++) {
    const Name *name = names_get (see->names, tracks[i].id);
    SceneObject *object = &see->objects[count];

    if (!tracks[i].told)
      continue;
    *object = (SceneObject) {
    .id = tracks[i].id,.class_name = tracks[i].class_name,.material =
          tracks[i].material,.confidence = tracks[i].confidence};
    place_object (see, object, name && name->boxed ? &name->box
        : &tracks[i].box, tracks[i].vx, tracks[i].vy);
    object->vdepth = get_retreat (&tracks[i], object->depth);
    if (name != NULL) {
      object->material = MATERIAL_UNKNOWN;
      object->told = TRUE;
      object->class_name = name->class_name;
      object->confidence = name->confidence;
    }
    count++;
  }
  for (guint i = 0; i < n_names; i++) {
    if (!names[i].alone)
      continue;
    see->objects[count] = (SceneObject) {
    .id = names[i].id,.class_name = names[i].class_name,.told =
          TRUE,.confidence = names[i].confidence};
    place_object (see, &see->objects[count++], &names[i].box, names[i].vx,
        names[i].vy);
  }
  scene->objects = see->objects;
  scene->n_objects = count;
}

static void
tell_contacts (See * see, double time, Scene * scene)
{
  guint n;
  const SceneContact *list = contacts_see (see->contacts, see->all,
      see->n_all, &see->lens, found_get_place (see->found), time, &n);

  for (guint i = 0; i < n; i++) {
    SceneContact *contact = &see->list[i];

    *contact = list[i];
    if (contact->other != SCENE_GROUND)
      continue;
    contact->ground = around_get_ground (see->around, &see->picture,
        contact->x, contact->y);
    if (contact->kind == CONTACT_IMPACT && contact->ground == MATERIAL_WATER)
      contact->kind = CONTACT_SPLASH;
  }
  scene->contacts = see->list;
  scene->n_contacts = n;
}

/* Where things are now, so that the camera's motion is not taken from them. */
static void
keep_mask (See * see, const Front * front)
{
  guint w = front->width, h = front->height, n;
  const Track *found = found_get (see->found, &n);

  memcpy (see->mask, front->front, (gsize) w * h);
  for (guint i = 0; i < n; i++) {
    const Box *box = &found[i].box;
    guint x0 = CLAMP (box->x0 - BESIDE, 0, w), x1 =
        CLAMP (box->x1 + BESIDE, 0, w);
    guint y1 = CLAMP (box->y1 + BESIDE, 0, h);

    for (guint y = CLAMP (box->y0 - BESIDE, 0, h); y < y1 && x1 > x0; y++)
      memset (see->mask + (gsize) y * w + x0, 255, x1 - x0);
  }
}

/* Asks the finder, unless it was asked just now.  A picture that is shown again,
 * as sources and rate converters do, tells nothing of how things move. */
static void
look (See * see, const CameraMove * move, double time)
{
  const Picture *picture = &see->picture;
  FinderSight sight;
  gboolean looks = see->finder != NULL && time >= see->looked + LOOK;

  if (looks && time < see->looked + REPEATED
      && found_has_seen (see->found, picture))
    looks = FALSE;
  if (looks) {
    looks = foley_finder_see (see->finder, picture, &sight);
    see->looked = time;
  }
  found_see (see->found, looks ? &sight : NULL, picture, move, time);
}

static void
follow (See * see, const FoleyFrame * frame, const Front * front,
    const CameraMove * move, double time, const char *prompt)
{
  const Picture *picture = &see->picture;
  guint n;
  Track *tracks;

  tracks_see (see->tracks, picture, front, move, time);
  look (see, move, time);
  /* who knows the place knows the things: what else moves is weather, or light;
   * who does not, takes for a thing what is none. But where the source tells of
   * things and none is found, its pictures may be unlike those that are known. */
  see->all = found_get (see->found, &see->n_all);
  if (found_get_setting (see->found) != NULL
      && (see->n_all > 0 || prompt == NULL))
    return;
  tracks = tracks_get (see->tracks, &n);
  labels_see (see->labels, see->finder, frame, tracks, n, picture->width,
      picture->height);
  see->all = tracks;
  see->n_all = n;
}

static void
see_picture (See * see, const FoleyFrame * frame, double time,
    const char *prompt, gboolean resized, Scene * scene)
{
  Picture *picture = &see->picture;
  double dt = see->begun ? time - see->time : 0;
  gboolean goes_on;
  CameraMove move;
  const Expected *boxes;
  Front front;
  guint n;

  if (resized)
    see->mask = g_realloc (see->mask, (gsize) picture->width * picture->height);
  if (dt > LONGEST)
    camera_reset (see->camera);
  goes_on = camera_see (see->camera, picture,
      resized || !see->begun ? NULL : see->mask,
      resized ? NULL : backdrop_get_behind (see->backdrop), &move);
  scene->cut = !goes_on && see->begun;
  if (!goes_on)
    cut (see);
  lens_set (&see->lens, picture->width, picture->height, frame->aspect);
  boxes = tracks_get_boxes (see->tracks, &move, &n);
  backdrop_see (see->backdrop, picture, &move, boxes, n, &front);
  follow (see, frame, &front, &move, time, prompt);
  names_see (see->names, frame, see->all, see->n_all, &see->lens, time);
  around_see (see->around, picture, &front, move.still, prompt,
      found_get_setting (see->found), &scene->surroundings);
  tell_camera (see, &move, &front, dt, scene);
  tell_objects (see, scene);
  tell_contacts (see, time, scene);
  keep_mask (see, &front);
}

const Track *
see_get_found (See * see, guint * n)
{
  return found_get (see->found, n);
}

void
see_frame (See * see, const FoleyFrame * frame, const char *prompt,
    Scene * scene)
{
  double time = frame->time / 1e9;
  gboolean resized;

  if (see->begun && time < see->time + SHORTEST) {
    *scene = see->last;
    scene->cut = FALSE;
    scene->n_contacts = 0;
    return;
  }
  memset (scene, 0, sizeof *scene);
  scene->time = frame->time;
  resized = picture_take (&see->picture, frame);
  see_picture (see, frame, time, prompt, resized, scene);
  see->begun = TRUE;
  see->time = time;
  see->last = *scene;
}

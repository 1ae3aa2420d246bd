/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* see.c: the way of a frame: picture, camera, backdrop, tracks, names,
 * contacts, surroundings. */

#include <math.h>
#include <string.h>

#include "models/foley/see/around.h"
#include "models/foley/see/contacts.h"
#include "models/foley/see/names.h"
#include "models/foley/see/see.h"

#define SHORTEST 1e-3           /* s between frames; nearer ones are the same */
#define LONGEST 1.5             /* s; things are not followed over more */
#define OBJECTS_MAX (TRACKS_MAX + NAMES_MAX)

struct _See
{
  Picture picture;
  Camera *camera;
  Backdrop *backdrop;
  Tracks *tracks;
  Names *names;
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
see_new (void)
{
  See *see = g_new0 (See, 1);

  see->camera = camera_new ();
  see->backdrop = backdrop_new ();
  see->tracks = tracks_new ();
  see->names = names_new ();
  see->contacts = contacts_new ();
  see->around = around_new ();
  lens_reset (&see->lens);
  return see;
}

void
see_free (See * see)
{
  picture_clear (&see->picture);
  camera_free (see->camera);
  backdrop_free (see->backdrop);
  tracks_free (see->tracks);
  names_free (see->names);
  contacts_free (see->contacts);
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
  if (fabsf (size - before) < MAX (1.5f, .08f * size))
    return 0;
  return CLAMP (depth * (before / MAX (size, 1) - 1) / dt, -60, 60);
}

static void
tell_objects (See * see, Scene * scene)
{
  guint n, n_names, count = 0;
  const Track *tracks = tracks_get (see->tracks, &n);
  const Name *names = names_get_all (see->names, &n_names);

  for (guint i = 0; i < n; i++) {
    const Name *name = names_get (see->names, tracks[i].id);
    SceneObject *object = &see->objects[count];

    if (!tracks[i].told)
      continue;
    *object = (SceneObject) {
    .id = tracks[i].id};
    place_object (see, object, name && name->boxed ? &name->box
        : &tracks[i].box, tracks[i].vx, tracks[i].vy);
    object->vdepth = get_retreat (&tracks[i], object->depth);
    if (name != NULL) {
      object->class_name = name->class_name;
      object->confidence = name->confidence;
    }
    count++;
  }
  for (guint i = 0; i < n_names; i++) {
    if (!names[i].alone)
      continue;
    see->objects[count] = (SceneObject) {
    .id = names[i].id,.class_name = names[i].class_name,.confidence =
          names[i].confidence};
    place_object (see, &see->objects[count++], &names[i].box, names[i].vx,
        names[i].vy);
  }
  scene->objects = see->objects;
  scene->n_objects = count;
}

static void
tell_contacts (See * see, double time, Scene * scene)
{
  guint n_tracks, n;
  const Track *tracks = tracks_get (see->tracks, &n_tracks);
  const SceneContact *list = contacts_see (see->contacts, tracks, n_tracks,
      &see->lens, time, &n);

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
  gsize n = (gsize) front->width * front->height;

  memcpy (see->mask, front->front, n);
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
  Track *tracks;

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
  tracks_see (see->tracks, picture, &front, &move, time);
  tracks = tracks_get (see->tracks, &n);
  names_see (see->names, frame, tracks, n, &see->lens, time);
  around_see (see->around, picture, &front, move.still, time, prompt,
      &scene->surroundings);
  tell_camera (see, &move, &front, dt, scene);
  tell_objects (see, scene);
  tell_contacts (see, time, scene);
  keep_mask (see, &front);
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

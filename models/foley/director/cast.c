/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cast.c: things that are followed, and the sounds that go with them. */

#include <math.h>
#include <string.h>

#include "director.h"

/* Slower than this, m/s, a thing is at rest; and so long after, s, it is still. */
#define MOVING 0.12f
#define STILL_AFTER 2.0
/* At this speed, m/s, a machine or an animal makes all the effort it can. */
#define ALL_OUT_MACHINE 12.f
#define ALL_OUT_ANIMAL 4.f
/* A sound is a thing's only if it means as much, and a second one nearly as
 * much as the best. */
#define LIKE 0.68f
#define NEARLY 0.12f
#define FADE_IN 0.15f
#define FADE_OUT 0.4f
#define NEAR 0.3f
#define FAR 80.f

float
director_get_azimuth (float x)
{
  return atanf ((2 * x - 1) * tanf ((float) SCENE_VIEW / 2));
}

Actor *
director_get_actor (Director * d, guint id)
{
  return g_hash_table_lookup (d->actors, GUINT_TO_POINTER (id));
}

static Actor *
get_or_make_actor (Director * d, guint id)
{
  Actor *actor = director_get_actor (d, id);

  if (!actor) {
    actor = g_new0 (Actor, 1);
    actor->moved = G_MAXUINT64;
    actor->stem = director_take_stem (d);
    g_hash_table_insert (d->actors, GUINT_TO_POINTER (id), actor);
  }
  return actor;
}

/* What is known of its kind beats what its box seems to say: 2 tan (view / 2)
 * widths of the picture are seen at a metre. */
static void
measure (Actor * actor, double aspect)
{
  const SceneObject *o = &actor->object;
  float wide = o->x1 - o->x0, high = (o->y1 - o->y0) / aspect;
  float large = director_clamp (fmaxf (wide, high), 1e-3f, 4);
  float shape = director_clamp (fminf (wide, high), 1e-3f, large) / large;
  float view = 2 * tanf ((float) SCENE_VIEW / 2);

  actor->size = o->size > 0 ? o->size : NEAR;
  actor->place.distance = o->depth;
  actor->scale = 1;
  if (o->class_name && actor->nature.size > 0) {
    actor->scale = actor->nature.size / actor->size;
    actor->size = actor->nature.size;
    actor->place.distance = actor->size / (large * view);
  }
  actor->size = director_clamp (actor->size, 0.005f, 50);
  actor->scale = director_clamp (actor->scale, 0.02f, 50);
  actor->speed = director_clamp (actor->scale * hypotf (hypotf (o->vx, o->vy),
          o->vdepth), 0, 300);
  actor->place.distance = director_clamp (actor->place.distance, NEAR, FAR);
  actor->mass = actor->nature.density * powf (actor->size, 3) * shape * shape;
  actor->mass = director_clamp (actor->mass, 1e-3f, 1e5f);
}

static void
update_actor (Director * d, Actor * actor, const SceneObject * object,
    double aspect)
{
  const char *class_name = director_name_actor (d, actor, object);
  float all_out, middle = (object->x0 + object->x1) / 2;

  if (class_name != actor->object.class_name || !actor->cast)
    nature_of (class_name ? class_name : "", &actor->nature);
  actor->cast &= class_name == actor->object.class_name;
  actor->object = *object;
  actor->object.class_name = class_name;
  actor->material = object->material != MATERIAL_UNKNOWN
      && (!object->class_name || class_name == object->class_name)
      ? object->material : actor->nature.material;
  measure (actor, aspect);
  all_out = actor->nature.alive ? ALL_OUT_ANIMAL : ALL_OUT_MACHINE;
  actor->effort = director_clamp (actor->speed / all_out, 0, 1);
  actor->place.azimuth = director_get_azimuth (director_clamp (middle, -0.5f,
          1.5f));
  actor->place.elevation = director_get_azimuth (director_clamp (1 -
          (object->y0 + object->y1) / 2, -0.5f, 1.5f)) / aspect;
  actor->place.gain = 1;
  if (actor->speed > MOVING)
    actor->moved = d->seen;
  actor->seen = TRUE;
}

static void
get_state (const Actor * actor, SourceState * state)
{
  source_state_init (state);
  state->place = actor->place;
  state->values[VOICE_SPEED] = actor->speed;
  state->values[VOICE_SIZE] = actor->size;
  state->values[VOICE_MASS] = actor->mass;
  state->values[VOICE_FORCE] = actor->mass * 9.81f;
  state->values[VOICE_EFFORT] = actor->effort;
}

static gboolean
is_still (const Director * d, const Actor * actor)
{
  return actor->moved == G_MAXUINT64
      || d->seen - actor->moved > STILL_AFTER * d->rate;
}

/* Tells of a sound that goes on while its thing moves: when it begins to. */
static void
tell_in_sight (Director * d, const Source * s)
{
  g_autofree char *why = NULL;

  if (s->sound->plays != SOUND_GOES_ON)
    return;
  why = g_strdup_printf ("%s in sight", s->class_name);
  director_note (d, s, d->before, why);
}

static void
start_sound (Director * d, Actor * actor, const Sound * sound)
{
  SourceState state;
  SourceOrder order = {
    .sound = sound,.role = SOURCE_THING,.id = actor->object.id,
    .materials = {actor->material, MATERIAL_UNKNOWN},
    .class_name = actor->object.class_name,.stem = actor->stem,
    .state = &state,.start = d->before
  };
  Source *s;

  get_state (actor, &state);
  if (!(s = director_add (d, &order)))
    return;
  if (is_still (d, actor)) {
    s->silent_of_late = TRUE;
    source_fade (s, 0, FADE_OUT, d->rate);
  } else
    tell_in_sight (d, s);
}

/* The best sounds of its kind, one a layer. */
static void
cast_actor (Director * d, Actor * actor)
{
  const Sound *sounds[6];
  float scores[6];
  gboolean taken[FOLEY_N_LAYERS] = { FALSE };
  guint n, i;

  actor->cast = TRUE;
  if (!actor->object.class_name)
    return;
  n = memory_find_all (d->memory, actor->object.class_name, SOUND_THING, LIKE,
      sounds, scores, 6);
  for (i = 0; i < n && scores[i] > scores[0] - NEARLY; i++) {
    if (taken[sounds[i]->layer] || sounds[i]->plays == SOUND_WHEN_TRIGGERED)
      continue;
    taken[sounds[i]->layer] = TRUE;
    start_sound (d, actor, sounds[i]);
  }
}

static void
lead_sources (Director * d, Actor * actor)
{
  gboolean still = is_still (d, actor);
  SourceState state;
  guint i;

  get_state (actor, &state);
  for (i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (s->id != actor->object.id || s->role == SOURCE_BED
        || s->role == SOURCE_WORDS)
      continue;
    if (s->role == SOURCE_THING) {
      if (s->silent_of_late && !still && actor->seen)
        tell_in_sight (d, s);
      s->silent_of_late = still;
      source_fade (s, actor->seen && !still, actor->seen && !still ? FADE_IN
          : FADE_OUT, d->rate);
      source_move (s, &state, d->before, d->seen);
    } else if (s->role == SOURCE_ONCE) {
      SourceState own = s->to;
      own.place = actor->place;
      own.place.gain = s->to.place.gain;
      source_move (s, &own, d->before, d->seen);
    }
  }
}

/* Its sounds fade, then nothing is left of it. */
static gboolean
forget (gpointer key, gpointer value, gpointer data)
{
  Actor *actor = value;
  Director *d = data;

  if (actor->seen)
    return FALSE;
  lead_sources (d, actor);
  for (guint i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (s->role == SOURCE_THING && s->id == actor->object.id)
      s->id = 0;
  }
  return TRUE;
}

/* Large things first: words name what is large before what is a speck. */
static int
compare_areas (gconstpointer a, gconstpointer b)
{
  const SceneObject *one = *(const SceneObject * const *) a;
  const SceneObject *two = *(const SceneObject * const *) b;
  float x = (one->x1 - one->x0) * (one->y1 - one->y0);
  float y = (two->x1 - two->x0) * (two->y1 - two->y0);

  return (x < y) - (x > y);
}

void
director_cast (Director * d, const Scene * scene)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer actor;
  guint i;

  g_hash_table_iter_init (&iter, d->actors);
  while (g_hash_table_iter_next (&iter, NULL, &actor))
    ((Actor *) actor)->seen = FALSE;
  for (i = 0; i < scene->n_objects; i++)
    g_ptr_array_add (objects, (gpointer) & scene->objects[i]);
  g_ptr_array_sort (objects, compare_areas);
  for (i = 0; i < objects->len; i++) {
    const SceneObject *object = objects->pdata[i];
    Actor *one = get_or_make_actor (d, object->id);
    update_actor (d, one, object, d->aspect);
    if (!one->cast)
      cast_actor (d, one);
    lead_sources (d, one);
  }
  g_hash_table_foreach_remove (d->actors, forget, d);
}

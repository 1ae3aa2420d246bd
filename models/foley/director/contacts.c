/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contacts.c: what things do to each other and to the ground, as sounds. */

#include <math.h>

#include "director.h"
#include "models/foley/shape/physics/materials.h"

/* Impacts, rolling, sliding, steps and splashes have a sound whatever it is; the
 * others only if one is meant for such a thing: cosines. */
#define ANY -1.f
#define MEANT 0.55f
#define FADE_IN 0.05f
#define FADE_OUT 0.12f
/* Of what is met where nothing is known of it. */
#define STANDARD_GROUND MATERIAL_EARTH

static const char *const deeds[] = {
  [CONTACT_IMPACT] = "hits",
  [CONTACT_ROLL] = "rolls on",
  [CONTACT_SLIDE] = "slides on",
  [CONTACT_STEP] = "footsteps on",
  [CONTACT_SPLASH] = "splashes into",
  [CONTACT_START] = "starts on",
  [CONTACT_STOP] = "stops on",
  [CONTACT_PASS] = "passes by on",
};

static gboolean
lasts (ContactKind kind)
{
  return kind == CONTACT_ROLL || kind == CONTACT_SLIDE;
}

/* A thing of @speed m/s that stops within its contact; the force of a step or
 * of rolling is its weight. */
static void
get_state (const Actor * actor, const SceneContact * contact,
    const Material materials[2], SourceState * state)
{
  source_state_init (state);
  state->place.azimuth = director_get_azimuth (director_clamp (contact->x,
          -0.5f, 1.5f));
  state->place.distance = actor ? actor->place.distance : contact->depth;
  state->place.distance = director_clamp (state->place.distance, 0.3f, 80);
  state->values[VOICE_SPEED] = director_clamp (contact->speed
      * (actor ? actor->scale : 1), 0, 300);
  state->values[VOICE_HARDNESS] =
      material_get_effective_modulus (materials[0], materials[1]);
  if (contact->restitution >= 0)
    state->values[VOICE_RESTITUTION] = MIN (contact->restitution, 1);
  if (!actor)
    return;
  state->values[VOICE_SIZE] = actor->size;
  state->values[VOICE_MASS] = actor->mass;
  state->values[VOICE_FORCE] = actor->mass * 9.81f;
  state->values[VOICE_EFFORT] = actor->effort;
}

static void
get_materials (Director * d, const SceneContact * contact, Material out[2])
{
  const Actor *own = director_get_actor (d, contact->id);
  const Actor *other = director_get_actor (d, contact->other);

  out[0] = own ? own->material : MATERIAL_UNKNOWN;
  out[1] = contact->kind == CONTACT_SPLASH ? MATERIAL_WATER
      : other ? other->material : contact->ground;
  if (out[1] == MATERIAL_UNKNOWN)
    out[1] = STANDARD_GROUND;
}

/* Words that its sound is looked for by. */
static char *
describe (const Actor * actor, const SceneContact * contact,
    const Material materials[2])
{
  const char *name = actor && actor->object.class_name ?
      actor->object.class_name : "thing";
  const char *other = material_get_name (materials[1]);

  if (contact->kind == CONTACT_STEP && !(actor && actor->object.class_name))
    return g_strdup_printf ("footsteps of a person who walks on %s", other);
  if (contact->kind == CONTACT_IMPACT && actor && actor->nature.alive)
    return g_strdup_printf ("body, an animal falls on %s", other);
  if (!actor || actor->material == MATERIAL_UNKNOWN)
    return g_strdup_printf ("%s %s %s", name, deeds[contact->kind], other);
  return g_strdup_printf ("%s %s %s %s", material_get_name (materials[0]),
      name, deeds[contact->kind], other);
}

static void
tell (Director * d, const Source * s, const SceneContact * contact,
    guint64 sample)
{
  g_autofree char *why = g_strdup_printf ("%s of %s on %s at %.1f m/s",
      contact_kind_get_name (contact->kind),
      s->class_name ? s->class_name : "a thing",
      material_get_name (s->materials[1]), s->to.values[VOICE_SPEED]);

  director_note (d, s, sample, why);
}

static const Sound *
find_sound (Director * d, const Actor * actor, const SceneContact * contact,
    const char *words)
{
  gboolean needed = contact->kind <= CONTACT_SPLASH;

  if (!needed && !(actor && actor->object.class_name))
    return NULL;
  return memory_find_contact (d->memory, words, contact->kind,
      needed ? ANY : MEANT, NULL);
}

/* Rolling and sliding that goes on already, or is over: FALSE where it begins. */
static gboolean
carry_on (Director * d, const SceneContact * contact)
{
  Source *s = director_find (d, SOURCE_CONTACT, contact->id, contact->kind,
      NULL);

  if (s)
    source_fade (s, contact->speed > 0, contact->speed > 0 ? FADE_IN : FADE_OUT,
        d->rate);
  return s || contact->speed <= 0;
}

/* What has a sound of moving of its own does not roll or slide besides; nothing
 * that lives rolls. */
static gboolean
moves_by_itself (Director * d, const Actor * actor)
{
  guint i;

  if (actor && actor->nature.alive)
    return TRUE;
  for (i = 0; actor && i < d->sources->len; i++) {
    const Source *s = d->sources->pdata[i];
    if (s->role == SOURCE_THING && s->id == actor->object.id
        && s->sound->layer == FOLEY_LAYER_MOVEMENT)
      return TRUE;
  }
  return FALSE;
}

/* Where words say what there is, what is none of it is no thing but an accident
 * of sight. */
static gboolean
is_nobody (const Director * d, const Actor * actor)
{
  return d->classes && d->classes[0] && actor && !actor->object.class_name;
}

static void
hear (Director * d, const SceneContact * contact)
{
  const Actor *actor = director_get_actor (d, contact->id);
  guint64 latency = mixer_get_latency (d->mixer);
  guint64 sample = MAX (director_to_sample (contact->time, d->rate),
      d->position + latency);   /* what is told too late sounds too late */
  SourceState state;
  SourceOrder order = {
    .role = lasts (contact->kind) ? SOURCE_CONTACT : SOURCE_ONCE,
    .id = contact->id,.kind = contact->kind,
    .class_name = actor ? actor->object.class_name : NULL,.state = &state,
    .start = sample - latency
  };
  g_autofree char *words = NULL;
  Source *s;

  if (is_nobody (d, actor))
    return;
  if (lasts (contact->kind) && (carry_on (d, contact)
          || moves_by_itself (d, actor)))
    return;
  get_materials (d, contact, order.materials);
  get_state (actor, contact, order.materials, &state);
  words = describe (actor, contact, order.materials);
  order.sound = find_sound (d, actor, contact, words);
  order.stem = actor ? actor->stem : director_take_stem (d);
  if (!order.sound || !(s = director_add (d, &order)))
    return;
  s->trigger = order.start;
  tell (d, s, contact, sample);
}

/* What goes on goes where its thing goes, as fast. */
static void
lead (Director * d, Source * s)
{
  const Actor *actor = director_get_actor (d, s->id);
  SourceState state = s->to;

  if (!actor || !actor->seen) {
    source_fade (s, 0, FADE_OUT, d->rate);
    return;
  }
  state.place = actor->place;
  state.values[VOICE_SPEED] = actor->speed;
  state.values[VOICE_EFFORT] = actor->effort;
  source_move (s, &state, d->before, d->seen);
}

void
director_hear_contacts (Director * d, const Scene * scene)
{
  guint i;

  for (i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (s->role == SOURCE_CONTACT)
      lead (d, s);
  }
  for (i = 0; i < scene->n_contacts; i++)
    hear (d, &scene->contacts[i]);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* beds.c: what surroundings sound like: the place, weather, water, fire. */

#include "director.h"

/* A place is believed if it is seen so surely, for so long, s; a cut or the
 * first frame is believed at once. */
#define SURE 0.4f
#define SEEN_FOR 0.75
#define FADE 0.8f
#define LIKE 0.45f
/* Less of something is not heard.  Specks of other things are taken for a little
 * snow; rain is taken for rain and snow. */
#define LITTLE 0.12f
#define LITTLE_SNOW 0.5f
#define SNOW_FOR 1.5            /* s, that it is averaged over */
#define BED_DISTANCE 4.f

typedef enum
{
  BED_PLACE = 1,
  BED_RAIN,
  BED_SNOW,
  BED_WIND,
  BED_WATER,
  BED_FIRE
} Bed;

static void
get_state (float amount, float width, SourceState * state)
{
  source_state_init (state);
  state->place.distance = BED_DISTANCE;
  state->place.gain = BED_DISTANCE;     /* its level is meant as it is heard */
  state->place.width = width;
  state->values[VOICE_AMOUNT] = amount;
  state->values[VOICE_EFFORT] = amount;
}

/* The sound that @words mean, which goes on from now; NULL where there is none. */
static const Sound *
lay (Director * d, Bed bed, const char *words, float amount)
{
  const Sound *sound = memory_find (d->memory, words, SOUND_SURROUNDINGS, LIKE,
      NULL);
  SourceState state;
  SourceOrder order = {
    .sound = sound,.role = SOURCE_BED,.id = bed,.state = &state,
    .start = d->before
  };
  Source *s;

  if (!sound)
    return NULL;
  get_state (amount, 1, &state);
  if ((s = director_find (d, SOURCE_BED, bed, 0, sound))) {
    source_move (s, &state, d->before, d->seen);
    source_fade (s, 1, FADE, d->rate);
    return sound;
  }
  order.stem = director_take_stem (d);
  if (!(s = director_add (d, &order)))
    return sound;
  s->fade = d->before == 0;     /* what is there from the first is heard so */
  source_fade (s, 1, FADE, d->rate);
  director_note (d, s, d->before, words);
  return sound;
}

/* Others of the same bed fade. */
static void
lift (Director * d, Bed bed, const Sound * but)
{
  guint i;

  for (i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (s->role == SOURCE_BED && s->id == bed && s->sound != but)
      source_fade (s, 0, FADE, d->rate);
  }
}

static void
lay_amount (Director * d, Bed bed, const char *words, float amount)
{
  if (amount > LITTLE)
    lay (d, bed, words, amount);
  else
    lift (d, bed, NULL);
}

/* The place that is to be heard: a new one only after a while. */
static void
settle_place (Director * d, const Scene * scene)
{
  const SceneSurroundings *s = &scene->surroundings;
  const char *place = s->confidence >= SURE ? s->place : NULL;

  if (place && s->night) {
    g_autofree char *words = g_strdup_printf ("%s at night", place);
    place = g_intern_string (words);
  }
  if (place != d->place_next) {
    d->place_next = place;
    d->place_since = d->seen;
  }
  if (scene->cut || d->seen - d->place_since >= SEEN_FOR * d->rate
      || (!d->bed_place && d->before == 0))
    d->bed_place = d->place_next;
}

void
director_lay_beds (Director * d, const Scene * scene)
{
  const SceneSurroundings *s = &scene->surroundings;
  const Sound *of_place = NULL;

  settle_place (d, scene);
  if (d->bed_place)
    of_place = lay (d, BED_PLACE, d->bed_place, 1);
  lift (d, BED_PLACE, of_place);
  lay_amount (d, BED_RAIN, "rain", s->rain);
  d->snow += (s->snow - d->snow)
      * (1 - exp (-(double) (d->seen - d->before) / (SNOW_FOR * d->rate)));
  lay_amount (d, BED_SNOW, "falling snow",
      d->snow > LITTLE_SNOW && s->rain <= LITTLE ? d->snow : 0);
  lay_amount (d, BED_WIND, "wind", s->wind);
  lay_amount (d, BED_WATER, "water, waves", s->water);
  lay_amount (d, BED_FIRE, "fire", s->fire);
  mixer_set_room (d->mixer, room_of_place (d->bed_place, s->indoors));
}

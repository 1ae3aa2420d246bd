/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source.c: one sound at its place. */

#include <string.h>

#include "source.h"

/* Of what is called for now and then, if the recipe does not say: s. */
#define EVERY_LEAST 3.f
#define EVERY_MOST 9.f
/* The first call comes sooner. */
#define FIRST_CALL 0.1f

void
source_state_init (SourceState * state)
{
  *state = (SourceState) {
    .place = {.distance = 2,.gain = 1 },.values = {
      [VOICE_SIZE] = 0.3f,[VOICE_MASS] = 1,[VOICE_FORCE] = 10,
      [VOICE_HARDNESS] = 1e9f,[VOICE_RESTITUTION] = 0.5f,
      [VOICE_AMOUNT] = 1,[VOICE_EFFORT] = 0.5f
    }
  };
}

/* Seconds to the next call: sooner of what makes an effort. */
static double
draw_pause (Source * s)
{
  const float *every = s->sound->every;
  double least = every[1] > 0 ? every[0] : EVERY_LEAST;
  double most = every[1] > 0 ? every[1] : EVERY_MOST;
  double effort = s->to.values[VOICE_EFFORT];

  return g_rand_double_range (s->random, least, MAX (most, least + 0.01))
      / (0.5 + effort);
}

Source *
source_new (const Sound * sound, Mixer * mixer, guint rate,
    const Material materials[2], guint stem, guint64 seed)
{
  g_autoptr (Voice) voice =
      voice_new (sound->patch, rate, materials, seed, NULL);
  Source *s;

  if (!voice)
    return NULL;
  s = g_new0 (Source, 1);
  s->sound = sound;
  s->materials[0] = materials[0];
  s->materials[1] = materials[1];
  s->stem = stem;
  s->voice = g_steal_pointer (&voice);
  s->strip = strip_new (mixer, stem);
  s->random = g_rand_new_with_seed (seed ^ seed >> 32);
  s->level = sound_get_gain (sound);
  s->fade = s->fade_to = 1;
  s->trigger = G_MAXUINT64;
  s->strength = 1;
  source_state_init (&s->from);
  source_state_init (&s->to);
  return s;
}

void
source_free (Source * s)
{
  voice_free (s->voice);
  strip_free (s->strip);
  g_rand_free (s->random);
  g_free (s);
}

static float
mix (float a, float b, float share)
{
  return a + share * (b - a);
}

static void
get_state (const Source * s, guint64 time, SourceState * out)
{
  const SourceState *a = &s->from, *b = &s->to;
  float share = time >= s->to_time ? 1 : time <= s->from_time ? 0
      : (float) (time - s->from_time) / (s->to_time - s->from_time);
  guint i;

  out->place = (Place) {
    .azimuth = mix (a->place.azimuth, b->place.azimuth, share),.elevation =
        mix (a->place.elevation, b->place.elevation, share),.distance =
        mix (a->place.distance, b->place.distance, share),.gain =
        mix (a->place.gain, b->place.gain, share),.width =
        mix (a->place.width, b->place.width, share)
  };
  for (i = 0; i < VOICE_N_VARIABLES; i++)
    out->values[i] = mix (a->values[i], b->values[i], share);
}

void
source_move (Source * s, const SourceState * state, guint64 now, guint64 then)
{
  SourceState here = *state;

  if (s->begun)
    get_state (s, now, &here);
  s->from = here;
  s->to = *state;
  s->from_time = now;
  s->to_time = MAX (then, now);
}

void
source_fade (Source * s, float to, float seconds, guint rate)
{
  s->fade_to = to;
  s->fade_step = FOLEY_QUANTUM / (seconds * rate);
}

/* Variables that a voice may read; its age and its chance it knows itself. */
static void
set_variables (Source * s, const SourceState * state)
{
  guint i;

  for (i = 0; i < VOICE_AGE; i++)
    voice_set (s->voice, i, state->values[i]);
}

static gboolean
fire (Source * s, guint rate, guint64 time)
{
  if (s->sound->plays == SOUND_NOW_AND_THEN && s->trigger == G_MAXUINT64
      && s->role != SOURCE_ONCE) {
    double pause = draw_pause (s) * (s->begun ? 1 : FIRST_CALL);
    s->trigger = time + pause * rate;
  }
  if (s->trigger >= time + FOLEY_QUANTUM)
    return FALSE;
  if (!s->silent_of_late && s->fade_to > 0)
    voice_trigger (s->voice, s->trigger > time ? s->trigger - time : 0,
        s->strength);
  s->trigger = G_MAXUINT64;
  return !s->silent_of_late;
}

static gboolean
is_faded (const Source * s)
{
  return s->fade == 0 && s->fade_to == 0;
}

gboolean
source_render (Source * s, Mixer * mixer, guint rate, float layer_gain,
    guint64 time)
{
  float block[FOLEY_QUANTUM];
  SourceState state;
  gboolean fired;

  get_state (s, time + FOLEY_QUANTUM, &state);
  set_variables (s, &state);
  fired = fire (s, rate, time);
  s->begun = TRUE;
  s->fade += CLAMP (s->fade_to - s->fade, -s->fade_step, s->fade_step);
  if (is_faded (s))
    memset (block, 0, sizeof block);
  else
    voice_render (s->voice, block);
  state.place.gain *= s->level * s->fade * layer_gain;
  mixer_add (mixer, s->strip, block, &state.place);
  return fired;
}

gboolean
source_is_over (const Source * s)
{
  gboolean done = s->role == SOURCE_ONCE
      ? s->begun && s->trigger == G_MAXUINT64 && voice_is_silent (s->voice)
      : is_faded (s) && (s->role != SOURCE_THING || s->id == 0);

  return done && strip_is_silent (s->strip);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mixer.c: what all strips give, in their room, as loud as it should be and no
 * louder than it may be. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/level.h"
#include "models/foley/mix/limiter.h"
#include "models/foley/mix/loudness.h"
#include "models/foley/mix/mixer.h"
#include "models/foley/mix/reverb.h"
#include "models/foley/mix/room.h"
#include "models/foley/mix/spread.h"
#include "models/foley/mix/strip.h"

#define SILENT 3.16e-5f         /* -90 dBFS */

/* A stem; all that is heard, where there are none. */
typedef struct
{
  Bus bus;
  gboolean used;                /* by a strip, in this quantum */
  Reverb *reverb;
  Spread *spread;
  float now[FOLEY_MAX_CHANNELS][FOLEY_QUANTUM];
  /* The quantum before, which is what comes out. */
  float last[FOLEY_MAX_CHANNELS][FOLEY_QUANTUM];
  gboolean sounds, sounded;     /* now and last are not all 0 */
} Group;

struct _Mixer
{
  Stage stage;
  Room room;
  Group *groups;
  guint n_groups;
  Loudness *loudness;
  Limiter *limiter;
  float gain;                   /* of loudness, at the end of the last quantum */
  float peak;                   /* of what comes out in the next quantum */
};

static gboolean
check_options (const MixerOptions * options, GError ** error)
{
  if (options->rate < FOLEY_MIN_RATE || options->rate > FOLEY_MAX_RATE) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
        "a rate of %u Hz is not supported; %u to %u are", options->rate,
        FOLEY_MIN_RATE, FOLEY_MAX_RATE);
    return FALSE;
  }
  if ((guint) options->layout > FOLEY_LAYOUT_BINAURAL) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
        "layout %d is none; mono, stereo, 5.1, ambisonic and binaural are 0 "
        "to %d", options->layout, FOLEY_LAYOUT_BINAURAL);
    return FALSE;
  }
  if (options->n_stems > FOLEY_MAX_STEMS) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
        "%u stems are too many; %u are not", options->n_stems, FOLEY_MAX_STEMS);
    return FALSE;
  }
  if (!(options->peak >= -60 && options->peak <= 0)
      || !(options->loudness >= -70 && options->loudness <= 0)) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
        "a peak of %g dBFS or a loudness of %g LUFS is not supported; -60 to 0 "
        "and -70 to 0 are", options->peak, options->loudness);
    return FALSE;
  }
  return TRUE;
}

Mixer *
mixer_new (const MixerOptions * options, GError ** error)
{
  g_autoptr (Mixer) mixer = NULL;
  guint i;

  if (!check_options (options, error))
    return NULL;
  mixer = g_new0 (Mixer, 1);
  mixer->stage.rate = options->rate;
  mixer->stage.layout = options->layout;
  mixer->stage.channels = foley_layout_get_channels (options->layout);
  mixer->stage.n_stems = options->n_stems;
  air_init (&mixer->stage.air, options->rate);
  if (options->layout == FOLEY_LAYOUT_BINAURAL) {
    mixer->stage.head = head_new (options->rate, options->hrtf, error);
    if (mixer->stage.head == NULL)
      return NULL;
  }
  mixer->n_groups = MAX (1, options->n_stems);
  mixer->groups = g_new0 (Group, mixer->n_groups);
  for (i = 0; i < mixer->n_groups; i++) {
    mixer->groups[i].reverb = reverb_new (options->rate, options->layout);
    mixer->groups[i].spread = spread_new (options->rate, options->layout);
  }
  mixer->loudness = loudness_new (options->rate, options->layout);
  loudness_set_target (mixer->loudness, options->loudness);
  mixer->limiter = limiter_new (options->rate, mixer->stage.channels,
      options->peak);
  mixer->gain = 1;
  return g_steal_pointer (&mixer);
}

void
mixer_free (Mixer * mixer)
{
  guint i;

  for (i = 0; i < mixer->n_groups; i++) {
    reverb_free (mixer->groups[i].reverb);
    spread_free (mixer->groups[i].spread);
  }
  g_free (mixer->groups);
  g_clear_pointer (&mixer->stage.head, head_free);
  g_clear_pointer (&mixer->loudness, loudness_free);
  g_clear_pointer (&mixer->limiter, limiter_free);
  g_free (mixer);
}

const Stage *
mixer_get_stage (const Mixer * mixer)
{
  return &mixer->stage;
}

void
mixer_set_room (Mixer * mixer, Room room)
{
  guint i;

  g_return_if_fail ((guint) room < N_ROOMS);
  mixer->room = room;
  mixer->stage.rt60 = room_get_rt60 (room);
  for (i = 0; i < mixer->n_groups; i++)
    reverb_set_room (mixer->groups[i].reverb, room);
}

void
mixer_set_loudness (Mixer * mixer, float loudness)
{
  loudness_set_target (mixer->loudness, isfinite (loudness) ?
      CLAMP (loudness, -70, 0) : 0);
}

void
mixer_begin (Mixer * mixer)
{
  guint i;

  for (i = 0; i < mixer->n_groups; i++)
    if (mixer->groups[i].used) {
      memset (&mixer->groups[i].bus, 0, sizeof (Bus));
      mixer->groups[i].used = FALSE;
    }
}

void
mixer_add (Mixer * mixer, Strip * strip, const float in[FOLEY_QUANTUM],
    const Place * place)
{
  Group *group = &mixer->groups[strip_get_stem (strip)];

  strip_run (strip, in, place, &group->bus);
  group->used |= !strip_is_silent (strip);
}

/* The sound of a group in this quantum: direct, of the room and diffuse. */
static void
run_group (const Mixer * mixer, Group * group)
{
  guint c;

  if (group->sounds || group->used)
    memcpy (group->now, group->bus.dry, sizeof group->now);
  reverb_run (group->reverb, group->bus.send, group->now);
  spread_run (group->spread, group->bus.spread, group->now);
  group->sounds = FALSE;
  for (c = 0; c < mixer->stage.channels && !group->sounds; c++)
    group->sounds = level_get_peak (group->now[c]) > 0;
}

static void
sum_groups (const Mixer * mixer, float (*sum)[FOLEY_QUANTUM])
{
  guint g, c, i;

  memset (sum, 0, FOLEY_MAX_CHANNELS * sizeof *sum);
  for (g = 0; g < mixer->n_groups; g++) {
    const Group *group = &mixer->groups[g];

    for (c = 0; c < mixer->stage.channels && group->sounds; c++)
      for (i = 0; i < FOLEY_QUANTUM; i++)
        sum[c][i] += group->now[c][i];
  }
}

static void
scale (float (*x)[FOLEY_QUANTUM], guint channels, const float *gains)
{
  guint c, i;

  for (c = 0; c < channels; c++)
    for (i = 0; i < FOLEY_QUANTUM; i++)
      x[c][i] *= gains[i];
}

/* Steers the loudness of @sum and of all groups. */
static void
steer (Mixer * mixer, float (*sum)[FOLEY_QUANTUM])
{
  float to = loudness_run (mixer->loudness, sum), from = mixer->gain;
  float gains[FOLEY_QUANTUM];
  guint channels = mixer->stage.channels, g, i;

  mixer->gain = to;
  if (from == 1 && to == 1)
    return;
  for (i = 0; i < FOLEY_QUANTUM; i++)
    gains[i] = from + (to - from) * (float) (int) (i + 1) / FOLEY_QUANTUM;
  scale (sum, channels, gains);
  for (g = 0; g < mixer->n_groups; g++)
    if (mixer->groups[g].sounds)
      scale (mixer->groups[g].now, channels, gains);
}

/* What was kept of a group, to @stem or added to @mix, or both. */
static void
put_out (const Mixer * mixer, Group * group, const float *gains,
    float *const *mix, float *const *stem)
{
  guint c, i;

  for (c = 0; c < mixer->stage.channels; c++) {
    if (stem != NULL)
      memset (stem[c], 0, FOLEY_QUANTUM * sizeof (float));
    if (!group->sounded)
      continue;
    for (i = 0; i < FOLEY_QUANTUM; i++)
      mix[c][i] += group->last[c][i] * gains[i];
    for (i = 0; i < FOLEY_QUANTUM && stem != NULL; i++)
      stem[c][i] = group->last[c][i] * gains[i];
  }
  if (group->sounds)
    memcpy (group->last, group->now, sizeof group->last);
  group->sounded = group->sounds;
}

void
mixer_end (Mixer * mixer, float *const *mix, float *const *const *stems)
{
  float sum[FOLEY_MAX_CHANNELS][FOLEY_QUANTUM], gains[FOLEY_QUANTUM];
  guint channels = mixer->stage.channels, g, c, i;

  for (g = 0; g < mixer->n_groups; g++)
    run_group (mixer, &mixer->groups[g]);
  sum_groups (mixer, sum);
  steer (mixer, sum);
  if (!limiter_run (mixer->limiter, sum, gains))
    for (i = 0; i < FOLEY_QUANTUM; i++)
      gains[i] = 1;
  mixer->peak = 0;
  for (c = 0; c < channels; c++) {
    memset (mix[c], 0, FOLEY_QUANTUM * sizeof (float));
    mixer->peak = MAX (mixer->peak, level_get_peak (sum[c]));
  }
  for (g = 0; g < mixer->n_groups; g++)
    put_out (mixer, &mixer->groups[g], gains, mix,
        stems == NULL || mixer->stage.n_stems == 0 ? NULL : stems[g]);
}

gboolean
mixer_is_silent (const Mixer * mixer)
{
  guint i;

  for (i = 0; i < mixer->n_groups; i++)
    if (!reverb_is_silent (mixer->groups[i].reverb)
        || !spread_is_silent (mixer->groups[i].spread))
      return FALSE;
  return mixer->peak < SILENT;
}

guint
mixer_get_latency (const Mixer * mixer)
{
  return LIMITER_LATENCY;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* strip.c: a source on its way: through the air, later and weaker the farther it
 * is, to the channels, the room and the diffuse field. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/delay.h"
#include "models/foley/mix/pan.h"
#include "models/foley/mix/strip.h"

#define NEAREST 0.5             /* m: no louder than here */
#define FARTHEST 100000.0       /* m */
#define LOUDEST 1000.0f         /* gain and samples, +60 dB */
#define FAINTEST 1e-15f         /* samples */
#define EASE 0.01               /* s: time constant of gains and the like */
#define GLIDE 0.015             /* s: that of the delay */
#define JUMP_TIME 0.02          /* s: of the crossfade after a jump */
/* A delay that changes faster than this (s a second; 103 m/s) has jumped. */
#define MAX_SLOPE 0.3
#define TURN_TIME 0.005         /* s: from one direction's HRIRs to another's */

/* What goes smoothly to where it should be. */
enum
{
  AT_SEND = FOLEY_MAX_CHANNELS, /* before it: gains of the channels */
  AT_SPREAD,
  AT_ITD,                       /* samples */
  AT_DISTANCE,                  /* m */
  N_AT
};

struct _Strip
{
  const Stage *stage;
  guint stem;
  gboolean started;
  guint ring, quiet;            /* samples: that it rings, that it was silent */

  DelayLine line;
  float low;                    /* of the air's low-pass */
  float at[N_AT];

  /* Samples.  What is heard now left the source `delay` ago: so its place then
   * decides, and delays that would have been are kept. */
  double delay, old_delay, wanted;
  guint jump;                   /* samples left of a crossfade from old_delay */
  float *past;                  /* [past_mask + 1], a quantum each */
  guint past_mask, past_head;

  const float *filter, *old_filter;
  guint turn;                   /* samples left of a crossfade between them */
  float heard[HEAD_MAX_TAPS + FOLEY_QUANTUM];
};

Strip *
strip_new (Mixer * mixer, guint stem)
{
  const Stage *stage = mixer_get_stage (mixer);
  guint longest = (guint) ((air_get_delay (FARTHEST) + PAN_ITD) * stage->rate);
  guint size = 4;
  Strip *strip;

  g_return_val_if_fail (stage->n_stems == 0 || stem < stage->n_stems, NULL);
  strip = g_new0 (Strip, 1);
  strip->stage = stage;
  strip->stem = stage->n_stems == 0 ? 0 : stem;
  delay_init (&strip->line, longest + DELAY_TAPS);
  strip->ring = longest + DELAY_TAPS + HEAD_MAX_TAPS + FOLEY_QUANTUM;
  strip->quiet = strip->ring;
  while (size < longest / FOLEY_QUANTUM + 3)
    size *= 2;
  strip->past = g_new0 (float, size);
  strip->past_mask = size - 1;
  return strip;
}

void
strip_free (Strip * strip)
{
  delay_free (&strip->line);
  g_free (strip->past);
  g_free (strip);
}

guint
strip_get_stem (const Strip * strip)
{
  return strip->stem;
}

gboolean
strip_is_silent (const Strip * strip)
{
  return strip->quiet >= strip->ring;
}

static float
clean (float value, float least, float most, float other)
{
  return isfinite (value) ? CLAMP (value, least, most) : other;
}

static Place
clean_place (const Place * place)
{
  return (Place) {
  .azimuth = clean (place->azimuth, -1000, 1000, 0),.elevation =
        clean (place->elevation, (float) -G_PI_2, (float) G_PI_2,
        0),.distance = clean (place->distance, 0.01f, FARTHEST, 1),.gain =
        clean (place->gain, -LOUDEST, LOUDEST, 0),.width =
        clean (place->width, 0, 1, 0),};
}

/* Where all should be at @place.  The reverberant sound falls by
 * exp (-0.04 r / RT60) in power (Barron and Lee, Energy relations in concert
 * auditoriums, 1988, eq. 3). */
static void
aim (const Stage * stage, const Place * place, float at[N_AT])
{
  float direct = place->gain / (float) MAX (place->distance, NEAREST);
  float point = direct * sqrtf (1 - place->width), itd;
  guint c;

  pan_get_gains (stage->layout, place->azimuth, place->elevation, at, &itd);
  for (c = 0; c < FOLEY_MAX_CHANNELS; c++)
    at[c] *= point;
  at[AT_SEND] = stage->rt60 <= 0 ? 0 : (float) ((1 - place->width) *
      place->gain * exp (-0.02 * place->distance / stage->rt60));
  at[AT_SPREAD] = direct * sqrtf (place->width);
  at[AT_ITD] = itd * stage->rate;
  at[AT_DISTANCE] = place->distance;
}

static float
get_ease (const Stage * stage, double time)
{
  return (float) (1 - exp (-FOLEY_QUANTUM / (time * stage->rate)));
}

/* Samples at the end of this quantum, if nothing had to be smooth: the delay of
 * where the source was when it made what is heard now. */
static double
recall_delay (Strip * strip, double delay)
{
  double ago = MIN (strip->delay / FOLEY_QUANTUM, strip->past_mask - 1);
  guint whole = (guint) ago, mask = strip->past_mask;
  double part = ago - whole, a, b;

  strip->past_head = (strip->past_head + 1) & mask;
  strip->past[strip->past_head] = (float) delay;
  a = strip->past[(strip->past_head - whole) & mask];
  b = strip->past[(strip->past_head - whole - 1) & mask];
  return a + (b - a) * part;
}

/* Samples: what all crossfades of @time last, a number of quanta. */
static guint
get_fade (const Strip * strip, double time)
{
  return ((guint) (time * strip->stage->rate) / FOLEY_QUANTUM + 1) *
      FOLEY_QUANTUM;
}

/* Moves the delay towards where it should be, or begins a crossfade to there;
 * returns that at the beginning of the quantum. */
static double
move_delay (Strip * strip, double delay)
{
  double most = MAX_SLOPE * FOLEY_QUANTUM, before = strip->delay;
  double wanted, step;

  wanted = recall_delay (strip, delay);
  wanted = MAX (DELAY_LEAST, wanted);
  if (fabs (wanted - strip->wanted) > most) {
    if (strip->jump > 0)
      return before;
    strip->jump = get_fade (strip, JUMP_TIME);
    strip->old_delay = before;
    strip->delay = before = wanted;
  }
  strip->wanted = wanted;
  step = (wanted - strip->delay) * get_ease (strip->stage, GLIDE);
  if (fabs (wanted - strip->delay) < 1e-3)
    step = wanted - strip->delay;
  strip->delay += CLAMP (step, -most, most);
  return before;
}

/* Nothing of it is heard yet: all may be where it should be at once. */
static void
start (Strip * strip, const float at[N_AT], double delay, const float *filter)
{
  guint i;

  memcpy (strip->at, at, sizeof strip->at);
  strip->delay = strip->wanted = MAX (DELAY_LEAST, delay);
  for (i = 0; i <= strip->past_mask; i++)
    strip->past[i] = (float) delay;
  strip->jump = strip->turn = 0;
  strip->filter = strip->old_filter = filter;
  memset (strip->heard, 0, sizeof strip->heard);
  strip->low = 0;
  strip->started = TRUE;
}

static void
write_input (Strip * strip, const float *in)
{
  float pole = air_get_pole (&strip->stage->air, strip->at[AT_DISTANCE]);
  float x[FOLEY_QUANTUM], low = strip->low;
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    low = (1 - pole) * in[i] + pole * low;
    x[i] = low;
  }
  strip->low = fabsf (low) < 1e-20f ? 0 : low;
  delay_write (&strip->line, x);
}

/* One quantum, @from to @to samples later than the delay. */
static void
read_delayed (const Strip * strip, double before, float from, float to,
    float out[FOLEY_QUANTUM])
{
  guint length = get_fade (strip, JUMP_TIME);
  float old[FOLEY_QUANTUM];
  guint i;

  delay_read (&strip->line, before + from, strip->delay + to, out);
  if (strip->jump == 0)
    return;
  delay_read (&strip->line, strip->old_delay + from, strip->old_delay + to,
      old);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float left = (float) (strip->jump - i - 1) / length;
    float fade = left * left * (3 - 2 * left);

    out[i] += fade * (old[i] - out[i]);
  }
}

static void
add_ramped (float *out, const float *x, float from, float to)
{
  float step = (to - from) / FOLEY_QUANTUM;
  guint i;

  if (from == 0 && to == 0)
    return;
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] += (from + step * (float) (int) (i + 1)) * x[i];
}

/* Through the filters of the direction; while it turns, through two. */
static void
add_binaural (Strip * strip, const float *x, float from, float to, Bus * bus)
{
  const Head *head = strip->stage->head;
  guint length = get_fade (strip, TURN_TIME);
  float *heard = strip->heard + head->taps - 1, y[FOLEY_QUANTUM];
  guint ear, i;

  memset (heard, 0, FOLEY_QUANTUM * sizeof (float));
  add_ramped (heard, x, from, to);
  for (ear = 0; ear < 2; ear++) {
    float *out = bus->dry[ear];
    guint first = ear * head->taps;

    head_convolve (head, strip->filter + first, strip->heard, y);
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] += y[i] * (1 - (float) strip->turn / length);
    if (strip->turn == 0)
      continue;
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] += y[i] * (float) (int) (i + 1) / length;
    head_convolve (head, strip->old_filter + first, strip->heard, y);
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] += y[i] * (float) (int) (strip->turn - i - 1) / length;
  }
  strip->turn -= MIN (strip->turn, FOLEY_QUANTUM);
  memmove (strip->heard, strip->heard + FOLEY_QUANTUM,
      (head->taps - 1) * sizeof (float));
}

/* Another direction's filters, once the last crossfade is over. */
static void
turn_to (Strip * strip, const float *filter)
{
  if (strip->turn > 0 || filter == strip->filter)
    return;
  strip->turn = get_fade (strip, TURN_TIME);
  strip->old_filter = strip->filter;
  strip->filter = filter;
}

static void
add_to_bus (Strip * strip, double before, const float was[N_AT], Bus * bus)
{
  const float *at = strip->at;
  FoleyLayout layout = strip->stage->layout;
  float x[FOLEY_QUANTUM], side[FOLEY_QUANTUM];
  guint c;

  read_delayed (strip, before, 0, 0, x);
  add_ramped (bus->send, x, was[AT_SEND], at[AT_SEND]);
  add_ramped (bus->spread, x, was[AT_SPREAD], at[AT_SPREAD]);
  if (layout == FOLEY_LAYOUT_BINAURAL) {
    add_binaural (strip, x, was[0], at[0], bus);
  } else if (layout == FOLEY_LAYOUT_STEREO) {
    for (c = 0; c < 2; c++) {
      float from = MAX (0, c == 0 ? was[AT_ITD] : -was[AT_ITD]);
      float to = MAX (0, c == 0 ? at[AT_ITD] : -at[AT_ITD]);

      if (from > 0 || to > 0)
        read_delayed (strip, before, from, to, side);
      add_ramped (bus->dry[c], from > 0 || to > 0 ? side : x, was[c], at[c]);
    }
  } else {
    for (c = 0; c < strip->stage->channels; c++)
      add_ramped (bus->dry[c], x, was[c], at[c]);
  }
  strip->jump -= MIN (strip->jump, FOLEY_QUANTUM);
}

/* The bits of a float without its sign: they rise as its magnitude does, and
 * those of what is no number are the largest. */
static inline gint32
get_bits (float x)
{
  gint32 bits;

  memcpy (&bits, &x, sizeof bits);
  return bits & 0x7fffffff;
}

/* What is not a number, or so faint that it would become denormal, is silence.
 * TRUE where there is sound. */
static gboolean
clean_input (const float *in, float *out)
{
  gint32 most = 0;
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    most = MAX (most, get_bits (in[i]));
  memcpy (out, in, FOLEY_QUANTUM * sizeof (float));
  if (most < get_bits (FAINTEST)) {
    memset (out, 0, FOLEY_QUANTUM * sizeof (float));
    return FALSE;
  }
  for (i = 0; i < FOLEY_QUANTUM && most > get_bits (LOUDEST); i++)
    out[i] = clean (in[i], -LOUDEST, LOUDEST, 0);
  return TRUE;
}

void
strip_run (Strip * strip, const float in[FOLEY_QUANTUM], const Place * place,
    Bus * bus)
{
  const Stage *stage = strip->stage;
  Place at = clean_place (place);
  float x[FOLEY_QUANTUM], was[N_AT], goal[N_AT], ease;
  const float *filter;
  double delay, before;
  guint i;

  strip->quiet = clean_input (in, x) ? 0 :
      MIN (strip->quiet + FOLEY_QUANTUM, strip->ring);
  if (strip_is_silent (strip)) {
    strip->started = FALSE;
    return;
  }
  aim (stage, &at, goal);
  delay = air_get_delay (at.distance) * stage->rate;
  filter = stage->head == NULL ? NULL :
      head_find (stage->head, at.azimuth, at.elevation);
  if (!strip->started)
    start (strip, goal, delay, filter);
  memcpy (was, strip->at, sizeof was);
  ease = get_ease (stage, EASE);
  for (i = 0; i < N_AT; i++) {
    float step = goal[i] - was[i];

    strip->at[i] = fabsf (step) < 1e-6f ? goal[i] : was[i] + ease * step;
  }
  write_input (strip, x);
  before = move_delay (strip, delay);
  turn_to (strip, filter);
  add_to_bus (strip, before, was, bus);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reverb.c: crossfades between two rooms: what is heard goes over to the new one
 * soon, while the old one rings on and is faded. */

#include <math.h>

#include "models/foley/mix/fdn.h"
#include "models/foley/mix/level.h"
#include "models/foley/mix/reverb.h"

#define IN_TIME 0.05            /* s, of the input */
#define OUT_TIME 0.5            /* s, of the old room's sound */

struct _Reverb
{
  Fdn *fdns[2];
  guint now;                    /* which of them */
  Room wanted;
  guint in_length, out_length;  /* samples, of the fades */
  guint faded;                  /* samples; >= out_length: all */
  gboolean silent_in;           /* nothing came in in the last quantum */
};

Reverb *
reverb_new (guint rate, FoleyLayout layout)
{
  Reverb *reverb = g_new0 (Reverb, 1);

  reverb->fdns[0] = fdn_new (rate, layout);
  reverb->fdns[1] = fdn_new (rate, layout);
  reverb->in_length = (guint) (IN_TIME * rate);
  reverb->out_length = (guint) (OUT_TIME * rate);
  reverb->faded = reverb->out_length;
  reverb->silent_in = TRUE;
  return reverb;
}

void
reverb_free (Reverb * reverb)
{
  fdn_free (reverb->fdns[0]);
  fdn_free (reverb->fdns[1]);
  g_free (reverb);
}

void
reverb_set_room (Reverb * reverb, Room room)
{
  reverb->wanted = room;
}

gboolean
reverb_is_silent (const Reverb * reverb)
{
  return fdn_is_silent (reverb->fdns[0]) && fdn_is_silent (reverb->fdns[1]);
}

/* To the wanted room: at once where nothing sounds, else by a fade. */
static void
turn (Reverb * reverb)
{
  if (reverb->faded < reverb->out_length
      || fdn_get_room (reverb->fdns[reverb->now]) == reverb->wanted)
    return;
  if (!reverb->silent_in || !reverb_is_silent (reverb))
    reverb->faded = 0;
  reverb->now = !reverb->now;
  fdn_set_room (reverb->fdns[reverb->now], reverb->wanted);
}

/* Half a cosine from 1 to 0 over @length samples. */
static float
fade_at (guint at, guint length)
{
  return at >= length ? 0 : (float) (0.5 + 0.5 * cos (G_PI * at / length));
}

static void
run_both (Reverb * reverb, const float *in, float (*out)[FOLEY_QUANTUM])
{
  float old[FOLEY_QUANTUM], new[FOLEY_QUANTUM];
  guint at = reverb->faded, next = at + FOLEY_QUANTUM, i;
  float from = fade_at (at, reverb->in_length);
  float to = fade_at (next, reverb->in_length);

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    old[i] = in[i] * (from + (to - from) * (i + 1) / FOLEY_QUANTUM);
    new[i] = in[i] - old[i];
  }
  fdn_run (reverb->fdns[!reverb->now], old, fade_at (at, reverb->out_length),
      fade_at (next, reverb->out_length), out);
  fdn_run (reverb->fdns[reverb->now], new, 1, 1, out);
  reverb->faded = next;
  if (next >= reverb->out_length)
    fdn_set_room (reverb->fdns[!reverb->now], ROOM_OPEN);
}

void
reverb_run (Reverb * reverb, const float in[FOLEY_QUANTUM],
    float (*out)[FOLEY_QUANTUM])
{
  turn (reverb);
  if (reverb->faded < reverb->out_length)
    run_both (reverb, in, out);
  else
    fdn_run (reverb->fdns[reverb->now], in, 1, 1, out);
  reverb->silent_in = level_get_peak (in) < LEVEL_SILENT;
}

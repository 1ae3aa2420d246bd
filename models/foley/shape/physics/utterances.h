/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* utterances.h: what animals and people utter, in numbers. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UTTERANCE_KNOTS 5
#define UTTERANCE_FORMANTS 3

typedef struct
{
  const char *name;
  float size;                   /* m, of who utters it, for these numbers */
  float seconds, gap;           /* of a call; until the next of a bout */
  guint8 least, most;           /* calls a bout */
  float often;                  /* bouts a second, by themselves at amount 1 */
  float pitch[UTTERANCE_KNOTS]; /* Hz, in even steps over the call */
  float harmonics;              /* how many; 0: only noise; 1: a whistle */
  float noise;                  /* of breath, over the tone */
  float rough;                  /* 0 ... 1, irregular from cycle to cycle */
  float sub;                    /* 0 ... 1, every second cycle is softer */
  float trill, depth, vibrato;  /* Hz; 0 ... 1 of the level; of the pitch */
  float attack, release;        /* parts of the call */
  float formants[UTTERANCE_FORMANTS][3];        /* Hz: begin, middle, end */
  float vary;                   /* of the formants, from call to call */
  float gain;
} Utterance;

/* Their names, NULL-terminated; utterances[] in the same order. */
extern const char *const utterance_names[];
extern const Utterance utterances[];

G_END_DECLS

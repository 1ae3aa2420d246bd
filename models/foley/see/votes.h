/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* votes.h: what was said most of late. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define VOTES_MAX 6

/* All zero: nothing was said. */
typedef struct
{
  const char *words[VOTES_MAX]; /* interned; NULL: free */
  float weights[VOTES_MAX];
} Votes;

/* What was said before counts @fade times as much as it did. */
void votes_add (Votes * votes, const char *word, float weight, float fade);

/* NULL where nothing was said; @share: of all weights, 0 ... 1. */
const char *votes_best (const Votes * votes, float *share);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* votes.c: words, weighted by how often and how lately they were said. */

#include "models/foley/see/votes.h"

void
votes_add (Votes * votes, const char *word, float weight, float fade)
{
  guint at = 0;

  for (guint i = 0; i < VOTES_MAX; i++)
    votes->weights[i] *= fade;
  /* its own place, else that of the least */
  for (guint i = 1; i < VOTES_MAX; i++)
    if (votes->words[at] != word && (votes->words[i] == word
            || votes->weights[i] < votes->weights[at]))
      at = i;
  if (votes->words[at] != word)
    votes->weights[at] = 0;
  votes->words[at] = word;
  votes->weights[at] += weight;
}

const char *
votes_best (const Votes * votes, float *share)
{
  guint best = 0;
  float sum = 1e-6f;

  for (guint i = 0; i < VOTES_MAX; i++) {
    sum += votes->weights[i];
    if (votes->weights[i] > votes->weights[best])
      best = i;
  }
  *share = votes->weights[best] / sum;
  return votes->words[best];
}

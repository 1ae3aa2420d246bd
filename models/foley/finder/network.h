/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* network.h: the layers of finder_net.py; an array goes in, arrays come out. */

#pragma once

#include "models/format/format.h"

G_BEGIN_DECLS

#define NETWORK_SIZE 128        /* pixels of the picture, either way */
#define NETWORK_CELLS 32        /* of points; names have half as many */
#define NETWORK_POINT 5         /* heat's logit, cells to left, top, right, bottom */

typedef enum
{
  NETWORK_PLACE,
  NETWORK_LIGHT,
  NETWORK_WEATHER,
  NETWORK_N_QUESTIONS
} NetworkQuestion;

typedef struct
{
  const char **words;           /* [n], interned */
  guint n;
  guint first;                  /* of its logits in around */
} NetworkAnswers;

typedef struct
{
  const char **names;           /* [n_names], interned */
  const char **materials;       /* [n_names], interned; "": not known */
  guint n_names;
  NetworkAnswers answers[NETWORK_N_QUESTIONS];
  guint n_answers;              /* to all questions */
} NetworkWords;

/* Logits but for the sides of points. */
typedef struct
{
  float *points;                /* [NETWORK_CELLS][NETWORK_CELLS][NETWORK_POINT] */
  float *names;                 /* [half][half][n_names] */
  float *around;                /* [n_answers] */
  float *parts;                 /* of around, before they are averaged */
} NetworkOutput;

typedef struct _Network Network;

/* @weights: a safetensors file; its metadata hold the words.  @path names it in
 * messages.  @cl must outlive the network. */
Network *network_new (OclContext * cl, GBytes * weights, const char *path,
    GError ** error);
void network_free (Network * network);

/* A list of words in a file's metadata: [*n], interned; g_free() it. */
const char **network_read_words (TensorStore * store, const char *key,
    guint * n, GError ** error);

const NetworkWords *network_get_words (Network * network);

void network_output_init (NetworkOutput * output, Network * network);
void network_output_clear (NetworkOutput * output);

/* @input: [NETWORK_SIZE][NETWORK_SIZE][3], -1 ... 1. */
gboolean network_run (Network * network, const float *input,
    NetworkOutput * output, GError ** error);

G_END_DECLS

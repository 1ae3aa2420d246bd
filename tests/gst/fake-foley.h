/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-foley.h: a stand-in for models/foley that makes a known signal, writes down
 * what it is given, and fails as it is told to. */

#pragma once

#include "models/foley.h"

#define FAKE_TEXT 100
#define FAKE_HINTS 4

/* What the tests set, and read. Set it only while no element is started. */
typedef struct
{
  /* behaviour */
  gint new_error;               /* a FoleyError, or -1 */
  gint see_error;
  const char *const *complaints;
  gboolean no_device;           /* foley_finder_new() fails */
  gint finder_fails;            /* after so many frames; 0: never */
  gboolean silent;              /* all samples are 0 */
  guint64 tail;                 /* ns of sound after foley_end() */
  guint64 note_every;           /* frames; 0: never */

  /* what happened */
  gint alive, made;
  gint finders, finders_made;   /* alive; ever */
  char device[FAKE_TEXT];       /* of the last finder */
  FoleyOptions options;         /* the last, without strings */
  char memory[FAKE_TEXT], hrtf[FAKE_TEXT];
  guint controlled;
  char prompt[FAKE_TEXT], scene[FAKE_TEXT];     /* "-": NULL */
  char allow[FAKE_TEXT], deny[FAKE_TEXT];       /* names, with '|' between */
  double gains[FOLEY_N_LAYERS], loudness;
  guint64 seen, ended;
  FoleyFrame frame;             /* the last; its pointers are dead */
  guint8 pixel[3];              /* in the middle of it */
  FoleyHint hints[FAKE_HINTS];  /* their names are interned */
  guint64 seen_hash;            /* of times and pixels, since the last foley_new() */
} FakeFoley;

extern FakeFoley fake_foley;

void fake_foley_reset (void);

/* Sample @n of a channel of the mix (-1) or of a stem, since the first frame:
 * never 0. */
float fake_foley_sample (guint64 n, int stem, guint channel);

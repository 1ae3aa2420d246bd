/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* classifier.h: what a thing in a frame is, by a network that knows ImageNet's
 * classes: EfficientNet-Lite0 (NOTICE, classify_recipe.py). */

#pragma once

#include "models/foley.h"
#include "ocl/ocl.h"

G_BEGIN_DECLS

#define CLASSIFIER_GUESSES 3

typedef struct
{
  const char *name;             /* interned, plain: "dog"; NULL: no more */
  float share;                  /* 0 ... 1, of all that it may be */
} ClassifierGuess;

typedef struct _Classifier Classifier;

/* @weights: a safetensors file; its metadata hold the names.  @path names it in
 * messages.  @cl must outlive the classifier. */
Classifier *classifier_new (OclContext * cl, GBytes * weights,
    const char *path, GError ** error);
void classifier_free (Classifier * classifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Classifier, classifier_free)

/* The box is in shares of the frame.  @guesses: likeliest first; classes of one
 * name count together, and what neither moves nor sounds is none, so they may sum
 * to little.  None where the box is empty.  FALSE where the device fails. */
gboolean classifier_see (Classifier * classifier, const FoleyFrame * frame,
    float x0, float y0, float x1, float y1,
    ClassifierGuess guesses[CLASSIFIER_GUESSES], GError ** error);

G_END_DECLS

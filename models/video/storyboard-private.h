/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* storyboard-private.h: what the files that read storyboards share. */

#pragma once

#include "models/video/storyboard.h"

G_BEGIN_DECLS

/* Adds begin ... end without white space on either side to @events, of
 * StoryEvent; nothing if nothing is left. FALSE: no more of them are taken. */
gboolean story_add (GArray * events, const char *begin, const char *end,
    double time, GError ** error);

/* storyboard-sentences.c: adds the events of a prompt of one line. */
gboolean story_add_sentences (GArray * events, const char *prompt,
    GError ** error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* storyboard.h: a prompt that tells of events in sequence, and when each
 * begins.
 *
 * Timed, one entry a line or after a ';'. Times ascend; what stands before
 * the first begins at 0, and so does the first, whatever it says:
 *
 *   0s: a dog walks in the city; 4s: a taxi stops
 *   0:00: a dog walks in the city
 *   0:04: a taxi stops
 *
 * Lines, one event each, without times:
 *
 *   a dog walks in the city
 *   a taxi stops
 *
 * Sentences, only where the caller asks for them: a prompt of one line is split
 *
 *   - after ';', '.', '!' and '?' (before white space; not after "Mr." and the
 *     like);
 *   - before "then", "and then" and "after that", which are left out ("since
 *     then", "now and then" and their kind stay);
 *   - at a comma, if what follows up to the next comma or stop has three words
 *     and begins with a subject's article, pronoun or number ("a taxi stops"),
 *     and what goes before is more than the item of a list ("a dog, a cat and a
 *     bird play" stays one event).
 *
 *   "A dog walks through the city, a taxi stops, then the dog runs." has three
 *   events, "a ship at sea, at sunset, in the rain" one. */

#pragma once

#include "models/video.h"

G_BEGIN_DECLS

#define STORYBOARD_MAX_EVENTS 256

typedef struct
{
  char *text;                   /* not empty, but of an empty prompt */
  double time;                  /* seconds; < 0: nothing tells */
} StoryEvent;

typedef struct
{
  StoryEvent *events;           /* in order */
  guint n;                      /* at least one */
} Storyboard;

/* A prompt of one event and no time is that event, as it stands. Errors are
 * VIDEO_ERROR_SETTINGS: not UTF-8, times that do not ascend, more than
 * STORYBOARD_MAX_EVENTS. */
Storyboard *storyboard_parse (const char *prompt, gboolean sentences,
    GError ** error);
void storyboard_free (Storyboard * board);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Storyboard, storyboard_free)

/* What the times of a storyboard are measured by. */
typedef struct
{
  double fps;
  guint first_frames;           /* of chunk 0, at least 1 */
  guint later_frames;           /* of each later one, at least 1 */
  guint64 origin;               /* the chunk at which time 0 is */
  guint64 total_frames;         /* of the whole stream, 0: nobody knows */
  double event_seconds;         /* where nothing else tells; 0: a chunk each */
} StoryTiming;

/* starts[i]: the chunk that event i begins with: the nearest to its time, with at
 * least one for each event. Without times the events share what is left of
 * total_frames, or have event_seconds each. The last holds for ever. */
void storyboard_schedule (const Storyboard * board,
    const StoryTiming * timing, guint64 * starts);
/* The frame, from frame 0 of the stream, that the last event has lasted its time
 * with, and a chunk at least. */
guint64 storyboard_get_end (const Storyboard * board,
    const StoryTiming * timing, const guint64 * starts);
/* The event of @chunk; before starts[0] that is the first. */
guint storyboard_find (const guint64 * starts, guint n, guint64 chunk);

G_END_DECLS

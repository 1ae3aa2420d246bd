/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-video.h: a stand-in for models/video that paints test patterns, takes as
 * long and fails as it is told to. */

#pragma once

#include "models/video.h"

/* What the tests set, and read. Set it only while no element is started. */
typedef struct
{
  /* behaviour */
  gboolean no_device;
  guint open_ms, step_ms;       /* cancelled at once */
  gint slow_samples;            /* how many take step_ms a step; 0: all */
  gint allowed;                 /* how many may be sampled, the next waits; 0: all;
                                 * may be set at any time */
  guint compile_ms;             /* of opening: a part that can't be cancelled */
  guint fps, size_multiple, chunk_frames, steps;
  gboolean causal;              /* later chunks have 3 frames more */
  guint clip_frames;            /* 0: a chunk's */
  gint open_error;              /* a VideoError, or -1 */
  gint sample_error;
  guint64 error_chunk;          /* the one with sample_error */
  guint max_prompt;             /* bytes; longer ones are truncated */
  const char *const *actions;   /* NULL: none */
  const char *const *unknown_words;     /* of every prompt with a line "unknown" */

  /* what happened */
  gint alive;                   /* generators */
  gint opened;
  gint sampled;
  gint steps_done;              /* in all */
} FakeVideo;

extern FakeVideo fake_video;

void fake_video_reset (void);

/* What is in the first bytes of each frame. */
typedef struct
{
  guint32 chunk;
  guint32 position;
  guint32 prompt;               /* g_str_hash() */
  guint32 seed;
  guint32 action;               /* g_str_hash(), 0: none */
} FakeMark;

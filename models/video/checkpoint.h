/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checkpoint.h: what a checkpoint directory as a whole says: its kind, its
 * sampler and what it wants by itself. */

#pragma once

#include "models/format/format.h"
#include "models/video.h"
#include "models/video/sampler.h"

G_BEGIN_DECLS

typedef struct
{
  char *directory;
  char *name;
  gboolean per_frame_timesteps; /* "expand_timesteps" */
  SamplerConfig sampler;
  /* Native settings; 0 where the directory is silent. */
  gint64 width, height, fps, num_frames, steps, text_length;
  double guidance_scale, flow_shift;
  gint64 events;                /* are sentences split into them? -1: silent */
  double event_seconds;
  WordList *words;              /* that it was taught, or NULL: nobody knows */
  char **actions, **phrases;    /* what steers it, and how a prompt says it */
} Checkpoint;

/* Errors are FORMAT_ERROR's. */
gboolean checkpoint_read (Checkpoint * checkpoint, const char *directory,
    GError ** error);
void checkpoint_clear (Checkpoint * checkpoint);
/* DIRECTORY/PART; g_free() */
char *checkpoint_path (const Checkpoint * checkpoint, const char *part);

G_END_DECLS

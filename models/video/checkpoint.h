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
  /* Block-causal checkpoints, in latent frames: of a chunk (0: not causal), those
   * that attention spans (0: num_frames'), the first of the stream that it spans
   * for ever; and the timestep of what is remembered. */
  gint64 causal_block, causal_window, causal_sink;
  double context_timestep;
  gboolean causal_recache;      /* is it made anew under another prompt? */
  gboolean velocity_skip;       /* the transformer gives what is left: sample.c */
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

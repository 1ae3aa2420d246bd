/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generator-private.h: what a VideoGenerator is inside, for the files that
 * make it up. */

#pragma once

#include "models/video.h"
#include "models/video/checkpoint.h"
#include "models/video/text-encoder.h"
#include "models/video/transformer.h"
#include "models/video/vae.h"

G_BEGIN_DECLS

/* A text and what the transformer makes of it. */
typedef struct
{
  char *text;                   /* NULL: none yet */
  gboolean truncated;
  TextContext *context;
} EncodedPrompt;

struct _VideoGenerator
{
  OclContext *cl;
  OclPrecision precision;
  Checkpoint checkpoint;
  VideoInfo info;
  VideoProgressFunc progress;
  gpointer progress_data;

  Tokenizer *tokenizer;
  TextEncoder *text_encoder;    /* NULL while it is not needed */
  guint64 text_encoder_size;    /* bytes on the device */
  Transformer *transformer;
  Vae *vae;

  /* Settings of the chunks sampled from now on. */
  gboolean configured;
  gboolean changed;             /* since the chunk was sampled */
  VideoSettings settings;       /* its strings are the prompts' */
  EncodedPrompt prompt, negative;

  /* The sampled chunk, @chunk: latents [channels, frames, height, width]. */
  guint64 chunk;
  gsize latent_frames, latent_height, latent_width;
  float *latents;               /* NULL: none */
  gsize next_latent;            /* to be decoded */
  VaeDecoder *decoder;
  OclTensor *frames;            /* [n, H, W, 3] of the latent decoded last */
  gsize next_frame;             /* within frames */

  VideoTimings timings;
};

/* video-error.c: what @error of a lower room is to the callers of this one;
 * takes it. Always returns FALSE. */
gboolean video_propagate_error (GError ** to, GError * error);

/* generator.c: tells of progress. FALSE, and a cancelled context, if the caller
 * wants no more. */
gboolean video_generator_report (VideoGenerator * g, const char *stage,
    double fraction);

/* prompt.c: makes g->prompt hold @prompt, encoded, and g->negative @negative
 * unless that is NULL. */
gboolean video_generator_encode (VideoGenerator * g, const char *prompt,
    const char *negative, GError ** error);
void encoded_prompt_clear (EncodedPrompt * prompt);

/* decode.c: forgets the frames decoded so far. */
void video_generator_rewind (VideoGenerator * g);

G_END_DECLS

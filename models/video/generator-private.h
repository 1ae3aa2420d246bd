/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generator-private.h: what a VideoGenerator is inside, for the files that
 * make it up. */

#pragma once

#include "models/video.h"
#include "models/video/checkpoint.h"
#include "models/video/storyboard.h"
#include "models/video/text-encoder.h"
#include "models/video/transformer.h"
#include "models/video/vae.h"

G_BEGIN_DECLS

/* A text, what the text encoder makes of it, and the transformer of that. */
typedef struct
{
  char *text;                   /* NULL: none yet */
  gboolean truncated;
  OclTensor *embedding;         /* [tokens, text_width] */
  TextContext *context;         /* NULL: not now */
  gboolean sound;               /* nothing failed when it was made */
} EncodedPrompt;

/* What the chunks follow, one after the other. */
typedef struct
{
  char *prompt;                 /* as it was set; NULL: none yet */
  Storyboard *board;            /* of it */
  const char *phrase;           /* of the action, or NULL */
  EncodedPrompt **encoded;      /* [board->n], each in @texts */
  guint64 *starts;              /* [board->n]: storyboard_schedule() */
  guint64 origin;               /* the chunk at which time 0 is */
  GQueue texts;                 /* EncodedPrompt, the last used first */
  EncodedPrompt *current;       /* the one with a context, or NULL */
  char *sampled;                /* what the chunk asked for last was given */
  GPtrArray *unknown_words;     /* char *, and a NULL; or NULL */
} Story;

/* What is remembered of a stream under one prompt. */
typedef struct
{
  TransformerCache *cache;      /* NULL: nothing */
  char *text;                   /* NULL: it has to be made again */
  OclTensor *embedding;         /* of @text */
  guint64 frames;               /* of the stream that it has seen */
} StreamMemory;

/* The stream that a causal checkpoint's chunks make up. Counts are of latent
 * frames. */
typedef struct
{
  guint window, sink;           /* as in Checkpoint */
  gboolean alive;               /* FALSE: it has to begin anew */
  guint64 first;                /* the chunk it began with */
  guint64 next;                 /* the chunk that can be sampled now */
  gboolean pure;                /* all chunks were made with the same settings */
  guint64 frames;               /* before chunk @next, but for g->latents */
  float *past;                  /* the first @sink and the last: [n_past][channels, h, w] */
  gsize n_past;                 /* at most sink + window */
  StreamMemory memories[2];     /* under the prompt, and the negative one */
} Stream;

/* What is told of steps while chunks are sampled. */
typedef struct
{
  VideoStepFunc func;           /* or NULL */
  gpointer data;
  guint done, all;
} StepCount;

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
  Vae *upscaling;               /* of the same latents, larger pictures; or NULL */

  /* Settings of the chunks sampled from now on. */
  gboolean configured;
  gboolean changed;             /* since the chunk was sampled */
  VideoSettings settings;       /* its strings are the prompts' */
  Story story;
  EncodedPrompt negative;

  /* The sampled chunk, @chunk: latents [channels, frames, height, width]. */
  guint64 chunk;
  gsize latent_frames, latent_height, latent_width;
  float *latents;               /* NULL: none */
  gsize next_latent;            /* to be decoded */
  Vae *chosen;                  /* which of the two decodes them */
  VaeDecoder *decoder;          /* of it */
  OclTensor *frames;            /* [n, H, W, 3] of the latent decoded last */
  gsize next_frame;             /* within frames */
  Stream stream;                /* of a causal checkpoint */

  VideoTimings timings;
};

/* video-error.c: what @error of a lower room is to the callers of this one;
 * takes it. Always returns FALSE. */
gboolean video_propagate_error (GError ** to, GError * error);

/* generator.c: tells of progress. FALSE, and a cancelled context, if the caller
 * wants no more. */
gboolean video_generator_report (VideoGenerator * g, const char *stage,
    double fraction);
/* Pixels that a side has to be a multiple of, if @vae decodes. */
guint video_generator_size_multiple (VideoGenerator * g, Vae * vae);

/* prompt.c: the encoder of texts. Makes @prompt hold @text. */
gboolean encoded_prompt_set (VideoGenerator * g, EncodedPrompt * prompt,
    const char *text, GError ** error);
void encoded_prompt_clear (EncodedPrompt * prompt);
/* Makes the context of @prompt, if it has none. An error is left to the device's
 * context, and the one returned is of no use then. */
TextContext *encoded_prompt_get_context (VideoGenerator * g,
    EncodedPrompt * prompt);
/* Gives a large text encoder's memory back. */
void video_generator_drop_text_encoder (VideoGenerator * g);

/* sample.c: whether the negative prompt has a say (a guidance of 1 is none). */
gboolean video_settings_are_guided (const VideoSettings * settings);

/* story.c: which text each chunk follows. Encodes what is new in @settings; the
 * negative prompt only if @guided. */
gboolean video_generator_encode (VideoGenerator * g,
    const VideoSettings * settings, gboolean guided, GError ** error);
/* When each event begins, by g->settings: after each change of these. */
void video_generator_schedule (VideoGenerator * g);
gboolean video_generator_is_truncated (VideoGenerator * g);
/* What @chunk is sampled with; it has its context until another chunk is asked for.
 * To be asked when @chunk is sampled: what is before the chunk at which the times
 * of a storyboard begin makes them begin at chunk 0. */
const EncodedPrompt *video_generator_get_encoded (VideoGenerator * g,
    guint64 chunk);
void story_clear (Story * story);

/* sample.c: g->latents := those of @chunk. FALSE: g->latents is NULL. */
gboolean video_generator_sample_chunk (VideoGenerator * g, guint64 chunk,
    StepCount * steps, GError ** error);
/* Does the chunk at hand have the size that is set; and: makes it so. */
gboolean video_generator_has_size (VideoGenerator * g);
void video_generator_take_size (VideoGenerator * g);

/* stream.c: samples @chunk of a causal checkpoint, and those before it that the
 * stream lacks. */
gboolean video_stream_sample (VideoGenerator * g, guint64 chunk,
    StepCount * steps, GError ** error);
/* Brings what is remembered under the prompts [2] up to the chunk that is sampled
 * next; there is none under one that is NULL. */
gboolean video_stream_remember (VideoGenerator * g,
    const EncodedPrompt * const *prompts, GError ** error);
/* Latent frame 0 of the chunk at hand is the first of a clip or a stream. */
gboolean video_stream_starts (VideoGenerator * g);
void video_stream_clear (VideoGenerator * g);

/* decode.c: forgets the frames decoded so far. */
void video_generator_rewind (VideoGenerator * g);

G_END_DECLS

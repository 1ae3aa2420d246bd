/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* video.h: text to video, the public face of models/video.
 *
 *   g = video_generator_open (&options, &error);
 *   video_generator_configure (g, &settings, &error);
 *   for (chunk = 0; ...; chunk++) {
 *     video_generator_sample (g, chunk, &error);
 *     while (video_generator_next_frame (g, &frame, &error)) ...
 *   }
 *
 * A generator is driven from one thread at a time; only
 * video_generator_cancel() may be called from any. The same model, prompt,
 * settings and chunk index give the same frames on the same device, so a seek
 * is another index given to video_generator_sample(). */

#pragma once

#include "ocl/ocl.h"

G_BEGIN_DECLS

#define VIDEO_ERROR (video_error_quark ())
GQuark video_error_quark (void);

/* Errors of lower rooms (OCL_ERROR, FORMAT_ERROR) are mapped on to these, so
 * that an element needs to know one domain. */
typedef enum
{
  VIDEO_ERROR_NOT_FOUND,        /* no such directory, file or tensor */
  VIDEO_ERROR_READ,             /* corrupt or truncated, or not readable */
  VIDEO_ERROR_UNSUPPORTED,      /* a kind of model that is not supported */
  VIDEO_ERROR_SETTINGS,         /* a size, length or value the model can't take */
  VIDEO_ERROR_MEMORY,           /* out of device memory */
  VIDEO_ERROR_DEVICE,           /* no device, or it failed */
  VIDEO_ERROR_NUMERIC,          /* NaN or infinity: broken weights */
  VIDEO_ERROR_CANCELLED
} VideoError;

typedef enum
{
  VIDEO_SAMPLER_AUTO,           /* what the checkpoint names */
  VIDEO_SAMPLER_UNIPC,
  VIDEO_SAMPLER_EULER,
  VIDEO_SAMPLER_LCM             /* of few-step distilled checkpoints */
} VideoSampler;

/* What can be known at once, before anything is opened: is there a device that
 * @device names (as OclContextOptions; NULL: any at all), VIDEO_ERROR_DEVICE;
 * is @model a checkpoint of a supported kind, going by its small files; and is
 * @lora, or nothing, an adapter, going by the names of its tensors? */
gboolean video_check_device (const char *device, GError ** error);
gboolean video_check_model (const char *model, GError ** error);
gboolean video_check_lora (const char *lora, GError ** error);

/* Called on the driving thread. @stage: "device", "tokenizer", "transformer" and
 * "vae" while opening, "text-encoder" when a prompt needs it, "kernels" whenever
 * one is compiled; @fraction 0 ... 1. FALSE ends what runs with
 * VIDEO_ERROR_CANCELLED. */
typedef gboolean (*VideoProgressFunc) (const char *stage, double fraction,
    gpointer data);

typedef struct
{
  const char *model;            /* a diffusers directory */
  const char *lora;             /* an adapter's file; NULL or "": none */
  double lora_scale;            /* how much of it: 1 is all */
  const char *device;           /* as OclContextOptions */
  OclGemm gemm;
  OclPrecision precision;
  guint64 memory_limit;         /* bytes, 0: none */
  VideoProgressFunc progress;   /* or NULL */
  gpointer progress_data;
} VideoOpenOptions;

typedef struct _VideoGenerator VideoGenerator;

VideoGenerator *video_generator_open (const VideoOpenOptions * options,
    GError ** error);
void video_generator_free (VideoGenerator * generator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VideoGenerator, video_generator_free)

/* What the checkpoint is and wants by itself. */
typedef struct
{
  char *name;                   /* for tags: directory name or _name_or_path */
  char *device;                 /* device name */
  OclPrecision precision;
  guint width, height;          /* native, as near as it can be had */
  guint size_multiple;          /* of width and height: VAE stride x patches */
  guint fps;                    /* native */
  guint chunk_frames;           /* native frames of one chunk: n * time_multiple + 1;
                                 * of a causal checkpoint's first */
  guint clip_frames;            /* native length of a clip: a chunk's, where not causal */
  gboolean causal;              /* each chunk goes on from those before */
  guint time_multiple;          /* frames a latent frame: 4 */
  guint max_prompt_tokens;
  guint steps;
  double guidance_scale;
  double flow_shift;
  VideoSampler sampler;
  double event_seconds;         /* of an event whose length nothing tells */
  const char *const *actions;   /* names of what steers it, NULL-terminated */
} VideoInfo;

const VideoInfo *video_generator_get_info (VideoGenerator * generator);

typedef struct
{
  const char *prompt;           /* UTF-8; NULL is "". Events in sequence, as
                                 * models/video/storyboard.h has them */
  const char *negative_prompt;
  const char *action;           /* of VideoInfo.actions, or NULL: none */
  guint64 total_frames;         /* what the events of a storyboard without times
                                 * share; 0: each has VideoInfo.event_seconds */
  guint width, height;          /* 0: native */
  guint chunk_frames;           /* 0: native. Of a causal checkpoint: of the first
                                 * chunk; later ones have time_multiple - 1 more,
                                 * the same number of latent frames */
  guint steps;                  /* 0: native */
  double guidance_scale;        /* < 0: native; 1: no guidance pass */
  double flow_shift;            /* <= 0: native */
  VideoSampler sampler;
  guint64 seed;
} VideoSettings;

/* What was cut at the token limit: flags. */
typedef enum
{
  VIDEO_TRUNCATED_PROMPT = 1 << 0,
  VIDEO_TRUNCATED_NEGATIVE_PROMPT = 1 << 1      /* only where there is guidance */
} VideoTruncated;

/* What is to be said of the prompts. */
typedef struct
{
  VideoTruncated truncated;
  /* Words of the prompt that the checkpoint was never taught, in order, once
   * each, NULL-terminated; NULL where it has no list of its words. Valid until
   * the next configure. */
  const char *const *unknown_words;
} VideoPromptReport;

/* Checks, and latches for the chunks sampled from now on; prompts that changed
 * are encoded here. Times of a storyboard count from chunk 0, or, if the prompt
 * changes between chunks of a causal checkpoint, from the chunk sampled next.
 * @report may be NULL. */
gboolean video_generator_configure (VideoGenerator * generator,
    const VideoSettings * settings, VideoPromptReport * report,
    GError ** error);

/* Frames of chunk 0, and of each later one, as configured. */
void video_generator_get_chunk_frames (VideoGenerator * generator,
    guint * first, guint * later);
/* Frames that what is configured lasts by itself: a clip, or one that is long
 * enough for the last event of a storyboard. */
guint64 video_generator_get_length (VideoGenerator * generator);
/* The prompt (without action) that chunk @chunk follows, as configured. */
const char *video_generator_get_prompt (VideoGenerator * generator,
    guint64 chunk);

/* The seed of chunk 0 is settings.seed: what diffusers makes of it. Chunk k has
 * seed + k. Of a bidirectional checkpoint it is a clip of its own; of a causal
 * one it goes on from chunk k - 1: if that is not the one sampled last, all from
 * chunk 0 on are sampled and decoded first, with the settings of now. Between two
 * chunks in sequence prompts and settings may change without a cut, but for the
 * size and the length of a chunk: with these a new stream begins, whose first
 * chunk has a first chunk's frames. What is left of a chunk's frames when the next
 * is sampled is skipped.
 * The chunk sampled last is at hand: sampled again with nothing changed, it only
 * starts over, with no step; one within a causal stream only if no frame of it was
 * taken. After an error or a cancel the chunk can be sampled again as if nothing
 * had been.
 * @steps counts those of all chunks that are sampled. */
typedef void (*VideoStepFunc) (guint step, guint steps, gpointer data);
gboolean video_generator_sample (VideoGenerator * generator, guint64 chunk,
    VideoStepFunc step_func, gpointer step_data, GError ** error);

/* The next frame of the sampled chunk into @frame (whose width, height and
 * format the caller sets), decoded as needed. Skipping: @frame NULL. FALSE with
 * no error set after the chunk's last frame. */
gboolean video_generator_next_frame (VideoGenerator * generator,
    const OclFrame * frame, OclMatrix matrix, GError ** error);

/* Seconds, for messages: what the last chunk took so far. */
typedef struct
{
  double text, sample, decode;
  guint64 memory_used, memory_peak;     /* bytes on the device */
} VideoTimings;
void video_generator_get_timings (VideoGenerator * generator,
    VideoTimings * timings);

/* From any thread: what runs ends within a kernel's time with
 * VIDEO_ERROR_CANCELLED, and so does all that is called until uncancel.
 * (Opening is ended through its progress function.) */
void video_generator_cancel (VideoGenerator * generator);
void video_generator_uncancel (VideoGenerator * generator);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditsettings.c: the properties of dittextsrc: their ranges, defaults and
 * words, and what they mean to a generator. */

#include "gstditsettings.h"

#include <string.h>

#include "gstditenums.h"

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_LORA,
  PROP_LORA_SCALE,
  PROP_DEVICE,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_ACTION,
  PROP_GUIDANCE_SCALE,
  PROP_STEPS,
  PROP_SEED,
  PROP_SAMPLER,
  PROP_FLOW_SHIFT,
  PROP_NUM_FRAMES,
  PROP_DURATION,
  PROP_CHUNK_FRAMES,
  PROP_PRECISION,
  PROP_GEMM,
  PROP_MEMORY_LIMIT,
  PROP_IS_LIVE
};

#define DEFAULT_MODEL NULL
#define DEFAULT_LORA NULL
#define DEFAULT_LORA_SCALE 1.0
#define DEFAULT_DEVICE NULL
#define DEFAULT_PROMPT NULL
#define DEFAULT_NEGATIVE_PROMPT NULL
#define DEFAULT_ACTION NULL
#define DEFAULT_GUIDANCE_SCALE -1.0
#define DEFAULT_STEPS 0
#define DEFAULT_SEED -1
#define DEFAULT_SAMPLER VIDEO_SAMPLER_AUTO
#define DEFAULT_FLOW_SHIFT 0.0
#define DEFAULT_NUM_FRAMES 0
#define DEFAULT_DURATION GST_CLOCK_TIME_NONE
#define DEFAULT_CHUNK_FRAMES 0
#define DEFAULT_PRECISION OCL_PRECISION_AUTO
#define DEFAULT_GEMM OCL_GEMM_AUTO
#define DEFAULT_MEMORY_LIMIT 0
#define DEFAULT_IS_LIVE FALSE

/* The first is read when the element starts, the second at each chunk. */
#define READY_FLAGS \
    (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS \
    (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

#define CONTROLLED_FLAGS (PLAYING_FLAGS | GST_PARAM_CONTROLLABLE)

void
gst_dit_settings_init (GstDitSettings * settings)
{
  memset (settings, 0, sizeof *settings);
  settings->model = g_strdup (DEFAULT_MODEL);
  settings->lora = g_strdup (DEFAULT_LORA);
  settings->lora_scale = DEFAULT_LORA_SCALE;
  settings->device = g_strdup (DEFAULT_DEVICE);
  settings->precision = DEFAULT_PRECISION;
  settings->gemm = DEFAULT_GEMM;
  settings->memory_limit = DEFAULT_MEMORY_LIMIT;
  settings->prompt = g_strdup (DEFAULT_PROMPT);
  settings->negative_prompt = g_strdup (DEFAULT_NEGATIVE_PROMPT);
  settings->action = g_strdup (DEFAULT_ACTION);
  settings->guidance_scale = DEFAULT_GUIDANCE_SCALE;
  settings->steps = DEFAULT_STEPS;
  settings->seed = DEFAULT_SEED;
  settings->sampler = DEFAULT_SAMPLER;
  settings->flow_shift = DEFAULT_FLOW_SHIFT;
  settings->num_frames = DEFAULT_NUM_FRAMES;
  settings->duration = DEFAULT_DURATION;
  settings->chunk_frames = DEFAULT_CHUNK_FRAMES;
  settings->is_live = DEFAULT_IS_LIVE;
}

void
gst_dit_settings_copy (GstDitSettings * to, const GstDitSettings * from)
{
  *to = *from;
  to->model = g_strdup (from->model);
  to->lora = g_strdup (from->lora);
  to->device = g_strdup (from->device);
  to->prompt = g_strdup (from->prompt);
  to->negative_prompt = g_strdup (from->negative_prompt);
  to->action = g_strdup (from->action);
}

void
gst_dit_settings_clear (GstDitSettings * settings)
{
  g_clear_pointer (&settings->model, g_free);
  g_clear_pointer (&settings->lora, g_free);
  g_clear_pointer (&settings->device, g_free);
  g_clear_pointer (&settings->prompt, g_free);
  g_clear_pointer (&settings->negative_prompt, g_free);
  g_clear_pointer (&settings->action, g_free);
}

/* Where the model is and how it runs. */
static void
install_model_properties (GObjectClass * klass)
{
  /**
   * GstDitTextSrc:model:
   *
   * A checkpoint directory in the diffusers layout: `model_index.json`,
   * `transformer/`, `vae/`, `text_encoder/`, `tokenizer/`, `scheduler/`. Unset,
   * it is the starter checkpoint that comes with the plugin.
   */
  g_object_class_install_property (klass, PROP_MODEL,
      g_param_spec_string ("model", "Model",
          "Checkpoint directory in the diffusers layout "
          "(unset = the starter checkpoint that comes with the plugin)",
          DEFAULT_MODEL, READY_FLAGS));

  /**
   * GstDitTextSrc:lora:
   *
   * A low-rank adapter (LoRA) of the model's transformer: a `.safetensors` file with
   * the names of diffusers, PEFT, kohya or ComfyUI. It is merged into the weights
   * while they are loaded, beside the one that the checkpoint may bring itself. Unset or
   * empty, there is none.
   */
  g_object_class_install_property (klass, PROP_LORA,
      g_param_spec_string ("lora", "LoRA",
          "Low-rank adapter of the model, a .safetensors file (unset = none)",
          DEFAULT_LORA, READY_FLAGS));

  /**
   * GstDitTextSrc:lora-scale:
   *
   * The strength of #GstDitTextSrc:lora: 1 is what it was trained for, 0 is none of
   * it, less is its opposite.
   */
  g_object_class_install_property (klass, PROP_LORA_SCALE,
      g_param_spec_double ("lora-scale", "LoRA scale",
          "Strength of the low-rank adapter (1 = as it was trained)",
          -10.0, 10.0, DEFAULT_LORA_SCALE, READY_FLAGS));

  /**
   * GstDitTextSrc:device:
   *
   * The OpenCL device: its index, `cpu`, `gpu`, or a part of its name or of
   * its platform's. Unset, it is the best one: a graphics card if there is one.
   */
  g_object_class_install_property (klass, PROP_DEVICE,
      g_param_spec_string ("device", "Device",
          "OpenCL device: an index, \"cpu\", \"gpu\" or a part of its name "
          "(unset = the best there is)", DEFAULT_DEVICE, READY_FLAGS));

  /**
   * GstDitTextSrc:precision:
   *
   * The type of the weights and of the operands of matrix products.
   */
  g_object_class_install_property (klass, PROP_PRECISION,
      g_param_spec_enum ("precision", "Precision",
          "Type of the weights and of the operands of matrix products",
          GST_TYPE_DIT_PRECISION, DEFAULT_PRECISION, READY_FLAGS));

  /**
   * GstDitTextSrc:gemm:
   *
   * What multiplies matrices.
   */
  g_object_class_install_property (klass, PROP_GEMM,
      g_param_spec_enum ("gemm", "GEMM", "What multiplies matrices",
          GST_TYPE_DIT_GEMM, DEFAULT_GEMM, READY_FLAGS));

  /**
   * GstDitTextSrc:memory-limit:
   *
   * An error is posted rather than more than this used on the device.
   */
  g_object_class_install_property (klass, PROP_MEMORY_LIMIT,
      g_param_spec_uint64 ("memory-limit", "Memory limit",
          "Bytes of device memory to use at most (0 = what the device has)",
          0, G_MAXUINT64, DEFAULT_MEMORY_LIMIT, READY_FLAGS));
}

/* What is to be seen: latched at the start of each chunk. */
static void
install_prompt_properties (GObjectClass * klass)
{
  /**
   * GstDitTextSrc:prompt:
   *
   * What is to be seen, in words; UTF-8. An empty prompt is allowed. A prompt
   * longer than the model reads is cut, with a warning. Changed while playing, it
   * takes effect with the next chunk.
   *
   * It may tell of events in sequence: "0s: a dog walks; 4s: a taxi stops", or one
   * event a line.
   */
  g_object_class_install_property (klass, PROP_PROMPT,
      g_param_spec_string ("prompt", "Prompt",
          "What is to be seen, in words", DEFAULT_PROMPT, PLAYING_FLAGS));

  /**
   * GstDitTextSrc:negative-prompt:
   *
   * What is not to be seen. Without guidance (#GstDitTextSrc:guidance-scale 1) it
   * has no effect.
   */
  g_object_class_install_property (klass, PROP_NEGATIVE_PROMPT,
      g_param_spec_string ("negative-prompt", "Negative prompt",
          "What is not to be seen, in words (needs guidance)",
          DEFAULT_NEGATIVE_PROMPT, PLAYING_FLAGS));

  /**
   * GstDitTextSrc:action:
   *
   * What steers the video from the next chunk on: one of the names that the model
   * has, if any. The arrow keys and the space bar set it too, where a sink
   * sends them and the model has `left`, `right`, `faster`, `slower` or `brake`.
   */
  g_object_class_install_property (klass, PROP_ACTION,
      g_param_spec_string ("action", "Action",
          "What steers the video from the next chunk on, by a name that the "
          "model has (unset = nothing)", DEFAULT_ACTION, PLAYING_FLAGS));

  /**
   * GstDitTextSrc:guidance-scale:
   *
   * How closely the video follows the prompt (text consistency), by
   * classifier-free guidance. More is closer, and less varied; less than 1 leaves
   * things to chance, and 0 follows the negative prompt alone. 1 switches guidance
   * off, which halves the time of a step; -1 is the model's own value.
   */
  g_object_class_install_property (klass, PROP_GUIDANCE_SCALE,
      g_param_spec_double ("guidance-scale", "Guidance scale",
          "Text consistency: how closely the video follows the prompt "
          "(1 = no guidance, twice as fast; -1 = the model's own)",
          -1.0, 100.0, DEFAULT_GUIDANCE_SCALE, CONTROLLED_FLAGS));
}

/* How it is sampled: latched at the start of each chunk, but for the seed. */
static void
install_sampling_properties (GObjectClass * klass)
{
  /**
   * GstDitTextSrc:steps:
   *
   * Sampling steps of a chunk. The time of a chunk grows with them, quality up to
   * a point. 0 is the model's own number.
   */
  g_object_class_install_property (klass, PROP_STEPS,
      g_param_spec_uint ("steps", "Steps",
          "Sampling steps of a chunk (0 = the model's own)",
          0, 1000, DEFAULT_STEPS, CONTROLLED_FLAGS));

  /**
   * GstDitTextSrc:seed:
   *
   * Where the noise comes from. The same model, prompt, settings and seed give
   * the same video on the same device. -1 takes another seed at each start; tags
   * and messages say which.
   */
  g_object_class_install_property (klass, PROP_SEED,
      g_param_spec_int64 ("seed", "Seed",
          "Seed of the noise (-1 = another one at each start)",
          -1, G_MAXINT64, DEFAULT_SEED, READY_FLAGS));

  /**
   * GstDitTextSrc:sampler:
   *
   * The solver that turns noise into video.
   */
  g_object_class_install_property (klass, PROP_SAMPLER,
      g_param_spec_enum ("sampler", "Sampler",
          "Solver that turns noise into video", GST_TYPE_DIT_SAMPLER,
          DEFAULT_SAMPLER, PLAYING_FLAGS));

  /**
   * GstDitTextSrc:flow-shift:
   *
   * Shifts the noise levels of the steps: more spends more steps on composition,
   * less on detail. Larger sizes want more. 0 is the model's own value.
   */
  g_object_class_install_property (klass, PROP_FLOW_SHIFT,
      g_param_spec_double ("flow-shift", "Flow shift",
          "Shift of the steps towards high noise (0 = the model's own)",
          0.0, 100.0, DEFAULT_FLOW_SHIFT, CONTROLLED_FLAGS));
}

static void
install_length_properties (GObjectClass * klass)
{
  /**
   * GstDitTextSrc:num-frames:
   *
   * Frames to make in all: 0 is one clip of the model's own length (or of
   * #GstDitTextSrc:chunk-frames, if the model makes clips at once), or as many as
   * the events of a storyboard take, -1 goes on until it is stopped. What is longer than a chunk is made of several, one after
   * the other.
   */
  g_object_class_install_property (klass, PROP_NUM_FRAMES,
      g_param_spec_int ("num-frames", "Number of frames",
          "Frames to make in all (0 = one clip, -1 = endless)",
          -1, G_MAXINT, DEFAULT_NUM_FRAMES, READY_FLAGS));

  /**
   * GstDitTextSrc:duration:
   *
   * The length in time, in place of #GstDitTextSrc:num-frames, rounded up to
   * whole frames.
   */
  g_object_class_install_property (klass, PROP_DURATION,
      g_param_spec_uint64 ("duration", "Duration",
          "Length in nanoseconds, rounded up to whole frames "
          "(18446744073709551615 = as num-frames says)",
          0, G_MAXUINT64, DEFAULT_DURATION, READY_FLAGS));

  /**
   * GstDitTextSrc:chunk-frames:
   *
   * Frames that are sampled at once: the `num_frames` of diffusers. The Wan
   * models take 4 n + 1. Of a causal model it is the first chunk's length; the
   * later ones, which go on from it, have 3 frames more.
   */
  g_object_class_install_property (klass, PROP_CHUNK_FRAMES,
      g_param_spec_uint ("chunk-frames", "Chunk frames",
          "Frames that are sampled at once (0 = the model's own)",
          0, 100000, DEFAULT_CHUNK_FRAMES, READY_FLAGS));

  /**
   * GstDitTextSrc:is-live:
   *
   * Whether it is a live source: frames go out when the pipeline's clock says so, and
   * where a frame is not made in time the last one is repeated.
   */
  g_object_class_install_property (klass, PROP_IS_LIVE,
      g_param_spec_boolean ("is-live", "Is live",
          "Whether frames go out by the pipeline's clock", DEFAULT_IS_LIVE,
          READY_FLAGS));
}

void
gst_dit_settings_install_properties (GObjectClass * klass)
{
  install_prompt_properties (klass);
  install_length_properties (klass);
  install_sampling_properties (klass);
  install_model_properties (klass);
}

static void
take_string (char **where, const GValue * value)
{
  g_free (*where);
  *where = g_value_dup_string (value);
}

gboolean
gst_dit_settings_set_property (GstDitSettings * settings, guint id,
    const GValue * value)
{
  switch (id) {
    case PROP_MODEL:
      take_string (&settings->model, value);
      break;
    case PROP_LORA:
      take_string (&settings->lora, value);
      break;
    case PROP_LORA_SCALE:
      settings->lora_scale = g_value_get_double (value);
      break;
    case PROP_DEVICE:
      take_string (&settings->device, value);
      break;
    case PROP_PROMPT:
      take_string (&settings->prompt, value);
      break;
    case PROP_NEGATIVE_PROMPT:
      take_string (&settings->negative_prompt, value);
      break;
    case PROP_ACTION:
      take_string (&settings->action, value);
      break;
    case PROP_GUIDANCE_SCALE:
      settings->guidance_scale = g_value_get_double (value);
      break;
    case PROP_STEPS:
      settings->steps = g_value_get_uint (value);
      break;
    case PROP_SEED:
      settings->seed = g_value_get_int64 (value);
      break;
    case PROP_SAMPLER:
      settings->sampler = g_value_get_enum (value);
      break;
    case PROP_FLOW_SHIFT:
      settings->flow_shift = g_value_get_double (value);
      break;
    case PROP_NUM_FRAMES:
      settings->num_frames = g_value_get_int (value);
      break;
    case PROP_DURATION:
      settings->duration = g_value_get_uint64 (value);
      break;
    case PROP_CHUNK_FRAMES:
      settings->chunk_frames = g_value_get_uint (value);
      break;
    case PROP_PRECISION:
      settings->precision = g_value_get_enum (value);
      break;
    case PROP_GEMM:
      settings->gemm = g_value_get_enum (value);
      break;
    case PROP_MEMORY_LIMIT:
      settings->memory_limit = g_value_get_uint64 (value);
      break;
    case PROP_IS_LIVE:
      settings->is_live = g_value_get_boolean (value);
      break;
    default:
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_dit_settings_get_property (const GstDitSettings * settings, guint id,
    GValue * value)
{
  switch (id) {
    case PROP_MODEL:
      g_value_set_string (value, settings->model);
      break;
    case PROP_LORA:
      g_value_set_string (value, settings->lora);
      break;
    case PROP_LORA_SCALE:
      g_value_set_double (value, settings->lora_scale);
      break;
    case PROP_DEVICE:
      g_value_set_string (value, settings->device);
      break;
    case PROP_PROMPT:
      g_value_set_string (value, settings->prompt);
      break;
    case PROP_NEGATIVE_PROMPT:
      g_value_set_string (value, settings->negative_prompt);
      break;
    case PROP_ACTION:
      g_value_set_string (value, settings->action);
      break;
    case PROP_GUIDANCE_SCALE:
      g_value_set_double (value, settings->guidance_scale);
      break;
    case PROP_STEPS:
      g_value_set_uint (value, settings->steps);
      break;
    case PROP_SEED:
      g_value_set_int64 (value, settings->seed);
      break;
    case PROP_SAMPLER:
      g_value_set_enum (value, settings->sampler);
      break;
    case PROP_FLOW_SHIFT:
      g_value_set_double (value, settings->flow_shift);
      break;
    case PROP_NUM_FRAMES:
      g_value_set_int (value, settings->num_frames);
      break;
    case PROP_DURATION:
      g_value_set_uint64 (value, settings->duration);
      break;
    case PROP_CHUNK_FRAMES:
      g_value_set_uint (value, settings->chunk_frames);
      break;
    case PROP_PRECISION:
      g_value_set_enum (value, settings->precision);
      break;
    case PROP_GEMM:
      g_value_set_enum (value, settings->gemm);
      break;
    case PROP_MEMORY_LIMIT:
      g_value_set_uint64 (value, settings->memory_limit);
      break;
    case PROP_IS_LIVE:
      g_value_set_boolean (value, settings->is_live);
      break;
    default:
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_utf8 (const char *name, const char *text, GError ** error)
{
  const char *end;

  if (!text || g_utf8_validate (text, -1, &end))
    return TRUE;
  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
      "%s is not valid UTF-8: byte 0x%02x at offset %" G_GSIZE_FORMAT,
      name, (guint8) * end, (gsize) (end - text));
  return FALSE;
}

/* What a property's range can't say. */
gboolean
gst_dit_settings_check (const GstDitSettings * settings, GError ** error)
{
  return check_utf8 ("prompt", settings->prompt, error)
      && check_utf8 ("negative-prompt", settings->negative_prompt, error)
      && check_utf8 ("action", settings->action, error)
      && check_utf8 ("model", settings->model, error)
      && check_utf8 ("lora", settings->lora, error)
      && check_utf8 ("device", settings->device, error);
}

/* Borrows the strings of @settings. */
VideoSettings
gst_dit_settings_to_video (const GstDitSettings * settings, guint width,
    guint height, guint64 seed)
{
  VideoSettings video = { NULL, };

  video.prompt = settings->prompt;
  video.negative_prompt = settings->negative_prompt;
  video.action = settings->action;
  video.width = width;
  video.height = height;
  video.chunk_frames = settings->chunk_frames;
  video.steps = settings->steps;
  video.guidance_scale = settings->guidance_scale;
  video.flow_shift = settings->flow_shift;
  video.sampler = settings->sampler;
  video.seed = seed;
  return video;
}

gint64
gst_dit_settings_get_total_frames (const GstDitSettings * settings,
    const VideoInfo * info)
{
  if (GST_CLOCK_TIME_IS_VALID (settings->duration))
    return gst_util_uint64_scale_int_ceil (settings->duration, info->fps,
        GST_SECOND);
  return settings->num_frames;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditsettings.h: the properties of dittextsrc as a plain struct. */

#pragma once

#include <gst/gst.h>

#include "models/video.h"

typedef struct
{
  char *model;                  /* NULL: the starter checkpoint */
  char *lora;                   /* NULL or "": none */
  double lora_scale;
  char *device;                 /* NULL: best */
  OclPrecision precision;
  OclGemm gemm;
  guint64 memory_limit;         /* bytes, 0: none */

  char *prompt;
  char *negative_prompt;
  char *action;                 /* NULL or "": none */
  double guidance_scale;        /* < 0: the model's */
  guint steps;                  /* 0: the model's */
  gint64 seed;                  /* < 0: another one at each start */
  VideoSampler sampler;
  double flow_shift;            /* 0: the model's */

  int num_frames;               /* 0: one clip, < 0: endless */
  GstClockTime duration;        /* NONE: num_frames says */
  guint chunk_frames;           /* 0: the model's */
  gboolean is_live;
} GstDitSettings;

void gst_dit_settings_init (GstDitSettings * settings);
void gst_dit_settings_copy (GstDitSettings * to, const GstDitSettings * from);
void gst_dit_settings_clear (GstDitSettings * settings);

void gst_dit_settings_install_properties (GObjectClass * klass);
/* FALSE: no such property. */
gboolean gst_dit_settings_set_property (GstDitSettings * settings,
    guint id, const GValue * value);
gboolean gst_dit_settings_get_property (const GstDitSettings * settings,
    guint id, GValue * value);

gboolean gst_dit_settings_check (const GstDitSettings * settings,
    GError ** error);
VideoSettings gst_dit_settings_to_video (const GstDitSettings * settings,
    guint width, guint height, guint64 seed);
/* -1: endless, 0: what video_generator_get_length() says */
gint64 gst_dit_settings_get_total_frames (const GstDitSettings * settings,
    const VideoInfo * info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstDitSettings, gst_dit_settings_clear)

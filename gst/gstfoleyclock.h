/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleyclock.h: when frames are shown, and which sample is heard then.
 *
 * Times are running time, where nothing else is said. */

#pragma once

#include <gst/gst.h>

/* Of frames: segment and rate in, running times out. */
typedef struct
{
  GstSegment segment;
  int fps_n, fps_d;             /* 0/1: variable */

  GstClockTime anchor;          /* the last time stamp there was, or NONE */
  guint64 since;                /* frames without one since then */
  GstClockTime next;            /* where the one before ended, or NONE */
} GstFoleyFrames;

void gst_foley_frames_init (GstFoleyFrames * frames);
void gst_foley_frames_set_segment (GstFoleyFrames * frames,
    const GstSegment * segment);
void gst_foley_frames_set_rate (GstFoleyFrames * frames, int fps_n, int fps_d);
GstClockTime gst_foley_frames_get_duration (const GstFoleyFrames * frames);
/* FALSE: not in the segment. *@stop may be NONE. @stream_time: NULL or where
 * that goes. */
gboolean gst_foley_frames_place (GstFoleyFrames * frames,
    GstBuffer * buffer, GstClockTime * start, GstClockTime * stop,
    GstClockTime * stream_time);
gboolean gst_foley_frames_place_gap (const GstFoleyFrames * frames,
    GstClockTime timestamp, GstClockTime duration, GstClockTime * start,
    GstClockTime * stop);

/* The segment of sound for a segment of frames: same running times, rate 1. */
void gst_foley_segment_for_sound (const GstSegment * frames,
    GstSegment * sound);

/* Of samples, counted from the first frame on. */
typedef struct
{
  guint rate;
  gboolean begun;
  GstClockTime origin;          /* of sample 0 */
  guint64 position;             /* the next sample */
} GstFoleySamples;

void gst_foley_samples_begin (GstFoleySamples * samples, guint rate,
    GstClockTime origin);
guint64 gst_foley_samples_until (const GstFoleySamples * samples,
    GstClockTime time);
GstClockTime gst_foley_samples_get_time (const GstFoleySamples * samples,
    guint64 sample);
guint64 gst_foley_samples_get_offset (const GstFoleySamples * samples,
    guint64 sample);
void gst_foley_samples_jump (GstFoleySamples * samples, GstClockTime time);

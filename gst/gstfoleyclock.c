/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleyclock.c: when frames are shown, and which sample is heard then. All is
 * counted from a beginning, never added up, so that nothing drifts. */

#include "gstfoleyclock.h"

void
gst_foley_frames_init (GstFoleyFrames * frames)
{
  gst_segment_init (&frames->segment, GST_FORMAT_TIME);
  frames->fps_n = 0;
  frames->fps_d = 1;
  frames->anchor = frames->next = GST_CLOCK_TIME_NONE;
  frames->since = 0;
}

void
gst_foley_frames_set_segment (GstFoleyFrames * frames,
    const GstSegment * segment)
{
  gst_segment_copy_into (segment, &frames->segment);
  frames->anchor = frames->next = GST_CLOCK_TIME_NONE;
  frames->since = 0;
}

/* Time stamps that are missing go on from here at the new rate. */
void
gst_foley_frames_set_rate (GstFoleyFrames * frames, int fps_n, int fps_d)
{
  frames->fps_n = fps_n;
  frames->fps_d = fps_d;
  if (GST_CLOCK_TIME_IS_VALID (frames->next)) {
    frames->anchor = frames->next;
    frames->since = 0;
  }
}

/* Of a frame at the nominal rate; NONE if there is none. */
GstClockTime
gst_foley_frames_get_duration (const GstFoleyFrames * frames)
{
  if (frames->fps_n <= 0 || frames->fps_d <= 0)
    return GST_CLOCK_TIME_NONE;
  return gst_util_uint64_scale_int (GST_SECOND, frames->fps_d, frames->fps_n);
}

/* A sum that stays below NONE. */
static GstClockTime
add_time (GstClockTime a, GstClockTime b)
{
  return b < GST_CLOCK_TIME_NONE && a < GST_CLOCK_TIME_NONE - 1 - b ? a + b :
      GST_CLOCK_TIME_NONE - 1;
}

/* The time stamp of the frame after @frames->since others without one. */
static GstClockTime
derive_timestamp (const GstFoleyFrames * frames)
{
  if (!GST_CLOCK_TIME_IS_VALID (frames->anchor))
    return frames->segment.start;
  if (frames->fps_n <= 0 || frames->fps_d <= 0)
    return frames->next;
  return add_time (frames->anchor,
      gst_util_uint64_scale (frames->since,
          GST_SECOND * (guint64) frames->fps_d, frames->fps_n));
}

static GstClockTime
take_timestamp (GstFoleyFrames * frames, GstBuffer * buffer)
{
  GstClockTime pts = GST_BUFFER_PTS_IS_VALID (buffer) ?
      GST_BUFFER_PTS (buffer) : GST_BUFFER_DTS (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (pts))
    pts = derive_timestamp (frames);
  else {
    frames->anchor = pts;
    frames->since = 0;
  }
  if (!GST_CLOCK_TIME_IS_VALID (frames->anchor))
    frames->anchor = pts;
  frames->since++;
  return pts;
}

/* @timestamp and @end are in the segment's own time; @end may be NONE. */
static gboolean
to_running_time (const GstSegment * segment, GstClockTime timestamp,
    GstClockTime end, GstClockTime * start, GstClockTime * stop)
{
  guint64 from, to;

  if (!gst_segment_clip (segment, GST_FORMAT_TIME, timestamp, end, &from, &to))
    return FALSE;
  *start = gst_segment_to_running_time (segment, GST_FORMAT_TIME, from);
  *stop = GST_CLOCK_TIME_IS_VALID (to) && GST_CLOCK_TIME_IS_VALID (end) ?
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, to) :
      GST_CLOCK_TIME_NONE;
  if (segment->rate < 0 && GST_CLOCK_TIME_IS_VALID (*stop)) {
    GstClockTime first = *stop;

    *stop = *start;
    *start = first;
  }
  return GST_CLOCK_TIME_IS_VALID (*start);
}

gboolean
gst_foley_frames_place (GstFoleyFrames * frames, GstBuffer * buffer,
    GstClockTime * start, GstClockTime * stop, GstClockTime * stream_time)
{
  GstClockTime pts = take_timestamp (frames, buffer);
  GstClockTime duration = GST_BUFFER_DURATION_IS_VALID (buffer) ?
      GST_BUFFER_DURATION (buffer) : gst_foley_frames_get_duration (frames);
  GstClockTime end = GST_CLOCK_TIME_IS_VALID (duration) ?
      add_time (pts, duration) : GST_CLOCK_TIME_NONE;

  frames->next = GST_CLOCK_TIME_IS_VALID (end) ? end : pts;
  if (stream_time)
    *stream_time = gst_segment_to_stream_time (&frames->segment,
        GST_FORMAT_TIME, pts);
  return to_running_time (&frames->segment, pts, end, start, stop);
}

gboolean
gst_foley_frames_place_gap (const GstFoleyFrames * frames,
    GstClockTime timestamp, GstClockTime duration, GstClockTime * start,
    GstClockTime * stop)
{
  if (!GST_CLOCK_TIME_IS_VALID (timestamp)
      || !GST_CLOCK_TIME_IS_VALID (duration))
    return FALSE;
  return to_running_time (&frames->segment, timestamp,
      add_time (timestamp, duration), start, stop)
      && GST_CLOCK_TIME_IS_VALID (*stop);
}

/* Sound keeps its pitch at any rate, since what happens, happens in running time:
 * so its own rate is 1, and the frames' one is told as already applied, as
 * scaletempo of GStreamer does. It has no stop, so that what rings rings out; but
 * backwards, where nothing does and stream time is counted from there. */
void
gst_foley_segment_for_sound (const GstSegment * frames, GstSegment * sound)
{
  double rate = ABS (frames->rate);

  gst_segment_copy_into (frames, sound);
  sound->stop = GST_CLOCK_TIME_NONE;
  sound->position = sound->start;
  sound->duration = GST_CLOCK_TIME_NONE;
  if (frames->rate == 1.0)
    return;
  sound->rate = 1.0;
  sound->applied_rate = frames->rate * frames->applied_rate;
  sound->offset = frames->offset / rate;
  if (frames->rate < 0 && GST_CLOCK_TIME_IS_VALID (frames->stop))
    sound->stop = frames->start + (frames->stop - frames->start) / rate;
}

void
gst_foley_samples_begin (GstFoleySamples * samples, guint rate,
    GstClockTime origin)
{
  samples->rate = rate;
  samples->begun = TRUE;
  samples->origin = origin;
  samples->position = 0;
}

/* The first sample that is not before @time; never one before the position. */
guint64
gst_foley_samples_until (const GstFoleySamples * samples, GstClockTime time)
{
  guint64 sample = 0;

  if (time > samples->origin)
    sample = gst_util_uint64_scale (time - samples->origin, samples->rate,
        GST_SECOND);
  return MAX (sample, samples->position);
}

GstClockTime
gst_foley_samples_get_time (const GstFoleySamples * samples, guint64 sample)
{
  return samples->origin + gst_util_uint64_scale (sample, GST_SECOND,
      samples->rate);
}

/* The number of the sample since running time 0. */
guint64
gst_foley_samples_get_offset (const GstFoleySamples * samples, guint64 sample)
{
  return gst_util_uint64_scale_round (samples->origin, samples->rate,
      GST_SECOND) + sample;
}

/* The next sample is heard at @time, not before. */
void
gst_foley_samples_jump (GstFoleySamples * samples, GstClockTime time)
{
  samples->origin += time - gst_foley_samples_get_time (samples,
      samples->position);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* foley-helpers.h: what the tests of videoaudiofoley share. */

#pragma once

#include <gst/audio/audio.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "fake-foley.h"

/* Starts GLib's tests and GStreamer with videoaudiofoley, coreelements, app,
 * videotestsrc and matroska. */
void foley_init (int *argc, char ***argv);
/* Resets the stand-in before, and checks after, that nothing is left of it. */
void foley_add (const char *path, GTestFunc test);

/* The element with a harness at each of its pads. */
typedef struct
{
  GstElement *foley;
  GstHarness *video;            /* sink in, video out */
  GstHarness *audio;
  GstBus *bus;
  GstClockTime frame;           /* of the frames that are pushed */
  guint64 size;                 /* bytes */
} Bench;

/* Of frames of gray8 at @fps; @audio_caps: NULL or what downstream takes.
 * Properties and NULL follow. */
Bench bench_new (int fps_n, int fps_d, const char *audio_caps, ...);
void bench_clear (Bench * bench);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)
void bench_set_caps (Bench * bench, const char *caps);

GstBuffer *bench_make_frame (Bench * bench, GstClockTime pts,
    GstClockTime duration);
GstFlowReturn bench_push (Bench * bench, GstClockTime pts,
    GstClockTime duration);
void bench_push_segment (Bench * bench, const GstSegment * segment);
void bench_eos (Bench * bench);

/* What sound has come since the last call. */
typedef struct
{
  guint64 samples;              /* of a channel */
  guint64 silent;               /* of these in buffers with the GAP flag */
  guint64 first, end;           /* offsets */
  GstClockTime start, stop;     /* time stamps */
  guint buffers, disconts;
  guint64 hash;                 /* of the samples */
} Heard;

/* Time stamps and offsets have to fit within. */
Heard bench_hear (Bench * bench);
Heard hear (GstHarness * harness);
GstEvent *bench_find_event (GstHarness * harness, GstEventType type);
void bench_expect (Bench * bench, GstMessageType type, GQuark domain, int code);
guint64 bench_get_stat (Bench * bench, const char *name);

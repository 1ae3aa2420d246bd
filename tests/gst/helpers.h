/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* helpers.h: what the element tests share. */

#pragma once

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

/* Starts GLib's tests and GStreamer with dittextsrc, coreelements and app. */
void helpers_init (int *argc, char ***argv);

/* A pipeline `dittextsrc ! capsfilter ! appsink`, the sink taking one buffer at a
 * time. */
typedef struct
{
  GstElement *pipeline, *src, *sink;
  GstBus *bus;
} Chain;

/* Properties and NULL follow. */
Chain chain_new (const char *caps, ...);
void chain_clear (Chain * chain);
void chain_play (Chain * chain);
/* Plays if it can: errors may refuse the change of state, or come later. */
void chain_try (Chain * chain);
GstSample *chain_pull (Chain * chain);
void chain_pull_eos (Chain * chain);
void chain_seek (Chain * chain, GstSeekFlags flags, GstClockTime start,
    GstClockTime stop);
/* The next message of @type; fails on an error that is not awaited. */
GstMessage *chain_wait (Chain * chain, GstMessageType type);
GstMessage *chain_wait_progress (Chain * chain, GstProgressType type,
    const char *code);
const GstStructure *chain_wait_element (Chain * chain, const char *name,
    GstMessage ** message);
void chain_expect_error (Chain * chain, GQuark domain, gint code,
    const char *word);
void chain_expect_warning (Chain * chain, GQuark domain, gint code,
    const char *word);

gint64 now_ms (void);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chain, chain_clear)

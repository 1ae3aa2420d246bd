/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleypads.h: the source pads of videoaudiofoley: one of video, and those of
 * sound, which are all told the same. */

#pragma once

#include <gst/base/gstflowcombiner.h>
#include <gst/gst.h>

#include "gstfoleyclock.h"
#include "gstfoleysound.h"

#define GST_TYPE_FOLEY_PAD (gst_foley_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstFoleyPad, gst_foley_pad, GST, FOLEY_PAD, GstPad);

int gst_foley_pad_get_stem (GstFoleyPad * pad);
GstFoleyPad *gst_foley_pad_new (GstPadTemplate * templ, const char *name,
    int stem);

typedef struct
{
  GMutex lock;
  GstPad *video;                /* borrowed */
  GPtrArray *sounds;            /* GstFoleyPad, the mix first */
  GstFlowCombiner *combiner;

  /* the streaming thread's: what every pad of sound has to be told, and how
   * often that has changed */
  char *stream_id;              /* of the mix; NULL before STREAM_START */
  GstEvent *stream_start;       /* the video's */
  GstSegment segment;           /* UNDEFINED before SEGMENT */
  guint32 segment_seqnum;
  GstTagList *tags;             /* NULL: none */
  guint stream_serial, segment_serial, tags_serial;
} GstFoleyPads;

void gst_foley_pads_init (GstFoleyPads * pads, GstPad * video);
void gst_foley_pads_clear (GstFoleyPads * pads);
void gst_foley_pads_reset (GstFoleyPads * pads);

/* FALSE: there is one of that stem. */
gboolean gst_foley_pads_add (GstFoleyPads * pads, GstFoleyPad * pad);
void gst_foley_pads_remove (GstFoleyPads * pads, GstFoleyPad * pad);
int gst_foley_pads_get_free_stem (GstFoleyPads * pads);
guint gst_foley_pads_get_n_stems (GstFoleyPads * pads);

void gst_foley_pads_set_stream (GstFoleyPads * pads, GstEvent * stream_start);
void gst_foley_pads_set_segment (GstFoleyPads * pads,
    const GstSegment * segment, guint32 seqnum);
void gst_foley_pads_set_tags (GstFoleyPads * pads, GstTagList * tags);
void gst_foley_pads_announce (GstFoleyPads * pads);

gboolean gst_foley_pads_check_reconfigure (GstFoleyPads * pads);
gboolean gst_foley_pads_negotiate (GstFoleyPads * pads, int layout,
    guint * rate, FoleyLayout * chosen);

gboolean gst_foley_pads_push_event (GstFoleyPads * pads, GstEvent * event);
GstFlowReturn gst_foley_pads_push_video (GstFoleyPads * pads,
    GstBuffer * buffer);
GstFlowReturn gst_foley_pads_push_sound (GstFoleyPads * pads,
    const GstFoleySound * sound, const GstFoleySamples * samples, guint64 from,
    gboolean discont);
void gst_foley_pads_push_gap (GstFoleyPads * pads, GstClockTime start,
    GstClockTime stop);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleystats.h: what videoaudiofoley has seen and made. */

#pragma once

#include <gst/gst.h>

typedef enum
{
  GST_FOLEY_STAT_FRAMES,        /* that came in */
  GST_FOLEY_STAT_SEEN,          /* of these, looked at */
  GST_FOLEY_STAT_SAMPLES,       /* of a channel */
  GST_FOLEY_STAT_SOUNDS,        /* that have begun */
  GST_FOLEY_STAT_JUMPS,         /* in time, that sound did not go through */
  GST_FOLEY_N_STATS
} GstFoleyStat;

typedef struct
{
  GMutex lock;
  guint64 counts[GST_FOLEY_N_STATS];
} GstFoleyStats;

void gst_foley_stats_init (GstFoleyStats * stats);
void gst_foley_stats_clear (GstFoleyStats * stats);
void gst_foley_stats_reset (GstFoleyStats * stats);
void gst_foley_stats_add (GstFoleyStats * stats, GstFoleyStat stat, guint64 n);
GstStructure *gst_foley_stats_to_structure (GstFoleyStats * stats);

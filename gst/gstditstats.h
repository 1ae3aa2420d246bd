/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditstats.h: how many frames went which way. */

#pragma once

#include <gst/gst.h>

typedef enum
{
  GST_DIT_STAT_GENERATED,       /* by the model */
  GST_DIT_STAT_OUT,             /* pushed, those repeated among them */
  GST_DIT_STAT_REPEATED,
  GST_DIT_STAT_DROPPED,         /* generated, but not pushed */
  GST_DIT_N_STATS
} GstDitStat;

typedef struct
{
  GMutex lock;
  guint64 counts[GST_DIT_N_STATS];
} GstDitStats;

void gst_dit_stats_init (GstDitStats * stats);
void gst_dit_stats_clear (GstDitStats * stats);
void gst_dit_stats_reset (GstDitStats * stats);
void gst_dit_stats_add (GstDitStats * stats, GstDitStat stat, guint n);
guint64 gst_dit_stats_get (GstDitStats * stats, GstDitStat stat);
GstStructure *gst_dit_stats_to_structure (GstDitStats * stats);

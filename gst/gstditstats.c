/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditstats.c: how many frames went which way, counted by any thread. */

#include "gstditstats.h"

#include <string.h>

void
gst_dit_stats_init (GstDitStats * stats)
{
  memset (stats, 0, sizeof *stats);
  g_mutex_init (&stats->lock);
}

void
gst_dit_stats_clear (GstDitStats * stats)
{
  g_mutex_clear (&stats->lock);
}

void
gst_dit_stats_reset (GstDitStats * stats)
{
  g_mutex_lock (&stats->lock);
  memset (stats->counts, 0, sizeof stats->counts);
  g_mutex_unlock (&stats->lock);
}

void
gst_dit_stats_add (GstDitStats * stats, GstDitStat stat, guint n)
{
  g_mutex_lock (&stats->lock);
  stats->counts[stat] += n;
  g_mutex_unlock (&stats->lock);
}

guint64
gst_dit_stats_get (GstDitStats * stats, GstDitStat stat)
{
  guint64 count;

  g_mutex_lock (&stats->lock);
  count = stats->counts[stat];
  g_mutex_unlock (&stats->lock);
  return count;
}

/* application/x-dit-stats */
GstStructure *
gst_dit_stats_to_structure (GstDitStats * stats)
{
  GstStructure *structure;

  g_mutex_lock (&stats->lock);
  structure = gst_structure_new ("application/x-dit-stats",
      "generated", G_TYPE_UINT64, stats->counts[GST_DIT_STAT_GENERATED],
      "out", G_TYPE_UINT64, stats->counts[GST_DIT_STAT_OUT],
      "repeated", G_TYPE_UINT64, stats->counts[GST_DIT_STAT_REPEATED],
      "dropped", G_TYPE_UINT64, stats->counts[GST_DIT_STAT_DROPPED], NULL);
  g_mutex_unlock (&stats->lock);
  return structure;
}

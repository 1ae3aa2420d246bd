/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleystats.c: what videoaudiofoley has seen and made, counted by the streaming
 * thread and read by any. */

#include "gstfoleystats.h"

#include <string.h>

void
gst_foley_stats_init (GstFoleyStats * stats)
{
  memset (stats, 0, sizeof *stats);
  g_mutex_init (&stats->lock);
}

void
gst_foley_stats_clear (GstFoleyStats * stats)
{
  g_mutex_clear (&stats->lock);
}

void
gst_foley_stats_reset (GstFoleyStats * stats)
{
  g_mutex_lock (&stats->lock);
  memset (stats->counts, 0, sizeof stats->counts);
  g_mutex_unlock (&stats->lock);
}

void
gst_foley_stats_add (GstFoleyStats * stats, GstFoleyStat stat, guint64 n)
{
  g_mutex_lock (&stats->lock);
  stats->counts[stat] += n;
  g_mutex_unlock (&stats->lock);
}

/* application/x-dit-foley-stats */
GstStructure *
gst_foley_stats_to_structure (GstFoleyStats * stats)
{
  GstStructure *structure;

  g_mutex_lock (&stats->lock);
  structure = gst_structure_new ("application/x-dit-foley-stats",
      "frames", G_TYPE_UINT64, stats->counts[GST_FOLEY_STAT_FRAMES],
      "seen", G_TYPE_UINT64, stats->counts[GST_FOLEY_STAT_SEEN],
      "samples", G_TYPE_UINT64, stats->counts[GST_FOLEY_STAT_SAMPLES],
      "sounds", G_TYPE_UINT64, stats->counts[GST_FOLEY_STAT_SOUNDS],
      "jumps", G_TYPE_UINT64, stats->counts[GST_FOLEY_STAT_JUMPS], NULL);
  g_mutex_unlock (&stats->lock);
  return structure;
}

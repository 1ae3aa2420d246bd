/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditloader.h: opens a generator on a thread of its own. */

#pragma once

#include "gstditsettings.h"

typedef struct _GstDitLoader GstDitLoader;

typedef struct
{
  /* @stage as models/video.h, or "prompt"; @percent of all the loading, or -1
   * after that, when the generator compiles something more. */
  void (*progress) (gpointer owner, const char *stage, int percent);
  /* The end, once, unless cancelled: @generator (taken), or @error.
   * @report: what is to be said of the prompts. */
  void (*done) (gpointer owner, VideoGenerator * generator,
      const VideoPromptReport * report, const GError * error);
} GstDitLoaderFuncs;

GstDitLoader *gst_dit_loader_new (const GstDitSettings * settings,
    guint64 seed, GstDitLoader * previous, const GstDitLoaderFuncs * funcs,
    gpointer owner);
GstDitLoader *gst_dit_loader_ref (GstDitLoader * loader);
void gst_dit_loader_unref (GstDitLoader * loader);
gboolean gst_dit_loader_cancel (GstDitLoader * loader);
gboolean gst_dit_loader_lock_if_loading (GstDitLoader * loader);
void gst_dit_loader_unlock (GstDitLoader * loader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDitLoader, gst_dit_loader_unref)

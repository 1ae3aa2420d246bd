/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleysettings.h: the properties of videoaudiofoley as a plain struct. */

#pragma once

#include <gst/gst.h>

#include "models/foley.h"

/* A device that stands for none. */
#define GST_FOLEY_NO_DEVICE "none"

typedef struct
{
  /* read when the sound begins */
  int layout;                   /* a FoleyLayout, or GST_FOLEY_LAYOUT_AUTO */
  char *memory;                 /* NULL: only what comes with it */
  char *hrtf;                   /* NULL: what is installed */
  guint64 seed;
  char *device;                 /* of the finder; NULL: the best */

  /* read at each frame */
  char *prompt;
  double loudness;              /* LUFS, 0: as it is */
  double gains[FOLEY_N_LAYERS];
  char *allow, *deny;           /* names, with commas between */
  gboolean post_messages;
} GstFoleySettings;

void gst_foley_settings_init (GstFoleySettings * settings);
void gst_foley_settings_copy (GstFoleySettings * to,
    const GstFoleySettings * from);
void gst_foley_settings_clear (GstFoleySettings * settings);

void gst_foley_settings_install_properties (GObjectClass * klass);
/* FALSE: no such property. */
gboolean gst_foley_settings_set_property (GstFoleySettings * settings,
    guint id, const GValue * value);
gboolean gst_foley_settings_get_property (const GstFoleySettings * settings,
    guint id, GValue * value);

gboolean gst_foley_settings_check (const GstFoleySettings * settings,
    GError ** error);
void gst_foley_settings_control (const GstFoleySettings * settings,
    const char *scene, Foley * foley);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstFoleySettings, gst_foley_settings_clear)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleysound.h: a Foley whose samples become buffers. */

#pragma once

#include <gst/audio/audio.h>

#include "models/foley.h"

typedef struct _GstFoleySound GstFoleySound;

/* The mix, where a stem's number is asked for. */
#define GST_FOLEY_MIX -1

/* Strings of @options are borrowed only while this runs. With @mute there is no
 * Foley, only silence. */
GstFoleySound *gst_foley_sound_new (const FoleyOptions * options,
    gboolean mute, GError ** error);
void gst_foley_sound_free (GstFoleySound * sound);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFoleySound, gst_foley_sound_free)

/* NULL if it is mute. */
Foley *gst_foley_sound_get_foley (GstFoleySound * sound);
const FoleyOptions *gst_foley_sound_get_options (const GstFoleySound * sound);
guint gst_foley_sound_get_capacity (const GstFoleySound * sound);

void gst_foley_sound_follow (GstFoleySound * sound, GstFoleySound * before);
void gst_foley_sound_render (GstFoleySound * sound, guint64 upto);
gboolean gst_foley_sound_is_over (const GstFoleySound * sound);
GstBuffer *gst_foley_sound_get_buffer (const GstFoleySound * sound, int stem,
    GstAudioFormat format);

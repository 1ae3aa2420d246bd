/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleycaps.h: the sound that videoaudiofoley makes, as caps. */

#pragma once

#include <gst/audio/audio.h>

#include "models/foley.h"

/* The others are those of FoleyLayout. */
#define GST_FOLEY_LAYOUT_AUTO -1

#define GST_TYPE_FOLEY_LAYOUT (gst_foley_layout_get_type ())
GType gst_foley_layout_get_type (void);

#define GST_FOLEY_CAPS_OF(channels) \
    "audio/x-raw, format=(string){ " GST_AUDIO_NE (F32) ", " \
    GST_AUDIO_NE (S16) " }, layout=(string)interleaved, " \
    "rate=(int)[ " G_STRINGIFY (FOLEY_MIN_RATE) ", " \
    G_STRINGIFY (FOLEY_MAX_RATE) " ], channels=(int)" channels

#define GST_FOLEY_CAPS_STEREO GST_FOLEY_CAPS_OF ("2, channel-mask=(bitmask)0x3")
#define GST_FOLEY_CAPS_MONO GST_FOLEY_CAPS_OF ("1")
/* FL FR FC LFE RL RR */
#define GST_FOLEY_CAPS_5_1 GST_FOLEY_CAPS_OF ("6, channel-mask=(bitmask)0x3f")
/* Four channels without places are W Y Z X. */
#define GST_FOLEY_CAPS_AMBISONIC \
    GST_FOLEY_CAPS_OF ("4, channel-mask=(bitmask)0x0")

/* The first is what an unrestricted pad gets. */
#define GST_FOLEY_CAPS_ALL GST_FOLEY_CAPS_STEREO "; " GST_FOLEY_CAPS_MONO "; " \
    GST_FOLEY_CAPS_5_1 "; " GST_FOLEY_CAPS_AMBISONIC

GstCaps *gst_foley_caps_new (int layout);
GstCaps *gst_foley_caps_narrow (const GstCaps * caps, GstCaps * peer);
GstCaps *gst_foley_caps_fixate (GstCaps * caps);
GstCaps *gst_foley_caps_of_sound (guint rate, FoleyLayout layout);
FoleyLayout gst_foley_caps_get_layout (const GstCaps * caps, int layout);

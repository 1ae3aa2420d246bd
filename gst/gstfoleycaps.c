/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleycaps.c: the sound that videoaudiofoley makes, as caps: which layouts
 * there are, and choosing among what downstream takes. */

#include "gstfoleycaps.h"

#define DEFAULT_RATE 48000

/**
 * GstFoleyLayout:
 * @auto: what downstream takes; stereo if it takes all
 * @mono: one channel
 * @stereo: two loudspeakers
 * @surround-5.1: front left, right, centre, low frequencies, rear left, right
 * @ambisonic: first order, ACN order and SN3D scale: W Y Z X
 * @binaural: two ears, for headphones
 *
 * The channels of the sound.
 */
GType
gst_foley_layout_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_FOLEY_LAYOUT_AUTO, "What downstream takes", "auto"},
    {FOLEY_LAYOUT_MONO, "One channel", "mono"},
    {FOLEY_LAYOUT_STEREO, "Two loudspeakers", "stereo"},
    {FOLEY_LAYOUT_5_1, "Five loudspeakers and one for low frequencies",
        "surround-5.1"},
    {FOLEY_LAYOUT_AMBISONIC, "Ambisonics of first order: W Y Z X (ACN, SN3D)",
        "ambisonic"},
    {FOLEY_LAYOUT_BINAURAL, "Two ears, for headphones", "binaural"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstFoleyLayout", values));
  return type;
}

/* Returns: (transfer full): what @layout allows. */
GstCaps *
gst_foley_caps_new (int layout)
{
  switch (layout) {
    case FOLEY_LAYOUT_MONO:
      return gst_caps_from_string (GST_FOLEY_CAPS_MONO);
    case FOLEY_LAYOUT_STEREO:
    case FOLEY_LAYOUT_BINAURAL:
      return gst_caps_from_string (GST_FOLEY_CAPS_STEREO);
    case FOLEY_LAYOUT_5_1:
      return gst_caps_from_string (GST_FOLEY_CAPS_5_1);
    case FOLEY_LAYOUT_AMBISONIC:
      return gst_caps_from_string (GST_FOLEY_CAPS_AMBISONIC);
    default:
      return gst_caps_from_string (GST_FOLEY_CAPS_ALL);
  }
}

/* What of @caps a pad with @peer's caps takes, in whatever format, what the peer
 * likes better first.
 *
 * Returns: (transfer full): empty if nothing. @peer: (transfer full). */
GstCaps *
gst_foley_caps_narrow (const GstCaps * caps, GstCaps * peer)
{
  g_autoptr (GstCaps) takes = gst_caps_make_writable (peer);

  for (guint i = 0; i < gst_caps_get_size (takes); i++)
    gst_structure_remove_field (gst_caps_get_structure (takes, i), "format");
  return gst_caps_intersect_full (takes, (GstCaps *) caps,
      GST_CAPS_INTERSECT_FIRST);
}

/* The first that is more than mono. Encoders like to name mono first, and who
 * needs it converts to it. */
static guint
find_best (const GstCaps * caps)
{
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    int channels = 0;

    gst_structure_get_int (gst_caps_get_structure (caps, i), "channels",
        &channels);
    if (channels > 1)
      return i;
  }
  return 0;
}

/* @caps: (transfer full). */
GstCaps *
gst_foley_caps_fixate (GstCaps * caps)
{
  GstCaps *best = gst_caps_copy_nth (caps, find_best (caps));
  GstStructure *structure;

  gst_caps_unref (caps);
  caps = best;
  structure = gst_caps_get_structure (caps, 0);
  gst_structure_fixate_field_nearest_int (structure, "rate", DEFAULT_RATE);
  gst_structure_fixate_field_string (structure, "format", GST_AUDIO_NE (F32));
  return gst_caps_fixate (caps);
}

/* Fixed but for the format. */
GstCaps *
gst_foley_caps_of_sound (guint rate, FoleyLayout layout)
{
  GstCaps *caps = gst_foley_caps_new (layout);

  gst_caps_set_simple (caps, "rate", G_TYPE_INT, (int) rate, NULL);
  return caps;
}

/* The layout of fixed @caps, where the property says @layout. */
FoleyLayout
gst_foley_caps_get_layout (const GstCaps * caps, int layout)
{
  int channels = 0;

  if (layout != GST_FOLEY_LAYOUT_AUTO)
    return layout;
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
      &channels);
  switch (channels) {
    case 1:
      return FOLEY_LAYOUT_MONO;
    case 4:
      return FOLEY_LAYOUT_AMBISONIC;
    case 6:
      return FOLEY_LAYOUT_5_1;
    default:
      return FOLEY_LAYOUT_STEREO;
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditcaps.c: what a model makes, as caps; choosing among them; saying why
 * none is right. */

#include "gstditcaps.h"

#define MAX_SIZE 8192

/* GStreamer takes YUV for BT.601 up to this height, for BT.709 above. */
#define MAX_SD_HEIGHT 576

static void
set_size_range (GstStructure * structure, const char *field, guint multiple)
{
  GValue range = G_VALUE_INIT;

  g_value_init (&range, GST_TYPE_INT_RANGE);
  gst_value_set_int_range_step (&range, multiple,
      MAX_SIZE - MAX_SIZE % multiple, multiple);
  gst_structure_take_value (structure, field, &range);
}

static void
append_formats (GstCaps * caps, const char *description, const VideoInfo * info)
{
  GstStructure *structure = gst_structure_from_string (description, NULL);

  set_size_range (structure, "width", info->size_multiple);
  set_size_range (structure, "height", info->size_multiple);
  gst_structure_set (structure,
      "framerate", GST_TYPE_FRACTION, info->fps, 1,
      "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1,
      "interlace-mode", G_TYPE_STRING, "progressive", NULL);
  gst_caps_append_structure (caps, structure);
}

/* Chroma is the mean of 2 x 2 pixels: it lies between them, as in JPEG. */
GstCaps *
gst_dit_caps_from_info (const VideoInfo * info)
{
  GstCaps *caps = gst_caps_new_empty ();

  append_formats (caps, "video/x-raw, format=(string){ I420, NV12 }, "
      "colorimetry=(string){ bt601, bt709 }, chroma-site=(string)jpeg", info);
  append_formats (caps, "video/x-raw, format=(string){ RGB, RGBA, BGRx }, "
      "colorimetry=(string)sRGB", info);
  return caps;
}

static guint
nearest_multiple (double size, guint multiple)
{
  return MAX ((guint) (size / multiple + 0.5), 1) * multiple;
}

/* The native size, or with one side given the native shape. */
static void
fixate_size (GstStructure * structure, const VideoInfo * info)
{
  int side;
  guint width = info->width, height = info->height;

  if (gst_structure_get_int (structure, "width", &side))
    height = nearest_multiple ((double) side * info->height / info->width,
        info->size_multiple);
  else if (gst_structure_get_int (structure, "height", &side))
    width = nearest_multiple ((double) side * info->width / info->height,
        info->size_multiple);

  gst_structure_fixate_field_nearest_int (structure, "width", width);
  gst_structure_fixate_field_nearest_int (structure, "height", height);
}

GstCaps *
gst_dit_caps_fixate (GstCaps * caps, const VideoInfo * info)
{
  GstStructure *structure;
  int height = 0;

  caps = gst_caps_make_writable (gst_caps_truncate (caps));
  structure = gst_caps_get_structure (caps, 0);
  fixate_size (structure, info);
  gst_structure_get_int (structure, "height", &height);
  if (gst_structure_has_field (structure, "colorimetry"))
    gst_structure_fixate_field_string (structure, "colorimetry",
        height > MAX_SD_HEIGHT ? "bt709" : "bt601");
  return gst_caps_fixate (caps);
}

static void
explain_side (GString * why, const GstStructure * wanted, const char *field,
    guint multiple)
{
  int side;

  if (!gst_structure_get_int (wanted, field, &side) || side % multiple == 0)
    return;
  g_string_append_printf (why,
      "%s %d is not a multiple of %u (use %u or %u); ", field, side, multiple,
      side - side % multiple, side - side % multiple + multiple);
}

static void
explain_rate (GString * why, const GstStructure * wanted, guint fps)
{
  int numerator, denominator;

  if (!gst_structure_get_fraction (wanted, "framerate", &numerator,
          &denominator) || numerator == (gint64) fps * denominator)
    return;
  g_string_append_printf (why, "framerate %d/%d is not the model's %u/1 "
      "(put videorate after dittextsrc); ", numerator, denominator, fps);
}

/* In words: why the model does not make @wanted, and what is near to it. */
char *
gst_dit_caps_explain_failure (const GstCaps * wanted, const VideoInfo * info)
{
  g_autoptr (GString) why = g_string_new (NULL);

  if (wanted && gst_caps_get_size (wanted) > 0) {
    const GstStructure *structure = gst_caps_get_structure (wanted, 0);

    explain_side (why, structure, "width", info->size_multiple);
    explain_side (why, structure, "height", info->size_multiple);
    explain_rate (why, structure, info->fps);
  }
  if (why->len == 0) {
    g_autofree char *text = wanted ? gst_caps_to_string (wanted) :
        g_strdup ("nothing");

    g_string_append_printf (why, "downstream takes %s; ", text);
  }
  g_string_append_printf (why, "the model \"%s\" makes " GST_DIT_FORMATS
      " of sizes that are multiples of %u, at %u frames a second",
      info->name, info->size_multiple, info->fps);
  return g_string_free (g_steal_pointer (&why), FALSE);
}

static OclFrameFormat
frame_format (GstVideoFormat format)
{
  switch (format) {
    case GST_VIDEO_FORMAT_I420:
      return OCL_FRAME_I420;
    case GST_VIDEO_FORMAT_NV12:
      return OCL_FRAME_NV12;
    case GST_VIDEO_FORMAT_RGBA:
      return OCL_FRAME_RGBA;
    case GST_VIDEO_FORMAT_BGRx:
      return OCL_FRAME_BGRX;
    default:
      return OCL_FRAME_RGB;
  }
}

/* Where the pixels of a mapped frame go. */
OclFrame
gst_dit_caps_map_frame (GstVideoFrame * frame)
{
  OclFrame to = { 0, };

  to.format = frame_format (GST_VIDEO_FRAME_FORMAT (frame));
  to.width = GST_VIDEO_FRAME_WIDTH (frame);
  to.height = GST_VIDEO_FRAME_HEIGHT (frame);
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES (frame); i++) {
    to.planes[i] = GST_VIDEO_FRAME_PLANE_DATA (frame, i);
    to.strides[i] = GST_VIDEO_FRAME_PLANE_STRIDE (frame, i);
  }
  return to;
}

OclMatrix
gst_dit_caps_get_matrix (const GstVideoInfo * info)
{
  return info->colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709 ?
      OCL_MATRIX_BT709 : OCL_MATRIX_BT601;
}

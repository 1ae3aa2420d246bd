/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleypicture.c: frames of video as a Foley sees them: small, RGB, with what
 * is known of the things on them. */

#include "gstfoleypicture.h"

#include <math.h>

struct _GstFoleyPicture
{
  GstVideoInfo from, to;
  GstVideoConverter *converter;
  guint8 *pixels;               /* of @rgb */
  GstBuffer *rgb;
  double aspect;                /* of what is seen, width over height */

  GArray *hints;                /* FoleyHint */
};

/* A whole number of times as large as what motion is seen in, so that it averages
 * down evenly, as far as a Foley wants it; in the shape of the pixels, never
 * enlarged. */
static void
choose_size (const GstVideoInfo * info, guint * width, guint * height)
{
  double pixels = (double) info->width * info->height;
  double scale = MIN (sqrt (FOLEY_PIXELS / pixels), 1.0);
  guint w = CLAMP ((guint) (info->width * scale), 1, FOLEY_PIXELS);
  guint h = CLAMP ((guint) (info->height * scale), 1, FOLEY_PIXELS / w);
  guint most = sqrt ((double) FOLEY_MOST_PIXELS / (w * h));
  guint times = MIN (most, MIN (info->width / w, info->height / h));

  *width = w * times;
  *height = h * times;
}

/* Fields are taken as the two halves of one picture: it is looked at, not shown. */
static void
describe (GstFoleyPicture * picture, const GstVideoInfo * info)
{
  guint width, height;

  picture->from = *info;
  picture->from.interlace_mode = GST_VIDEO_INTERLACE_MODE_PROGRESSIVE;
  choose_size (info, &width, &height);
  gst_video_info_set_format (&picture->to, GST_VIDEO_FORMAT_RGB, width, height);
  picture->to.fps_n = info->fps_n;
  picture->to.fps_d = info->fps_d;
  picture->aspect = (double) info->width * MAX (info->par_n, 1)
      / ((double) info->height * MAX (info->par_d, 1));
}

static GstVideoConverter *
make_converter (GstFoleyPicture * picture)
{
  /* Linear, with as many taps as pixels come together: what moves by less than a
   * small pixel still shows, and noise does not. */
  GstStructure *options = gst_structure_new ("options",
      GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD,
      GST_TYPE_VIDEO_RESAMPLER_METHOD, GST_VIDEO_RESAMPLER_METHOD_LINEAR,
      GST_VIDEO_CONVERTER_OPT_CHROMA_MODE, GST_TYPE_VIDEO_CHROMA_MODE,
      GST_VIDEO_CHROMA_MODE_NONE,
      GST_VIDEO_CONVERTER_OPT_DITHER_METHOD, GST_TYPE_VIDEO_DITHER_METHOD,
      GST_VIDEO_DITHER_NONE, NULL);

  return gst_video_converter_new (&picture->from, &picture->to, options);
}

/* NULL if the format can't be converted. */
GstFoleyPicture *
gst_foley_picture_new (const GstVideoInfo * info)
{
  g_autoptr (GstFoleyPicture) picture = g_new0 (GstFoleyPicture, 1);

  describe (picture, info);
  picture->hints = g_array_new (FALSE, FALSE, sizeof (FoleyHint));
  picture->converter = make_converter (picture);
  if (!picture->converter)
    return NULL;
  picture->pixels = g_malloc0 (picture->to.size);
  picture->rgb = gst_buffer_new_wrapped_full (0, picture->pixels,
      picture->to.size, 0, picture->to.size, NULL, NULL);
  return g_steal_pointer (&picture);
}

void
gst_foley_picture_free (GstFoleyPicture * picture)
{
  g_clear_pointer (&picture->converter, gst_video_converter_free);
  gst_clear_buffer (&picture->rgb);
  g_free (picture->pixels);
  g_clear_pointer (&picture->hints, g_array_unref);
  g_free (picture);
}

static void
add_hint (GstFoleyPicture * picture,
    const GstVideoRegionOfInterestMeta * region)
{
  double width = picture->from.width, height = picture->from.height;
  FoleyHint hint;

  if (region->roi_type == 0 || region->w == 0 || region->h == 0)
    return;
  hint.class_name = g_quark_to_string (region->roi_type);
  hint.x0 = MIN (region->x / width, 1.0);
  hint.y0 = MIN (region->y / height, 1.0);
  hint.x1 = MIN (((double) region->x + region->w) / width, 1.0);
  hint.y1 = MIN (((double) region->y + region->h) / height, 1.0);
  g_array_append_val (picture->hints, hint);
}

static void
collect_hints (GstFoleyPicture * picture, GstBuffer * buffer)
{
  GstMeta *meta;
  gpointer state = NULL;

  g_array_set_size (picture->hints, 0);
  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)))
    add_hint (picture, (GstVideoRegionOfInterestMeta *) meta);
}

/* FALSE if there is no picture in @buffer: then that of before still stands. */
gboolean
gst_foley_picture_take (GstFoleyPicture * picture, GstBuffer * buffer)
{
  GstVideoFrame from, to;
  gboolean mapped;

  if (!gst_video_frame_map (&from, &picture->from, buffer, GST_MAP_READ))
    return FALSE;
  mapped = gst_video_frame_map (&to, &picture->to, picture->rgb, GST_MAP_WRITE);
  if (mapped) {
    gst_video_converter_frame (picture->converter, &from, &to);
    gst_video_frame_unmap (&to);
    collect_hints (picture, buffer);
  }
  gst_video_frame_unmap (&from);
  return mapped;
}

/* The last one that was taken, black before the first. Holds until the next is
 * taken. */
FoleyFrame
gst_foley_picture_get_frame (GstFoleyPicture * picture, guint64 time)
{
  FoleyFrame frame = { 0, };

  frame.time = time;
  frame.rgb = picture->pixels;
  frame.width = picture->to.width;
  frame.height = picture->to.height;
  frame.stride = picture->to.stride[0];
  frame.aspect = picture->aspect;
  frame.hints = (const FoleyHint *) picture->hints->data;
  frame.n_hints = picture->hints->len;
  return frame;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditmessages.c: what dittextsrc tells: errors, progress and timings to the
 * bus; tags and scenes downstream. */

#include "gstditmessages.h"

/* @percent: -1 if it is not known. */
void
gst_dit_post_progress (GstElement * element, GstProgressType type,
    const char *code, int percent, const char *format, ...)
{
  g_autofree char *text = NULL;
  GstMessage *message;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  message = gst_message_new_progress (GST_OBJECT (element), type, code, text);
  gst_structure_set (gst_message_writable_structure (message),
      "percent", G_TYPE_INT, percent, NULL);
  gst_element_post_message (element, message);
}

/* The domain and code of GStreamer for a VideoError. */
static GQuark
map_error (int code, int *gst_code)
{
  switch (code) {
    case VIDEO_ERROR_NOT_FOUND:
      *gst_code = GST_RESOURCE_ERROR_NOT_FOUND;
      return GST_RESOURCE_ERROR;
    case VIDEO_ERROR_READ:
      *gst_code = GST_RESOURCE_ERROR_READ;
      return GST_RESOURCE_ERROR;
    case VIDEO_ERROR_UNSUPPORTED:
      *gst_code = GST_RESOURCE_ERROR_OPEN_READ;
      return GST_RESOURCE_ERROR;
    case VIDEO_ERROR_SETTINGS:
      *gst_code = GST_RESOURCE_ERROR_SETTINGS;
      return GST_RESOURCE_ERROR;
    case VIDEO_ERROR_MEMORY:
      *gst_code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
      return GST_RESOURCE_ERROR;
    case VIDEO_ERROR_NUMERIC:
      *gst_code = GST_STREAM_ERROR_DECODE;
      return GST_STREAM_ERROR;
    default:
      *gst_code = GST_LIBRARY_ERROR_INIT;
      return GST_LIBRARY_ERROR;
  }
}

/* Posts a VIDEO_ERROR; its text says what was wrong, the details where. */
void
gst_dit_post_error (GstElement * element, const GError * error,
    const char *model, const char *device)
{
  int code;
  GQuark domain = map_error (error->code, &code);

  gst_element_message_full_with_details (element, GST_MESSAGE_ERROR, domain,
      code, g_strdup (error->message),
      g_strdup_printf ("model %s, device %s", model ? model : "starter",
          device ? device : "best"), __FILE__, GST_FUNCTION, __LINE__,
      gst_structure_new ("dit-error", "model", G_TYPE_STRING, model,
          "device", G_TYPE_STRING, device, NULL));
}

void
gst_dit_post_chunk (GstElement * element, const GstDitChunk * chunk,
    const VideoTimings * timings)
{
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("dit-chunk",
              "chunk", G_TYPE_UINT64, chunk->index,
              "timestamp", G_TYPE_UINT64, chunk->timestamp,
              "duration", G_TYPE_UINT64, chunk->duration,
              "frames", G_TYPE_UINT, chunk->frames,
              "prompt", G_TYPE_STRING, chunk->prompt,
              "action", G_TYPE_STRING, chunk->action,
              "model", G_TYPE_STRING, chunk->model,
              "seed", G_TYPE_UINT64, chunk->seed,
              "text-time", G_TYPE_DOUBLE, timings->text,
              "sample-time", G_TYPE_DOUBLE, timings->sample,
              "decode-time", G_TYPE_DOUBLE, timings->decode,
              "memory-used", G_TYPE_UINT64, timings->memory_used,
              "memory-peak", G_TYPE_UINT64, timings->memory_peak, NULL)));
}

/* @words: unknown to @model; NULL, or none of them: nothing is said. */
void
gst_dit_warn_of_words (GstElement * element, const char *model,
    const char *const *words)
{
  g_autofree char *all = NULL;

  if (!words || !*words)
    return;
  all = g_strjoinv ("\", \"", (char **) words);
  GST_ELEMENT_WARNING_WITH_DETAILS (element, RESOURCE, SETTINGS,
      ("The model \"%s\" does not know: \"%s\".", model, all), (NULL),
      ("words", G_TYPE_STRV, words, NULL));
}

/* What is known of a chunk, for elements downstream, ahead of its first frame. */
GstEvent *
gst_dit_scene_event_new (const GstDitChunk * chunk)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new ("dit-scene",
          "prompt", G_TYPE_STRING, chunk->prompt,
          "action", G_TYPE_STRING, chunk->action,
          "model", G_TYPE_STRING, chunk->model,
          "seed", G_TYPE_UINT64, chunk->seed,
          "chunk", G_TYPE_UINT64, chunk->index,
          "timestamp", G_TYPE_UINT64, chunk->timestamp,
          "duration", G_TYPE_UINT64, chunk->duration, NULL));
}

GstEvent *
gst_dit_tag_event_new (const GstDitChunk * chunk)
{
  g_autofree char *model = g_strdup_printf ("model=%s", chunk->model);
  g_autofree char *seed = g_strdup_printf ("seed=%" G_GUINT64_FORMAT,
      chunk->seed);
  g_autofree char *comment = g_strdup_printf ("AI-generated video, made by "
      "the model %s from the title and the seed %" G_GUINT64_FORMAT,
      chunk->model, chunk->seed);
  GstTagList *tags = gst_tag_list_new (GST_TAG_APPLICATION_NAME,
      PACKAGE_NAME " " PACKAGE_VERSION,
      GST_TAG_COMMENT, comment,
      GST_TAG_KEYWORDS, "AI-generated",
      GST_TAG_EXTENDED_COMMENT, "ai-generated=true", NULL);

  if (*chunk->prompt)
    gst_tag_list_add (tags, GST_TAG_MERGE_APPEND, GST_TAG_TITLE, chunk->prompt,
        NULL);
  gst_tag_list_add (tags, GST_TAG_MERGE_APPEND, GST_TAG_EXTENDED_COMMENT,
      model, GST_TAG_EXTENDED_COMMENT, seed, NULL);
  return gst_event_new_tag (tags);
}

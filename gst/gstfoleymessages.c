/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleymessages.c: what videoaudiofoley tells the bus: errors, and sounds that
 * begin; and what it hears from the source: scenes and tags. */

#include "gstfoleymessages.h"

/* The domain and code of GStreamer for a FoleyError. */
static GQuark
map_error (int code, int *gst_code)
{
  switch (code) {
    case FOLEY_ERROR_NOT_FOUND:
      *gst_code = GST_RESOURCE_ERROR_NOT_FOUND;
      return GST_RESOURCE_ERROR;
    case FOLEY_ERROR_READ:
    case FOLEY_ERROR_RECIPE:
      *gst_code = GST_RESOURCE_ERROR_OPEN_READ;
      return GST_RESOURCE_ERROR;
    case FOLEY_ERROR_SETTINGS:
      *gst_code = GST_RESOURCE_ERROR_SETTINGS;
      return GST_RESOURCE_ERROR;
    default:
      *gst_code = GST_LIBRARY_ERROR_INIT;
      return GST_LIBRARY_ERROR;
  }
}

/* Posts a FOLEY_ERROR; its text says what was wrong. */
void
gst_foley_post_error (GstElement * element, const GError * error)
{
  int code;
  GQuark domain = map_error (error->code, &code);

  gst_element_message_full (element, GST_MESSAGE_ERROR, domain, code,
      g_strdup (error->message), NULL, __FILE__, GST_FUNCTION, __LINE__);
}

/* @complaints: NULL-terminated; none: nothing is said. */
void
gst_foley_warn_of_recipes (GstElement * element, const char *const *complaints)
{
  g_autofree char *all = NULL;

  if (!complaints || !*complaints)
    return;
  all = g_strjoinv ("\n", (char **) complaints);
  GST_ELEMENT_WARNING_WITH_DETAILS (element, RESOURCE, SETTINGS,
      ("Recipes of sound were left out:\n%s", all), (NULL),
      ("complaints", G_TYPE_STRV, complaints, NULL));
}

/* @error: why things are not found and named. */
void
gst_foley_warn_of_finder (GstElement * element, const GError * error)
{
  GST_ELEMENT_WARNING (element, LIBRARY, INIT,
      ("Things in the picture are not named: %s", error->message),
      ("They sound by how they move, and by prompts. device=none asks for "
          "no more than that."));
}

void
gst_foley_post_note (GstElement * element, const FoleyNote * note,
    GstClockTime running_time)
{
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("foley-event",
              "time", G_TYPE_UINT64, running_time,
              "sound", G_TYPE_STRING, note->sound,
              "class", G_TYPE_STRING, note->class_name,
              "material", G_TYPE_STRING, note->material,
              "layer", G_TYPE_STRING, foley_layer_get_name (note->layer),
              "azimuth", G_TYPE_DOUBLE, note->azimuth,
              "distance", G_TYPE_DOUBLE, note->distance,
              "gain", G_TYPE_DOUBLE, note->gain,
              "stem", G_TYPE_INT, note->stem,
              "why", G_TYPE_STRING, note->why, NULL)));
}

/* Returns: (transfer full): what a `dit-scene` event, as dittextsrc sends them,
 * says that is to be seen; NULL of another event. */
char *
gst_foley_scene_from_event (GstEvent * event)
{
  const GstStructure *structure = gst_event_get_structure (event);
  const char *prompt;

  if (!structure || !gst_structure_has_name (structure, "dit-scene"))
    return NULL;
  prompt = gst_structure_get_string (structure, "prompt");
  return g_strdup (prompt ? prompt : "");
}

/* Returns: (transfer full): title and description, or NULL if there is neither. */
char *
gst_foley_scene_from_tags (const GstTagList * tags)
{
  g_autofree char *title = NULL;
  g_autofree char *description = NULL;

  gst_tag_list_get_string (tags, GST_TAG_TITLE, &title);
  gst_tag_list_get_string (tags, GST_TAG_DESCRIPTION, &description);
  if (title && description)
    return g_strdup_printf ("%s. %s", title, description);
  return g_strdup (title ? title : description);
}

/* Returns: (transfer full): those that hold for the sound too. */
GstTagList *
gst_foley_tags_for_sound (const GstTagList * tags)
{
  static const char *const of_video[] = {
    GST_TAG_VIDEO_CODEC, GST_TAG_CODEC, GST_TAG_ENCODER,
    GST_TAG_ENCODER_VERSION, GST_TAG_BITRATE, GST_TAG_NOMINAL_BITRATE,
    GST_TAG_MINIMUM_BITRATE, GST_TAG_MAXIMUM_BITRATE,
    GST_TAG_IMAGE_ORIENTATION
  };
  GstTagList *rest = gst_tag_list_copy (tags);

  for (guint i = 0; i < G_N_ELEMENTS (of_video); i++)
    gst_tag_list_remove_tag (rest, of_video[i]);
  return rest;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstdituri.c: dit://prompt?property=value&...: an element's own properties as a
 * URI, and back. Percent-encoded as RFC 3986 says. */

#include "gstdituri.h"

#include <string.h>

#define PREFIX GST_DIT_URI_SCHEME "://"

/* A property of the element's own type that can be set, or NULL. */
static GParamSpec *
find_own_property (GObject * object, const char *name)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);

  return pspec && pspec->owner_type == G_OBJECT_TYPE (object)
      && pspec->flags & G_PARAM_WRITABLE ? pspec : NULL;
}

static gboolean
apply_text (GObject * object, const char *name, const char *text,
    GError ** error)
{
  GParamSpec *pspec = find_own_property (object, name);
  g_auto (GValue) value = G_VALUE_INIT;

  if (!pspec) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
        "no property \"%s\"", name);
    return FALSE;
  }
  g_value_init (&value, pspec->value_type);
  if (pspec->value_type == G_TYPE_STRING)
    g_value_set_string (&value, text);
  else if (!gst_value_deserialize (&value, text)) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
        "\"%s\" is no value for the property \"%s\"", text, name);
    return FALSE;
  }
  if (g_param_value_validate (pspec, &value)) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
        "%s is out of the range of the property \"%s\"", text, name);
    return FALSE;
  }
  g_object_set_property (object, name, &value);
  return TRUE;
}

static gboolean
apply_field (GObject * object, const char *field, GError ** error)
{
  g_auto (GStrv) parts = g_strsplit (field, "=", 2);
  g_autofree char *name = NULL, *text = NULL;

  if (g_strv_length (parts) == 2) {
    name = g_uri_unescape_string (parts[0], NULL);
    text = g_uri_unescape_string (parts[1], NULL);
  }
  if (!name || !text) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI,
        "\"%s\" is not property=value", field);
    return FALSE;
  }
  return apply_text (object, name, text, error);
}

/* Sets the prompt and every property that @uri names. */
gboolean
gst_dit_uri_apply (GObject * object, const char *uri, GError ** error)
{
  g_auto (GStrv) parts = NULL;
  g_auto (GStrv) fields = NULL;
  g_autofree char *prompt = NULL;

  if (g_ascii_strncasecmp (uri, PREFIX, strlen (PREFIX)) == 0) {
    parts = g_strsplit (uri + strlen (PREFIX), "?", 2);
    prompt = g_uri_unescape_string (parts[0] ? parts[0] : "", NULL);
  }
  if (!prompt) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI,
        "\"%s\" is not " PREFIX "prompt?property=value", uri);
    return FALSE;
  }

  fields = g_strsplit (parts[0] && parts[1] ? parts[1] : "", "&", -1);
  for (guint i = 0; fields[i]; i++) {
    if (*fields[i] && !apply_field (object, fields[i], error))
      return FALSE;
  }
  return apply_text (object, "prompt", prompt, error);
}

static void
append_field (GString * uri, GObject * object, GParamSpec * pspec)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, pspec->name, &value);
  if (g_param_value_defaults (pspec, &value))
    return;
  text = pspec->value_type == G_TYPE_STRING ? g_value_dup_string (&value) :
      gst_value_serialize (&value);
  g_string_append_printf (uri, "%c%s=", strchr (uri->str, '?') ? '&' : '?',
      pspec->name);
  g_string_append_uri_escaped (uri, text, NULL, FALSE);
}

/* The prompt, and every property that is not at its default. */
char *
gst_dit_uri_build (GObject * object)
{
  GString *uri = g_string_new (PREFIX);
  g_autofree GParamSpec **pspecs = NULL;
  g_autofree char *prompt = NULL;
  guint n;

  g_object_get (object, "prompt", &prompt, NULL);
  if (prompt)
    g_string_append_uri_escaped (uri, prompt, NULL, FALSE);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);
  for (guint i = 0; i < n; i++) {
    if (find_own_property (object, pspecs[i]->name)
        && strcmp (pspecs[i]->name, "prompt") != 0)
      append_field (uri, object, pspecs[i]);
  }
  return g_string_free (uri, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditnavigation.c: keys that steer a model, as sinks with a window send them
 * upstream. */

#include "gstditnavigation.h"

#include <gst/video/navigation.h>

/* Names of keys as X11 and Wayland have them, and with them GStreamer's sinks. */
static const struct
{
  const char *key, *action;
} bindings[] = {
  {"Left", "left"}, {"Right", "right"}, {"Up", "faster"}, {"Down", "slower"},
  {"space", "brake"}
};

guint
gst_dit_navigation_get_keys (const char *const *actions)
{
  guint keys = 0;

  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++)
    if (g_strv_contains (actions, bindings[i].action))
      keys |= 1 << i;
  return keys;
}

static const char *
find_action (const char *key, guint keys)
{
  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++)
    if ((keys & 1 << i) && g_ascii_strcasecmp (bindings[i].key, key) == 0)
      return bindings[i].action;
  return NULL;
}

gboolean
gst_dit_navigation_parse (GstEvent * event, guint keys, gboolean * pressed,
    const char **action)
{
  GstNavigationEventType type = gst_navigation_event_get_type (event);
  const char *key = NULL;

  if (type != GST_NAVIGATION_EVENT_KEY_PRESS
      && type != GST_NAVIGATION_EVENT_KEY_RELEASE)
    return FALSE;
  gst_navigation_event_parse_key_event (event, &key);
  *pressed = type == GST_NAVIGATION_EVENT_KEY_PRESS;
  *action = key ? find_action (key, keys) : NULL;
  return *action != NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* config.c: values of a JSON configuration, with their types and ranges
 * checked. */

#include <math.h>
#include <string.h>

#include "format-private.h"

struct _Config
{
  gatomicrefcount refs;
  char *path;
  JsonObject *object;
};

/* Takes @object, which may be NULL. */
static Config *
config_of (JsonObject * object, const char *path)
{
  Config *config;

  if (!object)
    return NULL;
  config = g_new0 (Config, 1);
  g_atomic_ref_count_init (&config->refs);
  config->path = g_strdup (path);
  config->object = object;
  return config;
}

Config *
config_open (const char *path, GError ** error)
{
  return config_of (format_json_read (path, error), path);
}

Config *
config_open_text (const char *text, const char *path, GError ** error)
{
  return config_of (format_json_parse (text, strlen (text), path, error), path);
}

Config *
config_ref (Config * config)
{
  g_atomic_ref_count_inc (&config->refs);
  return config;
}

void
config_unref (Config * config)
{
  if (!g_atomic_ref_count_dec (&config->refs))
    return;
  json_object_unref (config->object);
  g_free (config->path);
  g_free (config);
}

const char *
config_get_path (Config * config)
{
  return config->path;
}

JsonObject *
config_get_object (Config * config)
{
  return config->object;
}

/* NULL for a missing key and for null alike. */
static JsonNode *
find (Config * config, const char *key)
{
  JsonNode *node = json_object_get_member (config->object, key);

  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

gboolean
config_has (Config * config, const char *key)
{
  return find (config, key) != NULL;
}

static gboolean
wrong_type (Config * config, const char *key, JsonNode * node,
    const char *expected, GError ** error)
{
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: \"%s\" is %s, expected %s", config->path, key,
      format_json_describe (node), expected);
  return FALSE;
}

/* Booleans count as 0 and 1 where @booleans. */
static gboolean
node_to_int (JsonNode * node, gboolean booleans, gint64 * value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ?
      json_node_get_value_type (node) : G_TYPE_NONE;

  if (type == G_TYPE_INT64)
    *value = json_node_get_int (node);
  else if (type == G_TYPE_BOOLEAN && booleans)
    *value = json_node_get_boolean (node);
  else
    return FALSE;
  return TRUE;
}

static gboolean
node_to_double (JsonNode * node, double *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ?
      json_node_get_value_type (node) : G_TYPE_NONE;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = json_node_get_double (node);
  return isfinite (*value);
}

static gboolean
check_int (Config * config, const char *key, gint64 value, gint64 min,
    gint64 max, GError ** error)
{
  if (value >= min && value <= max)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: \"%s\" is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
      " to %" G_GINT64_FORMAT, config->path, key, value, min, max);
  return FALSE;
}

gboolean
config_get_int (Config * config, const char *key, gint64 fallback, gint64 min,
    gint64 max, gint64 * value, GError ** error)
{
  JsonNode *node = find (config, key);

  *value = fallback;
  if (!node)
    return TRUE;
  if (!node_to_int (node, FALSE, value))
    return wrong_type (config, key, node, "an integer", error);
  return check_int (config, key, *value, min, max, error);
}

gboolean
config_get_double (Config * config, const char *key, double fallback,
    double min, double max, double *value, GError ** error)
{
  JsonNode *node = find (config, key);

  *value = fallback;
  if (!node)
    return TRUE;
  if (!node_to_double (node, value))
    return wrong_type (config, key, node, "a finite number", error);
  if (*value >= min && *value <= max)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: \"%s\" is %g, expected %g to %g", config->path, key, *value, min,
      max);
  return FALSE;
}

gboolean
config_get_bool (Config * config, const char *key, gboolean fallback,
    gboolean * value, GError ** error)
{
  JsonNode *node = find (config, key);

  *value = fallback;
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_type (config, key, node, "a boolean", error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
config_get_string (Config * config, const char *key, const char *fallback,
    const char **value, GError ** error)
{
  JsonNode *node = find (config, key);

  *value = fallback;
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return wrong_type (config, key, node, "a string", error);
  *value = json_node_get_string (node);
  return TRUE;
}

/* The list under @key, NULL if there is none; FALSE if it is no list or longer
 * than @max_n. */
static gboolean
find_list (Config * config, const char *key, guint max_n, JsonArray ** list,
    GError ** error)
{
  JsonNode *node = find (config, key);

  *list = NULL;
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong_type (config, key, node, "a list", error);
  if (json_array_get_length (json_node_get_array (node)) > max_n) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: \"%s\" has %u values, expected at most %u", config->path, key,
        json_array_get_length (json_node_get_array (node)), max_n);
    return FALSE;
  }
  *list = json_node_get_array (node);
  return TRUE;
}

gboolean
config_get_ints (Config * config, const char *key, guint max_n, gint64 min,
    gint64 max, gint64 ** values, guint * n, GError ** error)
{
  g_autofree gint64 *made = NULL;
  JsonArray *list;
  guint i, length;

  *values = NULL;
  *n = 0;
  if (!find_list (config, key, max_n, &list, error))
    return FALSE;
  if (!list)
    return TRUE;
  length = json_array_get_length (list);
  made = g_new0 (gint64, length + 1);
  for (i = 0; i < length; i++) {
    JsonNode *node = json_array_get_element (list, i);
    if (!node_to_int (node, TRUE, &made[i]))
      return wrong_type (config, key, node, "a list of integers", error);
    if (!check_int (config, key, made[i], min, max, error))
      return FALSE;
  }
  *values = g_steal_pointer (&made);
  *n = length;
  return TRUE;
}

gboolean
config_get_doubles (Config * config, const char *key, guint max_n,
    double **values, guint * n, GError ** error)
{
  g_autofree double *made = NULL;
  JsonArray *list;
  guint i, length;

  *values = NULL;
  *n = 0;
  if (!find_list (config, key, max_n, &list, error))
    return FALSE;
  if (!list)
    return TRUE;
  length = json_array_get_length (list);
  made = g_new0 (double, length + 1);
  for (i = 0; i < length; i++) {
    JsonNode *node = json_array_get_element (list, i);
    if (!node_to_double (node, &made[i]))
      return wrong_type (config, key, node, "a list of finite numbers", error);
  }
  *values = g_steal_pointer (&made);
  *n = length;
  return TRUE;
}

/* A string of a bounded length, or NULL. */
static const char *
bounded_text (JsonNode * node, guint max_length)
{
  const char *text;

  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  text = json_node_get_string (node);
  return *text && strlen (text) <= max_length ? text : NULL;
}

static gboolean
add_text (Config * config, const char *key, guint max_length,
    const char *name, const char *text, GStrvBuilder * names,
    GStrvBuilder * values, GError ** error)
{
  gboolean named = *name && strlen (name) <= max_length;

  if (!named || !text) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: \"%s\" has %s%s%s, expected names and strings of 1 to %u bytes",
        config->path, key, named ? "something else under \"" : "another name",
        named ? name : "", named ? "\"" : "", max_length);
    return FALSE;
  }
  g_strv_builder_add (names, name);
  g_strv_builder_add (values, text);
  return TRUE;
}

/* The object under @key, NULL if there is none; FALSE if it is something else or
 * has more than @max_n members. */
static gboolean
find_object (Config * config, const char *key, guint max_n,
    JsonObject ** object, GError ** error)
{
  JsonNode *node = find (config, key);

  *object = NULL;
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong_type (config, key, node, "an object", error);
  *object = json_node_get_object (node);
  if (json_object_get_size (*object) <= max_n)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: \"%s\" has %u members, expected at most %u", config->path, key,
      json_object_get_size (*object), max_n);
  return FALSE;
}

gboolean
config_get_texts (Config * config, const char *key, guint max_n,
    guint max_length, char ***names, char ***values, GError ** error)
{
  g_autoptr (GStrvBuilder) found_names = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) found_values = g_strv_builder_new ();
  JsonObject *object;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  *names = *values = NULL;
  if (!find_object (config, key, max_n, &object, error))
    return FALSE;
  if (object) {
    json_object_iter_init_ordered (&iter, object);
    while (json_object_iter_next_ordered (&iter, &name, &node))
      if (!add_text (config, key, max_length, name,
              bounded_text (node, max_length), found_names, found_values,
              error))
        return FALSE;
  }
  *names = g_strv_builder_end (found_names);
  *values = g_strv_builder_end (found_values);
  return TRUE;
}

gboolean
config_get_file (Config * config, const char *key, char **path, GError ** error)
{
  g_autofree char *directory = g_path_get_dirname (config->path);
  const char *name;

  *path = NULL;
  if (!config_get_string (config, key, NULL, &name, error))
    return FALSE;
  if (!name)
    return TRUE;
  if (!format_is_plain_name (name)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: \"%s\" leads elsewhere, expected the name of a file in the same "
        "directory", config->path, key);
    return FALSE;
  }
  *path = g_build_filename (directory, name, NULL);
  return TRUE;
}

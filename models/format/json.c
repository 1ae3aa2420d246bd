/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.c: reads a JSON object from a file that nobody vouches for. */

#include <string.h>

#include "format-private.h"

/* json-glib parses by recursion and has no limit of its own; configurations
 * nest three or four levels. */
#define MAX_DEPTH 32
#define MAX_CONFIG_SIZE (16 * 1024 * 1024)

/* What was met in a text outside its strings. */
typedef struct
{
  guint depth;
  guint max_depth;
  gsize members;                /* colons: one a member of any object */
  char foreign;                 /* a character JSON has no use for */
} JsonShape;

static void
shape_add (JsonShape * shape, char c)
{
  if (c == '{' || c == '[') {
    shape->depth++;
    shape->max_depth = MAX (shape->max_depth, shape->depth);
  } else if (c == '}' || c == ']')
    shape->depth -= shape->depth > 0;
  else if (c == ':')
    shape->members++;
  else if (!shape->foreign && !g_ascii_isalnum (c)
      && !strchr (" \t\r\n,.+-", c))
    shape->foreign = c;
}

/* Sees what json-glib's scanner will see, because the comments and the single
 * quotes that it also takes count as foreign. */
static void
shape_scan (JsonShape * shape, const char *data, gsize length)
{
  gboolean in_string = FALSE;
  gsize i;

  for (i = 0; i < length; i++) {
    if (in_string && data[i] == '\\')
      i++;
    else if (data[i] == '"')
      in_string = !in_string;
    else if (!in_string)
      shape_add (shape, data[i]);
  }
}

static gsize count_members (JsonNode * node);

static void
count_object (JsonObject * object, const char *name, JsonNode * node,
    gpointer data)
{
  *(gsize *) data += 1 + count_members (node);
}

static void
count_array (JsonArray * array, guint index, JsonNode * node, gpointer data)
{
  *(gsize *) data += count_members (node);
}

/* Members of all objects in the tree. */
static gsize
count_members (JsonNode * node)
{
  gsize n = 0;

  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), count_object, &n);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), count_array, &n);
  return n;
}

static gboolean
check_text (const char *data, gsize length, JsonShape * shape,
    const char *path, GError ** error)
{
  if (!g_utf8_validate_len (data, length, NULL)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: JSON is not UTF-8", path);
    return FALSE;
  }
  shape_scan (shape, data, length);
  if (shape->foreign) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: not JSON: byte 0x%02x outside a string", path,
        (guint8) shape->foreign);
    return FALSE;
  }
  if (shape->max_depth > MAX_DEPTH) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: JSON nests %u levels deep, expected at most %d", path,
        shape->max_depth, MAX_DEPTH);
    return FALSE;
  }
  return TRUE;
}

JsonObject *
format_json_parse (const char *data, gsize length, const char *path,
    GError ** error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) inner = NULL;
  JsonShape shape = { 0, };
  JsonNode *root;

  if (!check_text (data, length, &shape, path, error))
    return NULL;
  if (!json_parser_load_from_data (parser, data, length, &inner)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT, "%s: %s", path,
        inner->message);
    return NULL;
  }
  root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: JSON holds %s, expected an object", path,
        format_json_describe (root));
    return NULL;
  }
  /* json-glib keeps the last of several members of one name. */
  if (count_members (root) != shape.members) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: JSON holds a key twice", path);
    return NULL;
  }
  return json_node_dup_object (root);
}

JsonObject *
format_json_read (const char *path, GError ** error)
{
  g_autoptr (GMappedFile) file = format_map_file (path, MAX_CONFIG_SIZE, error);

  if (!file)
    return NULL;
  if (g_mapped_file_get_length (file) == 0) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: empty, expected a JSON object", path);
    return NULL;
  }
  return format_json_parse (g_mapped_file_get_contents (file),
      g_mapped_file_get_length (file), path, error);
}

const char *
format_json_describe (JsonNode * node)
{
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return "nothing";
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "an object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "a list";
  switch (json_node_get_value_type (node)) {
    case G_TYPE_STRING:
      return "a string";
    case G_TYPE_BOOLEAN:
      return "a boolean";
    case G_TYPE_INT64:
      return "an integer";
    default:
      return "a fraction";
  }
}

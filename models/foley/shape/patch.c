/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* patch.c: the graph of a recipe, read from its key file. */

#include <string.h>

#include "models/foley/shape/patch.h"

#define BIT(i) (G_GUINT64_CONSTANT (1) << (i))

/* What reading needs. */
typedef struct
{
  Patch *patch;
  GKeyFile *file;
  const char *const *names;     /* of the nodes, NULL-terminated */
} Reader;

/* "[group] key: found ...; possible: ..."; @key may be NULL. */
static gboolean
G_GNUC_PRINTF (4, 5)
fail (GError ** error, const char *group, const char *key, const char *format,
    ...)
{
  g_autofree char *text = NULL, *valid = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  valid = g_utf8_make_valid (text, -1);
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE, "[%.80s]%s%.80s: %s",
      group, key ? " " : "", key ? key : "", valid);
  return FALSE;
}

/* Free; NULL and an error where it can't be read. */
static char *
get_value (Reader * reader, const char *group, const char *key, GError ** error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *value = g_key_file_get_string (reader->file, group, key,
      &local);

  /* an escape that is none gives a value and an error */
  if (value && !local)
    return g_strstrip (g_steal_pointer (&value));
  fail (error, group, key, "found a value that can't be read (%s); possible: "
      "UTF-8 with the escapes \\s \\n \\t \\r \\\\", local->message);
  return NULL;
}

static char *
list_types (void)
{
  const NodeClass *const *classes = node_class_list ();
  GString *list = g_string_new (NULL);

  for (; *classes; classes++)
    g_string_append_printf (list, "%s%s", list->len ? ", " : "",
        (*classes)->type);
  return g_string_free (list, FALSE);
}

static char *
list_keys (const NodeClass * klass)
{
  GString *list = g_string_new ("type, inputs, on");
  guint i;

  for (i = 0; klass->params && klass->params[i].name; i++)
    g_string_append_printf (list, ", %s", klass->params[i].name);
  for (i = 0; klass->words && klass->words[i].name; i++)
    g_string_append_printf (list, ", %s", klass->words[i].name);
  return g_string_free (list, FALSE);
}

static gboolean
find_node (Reader * reader, const char *group, const char *key,
    const char *name, const char *besides, guint * index, GError ** error)
{
  g_autofree char *list = NULL;

  for (*index = 0; reader->names[*index]; (*index)++)
    if (strcmp (reader->names[*index], name) == 0)
      return TRUE;
  list = g_strjoinv (", ", (char **) reader->names);
  return fail (error, group, key, "found \"%.80s\"; possible: %s%s", name,
      besides, list);
}

static gboolean
read_type (Reader * reader, PatchNode * node, GError ** error)
{
  g_autofree char *type = NULL, *list = NULL;

  if (g_key_file_has_key (reader->file, node->name, "type", NULL)) {
    type = get_value (reader, node->name, "type", error);
    if (!type)
      return FALSE;
    node->klass = node_class_find (type);
    if (node->klass)
      return TRUE;
  }
  list = list_types ();
  return fail (error, node->name, "type", "found %s%.80s%s; possible: %s",
      type ? "\"" : "", type ? type : "no such key", type ? "\"" : "", list);
}

static gboolean
check_n_inputs (const PatchNode * node, guint n, GError ** error)
{
  guint least = node->klass->min_inputs, most = node->klass->max_inputs;

  if (n >= least && n <= most)
    return TRUE;
  if (least == most)
    return fail (error, node->name, "inputs", "found %u; possible: %u for %s",
        n, least, node->klass->type);
  return fail (error, node->name, "inputs",
      "found %u; possible: %u to %u for %s", n, least, most, node->klass->type);
}

static gboolean
read_inputs (Reader * reader, PatchNode * node, const char *value,
    GError ** error)
{
  g_auto (GStrv) names = g_strsplit (value, ";", -1);
  guint n = 0, index, i;

  for (i = 0; names[i]; i++) {
    if (!*g_strstrip (names[i]))
      continue;
    if (!find_node (reader, node->name, "inputs", names[i], "", &index, error))
      return FALSE;
    if (n < NODE_MAX_INPUTS)
      node->inputs[n] = index;
    node->heeds |= BIT (index);
    n++;
  }
  if (!check_n_inputs (node, n, error))
    return FALSE;
  node->n_inputs = n;
  return TRUE;
}

static gboolean
read_on (Reader * reader, PatchNode * node, const char *value, GError ** error)
{
  static const char *const events[] = { "trigger", "start", "release", NULL };
  g_auto (GStrv) names = g_strsplit (value, ";", -1);
  guint index, i;

  node->events = 0;
  for (i = 0; names[i]; i++) {
    if (!*g_strstrip (names[i]))
      continue;
    for (index = 0; events[index]; index++)
      if (strcmp (names[i], events[index]) == 0)
        break;
    if (events[index]) {
      node->events |= 1 << index;
      continue;
    }
    if (!find_node (reader, node->name, "on", names[i],
            "trigger, start, release, ", &index, error))
      return FALSE;
    node->on |= BIT (index);
  }
  node->heeds |= node->on;
  if (!node->events && !node->on)
    return fail (error, node->name, "on", "found nothing; possible: trigger, "
        "start, release or names of nodes");
  return TRUE;
}

static gboolean
read_param (Reader * reader, PatchNode * node, guint index, const char *value,
    GError ** error)
{
  const NodeParam *param = &node->klass->params[index];
  const ExpressionContext nothing = { NULL };
  g_autoptr (GError) local = NULL;
  Expression *expression = expression_new (value, reader->names, &local);
  float number;

  if (!expression)
    return fail (error, node->name, param->name, "%s", local->message);
  /* GLib lists a key that is given twice twice, with its last value */
  g_clear_pointer (&node->params[index], expression_free);
  node->params[index] = expression;
  node->heeds |= expression_get_names (expression);
  if (!expression_is_constant (expression))
    return TRUE;
  number = expression_evaluate (expression, &nothing, G_MAXFLOAT);
  if (number >= param->least && number <= param->most)
    return TRUE;
  return fail (error, node->name, param->name,
      "found \"%.80s\"; possible: %g to %g%s%s", value, param->least,
      param->most, *param->unit ? " " : "", param->unit);
}

gboolean
patch_is_material_of (const NodeWord * word, const char *value)
{
  if (strcmp (value, "own") != 0 && strcmp (value, "other") != 0)
    return FALSE;
  return strcmp (word->name, "material") == 0
      || (word->words && g_strv_contains (word->words, value));
}

static gboolean
read_word (Reader * reader, PatchNode * node, guint index, const char *value,
    GError ** error)
{
  const NodeWord *word = &node->klass->words[index];
  g_autofree char *list = NULL;

  if (!word->words || g_strv_contains (word->words, value)
      || patch_is_material_of (word, value)) {
    node->words[index] = g_string_chunk_insert (reader->patch->strings, value);
    return TRUE;
  }
  list = g_strjoinv (", ", (char **) word->words);
  return fail (error, node->name, word->name,
      "found \"%.80s\"; possible: %s%s", value, list,
      strcmp (word->name, "material") == 0 ? ", own, other" : "");
}

static gboolean
read_key (Reader * reader, PatchNode * node, const char *key, GError ** error)
{
  const NodeClass *klass = node->klass;
  g_autofree char *value = get_value (reader, node->name, key, error);
  g_autofree char *list = NULL;
  guint i;

  if (!value)
    return FALSE;
  if (strcmp (key, "type") == 0)
    return TRUE;
  if (strcmp (key, "inputs") == 0)
    return read_inputs (reader, node, value, error);
  if (strcmp (key, "on") == 0)
    return read_on (reader, node, value, error);
  for (i = 0; klass->params && klass->params[i].name; i++)
    if (strcmp (key, klass->params[i].name) == 0)
      return read_param (reader, node, i, value, error);
  for (i = 0; klass->words && klass->words[i].name; i++)
    if (strcmp (key, klass->words[i].name) == 0)
      return read_word (reader, node, i, value, error);
  list = list_keys (klass);
  return fail (error, node->name, key, "found an unknown key; possible for %s: "
      "%s", klass->type, list);
}

static gboolean
read_node (Reader * reader, PatchNode * node, GError ** error)
{
  g_auto (GStrv) keys = NULL;
  guint i;

  if (expression_is_reserved (node->name) || strcmp (node->name, "trigger") == 0
      || strcmp (node->name, "start") == 0
      || strcmp (node->name, "release") == 0)
    return fail (error, node->name, NULL, "found a node with the name of a "
        "variable, function or event; possible: any other name");
  if (strchr (node->name, ';'))
    return fail (error, node->name, NULL,
        "found a node with \";\" in its name; possible: a name without");
  if (!read_type (reader, node, error))
    return FALSE;
  node->events = PATCH_ON_TRIGGER;
  for (i = 0; node->klass->words && node->klass->words[i].name; i++)
    node->words[i] = node->klass->words[i].standard;
  keys = g_key_file_get_keys (reader->file, node->name, NULL, NULL);
  for (i = 0; keys && keys[i]; i++)
    if (!read_key (reader, node, keys[i], error))
      return FALSE;
  return check_n_inputs (node, node->n_inputs, error);
}

static gboolean
read_nodes (Reader * reader, GError ** error)
{
  Patch *patch = reader->patch;
  guint i;

  patch->n = g_strv_length ((char **) reader->names);
  if (patch->n > PATCH_MAX_NODES) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
        "found %u nodes; possible: %u", patch->n, PATCH_MAX_NODES);
    patch->n = 0;
    return FALSE;
  }
  patch->nodes = g_new0 (PatchNode, patch->n);
  patch->out = patch->n;
  for (i = 0; i < patch->n; i++) {
    patch->nodes[i].name = g_strdup (reader->names[i]);
    if (strcmp (reader->names[i], "out") == 0)
      patch->out = i;
  }
  for (i = 0; i < patch->n; i++)
    if (!read_node (reader, &patch->nodes[i], error))
      return FALSE;
  if (patch->out == patch->n) {
    g_autofree char *list = g_strjoinv (", ", (char **) reader->names);
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
        "found no node [out], but %s; possible: one, which is what is heard",
        *list ? list : "none");
    return FALSE;
  }
  return TRUE;
}

/* Opening tells what nodes alone know: whether there is such a file, how a word
 * is to be written. */
static gboolean
try_voice (Patch * patch, GError ** error)
{
  static const Material materials[2] = { MATERIAL_UNKNOWN, MATERIAL_UNKNOWN };
  g_autoptr (Voice) voice = voice_new (patch, 48000, materials, 0, error);

  return voice != NULL;
}

Patch *
patch_new (GKeyFile * file, const char *folder, GError ** error)
{
  g_autoptr (Patch) patch = g_new0 (Patch, 1);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  Reader reader = {.patch = patch,.file = file };
  guint i;

  g_atomic_ref_count_init (&patch->references);
  patch->folder = g_strdup (folder);
  patch->strings = g_string_chunk_new (256);
  for (i = 0; groups[i]; i++)
    if (strcmp (groups[i], "sound") != 0)
      g_ptr_array_add (names, groups[i]);
  g_ptr_array_add (names, NULL);
  reader.names = (const char *const *) names->pdata;
  if (!read_nodes (&reader, error) || !patch_sort (patch, error)
      || !try_voice (patch, error))
    return NULL;
  return g_steal_pointer (&patch);
}

Patch *
patch_ref (Patch * patch)
{
  g_atomic_ref_count_inc (&patch->references);
  return patch;
}

void
patch_unref (Patch * patch)
{
  guint i, j;

  if (!g_atomic_ref_count_dec (&patch->references))
    return;
  for (i = 0; i < patch->n; i++) {
    g_free (patch->nodes[i].name);
    for (j = 0; j < NODE_MAX_PARAMS; j++)
      g_clear_pointer (&patch->nodes[i].params[j], expression_free);
  }
  g_free (patch->nodes);
  g_free (patch->folder);
  g_string_chunk_free (patch->strings);
  g_free (patch);
}

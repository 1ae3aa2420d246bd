/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tensor-store.c: the tensors of a model part, whether they lie in one
 * safetensors file or in the shards that an index names. */

#include <string.h>

#include "safetensors-private.h"

struct _TensorStore
{
  gatomicrefcount refs;
  char *path;
  GPtrArray *files;             /* SafetensorsFile */
  GHashTable *tensors;          /* name -> Safetensor, both owned by files */
  const char **names;
};

static TensorStore *
tensor_store_new (const char *path)
{
  TensorStore *store = g_new0 (TensorStore, 1);

  g_atomic_ref_count_init (&store->refs);
  store->path = g_strdup (path);
  store->files = g_ptr_array_new_with_free_func
      ((GDestroyNotify) safetensors_file_free);
  store->tensors = g_hash_table_new (g_str_hash, g_str_equal);
  return store;
}

TensorStore *
tensor_store_ref (TensorStore * store)
{
  g_atomic_ref_count_inc (&store->refs);
  return store;
}

void
tensor_store_unref (TensorStore * store)
{
  if (!g_atomic_ref_count_dec (&store->refs))
    return;
  g_free (store->names);
  g_hash_table_unref (store->tensors);
  g_ptr_array_unref (store->files);
  g_free (store->path);
  g_free (store);
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
sort_names (TensorStore * store)
{
  guint n;

  store->names =
      (const char **) g_hash_table_get_keys_as_array (store->tensors, &n);
  qsort (store->names, n, sizeof *store->names, compare_names);
}

/* Takes @file, which may be NULL. */
static TensorStore *
tensor_store_of (SafetensorsFile * file)
{
  TensorStore *store;
  GHashTableIter iter;
  gpointer name, tensor;

  if (!file)
    return NULL;
  store = tensor_store_new (file->path);
  g_ptr_array_add (store->files, file);
  g_hash_table_iter_init (&iter, file->tensors);
  while (g_hash_table_iter_next (&iter, &name, &tensor))
    g_hash_table_insert (store->tensors, name, tensor);
  sort_names (store);
  return store;
}

TensorStore *
tensor_store_open_file (const char *path, GError ** error)
{
  return tensor_store_of (safetensors_file_open (path, error));
}

TensorStore *
tensor_store_open_bytes (GBytes * bytes, const char *path, GError ** error)
{
  return tensor_store_of (safetensors_file_read (bytes, path, error));
}

/* The shard @name, opened when first met. */
static SafetensorsFile *
open_shard (TensorStore * store, GHashTable * shards, const char *name,
    GError ** error)
{
  SafetensorsFile *shard = g_hash_table_lookup (shards, name);
  g_autofree char *directory = NULL, *path = NULL;

  if (shard)
    return shard;
  if (!format_is_plain_name (name)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: shard \"%s\", expected the name of a file in the same directory",
        store->path, name);
    return NULL;
  }
  directory = g_path_get_dirname (store->path);
  path = g_build_filename (directory, name, NULL);
  shard = safetensors_file_open (path, error);
  if (!shard) {
    g_prefix_error (error, "%s: ", store->path);
    return NULL;
  }
  g_ptr_array_add (store->files, shard);
  g_hash_table_insert (shards, g_strdup (name), shard);
  return shard;
}

static gboolean
add_from_shard (TensorStore * store, GHashTable * shards, const char *name,
    JsonNode * where, GError ** error)
{
  SafetensorsFile *shard;
  Safetensor *tensor;

  if (!JSON_NODE_HOLDS_VALUE (where)
      || json_node_get_value_type (where) != G_TYPE_STRING) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: weight_map: \"%s\" is %s, expected the name of a shard",
        store->path, name, format_json_describe (where));
    return FALSE;
  }
  shard = open_shard (store, shards, json_node_get_string (where), error);
  if (!shard)
    return FALSE;
  tensor = g_hash_table_lookup (shard->tensors, name);
  if (!tensor) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: no tensor \"%s\", which %s places there", shard->path, name,
        store->path);
    return FALSE;
  }
  g_hash_table_insert (store->tensors, tensor->name, tensor);
  return TRUE;
}

static gboolean
read_index (TensorStore * store, GError ** error)
{
  g_autoptr (GHashTable) shards =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (JsonObject) index = format_json_read (store->path, error);
  g_autoptr (GList) names = NULL;
  JsonNode *map;
  GList *l;

  if (!index)
    return FALSE;
  map = json_object_get_member (index, "weight_map");
  if (!map || !JSON_NODE_HOLDS_OBJECT (map)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: \"weight_map\" is %s, expected an object", store->path,
        format_json_describe (map));
    return FALSE;
  }
  names = json_object_get_members (json_node_get_object (map));
  for (l = names; l; l = l->next)
    if (!add_from_shard (store, shards, l->data, json_object_get_member
            (json_node_get_object (map), l->data), error))
      return FALSE;
  return TRUE;
}

static TensorStore *
open_index (const char *path, GError ** error)
{
  g_autoptr (TensorStore) store = tensor_store_new (path);

  if (!read_index (store, error))
    return NULL;
  sort_names (store);
  return g_steal_pointer (&store);
}

TensorStore *
tensor_store_open (const char *directory, const char *const *names,
    GError ** error)
{
  g_autofree char *wanted = NULL;
  guint i;

  for (i = 0; names[i]; i++) {
    g_autofree char *single = g_strdup_printf ("%s/%s.safetensors", directory,
        names[i]);
    g_autofree char *index = g_strconcat (single, ".index.json", NULL);
    if (g_file_test (single, G_FILE_TEST_EXISTS))
      return tensor_store_open_file (single, error);
    if (g_file_test (index, G_FILE_TEST_EXISTS))
      return open_index (index, error);
  }
  wanted = g_strjoinv (", ", (char **) names);
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND,
      "%s: no weights, expected .safetensors or .safetensors.index.json of %s",
      directory, wanted);
  return NULL;
}

const char *
tensor_store_get_path (TensorStore * store)
{
  return store->path;
}

gboolean
tensor_store_has (TensorStore * store, const char *name)
{
  return g_hash_table_contains (store->tensors, name);
}

const char *const *
tensor_store_get_names (TensorStore * store)
{
  return store->names;
}

const char *
tensor_store_get_metadata (TensorStore * store, const char *key)
{
  SafetensorsFile *file = store->files->len ?
      g_ptr_array_index (store->files, 0) : NULL;
  JsonNode *node = file && file->metadata ?
      json_object_get_member (file->metadata, key) : NULL;

  return node && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING ?
      json_node_get_string (node) : NULL;
}

static gboolean
check_shape (const Safetensor * tensor, guint n_dims, const gsize * dims,
    GError ** error)
{
  g_autofree char *found = NULL, *expected = NULL;
  gboolean fits = tensor->n_dims == n_dims;
  guint i;

  for (i = 0; fits && i < n_dims; i++)
    fits = dims[i] == G_MAXSIZE || dims[i] == tensor->dims[i];
  if (fits)
    return TRUE;
  found = safetensor_shape_to_string (tensor->n_dims, tensor->dims);
  expected = safetensor_shape_to_string (n_dims, dims);
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: tensor \"%s\" has the shape %s, expected %s", tensor->file->path,
      tensor->name, found, expected);
  return FALSE;
}

static gboolean
get (TensorStore * store, const char *name, SafetensorKind kind,
    OclHostArray * array, GError ** error, guint n_dims, va_list list)
{
  const Safetensor *tensor = g_hash_table_lookup (store->tensors, name);
  gsize dims[OCL_MAX_DIMS];
  guint i;

  g_return_val_if_fail (n_dims <= OCL_MAX_DIMS, FALSE);
  if (!tensor) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND,
        "%s: no tensor \"%s\"", store->path, name);
    return FALSE;
  }
  for (i = 0; i < n_dims; i++)
    dims[i] = va_arg (list, gsize);
  return safetensor_get (tensor, kind, array, error)
      && (n_dims == 0 || check_shape (tensor, n_dims, dims, error))
      && (kind != SAFETENSOR_WEIGHTS
      || safetensor_get_scales (tensor, store->tensors, array, error));
}

gboolean
tensor_store_get (TensorStore * store, const char *name, OclHostArray * array,
    GError ** error, guint n_dims, ...)
{
  gboolean found;
  va_list list;

  va_start (list, n_dims);
  found = get (store, name, SAFETENSOR_ANY, array, error, n_dims, list);
  va_end (list);
  return found;
}

gboolean
tensor_store_get_weight (TensorStore * store, const char *name,
    OclHostArray * array, GError ** error, guint n_dims, ...)
{
  gboolean found;
  va_list list;

  va_start (list, n_dims);
  found = get (store, name, SAFETENSOR_WEIGHTS, array, error, n_dims, list);
  va_end (list);
  return found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safetensors.c: one memory-mapped safetensors file.
 *
 * A file is: the length of its header (8 bytes, little-endian), the header (a
 * JSON object: name -> dtype, shape, data_offsets; "__metadata__" -> strings),
 * and the data, which the tensors cover without gap or overlap.  Source:
 * https://github.com/huggingface/safetensors, README.md, "Format".
 *
 * All is checked once, here: who has a tensor may read every byte of it.  Not
 * guarded against is a file that somebody truncates after it was opened:
 * touching the lost pages raises SIGBUS, as with any mapping. */

#include <string.h>

#include "safetensors-private.h"

#define PREFIX_SIZE 8
/* As upstream: MAX_HEADER_SIZE in safetensors/src/tensor.rs. */
#define MAX_HEADER_SIZE 100000000

typedef struct
{
  const char *name;
  guint size;                   /* bytes */
  gboolean readable;
  OclType type;                 /* if readable */
} Dtype;

static const Dtype dtypes[] = {
  {"F32", 4, TRUE, OCL_F32},
  {"F16", 2, TRUE, OCL_F16},
  {"BF16", 2, TRUE, OCL_BF16},
  {"I32", 4, TRUE, OCL_I32},
  {"U8", 1, TRUE, OCL_U8},
  {"I8", 1, TRUE, OCL_I8},
  {"F8_E4M3", 1, TRUE, OCL_F8_E4M3},
  {"F8_E5M2", 1, TRUE, OCL_F8_E5M2},
  {"BOOL", 1},
  {"I16", 2},
  {"U16", 2},
  {"U32", 4},
  {"F64", 8},
  {"I64", 8},
  {"U64", 8},
};

static const Dtype *
dtype_find (const char *name)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (dtypes[i].name, name))
      return &dtypes[i];
  return NULL;
}

static void
safetensor_free (gpointer data)
{
  Safetensor *tensor = data;

  g_free (tensor->name);
  g_free (tensor->dtype);
  g_free (tensor);
}

void
safetensors_file_free (SafetensorsFile * file)
{
  if (!file)
    return;
  g_clear_pointer (&file->tensors, g_hash_table_unref);
  g_clear_pointer (&file->metadata, json_object_unref);
  g_clear_pointer (&file->bytes, g_bytes_unref);
  g_free (file->path);
  g_free (file);
}

static gboolean
corrupt (SafetensorsFile * file, const char *name, const char *what,
    GError ** error)
{
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
      "%s: tensor \"%s\": %s", file->path, name, what);
  return FALSE;
}

/* Element @i of @list as a count; FALSE unless it is an integer >= 0. */
static gboolean
list_get_size (JsonArray * list, guint i, guint64 * value)
{
  JsonNode *node = json_array_get_element (list, i);
  gint64 number;

  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  number = json_node_get_int (node);
  *value = (guint64) number;
  return number >= 0;
}

static JsonArray *
get_list (JsonObject * entry, const char *key)
{
  JsonNode *node = json_object_get_member (entry, key);

  return node && JSON_NODE_HOLDS_ARRAY (node) ?
      json_node_get_array (node) : NULL;
}

/* Fills in shape and number of elements. A shape with more dimensions than an
 * OclHostArray has keeps the first ones: such a tensor is never given out. */
static gboolean
read_shape (SafetensorsFile * file, Safetensor * tensor, JsonObject * entry,
    guint64 * count, GError ** error)
{
  JsonArray *shape = get_list (entry, "shape");
  guint i;

  if (!shape)
    return corrupt (file, tensor->name, "\"shape\" is not a list", error);
  tensor->n_dims = json_array_get_length (shape);
  *count = 1;
  for (i = 0; i < tensor->n_dims; i++) {
    guint64 dim;
    if (!list_get_size (shape, i, &dim))
      return corrupt (file, tensor->name, "\"shape\" holds something else than "
          "integers from 0 on", error);
    if (!g_uint64_checked_mul (count, *count, dim))
      return corrupt (file, tensor->name, "\"shape\" is too large", error);
    if (i < OCL_MAX_DIMS)
      tensor->dims[i] = dim;
  }
  return TRUE;
}

static gboolean
read_offsets (SafetensorsFile * file, Safetensor * tensor, JsonObject * entry,
    GError ** error)
{
  JsonArray *offsets = get_list (entry, "data_offsets");

  if (!offsets || json_array_get_length (offsets) != 2
      || !list_get_size (offsets, 0, &tensor->begin)
      || !list_get_size (offsets, 1, &tensor->end)
      || tensor->begin > tensor->end)
    return corrupt (file, tensor->name, "\"data_offsets\" is not [begin, end]",
        error);
  return TRUE;
}

/* Shape, type and offsets must agree; of a type not known here the size of an
 * element is not known either. */
static gboolean
check_size (SafetensorsFile * file, Safetensor * tensor, guint64 count,
    GError ** error)
{
  const Dtype *dtype = dtype_find (tensor->dtype);
  guint64 size;

  if (!dtype || (g_uint64_checked_mul (&size, count, dtype->size)
          && size == tensor->end - tensor->begin))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT, "%s: tensor \"%s\": "
      "data_offsets give %" G_GUINT64_FORMAT " bytes, expected %"
      G_GUINT64_FORMAT " values of %s", file->path, tensor->name,
      tensor->end - tensor->begin, count, tensor->dtype);
  return FALSE;
}

static gboolean
read_tensor (SafetensorsFile * file, const char *name, JsonNode * node,
    GError ** error)
{
  Safetensor *tensor = g_new0 (Safetensor, 1);
  JsonObject *entry;
  JsonNode *dtype;
  guint64 count;

  tensor->file = file;
  tensor->name = g_strdup (name);
  g_hash_table_insert (file->tensors, tensor->name, tensor);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return corrupt (file, name, "its entry is not an object", error);
  entry = json_node_get_object (node);
  dtype = json_object_get_member (entry, "dtype");
  if (!dtype || !JSON_NODE_HOLDS_VALUE (dtype)
      || json_node_get_value_type (dtype) != G_TYPE_STRING)
    return corrupt (file, name, "\"dtype\" is not a string", error);
  tensor->dtype = json_node_dup_string (dtype);
  return read_shape (file, tensor, entry, &count, error)
      && read_offsets (file, tensor, entry, error)
      && check_size (file, tensor, count, error);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Safetensor *one = a, *two = b;

  if (one->begin != two->begin)
    return one->begin < two->begin ? -1 : 1;
  return one->end < two->end ? -1 : one->end > two->end;
}

/* The tensors cover the data: neither gap nor overlap nor rest, as upstream
 * demands. */
static gboolean
check_places (SafetensorsFile * file, guint64 data_size, GError ** error)
{
  g_autoptr (GList) tensors = g_list_sort
      (g_hash_table_get_values (file->tensors), compare_places);
  guint64 end = 0;
  GList *l;

  for (l = tensors; l; l = l->next) {
    Safetensor *tensor = l->data;
    if (tensor->begin != end)
      return corrupt (file, tensor->name, tensor->begin < end ?
          "overlaps another tensor" : "a gap before its data", error);
    end = tensor->end;
  }
  if (end == data_size)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
      "%s: %s: %" G_GUINT64_FORMAT " bytes of data, its tensors have %"
      G_GUINT64_FORMAT, file->path, end > data_size ? "truncated" : "too long",
      data_size, end);
  return FALSE;
}

/* Header length and header; @data_start is where the data begin. */
static JsonObject *
read_header (SafetensorsFile * file, guint64 * data_start, GError ** error)
{
  gsize size;
  const char *contents = g_bytes_get_data (file->bytes, &size);
  guint64 header_size;

  if (size < PREFIX_SIZE) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: truncated: %" G_GSIZE_FORMAT " bytes, expected a safetensors file",
        file->path, size);
    return NULL;
  }
  memcpy (&header_size, contents, sizeof header_size);
  header_size = GUINT64_FROM_LE (header_size);
  if (header_size > MAX_HEADER_SIZE || header_size > size - PREFIX_SIZE) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: truncated or not safetensors: header of %" G_GUINT64_FORMAT
        " bytes, expected at most %" G_GUINT64_FORMAT, file->path, header_size,
        MIN ((guint64) size - PREFIX_SIZE, MAX_HEADER_SIZE));
    return NULL;
  }
  *data_start = PREFIX_SIZE + header_size;
  return format_json_parse (contents + PREFIX_SIZE, header_size, file->path,
      error);
}

static gboolean
read_file (SafetensorsFile * file, GError ** error)
{
  g_autoptr (JsonObject) header = NULL;
  g_autoptr (GList) names = NULL;
  guint64 data_start;
  GList *l;

  header = read_header (file, &data_start, error);
  if (!header)
    return FALSE;
  file->data = (const guint8 *) g_bytes_get_data (file->bytes, NULL)
      + data_start;
  names = json_object_get_members (header);
  for (l = names; l; l = l->next) {
    JsonNode *node = json_object_get_member (header, l->data);
    if (!g_str_equal (l->data, "__metadata__")) {
      if (!read_tensor (file, l->data, node, error))
        return FALSE;
    } else if (JSON_NODE_HOLDS_OBJECT (node))
      file->metadata = json_node_dup_object (node);
  }
  return check_places (file, g_bytes_get_size (file->bytes) - data_start,
      error);
}

SafetensorsFile *
safetensors_file_open (const char *path, GError ** error)
{
  g_autoptr (GMappedFile) mapped = format_map_file (path, G_MAXSIZE, error);
  g_autoptr (GBytes) bytes = NULL;

  if (!mapped)
    return NULL;
  bytes = g_mapped_file_get_bytes (mapped);
  return safetensors_file_read (bytes, path, error);
}

SafetensorsFile *
safetensors_file_read (GBytes * bytes, const char *path, GError ** error)
{
  g_autoptr (SafetensorsFile) file = g_new0 (SafetensorsFile, 1);

  file->path = g_strdup (path);
  file->tensors =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, safetensor_free);
  file->bytes = g_bytes_ref (bytes);
  if (!read_file (file, error))
    return NULL;
  return g_steal_pointer (&file);
}

static gboolean
is_of_kind (const Dtype * dtype, SafetensorKind kind)
{
  if (!dtype || !dtype->readable)
    return FALSE;
  return kind == SAFETENSOR_ANY
      || (kind == SAFETENSOR_WEIGHTS && ocl_type_is_weight (dtype->type))
      || ocl_type_is_float (dtype->type);
}

gboolean
safetensor_get (const Safetensor * tensor, SafetensorKind kind,
    OclHostArray * array, GError ** error)
{
  static const char *const expected[] = {
    [SAFETENSOR_ANY] = "F32, F16, BF16, I8, F8_E4M3, F8_E5M2, I32 or U8",
    [SAFETENSOR_WEIGHTS] = "F32, F16, BF16, I8, F8_E4M3 or F8_E5M2",
    [SAFETENSOR_FLOATS] = "F32, F16 or BF16"
  };
  const Dtype *dtype = dtype_find (tensor->dtype);

  if (!is_of_kind (dtype, kind)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
        "%s: tensor \"%s\" is of type %s, expected %s", tensor->file->path,
        tensor->name, tensor->dtype, expected[kind]);
    return FALSE;
  }
  if (tensor->n_dims > OCL_MAX_DIMS) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
        "%s: tensor \"%s\" has %u dimensions, expected at most %d",
        tensor->file->path, tensor->name, tensor->n_dims, OCL_MAX_DIMS);
    return FALSE;
  }
  *array = (OclHostArray) {
  .data = tensor->file->data + tensor->begin,.type = dtype->type,.n_dims =
        tensor->n_dims};
  memcpy (array->dims, tensor->dims, sizeof array->dims);
  return TRUE;
}

char *
safetensor_shape_to_string (guint n_dims, const gsize * dims)
{
  GString *text = g_string_new ("[");
  guint i;

  for (i = 0; i < n_dims; i++) {
    if (i > 0)
      g_string_append (text, ", ");
    if (dims[i] == G_MAXSIZE)
      g_string_append (text, "any");
    else
      g_string_append_printf (text, "%" G_GSIZE_FORMAT, dims[i]);
  }
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

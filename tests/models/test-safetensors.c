/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-safetensors.c: the safetensors reader, on files made here. */

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <glib/gstdio.h>

#include "models/format/format.h"

typedef struct
{
  char *directory;
} Fixture;

static void
set_up (Fixture * fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("test-safetensors-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
}

static void
tear_down (Fixture * fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
    g_remove (path);
  }
  g_rmdir (fixture->directory);
  g_free (fixture->directory);
}

static char *
write_bytes (Fixture * fixture, const char *name, const void *data, gsize size)
{
  char *path = g_build_filename (fixture->directory, name, NULL);

  g_assert_true (g_file_set_contents (path, data, size, NULL));
  return path;
}

static char *
write_text (Fixture * fixture, const char *name, const char *text)
{
  return write_bytes (fixture, name, text, strlen (text));
}

static char *
write_data (Fixture * fixture, const char *name, const char *json,
    const void *data, gsize size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (strlen (json));

  g_byte_array_append (bytes, (const guint8 *) &length, 8);
  g_byte_array_append (bytes, (const guint8 *) json, strlen (json));
  g_byte_array_append (bytes, data, size);
  return write_bytes (fixture, name, bytes->data, bytes->len);
}

/* A file with the header @json and @size bytes of data: 0, 1, 2 ... */
static char *
write_file (Fixture * fixture, const char *name, const char *json, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = i;
  return write_data (fixture, name, json, bytes, size);
}

static void
assert_opens_not (const char *path, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TensorStore) store = tensor_store_open_file (path, &error);

  g_assert_null (store);
  g_assert_error (error, FORMAT_ERROR, code);
  g_assert_nonnull (strstr (error->message, path));
  if (!strstr (error->message, part))
    g_error ("\"%s\" lacks \"%s\"", error->message, part);
}

#define TWO "{\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[4,28]}," \
    "\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}," \
    "\"__metadata__\":{\"format\":\"pt\"}}    "

static void
test_read (Fixture * fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = write_file (fixture, "x.safetensors", TWO, 28);
  g_autoptr (TensorStore) store = tensor_store_open_file (path, &error);
  OclHostArray array;

  g_assert_no_error (error);
  g_assert_cmpstr (tensor_store_get_path (store), ==, path);
  g_assert_cmpstr (tensor_store_get_names (store)[0], ==, "a");
  g_assert_cmpstr (tensor_store_get_names (store)[1], ==, "b");
  g_assert_null (tensor_store_get_names (store)[2]);
  g_assert_true (tensor_store_has (store, "a"));
  g_assert_false (tensor_store_has (store, "c"));
  g_assert_false (tensor_store_has (store, "__metadata__"));
  g_assert_cmpstr (tensor_store_get_metadata (store, "format"), ==, "pt");
  g_assert_null (tensor_store_get_metadata (store, "x"));
  g_assert_true (tensor_store_get (store, "b", &array, &error, 2, (gsize) 2,
          G_MAXSIZE));
  g_assert_cmpint (array.type, ==, OCL_F32);
  g_assert_cmpuint (array.n_dims, ==, 2);
  g_assert_cmpuint (array.dims[1], ==, 3);
  g_assert_cmpuint (ocl_host_array_get_count (&array), ==, 6);
  g_assert_cmpint (((const guint8 *) array.data)[0], ==, 4);
  g_assert_cmpint (((const guint8 *) array.data)[23], ==, 27);
}

static void
test_wrong_shape (Fixture * fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = write_file (fixture, "x.safetensors", TWO, 28);
  g_autoptr (TensorStore) store = tensor_store_open_file (path, NULL);
  OclHostArray array;

  g_assert_false (tensor_store_get (store, "b", &array, &error, 2, G_MAXSIZE,
          (gsize) 4));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, "[2, 3], expected [any, 4]"));
  g_clear_error (&error);
  g_assert_false (tensor_store_get (store, "b", &array, &error, 1, (gsize) 6));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
  g_clear_error (&error);
  g_assert_false (tensor_store_get (store, "c", &array, &error, 0));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "\"c\""));
}

/* Types and shapes that are not read must not spoil the rest of the file. */
static void
test_unreadable (Fixture * fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = write_file (fixture, "x.safetensors",
      "{\"i\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
      "\"new\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[8,10]},"
      "\"deep\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,2],"
      "\"data_offsets\":[10,12]},"
      "\"s\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[12,16]},"
      "\"none\":{\"dtype\":\"F16\",\"shape\":[0,4],\"data_offsets\":[16,16]}}",
      16);
  g_autoptr (TensorStore) store = tensor_store_open_file (path, &error);
  const char *names[] = { "i", "new", "deep" };
  OclHostArray array;
  guint i;

  g_assert_no_error (error);
  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    g_assert_true (tensor_store_has (store, names[i]));
    g_assert_false (tensor_store_get (store, names[i], &array, &error, 0));
    g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED);
    g_assert_nonnull (strstr (error->message, names[i]));
    g_clear_error (&error);
  }
  g_assert_true (tensor_store_get (store, "s", &array, NULL, 0));
  g_assert_cmpuint (array.n_dims, ==, 0);
  g_assert_cmpuint (ocl_host_array_get_count (&array), ==, 1);
  g_assert_true (tensor_store_get (store, "none", &array, NULL, 0));
  g_assert_cmpuint (ocl_host_array_get_count (&array), ==, 0);
}

/* Weights are numbers of these types: others are named, and so is what was
 * expected. */
static void
test_weights (Fixture * fixture, gconstpointer data)
{
  static const struct
  {
    const char *name, *dtype;
    gboolean good;
  } tensors[] = {
    {"f", "F32", TRUE}, {"h", "F16", TRUE}, {"b", "BF16", TRUE},
    {"i", "I32", FALSE}, {"u", "U8", FALSE}, {"e", "F8_E4M3", TRUE},
    {"m", "F8_E5M2", TRUE}, {"o", "BOOL", FALSE}, {"x", "F8_E8M0", FALSE}
  };
  g_autofree char *path = write_file (fixture, "x.safetensors",
      "{\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
      "\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[4,6]},"
      "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[6,8]},"
      "\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[8,12]},"
      "\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[12,13]},"
      "\"e\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[13,14]},"
      "\"m\":{\"dtype\":\"F8_E5M2\",\"shape\":[1],\"data_offsets\":[14,15]},"
      "\"o\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[15,16]},"
      "\"x\":{\"dtype\":\"F8_E8M0\",\"shape\":[1],"
      "\"data_offsets\":[16,17]}}", 17);
  g_autoptr (TensorStore) store = tensor_store_open_file (path, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *expected = g_strdup_printf ("%s: tensor \"%s\" is of type "
        "%s, expected F32, F16, BF16, I8, F8_E4M3 or F8_E5M2", path,
        tensors[i].name,
        tensors[i].dtype);
    OclHostArray array;
    gboolean got = tensor_store_get_weight (store, tensors[i].name, &array,
        &error, 1, (gsize) 1);

    g_assert_cmpint (got, ==, tensors[i].good);
    if (got)
      continue;
    g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED);
    g_assert_cmpstr (error->message, ==, expected);
  }
}

/* A file with int8 @weight [2, 3]: -1 ... -6, and @name, which begins as @data
 * does. */
static TensorStore *
open_scaled (Fixture * fixture, const char *weight, const char *name,
    const char *dtype, const char *shape, const void *data, gsize size)
{
  g_autofree char *json = g_strdup_printf ("{\"%s\":{\"dtype\":\"I8\","
      "\"shape\":[2,3],\"data_offsets\":[0,6]},\"%s\":{\"dtype\":\"%s\","
      "\"shape\":%s,\"data_offsets\":[6,%u]},"
      "\"scaled_fp8\":{\"dtype\":\"F8_E4M3\",\"shape\":[0],"
      "\"data_offsets\":[%u,%u]}}", weight, name, dtype, shape,
      (guint) size + 6, (guint) size + 6, (guint) size + 6);
  g_autofree guint8 *bytes = g_malloc (6 + size);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  TensorStore *store;

  for (guint i = 0; i < 6; i++)
    bytes[i] = 0xff - i;
  memcpy (bytes + 6, data, size);
  path = write_data (fixture, "x.safetensors", json, bytes, 6 + size);
  store = tensor_store_open_file (path, &error);
  g_assert_no_error (error);
  return store;
}

/* The names, types and shapes that scales may have. */
static void
test_scales (Fixture * fixture, gconstpointer data)
{
  static const float floats[] = { 0.5f, -2 };
  static const guint16 halves[] = { 0x3800, 0xc000 };
  static const guint16 brains[] = { 0x3f00, 0xc000 };
  static const struct
  {
    const char *weight, *name, *dtype, *shape;
    const void *data;
    gsize size;
    guint n;
  } cases[] = {
    {"a.weight", "a.weight_scale", "F32", "[]", floats, 4, 1},
    {"a.weight", "a.weight_scale", "F32", "[1]", floats, 4, 1},
    {"a.weight", "a.weight_scale", "F16", "[1,1]", halves, 2, 1},
    {"a.weight", "a.weight_scale", "F32", "[2]", floats, 8, 2},
    {"a.weight", "a.weight_scale", "BF16", "[2,1]", brains, 4, 2},
    {"a.weight", "a.weight_scale", "F16", "[2,1,1,1,1]", halves, 4, 2},
    {"a.weight", "a.scale_weight", "F32", "[2]", floats, 8, 2},
    {"a.weight", "a.scale_weight", "BF16", "[]", brains, 2, 1},
    {"a.table", "a.table_scale", "F32", "[2]", floats, 8, 2},
    {"weight", "weight_scale", "F32", "[1]", floats, 4, 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TensorStore) store = open_scaled (fixture, cases[i].weight,
        cases[i].name, cases[i].dtype, cases[i].shape, cases[i].data,
        cases[i].size);
    g_autoptr (GError) error = NULL;
    OclHostArray array;
    float values[6];

    tensor_store_get_weight (store, cases[i].weight, &array, &error, 2,
        (gsize) 2, (gsize) 3);
    g_assert_no_error (error);
    g_assert_cmpuint (array.n_scales, ==, cases[i].n);
    ocl_host_array_to_float (&array, 0, 6, values);
    for (guint k = 0; k < 6; k++)
      g_assert_cmpfloat (values[k], ==,
          -(k + 1.0f) * floats[cases[i].n > 1 ? k / 3 : 0]);

    /* The stored numbers alone. */
    g_assert_true (tensor_store_get (store, cases[i].weight, &array, NULL, 0));
    ocl_host_array_to_float (&array, 3, 1, values);
    g_assert_cmpfloat (values[0], ==, -4);
  }
}

static void
test_bad_scales (Fixture * fixture, gconstpointer data)
{
  static const float floats[6] = { 1, INFINITY, 1, 1, 1, 1 };
  static const guint16 nan = 0x7e00;
  static const struct
  {
    const char *name, *dtype, *shape;
    const void *data;
    gsize size;
    int code;
    const char *message;
  } cases[] = {
    {"b.weight_scale", "F32", "[1]", floats, 4, FORMAT_ERROR_NOT_FOUND,
        "\"a.weight\" is of type I8 and has no scale, expected a tensor "
          "\"a.weight_scale\" or \"a.scale_weight\""},
    {"a.weight_scale", "F32", "[3]", floats + 2, 12, FORMAT_ERROR_MISMATCH,
        "\"a.weight_scale\" has the shape [3], expected [1] or, a scale for "
          "each row of \"a.weight\", [2]"},
    {"a.weight_scale", "F32", "[1,2]", floats + 2, 8, FORMAT_ERROR_MISMATCH,
        "[1, 2], expected"},
    {"a.weight_scale", "F32", "[2,2]", floats + 2, 16, FORMAT_ERROR_MISMATCH,
        "[2, 2], expected"},
    {"a.weight_scale", "F32", "[0]", floats, 0, FORMAT_ERROR_MISMATCH,
        "[0], expected"},
    {"a.weight_scale", "F32", "[2,0]", floats, 0, FORMAT_ERROR_MISMATCH,
        "[2, 0], expected"},
    {"a.weight_scale", "F32", "[1,1,1,1,1,1]", floats, 4,
        FORMAT_ERROR_UNSUPPORTED, "6 dimensions"},
    {"a.weight_scale", "I8", "[2]", floats, 2, FORMAT_ERROR_UNSUPPORTED,
        "\"a.weight_scale\" is of type I8, expected F32, F16 or BF16"},
    {"a.scale_weight", "F8_E4M3", "[1]", floats, 1, FORMAT_ERROR_UNSUPPORTED,
        "\"a.scale_weight\" is of type F8_E4M3, expected F32"},
    {"a.weight_scale", "F64", "[1]", floats, 8, FORMAT_ERROR_UNSUPPORTED,
        "is of type F64, expected F32"},
    {"a.weight_scale", "F8_E8M0", "[2]", floats, 2, FORMAT_ERROR_UNSUPPORTED,
        "is of type F8_E8M0, expected F32"},
    {"a.weight_scale", "F32", "[2]", floats, 8, FORMAT_ERROR_CORRUPT,
        "\"a.weight_scale\": value 1 is inf, expected a scale that is finite"},
    {"a.weight_scale", "F16", "[]", &nan, 2, FORMAT_ERROR_CORRUPT,
        "value 0 is nan"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TensorStore) store = open_scaled (fixture, "a.weight",
        cases[i].name, cases[i].dtype, cases[i].shape, cases[i].data,
        cases[i].size);
    g_autoptr (GError) error = NULL;
    OclHostArray array;

    g_assert_false (tensor_store_get_weight (store, "a.weight", &array, &error,
            2, (gsize) 2, (gsize) 3));
    g_assert_error (error, FORMAT_ERROR, cases[i].code);
    if (!strstr (error->message, cases[i].message))
      g_error ("\"%s\" lacks \"%s\"", error->message, cases[i].message);
    g_assert_true (g_str_has_prefix (error->message, fixture->directory));
  }
}

static void
test_bad_file (Fixture * fixture, gconstpointer data)
{
  g_autofree char *missing =
      g_build_filename (fixture->directory, "no.safetensors", NULL);
  g_autofree char *empty = write_text (fixture, "empty", "");
  g_autofree char *brief = write_text (fixture, "brief", "1234567");
  g_autofree char *no_json = write_file (fixture, "no-json", "no json", 0);
  g_autofree char *long_header =
      write_bytes (fixture, "long", "\x09\0\0\0\0\0\0\0{}      ", 16);
  g_autofree char *huge_header =
      write_bytes (fixture, "huge", "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
  g_autofree char *truncated = write_file (fixture, "truncated", TWO, 27);
  g_autofree char *rest = write_file (fixture, "rest", TWO, 29);
  g_autofree char *fifo = g_build_filename (fixture->directory, "fifo", NULL);

  assert_opens_not (missing, FORMAT_ERROR_NOT_FOUND, "No such file");
  assert_opens_not (fixture->directory, FORMAT_ERROR_READ, "regular");
  assert_opens_not (empty, FORMAT_ERROR_CORRUPT, "truncated");
  assert_opens_not (brief, FORMAT_ERROR_CORRUPT, "truncated");
  assert_opens_not (no_json, FORMAT_ERROR_CORRUPT, "");
  assert_opens_not (long_header, FORMAT_ERROR_CORRUPT, "at most 8");
  assert_opens_not (huge_header, FORMAT_ERROR_CORRUPT, "at most 2");
  assert_opens_not (truncated, FORMAT_ERROR_CORRUPT, "truncated");
  assert_opens_not (rest, FORMAT_ERROR_CORRUPT, "too long");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_opens_not (fifo, FORMAT_ERROR_READ, "regular");
}

/* Entries of tensor "t" that must not pass, with 8 bytes of data. */
static const struct
{
  const char *entry;
  const char *message;
} bad_entries[] = {
  {"[]", "not an object"},
  {"null", "not an object"},
  {"{}", "dtype"},
  {"{\"dtype\":4,\"shape\":[2],\"data_offsets\":[0,8]}", "dtype"},
  {"{\"dtype\":\"F32\",\"data_offsets\":[0,8]}", "shape"},
  {"{\"dtype\":\"F32\",\"shape\":{},\"data_offsets\":[0,8]}", "shape"},
  {"{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}", "shape"},
  {"{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}", "shape"},
  {"{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}", "shape"},
  {"{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}", "shape"},
  {"{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,8]}", "shape"},
  {"{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],"
        "\"data_offsets\":[0,8]}", "too large"},
  {"{\"dtype\":\"F32\",\"shape\":[4611686018427387906],"
        "\"data_offsets\":[0,8]}", "expected 4611686018427387906 values"},
  {"{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}",
      "expected 3 values of F32"},
  {"{\"dtype\":\"F32\",\"shape\":[2]}", "data_offsets"},
  {"{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}", "data_offsets"},
  {"{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}",
      "data_offsets"},
  {"{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}", "data_offsets"},
  {"{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}",
      "data_offsets"},
  {"{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,"
        "99999999999999999999]}", ""},
  {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}", "gap"},
  {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", "too long"},
  {"{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}", "truncated"},
  {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        "\"u\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}",
      "overlap"},
  {"{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        "\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}",
      "twice"},
  {"{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],"
        "\"data_offsets\":[0,8]}", "twice"},
};

static void
test_bad_entries (Fixture * fixture, gconstpointer data)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad_entries); i++) {
    g_autofree char *json = g_strdup_printf ("{\"t\":%s}",
        bad_entries[i].entry);
    g_autofree char *path = write_file (fixture, "bad", json, 8);
    assert_opens_not (path, FORMAT_ERROR_CORRUPT, bad_entries[i].message);
  }
}

#define ONE(name) \
  "{\"" name "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"

static const char *const stems[] = { "model", "other", NULL };

static TensorStore *
open_index (Fixture * fixture, const char *map, GError ** error)
{
  g_autofree char *json =
      g_strdup_printf ("{\"metadata\":{},\"weight_map\":%s}", map);
  g_autofree char *index =
      write_text (fixture, "other.safetensors.index.json", json);

  return tensor_store_open (fixture->directory, stems, error);
}

static void
test_index (Fixture * fixture, gconstpointer data)
{
  g_autofree char *one = write_file (fixture, "one", ONE ("a"), 1);
  g_autofree char *two = write_file (fixture, "two", ONE ("b"), 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (TensorStore) store = open_index (fixture,
      "{\"b\":\"two\",\"a\":\"one\"}", &error);
  g_autofree char *whole = NULL;
  OclHostArray array;

  g_assert_no_error (error);
  g_assert_cmpstr (tensor_store_get_names (store)[0], ==, "a");
  g_assert_cmpstr (tensor_store_get_names (store)[1], ==, "b");
  g_assert_true (tensor_store_get (store, "b", &array, NULL, 1, (gsize) 1));
  g_clear_pointer (&store, tensor_store_unref);

  /* The first stem that is there wins, and a whole file before an index. */
  whole = write_file (fixture, "other.safetensors", ONE ("w"), 1);
  store = tensor_store_open (fixture->directory, stems, NULL);
  g_assert_true (tensor_store_has (store, "w"));
}

static const struct
{
  const char *map;
  int code;
  const char *message;
} bad_maps[] = {
  {"[]", FORMAT_ERROR_CORRUPT, "weight_map"},
  {"null", FORMAT_ERROR_CORRUPT, "weight_map"},
  {"{\"a\":1}", FORMAT_ERROR_CORRUPT, "\"a\" is an integer"},
  {"{\"b\":\"one\"}", FORMAT_ERROR_CORRUPT, "no tensor \"b\""},
  {"{\"a\":\"gone\"}", FORMAT_ERROR_NOT_FOUND, "gone"},
  {"{\"a\":\"../one\"}", FORMAT_ERROR_CORRUPT, "../one"},
  {"{\"a\":\"/etc/passwd\"}", FORMAT_ERROR_CORRUPT, "same directory"},
  {"{\"a\":\"..\"}", FORMAT_ERROR_CORRUPT, "same directory"},
  {"{\"a\":\".\"}", FORMAT_ERROR_CORRUPT, "same directory"},
  {"{\"a\":\"\"}", FORMAT_ERROR_CORRUPT, "same directory"},
};

static void
test_bad_index (Fixture * fixture, gconstpointer data)
{
  g_autofree char *one = write_file (fixture, "one", ONE ("a"), 1);
  g_autoptr (GError) error = NULL;
  guint i;

  g_assert_null (tensor_store_open (fixture->directory, stems, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "model, other"));
  for (i = 0; i < G_N_ELEMENTS (bad_maps); i++) {
    g_clear_error (&error);
    g_assert_null (open_index (fixture, bad_maps[i].map, &error));
    g_assert_error (error, FORMAT_ERROR, bad_maps[i].code);
    g_assert_nonnull (strstr (error->message, bad_maps[i].message));
  }
}

static void
test_metadata_kinds (Fixture * fixture, gconstpointer data)
{
  g_autofree char *none = write_file (fixture, "none", "{}", 0);
  g_autofree char *odd = write_file (fixture, "odd",
      "{\"__metadata__\":{\"a\":1,\"b\":null,\"c\":\"x\"}}", 0);
  g_autoptr (TensorStore) one = tensor_store_open_file (none, NULL);
  g_autoptr (TensorStore) two = tensor_store_open_file (odd, NULL);
  g_autoptr (TensorStore) again = tensor_store_ref (two);

  g_assert_null (tensor_store_get_names (one)[0]);
  g_assert_null (tensor_store_get_metadata (one, "a"));
  g_assert_null (tensor_store_get_metadata (again, "a"));
  g_assert_null (tensor_store_get_metadata (again, "b"));
  g_assert_cmpstr (tensor_store_get_metadata (again, "c"), ==, "x");
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/safetensors/read", test_read);
  add ("/safetensors/wrong-shape", test_wrong_shape);
  add ("/safetensors/unreadable", test_unreadable);
  add ("/safetensors/weights", test_weights);
  add ("/safetensors/bad-file", test_bad_file);
  add ("/safetensors/bad-entries", test_bad_entries);
  add ("/safetensors/index", test_index);
  add ("/safetensors/bad-index", test_bad_index);
  add ("/safetensors/metadata", test_metadata_kinds);
  add ("/safetensors/scales", test_scales);
  add ("/safetensors/bad-scales", test_bad_scales);
  return g_test_run ();
}

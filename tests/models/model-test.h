/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* model-test.h: what the tests of the models share: the golden pipelines and
 * their references (tests/golden/README.md), and how far two results may be
 * apart.
 *
 * GOLDEN_DATA is the directory of the pipelines. */

#pragma once

#include "models/format/format.h"
#include "tests/ocl/ocl-test.h"

/* The relative L2 errors that a stage may have. */
#define FLOAT32_TOLERANCE 2e-5
#define BFLOAT16_TOLERANCE 2e-2
#define INT16_TOLERANCE 5e-4

/* GOLDEN_DATA/PIPELINE/PART, or GOLDEN_DATA/PIPELINE for no part; g_free() */
static inline char *
golden_path (const char *pipeline, const char *part)
{
  return g_build_filename (GOLDEN_DATA, pipeline, part, NULL);
}

static inline TensorStore *
golden_store (const char *pipeline, const char *part)
{
  g_autofree char *path = golden_path (pipeline, part);
  g_autoptr (GError) error = NULL;
  TensorStore *store = tensor_store_open_file (path, &error);

  g_assert_no_error (error);
  return store;
}

static inline TensorStore *
golden_reference (const char *pipeline)
{
  return golden_store (pipeline, "reference.safetensors");
}

static inline JsonNode *
golden_json (const char *pipeline, const char *part)
{
  g_autofree char *path = golden_path (pipeline, part);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

/* The float32 tensor STAGE.CASE.NAME; it must be there, with @n_dims sizes. */
static inline OclHostArray
golden_get (TensorStore *store, const char *stage, guint index,
    const char *name, guint n_dims)
{
  g_autofree char *key = g_strdup_printf ("%s.%u.%s", stage, index, name);
  g_autoptr (GError) error = NULL;
  OclHostArray array = { 0 };

  tensor_store_get (store, key, &array, &error, n_dims, G_MAXSIZE, G_MAXSIZE,
      G_MAXSIZE, G_MAXSIZE, G_MAXSIZE);
  g_assert_no_error (error);
  g_assert_cmpint (array.type, ==, OCL_F32);
  return array;
}

/* The settings of a case, from reference.json; json_object_unref() */
static inline JsonObject *
golden_settings (const char *pipeline, const char *stage, guint index)
{
  g_autoptr (JsonNode) root = golden_json (pipeline, "reference.json");

  return json_object_ref (json_array_get_object_element
      (json_object_get_array_member (json_node_get_object (root), stage),
          index));
}

typedef void (*GoldenCheck) (TensorStore *store, const char *stage,
    guint index, JsonObject *settings);

/* Calls @check for each case that NAME.json has of @stage, with the tensors in
 * NAME.safetensors; returns how many there are. */
static inline guint
golden_for_cases (const char *name, const char *stage, GoldenCheck check)
{
  g_autofree char *json = g_strconcat (name, ".json", NULL);
  g_autofree char *tensors = g_strconcat (name, ".safetensors", NULL);
  g_autoptr (JsonNode) root = golden_json (json, NULL);
  g_autoptr (TensorStore) store = golden_store (tensors, NULL);
  JsonArray *cases = json_object_get_array_member (json_node_get_object (root),
      stage);
  guint n = json_array_get_length (cases);

  for (guint i = 0; i < n; i++)
    check (store, stage, i, json_array_get_object_element (cases, i));
  g_assert_cmpuint (n, >, 0);
  return n;
}

static inline gboolean
golden_has (TensorStore *store, const char *stage, guint index,
    const char *name)
{
  g_autofree char *key = g_strdup_printf ("%s.%u.%s", stage, index, name);

  return tensor_store_has (store, key);
}

static inline OclContext *
model_test_context (OclGemm gemm)
{
  const OclContextOptions options = { .device = "cpu", .gemm = gemm };

  return test_context_new (&options);
}

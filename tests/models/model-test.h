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

/* GOLDEN_DATA/PIPELINE/PART, or GOLDEN_DATA/PIPELINE for no part; g_free() */
static inline char *
golden_path (const char *pipeline, const char *part)
{
  return g_build_filename (GOLDEN_DATA, pipeline, part, NULL);
}

static inline TensorStore *
golden_reference (const char *pipeline)
{
  g_autofree char *path = golden_path (pipeline, "reference.safetensors");
  g_autoptr (GError) error = NULL;
  TensorStore *store = tensor_store_open_file (path, &error);

  g_assert_no_error (error);
  return store;
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
  g_autofree char *path = golden_path (pipeline, "reference.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  return json_object_ref (json_array_get_object_element
      (json_object_get_array_member (root, stage), index));
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

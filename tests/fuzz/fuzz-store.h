/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-store.h: uses a store as a model would. */

#pragma once

#include <string.h>

#include "models/format/format.h"
#include "fuzz.h"

/* Keeps the compiler from leaving the reading out. */
static volatile guint8 fuzz_sink;

/* Reads every byte of @array, as numbers if it holds numbers. */
static inline void
fuzz_read_array (const OclHostArray *array)
{
  gsize count = ocl_host_array_get_count (array), i;
  gsize size = ocl_type_size (array->type);
  const guint8 *bytes = array->data;
  guint8 sum = 0;
  float last[4];

  for (i = 0; i < count * size; i++)
    sum += bytes[i];
  fuzz_sink = sum;
  if (ocl_type_is_weight (array->type))
    ocl_host_array_to_float (array, count - MIN (count, 4), MIN (count, 4),
        last);
}

/* The same with all of its numbers, and what they are multiplied with. */
static inline void
fuzz_read_weight (TensorStore *store, const char *name)
{
  g_autoptr (GError) error = NULL;
  OclHostArray array;
  gboolean success = tensor_store_get_weight (store, name, &array, &error, 0);
  gsize count;
  float value;

  fuzz_check_error (success, error);
  if (!success)
    return;
  if (array.type == OCL_I8 && !array.scales)
    abort ();
  count = ocl_host_array_get_count (&array);
  for (gsize i = 0; i < count; i++)
    ocl_host_array_to_float (&array, i, 1, &value);
  if (array.n_dims > 0 && array.dims[0] > 0) {
    OclHostArray last = ocl_host_array_rows (&array, array.dims[0] - 1, 1);

    fuzz_read_array (&last);
  }
}

static inline void
fuzz_read_store (TensorStore *store)
{
  const char *const *names = tensor_store_get_names (store);
  guint i;

  tensor_store_get_metadata (store, "format");
  for (i = 0; names[i]; i++) {
    g_autoptr (GError) error = NULL;
    OclHostArray array;
    gboolean success = tensor_store_get (store, names[i], &array, &error, 0);
    fuzz_check_error (success, error);
    if (success)
      fuzz_read_array (&array);
    if (!tensor_store_has (store, names[i]))
      abort ();
    fuzz_read_weight (store, names[i]);
    g_clear_error (&error);
    tensor_store_get (store, names[i], &array, &error, 2, G_MAXSIZE,
        (gsize) 2);
  }
}

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
  static const gsize sizes[] = {[OCL_F32] = 4,[OCL_F16] = 2,[OCL_BF16] = 2,
    [OCL_I32] = 4,[OCL_U8] = 1
  };
  gsize count = host_array_get_count (array), i;
  const guint8 *bytes = array->data;
  guint8 sum = 0;
  float last[4];

  for (i = 0; i < count * sizes[array->type]; i++)
    sum += bytes[i];
  fuzz_sink = sum;
  if (array->type <= OCL_BF16)
    host_array_to_float (array, count - MIN (count, 4), MIN (count, 4), last);
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
    g_clear_error (&error);
    tensor_store_get (store, names[i], &array, &error, 2, G_MAXSIZE,
        (gsize) 2);
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-safetensors.c: the input is a safetensors file. */

#include "fuzz-store.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  return 0;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree char *path = fuzz_write ("x.safetensors", data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (TensorStore) store = tensor_store_open_file (path, &error);

  fuzz_check_error (store != NULL, error);
  if (store)
    fuzz_read_store (store);
  return 0;
}

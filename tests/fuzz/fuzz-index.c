/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-index.c: the input is the index of two shards that are well. */

#include "fuzz-store.h"

/* A header of 64 bytes each. */
#define SHARD_A "\100\0\0\0\0\0\0\0" \
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}" \
    "          " "\0\0\200\77"
#define SHARD_B "\100\0\0\0\0\0\0\0" \
    "{\"b\":{\"dtype\":\"U8\",\"shape\":[2,1],\"data_offsets\":[0,2]}}" \
    "         " "\1\2"

static void
write_shard (const char *name, const void *data, gsize size)
{
  g_autofree char *path = fuzz_write (name, data, size);
  g_autoptr (TensorStore) store = tensor_store_open_file (path, NULL);

  if (!store)
    abort ();
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  write_shard ("a", SHARD_A, sizeof SHARD_A - 1);
  write_shard ("b", SHARD_B, sizeof SHARD_B - 1);
  return 0;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  const char *const names[] = { "none", "model", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (TensorStore) store = NULL;

  g_free (fuzz_write ("model.safetensors.index.json", data, size));
  store = tensor_store_open (fuzz_directory, names, &error);
  fuzz_check_error (store != NULL, error);
  if (store)
    fuzz_read_store (store);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-lora.c: the input is an adapter, merged into small weights of modules that
 * have the names of the corpus. */

#include "models/video/lora.h"
#include "fuzz.h"

static const float zeros[8];

static const struct
{
  const char *name, *part;
  OclHostArray weight;
} tensors[] = {
  {"q", "weight", {zeros, OCL_F32, 2, {2, 3}}},
  {"q", "bias", {zeros, OCL_F32, 1, {2}}},
  {"norm", "weight", {zeros, OCL_F32, 1, {3}}},
  {"none", "weight", {zeros, OCL_F32, 2, {0, 3}}},
  {"patches", "weight", {zeros, OCL_F32, 5, {2, 1, 1, 2, 2}}}
};

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  return 0;
}

static void
merge (Lora * lora, guint i)
{
  const char *const names[] = { "absent", tensors[i].name, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree float *values = NULL;
  gboolean success = lora_merge (lora, names, tensors[i].part,
      &tensors[i].weight, &values, &error);

  fuzz_check_error (success, error);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree char *path = fuzz_write ("x.safetensors", data, size);
  const LoraFile file = { path, 0.5 };
  g_autoptr (GError) error = NULL;
  g_autoptr (Lora) lora = lora_open (&file, &error);
  gboolean used;

  fuzz_check_error (lora != NULL, error);
  if (!lora)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    merge (lora, i);
  used = lora_check_used (lora, &error);
  fuzz_check_error (used, error);
  return 0;
}

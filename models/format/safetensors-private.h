/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safetensors-private.h: a single file, below the store. */

#pragma once

#include "format-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *path;
  GMappedFile *mapped;
  const guint8 *data;           /* of the first tensor, any alignment */
  GHashTable *tensors;          /* name -> Safetensor, owned */
  JsonObject *metadata;         /* or NULL */
} SafetensorsFile;

typedef struct
{
  SafetensorsFile *file;
  char *name;
  char *dtype;                  /* as the file has it */
  guint n_dims;                 /* may exceed OCL_MAX_DIMS */
  gsize dims[OCL_MAX_DIMS];
  guint64 begin, end;           /* bytes from file->data */
} Safetensor;

SafetensorsFile *safetensors_file_open (const char *path, GError ** error);
void safetensors_file_free (SafetensorsFile * file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SafetensorsFile, safetensors_file_free)

/* An error for what no OclHostArray can hold; with @floats for all that are no
 * float32, float16 or bfloat16 as well. */
gboolean safetensor_get (const Safetensor * tensor, gboolean floats,
    OclHostArray * array, GError ** error);

G_END_DECLS

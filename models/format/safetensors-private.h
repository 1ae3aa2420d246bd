/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safetensors-private.h: a single file, below the store. */

#pragma once

#include "format-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *path;
  GBytes *bytes;                /* usually a mapping */
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
/* The same from memory; @path is for messages. */
SafetensorsFile *safetensors_file_read (GBytes * bytes, const char *path,
    GError ** error);
void safetensors_file_free (SafetensorsFile * file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SafetensorsFile, safetensors_file_free)

typedef enum
{
  SAFETENSOR_ANY,
  SAFETENSOR_WEIGHTS,           /* ocl_type_is_weight() */
  SAFETENSOR_FLOATS             /* ocl_type_is_float() */
} SafetensorKind;

/* An error for what no OclHostArray can hold, and what is not of @kind. */
gboolean safetensor_get (const Safetensor * tensor, SafetensorKind kind,
    OclHostArray * array, GError ** error);
/* "[2, any]": for messages; g_free() */
char *safetensor_shape_to_string (guint n_dims, const gsize * dims);
/* Finds the scales of @array, which is @tensor, in @tensors (name ->
 * Safetensor), as tensor_store_get_weight() has it. */
gboolean safetensor_get_scales (const Safetensor * tensor,
    GHashTable * tensors, OclHostArray * array, GError ** error);

G_END_DECLS

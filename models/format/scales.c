/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scales.c: what quantised weights are to be multiplied with: a tensor beside
 * theirs.
 *
 * "X.weight_scale" is the name of the quantisers that huggingface's files come
 * from (compressed-tensors, torchao), "X.scale_weight" ComfyUI's
 * (comfy/ops.py, scaled_fp8_ops). */

#include <math.h>
#include <string.h>

#include "safetensors-private.h"

static const char *const weight_scales[] = { "weight_scale", "scale_weight" };

/* The names that the scales of @name may have, NULL-terminated; the first
 * that is there counts. */
static char **
scale_names (const char *name)
{
  char **names = g_new0 (char *, G_N_ELEMENTS (weight_scales) + 1);

  if (!g_str_has_suffix (name, ".weight")) {
    names[0] = g_strconcat (name, "_scale", NULL);
    return names;
  }
  for (guint i = 0; i < G_N_ELEMENTS (weight_scales); i++)
    names[i] = g_strdup_printf ("%.*s.%s",
        (int) (strlen (name) - strlen (".weight")), name, weight_scales[i]);
  return names;
}

/* One value, or one for each row of @array's first dimension. */
static gboolean
check_shape (const Safetensor * scales, const OclHostArray * found,
    const OclHostArray * array, const char *name, GError ** error)
{
  gsize n = ocl_host_array_get_count (found);
  g_autofree char *shape = NULL;

  if (n == 1 || (found->n_dims > 0 && array->n_dims > 0
          && n == found->dims[0] && n == array->dims[0]))
    return TRUE;
  shape = safetensor_shape_to_string (found->n_dims, found->dims);
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH, "%s: tensor \"%s\" "
      "has the shape %s, expected [1] or, a scale for each row of \"%s\", [%"
      G_GSIZE_FORMAT "]", scales->file->path, scales->name, shape, name,
      array->n_dims > 0 ? array->dims[0] : 1);
  return FALSE;
}

static gboolean
check_values (const Safetensor * scales, const OclHostArray * found,
    GError ** error)
{
  gsize n = ocl_host_array_get_count (found);

  for (gsize i = 0; i < n; i++) {
    float value;

    ocl_host_array_to_float (found, i, 1, &value);
    if (isfinite (value))
      continue;
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: tensor \"%s\": value %" G_GSIZE_FORMAT
        " is %f, expected a scale that is finite", scales->file->path,
        scales->name, i, value);
    return FALSE;
  }
  return TRUE;
}

gboolean
safetensor_get_scales (const Safetensor * tensor, GHashTable * tensors,
    OclHostArray * array, GError ** error)
{
  g_auto (GStrv) names = scale_names (tensor->name);
  const Safetensor *scales = NULL;
  OclHostArray found;

  for (guint i = 0; names[i] && !scales; i++)
    scales = g_hash_table_lookup (tensors, names[i]);
  if (!scales) {
    g_autofree char *wanted = g_strjoinv ("\" or \"", names);

    if (array->type != OCL_I8)
      return TRUE;
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND,
        "%s: tensor \"%s\" is of type I8 and has no scale, expected a tensor "
        "\"%s\"", tensor->file->path, tensor->name, wanted);
    return FALSE;
  }
  if (!safetensor_get (scales, SAFETENSOR_FLOATS, &found, error)
      || !check_shape (scales, &found, array, tensor->name, error)
      || !check_values (scales, &found, error))
    return FALSE;
  array->scales = found.data;
  array->scale_type = found.type;
  array->n_scales = ocl_host_array_get_count (&found);
  return TRUE;
}

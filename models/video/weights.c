/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* weights.c: from the tensors of a checkpoint to layers on the device. */

#include "models/video/weights.h"

#include <stdarg.h>

/* Modules that one product may be made of. */
#define MAX_FUSED 3

/* What repackaged files put before every name. */
static const char *const prefixes[] = { "", "model.diffusion_model." };

void
weight_loader_init (WeightLoader * l, OclContext * cl, TensorStore * store,
    const WeightScheme * scheme)
{
  *l = (WeightLoader) {
  .cl = cl,.store = store,.scheme = scheme,.prefix = ""};
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++) {
    g_autofree char *name = g_strconcat (prefixes[i], scheme->witness, NULL);

    if (tensor_store_has (store, name)) {
      l->original = TRUE;
      l->prefix = prefixes[i];
      return;
    }
  }
}

/* ---- names ------------------------------------------------------------------ */

static const char *
translate (const WeightLoader * l, const WeightName * names, const char *module)
{
  if (!l->original)
    return module;
  for (const WeightName * n = names; n->diffusers; n++)
    if (g_str_equal (n->diffusers, module))
      return n->original;
  return module;                /* the same in both */
}

static char *
full_name (const WeightLoader * l, int block, const char *module,
    const char *part)
{
  GString *name = g_string_new (l->prefix);

  if (block >= 0) {
    const WeightName *begin = &l->scheme->block;
    g_auto (GStrv) halves =
        g_strsplit (l->original ? begin->original : begin->diffusers, "%u", 2);

    g_string_append_printf (name, "%s%d%s", halves[0], block, halves[1]);
    module = translate (l, l->scheme->block_names, module);
  } else {
    module = translate (l, l->scheme->names, module);
  }
  g_string_append (name, module);
  if (*part)
    g_string_append_printf (name, ".%s", part);
  return g_string_free (name, FALSE);
}

/* ---- tensors ------------------------------------------------------------------ */

gboolean
weight_has (WeightLoader * l, int block, const char *module, const char *part)
{
  g_autofree char *name = full_name (l, block, module, part);

  return tensor_store_has (l->store, name);
}

gboolean
weight_get (WeightLoader * l, int block, const char *module, const char *part,
    OclHostArray * array, guint n_dims, ...)
{
  g_autofree char *name = full_name (l, block, module, part);
  gsize d[OCL_MAX_DIMS] = { 0, };
  va_list sizes;

  if (l->error)
    return FALSE;
  va_start (sizes, n_dims);
  for (guint i = 0; i < n_dims && i < OCL_MAX_DIMS; i++)
    d[i] = va_arg (sizes, gsize);
  va_end (sizes);
  return tensor_store_get_weight (l->store, name, array, &l->error, n_dims,
      d[0], d[1], d[2], d[3], d[4]);
}

OclTensor *
weight_vector (WeightLoader * l, int block, const char *module,
    const char *part, gsize n)
{
  return weight_matrix (l, block, module, part, 1, n);
}

OclTensor *
weight_matrix (WeightLoader * l, int block, const char *module,
    const char *part, gsize rows, gsize cols)
{
  gsize n = rows * cols;
  g_autofree char *name = full_name (l, block, module, part);
  OclHostArray array;

  if (l->error
      || !tensor_store_get_weight (l->store, name, &array, &l->error, 0))
    return NULL;
  if (ocl_host_array_get_count (&array) != n) {
    g_set_error (&l->error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: tensor \"%s\" holds %" G_GSIZE_FORMAT " values, expected %"
        G_GSIZE_FORMAT, tensor_store_get_path (l->store), name,
        ocl_host_array_get_count (&array), n);
    return NULL;
  }
  array.n_dims = 2;
  array.dims[0] = rows;
  array.dims[1] = cols;
  return ocl_tensor_new_from_host (l->cl, OCL_F32, &array);
}

OclLinear *
weight_linear (WeightLoader * l, int block, gsize out, gsize in, gboolean bias,
    OclPrecision precision, ...)
{
  OclHostArray weights[MAX_FUSED], biases[MAX_FUSED];
  const char *module;
  gboolean ok = TRUE;
  guint n = 0;
  va_list modules;

  va_start (modules, precision);
  while (ok && (module = va_arg (modules, const char *)))
  {
    g_assert (n < MAX_FUSED);
    ok = weight_get (l, block, module, "weight", &weights[n], 2, out, in)
        && (!bias || weight_get (l, block, module, "bias", &biases[n], 1, out));
    n++;
  }
  va_end (modules);
  return ok ? ocl_linear_new (l->cl, weights, bias ? biases : NULL, n,
      precision) : NULL;
}

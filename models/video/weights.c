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
translate (const WeightName * names, const char *module)
{
  for (const WeightName * n = names; n->diffusers; n++)
    if (g_str_equal (n->diffusers, module))
      return n->original;
  return module;                /* the same in both */
}

/* @module of @block, as diffusers or the original releases name it; g_free() */
static char *
module_name (const WeightScheme * scheme, gboolean original, int block,
    const char *module)
{
  const WeightName *begin = &scheme->block;
  const char *name = module;
  g_auto (GStrv) halves = NULL;

  if (original)
    name = translate (block >= 0 ? scheme->block_names : scheme->names, module);
  if (block < 0)
    return g_strdup (name);
  halves = g_strsplit (original ? begin->original : begin->diffusers, "%u", 2);
  return g_strdup_printf ("%s%d%s%s", halves[0], block, halves[1], name);
}

static char *
full_name (const WeightLoader * l, int block, const char *module,
    const char *part)
{
  g_autofree char *name = module_name (l->scheme, l->original, block, module);

  return g_strconcat (l->prefix, name, *part ? "." : "", part, NULL);
}

/* ---- adapters ----------------------------------------------------------------- */

/* Makes @array, the tensor @part, the sum of itself and what adapters have for it,
 * under either of its names. */
static gboolean
merge (WeightLoader * l, int block, const char *module, const char *part,
    OclHostArray * array)
{
  g_autofree char *diffusers = module_name (l->scheme, FALSE, block, module);
  g_autofree char *original = module_name (l->scheme, TRUE, block, module);
  const char *const names[] = { diffusers, original, NULL };
  float *values = NULL;

  for (guint i = 0; i < l->adapters->len && !l->error; i++)
    lora_merge (g_ptr_array_index (l->adapters, i), names, part, array,
        &values, &l->error);
  if (!values)
    return !l->error;
  if (!l->merged)
    l->merged = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (l->merged, values);
  array->data = values;
  array->type = OCL_F32;
  array->scales = NULL;
  array->n_scales = 0;
  return !l->error;
}

void
weight_drop_merged (WeightLoader * l)
{
  g_clear_pointer (&l->merged, g_ptr_array_unref);
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
      d[0], d[1], d[2], d[3], d[4])
      && (!l->adapters || merge (l, block, module, part, array));
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
  OclTensor *matrix;

  if (!weight_get (l, block, module, part, &array, 0))
    return NULL;
  if (ocl_host_array_get_count (&array) != n) {
    g_set_error (&l->error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: tensor \"%s\" holds %" G_GSIZE_FORMAT " values, expected %"
        G_GSIZE_FORMAT, tensor_store_get_path (l->store), name,
        ocl_host_array_get_count (&array), n);
    weight_drop_merged (l);
    return NULL;
  }
  array.n_dims = 2;
  array.dims[0] = rows;
  array.dims[1] = cols;
  matrix = ocl_tensor_new_from_host (l->cl, OCL_F32, &array);
  weight_drop_merged (l);
  return matrix;
}

OclLinear *
weight_linear (WeightLoader * l, int block, gsize out, gsize in, gboolean bias,
    OclPrecision precision, ...)
{
  OclHostArray weights[MAX_FUSED], biases[MAX_FUSED];
  OclLinear *linear = NULL;
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
  if (ok)
    linear = ocl_linear_new (l->cl, weights, bias ? biases : NULL, n,
        precision);
  weight_drop_merged (l);
  return linear;
}

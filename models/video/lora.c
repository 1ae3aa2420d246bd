/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lora.c: which tensors of an adapter are for which module, and adding them to its
 * weights (the product: lora-product.c).
 *
 * Names are those of PEFT and diffusers (lora_A, lora_B), of kohya's scripts
 * (lora_down, lora_up, alpha; "_" in the place of "."), and of what is extracted
 * from a finetuned model (diff, diff_b: ComfyUI, comfy/lora.py). */

#include "models/video/lora-product.h"
#include "models/video/lora.h"

#include <math.h>
#include <string.h>

typedef enum
{
  LORA_DOWN,                    /* [rank, in] */
  LORA_UP,                      /* [out, rank] */
  LORA_ALPHA,                   /* one number */
  LORA_DIFF,                    /* [out, in], or [n] of a norm */
  LORA_DIFF_BIAS,               /* [out] */
  LORA_N_KINDS
} LoraKind;

static const struct
{
  const char *end;              /* of a tensor's name */
  LoraKind kind;
} kinds[] = {
  {".lora_A.weight", LORA_DOWN}, {".lora_down.weight", LORA_DOWN},
  {".lora_B.weight", LORA_UP}, {".lora_up.weight", LORA_UP},
  {".alpha", LORA_ALPHA}, {".diff", LORA_DIFF}, {".diff_b", LORA_DIFF_BIAS}
};

/* What the module's name may come after. */
static const char *const prefixes[] = {
  "transformer.", "diffusion_model.", "lora_unet_"
};

static const char *const others[] = { "text_encoder.", "lora_te" };

/* What a module is given. */
typedef struct
{
  const char *tensors[LORA_N_KINDS];    /* names, of the store; or NULL */
  gboolean used[LORA_N_KINDS];
} LoraEntry;

/* Of what metadata say; beyond any in use. */
#define MAX_ALPHA 1e6

struct _Lora
{
  TensorStore *store;
  double strength;
  double alpha;                 /* where tensors say none; NAN: the rank */
  gboolean root;                /* to be divided by the rank's square root instead */
  GPtrArray *entries;           /* LoraEntry, in the order of their first names */
  GHashTable *modules;          /* name, as module_key() has it -> entry */
  guint n_tensors;
};

/* ---- names ------------------------------------------------------------------ */

/* The same for "blocks.0.ffn.2" and kohya's "blocks_0_ffn_2"; g_free() */
static char *
module_key (const char *name, gsize length)
{
  return g_strdelimit (g_strndup (name, length), ".", '_');
}

static gboolean
begins_with_one_of (const char *name, const char *const *begins, guint n,
    gsize * length)
{
  for (guint i = 0; i < n; i++)
    if (g_str_has_prefix (name, begins[i])) {
      *length = strlen (begins[i]);
      return TRUE;
    }
  *length = 0;
  return FALSE;
}

/* Is it what the numbers of another tensor are to be multiplied with? These are
 * tensor_store_get_weight()'s. */
static gboolean
is_scale (TensorStore * store, const char *name)
{
  static const struct
  {
    const char *end, *of;
  } ends[] = { {"_scale", ""}, {".scale_weight", ".weight"} };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (name, ends[i].end)) {
      g_autofree char *stem = g_strndup (name,
          strlen (name) - strlen (ends[i].end));
      g_autofree char *weight = g_strconcat (stem, ends[i].of, NULL);

      if (tensor_store_has (store, weight))
        return TRUE;
    }
  return FALSE;
}

static LoraEntry *
entry_of (Lora * lora, const char *module, gsize length)
{
  g_autofree char *key = module_key (module, length);
  LoraEntry *entry = g_hash_table_lookup (lora->modules, key);

  if (!entry) {
    entry = g_new0 (LoraEntry, 1);
    g_ptr_array_add (lora->entries, entry);
    g_hash_table_insert (lora->modules, g_steal_pointer (&key), entry);
  }
  return entry;
}

static gboolean
add_tensor (Lora * lora, const char *name, GError ** error)
{
  gsize begin, length = strlen (name);
  const char **tensor;

  begins_with_one_of (name, prefixes, G_N_ELEMENTS (prefixes), &begin);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    gsize end = strlen (kinds[i].end);

    if (begin + end >= length || !g_str_has_suffix (name, kinds[i].end))
      continue;
    tensor = &entry_of (lora, name + begin, length - begin - end)
        ->tensors[kinds[i].kind];
    if (*tensor) {
      g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
          "%s: tensors \"%s\" and \"%s\" are the same of the same module",
          tensor_store_get_path (lora->store), *tensor, name);
      return FALSE;
    }
    *tensor = name;
    lora->n_tensors++;
    return TRUE;
  }
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: tensor \"%s\" is of no kind known here; adapters are of lora_A and "
      "lora_B or lora_down and lora_up (weight), alpha, diff and diff_b",
      tensor_store_get_path (lora->store), name);
  return FALSE;
}

static gboolean
add_tensors (Lora * lora, GError ** error)
{
  const char *const *names = tensor_store_get_names (lora->store);
  gsize length;

  for (guint i = 0; names[i]; i++) {
    if (begins_with_one_of (names[i], others, G_N_ELEMENTS (others), &length))
      g_info ("%s: \"%s\" is of a text encoder, and left out",
          tensor_store_get_path (lora->store), names[i]);
    else if (!is_scale (lora->store, names[i])
        && !add_tensor (lora, names[i], error))
      return FALSE;
  }
  if (lora->n_tensors > 0)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND,
      "%s: nothing in it is an adapter of a transformer",
      tensor_store_get_path (lora->store));
  return FALSE;
}

/* Each half has the other, and alpha what it is of. */
static gboolean
check_complete (Lora * lora, GError ** error)
{
  for (guint i = 0; i < lora->entries->len; i++) {
    const LoraEntry *entry = g_ptr_array_index (lora->entries, i);
    const char *const *t = entry->tensors;
    const char *lone = t[LORA_DOWN] && !t[LORA_UP] ? t[LORA_DOWN]
        : t[LORA_UP] && !t[LORA_DOWN] ? t[LORA_UP]
        : t[LORA_ALPHA] && !t[LORA_UP] ? t[LORA_ALPHA] : NULL;

    if (!lone)
      continue;
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND,
        "%s: tensor \"%s\" is without %s of the same module",
        tensor_store_get_path (lora->store), lone,
        t[LORA_DOWN] ? "lora_B or lora_up" : "lora_A or lora_down");
    return FALSE;
  }
  return TRUE;
}

/* ---- metadata ----------------------------------------------------------------- */

/* What diffusers and PEFT write into a file beside its tensors: the configuration
 * (peft/tuners/lora/config.py), for all modules the same. */
static gboolean
read_metadata (Lora * lora, GError ** error)
{
  static const char *const bare[] = {
    "lora_alpha", "use_rslora", "alpha_pattern"
  };
  static const char *const prefixed[] = {
    "transformer.lora_alpha", "transformer.use_rslora",
    "transformer.alpha_pattern"
  };
  const char *text =
      tensor_store_get_metadata (lora->store, "lora_adapter_metadata");
  g_autoptr (Config) config = NULL;
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) values = NULL;
  const char *const *keys;

  if (!text)
    return TRUE;
  config = config_open_text (text, tensor_store_get_path (lora->store), error);
  if (!config)
    return FALSE;
  keys = config_has (config, prefixed[0]) ? prefixed : bare;
  return config_get_double (config, keys[0], NAN, -MAX_ALPHA, MAX_ALPHA,
      &lora->alpha, error)
      && config_get_bool (config, keys[1], FALSE, &lora->root, error)
      && config_get_texts (config, keys[2], 0, 1, &names, &values, error);
}

/* ---- life ------------------------------------------------------------------- */

Lora *
lora_new (TensorStore * store, double strength, GError ** error)
{
  g_autoptr (Lora) lora = g_new0 (Lora, 1);

  lora->store = tensor_store_ref (store);
  lora->strength = strength;
  lora->alpha = NAN;
  lora->entries = g_ptr_array_new_with_free_func (g_free);
  lora->modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!add_tensors (lora, error) || !check_complete (lora, error)
      || !read_metadata (lora, error))
    return NULL;
  return g_steal_pointer (&lora);
}

Lora *
lora_open (const LoraFile * file, GError ** error)
{
  g_autoptr (TensorStore) store = tensor_store_open_file (file->path, error);

  return store ? lora_new (store, file->strength, error) : NULL;
}

void
lora_free (Lora * lora)
{
  g_hash_table_unref (lora->modules);
  g_ptr_array_unref (lora->entries);
  tensor_store_unref (lora->store);
  g_free (lora);
}

/* ---- numbers ------------------------------------------------------------------ */

static gboolean
check_finite (Lora * lora, const char *name, const float *values, gsize n,
    GError ** error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i])) {
      g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
          "%s: tensor \"%s\": value %" G_GSIZE_FORMAT
          " is %f, expected one that is finite",
          tensor_store_get_path (lora->store), name, i, values[i]);
      return FALSE;
    }
  return TRUE;
}

static gboolean
get_shaped (Lora * lora, const char *name, const gsize * sizes, guint n_dims,
    OclHostArray * array, GError ** error)
{
  return tensor_store_get_weight (lora->store, name, array, error, n_dims,
      sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
}

static gboolean
add_diff (Lora * lora, const char *name, const OclHostArray * weight,
    float *values, GError ** error)
{
  gsize n = ocl_host_array_get_count (weight);
  OclHostArray diff;
  float block[1024];

  if (!get_shaped (lora, name, weight->dims, weight->n_dims, &diff, error))
    return FALSE;
  for (gsize i = 0; i < n; i += G_N_ELEMENTS (block)) {
    gsize count = MIN (n - i, G_N_ELEMENTS (block));

    ocl_host_array_to_float (&diff, i, count, block);
    if (!check_finite (lora, name, block, count, error))
      return FALSE;
    for (gsize j = 0; j < count; j++)
      values[i + j] += lora->strength * block[j];
  }
  return TRUE;
}

static gboolean
get_alpha (Lora * lora, const char *name, float *alpha, GError ** error)
{
  OclHostArray array;

  if (!tensor_store_get_weight (lora->store, name, &array, error, 0))
    return FALSE;
  if (ocl_host_array_get_count (&array) != 1) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: tensor \"%s\" holds %" G_GSIZE_FORMAT " values, expected 1",
        tensor_store_get_path (lora->store), name,
        ocl_host_array_get_count (&array));
    return FALSE;
  }
  ocl_host_array_to_float (&array, 0, 1, alpha);
  return check_finite (lora, name, alpha, 1, error);
}

/* *factor := strength * alpha / rank */
static gboolean
get_factor (Lora * lora, const LoraEntry * entry, gsize rank, float *factor,
    GError ** error)
{
  const char *name = entry->tensors[LORA_ALPHA];
  float alpha = isnan (lora->alpha) ? rank : lora->alpha;

  if (name && !get_alpha (lora, name, &alpha, error))
    return FALSE;
  *factor = lora->strength * alpha / (lora->root ? sqrt (rank) : rank);
  return TRUE;
}

/* down [rank, in], up [out, rank]; of a convolution, whose kernel is its stride:
 * down [rank, in, ...], up [out, rank, 1, ...]. */
static gboolean
get_factors (Lora * lora, const LoraEntry * entry, const OclHostArray * weight,
    OclHostArray * down, OclHostArray * up, GError ** error)
{
  gsize sizes[OCL_MAX_DIMS];

  memcpy (sizes, weight->dims, sizeof sizes);
  sizes[0] = G_MAXSIZE;
  if (!get_shaped (lora, entry->tensors[LORA_DOWN], sizes, weight->n_dims, down,
          error))
    return FALSE;
  if (down->dims[0] == 0) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: tensor \"%s\" is of rank 0, expected 1 or more",
        tensor_store_get_path (lora->store), entry->tensors[LORA_DOWN]);
    return FALSE;
  }
  sizes[0] = weight->dims[0];
  sizes[1] = down->dims[0];
  for (guint i = 2; i < weight->n_dims; i++)
    sizes[i] = 1;
  return get_shaped (lora, entry->tensors[LORA_UP], sizes, weight->n_dims, up,
      error);
}

/* Of what is finite. */
static gboolean
make_product (LoraProduct * p, Lora * lora, const LoraEntry * entry,
    const OclHostArray * weight, GError ** error)
{
  OclHostArray down, up;
  float factor;

  if (!get_factors (lora, entry, weight, &down, &up, error)
      || !get_factor (lora, entry, down.dims[0], &factor, error))
    return FALSE;
  lora_product_init (p, &down, &up);
  if (!check_finite (lora, entry->tensors[LORA_DOWN], p->down,
          p->rank * p->stride, error)
      || !check_finite (lora, entry->tensors[LORA_UP], p->up,
          p->rows * p->rank, error))
    return FALSE;
  lora_product_scale (p, factor);
  return TRUE;
}

static gboolean
check_sum (Lora * lora, const LoraEntry * entry, const float *sum, gsize n,
    GError ** error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (sum[i])) {
      g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
          "%s: tensors \"%s\" and \"%s\" have a product that is not finite",
          tensor_store_get_path (lora->store), entry->tensors[LORA_DOWN],
          entry->tensors[LORA_UP]);
      return FALSE;
    }
  return TRUE;
}

static gboolean
add_product (Lora * lora, const LoraEntry * entry, const OclHostArray * weight,
    float *values, GError ** error)
{
  LoraProduct p = { 0, };
  gboolean good = make_product (&p, lora, entry, weight, error);

  for (gsize i = 0; i < p.rows && good; i++, values += p.cols) {
    lora_product_row (&p, i);
    good = check_sum (lora, entry, p.sum, p.cols, error);
    for (gsize j = 0; j < p.cols; j++)
      values[j] += p.sum[j];
  }
  lora_product_clear (&p);
  return good;
}

/* ---- modules ------------------------------------------------------------------ */

static LoraEntry *
find (Lora * lora, const char *const *names)
{
  LoraEntry *entry = NULL;

  for (guint i = 0; names[i] && !entry; i++) {
    g_autofree char *key = module_key (names[i], strlen (names[i]));

    entry = g_hash_table_lookup (lora->modules, key);
  }
  return entry;
}

/* Is there one of @kind, and does it go with @part, which is @weight? */
static gboolean
applies (const LoraEntry * entry, LoraKind kind, const char *part,
    const OclHostArray * weight)
{
  return entry->tensors[kind]
      && g_str_equal (part, kind == LORA_DIFF_BIAS ? "bias" : "weight")
      && (kind == LORA_DIFF || kind == LORA_DIFF_BIAS || weight->n_dims > 1);
}

static float *
to_floats (const OclHostArray * weight)
{
  gsize n = ocl_host_array_get_count (weight);
  float *values = g_new (float, n);

  ocl_host_array_to_float (weight, 0, n, values);
  return values;
}

gboolean
lora_merge (Lora * lora, const char *const *names, const char *part,
    const OclHostArray * weight, float **values, GError ** error)
{
  LoraEntry *entry = find (lora, names);
  gboolean now[LORA_N_KINDS] = { FALSE, }, any = FALSE;

  for (guint kind = 0; entry && kind < LORA_N_KINDS; kind++) {
    now[kind] = applies (entry, kind, part, weight);
    any |= now[kind];
    entry->used[kind] |= now[kind];
  }
  if (any && !*values)
    *values = to_floats (weight);
  return (!now[LORA_UP] || add_product (lora, entry, weight, *values, error))
      && (!now[LORA_DIFF]
      || add_diff (lora, entry->tensors[LORA_DIFF], weight, *values, error))
      && (!now[LORA_DIFF_BIAS]
      || add_diff (lora, entry->tensors[LORA_DIFF_BIAS], weight, *values,
          error));
}

gboolean
lora_check_used (Lora * lora, GError ** error)
{
  const char *first = NULL;
  guint n = 0;

  for (guint i = 0; i < lora->entries->len; i++) {
    const LoraEntry *entry = g_ptr_array_index (lora->entries, i);

    for (guint kind = 0; kind < LORA_N_KINDS; kind++)
      if (entry->tensors[kind] && !entry->used[kind]) {
        first = first ? first : entry->tensors[kind];
        n++;
      }
  }
  if (!first)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: %u of %u tensors fit no module of the transformer, the first is "
      "\"%s\"", tensor_store_get_path (lora->store), n, lora->n_tensors, first);
  return FALSE;
}

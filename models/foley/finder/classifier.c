/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* classifier.c: EfficientNet-Lite0 (Tan & Le 2019, arXiv 1905.11946), norms
 * folded into its convolutions, as classify_recipe.py's logits(). */

#include <math.h>
#include <string.h>

#include "models/foley/finder/classifier.h"
#include "models/foley/finder/cutout.h"
#include "models/foley/finder/network.h"

#define CLASSES 1000
#define STEM 32                 /* channels */
#define HEAD 1280
#define LAST (CUTOUT_SIZE / 32) /* positions either way, at the end */
#define BLOCKS 16

/* An inverted bottleneck: inputs -> inner, each by itself, -> outputs. */
static const struct
{
  guint taps, stride, inputs, inner, outputs;
} shapes[BLOCKS] = {
  {3, 1, 32, 32, 16},
  {3, 2, 16, 96, 24}, {3, 1, 24, 144, 24},
  {5, 2, 24, 144, 40}, {5, 1, 40, 240, 40},
  {3, 2, 40, 240, 80}, {3, 1, 80, 480, 80}, {3, 1, 80, 480, 80},
  {5, 1, 80, 480, 112}, {5, 1, 112, 672, 112}, {5, 1, 112, 672, 112},
  {5, 2, 112, 672, 192}, {5, 1, 192, 1152, 192}, {5, 1, 192, 1152, 192},
  {5, 1, 192, 1152, 192},
  {3, 1, 192, 1152, 320}
};

typedef struct
{
  OclConv *expand;              /* NULL where inner is inputs */
  OclDepthwise *depthwise;
  OclConv *project;
} Block;

struct _Classifier
{
  OclContext *cl;
  OclConv *stem, *head;
  Block blocks[BLOCKS];
  OclLinear *fc;
  const char **names;           /* [CLASSES], interned; "": not told */
  float *input;                 /* [CUTOUT_SIZE][CUTOUT_SIZE][3] */
  float *features;              /* [LAST][LAST][HEAD] */
};

/* ---- loading --------------------------------------------------------------------- */

typedef struct
{
  OclHostArray weight, bias;
} Arrays;

/* Weights [outputs, inputs, taps, taps] and biases of a layer. */
static gboolean
get_arrays (Arrays * a, TensorStore * store, const char *layer, gsize outputs,
    gsize inputs, gsize taps, GError ** error)
{
  g_autofree char *weight = g_strconcat (layer, ".weight", NULL);
  g_autofree char *bias = g_strconcat (layer, ".bias", NULL);

  return tensor_store_get_weight (store, weight, &a->weight, error, 4,
      outputs, inputs, taps, taps)
      && tensor_store_get_weight (store, bias, &a->bias, error, 1, outputs);
}

/* Zeros around as TensorFlow's "same" has them: of an odd number, the one more
 * behind. Sizes are even where they are halved. */
static OclConvOptions
same (guint taps, guint stride)
{
  guint total = taps - stride, before = total / 2;

  return (OclConvOptions) {
  .stride = stride,.pad_top = before,.pad_bottom = total - before,.pad_left =
        before,.pad_right = total - before};
}

static OclConv *
load_conv (Classifier * c, TensorStore * store, const char *layer,
    guint outputs, guint inputs, guint taps, guint stride, GError ** error)
{
  Arrays a;
  const OclConvOptions options = same (taps, stride);

  return get_arrays (&a, store, layer, outputs, inputs, taps, error)
      ? ocl_conv_new (c->cl, &a.weight, &a.bias, &options, OCL_PRECISION_AUTO)
      : NULL;
}

static OclDepthwise *
load_depthwise (Classifier * c, TensorStore * store, const char *layer,
    guint channels, guint taps, guint stride, GError ** error)
{
  Arrays a;
  const OclConvOptions options = same (taps, stride);

  return get_arrays (&a, store, layer, channels, 1, taps, error)
      ? ocl_depthwise_new (c->cl, &a.weight, &a.bias, &options) : NULL;
}

static gboolean
load_block (Classifier * c, TensorStore * store, guint i, GError ** error)
{
  g_autofree char *expand = g_strdup_printf ("blocks.%u.expand", i);
  g_autofree char *depthwise = g_strdup_printf ("blocks.%u.depthwise", i);
  g_autofree char *project = g_strdup_printf ("blocks.%u.project", i);
  guint inputs = shapes[i].inputs, inner = shapes[i].inner;
  Block *b = &c->blocks[i];

  return (inner == inputs
      || (b->expand = load_conv (c, store, expand, inner, inputs, 1, 1, error)))
      && (b->depthwise = load_depthwise (c, store, depthwise, inner,
          shapes[i].taps, shapes[i].stride, error))
      && (b->project = load_conv (c, store, project, shapes[i].outputs, inner,
          1, 1, error));
}

static gboolean
load_fc (Classifier * c, TensorStore * store, GError ** error)
{
  OclHostArray weight, bias;

  if (!tensor_store_get_weight (store, "fc.weight", &weight, error, 2,
          (gsize) CLASSES, (gsize) HEAD)
      || !tensor_store_get_weight (store, "fc.bias", &bias, error, 1,
          (gsize) CLASSES))
    return FALSE;
  c->fc = ocl_linear_new (c->cl, &weight, &bias, 1, OCL_PRECISION_AUTO);
  return TRUE;
}

static gboolean
load_names (Classifier * c, TensorStore * store, GError ** error)
{
  guint n;

  if (!(c->names = network_read_words (store, "names", &n, error)))
    return FALSE;
  if (n == CLASSES)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: %u names, expected %u", tensor_store_get_path (store), n, CLASSES);
  return FALSE;
}

static gboolean
load (Classifier * c, TensorStore * store, GError ** error)
{
  if (!load_names (c, store, error)
      || !(c->stem = load_conv (c, store, "stem", STEM, 3, 3, 2, error)))
    return FALSE;
  for (guint i = 0; i < BLOCKS; i++)
    if (!load_block (c, store, i, error))
      return FALSE;
  return (c->head = load_conv (c, store, "head", HEAD,
          shapes[BLOCKS - 1].outputs, 1, 1, error)) != NULL
      && load_fc (c, store, error) && ocl_context_finish (c->cl, error);
}

Classifier *
classifier_new (OclContext * cl, GBytes * weights, const char *path,
    GError ** error)
{
  g_autoptr (TensorStore) store = tensor_store_open_bytes (weights, path,
      error);
  g_autoptr (Classifier) c = NULL;

  if (store == NULL)
    return NULL;
  c = g_new0 (Classifier, 1);
  c->cl = cl;
  c->input = g_new (float, CUTOUT_SIZE * CUTOUT_SIZE * 3);
  c->features = g_new (float, LAST * LAST * HEAD);
  return load (c, store, error) ? g_steal_pointer (&c) : NULL;
}

void
classifier_free (Classifier * c)
{
  ocl_conv_free (c->stem);
  ocl_conv_free (c->head);
  for (guint i = 0; i < BLOCKS; i++) {
    ocl_conv_free (c->blocks[i].expand);
    ocl_depthwise_free (c->blocks[i].depthwise);
    ocl_conv_free (c->blocks[i].project);
  }
  g_clear_pointer (&c->fc, ocl_linear_free);
  g_free (c->names);
  g_free (c->input);
  g_free (c->features);
  g_free (c);
}

/* ---- forward --------------------------------------------------------------------- */

static OclTensor *
convolve (Classifier * c, const OclConv * conv, OclTensor * x, guint outputs,
    guint stride, gboolean plain, OclTensor * residual)
{
  OclTensor *y = ocl_tensor_new (c->cl, OCL_F32, 4, 1, x->dims[1] / stride,
      x->dims[2] / stride, outputs);
  const OclEpilogue epilogue = {
    .activation = plain ? OCL_ACTIVATION_NONE : OCL_ACTIVATION_RELU6,
    .residual = residual
  };

  ocl_conv (c->cl, y, x, NULL, conv, &epilogue);
  return y;
}

/* Takes @x. */
static OclTensor *
run_block (Classifier * c, guint i, OclTensor * x)
{
  const Block *b = &c->blocks[i];
  guint stride = shapes[i].stride, inner = shapes[i].inner;
  gboolean adds = stride == 1 && shapes[i].inputs == shapes[i].outputs;
  g_autoptr (OclTensor) wide = b->expand == NULL ? ocl_tensor_ref (x)
      : convolve (c, b->expand, x, inner, 1, FALSE, NULL);
  g_autoptr (OclTensor) each = ocl_tensor_new (c->cl, OCL_F32, 4, 1,
      x->dims[1] / stride, x->dims[2] / stride, inner);
  OclTensor *y;

  ocl_depthwise (c->cl, each, wide, b->depthwise, OCL_ACTIVATION_RELU6);
  y = convolve (c, b->project, each, shapes[i].outputs, 1, TRUE,
      adds ? x : NULL);
  ocl_tensor_unref (x);
  return y;
}

/* @scores: [CLASSES], of the mean of all positions. */
static gboolean
score (Classifier * c, OclTensor * features, float *scores, GError ** error)
{
  g_autoptr (OclTensor) x = ocl_tensor_new (c->cl, OCL_F32, 2, 1, HEAD);
  g_autoptr (OclTensor) y = ocl_tensor_new (c->cl, OCL_F32, 2, 1, CLASSES);
  float *mean = c->features;    /* of the first position, then of all */

  if (!ocl_tensor_read (c->cl, features, c->features, error))
    return FALSE;
  for (guint i = HEAD; i < LAST * LAST * HEAD; i++)
    mean[i % HEAD] += c->features[i];
  for (guint i = 0; i < HEAD; i++)
    mean[i] /= LAST * LAST;
  ocl_tensor_write (c->cl, x, mean);
  ocl_linear (c->cl, y, x, c->fc, NULL);
  return ocl_tensor_read (c->cl, y, scores, error);
}

static gboolean
run (Classifier * c, float *scores, GError ** error)
{
  g_autoptr (OclTensor) in = ocl_tensor_new (c->cl, OCL_F32, 4, 1,
      CUTOUT_SIZE, CUTOUT_SIZE, 3);
  g_autoptr (OclTensor) features = NULL;
  OclTensor *x;

  ocl_tensor_write (c->cl, in, c->input);
  x = convolve (c, c->stem, in, STEM, 2, FALSE, NULL);
  for (guint i = 0; i < BLOCKS; i++)
    x = run_block (c, i, x);
  features = convolve (c, c->head, x, HEAD, 1, FALSE, NULL);
  ocl_tensor_unref (x);
  return score (c, features, scores, error);
}

/* ---- names ----------------------------------------------------------------------- */

/* Scores become shares of 1. */
static gboolean
softmax (float *scores, GError ** error)
{
  float most = -INFINITY;
  double sum = 0;

  for (guint i = 0; i < CLASSES; i++)
    most = MAX (most, scores[i]);
  for (guint i = 0; i < CLASSES; i++)
    sum += scores[i] = expf (scores[i] - most);
  if (!isfinite (sum)) {
    g_set_error_literal (error, OCL_ERROR, OCL_ERROR_NUMERIC,
        "the classifier's scores are no numbers");
    return FALSE;
  }
  for (guint i = 0; i < CLASSES; i++)
    scores[i] /= sum;
  return TRUE;
}

/* Of all classes of one name, by its first. */
static void
gather (const Classifier * c, float *shares)
{
  g_autoptr (GHashTable) first = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < CLASSES; i++) {
    gpointer at;

    if (!g_hash_table_lookup_extended (first, c->names[i], NULL, &at)) {
      g_hash_table_insert (first, (gpointer) c->names[i], GUINT_TO_POINTER (i));
      continue;
    }
    shares[GPOINTER_TO_UINT (at)] += shares[i];
    shares[i] = 0;
  }
}

static void
choose (const Classifier * c, float *shares,
    ClassifierGuess guesses[CLASSIFIER_GUESSES])
{
  for (guint k = 0; k < CLASSIFIER_GUESSES; k++) {
    guint best = CLASSES;

    for (guint i = 0; i < CLASSES; i++)
      if (c->names[i][0] != '\0' && shares[i] > 0
          && (best == CLASSES || shares[i] > shares[best]))
        best = i;
    if (best == CLASSES)
      return;
    guesses[k] = (ClassifierGuess) {
    c->names[best], shares[best]};
    shares[best] = 0;
  }
}

gboolean
classifier_see (Classifier * c, const FoleyFrame * frame, float x0, float y0,
    float x1, float y1, ClassifierGuess guesses[CLASSIFIER_GUESSES],
    GError ** error)
{
  float scores[CLASSES];

  memset (guesses, 0, CLASSIFIER_GUESSES * sizeof *guesses);
  if (!cutout_take (frame, x0, y0, x1, y1, c->input))
    return TRUE;
  if (!run (c, scores, error) || !softmax (scores, error))
    return FALSE;
  gather (c, scores);
  choose (c, scores, guesses);
  return TRUE;
}

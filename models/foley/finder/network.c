/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* network.c: finder_net.py's Finder.forward(). */

#include <string.h>

#include "models/foley/finder/network.h"

/* Names and wiring as in finder_net.py. */
typedef enum
{
  STEM, DOWN4, BLOCK4_ONE, BLOCK4_TWO,
  DOWN8, BLOCK8A_ONE, BLOCK8A_TWO, BLOCK8B_ONE, BLOCK8B_TWO,
  DOWN16, BLOCK16A_ONE, BLOCK16A_TWO, BLOCK16B_ONE, BLOCK16B_TWO,
  SIDE8, UP8, JOIN8, SIDE4, UP4, JOIN4,
  POINT, NAME, AROUND,
  N_LAYERS
} Layer;

static const struct
{
  const char *name;
  guint stride;
  gboolean upsample;
} layers[N_LAYERS] = {
  [STEM] = {"stem", 2},
  [DOWN4] = {"down4", 2},
  [BLOCK4_ONE] = {"block4.one", 1},
  [BLOCK4_TWO] = {"block4.two", 1},
  [DOWN8] = {"down8", 2},
  [BLOCK8A_ONE] = {"block8a.one", 1},
  [BLOCK8A_TWO] = {"block8a.two", 1},
  [BLOCK8B_ONE] = {"block8b.one", 1},
  [BLOCK8B_TWO] = {"block8b.two", 1},
  [DOWN16] = {"down16", 2},
  [BLOCK16A_ONE] = {"block16a.one", 1},
  [BLOCK16A_TWO] = {"block16a.two", 1},
  [BLOCK16B_ONE] = {"block16b.one", 1},
  [BLOCK16B_TWO] = {"block16b.two", 1},
  [SIDE8] = {"side8", 1},
  [UP8] = {"up8", 1, TRUE},
  [JOIN8] = {"join8", 1},
  [SIDE4] = {"side4", 1},
  [UP4] = {"up4", 1, TRUE},
  [JOIN4] = {"join4", 1},
  [POINT] = {"point", 1},
  [NAME] = {"name", 1},
  [AROUND] = {"around", 1}
};

struct _Network
{
  OclContext *cl;
  OclConv *convs[N_LAYERS];
  guint outputs[N_LAYERS];      /* channels */
  NetworkWords words;
};

/* ---- loading -------------------------------------------------------------------- */

const char **
network_read_words (TensorStore * store, const char *key, guint * n,
    GError ** error)
{
  const char *text = tensor_store_get_metadata (store, key);
  g_autoptr (JsonNode) node = text ? json_from_string (text, NULL) : NULL;
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node)
      ? json_node_get_array (node) : NULL;
  const char **words;

  *n = array ? json_array_get_length (array) : 0;
  words = g_new0 (const char *, *n + 1);
  for (guint i = 0; i < *n; i++) {
    JsonNode *word = json_array_get_element (array, i);

    if (!JSON_NODE_HOLDS_VALUE (word)
        || json_node_get_value_type (word) != G_TYPE_STRING)
      *n = 0;
    else
      words[i] = g_intern_string (json_node_get_string (word));
  }
  if (*n > 0)
    return words;
  g_free (words);
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: metadata \"%s\", expected a list of words",
      tensor_store_get_path (store), key);
  return NULL;
}

static gboolean
read_all_words (Network * network, TensorStore * store, GError ** error)
{
  static const char *const questions[NETWORK_N_QUESTIONS] = {
    [NETWORK_PLACE] = "place",[NETWORK_LIGHT] = "light",
    [NETWORK_WEATHER] = "weather"
  };
  NetworkWords *words = &network->words;
  guint n;

  if (!(words->names =
          network_read_words (store, "names", &words->n_names, error))
      || !(words->materials =
          network_read_words (store, "materials", &n, error)))
    return FALSE;
  if (n != words->n_names) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%s: %u materials of %u names", tensor_store_get_path (store), n,
        words->n_names);
    return FALSE;
  }
  for (guint i = 0; i < NETWORK_N_QUESTIONS; i++) {
    NetworkAnswers *answers = &words->answers[i];

    answers->first = words->n_answers;
    answers->words =
        network_read_words (store, questions[i], &answers->n, error);
    if (answers->words == NULL)
      return FALSE;
    words->n_answers += answers->n;
  }
  return TRUE;
}

static gboolean
load_layer (Network * network, TensorStore * store, Layer layer,
    GError ** error)
{
  g_autofree char *weight = g_strconcat (layers[layer].name, ".weight", NULL);
  g_autofree char *bias = g_strconcat (layers[layer].name, ".bias", NULL);
  OclHostArray w, b;
  OclConvOptions options = {
    .stride = layers[layer].stride,.upsample = layers[layer].upsample
  };

  if (!tensor_store_get_weight (store, weight, &w, error, 4, G_MAXSIZE,
          G_MAXSIZE, G_MAXSIZE, G_MAXSIZE)
      || !tensor_store_get_weight (store, bias, &b, error, 1, w.dims[0]))
    return FALSE;
  options.pad_top = options.pad_bottom = w.dims[2] / 2;
  options.pad_left = options.pad_right = w.dims[3] / 2;
  network->outputs[layer] = w.dims[0];
  network->convs[layer] = ocl_conv_new (network->cl, &w, &b, &options,
      OCL_PRECISION_AUTO);
  return TRUE;
}

static gboolean
check_heads (const Network * network, const char *path, GError ** error)
{
  const NetworkWords *words = &network->words;

  if (network->outputs[POINT] == NETWORK_POINT
      && network->outputs[NAME] == words->n_names
      && network->outputs[AROUND] == words->n_answers)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: %u, %u and %u outputs of point, name and around, expected %u, %u "
      "and %u", path, network->outputs[POINT], network->outputs[NAME],
      network->outputs[AROUND], NETWORK_POINT, words->n_names,
      words->n_answers);
  return FALSE;
}

Network *
network_new (OclContext * cl, GBytes * weights, const char *path,
    GError ** error)
{
  g_autoptr (TensorStore) store = tensor_store_open_bytes (weights, path,
      error);
  Network *network;
  gboolean ok;

  if (store == NULL)
    return NULL;
  network = g_new0 (Network, 1);
  network->cl = cl;
  ok = read_all_words (network, store, error);
  for (guint i = 0; ok && i < N_LAYERS; i++)
    ok = load_layer (network, store, i, error);
  if (ok && check_heads (network, path, error)
      && ocl_context_finish (cl, error))
    return network;
  network_free (network);
  return NULL;
}

void
network_free (Network * network)
{
  for (guint i = 0; i < N_LAYERS; i++)
    ocl_conv_free (network->convs[i]);
  for (guint i = 0; i < NETWORK_N_QUESTIONS; i++)
    g_free (network->words.answers[i].words);
  g_free (network->words.names);
  g_free (network->words.materials);
  g_free (network);
}

const NetworkWords *
network_get_words (Network * network)
{
  return &network->words;
}

/* ---- forward --------------------------------------------------------------------- */

/* The layer's convolution of @x, with SiLU unless plain, and @residual. */
static OclTensor *
convolve (Network * n, Layer layer, OclTensor * x, gboolean plain,
    OclTensor * residual)
{
  guint stride = layers[layer].stride, up = layers[layer].upsample ? 2 : 1;
  OclTensor *y = ocl_tensor_new (n->cl, OCL_F32, 4, x->dims[0],
      x->dims[1] * up / stride, x->dims[2] * up / stride, n->outputs[layer]);
  const OclEpilogue epilogue = {
    .activation = plain ? OCL_ACTIVATION_NONE : OCL_ACTIVATION_SILU,
    .residual = residual
  };

  ocl_conv (n->cl, y, x, NULL, n->convs[layer], &epilogue);
  return y;
}

/* Block: takes @x. */
static OclTensor *
block (Network * n, Layer one, OclTensor * x)
{
  g_autoptr (OclTensor) inner = convolve (n, one, x, FALSE, NULL);
  OclTensor *y = convolve (n, one + 1, inner, FALSE, x);

  ocl_tensor_unref (x);
  return y;
}

/* join (side (fine) + up (coarse)): the three layers from @side on. */
static OclTensor *
join (Network * n, Layer side, OclTensor * fine, OclTensor * coarse)
{
  g_autoptr (OclTensor) a = convolve (n, side, fine, TRUE, NULL);
  g_autoptr (OclTensor) b = convolve (n, side + 1, coarse, TRUE, a);

  return convolve (n, side + 2, b, FALSE, NULL);
}

static gboolean
read_head (Network * n, Layer layer, OclTensor * x, float *to, GError ** error)
{
  g_autoptr (OclTensor) y = convolve (n, layer, x, TRUE, NULL);

  return ocl_tensor_read (n->cl, y, to, error);
}

#define COARSEST (NETWORK_SIZE / 16 * NETWORK_SIZE / 16)

/* The mean over all positions of the coarsest grid. */
static void
average (const Network * n, NetworkOutput * output)
{
  guint width = n->words.n_answers;

  memset (output->around, 0, width * sizeof (float));
  for (guint i = 0; i < COARSEST * width; i++)
    output->around[i % width] += output->parts[i] / COARSEST;
}

gboolean
network_run (Network * n, const float *input, NetworkOutput * output,
    GError ** error)
{
  g_autoptr (OclTensor) x = ocl_tensor_new (n->cl, OCL_F32, 4, 1, NETWORK_SIZE,
      NETWORK_SIZE, 3);
  g_autoptr (OclTensor) half = NULL, four = NULL, eight = NULL, coarse = NULL;
  g_autoptr (OclTensor) fine = NULL, middle = NULL;

  ocl_tensor_write (n->cl, x, input);
  half = convolve (n, STEM, x, FALSE, NULL);
  four = block (n, BLOCK4_ONE, convolve (n, DOWN4, half, FALSE, NULL));
  eight = block (n, BLOCK8B_ONE, block (n, BLOCK8A_ONE, convolve (n, DOWN8,
              four, FALSE, NULL)));
  coarse = block (n, BLOCK16B_ONE, block (n, BLOCK16A_ONE, convolve (n, DOWN16,
              eight, FALSE, NULL)));
  middle = join (n, SIDE8, eight, coarse);
  fine = join (n, SIDE4, four, middle);
  if (!read_head (n, POINT, fine, output->points, error)
      || !read_head (n, NAME, middle, output->names, error)
      || !read_head (n, AROUND, coarse, output->parts, error))
    return FALSE;
  average (n, output);
  return TRUE;
}

void
network_output_init (NetworkOutput * output, Network * network)
{
  const NetworkWords *words = &network->words;

  output->points = g_new0 (float,
      NETWORK_CELLS * NETWORK_CELLS * NETWORK_POINT);
  output->names = g_new0 (float,
      NETWORK_CELLS / 2 * NETWORK_CELLS / 2 * words->n_names);
  output->around = g_new0 (float, words->n_answers);
  output->parts = g_new0 (float, COARSEST * words->n_answers);
}

void
network_output_clear (NetworkOutput * output)
{
  g_clear_pointer (&output->points, g_free);
  g_clear_pointer (&output->names, g_free);
  g_clear_pointer (&output->around, g_free);
  g_clear_pointer (&output->parts, g_free);
}

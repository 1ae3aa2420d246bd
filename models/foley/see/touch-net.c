/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* touch-net.c: touch_net.py's features and its three layers. */

#include <math.h>
#include <string.h>
#include <gio/gio.h>

#include "models/foley/finder/network.h"
#include "models/foley/see/touch.h"
#include "models/format/format.h"
#include "finder-resources.h"

#define EMBEDDED "/org/gstreamer/dit/foley/touch.safetensors"
#define STEP (1 / 16.)          /* s */
#define POINTS 10
#define USUAL ""                /* a name or place that is not known */
#define UNIT 16.f               /* 128ths of the picture's height */
#define LAYERS 3
#define OUTPUTS 6
#define WIDEST 128              /* values between layers */
#define LINES 7                 /* of a way: see get_lines() */
#define RELATIVE 5              /* ... the first ones are by what they are now */
#define LEAST 2                 /* samples */

typedef struct
{
  guint inputs, outputs;
  float *weight, *bias;         /* [outputs][inputs], [outputs] */
} Layer;

struct _TouchNet
{
  Layer layers[LAYERS];
  const char **kinds;           /* [n_kinds], interned */
  guint n_kinds;
  JsonObject *kind_of;          /* class name -> kind */
  JsonObject *bounces;          /* class name -> what a bounce leaves of a speed */
  JsonObject *places;           /* place -> [share of that, gravity by Earth's] */
};

/* ---- loading -------------------------------------------------------------------- */

static float *
read_values (const OclHostArray * array)
{
  gsize n = ocl_host_array_get_count (array);
  float *values = g_new (float, n);

  ocl_host_array_to_float (array, 0, n, values);
  return values;
}

static gboolean
load_layer (Layer * layer, TensorStore * store, guint number, GError ** error)
{
  g_autofree char *weight = g_strdup_printf ("%u.weight", 2 * number);
  g_autofree char *bias = g_strdup_printf ("%u.bias", 2 * number);
  OclHostArray w, b;

  if (!tensor_store_get_weight (store, weight, &w, error, 2, G_MAXSIZE,
          G_MAXSIZE)
      || !tensor_store_get_weight (store, bias, &b, error, 1, w.dims[0]))
    return FALSE;
  layer->outputs = w.dims[0];
  layer->inputs = w.dims[1];
  layer->weight = read_values (&w);
  layer->bias = read_values (&b);
  return TRUE;
}

/* An object that the metadata has under a name, a reference; or NULL. */
static JsonObject *
read_map (TensorStore * store, const char *name, GError ** error)
{
  const char *text = tensor_store_get_metadata (store, name);
  g_autoptr (JsonNode) map = text ? json_from_string (text, NULL) : NULL;

  if (map != NULL && JSON_NODE_HOLDS_OBJECT (map))
    return json_node_dup_object (map);
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: metadata \"%s\", expected an object",
      tensor_store_get_path (store), name);
  return NULL;
}

static gboolean
read_words (TouchNet * net, TensorStore * store, GError ** error)
{
  return (net->kinds = network_read_words (store, "kinds", &net->n_kinds,
          error))
      && (net->kind_of = read_map (store, "kind_of", error))
      && (net->bounces = read_map (store, "bounces", error))
      && (net->places = read_map (store, "places", error));
}

/* Whether the layers fit each other and the features, and what is usual is told. */
static gboolean
fits (const TouchNet * net)
{
  guint inputs = (LINES + 1) * POINTS + 7 + net->n_kinds;

  for (guint i = 0; i < LAYERS; i++) {
    if (net->layers[i].inputs != inputs || inputs > WIDEST)
      return FALSE;
    inputs = net->layers[i].outputs;
  }
  return inputs == OUTPUTS && json_object_has_member (net->bounces, USUAL)
      && json_object_has_member (net->places, USUAL);
}

TouchNet *
touch_net_new (GError ** error)
{
  g_autoptr (GBytes) weights = g_resource_lookup_data
      (finder_resources_get_resource (), EMBEDDED,
      G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (TensorStore) store = weights ? tensor_store_open_bytes (weights,
      "the embedded touch", error) : NULL;
  g_autoptr (TouchNet) net = g_new0 (TouchNet, 1);

  if (store == NULL)
    return NULL;
  for (guint i = 0; i < LAYERS; i++)
    if (!load_layer (&net->layers[i], store, i, error))
      return NULL;
  if (!read_words (net, store, error))
    return NULL;
  if (fits (net))
    return g_steal_pointer (&net);
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: layers of another network", tensor_store_get_path (store));
  return NULL;
}

void
touch_net_free (TouchNet * net)
{
  for (guint i = 0; i < LAYERS; i++) {
    g_free (net->layers[i].weight);
    g_free (net->layers[i].bias);
  }
  g_clear_pointer (&net->kind_of, json_object_unref);
  g_clear_pointer (&net->bounces, json_object_unref);
  g_clear_pointer (&net->places, json_object_unref);
  g_free (net->kinds);
  g_free (net);
}

/* ---- features --------------------------------------------------------------------- */

/* Foot, height and middle of its box, how far it went down and aside; what hides it,
 * and the doubt of how far it went. */
static void
get_lines (const Sample * s, float out[LINES])
{
  const float lines[LINES] = { s->foot, s->foot - s->top,
    (s->left + s->right) / 2, s->went_y, s->went_x, MIN (s->cover, 1), s->doubt
  };

  memcpy (out, lines, sizeof lines);
}

/* At a time between two samples. */
static void
interpolate (const Track * track, guint right, double time, float out[LINES])
{
  const Sample *b = &track->samples[right], *a = right > 0 ? b - 1 : b;
  float share = b->time > a->time
      ? CLAMP ((time - a->time) / (b->time - a->time), 0, 1) : 1;
  float from[LINES], to[LINES];

  get_lines (a, from);
  get_lines (b, to);
  for (guint i = 0; i < LINES; i++)
    out[i] = from[i] + share * (to[i] - from[i]);
}

/* The number of the first sample that is not before @time. */
static guint
find_right (const Track * track, double time)
{
  guint right = 0;

  while (right + 1 < track->n && track->samples[right].time < time - 1e-6)
    right++;
  return right;
}

static void
put_way (const Track * track, const Lens * lens, float *row)
{
  float unit = 128 / lens->height / UNIT, now[LINES], then[LINES];
  float wide = unit * lens->stretch;
  const float scale[LINES] = { unit, unit, wide, unit, wide, 1, 1 };
  double time = track->samples[track->n - 1].time;

  interpolate (track, track->n - 1, time, now);
  memset (now + RELATIVE, 0, (LINES - RELATIVE) * sizeof *now);
  for (guint k = 0; k < POINTS; k++) {
    double at = time - k * STEP, near;
    guint right = find_right (track, at);
    const Sample *b = &track->samples[right], *a = right > 0 ? b - 1 : b;

    near = MIN (fabs (b->time - at), fabs (a->time - at));
    if (at < track->samples[0].time - 1e-6 || near >= 2 * STEP)
      continue;
    interpolate (track, right, at, then);
    for (guint i = 0; i < LINES; i++)
      row[i * POINTS + k] = (then[i] - now[i]) * scale[i];
    row[LINES * POINTS + k] = 1;
  }
}

const char *
touch_net_get_kind (const TouchNet * net, const char *class_name)
{
  return class_name == NULL ? NULL : json_object_get_string_member_with_default
      (net->kind_of, class_name, NULL);
}

static void
put_kind (const TouchNet * net, const Track * track, float *row)
{
  const char *kind = touch_net_get_kind (net, track->class_name);

  for (guint i = 0; kind && i < net->n_kinds; i++)
    if (g_str_equal (net->kinds[i], kind))
      row[i] = 1;
}

/* What a bounce leaves of the speed, and gravity by that on Earth. */
static void
put_bounce (const TouchNet * net, const Track * track, const char *place,
    float row[2])
{
  JsonArray *ground = place && json_object_has_member (net->places, place)
      ? json_object_get_array_member (net->places, place)
      : json_object_get_array_member (net->places, USUAL);
  const char *name = track->class_name && json_object_has_member
      (net->bounces, track->class_name) ? track->class_name : USUAL;

  row[0] = json_object_get_double_member (net->bounces, name)
      * json_array_get_double_element (ground, 0);
  row[1] = json_array_get_double_element (ground, 1);
}

static void
put_features (const TouchNet * net, const Track * track, const Lens * lens,
    const char *place, float *row)
{
  const Sample *now = &track->samples[track->n - 1], *before = now - 1;
  float unit = 128 / lens->height / 64, *rest = row + (LINES + 1) * POINTS;

  put_way (track, lens, row);
  rest[0] = (now->foot - now->top) * unit;
  rest[1] = (now->right - now->left) * unit * lens->stretch;
  rest[2] = (now->foot + track->offset_y) * unit - 1.5f;
  rest[3] = now->cut_foot;
  rest[4] = before->cut_foot;
  put_bounce (net, track, place, rest + 5);
  put_kind (net, track, rest + 7);
}

/* ---- forward ---------------------------------------------------------------------- */

static float
sigmoid (float x)
{
  return 1 / (1 + expf (-x));
}

static void
run_layer (const Layer * layer, const float *x, float *y, gboolean silu)
{
  for (guint i = 0; i < layer->outputs; i++) {
    const float *w = layer->weight + i * layer->inputs;
    float sum = layer->bias[i];

    for (guint k = 0; k < layer->inputs; k++)
      sum += w[k] * x[k];
    y[i] = silu ? sum * sigmoid (sum) : sum;
  }
}

gboolean
touch_net_guess (const TouchNet * net, const Track * track, const Lens * lens,
    const char *place, TouchGuess * guess)
{
  float a[WIDEST] = { 0 }, b[WIDEST];
  double time;

  if (track->n < LEAST)
    return FALSE;
  time = track->samples[track->n - 1].time;
  put_features (net, track, lens, place, a);
  run_layer (&net->layers[0], a, b, TRUE);
  run_layer (&net->layers[1], b, a, TRUE);
  run_layer (&net->layers[2], a, b, FALSE);
  *guess = (TouchGuess) {
  .impact = sigmoid (b[0]),.time = time - b[1] * STEP,.doubt =
        expf (MIN (b[5], 7)) * STEP,.speed =
        expf (MIN (b[2], 7)) * lens->height / 128,.step =
        sigmoid (b[3]),.step_time = time - b[4] * STEP};
  return TRUE;
}

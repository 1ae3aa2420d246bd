/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finder.c: the network of finder_net.py, on OpenCL.
 *
 * Things are found as points (Zhou et al. 2019, arXiv 1904.07850). */

#include <math.h>
#include <string.h>
#include <gio/gio.h>

#include "models/foley/finder/finder.h"
#include "models/foley/finder/network.h"
#include "finder-resources.h"

#define EMBEDDED "/org/gstreamer/dit/foley/finder.safetensors"
#define CLASSES "/org/gstreamer/dit/foley/classifier.safetensors"
#define SURE .4f                /* a peak of heat from here on is a thing */
#define SAME .65f               /* likeness of boxes: one thing, twice */

struct _FoleyFinder
{
  gatomicrefcount refs;
  OclContext *cl;
  Network *network;
  Classifier *classifier;
  float *input;                 /* [NETWORK_SIZE][NETWORK_SIZE][3] */
  NetworkOutput output;
  GError *failure;
};

static Classifier *
make_classifier (OclContext * cl, GError ** error)
{
  g_autoptr (GBytes) weights = g_resource_lookup_data
      (finder_resources_get_resource (), CLASSES, G_RESOURCE_LOOKUP_FLAGS_NONE,
      error);

  return weights ? classifier_new (cl, weights, "the embedded classifier",
      error) : NULL;
}

/* Compiles its kernels and takes its memory: nobody shall wait for that in
 * mid-stream. */
static gboolean
warm_up (Classifier * classifier, GError ** error)
{
  static const guint8 grey[3] = { 128, 128, 128 };
  const FoleyFrame frame = {.rgb = grey,.width = 1,.height = 1,.stride =
        3,.aspect = 1
  };
  ClassifierGuess guesses[CLASSIFIER_GUESSES];

  return classifier_see (classifier, &frame, 0, 0, 1, 1, guesses, error);
}

FoleyFinder *
foley_finder_new_from (GBytes * weights, const char *path, const char *device,
    GError ** error)
{
  const OclContextOptions options = {.device = device };
  FoleyFinder *finder = g_new0 (FoleyFinder, 1);

  g_atomic_ref_count_init (&finder->refs);
  if (!(finder->cl = ocl_context_new (&options, error))
      || !(finder->network = network_new (finder->cl, weights, path, error))
      || !(finder->classifier = make_classifier (finder->cl, error))
      || !warm_up (finder->classifier, error)) {
    foley_finder_unref (finder);
    return NULL;
  }
  finder->input = g_new0 (float, NETWORK_SIZE * NETWORK_SIZE * 3);
  network_output_init (&finder->output, finder->network);
  return finder;
}

FoleyFinder *
foley_finder_new (const char *device, GError ** error)
{
  g_autoptr (GBytes) weights = g_resource_lookup_data
      (finder_resources_get_resource (), EMBEDDED,
      G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  return weights ? foley_finder_new_from (weights, "the embedded finder",
      device, error) : NULL;
}

FoleyFinder *
foley_finder_ref (FoleyFinder * finder)
{
  g_atomic_ref_count_inc (&finder->refs);
  return finder;
}

void
foley_finder_unref (FoleyFinder * finder)
{
  if (!g_atomic_ref_count_dec (&finder->refs))
    return;
  g_clear_pointer (&finder->network, network_free);
  g_clear_pointer (&finder->classifier, classifier_free);
  g_clear_pointer (&finder->cl, ocl_context_free);
  network_output_clear (&finder->output);
  g_clear_error (&finder->failure);
  g_free (finder->input);
  g_free (finder);
}

const GError *
foley_finder_get_failure (FoleyFinder * finder)
{
  return finder->failure;
}

/* ---- the picture in, as a square ----------------------------------------------- */

/* Where the picture lies in the network's square. */
typedef struct
{
  float scale;                  /* pixels of the square a pixel */
  float x, y;                   /* its left upper corner there */
} Fit;

static Fit
fit (const Picture * picture)
{
  Fit f;

  f.scale = NETWORK_SIZE / (float) MAX (picture->width, picture->height);
  f.x = (NETWORK_SIZE - picture->width * f.scale) / 2;
  f.y = (NETWORK_SIZE - picture->height * f.scale) / 2;
  return f;
}

/* The place in the picture of a line of the square: two pixels and the share of
 * the second; FALSE outside. */
static gboolean
find_line (float begin, float scale, guint n, guint line, guint at[2],
    float *share)
{
  float place = (line + .5f - begin) / scale - .5f;

  if (place < -.5f || place > n - .5f)
    return FALSE;
  place = CLAMP (place, 0, n - 1.f);
  at[0] = place;
  at[1] = MIN (at[0] + 1, n - 1);
  *share = place - at[0];
  return TRUE;
}

static float
mix (const guint8 * plane, guint width, const guint x[2], const guint y[2],
    float sx, float sy)
{
  const guint8 *a = plane + (gsize) y[0] * width;
  const guint8 *b = plane + (gsize) y[1] * width;
  float top = a[x[0]] + sx * (a[x[1]] - a[x[0]]);
  float bottom = b[x[0]] + sx * (b[x[1]] - b[x[0]]);

  return (top + sy * (bottom - top) - 128) / 128;
}

/* Bilinear; grey where the picture is not. */
static void
put_picture (FoleyFinder * finder, const Picture * picture, const Fit * f)
{
  float *to = finder->input, sx, sy;
  guint x[2], y[2];

  memset (to, 0, sizeof (float) * NETWORK_SIZE * NETWORK_SIZE * 3);
  for (guint row = 0; row < NETWORK_SIZE; row++) {
    if (!find_line (f->y, f->scale, picture->height, row, y, &sy))
      continue;
    for (guint column = 0; column < NETWORK_SIZE; column++) {
      float *p = to + (row * NETWORK_SIZE + column) * 3;

      if (!find_line (f->x, f->scale, picture->width, column, x, &sx))
        continue;
      p[0] = mix (picture->y, picture->width, x, y, sx, sy);
      p[1] = mix (picture->u, picture->width, x, y, sx, sy);
      p[2] = mix (picture->v, picture->width, x, y, sx, sy);
    }
  }
}

/* ---- things out ----------------------------------------------------------------- */

static float
sigmoid (float x)
{
  return 1 / (1 + expf (-x));
}

/* The likeliest of @n, and how likely that is. */
static guint
choose (const float *logits, guint n, float *likely)
{
  guint best = 0;
  double sum = 0;

  for (guint i = 1; i < n; i++)
    if (logits[i] > logits[best])
      best = i;
  for (guint i = 0; i < n; i++)
    sum += exp (logits[i] - logits[best]);
  *likely = 1 / sum;
  return best;
}

/* Whether none of the cells next to it is hotter. */
static gboolean
is_peak (const NetworkOutput * out, guint row, guint column)
{
  float heat = out->points[(row * NETWORK_CELLS + column) * NETWORK_POINT];

  for (guint y = row > 0 ? row - 1 : 0; y <= MIN (row + 1, NETWORK_CELLS - 1);
      y++)
    for (guint x = column > 0 ? column - 1 : 0;
        x <= MIN (column + 1, NETWORK_CELLS - 1); x++)
      if (out->points[(y * NETWORK_CELLS + x) * NETWORK_POINT] > heat)
        return FALSE;
  return TRUE;
}

static FinderThing
read_thing (FoleyFinder * finder, const Picture * picture, const Fit * f,
    guint row, guint column)
{
  const NetworkOutput *out = &finder->output;
  const NetworkWords *words = network_get_words (finder->network);
  const float *p = out->points + (row * NETWORK_CELLS + column)
      * NETWORK_POINT;
  float cell = NETWORK_SIZE / NETWORK_CELLS / f->scale;
  float x = (column + .5f) * cell - f->x / f->scale;
  float y = (row + .5f) * cell - f->y / f->scale;
  guint name;
  FinderThing thing = {
    .confidence = sigmoid (p[0]),
    .box = {
          CLAMP (x - p[1] * cell, 0, picture->width),
          CLAMP (y - p[2] * cell, 0, picture->height),
          CLAMP (x + p[3] * cell, 0, picture->width),
        CLAMP (y + p[4] * cell, 0, picture->height)}
  };

  name = choose (out->names + (row / 2 * (NETWORK_CELLS / 2) + column / 2)
      * words->n_names, words->n_names, &thing.name_confidence);
  thing.name = words->names[name];
  material_from_name (words->materials[name], &thing.material);
  return thing;
}

static int
compare_confidence (const void *a, const void *b)
{
  float x = ((const FinderThing *) a)->confidence;
  float y = ((const FinderThing *) b)->confidence;

  return (x < y) - (x > y);
}

/* Leaves out what is told twice. */
static void
thin_out (FinderSight * sight)
{
  guint kept = 0;

  for (guint i = 0; i < sight->n; i++) {
    gboolean again = FALSE;

    for (guint k = 0; k < kept; k++)
      again |= box_likeness (&sight->things[i].box, &sight->things[k].box)
          > SAME;
    if (!again)
      sight->things[kept++] = sight->things[i];
  }
  sight->n = kept;
}

static void
read_things (FoleyFinder * finder, const Picture * picture, const Fit * f,
    FinderSight * sight)
{
  FinderThing things[NETWORK_CELLS * NETWORK_CELLS / 4];
  guint n = 0;

  for (guint row = 0; row < NETWORK_CELLS; row++)
    for (guint column = 0; column < NETWORK_CELLS; column++) {
      FinderThing thing;

      if (sigmoid (finder->output.points[(row * NETWORK_CELLS + column)
                  * NETWORK_POINT]) < SURE
          || !is_peak (&finder->output, row, column)
          || n == G_N_ELEMENTS (things))
        continue;
      thing = read_thing (finder, picture, f, row, column);
      if (box_area (&thing.box) > 0)
        things[n++] = thing;
    }
  qsort (things, n, sizeof *things, compare_confidence);
  sight->n = MIN (n, FINDER_MAX_THINGS);
  memcpy (sight->things, things, sight->n * sizeof *things);
  thin_out (sight);
}

static const char *
answer (const NetworkOutput * out, const NetworkWords * words,
    NetworkQuestion question, float *likely)
{
  const NetworkAnswers *answers = &words->answers[question];

  return answers->words[choose (out->around + answers->first, answers->n,
          likely)];
}

static void
read_around (FoleyFinder * finder, FinderAround * around)
{
  const NetworkOutput *out = &finder->output;
  const NetworkWords *words = network_get_words (finder->network);

  around->place = answer (out, words, NETWORK_PLACE, &around->place_confidence);
  around->light = answer (out, words, NETWORK_LIGHT, &around->light_confidence);
  around->weather = answer (out, words, NETWORK_WEATHER,
      &around->weather_confidence);
}

gboolean
foley_finder_see (FoleyFinder * finder, const Picture * picture,
    FinderSight * sight)
{
  Fit f = fit (picture);

  memset (sight, 0, sizeof *sight);
  if (finder->failure != NULL)
    return FALSE;
  put_picture (finder, picture, &f);
  if (!network_run (finder->network, finder->input, &finder->output,
          &finder->failure))
    return FALSE;
  read_things (finder, picture, &f, sight);
  read_around (finder, &sight->around);
  return TRUE;
}

/* ---- what a thing is ----------------------------------------------------------- */

gboolean
foley_finder_name (FoleyFinder * finder, const FoleyFrame * frame, float x0,
    float y0, float x1, float y1, ClassifierGuess guesses[CLASSIFIER_GUESSES])
{
  memset (guesses, 0, CLASSIFIER_GUESSES * sizeof *guesses);
  return finder->failure == NULL && classifier_see (finder->classifier, frame,
      x0, y0, x1, y1, guesses, &finder->failure);
}

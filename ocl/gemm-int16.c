/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm-int16.c: weights as gemm-int16.cl reads them: integers, with a scale for
 * each output. */

#include <math.h>
#include <string.h>

#include "gemm.h"

/* As in the kernel: outputs of a panel, elements whose halves are paired, elements
 * of x with one scale, and the most that they become. */
#define PANEL 16
#define GROUP 16
#define BLOCK 320
#define X_MAX 8191

/* What the magnitudes of a block's weights may add up to before each is rounded, by
 * at most half; one more is for errors of that. A block's sum of products is then at
 * most X_MAX (BUDGET + BLOCK / 2 + 1) <= 2^31 - 1. */
#define BUDGET (G_MAXINT32 / X_MAX - BLOCK / 2 - 1)

/* Elements of a run, padded. */
static gsize
padded_length (const OclProduct * product)
{
  gsize n = product->shape.taps * product->shape.depth;

  return (n + GROUP - 1) / GROUP * GROUP;
}

static gsize
panel_bytes (const OclProduct * product)
{
  return PANEL * (sizeof (float)
      + product->shape.runs * padded_length (product) * sizeof (gint16));
}

gsize
ocl_int16_bytes (const OclProduct * product)
{
  return ocl_packed_panels (product) * panel_bytes (product);
}

/* What a unit of the weights [runs][length] of an output is worth: no one is more
 * than an int16, no block more than BUDGET. NaN if one of them is not finite. */
static double
choose_scale (const float *weights, guint runs, gsize length)
{
  double most = 0, most_of_block = 0;

  for (guint run = 0; run < runs; run++, weights += length)
    for (gsize k = 0; k < length; k += BLOCK) {
      double sum = 0;

      for (gsize i = k; i < MIN (k + BLOCK, length); i++) {
        sum += fabsf (weights[i]);
        most = MAX (most, fabsf (weights[i]));
      }
      if (!isfinite (sum))
        return NAN;
      most_of_block = MAX (most_of_block, sum);
    }
  return MAX (most / G_MAXINT16, most_of_block / BUDGET);
}

/* A run of one output of a panel. */
static void
scatter (gint16 * panel, const float *weights, gsize length, double scale)
{
  for (gsize k = 0; k < length; k++) {
    gsize pair = k / GROUP * (GROUP / 2) + k % (GROUP / 2);
    double n = weights[k] / scale;

    panel[pair * PANEL * 2 + k % GROUP / (GROUP / 2)] = n + copysign (0.5, n);
  }
}

/* Output @o of a panel, whose scales come first. */
static void
fill_output (const OclProduct * product, guint8 * panel, gsize o,
    const float *weights)
{
  const OclProductShape *s = &product->shape;
  gsize length = s->taps * s->depth;
  double scale = choose_scale (weights, s->runs, length);
  gint16 *numbers = (gint16 *) (panel + PANEL * sizeof (float)) + o * 2;

  ((float *) panel)[o] = scale;
  if (!(scale > 0))             /* all are 0, or one is not finite */
    return;
  for (guint run = 0; run < s->runs; run++)
    scatter (numbers + run * padded_length (product) * PANEL,
        weights + run * length, length, scale);
}

void
ocl_int16_fill (const OclProduct * product, void *to, OclProductRow row,
    gpointer data)
{
  const OclProductShape *s = &product->shape;
  g_autofree float *weights = g_new (float, s->runs * s->taps * s->depth);

  memset (to, 0, ocl_int16_bytes (product));
  for (gsize o = 0; o < s->outputs; o++) {
    row (data, o, weights);
    fill_output (product, (guint8 *) to + o / PANEL * panel_bytes (product),
        o % PANEL, weights);
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arc.c: least squares of a parabola with what is known beforehand. */

#include <math.h>
#include <string.h>

#include "models/foley/see/arc.h"

void
arc_begin (Arc * arc, double time, double a, double deviation)
{
  double weight = 1 / (deviation * deviation);

  memset (arc, 0, sizeof *arc);
  arc->time = time;
  arc->m[2][2] = weight;
  arc->r[2] = weight * a;
}

static void
add (Arc * arc, const double row[3], double value, double deviation)
{
  double weight = 1 / (deviation * deviation);

  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 3; k++)
      arc->m[i][k] += weight * row[i] * row[k];
    arc->r[i] += weight * row[i] * value;
  }
}

void
arc_add_place (Arc * arc, double time, double y, double deviation)
{
  double t = time - arc->time;

  add (arc, (double[3]) { 1, t, t * t / 2 }, y, deviation);
}

void
arc_add_speed (Arc * arc, double time, double v, double deviation)
{
  add (arc, (double[3]) { 0, 1, time - arc->time }, v, deviation);
}

gboolean
arc_solve (Arc * arc)
{
  double (*m)[3] = arc->m, det = 0;
  double x[3] = { 0 };

  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) {
      int a = (k + 1) % 3, b = (k + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;

      arc->cov[i][k] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
    }
  for (int k = 0; k < 3; k++)
    det += m[0][k] * arc->cov[k][0];
  if (!(fabs (det) > 1e-12))
    return FALSE;
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) {
      arc->cov[i][k] /= det;
      x[i] += arc->cov[i][k] * arc->r[k];
    }
  arc->y = x[0];
  arc->v = x[1];
  arc->a = x[2];
  return TRUE;
}

double
arc_at (const Arc * arc, double time)
{
  double t = time - arc->time;

  return arc->y + arc->v * t + arc->a * t * t / 2;
}

double
arc_speed_at (const Arc * arc, double time)
{
  return arc->v + arc->a * (time - arc->time);
}

double
arc_deviation_at (const Arc * arc, double time)
{
  double t = time - arc->time, row[3] = { 1, t, t * t / 2 }, sum = 0;

  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      sum += row[i] * arc->cov[i][k] * row[k];
  return sqrt (MAX (sum, 0));
}

/* Where it would be at @time had it bounced at @kink. */
static double
after (const Arc * arc, double kink, double time, double restitution)
{
  double u = time - kink;

  return arc_at (arc, kink) - restitution * arc_speed_at (arc, kink) * u
      + MAX (arc->a, 0) * u * u / 2;
}

double
arc_kink (const Arc * arc, double since, double time, double y,
    double restitution)
{
  double early = since, late = time;

  for (int i = 0; i < 24; i++) {
    double middle = (early + late) / 2;

    /* a later bounce leaves it lower at the end */
    if (after (arc, middle, time, restitution) > y)
      late = middle;
    else
      early = middle;
  }
  return (early + late) / 2;
}

double
arc_reaches (const Arc * arc, double level, double since, double time)
{
  double early = since, late = time;

  if (arc_at (arc, since) > level || arc_at (arc, time) < level)
    return -1;
  for (int i = 0; i < 24; i++) {
    double middle = (early + late) / 2;

    if (arc_at (arc, middle) > level)
      late = middle;
    else
      early = middle;
  }
  return (early + late) / 2;
}

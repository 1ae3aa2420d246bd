/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arc.h: the path of a thing between two contacts, as a parabola in time. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* y (t) = y + v (t - time) + a (t - time)^2 / 2, pixels and seconds, with how
 * sure that is. */
typedef struct
{
  double time;
  double m[3][3];               /* the normal equations of y, v, a ... */
  double r[3];                  /* ... and their right side */
  double y, v, a;
  double cov[3][3];
} Arc;

/* Begins with an acceleration that is known to @deviation. */
void arc_begin (Arc * arc, double time, double a, double deviation);
void arc_add_place (Arc * arc, double time, double y, double deviation);
void arc_add_speed (Arc * arc, double time, double v, double deviation);
/* FALSE where too little was added. */
gboolean arc_solve (Arc * arc);

double arc_at (const Arc * arc, double time);
double arc_speed_at (const Arc * arc, double time);
/* Of arc_at(): a standard deviation. */
double arc_deviation_at (const Arc * arc, double time);

/* When a thing that follows @arc, and is at @y at @time, has bounced between
 * @since and @time, with a part @restitution of its speed left. */
double arc_kink (const Arc * arc, double since, double time, double y,
    double restitution);

/* When it comes down to @level, between @since and @time; < 0: not then. */
double arc_reaches (const Arc * arc, double level, double since, double time);

G_END_DECLS

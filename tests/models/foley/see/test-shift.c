/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-shift.c: a painted pattern that goes by parts of a pixel. */

#include <math.h>

#include "models/foley/see/shift.h"

#define W 96
#define H 80

/* Something of every size that a box of 30 pixels may show. */
static double
pattern (double x, double y)
{
  return 128 + 50 * sin (.31 * x + .17 * y) + 40 * sin (.83 * y - .12 * x)
      + 20 * sin (1.1 * x + .7 * y);
}

/* The pattern, moved by @dx, @dy, inside of @box, on a wall. */
static void
take (Shift * shift, const Box * box, double dx, double dy)
{
  guint8 y[H * W], grey[H * W] = { 0 };
  const Picture picture = { W, H, y, grey, grey };

  for (int row = 0; row < H; row++)
    for (int x = 0; x < W; x++)
      y[row * W + x] = x >= box->x0 && x < box->x1 && row >= box->y0
          && row < box->y1 ? pattern (x - dx, row - dy) : 60 + (x * 7 +
          row * 3) % 11;
  shift_take (shift, &picture);
}

static void
check (double dx, double dy, double wrong_x, double wrong_y)
{
  const Box from = { 30, 25, 62, 57 };
  const Box now = { 30 + dx, 25 + dy, 62 + dx, 57 + dy };
  const Box told = { now.x0 + wrong_x, now.y0 + wrong_y, now.x1 + wrong_x,
    now.y1 + wrong_y
  };
  Shift *shift = shift_new ();
  float x, y, doubt;

  take (shift, &from, 0, 0);
  g_assert_false (shift_measure (shift, &from, &from, &x, &y, &doubt));
  take (shift, &now, dx, dy);
  g_assert_true (shift_measure (shift, &from, &told, &x, &y, &doubt));
  g_assert_cmpfloat (fabs (x - dx), <, .25);
  g_assert_cmpfloat (fabs (y - dy), <, .25);
  g_assert_cmpfloat (doubt, <, .35);
  shift_reset (shift);
  take (shift, &now, dx, dy);
  g_assert_false (shift_measure (shift, &from, &told, &x, &y, &doubt));
  shift_free (shift);
}

static void
test_parts (void)
{
  check (0, 0, 0, 0);
  check (.3, -.4, 0, 0);
  check (.5, .5, .4, -.7);
  check (-6.25, 9.75, 1, -1);
  check (2, -3.5, -2, 1.5);
}

/* What it cannot find it does not make up. */
static void
test_not_found (void)
{
  const Box from = { 30, 25, 62, 57 }, aside = { 40, 25, 72, 57 };
  const Box small = { 30, 25, 35, 57 }, outside = { 90, 70, 130, 110 };
  const Box away = { -60, -60, -20, -20 }, all = { -500, -500, 500, 500 };
  Shift *shift = shift_new ();
  float x, y, doubt;

  take (shift, &from, 0, 0);
  take (shift, &from, 0, 0);
  g_assert_true (shift_measure (shift, &from, &from, &x, &y, &doubt));
  g_assert_false (shift_measure (shift, &small, &small, &x, &y, &doubt));
  g_assert_false (shift_measure (shift, &away, &away, &x, &y, &doubt));
  g_assert_false (shift_measure (shift, &from, &away, &x, &y, &doubt));
  g_assert_false (shift_measure (shift, &outside, &outside, &x, &y, &doubt));
  g_assert_true (shift_measure (shift, &all, &all, &x, &y, &doubt));
  g_assert_cmpfloat (x, ==, 0); /* nothing has moved */
  g_assert_cmpfloat (y, ==, 0);
  if (shift_measure (shift, &from, &aside, &x, &y, &doubt))
    g_assert_cmpfloat (doubt, >, .5);
  shift_free (shift);
}

static void
test_same (void)
{
  guint8 y[H * W] = { 0 };
  const Picture picture = { W, H, y, y, y }, other = { H, W, y, y, y };
  Shift *shift = shift_new ();

  g_assert_false (shift_is_same (shift, &picture));
  shift_take (shift, &picture);
  g_assert_true (shift_is_same (shift, &picture));
  g_assert_false (shift_is_same (shift, &other));
  y[H * W - 1] = 1;
  g_assert_false (shift_is_same (shift, &picture));
  y[H * W - 1] = 0;
  shift_reset (shift);
  g_assert_false (shift_is_same (shift, &picture));
  shift_free (shift);
}

static void
test_resized (void)
{
  guint8 y[4] = { 0 };
  const Picture tiny = { 2, 2, y, y, y };
  const Box box = { 30, 25, 62, 57 };
  Shift *shift = shift_new ();
  float dx, dy, doubt;

  take (shift, &box, 0, 0);
  shift_take (shift, &tiny);
  g_assert_false (shift_measure (shift, &box, &box, &dx, &dy, &doubt));
  shift_take (shift, &tiny);
  g_assert_false (shift_measure (shift, &box, &box, &dx, &dy, &doubt));
  take (shift, &box, 0, 0);
  g_assert_false (shift_measure (shift, &box, &box, &dx, &dy, &doubt));
  shift_free (shift);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shift/parts", test_parts);
  g_test_add_func ("/shift/not-found", test_not_found);
  g_test_add_func ("/shift/same", test_same);
  g_test_add_func ("/shift/resized", test_resized);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-see.c: painted scenes whose contacts are known exactly. */

#include <math.h>
#include <string.h>

#include "models/foley/see/arc.h"
#include "models/foley/see/around.h"
#include "models/foley/see/see.h"

#define W 128
#define H 128
#define FPS 16

/* A textured wall and floor, seen from a camera that is at @pan, pixels. */
static guint8
wall (int x, int y, int channel)
{
  guint32 h = (guint32) (x / 6) * 374761393u + (guint32) (y / 6) * 668265263u;

  h = (h ^ (h >> 13)) * 1274126177u;
  return (y > 90 ? 90 : 140) + (h >> 24) % 40 + 10 * channel;
}

static void
paint_wall (guint8 * rgb, double pan, GRand * noise)
{
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) {
      int first = floor (x + pan);
      double share = x + pan - first;

      for (int c = 0; c < 3; c++) {
        double v = wall (first, y, c) * (1 - share)
            + wall (first + 1, y, c) * share;

        if (noise)
          v += g_rand_double_range (noise, -2.5, 2.5);
        rgb[3 * (y * W + x) + c] = CLAMP (v, 0, 255);
      }
    }
}

static void
mix (guint8 * rgb, int x, int y, guint32 colour, double share)
{
  for (int c = 0; c < 3 && x >= 0 && y >= 0 && x < W && y < H; c++) {
    guint8 *p = &rgb[3 * (y * W + x) + c];

    *p = *p * (1 - share) + (colour >> (16 - 8 * c) & 255) * share;
  }
}

static void
paint_ball (guint8 * rgb, double cx, double cy, double radius, guint32 colour)
{
  for (int y = cy - radius - 1; y <= cy + radius + 1; y++)
    for (int x = cx - radius - 1; x <= cx + radius + 1; x++)
      mix (rgb, x, y, colour, CLAMP (radius + .5 - hypot (x + .5 - cx,
                  y + .5 - cy), 0, 1));
}

static void
paint_box (guint8 * rgb, double x0, double y0, double x1, double y1,
    guint32 colour)
{
  for (int y = floor (y0); y < y1; y++)
    for (int x = floor (x0); x < x1; x++)
      mix (rgb, x, y, colour, CLAMP (MIN (x + 1, x1) - MAX (x, x0), 0, 1)
          * CLAMP (MIN (y + 1, y1) - MAX (y, y0), 0, 1));
}

typedef struct
{
  See *see;
  guint8 rgb[3 * W * H];
  GArray *contacts;             /* of SceneContact */
  GArray *seen_at;              /* of double, s: the frame that told each */
  Scene scene;
  guint frame, cuts;
} Show;

static void
show_begin (Show * show)
{
  memset (show, 0, sizeof *show);
  show->see = see_new (NULL);
  show->contacts = g_array_new (FALSE, FALSE, sizeof (SceneContact));
  show->seen_at = g_array_new (FALSE, FALSE, sizeof (double));
}

static void
show_end (Show * show)
{
  see_free (show->see);
  g_array_unref (show->contacts);
  g_array_unref (show->seen_at);
}

static void
check_finite (const Scene * scene)
{
  g_assert_true (isfinite (scene->pan) && isfinite (scene->tilt)
      && isfinite (scene->motion));
  for (guint i = 0; i < scene->n_objects; i++) {
    const SceneObject *o = &scene->objects[i];

    g_assert_true (isfinite (o->x0 + o->y0 + o->x1 + o->y1 + o->vx + o->vy
            + o->vdepth));
    g_assert_cmpfloat (o->depth, >, 0);
    g_assert_cmpfloat (o->size, >=, 0);
  }
  for (guint i = 0; i < scene->n_contacts; i++) {
    const SceneContact *c = &scene->contacts[i];

    g_assert_cmpuint (c->time, <=, scene->time);
    g_assert_true (isfinite (c->speed + c->x + c->y + c->depth
            + c->restitution));
    g_assert_true (i == 0 || c[-1].time <= c->time);
  }
}

static void
show_frame (Show * show, const FoleyHint * hints, guint n_hints)
{
  FoleyFrame frame = {.time = show->frame * 1e9 / FPS,.rgb = show->rgb,
    .width = W,.height = H,.stride = 3 * W,.aspect = 1,.hints = hints,
    .n_hints = n_hints
  };
  double at = show->frame++ / (double) FPS;

  see_frame (show->see, &frame, NULL, &show->scene);
  check_finite (&show->scene);
  show->cuts += show->scene.cut;
  for (guint i = 0; i < show->scene.n_contacts; i++) {
    g_array_append_val (show->contacts, show->scene.contacts[i]);
    g_array_append_val (show->seen_at, at);
  }
}

/* How many were told of a kind. */
static guint
count (const Show * show, ContactKind kind)
{
  guint n = 0;

  for (guint i = 0; i < show->contacts->len; i++)
    n += g_array_index (show->contacts, SceneContact, i).kind == kind;
  return n;
}

/* The contact of a kind that is nearest to a time, and its error in s. */
static const SceneContact *
nearest (const Show * show, ContactKind kind, double time, double *error,
    double *late)
{
  const SceneContact *best = NULL;

  *error = G_MAXDOUBLE;
  for (guint i = 0; i < show->contacts->len; i++) {
    const SceneContact *c = &g_array_index (show->contacts, SceneContact, i);

    if (c->kind == kind && fabs (c->time / 1e9 - time) < *error) {
      *error = fabs (c->time / 1e9 - time);
      *late = g_array_index (show->seen_at, double, i) - time;
      best = c;
    }
  }
  return best;
}

/* A ball that is let fall bounces: where it is at @t, and when it hits. */
typedef struct
{
  double gravity, e, ground, top;
  double hits[8];
  guint n;
} Bounce;

static double
bounce_at (Bounce * b, double t)
{
  double flight = sqrt (2 * (b->ground - b->top) / b->gravity), at = flight;
  double speed = b->gravity * flight;

  b->n = 0;
  if (t < flight)
    return b->top + b->gravity * t * t / 2;
  while (b->n < 8) {
    double u;

    b->hits[b->n++] = at;
    speed *= b->e;
    flight = 2 * speed / b->gravity;
    u = t - at;
    if (u < flight)
      return b->ground - speed * u + b->gravity * u * u / 2;
    at += flight;
  }
  return b->ground;
}

static void
check_bounces (double e, double drift, double pan, GRand * noise)
{
  Bounce bounce = {.gravity = 260,.e = e,.ground = 100,.top = -14 };
  double worst = 0, sum = 0;
  guint n = 0;
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 64; i++) {
    double t = i / (double) FPS, y = bounce_at (&bounce, MAX (t - .5, 0));
    double at = pan * MAX (t - .5, 0);

    paint_wall (show.rgb, at, noise);
    paint_ball (show.rgb, 40 + drift * t - at, y - 12, 12, 0xd03020);
    show_frame (&show, NULL, 0);
  }
  for (guint i = 0; i < MIN (bounce.n, 3); i++) {
    double error, late = 0;

    g_assert_nonnull (nearest (&show, CONTACT_IMPACT, bounce.hits[i] + .5,
            &error, &late));
    g_test_message ("bounce at %.3f: off by %.1f ms, told after %.0f ms",
        bounce.hits[i] + .5, 1e3 * error, 1e3 * late);
    worst = MAX (worst, error);
    sum += error;
    n++;
    /* in the first frame past it, or the second */
    g_assert_cmpfloat (late, <=, 2. / FPS);
  }
  g_assert_cmpuint (n, >=, 2);
  g_assert_cmpfloat (sum / n, <=, .015);
  g_assert_cmpfloat (worst, <=, .040);
  /* the small ones after that may be told or not; no more than there are */
  g_assert_cmpuint (count (&show, CONTACT_IMPACT), <=, bounce.n + 1);
  show_end (&show);
}

static void
test_bounce (void)
{
  g_autoptr (GRand) noise = g_rand_new_with_seed (3);

  check_bounces (.7, 6, 0, NULL);
  check_bounces (.5, 10, 0, NULL);
  check_bounces (.8, 4, 0, noise);
}

static void
test_bounce_panned (void)
{
  check_bounces (.7, 12, 14, NULL);
}

/* The scale comes from gravity: 260 pixels / s^2 are 9.81 m / s^2. */
static void
test_scale (void)
{
  Bounce bounce = {.gravity = 260,.e = .75,.ground = 100,.top = -14 };
  const SceneContact *second;
  double error, late, speed;
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 64; i++) {
    double y = bounce_at (&bounce, MAX (i / (double) FPS - .5, 0));

    paint_wall (show.rgb, 0, NULL);
    paint_ball (show.rgb, 50, y - 12, 12, 0xd03020);
    show_frame (&show, NULL, 0);
  }
  second = nearest (&show, CONTACT_IMPACT, bounce.hits[1] + .5, &error, &late);
  speed = .75 * sqrt (2 * 260 * 114.) * 9.81 / 260;
  g_test_message ("%.2f m/s of %.2f, e %.2f", second->speed, speed,
      second->restitution);
  g_assert_cmpfloat (fabs (second->speed - speed), <, .3 * speed);
  g_assert_cmpfloat (fabs (second->restitution - .75), <, .2);
  show_end (&show);
}

/* A ball that rolls in while the camera pans along with it. */
static void
test_roll_panned (void)
{
  double error = 0, pan = 16;
  guint n = 0, id = 0, switches = 0;
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 64; i++) {
    double t = i / (double) FPS, at = pan * t;

    paint_wall (show.rgb, at, NULL);
    paint_ball (show.rgb, -14 + 44 * t - at, 98 - 12, 12, 0x2040d0);
    show_frame (&show, NULL, 0);
    if (i > 16) {
      /* radians a second: pixels by the focal length, 64 / tan (30 deg) */
      error += fabs (show.scene.pan - pan / (64 / tan (SCENE_VIEW / 2)));
      n++;
    }
    for (guint k = 0; k < show.scene.n_objects && i > 24; k++)
      if (show.scene.objects[k].y1 - show.scene.objects[k].y0 > .15) {
        switches += id != 0 && id != show.scene.objects[k].id;
        id = show.scene.objects[k].id;
      }
  }
  g_test_message ("pan off by %.4f rad/s, %u rolls", error / n,
      count (&show, CONTACT_ROLL));
  g_assert_cmpfloat (error / n, <, .02);
  g_assert_cmpuint (id, !=, 0);
  g_assert_cmpuint (switches, ==, 0);
  g_assert_cmpuint (count (&show, CONTACT_ROLL), >=, 1);
  g_assert_cmpuint (count (&show, CONTACT_IMPACT), ==, 0);
  g_assert_cmpuint (show.cuts, ==, 0);
  show_end (&show);
}

/* Two that meet in the middle, and go back. */
static void
test_collision (void)
{
  double meet = (64 - 11 + 20) / 40., error, late;
  const SceneContact *contact;
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 48; i++) {
    double t = i / (double) FPS, way = t < meet ? 40 * t
        : 40 * meet - 30 * (t - meet);

    paint_wall (show.rgb, 0, NULL);
    paint_ball (show.rgb, -20 + way, 98 - 11, 11, 0xd03020);
    paint_ball (show.rgb, 148 - way, 98 - 11, 11, 0x2040d0);
    show_frame (&show, NULL, 0);
  }
  contact = nearest (&show, CONTACT_IMPACT, meet, &error, &late);
  g_assert_nonnull (contact);
  g_test_message ("collision off by %.1f ms, told after %.0f ms", 1e3 * error,
      1e3 * late);
  g_assert_cmpfloat (error, <=, .040);
  g_assert_cmpuint (contact->other, !=, SCENE_GROUND);
  g_assert_cmpuint (count (&show, CONTACT_IMPACT), ==, 1);
  show_end (&show);
}

/* A body that bobs as it walks: steps at the lowest points. */
static void
test_steps (void)
{
  guint hits = 0, truths = 0;
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 80; i++) {
    double t = i / (double) FPS, bob = 3 * fabs (sin (G_PI * t / .5));
    double x = -20 + 32 * t;

    paint_wall (show.rgb, 0, NULL);
    paint_box (show.rgb, x, 60 - bob, x + 16, 104 - bob, 0x30a040);
    show_frame (&show, NULL, 0);
  }
  for (double t = 2; t < 4.3; t += .5, truths++) {
    double error, late;

    nearest (&show, CONTACT_STEP, t, &error, &late);
    g_test_message ("step at %.1f: off by %.0f ms", t, 1e3 * error);
    hits += error <= .040;
  }
  g_assert_cmpuint (hits * 10, >=, truths * 8);
  g_assert_cmpuint (count (&show, CONTACT_STEP), <=, 10);
  show_end (&show);
}

/* Rain is weather, not things. */
static void
test_rain (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint objects = 0;
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 64; i++) {
    paint_wall (show.rgb, 0, NULL);
    for (guint k = 0; k < 60; k++) {
      int x = g_rand_int_range (rand, 0, W), y = g_rand_int_range (rand, -8, H);

      for (int d = 0; d < 7; d++)
        mix (show.rgb, x + d / 4, y + d, 0xe8f0ff, .7);
    }
    show_frame (&show, NULL, 0);
    objects += show.scene.n_objects;
  }
  g_test_message ("rain %.2f, snow %.2f, %u boxes",
      show.scene.surroundings.rain, show.scene.surroundings.snow, objects);
  g_assert_cmpfloat (show.scene.surroundings.rain, >, .3);
  g_assert_cmpfloat (show.scene.surroundings.snow, <, .2);
  g_assert_cmpuint (objects, ==, 0);
  g_assert_cmpuint (show.contacts->len, ==, 0);
  show_end (&show);
}

/* Nothing moves, then only noise does: nothing is told. */
static void
test_still (void)
{
  g_autoptr (GRand) noise = g_rand_new_with_seed (5);
  Show show;

  for (guint noisy = 0; noisy < 2; noisy++) {
    show_begin (&show);
    for (guint i = 0; i < 48; i++) {
      paint_wall (show.rgb, 0, noisy ? noise : NULL);
      show_frame (&show, NULL, 0);
      g_assert_cmpuint (show.scene.n_objects, ==, 0);
      g_assert_cmpfloat (show.scene.pan, ==, 0);
    }
    g_assert_cmpuint (show.contacts->len, ==, 0);
    g_assert_cmpuint (show.cuts, ==, 0);
    g_assert_cmpfloat (show.scene.surroundings.rain, <, .05);
    show_end (&show);
  }
}

static void
test_cut (void)
{
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 32; i++) {
    paint_wall (show.rgb, i < 16 ? 0 : 5000, NULL);
    for (guint k = 0; k < sizeof show.rgb && i >= 16; k += 3) {
      show.rgb[k] /= 3;
      show.rgb[k + 2] = 255 - show.rgb[k + 2] / 2;
    }
    show_frame (&show, NULL, 0);
    g_assert_cmpint (show.scene.cut, ==, i == 16);
  }
  g_assert_cmpuint (show.contacts->len, ==, 0);
  show_end (&show);
}

/* A hint names what moves, and stands for what does not. */
static void
test_hints (void)
{
  FoleyHint hints[] = {
    {"dog", 0, 0, 0, 0}, {"lamp", .8, .1, .95, .5}, {"bad", NAN, 0, 1, 1},
    {NULL, 0, 0, 1, 1}
  };
  guint dog = 0, lamp = 0;
  Show show;

  show_begin (&show);
  for (guint i = 0; i < 40; i++) {
    double x = -12 + 40 * i / (double) FPS;

    paint_wall (show.rgb, 0, NULL);
    paint_ball (show.rgb, x, 86, 12, 0xd03020);
    hints[0].x0 = (x - 12) / W;
    hints[0].x1 = (x + 12) / W;
    hints[0].y0 = 74. / H;
    hints[0].y1 = 98. / H;
    show_frame (&show, hints, G_N_ELEMENTS (hints));
    for (guint k = 0; k < show.scene.n_objects && i > 24; k++) {
      const SceneObject *o = &show.scene.objects[k];

      g_assert_cmpstr (o->class_name, !=, "bad");
      if (g_strcmp0 (o->class_name, "lamp") == 0) {
        g_assert_true (lamp == 0 || lamp == o->id);
        lamp = o->id;
      } else if (g_strcmp0 (o->class_name, "dog") == 0 && o->vx > .1) {
        g_assert_true (dog == 0 || dog == o->id);
        dog = o->id;
        g_assert_cmpfloat (fabs (o->x0 - hints[0].x0), <, .01);
      }
    }
  }
  g_assert_cmpuint (dog, !=, 0);
  g_assert_cmpuint (lamp, !=, 0);
  show_end (&show);
}

/* Any size, from a single pixel on, and any order of sizes. */
static void
test_sizes (void)
{
  static const guint sizes[][2] = {
    {1, 1}, {1, 2000}, {3, 2}, {16, 16}, {640, 360}, {17, 5}, {1, 1}, {4096, 2}
  };
  g_autoptr (See) see = see_new (NULL);
  g_autofree guint8 *rgb = g_malloc (640 * 360 * 3 + 16);
  guint64 time = 0;
  Scene scene;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint k = 0; k < 12; k++) {
      guint w = sizes[i][0], h = sizes[i][1];
      FoleyFrame frame = {.time = time,.rgb = rgb,.width = w,.height = h,
        .stride = 3 * w,.aspect = k == 3 ? 0 : k == 4 ? NAN : 1.5
      };

      for (guint n = 0; n < 3 * w * h; n++)
        rgb[n] = g_test_rand_int ();
      see_frame (see, &frame, "a dog on a beach", &scene);
      check_finite (&scene);
      g_assert_cmpint (k == 0 ? scene.cut : 0, ==, k == 0 && i > 0);
      g_assert_cmpstr (scene.surroundings.place, ==, "beach");
      /* the same time again is no new frame */
      time += k == 5 ? 0 : k == 6 ? 5e9 : 62500000;
    }
}

static void
test_words (void)
{
  Words words;

  words_read ("A Dog walks on the BEACH, it is raining at night", &words);
  g_assert_cmpstr (words.place, ==, "beach");
  g_assert_cmpint (words.ground, ==, MATERIAL_SAND);
  g_assert_cmpfloat (words.rain, >, .5);
  g_assert_true (words.night);
  g_assert_cmpfloat (words.snow, <, 0);
  words_read ("a mushroom and a streetcar", &words);
  g_assert_null (words.place);
  words_read ("a kitchen by day", &words);
  g_assert_true (words.indoors && words.day);
}

/* The kink of an arc is where it was put. */
static void
test_arc (void)
{
  Arc arc;

  arc_begin (&arc, .3, 200, 200);
  for (double t = 0; t < .31; t += .05)
    arc_add_place (&arc, t, 10 + 40 * t + 260 * t * t / 2, .3);
  g_assert_true (arc_solve (&arc));
  g_assert_cmpfloat (fabs (arc.a - 260), <, 10);
  for (double kink = .31; kink < .36; kink += .01) {
    double at = arc_at (&arc, kink), v = arc_speed_at (&arc, kink);
    double u = .36 - kink, y = at - .6 * v * u + 130 * u * u;

    g_assert_cmpfloat (fabs (arc_kink (&arc, .3, .36, y, .6) - kink), <, .003);
    g_assert_cmpfloat (fabs (arc_reaches (&arc, at, .3, .37) - kink), <, 1e-4);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/see/arc", test_arc);
  g_test_add_func ("/see/words", test_words);
  g_test_add_func ("/see/sizes", test_sizes);
  g_test_add_func ("/see/still", test_still);
  g_test_add_func ("/see/cut", test_cut);
  g_test_add_func ("/see/bounce", test_bounce);
  g_test_add_func ("/see/bounce-panned", test_bounce_panned);
  g_test_add_func ("/see/scale", test_scale);
  g_test_add_func ("/see/roll-panned", test_roll_panned);
  g_test_add_func ("/see/collision", test_collision);
  g_test_add_func ("/see/steps", test_steps);
  g_test_add_func ("/see/rain", test_rain);
  g_test_add_func ("/see/hints", test_hints);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-director.c: scenes in, sound out: what, when, where. */

#include <math.h>
#include <string.h>

#include "models/foley/director/director.h"

#define RATE 48000
#define FPS 16
#define SECOND G_GUINT64_CONSTANT (1000000000)

/* A director and the stereo that came of it. */
typedef struct
{
  Director d;
  GArray *left, *right;         /* of float */
  float buffers[2][FOLEY_QUANTUM];
} Show;

static void
show_open_as (Show * show, guint64 seed, guint n_stems)
{
  const FoleyOptions options = {
    .rate = RATE,.layout = FOLEY_LAYOUT_STEREO,.seed = seed,.n_stems = n_stems
  };
  g_autoptr (GError) error = NULL;

  memset (show, 0, sizeof *show);
  director_init (&show->d, &options, &error);
  g_assert_no_error (error);
  show->left = g_array_new (FALSE, FALSE, sizeof (float));
  show->right = g_array_new (FALSE, FALSE, sizeof (float));
}

static void
show_open (Show * show)
{
  show_open_as (show, 1, 0);
}

static void
show_close (Show * show)
{
  director_clear (&show->d);
  g_array_unref (show->left);
  g_array_unref (show->right);
}

static void
show_render (Show * show, guint64 upto)
{
  float *mix[2] = { show->buffers[0], show->buffers[1] };

  while (show->d.position < upto) {
    director_render (&show->d, mix, NULL);
    g_array_append_vals (show->left, mix[0], FOLEY_QUANTUM);
    g_array_append_vals (show->right, mix[1], FOLEY_QUANTUM);
  }
}

static void
show_frame (Show * show, const Scene * scene)
{
  director_see (&show->d, scene);
  show_render (show, director_to_sample (scene->time, RATE));
}

static guint64
frame_time (guint n)
{
  return n * SECOND / FPS;
}

static double
get_peak (const GArray * samples, gsize from, gsize to)
{
  double peak = 0;

  for (gsize i = from; i < MIN (to, samples->len); i++)
    peak = MAX (peak, fabsf (g_array_index (samples, float, i)));
  return peak;
}

static double
get_energy (const GArray * samples, gsize from, gsize to)
{
  double sum = 0;

  for (gsize i = from; i < MIN (to, samples->len); i++) {
    double x = g_array_index (samples, float, i);
    sum += x * x;
  }
  return sum;
}

/* Of the first sample that is louder than a hundredth of the peak: s. */
static double
get_onset (const Show * show)
{
  double peak = MAX (get_peak (show->left, 0, G_MAXSIZE),
      get_peak (show->right, 0, G_MAXSIZE));
  gsize i;

  for (i = 0; i < show->left->len; i++)
    if (fabsf (g_array_index (show->left, float, i)) > peak / 100
        || fabsf (g_array_index (show->right, float, i)) > peak / 100)
        break;
  return (double) i / RATE;
}

static const SceneObject ball = {
  .id = 1,.class_name = "ball",.material = MATERIAL_RUBBER,.x0 = 0.45f,
  .y0 = 0.45f,.x1 = 0.55f,.y1 = 0.55f,.depth = 3,.size = 0.3f,
  .confidence = 1
};

static void
test_nothing (void)
{
  Show show;
  Scene scene = {.objects = &ball,.n_objects = 1 };

  show_open (&show);
  for (guint i = 0; i < 5 * FPS; i++) {
    scene.time = frame_time (i);
    show_frame (&show, &scene);
  }
  g_assert_cmpuint (show.left->len, >=, 4 * RATE);
  g_assert_cmpfloat (get_peak (show.left, 0, G_MAXSIZE), <, 3.2e-5);
  g_assert_cmpfloat (get_peak (show.right, 0, G_MAXSIZE), <, 3.2e-5);
  show_close (&show);
}

static void
run_impact (Show * show, float x, double at)
{
  const SceneContact hit = {
    .kind = CONTACT_IMPACT,.time = at * SECOND,.id = 1,.ground = MATERIAL_WOOD,
    .speed = 3,.x = x,.y = 0.9f,.depth = 3,.restitution = 0.7f,
    .confidence = 1
  };
  SceneObject object = ball;
  Scene scene = {.objects = &object,.n_objects = 1 };

  object.x0 = x - 0.05f;
  object.x1 = x + 0.05f;
  for (guint i = 0; i < 3 * FPS; i++) {
    gboolean now = frame_time (i) >= hit.time
        && (i == 0 || frame_time (i - 1) < hit.time);
    scene.time = frame_time (i);
    scene.contacts = now ? &hit : NULL;
    scene.n_contacts = now;
    show_frame (show, &scene);
  }
}

/* Between frames too; on the side where it is. */
static void
test_impact (void)
{
  static const double times[] = { 1.0, 1.013, 1.05 };
  static const float places[] = { 0.1f, 0.9f };

  for (guint t = 0; t < G_N_ELEMENTS (times); t++)
    for (guint p = 0; p < G_N_ELEMENTS (places); p++) {
      Show show;
      double left, right, onset;

      show_open (&show);
      run_impact (&show, places[p], times[t]);
      onset = get_onset (&show);
      /* Sound takes its time from where it is, some 10 ms. */
      g_assert_cmpfloat (onset, >, times[t] - 0.002);
      g_assert_cmpfloat (onset, <, times[t] + 0.025);
      left = get_energy (show.left, 0, G_MAXSIZE);
      right = get_energy (show.right, 0, G_MAXSIZE);
      g_assert_cmpfloat (places[p] < 0.5f ? left / right : right / left, >, 2);
      g_assert_cmpuint (show.d.notes->len, >=, 1);
      show_close (&show);
    }
}

static void
test_roll (void)
{
  SceneContact roll = {
    .kind = CONTACT_ROLL,.id = 1,.ground = MATERIAL_WOOD,.speed = 2,.x = 0.5f,
    .y = 0.9f,.depth = 3,.restitution = -1,.confidence = 1
  };
  SceneObject object = ball;
  Scene scene = {.objects = &object,.n_objects = 1 };
  Show show;
  double during, after;

  object.vx = 2;
  show_open (&show);
  for (guint i = 0; i < 6 * FPS; i++) {
    scene.time = roll.time = frame_time (i);
    scene.contacts = &roll;
    scene.n_contacts = i == FPS || i == 3 * FPS;
    if (i == 3 * FPS)
      object.vx = roll.speed = 0;
    show_frame (&show, &scene);
  }
  during = get_energy (show.left, 1.5 * RATE, 2.5 * RATE);
  after = get_energy (show.left, 4.5 * RATE, 5.5 * RATE);
  g_assert_cmpfloat (during, >, 1e-6);
  g_assert_cmpfloat (after, <, during * 1e-3);
  show_close (&show);
}

/* The place is heard from the first frame, another one after a while. */
static void
test_beds (void)
{
  Scene scene = { 0 };
  Show show;
  guint n;

  show_open (&show);
  scene.surroundings = (SceneSurroundings) {
  .place = g_intern_static_string ("beach"),.confidence = 1};
  for (guint i = 0; i < 6 * FPS; i++) {
    scene.time = frame_time (i);
    if (i == 2 * FPS)
      scene.surroundings.place = g_intern_static_string ("forest");
    show_frame (&show, &scene);
  }
  g_assert_cmpfloat (get_energy (show.left, RATE, 2 * RATE), >, 1e-6);
  g_assert_cmpuint (show.d.notes->len, ==, 2);
  for (n = 0; n < 2; n++)
    g_assert_cmpint (g_array_index (show.d.notes, FoleyNote, n).layer, ==,
        FOLEY_LAYER_AMBIENCE);
  g_assert_cmpuint (show.d.sources->len, ==, 1);
  show_close (&show);
}

static void
test_words (void)
{
  FoleyControls controls = {
    .prompt = "waves, a dog on the left and a distant church bell",
    .gains = {1, 1, 1, 1}
  };
  Scene scene = { 0 };
  Show show;
  gboolean dog = FALSE;

  show_open (&show);
  director_control (&show.d, &controls);
  for (guint i = 0; i < 10 * FPS; i++) {
    scene.time = frame_time (i);
    show_frame (&show, &scene);
  }
  g_assert_cmpuint (show.d.sources->len, ==, 3);
  for (guint i = 0; i < show.d.sources->len; i++) {
    Source *s = show.d.sources->pdata[i];
    if (s->class_name && strstr (s->class_name, "dog")) {
      g_assert_cmpfloat (s->to.place.azimuth, <, -0.5);
      dog = TRUE;
    }
  }
  g_assert_true (dog);
  controls.prompt = NULL;
  director_control (&show.d, &controls);
  for (guint i = 10 * FPS; i < 14 * FPS; i++) {
    scene.time = frame_time (i);
    show_frame (&show, &scene);
  }
  g_assert_cmpuint (show.d.sources->len, ==, 0);
  show_close (&show);
}

/* After the last frame all is silent before long, whatever went on. */
static void
test_end (void)
{
  SceneObject object = ball;
  Scene scene = {.objects = &object,.n_objects = 1 };
  Show show;

  object.class_name = g_intern_static_string ("taxi");
  object.vx = 3;
  scene.surroundings = (SceneSurroundings) {
  .place = g_intern_static_string ("street"),.rain = 1,.confidence = 1};
  show_open (&show);
  for (guint i = 0; i < 2 * FPS; i++) {
    scene.time = frame_time (i);
    show_frame (&show, &scene);
  }
  g_assert_cmpuint (show.d.sources->len, >=, 3);
  director_end (&show.d);
  show_render (&show, 6 * RATE);
  g_assert_cmpuint (show.d.sources->len, ==, 0);
  g_assert_true (mixer_is_silent (show.d.mixer));
  show_close (&show);
}

/* What the scene's words name is what the unnamed thing is. */
static void
test_scene_names (void)
{
  const FoleyControls controls = {
    .scene = "a taxi drives to the left in the city",.gains = {1, 1, 1, 1}
  };
  SceneObject object = ball;
  Scene scene = {.objects = &object,.n_objects = 1 };
  Show show;

  object.class_name = NULL;
  object.material = MATERIAL_UNKNOWN;
  object.vx = -3;
  show_open (&show);
  director_control (&show.d, &controls);
  for (guint i = 0; i < 2 * FPS; i++) {
    scene.time = frame_time (i);
    show_frame (&show, &scene);
  }
  g_assert_cmpuint (show.d.notes->len, >=, 1);
  g_assert_cmpstr (g_array_index (show.d.notes, FoleyNote, 0).class_name, ==,
      "taxi");
  g_assert_cmpfloat (get_energy (show.left, RATE, 2 * RATE), >, 1e-7);
  show_close (&show);
}

/* An engine is told of when its car begins to move, once. */
static void
test_starts (void)
{
  SceneObject object = ball;
  Scene scene = {.objects = &object,.n_objects = 1 };
  Show show;

  object.class_name = g_intern_static_string ("taxi");
  show_open (&show);
  for (guint i = 0; i < 3 * FPS; i++) {
    scene.time = frame_time (i);
    show_frame (&show, &scene);
  }
  g_assert_cmpuint (show.d.notes->len, ==, 0);
  object.vx = 3;
  for (guint i = 3 * FPS; i < 5 * FPS; i++) {
    scene.time = frame_time (i);
    show_frame (&show, &scene);
  }
  g_assert_cmpuint (show.d.notes->len, ==, 1);
  g_assert_cmpstr (g_array_index (show.d.notes, FoleyNote, 0).why, ==,
      "taxi in sight");
  g_assert_cmpuint (g_array_index (show.d.notes, FoleyNote, 0).time, >=,
      frame_time (3 * FPS - 1));
  show_close (&show);
}

/* What a thing that looks like @looks is called where the scene is @scene. */
static char *
get_name (const char *looks, float confidence, gboolean told,
    const char *scene_words)
{
  const FoleyControls controls = {.scene = scene_words,.gains = {1, 1, 1, 1}
  };
  SceneObject object = ball;
  Scene scene = {.objects = &object,.n_objects = 1 };
  Show show;
  char *name;

  object.class_name = g_intern_string (looks);
  object.confidence = confidence;
  object.told = told;
  show_open (&show);
  director_control (&show.d, &controls);
  show_frame (&show, &scene);
  name = g_strdup (director_get_actor (&show.d, object.id)->object.class_name);
  show_close (&show);
  return name;
}

/* Words beat looks but for those that mean the same; who knows beats both. */
static void
test_looks (void)
{
  static const struct
  {
    const char *looks;
    float confidence;
    gboolean told;
    const char *scene, *name;
  } cases[] = {
    {"cake", .6f, FALSE, "a dog runs on the beach", "dog"},
    {"cake", .6f, FALSE, "waves on a beach", "cake"},
    {"cake", .6f, FALSE, NULL, "cake"},
    {"cake", 1, TRUE, "a dog runs on the beach", "cake"},
    {"puppy", .6f, FALSE, "a dog runs on the beach", "puppy"},
    {"racing car", .6f, FALSE, "a race car and a dog", "racing car"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = get_name (cases[i].looks, cases[i].confidence,
        cases[i].told, cases[i].scene);

    g_assert_cmpstr (name, ==, cases[i].name);
  }
}

static void
test_denied (void)
{
  static const char *const deny[] = { "ball", NULL };
  const FoleyControls controls = {.deny = deny,.gains = {1, 1, 1, 1} };
  Show show;

  show_open (&show);
  director_control (&show.d, &controls);
  run_impact (&show, 0.5f, 1);
  g_assert_cmpuint (show.d.notes->len, ==, 0);
  g_assert_cmpfloat (get_peak (show.left, 0, G_MAXSIZE), <, 3.2e-5);
  show_close (&show);
}

static void
test_seeds (void)
{
  Show shows[3];
  gsize bytes;

  for (guint i = 0; i < 3; i++) {
    show_open_as (&shows[i], i == 2 ? 7 : 5, 0);
    run_impact (&shows[i], 0.3f, 1.01);
  }
  bytes = shows[0].left->len * sizeof (float);
  g_assert_cmpmem (shows[0].left->data, bytes, shows[1].left->data, bytes);
  g_assert_cmpint (memcmp (shows[0].left->data, shows[2].left->data, bytes),
      !=, 0);
  for (guint i = 0; i < 3; i++)
    show_close (&shows[i]);
}

/* More than can be heard; hostile numbers. */
static void
test_hostile (void)
{
  SceneContact hits[200];
  SceneObject objects[100];
  Scene scene = {
    .contacts = hits,.objects = objects,.n_contacts = 200,.n_objects = 100
  };
  static const float numbers[] = { 0, -1, 1e30f, NAN, INFINITY, 1e-30f };
  GRand *random = g_rand_new_with_seed (3);
  Show show;

  show_open (&show);
  for (guint i = 0; i < 2 * FPS; i++) {
    scene.time = frame_time (i);
    for (guint k = 0; k < 100; k++) {
      float wild = numbers[g_rand_int_range (random, 0, 6)];
      objects[k] = ball;
      objects[k].id = k + 1;
      objects[k].x1 = wild;
      objects[k].vx = numbers[g_rand_int_range (random, 0, 6)];
      objects[k].depth = objects[k].size = wild;
    }
    for (guint k = 0; k < 200; k++)
      hits[k] = (SceneContact) {
      .kind = k % 8,.time = scene.time,.id = k % 150,.other = k % 3,.speed =
          numbers[k % 6],.x = numbers[(k + 1) % 6],.depth =
          numbers[(k + 2) % 6],.restitution = numbers[k % 6]
      };
    show_frame (&show, &scene);
    g_assert_cmpuint (show.d.sources->len, <=, DIRECTOR_MAX_SOURCES);
  }
  g_assert_true (isfinite (get_energy (show.left, 0, G_MAXSIZE)));
  g_rand_free (random);
  show_close (&show);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/director/nothing", test_nothing);
  g_test_add_func ("/director/impact", test_impact);
  g_test_add_func ("/director/roll", test_roll);
  g_test_add_func ("/director/beds", test_beds);
  g_test_add_func ("/director/words", test_words);
  g_test_add_func ("/director/scene-names", test_scene_names);
  g_test_add_func ("/director/end", test_end);
  g_test_add_func ("/director/starts", test_starts);
  g_test_add_func ("/director/looks", test_looks);
  g_test_add_func ("/director/denied", test_denied);
  g_test_add_func ("/director/seeds", test_seeds);
  g_test_add_func ("/director/hostile", test_hostile);
  return g_test_run ();
}

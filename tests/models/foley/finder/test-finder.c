/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-finder.c: the networks against their recipes in Python, and what comes of
 * weights that are none. */

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "models/foley/finder/finder.h"
#include "models/foley/see/found.h"
#include "models/foley/see/see.h"
#include "models/foley/see/touch.h"
#include "models/foley/see/votes.h"
#include "models/format/format.h"
#include "finder-test.h"

#define SIZE 128

/* The pixels of the @number-th picture. */
static guint8 *
read_picture (guint number)
{
  g_autofree char *path = g_build_filename (DATA, "pictures.rgb", NULL);
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpuint ((number + 1) * 3 * SIZE * SIZE, <=, size);
  return g_memdup2 (data + number * 3 * SIZE * SIZE, 3 * SIZE * SIZE);
}

/* The @number-th picture of the data, or what is in them as @scale times as many
 * pixels either way with @bars grey ones above and below. */
static void
take_picture (guint number, guint scale, guint bars, Picture * picture)
{
  g_autofree guint8 *from = read_picture (number), *rgb = NULL;
  guint w = SIZE * scale, h = SIZE * scale + 2 * bars;
  FoleyFrame frame = {.width = w,.height = h,.stride = 3 * w,.aspect =
        w / (double) h
  };

  rgb = g_malloc (3 * w * h);
  memset (rgb, 128, 3 * w * h);
  for (guint y = 0; y < SIZE * scale; y++)
    for (guint x = 0; x < w; x++)
      memcpy (rgb + 3 * ((y + bars) * w + x),
          from + 3 * (y / scale * SIZE + x / scale), 3);
  frame.rgb = rgb;
  picture_take (picture, &frame);
}

static void
assert_near (double a, double b, double within)
{
  if (fabs (a - b) > within)
    g_error ("%g, expected %g within %g", a, b, within);
}

static void
compare_things (const FinderSight * sight, JsonArray * wanted, double within)
{
  g_assert_cmpuint (sight->n, ==, json_array_get_length (wanted));
  for (guint i = 0; i < sight->n; i++) {
    JsonObject *thing = json_array_get_object_element (wanted, i);
    JsonArray *box = json_object_get_array_member (thing, "box");
    const FinderThing *found = &sight->things[i];
    const float sides[4] = { found->box.x0, found->box.y0, found->box.x1,
      found->box.y1
    };

    g_assert_cmpstr (found->name, ==,
        json_object_get_string_member (thing, "name"));
    assert_near (found->confidence,
        json_object_get_double_member (thing, "confidence"), .03);
    for (guint k = 0; k < 4; k++)
      assert_near (sides[k], CLAMP (json_array_get_double_element (box, k), 0,
              SIZE), within);
  }
}

static void
test_golden (void)
{
  FoleyFinder *finder = make_finder ();
  g_autoptr (JsonNode) node = read_json ("pictures.json");
  JsonArray *wanted = json_node_get_array (node);
  Picture picture = { 0 };

  for (guint i = 0; i < json_array_get_length (wanted); i++) {
    JsonObject *of = json_array_get_object_element (wanted, i);
    FinderSight sight;

    take_picture (i, 1, 0, &picture);
    g_assert_true (foley_finder_see (finder, &picture, &sight));
    compare_things (&sight, json_object_get_array_member (of, "things"), .35);
    g_assert_cmpstr (sight.around.place, ==,
        json_object_get_string_member (of, "place"));
    g_assert_cmpstr (sight.around.light, ==,
        json_object_get_string_member (of, "light"));
    g_assert_cmpstr (sight.around.weather, ==,
        json_object_get_string_member (of, "weather"));
    assert_near (sight.around.place_confidence,
        json_object_get_double_member (of, "place_confidence"), .03);
  }
  g_assert_null (foley_finder_get_failure (finder));
  picture_clear (&picture);
  foley_finder_unref (finder);
}

/* Boxes are told in the picture's pixels, whatever its size and shape. */
static void
test_sizes (void)
{
  FoleyFinder *finder = make_finder ();
  Picture picture = { 0 };
  FinderSight plain, large;
  const FinderThing *thing = NULL;
  float scale, bar;

  take_picture (0, 1, 0, &picture);
  g_assert_true (foley_finder_see (finder, &picture, &plain));
  take_picture (0, 3, 60, &picture);
  g_assert_true (foley_finder_see (finder, &picture, &large));
  g_assert_cmpuint (plain.n, >, 0);
  for (guint k = 0; k < large.n; k++)
    if (large.things[k].name == plain.things[0].name)
      thing = &large.things[k];
  g_assert_nonnull (thing);
  scale = picture.width / (float) SIZE;
  bar = (picture.height - (float) picture.width) / 2;
  assert_near (thing->box.x0, plain.things[0].box.x0 * scale, 5);
  assert_near (thing->box.x1, plain.things[0].box.x1 * scale, 5);
  assert_near (thing->box.y1, plain.things[0].box.y1 * scale + bar, 5);
  picture_clear (&picture);
  foley_finder_unref (finder);
}

/* The smallest and the longest pictures. */
static void
test_shapes (void)
{
  static const guint sizes[][2] = { {1, 1}, {1, 19200}, {19200, 1}, {2, 3} };
  FoleyFinder *finder = make_finder ();
  Picture picture = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint w = sizes[i][0], h = sizes[i][1];
    g_autofree guint8 *rgb = g_malloc0 (3 * w * h);
    const FoleyFrame frame = {.rgb = rgb,.width = w,.height = h,
      .stride = 3 * w,.aspect = w / (double) h
    };
    FinderSight sight;

    picture_take (&picture, &frame);
    g_assert_true (foley_finder_see (finder, &picture, &sight));
    for (guint k = 0; k < sight.n; k++)
      g_assert_true (sight.things[k].box.x1 <= w
          && sight.things[k].box.y1 <= h && sight.things[k].box.x0 >= 0
          && sight.things[k].box.y0 >= 0);
  }
  picture_clear (&picture);
  foley_finder_unref (finder);
}

static void
test_no_device (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (foley_finder_new ("no such device", &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_NO_DEVICE);
  g_assert_nonnull (strstr (error->message, "no such device"));
}

/* Weights that are cut short, or are another network's. */
static void
test_bad_weights (void)
{
  static const char other[] =
      "{\"stem.weight\":{\"dtype\":\"F32\",\"shape\":[1],"
      "\"data_offsets\":[0,4]}}";
  guint64 n = GUINT64_TO_LE (sizeof other - 1);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL, cut = g_bytes_new_static ("abc", 3);
  g_autoptr (GError) error = NULL;

  g_assert_null (foley_finder_new_from (cut, "cut", NULL, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT);
  g_clear_error (&error);
  g_byte_array_append (file, (const guint8 *) &n, 8);
  g_byte_array_append (file, (const guint8 *) other, sizeof other - 1);
  g_byte_array_append (file, (const guint8 *) "\0\0\0\0", 4);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&file));
  g_assert_null (foley_finder_new_from (bytes, "other", NULL, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, "names"));
}

/* ---- touch ------------------------------------------------------------------------ */

static Sample
sample_at (JsonObject * way, guint number)
{
  JsonArray *times = json_object_get_array_member (way, "times");
  JsonArray *covers = json_object_get_array_member (way, "cover");
  JsonArray *box = json_array_get_array_element
      (json_object_get_array_member (way, "boxes"), number);
  JsonArray *went = json_array_get_array_element
      (json_object_get_array_member (way, "went"), number);

  return (Sample) {
    .time = json_array_get_double_element (times, number),.cover =
        json_array_get_double_element (covers, number),.left =
        json_array_get_double_element (box, 0),.top =
        json_array_get_double_element (box, 1),.right =
        json_array_get_double_element (box, 2),.foot =
        json_array_get_double_element (box, 3),.went_x =
        json_array_get_double_element (went, 0),.went_y =
        json_array_get_double_element (went, 1),.doubt =
        json_array_get_double_element (went, 2)
  };
}

static double
get_guess (JsonArray * row, guint number)
{
  return json_array_get_double_element (row, number);
}

static void
test_touch (void)
{
  g_autoptr (JsonNode) node = read_json ("way.json");
  JsonObject *way = json_node_get_object (node);
  JsonArray *guesses = json_object_get_array_member (way, "guesses");
  const char *place = json_object_get_string_member (way, "place");
  guint first = json_object_get_int_member (way, "first"), told = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (TouchNet) net = touch_net_new (&error);
  Track track = {.class_name =
        g_intern_string (json_object_get_string_member (way, "class"))
  };
  Lens lens;

  g_assert_no_error (error);
  lens_reset (&lens);
  lens_set (&lens, SIZE, SIZE, 1);
  for (guint i = 0; i < first + json_array_get_length (guesses); i++) {
    Sample sample = sample_at (way, i);
    JsonArray *row;
    TouchGuess guess;

    track_add (&track, &sample, SIZE);
    if (i < first) {
      g_assert_false (touch_net_guess (net, &track, &lens, place, &guess));
      continue;
    }
    row = json_array_get_array_element (guesses, i - first);
    g_assert_true (touch_net_guess (net, &track, &lens, place, &guess));
    assert_near (guess.impact, 1 / (1 + exp (-get_guess (row, 0))), .01);
    assert_near (guess.time, sample.time - get_guess (row, 1) / 16, .002);
    assert_near (log (guess.speed), get_guess (row, 2), .03);
    told += guess.impact > .5f;
  }
  g_assert_cmpuint (told, >, 1);        /* it does bounce */
}

static void
test_kinds (void)
{
  g_autoptr (TouchNet) net = touch_net_new (NULL);

  g_assert_cmpstr (touch_net_get_kind (net, "football"), ==, "roller");
  g_assert_cmpstr (touch_net_get_kind (net, "dog"), ==, "walker");
  g_assert_null (touch_net_get_kind (net, "no such thing"));
  g_assert_null (touch_net_get_kind (net, NULL));
}

/* ---- found ------------------------------------------------------------------------ */

static void
test_votes (void)
{
  const char *words[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
  Votes votes = { {NULL} };
  float share;

  g_assert_null (votes_best (&votes, &share));
  votes_add (&votes, words[0], 1, .9f);
  votes_add (&votes, words[1], .4f, .9f);
  g_assert_true (votes_best (&votes, &share) == words[0]);
  assert_near (share, .9 / 1.3, 1e-3);
  for (guint i = 0; i < 20; i++)
    votes_add (&votes, words[1], .4f, .9f);
  g_assert_true (votes_best (&votes, &share) == words[1]);
  /* more words than there is room for: those said least go */
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    votes_add (&votes, words[i], .01f, 1);
  g_assert_true (votes_best (&votes, &share) == words[1]);
}

static const char *names[2];
static guint8 blank[SIZE * SIZE];
static const Picture picture = { SIZE, SIZE, blank, blank, blank };

/* A thing of a name whose middle is at x, in a picture of SIZE x SIZE. */
static FinderThing
thing_at (guint name, float x)
{
  return (FinderThing) {
    .name = names[name],.name_confidence = .9f,.confidence = .9f,.box =
        { x - 12, 60, x + 12, 100 }
  };
}

static void
see_two (Found * found, float a, float b, guint frame)
{
  const CameraMove move = {.still = TRUE };
  FinderSight sight = {.n = 2,.things = {thing_at (0, a), thing_at (1, b)},
  .around = {.place = g_intern_static_string ("street"),
        .place_confidence = .9f,.light = g_intern_static_string ("night"),
        .light_confidence = .9f,.weather = g_intern_static_string ("rain"),
      .weather_confidence = .9f}
  };

  found_see (found, &sight, &picture, &move, frame / 16.);
}

/* Two that pass each other keep their ids and names; the place is known. */
static void
test_followed (void)
{
  Found *found = found_new ();
  guint n, ids[2];
  const Track *tracks;

  names[0] = g_intern_static_string ("dog");
  names[1] = g_intern_static_string ("taxi");
  g_assert_null (found_get_setting (found));
  see_two (found, 20, 100, 0);
  tracks = found_get (found, &n);
  g_assert_cmpuint (n, ==, 2);
  for (guint i = 0; i < 2; i++)
    ids[i] = tracks[i].id;
  for (guint i = 1; i <= 20; i++)
    see_two (found, 20 + 4 * i, 100 - 4 * i, i);
  tracks = found_get (found, &n);
  g_assert_cmpuint (n, ==, 2);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpuint (tracks[i].id, ==, ids[i]);
    g_assert_true (tracks[i].class_name == names[i]);
    assert_near (tracks[i].vx, i ? -64 : 64, 1);
  }
  g_assert_cmpstr (found_get_setting (found), ==, "street, night, rain");
  found_reset (found);
  found_get (found, &n);
  g_assert_cmpuint (n, ==, 0);
  g_assert_null (found_get_setting (found));
  found_free (found);
}

/* What is not seen any more is gone soon; frames that nobody looks at don't
 * count. */
static void
test_lost (void)
{
  const CameraMove move = {.still = TRUE };
  const FinderSight nothing = {
    .around = {"other", "day", "clear", .9f, .9f, .9f}
  };
  Found *found = found_new ();
  guint n;

  for (guint i = 0; i < 4; i++)
    see_two (found, 40, 90, i);
  for (guint i = 4; i < 30; i++)
    found_see (found, NULL, &picture, &move, i / 16.);
  found_get (found, &n);
  g_assert_cmpuint (n, ==, 2);
  for (guint i = 30; i < 40; i++)
    found_see (found, &nothing, &picture, &move, i / 16.);
  found_get (found, &n);
  g_assert_cmpuint (n, ==, 0);
  found_free (found);
}

/* A picture of the theatre that stands: its things have names and materials, its
 * place, light and weather are known, and nothing moves or happens. */
static void
test_seen (void)
{
  FoleyFinder *finder = make_finder ();
  g_autoptr (See) see = see_new (finder);
  g_autofree guint8 *rgb = read_picture (0);
  const SceneObject *bomb = NULL;
  Scene scene;

  foley_finder_unref (finder);
  for (guint i = 0; i < 24; i++) {
    const FoleyFrame frame = {.time = i * G_GUINT64_CONSTANT (62500000),
      .rgb = rgb,.width = SIZE,.height = SIZE,.stride = 3 * SIZE,.aspect = 1
    };

    see_frame (see, &frame, NULL, &scene);
    g_assert_cmpuint (scene.n_contacts, ==, 0);
  }
  for (guint i = 0; i < scene.n_objects; i++) {
    const SceneObject *object = &scene.objects[i];

    g_assert_cmpfloat (hypotf (object->vx, object->vy), ==, 0);
    g_assert_false (object->told);
    if (g_strcmp0 (object->class_name, "bomb") == 0)
      bomb = object;
  }
  g_assert_nonnull (bomb);
  assert_near ((bomb->x0 + bomb->x1) / 2, .81, .05);
  g_assert_cmpfloat (bomb->confidence, >, .7);
  g_assert_cmpstr (scene.surroundings.place, ==, "forest");
  g_assert_true (scene.surroundings.night);
  g_assert_cmpfloat (scene.surroundings.snow, >, .5);
  g_assert_cmpfloat (scene.surroundings.rain, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/golden", test_golden);
  g_test_add_func ("/finder/sizes", test_sizes);
  g_test_add_func ("/finder/shapes", test_shapes);
  g_test_add_func ("/finder/no-device", test_no_device);
  g_test_add_func ("/finder/bad-weights", test_bad_weights);
  g_test_add_func ("/touch/golden", test_touch);
  g_test_add_func ("/touch/kinds", test_kinds);
  g_test_add_func ("/found/votes", test_votes);
  g_test_add_func ("/found/followed", test_followed);
  g_test_add_func ("/found/lost", test_lost);
  g_test_add_func ("/found/seen", test_seen);
  return g_test_run ();
}

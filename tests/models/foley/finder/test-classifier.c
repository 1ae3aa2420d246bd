/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-classifier.c: the classifier against its recipe in Python, what is cut out
 * for it, what comes of weights that are none, and who is asked about. */

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "models/foley/finder/cutout.h"
#include "models/foley/finder/finder.h"
#include "models/foley/see/labels.h"
#include "models/format/format.h"
#include "finder-test.h"

#define EMBEDDED "/org/gstreamer/dit/foley/classifier.safetensors"
#define CUT 112                 /* pixels of the golden cut-outs, either way */

static FoleyFrame
frame_of (const guint8 * rgb, guint width, guint height)
{
  return (FoleyFrame) {
  .rgb = rgb,.width = width,.height = height,.stride = 3 * width,.aspect =
        width / (double) height};
}

/* [CUT][CUT][3] of the @number-th cut-out. */
static guint8 *
read_cut (guint number)
{
  g_autofree char *path = g_build_filename (DATA, "cuts.rgb", NULL);
  g_autofree char *data = NULL;
  gsize size, one = 3 * CUT * CUT;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpuint ((number + 1) * one, <=, size);
  return g_memdup2 (data + number * one, one);
}

/* ---- what it says ------------------------------------------------------------------ */

static void
compare (FoleyFinder * finder, guint number, JsonArray * wanted)
{
  g_autofree guint8 *rgb = read_cut (number);
  const FoleyFrame frame = frame_of (rgb, CUT, CUT);
  ClassifierGuess guesses[CLASSIFIER_GUESSES];
  JsonObject *best = json_array_get_object_element (wanted, 0);

  g_assert_true (foley_finder_name (finder, &frame, 0, 0, 1, 1, guesses));
  g_assert_cmpstr (guesses[0].name, ==,
      json_object_get_string_member (best, "name"));
  for (guint i = 0; i < CLASSIFIER_GUESSES; i++) {
    JsonObject *of = json_array_get_object_element (wanted, i);
    double share = json_object_get_double_member (of, "share");

    /* products may be of bfloat16 */
    if (fabs (guesses[i].share - share) > .06)
      g_error ("%s: %g, expected %g", guesses[i].name, guesses[i].share, share);
  }
}

static void
test_golden (void)
{
  g_autoptr (JsonNode) node = read_json ("cuts.json");
  g_autoptr (FoleyFinder) finder = make_finder ();
  JsonArray *wanted = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (wanted); i++)
    compare (finder, i, json_array_get_array_element (wanted, i));
  g_assert_null (foley_finder_get_failure (finder));
}

/* Boxes that are none tell nothing. */
static void
test_no_box (void)
{
  static const float boxes[][4] = {
    {0, 0, 0, 1}, {1, 1, 0, 0}, {NAN, 0, 1, 1}, {0, 0, INFINITY, 1},
    {1.1f, 0, 1.5f, 1}, {0, -.5f, 1, -.1f}
  };
  g_autoptr (FoleyFinder) finder = make_finder ();
  g_autofree guint8 *rgb = read_cut (0);
  const FoleyFrame frame = frame_of (rgb, CUT, CUT);

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++) {
    ClassifierGuess guesses[CLASSIFIER_GUESSES];
    const float *b = boxes[i];

    g_assert_true (foley_finder_name (finder, &frame, b[0], b[1], b[2], b[3],
            guesses));
    g_assert_null (guesses[0].name);
  }
}

/* ---- what is cut out --------------------------------------------------------------- */

/* A picture whose red grows to the right and green downwards: @per a pixel. */
static guint8 *
make_ramp (guint width, guint height, guint per)
{
  guint8 *rgb = g_malloc0 (3 * width * height);

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++) {
      rgb[3 * (y * width + x)] = x * per;
      rgb[3 * (y * width + x) + 1] = y * per;
      rgb[3 * (y * width + x) + 2] = 100;
    }
  return rgb;
}

static void
assert_colour (const float *cut, guint x, guint y, double red, double green,
    double blue)
{
  const double wanted[3] = { red, green, blue };

  for (guint c = 0; c < 3; c++) {
    double value = cut[3 * (y * CUTOUT_SIZE + x) + c];
    double of = value * 128 + 127;

    if (fabs (of - wanted[c]) > .02)
      g_error ("colour %u at %u, %u: %g, expected %g", c, x, y, of, wanted[c]);
  }
}

/* Smaller and larger: a ramp stays one. */
static void
test_ramp (void)
{
  g_autofree float *cut = g_new (float, 3 * CUTOUT_SIZE * CUTOUT_SIZE);

  for (guint n = 56; n <= 672; n *= n < 224 ? 2 : 3) {
    double step = n / (double) CUTOUT_SIZE;
    guint per = n > 255 ? 0 : 1;
    g_autofree guint8 *rgb = make_ramp (n, n, per);
    const FoleyFrame frame = frame_of (rgb, n, n);

    g_assert_true (cutout_take (&frame, 0, 0, 1, 1, cut));
    for (guint i = 10; i < CUTOUT_SIZE - 10; i += 17)
      assert_colour (cut, i, 2 * i % 200 + 12, per * ((i + .5) * step - .5),
          per * ((2 * i % 200 + 12.5) * step - .5), 100);
  }
}

/* The margin: a box of 40 pixels in 100 is cut out as 48, around its middle. */
static void
test_margin (void)
{
  g_autofree float *cut = g_new (float, 3 * CUTOUT_SIZE * CUTOUT_SIZE);
  g_autofree guint8 *rgb = make_ramp (100, 100, 2);
  const FoleyFrame frame = frame_of (rgb, 100, 100);

  g_assert_true (cutout_take (&frame, .3f, .45f, .7f, .55f, cut));
  /* pixel 111.5 of 224 is the middle: red and green 2 * (50 - .5) */
  assert_colour (cut, 111, 112, 2 * (50 - 48 / 448. - .5),
      2 * (50 + 48 / 448. - .5), 100);
  /* at the frame's corner, the square moves in */
  g_assert_true (cutout_take (&frame, 0, .6f, .4f, 1, cut));
  assert_colour (cut, 112, 111, 2 * (24 + 48 / 448. - .5),
      2 * (76 - 48 / 448. - .5), 100);
}

/* A box that is wider than the frame is high: grey above and below. */
static void
test_bars (void)
{
  g_autofree float *cut = g_new (float, 3 * CUTOUT_SIZE * CUTOUT_SIZE);
  g_autofree guint8 *rgb = make_ramp (100, 20, 2);
  const FoleyFrame frame = frame_of (rgb, 100, 20);

  g_assert_true (cutout_take (&frame, 0, 0, 1, 1, cut));
  for (guint i = 0; i < 3 * CUTOUT_SIZE * 80; i++)
    g_assert_cmpfloat (cut[i], ==, 0);
  assert_colour (cut, 112, 112, 2 * (50 + 100 / 448. - .5),
      2 * (10 + 100 / 448. - .5), 100);
}

/* The smallest and the longest frames: no pixel outside is read. */
static void
test_shapes (void)
{
  static const guint sizes[][2] = { {1, 1}, {1, 9600}, {9600, 1}, {2, 3} };
  g_autofree float *cut = g_new (float, 3 * CUTOUT_SIZE * CUTOUT_SIZE);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree guint8 *rgb = make_ramp (sizes[i][0], sizes[i][1], 0);
    const FoleyFrame frame = frame_of (rgb, sizes[i][0], sizes[i][1]);

    for (float at = 0; at < 1; at += .24f) {
      g_assert_true (cutout_take (&frame, at, at, at + .3f, at + .3f, cut));
      for (guint k = 0; k < 3 * CUTOUT_SIZE * CUTOUT_SIZE; k++)
        g_assert_true (isfinite (cut[k]));
    }
  }
}

/* ---- weights ------------------------------------------------------------------------ */

/* A safetensors file that has @header, then @n bytes. */
static GBytes *
make_file (const char *header, gsize n)
{
  guint64 length = GUINT64_TO_LE (strlen (header));
  GByteArray *file = g_byte_array_new ();
  g_autofree guint8 *zeros = g_malloc0 (n);

  g_byte_array_append (file, (const guint8 *) &length, 8);
  g_byte_array_append (file, (const guint8 *) header, strlen (header));
  g_byte_array_append (file, zeros, n);
  return g_byte_array_free_to_bytes (file);
}

/* A header with @n names and a stem of one output. */
static char *
make_header (guint n)
{
  GString *s = g_string_new ("{\"__metadata__\":{\"names\":\"[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (s, "%s\\\"a\\\"", i ? "," : "");
  g_string_append (s, "]\"},\"stem.weight\":{\"dtype\":\"F32\","
      "\"shape\":[1,3,3,3],\"data_offsets\":[0,108]}}");
  return g_string_free (s, FALSE);
}

static void
assert_refused (OclContext * cl, GBytes * bytes, int code, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (classifier_new (cl, bytes, "bad weights", &error));
  g_assert_error (error, FORMAT_ERROR, code);
  g_assert_nonnull (strstr (error->message, "bad weights"));
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_bad_weights (void)
{
  const OclContextOptions any = { 0 };
  g_autoptr (OclContext) cl = ocl_context_new (&any, NULL);
  g_autofree char *few = make_header (3), *thin = make_header (1000);
  g_autoptr (GBytes) cut = g_bytes_new_static ("abc", 3);
  g_autoptr (GBytes) nameless = make_file ("{}", 0);
  g_autoptr (GBytes) few_names = make_file (few, 108);
  g_autoptr (GBytes) thin_stem = make_file (thin, 108);

  assert_refused (cl, cut, FORMAT_ERROR_CORRUPT, "");
  assert_refused (cl, nameless, FORMAT_ERROR_MISMATCH, "names");
  assert_refused (cl, few_names, FORMAT_ERROR_MISMATCH, "3 names");
  assert_refused (cl, thin_stem, FORMAT_ERROR_MISMATCH, "stem.weight");
}

/* The embedded weights, but @name's are no numbers: 0xffff is none as bfloat16. */
static GBytes *
spoil (const char *name)
{
  g_autoptr (GBytes) embedded = g_resources_lookup_data (EMBEDDED,
      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (embedded, &size);
  guint8 *copy = g_memdup2 (data, size);
  guint64 length = GUINT64_FROM_LE (*(guint64 *) copy);
  g_autofree char *header = g_strndup ((char *) copy + 8, length);
  g_autoptr (JsonNode) node = json_from_string (header, NULL);
  JsonObject *of = json_object_get_object_member (json_node_get_object (node),
      name);
  JsonArray *span = json_object_get_array_member (of, "data_offsets");
  gint64 first = json_array_get_int_element (span, 0);
  gint64 end = json_array_get_int_element (span, 1);

  g_assert_cmpstr (json_object_get_string_member (of, "dtype"), ==, "BF16");
  memset (copy + 8 + length + first, 0xff, end - first);
  return g_bytes_new_take (copy, size);
}

static void
test_not_numbers (void)
{
  const OclContextOptions any = { 0 };
  g_autoptr (OclContext) cl = ocl_context_new (&any, NULL);
  g_autofree guint8 *rgb = read_cut (0);
  const FoleyFrame frame = frame_of (rgb, CUT, CUT);
  static const char *const names[] = { "fc.bias", "blocks.3.project.bias" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GBytes) bytes = spoil (names[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (Classifier) classifier = classifier_new (cl, bytes, "spoilt",
        &error);
    ClassifierGuess guesses[CLASSIFIER_GUESSES];

    g_assert_no_error (error);
    g_assert_false (classifier_see (classifier, &frame, 0, 0, 1, 1, guesses,
            &error));
    g_assert_error (error, OCL_ERROR, OCL_ERROR_NUMERIC);
    g_assert_null (guesses[0].name);
  }
}

/* ---- labels ------------------------------------------------------------------------- */

/* Sees the first cut-out, a cat, for @age frames; the name at the end. */
static const char *
see_for (Labels * labels, FoleyFinder * finder, Track * track, guint age)
{
  g_autofree guint8 *rgb = read_cut (0);
  const FoleyFrame frame = frame_of (rgb, CUT, CUT);

  for (guint i = 0; i < age; i++) {
    track->age++;
    track->class_name = NULL;
    labels_see (labels, finder, &frame, track, 1, CUT, CUT);
  }
  return track->class_name;
}

static void
test_labels (void)
{
  g_autoptr (FoleyFinder) finder = make_finder ();
  Labels *labels = labels_new ();
  Track track = {.id = 7,.told = TRUE,.box = {4, 4, 108, 108} };
  Track small = {.id = 8,.told = TRUE,.box = {50, 50, 70, 90} };
  Track found = {.id = 9,.told = TRUE,.found = TRUE,.box = track.box };

  g_assert_null (see_for (labels, finder, &track, 7));
  g_assert_cmpstr (see_for (labels, finder, &track, 1), ==, "cat");
  g_assert_cmpfloat (track.confidence, >=, .5);
  /* without anybody to ask it stays what it is */
  g_assert_cmpstr (see_for (labels, NULL, &track, 30), ==, "cat");
  labels_reset (labels);
  g_assert_null (see_for (labels, NULL, &track, 30));
  g_assert_null (see_for (labels, finder, &small, 50));
  g_assert_null (see_for (labels, finder, &found, 50));
  labels_free (labels);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classifier/golden", test_golden);
  g_test_add_func ("/classifier/no-box", test_no_box);
  g_test_add_func ("/classifier/bad-weights", test_bad_weights);
  g_test_add_func ("/classifier/not-numbers", test_not_numbers);
  g_test_add_func ("/cutout/ramp", test_ramp);
  g_test_add_func ("/cutout/margin", test_margin);
  g_test_add_func ("/cutout/bars", test_bars);
  g_test_add_func ("/cutout/shapes", test_shapes);
  g_test_add_func ("/labels/asked", test_labels);
  return g_test_run ();
}

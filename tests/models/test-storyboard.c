/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-storyboard.c: events of a prompt, and the chunks that they begin with. */

#include <string.h>

#include "models/video/storyboard.h"

/* Events as "TIME TEXT|TIME TEXT", without the time where there is none. */
static char *
describe (const Storyboard * board)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < board->n; i++) {
    if (i > 0)
      g_string_append_c (text, '|');
    if (board->events[i].time >= 0)
      g_string_append_printf (text, "%g ", board->events[i].time);
    g_string_append (text, board->events[i].text);
  }
  return g_string_free (text, FALSE);
}

static void
check (const char *prompt, gboolean sentences, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Storyboard) board = storyboard_parse (prompt, sentences, &error);
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  found = describe (board);
  g_assert_cmpstr (found, ==, expected);
}

/* The same with sentences and without. */
static void
check_both (const char *prompt, const char *expected)
{
  check (prompt, FALSE, expected);
  check (prompt, TRUE, expected);
}

static void
test_timed (void)
{
  check_both ("0s: a dog walks in the city; 4s: a taxi stops",
      "0 a dog walks in the city|4 a taxi stops");
  check_both ("0:00: a dog\n0:04: a taxi\n1:02:03: a cat",
      "0 a dog|4 a taxi|3723 a cat");
  check_both ("0:00.5: a dog\r\n 1.25 s : a taxi;\n\n",
      "0.5 a dog|1.25 a taxi");
  check_both ("a dog; 4S: a taxi;5s:a cat;", "0 a dog|4 a taxi|5 a cat");
  check_both ("2s: a dog", "2 a dog");
  /* entries without a time go on with the one before */
  check_both ("0s: a dog; big\nand brown; 2s: a &amp; b",
      "0 a dog; big\nand brown|2 a &amp; b");
  /* the longest clock that a colon ends */
  check_both ("0:04:3 dogs; 0:05: 4 dogs; 0:06:30 dogs",
      "4 3 dogs|5 4 dogs|6 30 dogs");
}

static void
test_untimed (void)
{
  check_both ("", "");
  check_both (" \n ", " \n ");
  check_both (" a dog ", " a dog ");
  check_both ("a dog\n", "a dog\n");
  check ("16:9 video of 4 dogs: brown; 4k", FALSE,
      "16:9 video of 4 dogs: brown; 4k");
}

static void
test_lines (void)
{
  check_both ("a dog walks, a taxi stops. It waits.\n\n  a cat\r\nthe end ",
      "a dog walks, a taxi stops. It waits.|a cat|the end");
}

static void
test_sentences (void)
{
  check ("a dog walks through the city, a taxi stops, then the dog crosses "
      "the street", TRUE, "a dog walks through the city|a taxi stops|the dog "
      "crosses the street");
  check ("A dog walks; it stops. Then the dog runs! After that, a cat comes.",
      TRUE, "A dog walks|it stops|the dog runs|a cat comes.");
  check ("a dog walks and then stops then runs, and then it sits after that "
      "a cat comes", TRUE, "a dog walks|stops|runs|it sits|a cat comes");
  check ("the dog waits, 2 taxis stop here, three cats run", TRUE,
      "the dog waits|2 taxis stop here|three cats run");
  check ("it rains, the dog runs home", TRUE, "it rains|the dog runs home");
  check ("rain falls, the dog runs home...  \n", TRUE,
      "rain falls|the dog runs home");
}

/* What must stay whole. */
static void
test_one_sentence (void)
{
  static const char *const prompts[] = {
    "a ship at sea, at sunset, in the rain",
    "on the beach at night, a dog runs to the left",
    "while the taxi waits, the dog crosses the street",
    "a dog, a cat and a bird play in the meadow",
    "a man walks in the city, his coat in the wind",
    "a small red ball, bouncing, the end",
    "a house from back then, a taxi",
    "a dog barks now and then",
    "the street after that storm",
    "Mr. Smith and the St. Bernard no. 5 at 3.5 m",
    "salt &amp; pepper &#38; more",
    "a dog walks, then",
    "a film of a dog.",
    "then a dog walks",
    ";,.!? ,", ". . .",
  };

  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++)
    check (prompts[i], TRUE, prompts[i]);
}

/* What Wan's checkpoints are asked for: without being asked, nothing is split. */
static void
test_prose (void)
{
  const char *prompt = "A cat walks on the grass, the camera follows it; then "
      "it stops. After that, the cat sleeps. Realistic style.";

  check (prompt, FALSE, prompt);
  check (prompt, TRUE, "A cat walks on the grass|the camera follows it|it stops"
      "|the cat sleeps|Realistic style.");
}

static void
check_refused (const char *prompt, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (storyboard_parse (prompt, TRUE, &error));
  g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_refused (void)
{
  check_refused ("0s: a\xff", "UTF-8");
  check_refused ("4s: a dog; 2s: a taxi; 5s: x",
      "\"2s: a taxi\" of the prompt is not later than the one before");
  check_refused ("a dog; 0s: a taxi", "\"0s: a taxi\"");
  check_refused ("0s: a dog; 4s: ; 5s: a cat", "\"4s:\" of the prompt has no");
  check_refused ("0s: a dog; 99999999s: a cat", "beyond all bounds");
  check_refused ("1s: a; 1s: d\303\266g d\303\266g d\303\266g d\303\266g "
      "d\303\266g d\303\266g d\303\266g d\303\266g d\303\266g d\303\266g",
      "d\303\266g ...\"");
}

/* Long input takes no longer than its length allows. */
static void
check_large (const char *piece, gsize n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (Storyboard) board = NULL;
  gint64 start = g_get_monotonic_time ();

  for (gsize i = 0; i < n; i++)
    g_string_append (text, piece);
  board = storyboard_parse (text->str, TRUE, &error);
  if (board)
    g_assert_cmpuint (board->n, <=, STORYBOARD_MAX_EVENTS);
  else
    g_assert_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_TIME_SPAN_MINUTE);
}

static void
test_large (void)
{
  static const char *const pieces[] = {
    "a", " ", ".", ",", ";", "?!", "1", "&", "then ", "and ", ", the ", "a, ",
    "then\n", "1:00", "after that", "\303\251"
  };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    check_large (pieces[i], 1 << 20);
}

/* ---- chunks ------------------------------------------------------------------ */

static void
check_starts (const char *prompt, const StoryTiming * timing,
    const guint64 * expected)
{
  g_autoptr (Storyboard) board = storyboard_parse (prompt, FALSE, NULL);
  guint64 starts[STORYBOARD_MAX_EVENTS];

  storyboard_schedule (board, timing, starts);
  for (guint i = 0; i < board->n; i++)
    g_assert_cmpuint (starts[i], ==, expected[i]);
}

/* Chunks of 9, and then 12 frames: they begin at 0, 9, 21, 33 ... */
static const StoryTiming uneven = {
  .fps = 12,.first_frames = 9,.later_frames = 12,.event_seconds = 3
};

static void
test_times (void)
{
  StoryTiming later = uneven;

  /* frames 6, 12, 24, 60 */
  check_starts ("0s: a; 0.5s: b; 1s: c; 2s: d; 5s: e", &uneven, (guint64[]) {
      0, 1, 2, 3, 5});
  check_starts ("0s: a; 0.3s: b; 0.31s: c; 4s: d", &uneven, (guint64[]) {
      0, 1, 2, 4});
  /* whatever the first says, it begins at once */
  check_starts ("3s: a; 4s: b", &uneven, (guint64[]) {
      0, 4});
  check_starts ("0s: a; 9999999s: b", &uneven, (guint64[]) {
      0, 9999999});
  /* from chunk 2 on: from frame 21 */
  later.origin = 2;
  check_starts ("0s: a; 1s: b; 3s: c", &later, (guint64[]) {
      2, 3, 5});
}

static void
test_shares (void)
{
  StoryTiming timing = uneven;

  /* 3 s each: frames 36, 72 */
  check_starts ("a\nb\nc", &timing, (guint64[]) {
      0, 3, 6});
  /* 100 frames in all: 33, 67 */
  timing.total_frames = 100;
  check_starts ("a\nb\nc", &timing, (guint64[]) {
      0, 3, 6});
  timing.total_frames = 30;
  check_starts ("a\nb\nc", &timing, (guint64[]) {
      0, 1, 2});
  /* 60 - 21 frames are left: 13 each */
  timing.total_frames = 60;
  timing.origin = 2;
  check_starts ("a\nb\nc", &timing, (guint64[]) {
      2, 3, 4});
  /* none is */
  timing.total_frames = 21;
  check_starts ("a\nb\nc", &timing, (guint64[]) {
      2, 5, 8});
  timing = uneven;
  timing.event_seconds = 0;
  check_starts ("a\nb\nc", &timing, (guint64[]) {
      0, 1, 2});
}

static guint64
end_of (const char *prompt, const StoryTiming * timing)
{
  g_autoptr (Storyboard) board = storyboard_parse (prompt, FALSE, NULL);
  guint64 starts[STORYBOARD_MAX_EVENTS];

  storyboard_schedule (board, timing, starts);
  return storyboard_get_end (board, timing, starts);
}

static void
test_end (void)
{
  StoryTiming chunks = uneven;

  /* the last begins with frame 9 + 5 * 12 and lasts 3 s */
  g_assert_cmpuint (end_of ("a\nb\nc", &uneven), ==, 69 + 36);
  g_assert_cmpuint (end_of ("0s: a; 1s: b", &uneven), ==, 9 + 36);
  chunks.event_seconds = 0;
  g_assert_cmpuint (end_of ("a\nb\nc", &chunks), ==, 33);
  g_assert_cmpuint (end_of ("a", &chunks), ==, 9);
  g_assert_cmpuint (end_of ("0s: a; 9999999s: b", &uneven), ==,
      9 + 12 * 9999998ull + 36);
}

static void
test_find (void)
{
  const guint64 starts[] = { 2, 5, 6 };
  const guint expected[] = { 0, 0, 0, 0, 0, 1, 2, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (storyboard_find (starts, 3, i), ==, expected[i]);
  g_assert_cmpuint (storyboard_find (starts, 3, G_MAXUINT64), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/storyboard/timed", test_timed);
  g_test_add_func ("/storyboard/untimed", test_untimed);
  g_test_add_func ("/storyboard/lines", test_lines);
  g_test_add_func ("/storyboard/sentences", test_sentences);
  g_test_add_func ("/storyboard/one-sentence", test_one_sentence);
  g_test_add_func ("/storyboard/prose", test_prose);
  g_test_add_func ("/storyboard/refused", test_refused);
  g_test_add_func ("/storyboard/large", test_large);
  g_test_add_func ("/storyboard/times", test_times);
  g_test_add_func ("/storyboard/shares", test_shares);
  g_test_add_func ("/storyboard/end", test_end);
  g_test_add_func ("/storyboard/find", test_find);
  return g_test_run ();
}

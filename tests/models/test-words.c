/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-words.c: lists of known words, and what a text has beside them. */

#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "models/format/format.h"

static WordList *
open_bytes (const char *bytes, gsize length, GError ** error)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("test-words-XXXXXX", &path, NULL);
  WordList *list;

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, bytes, length, NULL));
  list = word_list_open (path, error);
  if (!list)
    g_assert_nonnull (strstr ((*error)->message, path));
  g_remove (path);
  return list;
}

/* What is unknown in @text, parted by blanks. */
static void
check (const char *words, const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WordList) list = open_bytes (words, strlen (words), &error);
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  word_list_find_unknown (list, text, unknown);
  g_ptr_array_add (unknown, NULL);
  found = g_strjoinv (" ", (char **) unknown->pdata);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_words (void)
{
  const char *words = "the\r\nDog\n\n in\ncity\n\303\211clair\na";

  check (words, "The dog in the CITY.", "");
  check (words, "a kraken in the city, a zeppelin; the Kraken!",
      "kraken zeppelin");
  check (words, "\303\251clair \303\211CLAIR \303\250clair", "\303\250clair");
  check (words, "", "");
  check (words, " .,;!? -- ' \342\200\246", "");
  check (words, "4 dogs in 4k 16:9 3.5 at 1920x1080 2nd", "at");
  check (words, "the dog's \342\200\231city\342\200\231", "");
}

static void
test_inflections (void)
{
  const char *words = "dog\nfox\npony\nwolf\nknife\nwalk\nrun\ndrive\nstop\n"
      "chase\ncarry\ngo\nlie\nsee\nhot dog\nslow";

  check (words, "dogs foxes ponies wolves knives dog's dogs'", "");
  check (words, "walks walked walking runs running drives driving stopped "
      "stopping chased chases chasing carries carried goes lying sees seeing",
      "");
  check (words, "hot dogs", "");
  check (words, "slow-running slow-cooking", "slow-cooking");
  check (words, "rung doggy s ing ed strolling", "rung doggy s ing ed "
      "strolling");
}

/* A phrase makes known what it says as a whole. */
static void
test_phrases (void)
{
  const char *words = "hot dog\nhot dog stand\ndog\nice  Cream\tvan";

  check (words, "hot dog stand hot dog dog", "");
  check (words, "hot", "hot");
  check (words, "hot, dog", "hot");
  check (words, "hot dog ice cream vans", "");
  check (words, "ice cream dogs", "ice cream");
}

/* What is told is bounded. */
static void
test_many (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WordList) list = open_bytes ("a b c d\n", 8, &error);
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 1 << 18; i++)
    g_string_append (text, "\303\226");
  word_list_find_unknown (list, text->str, unknown);
  g_assert_cmpuint (unknown->len, ==, 1);
  g_assert_cmpuint (strlen (unknown->pdata[0]), ==, 83);
  for (guint i = 0; i < 1 << 18; i++)
    g_string_append_printf (text, " a b c %c", 'a' + i % 26);
  word_list_find_unknown (list, text->str, unknown);
  g_string_truncate (text, 0);
  for (guint i = 0; i < 1 << 18; i++)
    g_string_append_printf (text, " x%c%c", 'a' + i % 26, 'a' + i / 26 % 26);
  word_list_find_unknown (list, text->str, unknown);
  g_assert_cmpuint (unknown->len, ==, WORD_LIST_MAX_UNKNOWN);
}

static void
assert_refused (const char *bytes, gsize length, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_bytes (bytes, length, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_broken (void)
{
  g_autofree char *long_line = g_strnfill (300, 'a');
  g_autoptr (GString) many = g_string_new (NULL);

  assert_refused ("", 0, "no word");
  assert_refused ("\n ,\n", 4, "no word");
  assert_refused ("dog\nc\xff" "t\n", 8, "line 2, expected UTF-8");
  assert_refused ("dog\0cat\n", 8, "line 1, expected UTF-8");
  assert_refused (long_line, 300, "line 1, expected at most 256 bytes");
  for (guint i = 0; i < 300000; i++)
    g_string_append_printf (many, "%x\n", i);
  assert_refused (many->str, many->len, "line 262145, expected fewer words");
}

/* One line of a gigabyte, and what is no file. */
static void
test_no_file (void)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("test-words-XXXXXX", &path, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (ftruncate (fd, 1 << 30), ==, 0);
  g_close (fd, NULL);
  g_assert_null (word_list_open (path, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED);
  g_remove (path);
  g_clear_error (&error);
  g_assert_null (word_list_open (path, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (word_list_open ("/dev/zero", &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_READ);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/words", test_words);
  g_test_add_func ("/words/inflections", test_inflections);
  g_test_add_func ("/words/phrases", test_phrases);
  g_test_add_func ("/words/many", test_many);
  g_test_add_func ("/words/broken", test_broken);
  g_test_add_func ("/words/no-file", test_no_file);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-config.c: JSON configurations, right and wrong. */

#include <string.h>
#include <glib/gstdio.h>

#include "models/format/format.h"

static Config *
open_bytes (const char *json, gsize length, GError ** error)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("test-config-XXXXXX", &path, NULL);
  Config *config;

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, json, length, NULL));
  config = config_open (path, error);
  if (config)
    g_assert_cmpstr (config_get_path (config), ==, path);
  else
    g_assert_nonnull (strstr ((*error)->message, path));
  g_remove (path);
  return config;
}

static Config *
open_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  Config *config = open_bytes (json, strlen (json), &error);

  g_assert_no_error (error);
  return config;
}

#define assert_fails(call, part) \
  G_STMT_START { \
    g_autoptr (GError) error = NULL; \
    g_assert_false (call); \
    g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH); \
    g_assert_nonnull (strstr (error->message, part)); \
  } G_STMT_END

static void
test_numbers (void)
{
  g_autoptr (Config) config = open_json ("{\"i\": 7, \"d\": 1e-06, \"n\": null,"
      " \"big\": 1e999, \"s\": \"x\", \"t\": true, \"m\": -3, \"f\": 2.0}");
  gint64 i;
  double d;

  g_assert_true (config_has (config, "i"));
  g_assert_false (config_has (config, "n"));
  g_assert_false (config_has (config, "gone"));
  g_assert_true (config_get_int (config, "i", 1, 7, 7, &i, NULL));
  g_assert_cmpint (i, ==, 7);
  g_assert_true (config_get_int (config, "m", 1, -3, 7, &i, NULL));
  g_assert_cmpint (i, ==, -3);
  g_assert_true (config_get_int (config, "n", 5, 7, 7, &i, NULL));
  g_assert_cmpint (i, ==, 5);
  g_assert_true (config_get_int (config, "gone", 6, 7, 7, &i, NULL));
  g_assert_cmpint (i, ==, 6);
  g_assert_true (config_get_double (config, "d", 1, 0, 1, &d, NULL));
  g_assert_cmpfloat (d, ==, 1e-6);
  g_assert_true (config_get_double (config, "i", 1, 0, 9, &d, NULL));
  g_assert_cmpfloat (d, ==, 7);
  g_assert_true (config_get_double (config, "n", 0.5, 0, 9, &d, NULL));
  g_assert_cmpfloat (d, ==, 0.5);

  assert_fails (config_get_int (config, "i", 1, 0, 6, &i, &error),
      "\"i\" is 7, expected 0 to 6");
  assert_fails (config_get_int (config, "s", 1, 0, 6, &i, &error),
      "\"s\" is a string, expected an integer");
  assert_fails (config_get_int (config, "t", 1, 0, 6, &i, &error), "\"t\"");
  assert_fails (config_get_int (config, "f", 1, 0, 6, &i, &error), "\"f\"");
  assert_fails (config_get_double (config, "i", 1, 0, 6, &d, &error),
      "\"i\" is 7, expected 0 to 6");
  assert_fails (config_get_double (config, "s", 1, 0, 6, &d, &error), "\"s\"");
  assert_fails (config_get_double (config, "t", 1, 0, 6, &d, &error), "\"t\"");
  assert_fails (config_get_double (config, "big", 1, 0, 6, &d, &error),
      "finite");
}

static void
test_strings_and_booleans (void)
{
  g_autoptr (Config) config = open_json ("{\"s\": \"h\\u00e9\", \"t\": true,"
      " \"f\": false, \"n\": null, \"i\": 1, \"a\": [\"x\"]}");
  g_autoptr (Config) again = config_ref (config);
  const char *s;
  gboolean b;

  g_assert_true (config_get_string (again, "s", NULL, &s, NULL));
  g_assert_cmpstr (s, ==, "h\303\251");
  g_assert_true (config_get_string (config, "n", "fall", &s, NULL));
  g_assert_cmpstr (s, ==, "fall");
  g_assert_true (config_get_string (config, "gone", NULL, &s, NULL));
  g_assert_null (s);
  g_assert_true (config_get_bool (config, "t", FALSE, &b, NULL));
  g_assert_true (b);
  g_assert_true (config_get_bool (config, "f", TRUE, &b, NULL));
  g_assert_false (b);
  g_assert_true (config_get_bool (config, "n", TRUE, &b, NULL));
  g_assert_true (b);
  assert_fails (config_get_bool (config, "i", 1, &b, &error), "an integer");
  assert_fails (config_get_bool (config, "a", 1, &b, &error), "a list");
  assert_fails (config_get_string (config, "a", "", &s, &error), "a list");
  assert_fails (config_get_string (config, "t", "", &s, &error), "a boolean");
}

static void
test_lists (void)
{
  g_autoptr (Config) config = open_json ("{\"i\": [1, 2, 4], \"e\": [],"
      " \"b\": [false, true, 1], \"d\": [0.5, 2], \"m\": [1, \"x\"],"
      " \"o\": {}, \"n\": null, \"l\": [[1]]}");
  g_autofree gint64 *ints = NULL;
  g_autofree double *doubles = NULL;
  guint n;

  g_assert_true (config_get_ints (config, "i", 3, 1, 4, &ints, &n, NULL));
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (ints[2], ==, 4);
  g_clear_pointer (&ints, g_free);
  g_assert_true (config_get_ints (config, "b", 3, 0, 1, &ints, &n, NULL));
  g_assert_cmpint (ints[0], ==, 0);
  g_assert_cmpint (ints[1], ==, 1);
  g_clear_pointer (&ints, g_free);
  g_assert_true (config_get_ints (config, "e", 3, 0, 1, &ints, &n, NULL));
  g_assert_nonnull (ints);
  g_assert_cmpuint (n, ==, 0);
  g_clear_pointer (&ints, g_free);
  g_assert_true (config_get_ints (config, "n", 3, 0, 1, &ints, &n, NULL));
  g_assert_null (ints);
  g_assert_true (config_get_doubles (config, "d", 2, &doubles, &n, NULL));
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpfloat (doubles[1], ==, 2);
  g_clear_pointer (&doubles, g_free);

  assert_fails (config_get_ints (config, "i", 2, 1, 4, &ints, &n, &error),
      "\"i\" has 3 values, expected at most 2");
  assert_fails (config_get_ints (config, "i", 3, 1, 3, &ints, &n, &error),
      "\"i\" is 4, expected 1 to 3");
  assert_fails (config_get_ints (config, "m", 3, 1, 3, &ints, &n, &error),
      "\"m\" is a string, expected a list of integers");
  assert_fails (config_get_ints (config, "d", 3, 0, 3, &ints, &n, &error),
      "integers");
  assert_fails (config_get_ints (config, "o", 3, 0, 3, &ints, &n, &error),
      "an object, expected a list");
  assert_fails (config_get_doubles (config, "l", 3, &doubles, &n, &error),
      "\"l\"");
  assert_fails (config_get_doubles (config, "b", 3, &doubles, &n, &error),
      "\"b\"");
  g_assert_null (ints);
  g_assert_null (doubles);
}

static void
test_texts (void)
{
  g_autoptr (Config) config =
      open_json ("{\"t\": {\"z\": \"one\", \"a\": \"two\"},"
      " \"e\": {}, \"n\": null, \"i\": {\"x\": 1}, \"y\": {\"\": \"x\"},"
      " \"m\": {\"x\": \"\"}, \"l\": [\"x\"], \"b\": {\"long one\": \"x\"}}");
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) values = NULL;

  g_assert_true (config_get_texts (config, "t", 2, 3, &names, &values, NULL));
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "z");
  g_assert_cmpstr (names[1], ==, "a");
  g_assert_cmpstr (values[1], ==, "two");
  g_clear_pointer (&names, g_strfreev);
  g_clear_pointer (&values, g_strfreev);
  g_assert_true (config_get_texts (config, "n", 2, 3, &names, &values, NULL));
  g_assert_cmpuint (g_strv_length (names), ==, 0);
  g_assert_cmpuint (g_strv_length (values), ==, 0);
  g_clear_pointer (&names, g_strfreev);
  g_clear_pointer (&values, g_strfreev);

  assert_fails (config_get_texts (config, "t", 1, 3, &names, &values, &error),
      "\"t\" has 2 members, expected at most 1");
  assert_fails (config_get_texts (config, "t", 2, 2, &names, &values, &error),
      "\"t\" has something else under \"z\", expected names and strings of 1 to");
  assert_fails (config_get_texts (config, "i", 2, 3, &names, &values, &error),
      "under \"x\"");
  assert_fails (config_get_texts (config, "y", 2, 3, &names, &values, &error),
      "another name");
  assert_fails (config_get_texts (config, "m", 2, 3, &names, &values, &error),
      "under \"x\"");
  assert_fails (config_get_texts (config, "b", 2, 3, &names, &values, &error),
      "another name");
  assert_fails (config_get_texts (config, "l", 2, 3, &names, &values, &error),
      "\"l\" is a list, expected an object");
  g_assert_null (names);
  g_assert_null (values);
}

/* A file beside the configuration, and nowhere else. */
static void
test_files (void)
{
  g_autoptr (Config) config = open_json ("{\"f\": \"words.txt\", \"u\": \"..\","
      " \"p\": \"../x\", \"a\": \"/x\", \"d\": \"a/x\", \"e\": \"\","
      " \"i\": 1}");
  g_autofree char *path = NULL, *directory = NULL, *expected = NULL;
  const char *const others[] = { "u", "p", "a", "d", "e" };

  directory = g_path_get_dirname (config_get_path (config));
  expected = g_build_filename (directory, "words.txt", NULL);
  g_assert_true (config_get_file (config, "f", &path, NULL));
  g_assert_cmpstr (path, ==, expected);
  g_clear_pointer (&path, g_free);
  g_assert_true (config_get_file (config, "gone", &path, NULL));
  g_assert_null (path);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    assert_fails (config_get_file (config, others[i], &path, &error),
        "leads elsewhere, expected the name of a file in the same directory");
  assert_fails (config_get_file (config, "i", &path, &error), "an integer");
}

static void
assert_refused (const char *json, gsize length, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_bytes (json, length, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT);
  if (!strstr (error->message, part))
    g_error ("\"%s\" lacks \"%s\"", error->message, part);
}

/* Well-formed brackets, far too many of them. */
static char *
make_deep (const char *prefix, guint depth)
{
  GString *text = g_string_new (prefix);
  guint i;

  for (i = 0; i < depth; i++)
    g_string_append_c (text, '[');
  for (i = 0; i < depth; i++)
    g_string_append_c (text, ']');
  return g_string_free (g_string_append_c (text, '}'), FALSE);
}

static void
test_bad_json (void)
{
  g_autofree char *deep = make_deep ("{\"a\":", 1000000);
  g_autofree char *hidden = make_deep ("{/*\"*/\"a\":", 1000000);
  g_autofree char *fine = make_deep ("{\"a\":", 31);
  g_autoptr (Config) config = open_json (fine);

  assert_refused ("", 0, "empty");
  assert_refused (" ", 1, "");
  assert_refused ("{\"a\":1", 6, "");
  assert_refused ("[1]", 3, "a list");
  assert_refused ("3", 1, "an integer");
  assert_refused ("null", 4, "nothing");
  assert_refused ("{\"a\":\"\377\"}", 9, "UTF-8");
  assert_refused ("{\"a\":\0 1}", 9, "UTF-8");
  assert_refused ("{\"a\":1,\"a\":2}", 13, "twice");
  assert_refused ("{\"a\":{\"b\":1,\"b\":2}}", 19, "twice");
  assert_refused ("{'a':1}", 7, "0x27");
  assert_refused (deep, strlen (deep), "levels deep");
  assert_refused (hidden, strlen (hidden), "0x2f");
}

static void
test_no_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (config_open ("/nonexistent/config.json", &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (config_open ("/dev/zero", &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_READ);
}

static void
test_large_file (void)
{
  g_autoptr (GError) error = NULL;
  gsize size = 16 * 1024 * 1024 + 1;
  g_autofree char *text = g_malloc (size);

  memset (text, ' ', size);
  g_assert_null (open_bytes (text, size, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/numbers", test_numbers);
  g_test_add_func ("/config/strings-and-booleans", test_strings_and_booleans);
  g_test_add_func ("/config/lists", test_lists);
  g_test_add_func ("/config/texts", test_texts);
  g_test_add_func ("/config/files", test_files);
  g_test_add_func ("/config/bad-json", test_bad_json);
  g_test_add_func ("/config/no-file", test_no_file);
  g_test_add_func ("/config/large-file", test_large_file);
  return g_test_run ();
}

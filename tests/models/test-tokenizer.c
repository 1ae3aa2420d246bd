/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-tokenizer.c: prompts to ids, against those that upstream makes
 * (tests/golden), and models that are broken. */

#include <string.h>
#include <glib/gstdio.h>

#include "model-test.h"

#define MAX_TOKENS 512

static const char *const kinds[] = { "tokenizer-umt5", "tokenizer-t5" };

static Tokenizer *
open_golden (const char *kind)
{
  g_autofree char *path = golden_path (kind, "spiece.model");
  g_autoptr (GError) error = NULL;
  Tokenizer *tokenizer = tokenizer_open (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static void
test_clean (void)
{
  g_autoptr (JsonNode) root = golden_json ("tokens.json", NULL);
  JsonArray *strings = json_node_get_array (root);
  guint i;

  g_assert_cmpuint (json_array_get_length (strings), >=, 100);
  for (i = 0; i < json_array_get_length (strings); i++) {
    JsonObject *string = json_array_get_object_element (strings, i);
    g_autofree char *cleaned =
        prompt_clean (json_object_get_string_member (string, "text"));
    g_assert_cmpstr (cleaned, ==,
        json_object_get_string_member (string, "cleaned"));
  }
}

static char *
ids_to_string (const gint32 * ids, guint n)
{
  GString *text = g_string_new (NULL);
  guint i;

  for (i = 0; i < n; i++)
    g_string_append_printf (text, "%d ", ids[i]);
  return g_string_free (text, FALSE);
}

static void
check_ids (Tokenizer * tokenizer, const char *text, JsonArray * expected)
{
  guint n = json_array_get_length (expected), found_n, i;
  g_autofree gint32 *wanted = g_new (gint32, n);
  g_autofree gint32 *found = NULL;
  g_autofree char *found_text = NULL, *wanted_text = NULL;
  g_autoptr (GError) error = NULL;
  gboolean truncated;

  for (i = 0; i < n; i++)
    wanted[i] = json_array_get_int_element (expected, i);
  found = tokenizer_encode (tokenizer, text, MAX_TOKENS, &found_n, &truncated,
      NULL, &error);
  g_assert_no_error (error);
  wanted_text = ids_to_string (wanted, n);
  found_text = ids_to_string (found, found_n);
  if (!g_str_equal (found_text, wanted_text))
    g_error ("\"%.60s\": ids %s, expected %s", text, found_text, wanted_text);
  if (truncated)
    g_assert_cmpuint (n, ==, MAX_TOKENS);
}

static void
test_golden (gconstpointer data)
{
  const char *kind = data;
  g_autoptr (JsonNode) root = golden_json ("tokens.json", NULL);
  g_autoptr (Tokenizer) tokenizer = open_golden (kind);
  JsonArray *strings = json_node_get_array (root);
  guint i;

  for (i = 0; i < json_array_get_length (strings); i++) {
    JsonObject *string = json_array_get_object_element (strings, i);
    check_ids (tokenizer, json_object_get_string_member (string, "cleaned"),
        json_object_get_array_member (json_object_get_object_member (string,
                kind), "ids"));
  }
}

static void
test_size (void)
{
  g_autoptr (Tokenizer) umt5 = open_golden (kinds[0]);
  g_autoptr (Tokenizer) t5 = open_golden (kinds[1]);
  gboolean truncated;
  guint n;
  g_autofree gint32 *ids = tokenizer_encode (umt5, "<extra_id_0>", MAX_TOKENS,
      &n, &truncated, NULL, NULL);

  /* <extra_id_0> comes last. */
  g_assert_cmpuint (tokenizer_get_size (umt5), ==, (guint) ids[0] + 1);
  g_assert_cmpuint (tokenizer_get_size (t5), <, tokenizer_get_size (umt5));
}

static void
assert_encodes (Tokenizer * tokenizer, const char *text, guint max_tokens,
    guint n, gboolean truncated, guint unknown)
{
  gboolean was_truncated;
  guint found_n, found_unknown;
  g_autofree gint32 *ids = tokenizer_encode (tokenizer, text, max_tokens,
      &found_n, &was_truncated, &found_unknown, NULL);

  g_assert_cmpuint (found_n, ==, n);
  g_assert_cmpint (was_truncated, ==, truncated);
  g_assert_cmpuint (found_unknown, ==, unknown);
  g_assert_cmpint (ids[n - 1], ==, 1);
}

static void
test_limits (void)
{
  g_autoptr (Tokenizer) tokenizer = open_golden (kinds[1]);

  assert_encodes (tokenizer, "", 1, 1, FALSE, 0);
  assert_encodes (tokenizer, "a", 1, 1, TRUE, 0);
  assert_encodes (tokenizer, "a a a", 4, 4, FALSE, 0);
  assert_encodes (tokenizer, "a a a", 3, 3, TRUE, 0);
  assert_encodes (tokenizer, "a</s></s>", 3, 3, TRUE, 0);
  /* Neighbouring unknown characters are one. */
  assert_encodes (tokenizer, "\341\220\203\341\223\204", 9, 3, FALSE, 1);
}

static void
test_not_utf8 (void)
{
  g_autoptr (Tokenizer) tokenizer = open_golden (kinds[0]);
  g_autoptr (GError) error = NULL;
  gboolean truncated;
  guint n;

  g_assert_null (tokenizer_encode (tokenizer, "dog\377", MAX_TOKENS, &n,
          &truncated, NULL, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, "byte 3"));
}

typedef struct
{
  const char *kind;
  const char *unit;
} LongPrompt;

/* umt5's normalisation takes "▁" for a space. */
static const LongPrompt words = { "tokenizer-umt5", "a dog &amp; " };
static const LongPrompt word = { "tokenizer-umt5", "dog" };
static const LongPrompt marks = { "tokenizer-t5", "\342\226\201" };
static const LongPrompt specials = { "tokenizer-t5", "</s>" };

/* A prompt of a megabyte: what comes after the limit costs next to nothing,
 * and one endless word not much. */
static void
test_long (gconstpointer data)
{
  const LongPrompt *prompt = data;
  g_autoptr (Tokenizer) tokenizer = open_golden (prompt->kind);
  GString *text = g_string_new (NULL);
  g_autofree char *cleaned = NULL;
  gint64 start;

  while (text->len < 1000000)
    g_string_append (text, prompt->unit);
  start = g_get_monotonic_time ();
  cleaned = prompt_clean (text->str);
  assert_encodes (tokenizer, cleaned, MAX_TOKENS, MAX_TOKENS, TRUE, 0);
  g_test_message ("%.0f ms", (g_get_monotonic_time () - start) / 1e3);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
  g_string_free (text, TRUE);
}

/* ---- broken models ------------------------------------------------------- */

static Tokenizer *
open_bytes (const char *bytes, gsize size, GError ** error)
{
  g_autofree char *directory = g_dir_make_tmp ("test-tokenizer-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "spiece.model", NULL);
  Tokenizer *tokenizer;

  g_assert_true (g_file_set_contents (path, bytes, size, NULL));
  tokenizer = tokenizer_open (path, error);
  g_remove (path);
  g_rmdir (directory);
  return tokenizer;
}

/* Protocol buffers: 0x0a: field 1, bytes; 0x12: field 2, bytes; 0x1a: field 3,
 * bytes; 0x18: field 3, varint; 0x15: field 2, fixed32; then the value. */
#define PIECE(length, text, type) length text "\x18" type
#define END "\x0a" PIECE ("\x08\x0a\x04", "</s>", "\x03")
#define UNKNOWN "\x0a" PIECE ("\x05\x0a\x01", "u", "\x02")

static const struct
{
  const char *bytes;
  gsize size;
  FormatError code;
  const char *message;
} bad_models[] = {
#define BYTES(text) text, sizeof text - 1
  {BYTES (""), FORMAT_ERROR_CORRUPT, "unknown piece 0 of 0"},
  {BYTES ("{}"), FORMAT_ERROR_CORRUPT, "malformed field at byte 0"},
  {BYTES ("\x0a"), FORMAT_ERROR_CORRUPT, "malformed"},
  {BYTES ("\x0a\x05" "abc"), FORMAT_ERROR_CORRUPT, "malformed"},
  {BYTES ("\x0a\x00"), FORMAT_ERROR_CORRUPT, "malformed"},
  {BYTES (UNKNOWN "\x0a\x03\x0a\x01\xff"), FORMAT_ERROR_CORRUPT, "byte 7"},
  {BYTES (UNKNOWN "\x0a\x08\x0a\x01" "a\x15\x00\x00\xc0\x7f"),
      FORMAT_ERROR_CORRUPT, "byte 7"},
  {BYTES (UNKNOWN), FORMAT_ERROR_UNSUPPORTED, "</s>"},
  {BYTES (END UNKNOWN "\x12\x02\x18\x02"), FORMAT_ERROR_UNSUPPORTED,
      "type 2, expected 1"},
  {BYTES (END UNKNOWN "\x12\x03\xc0\x02\x02"), FORMAT_ERROR_CORRUPT,
      "unknown piece 2 of 2"},
  {BYTES (END UNKNOWN "\x1a\x03\x12\x01\x00"), FORMAT_ERROR_CORRUPT,
      "normalisation"},
  {BYTES (END UNKNOWN "\x1a\x07\x12\x05\x04\x00\x00\x00\x00"),
      FORMAT_ERROR_CORRUPT, "normalisation"},
};

static void
test_bad_models (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad_models); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (open_bytes (bad_models[i].bytes, bad_models[i].size,
            &error));
    g_assert_error (error, FORMAT_ERROR, (int) bad_models[i].code);
    if (!strstr (error->message, bad_models[i].message))
      g_error ("\"%s\" lacks \"%s\"", error->message, bad_models[i].message);
  }
}

/* The least that is a model: no normalisation, no configuration beside it. */
static void
test_least_model (void)
{
  const char bytes[] = END UNKNOWN "\x12\x03\xc0\x02\x01";
  g_autoptr (GError) error = NULL;
  g_autoptr (Tokenizer) tokenizer =
      open_bytes (bytes, sizeof bytes - 1, &error);
  gboolean truncated;
  guint n, unknown;
  g_autofree gint32 *ids = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (tokenizer_get_size (tokenizer), ==, 2);
  ids = tokenizer_encode (tokenizer, "two words", 9, &n, &truncated, &unknown,
      &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (unknown, ==, 2);
  g_assert_cmpint (ids[0], ==, 1);
  g_assert_cmpint (ids[2], ==, 0);
}

/* Tokens that a configuration beside the model lists. */
static void
test_listed_tokens (void)
{
  const char bytes[] = END UNKNOWN "\x12\x03\xc0\x02\x01";
  g_autofree char *directory = g_dir_make_tmp ("test-tokenizer-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "spiece.model", NULL);
  g_autofree char *config =
      g_build_filename (directory, "tokenizer_config.json", NULL);
  g_autoptr (Tokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;
  gboolean truncated;
  guint n;
  g_autofree gint32 *ids = NULL;

  g_assert_true (g_file_set_contents (path, bytes, sizeof bytes - 1, NULL));
  g_assert_true (g_file_set_contents (config, "{\"extra_ids\":5,"
          "\"added_tokens_decoder\":{\"7\":{\"content\":\"<x>\","
          "\"special\":true},\"8\":{\"content\":\"<y>\"}}}", -1, NULL));
  tokenizer = tokenizer_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tokenizer_get_size (tokenizer), ==, 8);
  ids = tokenizer_encode (tokenizer, "u<x>", 9, &n, &truncated, NULL, NULL);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (ids[1], ==, 7);

  g_assert_true (g_file_set_contents (config,
          "{\"added_tokens_decoder\":{\"x\":{\"content\":\"<x>\"}}}", -1,
          NULL));
  g_assert_null (tokenizer_open (path, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
  g_remove (config);
  g_remove (path);
  g_rmdir (directory);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tokenizer_open ("/nonexistent/spiece.model", &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt/clean", test_clean);
  g_test_add_data_func ("/tokenizer/golden/umt5", kinds[0], test_golden);
  g_test_add_data_func ("/tokenizer/golden/t5", kinds[1], test_golden);
  g_test_add_func ("/tokenizer/size", test_size);
  g_test_add_func ("/tokenizer/limits", test_limits);
  g_test_add_func ("/tokenizer/not-utf8", test_not_utf8);
  g_test_add_data_func ("/tokenizer/long/words", &words, test_long);
  g_test_add_data_func ("/tokenizer/long/word", &word, test_long);
  g_test_add_data_func ("/tokenizer/long/marks", &marks, test_long);
  g_test_add_data_func ("/tokenizer/long/special", &specials, test_long);
  g_test_add_func ("/tokenizer/bad-models", test_bad_models);
  g_test_add_func ("/tokenizer/least-model", test_least_model);
  g_test_add_func ("/tokenizer/listed-tokens", test_listed_tokens);
  g_test_add_func ("/tokenizer/missing", test_missing);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-patch.c: what a recipe's graph may not say, and how it is told. */

#include "render.h"

#define OUT "[out]\ntype=noise\n"

/* @pattern: of the whole message, with * and ?. */
static void
check (const char *text, const char *pattern)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Patch) patch = try_patch (text, &error);

  g_assert_null (patch);
  g_assert_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE);
  if (!g_pattern_match_simple (pattern, error->message))
    g_error ("\"%s\" is not \"%s\"", error->message, pattern);
}

static void
test_no_out (void)
{
  check ("[sound]\nname=x\n",
      "found no node ?out], but none; possible: one, *");
  check ("[a]\ntype=noise\n[b]\ntype=sine\n",
      "found no node ?out], but a, b; possible: one, *");
}

static void
test_type (void)
{
  check ("[out]\nlevel=1\n",
      "?out] type: found no such key; possible: sine, saw, *, saturate*");
  check ("[out]\ntype=bang\n", "?out] type: found \"bang\"; possible: sine, *");
}

static void
test_key (void)
{
  check (OUT "loudness=1\n",
      "?out] loudness: found an unknown key; possible for "
      "noise: type, inputs, on, level, color");
  check (OUT "level=\\q\n",
      "?out] level: found a value that can't be read (*); possible: *");
}

static void
test_inputs (void)
{
  check (OUT "inputs=a\n[a]\ntype=sine\n",
      "?out] inputs: found 1; possible: 0 for noise");
  check ("[out]\ntype=gain\n", "?out] inputs: found 0; possible: 1 for gain");
  check ("[out]\ntype=gain\ninputs=\n",
      "?out] inputs: found 0; possible: 1 for gain");
  check ("[a]\ntype=sine\n[out]\ntype=mix\ninputs=a;a;a;a;a;a;a;a;a\n",
      "?out] inputs: found 9; possible: 1 to 8 for mix");
  check ("[a]\ntype=sine\n[out]\ntype=gain\ninputs= b \n",
      "?out] inputs: found \"b\"; possible: a, out");
}

static void
test_on (void)
{
  check ("[a]\ntype=sine\n[out]\ntype=envelope\non=never\n",
      "?out] on: found \"never\"; possible: trigger, start, release, a, out");
  check ("[out]\ntype=envelope\non=;\n",
      "?out] on: found nothing; possible: *");
}

static void
test_numbers (void)
{
  check ("[out]\ntype=sine\nfrequency=-1\n",
      "?out] frequency: found \"-1\"; possible: 0 to 20000 Hz");
  check (OUT "level=2 * 60\n",
      "?out] level: found \"2 ? 60\"; possible: 0 to 100");
  check (OUT "level=1 / 0\n", "?out] level: found \"1 / 0\"; possible: *");
  check (OUT "level=loud\n",
      "?out] level: \"loud\", character 1: found \"loud\"; "
      "possible: a number, *speed*");
  check (OUT "level=\n", "?out] level: \"\", character 1: found the end; *");
}

static void
test_words (void)
{
  check (OUT "color=green\n",
      "?out] color: found \"green\"; possible: white, pink, brown");
  check (OUT "color=own\n", "?out] color: found \"own\"; possible: *");
}

static void
test_points (void)
{
  static const char *const wrong[] = {
    "", "1", "0:", ":1", "0:1,1:2", "0:1 x", "1:1 0:2", "-1:3", "0:nan",
    "0:1e9",
    "nan:1", "0:1  1:",
    "0:0 1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8 9:9 10:0 11:1 12:2 "
        "13:3 14:4 15:5 16:6 17:7 18:8 19:9 20:0 21:1 22:2 23:3 24:4 25:5 26:6 "
        "27:7 28:8 29:9 30:0 31:1 32:2"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *text = g_strdup_printf ("[out]\ntype=contour\npoints=%s\n",
        wrong[i]);
    check (text, "?out] points: found \"*\"; possible: 1 to 32 of TIME:VALUE*");
  }
}

static void
test_names (void)
{
  check ("[speed]\ntype=noise\n" OUT,
      "?speed]: found a node with the name of a "
      "variable, function or event; possible: any other name");
  check ("[max]\ntype=noise\n" OUT, "?max]: found a node with the name *");
  check ("[release]\ntype=noise\n" OUT,
      "?release]: found a node with the name *");
  check ("[a;b]\ntype=noise\n" OUT,
      "?a;b]: found a node with \";\" in its name; *");
}

static void
test_cycles (void)
{
  check ("[out]\ntype=gain\ninputs=out\n",
      "found a cycle among ?out]; possible: no node takes, *");
  check ("[a]\ntype=gain\ninputs=b\n[b]\ntype=gain\ninputs=c\n[c]\ntype=mix\n"
      "inputs=a;s\n[s]\ntype=sine\n[out]\ntype=gain\ninputs=a\n",
      "found a cycle among ?a], ?b], ?c]; *");
  check ("[out]\ntype=envelope\non=out\n", "found a cycle among ?out]; *");
  check ("[a]\ntype=lfo\nrate=out\n[out]\ntype=sine\nfrequency=a\n",
      "found a cycle among ?a], ?out]; *");
}

static void
test_unheard (void)
{
  check ("[a]\ntype=noise\n[b]\ntype=gain\ninputs=a\n" OUT,
      "?a]: found a node that ?out] does not depend on; possible: *");
}

static void
test_too_many (void)
{
  g_autoptr (GString) text = g_string_new ("[out]\ntype=gain\ninputs=n1\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (Patch) patch = NULL;
  guint i;

  /* a chain of as many as there may be, written from its end */
  for (i = 1; i < 63; i++)
    g_string_append_printf (text, "[n%u]\ntype=gain\ninputs=n%u\n", i, i + 1);
  g_string_append (text, "[n63]\ntype=sine\n");
  patch = try_patch (text->str, &error);
  g_assert_no_error (error);
  g_assert_nonnull (patch);
  g_string_append (text, "[n64]\ntype=sine\n");
  check (text->str, "found 65 nodes; possible: 64");
}

/* Values may have spaces around them, lists empty places. */
static void
test_lenient (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Patch) patch = try_patch ("[sound]\nwhatever=1\n"
      "[low hum]\ntype = saw\nfrequency = 50 \n[b-c]\ntype=sine\n"
      "[out]\ntype=mix\ninputs= low hum ; ;b-c;\non= trigger ; b-c\n", &error);

  g_assert_no_error (error);
  g_assert_nonnull (patch);
}

/* A recipe's keys are not taken by the nodes' own. */
static void
test_classes (void)
{
  const NodeClass *const *classes = node_class_list ();
  g_autoptr (GHashTable) types = g_hash_table_new (g_str_hash, g_str_equal);

  for (; *classes; classes++) {
    g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
    const NodeParam *param = (*classes)->params;
    const NodeWord *word = (*classes)->words;

    g_assert_true (g_hash_table_add (types, (gpointer) (*classes)->type));
    g_hash_table_add (keys, (gpointer) "type");
    g_hash_table_add (keys, (gpointer) "inputs");
    g_hash_table_add (keys, (gpointer) "on");
    for (; param && param->name; param++) {
      g_assert_true (g_hash_table_add (keys, (gpointer) param->name));
      g_assert_cmpfloat (param->least, <=, param->standard);
      g_assert_cmpfloat (param->standard, <=, param->most);
      g_assert_nonnull (param->unit);
    }
    for (; word && word->name; word++) {
      g_assert_true (g_hash_table_add (keys, (gpointer) word->name));
      g_assert_true (!word->words || strcmp (word->name, "material") == 0
          || g_strv_contains (word->words, word->standard));
    }
    g_assert_cmpuint ((*classes)->max_inputs, <=, NODE_MAX_INPUTS);
    g_assert_cmpuint ((*classes)->min_inputs, <=, (*classes)->max_inputs);
    g_assert_nonnull ((*classes)->about);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/patch/no-out", test_no_out);
  g_test_add_func ("/foley/patch/type", test_type);
  g_test_add_func ("/foley/patch/key", test_key);
  g_test_add_func ("/foley/patch/inputs", test_inputs);
  g_test_add_func ("/foley/patch/on", test_on);
  g_test_add_func ("/foley/patch/numbers", test_numbers);
  g_test_add_func ("/foley/patch/words", test_words);
  g_test_add_func ("/foley/patch/points", test_points);
  g_test_add_func ("/foley/patch/names", test_names);
  g_test_add_func ("/foley/patch/cycles", test_cycles);
  g_test_add_func ("/foley/patch/unheard", test_unheard);
  g_test_add_func ("/foley/patch/too-many", test_too_many);
  g_test_add_func ("/foley/patch/lenient", test_lenient);
  g_test_add_func ("/foley/patch/classes", test_classes);
  return g_test_run ();
}

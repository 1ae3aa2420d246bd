/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-page.c: docs/sound-recipes.md says of every node what the code says.
 *
 * `test-page --print` writes the page's sections of all nodes. */

#include "render.h"

static void
describe_param (GString * text, const NodeParam * param)
{
  g_string_append_printf (text, "| `%s` | %s | %g | %g to %g%s |\n",
      param->name, param->unit, param->standard, param->least, param->most,
      param->latched ? ", read at a trigger" : "");
}

static void
describe_word (GString * text, const NodeWord * word)
{
  g_autofree char *words = NULL;

  if (word->words)
    words = g_strjoinv (", ", (char **) word->words);
  g_string_append_printf (text, "| `%s` | word | %s | %s |\n", word->name,
      word->standard ? word->standard : "", words ? words : "any");
}

/* The section of one node. */
static char *
describe (const NodeClass * klass)
{
  GString *text = g_string_new (NULL);
  guint i;

  g_string_append_printf (text, "### %s\n\n%c%s.", klass->type,
      g_ascii_toupper (klass->about[0]), klass->about + 1);
  if (klass->max_inputs == 0)
    g_string_append (text, " No inputs.");
  else if (klass->min_inputs == klass->max_inputs)
    g_string_append_printf (text, " Inputs: %u.", klass->min_inputs);
  else
    g_string_append_printf (text, " Inputs: %u to %u.", klass->min_inputs,
        klass->max_inputs);
  g_string_append (text, klass->trigger ? " Begins when triggered.\n" : "\n");
  if (klass->params || klass->words)
    g_string_append (text,
        "\n| key | unit | standard | possible |\n|---|---|---|---|\n");
  for (i = 0; klass->params && klass->params[i].name; i++)
    describe_param (text, &klass->params[i]);
  for (i = 0; klass->words && klass->words[i].name; i++)
    describe_word (text, &klass->words[i]);
  return g_string_free (text, FALSE);
}

static void
test_nodes (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = NULL;
  const NodeClass *const *klass;

  g_file_get_contents (SOUND_RECIPES, &page, NULL, &error);
  g_assert_no_error (error);
  for (klass = node_class_list (); *klass; klass++) {
    g_autofree char *section = describe (*klass);

    if (!strstr (page, section))
      g_error ("%s: no such section:\n%s", SOUND_RECIPES, section);
  }
}

static void
test_variables (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = NULL;
  guint i;

  g_file_get_contents (SOUND_RECIPES, &page, NULL, &error);
  g_assert_no_error (error);
  for (i = 0; i < VOICE_N_VARIABLES; i++) {
    g_autofree char *row = g_strdup_printf ("\n| `%s` | ",
        voice_variable_get_name (i));
    g_assert_nonnull (strstr (page, row));
  }
}

/* Plays a second of it, triggered: something is heard, and no more than is good. */
static void
check_example (const char *text)
{
  static float sound[RATE];
  g_autoptr (Voice) voice = make_voice (text);

  voice_trigger (voice, 0, 1);
  render (voice, sound, RATE);
  g_test_message ("%.1f dB", decibels (rms (sound, RATE)));
  g_assert_cmpfloat (rms (sound, RATE), >, 0.003);
  g_assert_cmpfloat (peak (sound, RATE), <=, 1.5);
}

/* What stands between ```ini and ``` is a recipe that sounds. */
static void
test_examples (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = NULL;
  g_auto (GStrv) blocks = NULL;
  guint i;

  g_file_get_contents (SOUND_RECIPES, &page, NULL, &error);
  g_assert_no_error (error);
  blocks = g_strsplit (page, "```ini\n", -1);
  g_assert_cmpuint (g_strv_length (blocks), >=, 4);
  for (i = 1; blocks[i]; i++) {
    char *end = strstr (blocks[i], "```");

    g_assert_nonnull (end);
    *end = 0;
    check_example (blocks[i]);
  }
}

int
main (int argc, char **argv)
{
  const NodeClass *const *klass = node_class_list ();

  if (argc == 2 && strcmp (argv[1], "--print") == 0) {
    for (; *klass; klass++) {
      g_autofree char *section = describe (*klass);
      g_print ("%s\n", section);
    }
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/page/nodes", test_nodes);
  g_test_add_func ("/foley/page/variables", test_variables);
  g_test_add_func ("/foley/page/examples", test_examples);
  return g_test_run ();
}

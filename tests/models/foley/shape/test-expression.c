/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-expression.c: what expressions come to, and what they complain of. */

#include <math.h>
#include <string.h>

#include "models/foley/shape/expression.h"

static const char *const names[] = { "gusts", "hum", NULL };

static float
value_with (const char *text, const float *randoms)
{
  static const float variables[VOICE_N_VARIABLES] = {
    [VOICE_SPEED] = 2,[VOICE_SIZE] = 0.5,[VOICE_MASS] = 3,[VOICE_FORCE] = 40,
    [VOICE_HARDNESS] = 1e9,[VOICE_RESTITUTION] = 0.7,[VOICE_AMOUNT] = 0.25,
    [VOICE_EFFORT] = 0.75,[VOICE_AGE] = 11,[VOICE_CHANCE] = 0.125
  };
  static const float values[] = { 5, 7 };
  const ExpressionContext context = { variables, values, randoms };
  g_autoptr (GError) error = NULL;
  g_autoptr (Expression) expression = expression_new (text, names, &error);

  g_assert_no_error (error);
  return expression_evaluate (expression, &context, -1234);
}

static void
check (const char *text, double expected)
{
  static const float randoms[EXPRESSION_MAX_RANDOMS] = { 0.25, 0.5 };
  double found = value_with (text, randoms);

  if (!(fabs (found - expected) <= 1e-6 * MAX (fabs (expected), 1)))
    g_error ("%s: %.9g, not %.9g", text, found, expected);
}

static void
test_operators (void)
{
  check ("1", 1);
  check (" .5 ", 0.5);
  check ("1.", 1);
  check ("1e3", 1000);
  check ("2.5E-1", 0.25);
  check ("1 + 2 * 3", 7);
  check ("(1 + 2) * 3", 9);
  check ("7 - 2 - 1", 4);
  check ("12 / 3 / 2", 2);
  check ("2 ^ 3 ^ 2", 512);
  check ("-2 ^ 2", -4);
  check ("2 ^ -1", 0.5);
  check ("--3", 3);
  check ("2 - -3", 5);
  check ("2*-3", -6);
  check ("-(1+2)", -3);
}

static void
test_functions (void)
{
  check ("min(3, 2)", 2);
  check ("max(3, 2)", 3);
  check ("clamp(5, 1, 2)", 2);
  check ("clamp(-5, 1, 2)", 1);
  check ("clamp(1.5, 1, 2)", 1.5);
  check ("sqrt(16)", 4);
  check ("log2(8)", 3);
  check ("exp(1)", G_E);
  check ("abs(-2)", 2);
  check ("mix(10, 20, 0.25)", 12.5);
  check ("step(2, 1.9)", 0);
  check ("step(2, 2)", 1);
  check ("max(min(1, 2), mix(0, 1, step(0, 1)) * 4)", 4);
  /* 0.25 and 0.5 are drawn */
  check ("random(100, 200)", 125);
  check ("random(0, 1) + 10 * random(1, 3)", 0.25 + 20);
}

static void
test_names (void)
{
  check ("speed", 2);
  check ("size", 0.5);
  check ("mass", 3);
  check ("force", 40);
  check ("hardness", 1e9);
  check ("restitution", 0.7);
  check ("amount", 0.25);
  check ("effort", 0.75);
  check ("age", 11);
  check ("chance", 0.125);
  check ("gusts * 10 + hum", 57);
  check ("200 + 40 * speed ^ 1.5", 200 + 40 * pow (2, 1.5));
}

/* -1234 is what stands for what is not finite. */
static void
test_not_finite (void)
{
  check ("1 / 0", -1234);
  check ("0 / 0", -1234);
  check ("sqrt(-1)", -1234);
  check ("log2(0)", -1234);
  check ("exp(1000)", -1234);
  check ("(-8) ^ 0.5", -1234);
  check ("hardness ^ 9", -1234);
  check ("min(1, 1 / 0)", 1);
}

static void
test_questions (void)
{
  g_autoptr (Expression) constant = expression_new ("1 + sqrt(2)", names, NULL);
  g_autoptr (Expression) drawn = expression_new ("random(0, 1) * random(1, 2)",
      names, NULL);
  g_autoptr (Expression) other = expression_new ("hum + speed", names, NULL);

  g_assert_true (expression_is_constant (constant));
  g_assert_false (expression_is_constant (drawn));
  g_assert_false (expression_is_constant (other));
  g_assert_cmpuint (expression_get_n_randoms (drawn), ==, 2);
  g_assert_cmpuint (expression_get_n_randoms (other), ==, 0);
  g_assert_cmpuint (expression_get_names (other), ==, 2);
  g_assert_true (expression_is_reserved ("speed"));
  g_assert_true (expression_is_reserved ("random"));
  g_assert_false (expression_is_reserved ("hum"));
}

static void
check_error (const char *text, guint position, const char *found)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Expression) expression = expression_new (text, names, &error);
  g_autofree char *pattern = g_strdup_printf ("*character %u: %s*possible: *",
      position, found);

  g_assert_null (expression);
  g_assert_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE);
  if (!g_pattern_match_simple (pattern, error->message))
    g_error ("%s: not %s", error->message, pattern);
}

static void
test_errors (void)
{
  g_autofree char *deep = g_strnfill (200, '(');
  g_autofree char *minus = g_strnfill (200, '-');
  g_autoptr (GString) wide = g_string_new ("1");
  g_autoptr (GString) high = g_string_new ("1");
  guint i;

  check_error ("", 1, "found the end");
  check_error ("  ", 3, "found the end");
  check_error ("2 * sped", 5, "found \"sped\"");
  check_error ("2 * (1 + 3", 11, "found the end");
  check_error ("2 3", 3, "found \"3\"");
  check_error ("1..2", 3, "found \".\"");
  check_error (".", 1, "found \".\"");
  check_error ("0x10", 2, "found \"x10\"");
  check_error ("nan", 1, "found \"nan\"");
  check_error ("1e99", 1, "found \"1e99\"");
  check_error ("min(1)", 6, "found \")\"");
  check_error ("sqrt(1, 2)", 7, "found \",\"");
  check_error ("sqrt 1", 6, "found \"1\"");
  check_error ("2 * \303\244", 5, "found \"\303\244\"");
  check_error ("+ 1", 1, "found \"+\"");
  check_error ("1 +", 4, "found the end");
  check_error ("(1))", 4, "found \")\"");
  check_error (deep, 65, "found \"(\"");
  check_error (minus, 65, "found \"-\"");
  for (i = 0; i < 200; i++)
    g_string_append (wide, " + 1");
  check_error (wide->str, 515, "the expression is too long");
  for (i = 0; i < 40; i++)
    g_string_append (high, " + (1");
  check_error (high->str, 162, "the expression is too long");
}

static void
test_too_many_randoms (void)
{
  g_autoptr (GString) text = g_string_new ("random(0, 1)");
  g_autoptr (GError) error = NULL;
  guint i;

  for (i = 0; i < EXPRESSION_MAX_RANDOMS; i++)
    g_string_append (text, " + random(0, 1)");
  g_assert_null (expression_new (text->str, names, &error));
  g_assert_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE);
  g_assert_nonnull (strstr (error->message, "more than 8 random()"));
}

/* Every possible word is named. */
static void
test_error_names_all (void)
{
  g_autoptr (GError) error = NULL;
  guint i;

  g_assert_null (expression_new ("what", names, &error));
  for (i = 0; i < VOICE_N_VARIABLES; i++)
    g_assert_nonnull (strstr (error->message, voice_variable_get_name (i)));
  g_assert_nonnull (strstr (error->message, "a node (gusts, hum)"));
  g_assert_nonnull (strstr (error->message, "clamp"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/expression/operators", test_operators);
  g_test_add_func ("/foley/expression/functions", test_functions);
  g_test_add_func ("/foley/expression/names", test_names);
  g_test_add_func ("/foley/expression/not-finite", test_not_finite);
  g_test_add_func ("/foley/expression/questions", test_questions);
  g_test_add_func ("/foley/expression/errors", test_errors);
  g_test_add_func ("/foley/expression/randoms", test_too_many_randoms);
  g_test_add_func ("/foley/expression/possible", test_error_names_all);
  return g_test_run ();
}

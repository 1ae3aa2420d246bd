/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* expression.c: an expression, parsed once by recursive descent into a postfix
 * program, which a small stack machine runs. */

#include <math.h>
#include <string.h>

#include "models/foley/shape/expression.h"

#define MAX_OPS 256
#define MAX_STACK 32
/* Of parentheses, signs and powers within each other: bounds the recursion. */
#define MAX_NESTING 64

typedef enum
{
  OP_NUMBER, OP_VARIABLE, OP_NAME,
  OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_POWER, OP_NEGATE,
  OP_MIN, OP_MAX, OP_CLAMP, OP_SQRT, OP_LOG2, OP_EXP, OP_ABS, OP_MIX, OP_STEP,
  OP_RANDOM
} OpCode;

typedef struct
{
  OpCode code;
  guint index;                  /* of a variable, name or random() */
  float number;
} Op;

struct _Expression
{
  guint n_ops, n_randoms;
  gboolean constant;
  guint64 names;
  Op ops[];
};

typedef struct
{
  const char *text, *at;
  const char *const *names;
  Op ops[MAX_OPS];
  guint n_ops, n_randoms, height, nesting;
  guint64 used;
  GError **error;
} Parser;

static const struct
{
  const char *name;
  OpCode code;
  guint n_arguments;
} functions[] = {
  {"min", OP_MIN, 2}, {"max", OP_MAX, 2}, {"clamp", OP_CLAMP, 3},
  {"sqrt", OP_SQRT, 1}, {"log2", OP_LOG2, 1}, {"exp", OP_EXP, 1},
  {"abs", OP_ABS, 1}, {"mix", OP_MIX, 3}, {"step", OP_STEP, 2},
  {"random", OP_RANDOM, 2}
};

static gboolean parse_sum (Parser * parser);

static gboolean
is_name_character (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static void
skip_space (Parser * parser)
{
  while (g_ascii_isspace (*parser->at))
    parser->at++;
}

/* What stands at the cursor: a word or a character. */
static char *
describe_found (Parser * parser)
{
  const char *end = parser->at;

  if (!*end)
    return g_strdup ("the end");
  while (is_name_character (*end) && end - parser->at < 40)
    end++;
  if (end == parser->at)
    end = g_utf8_next_char (parser->at);
  return g_strdup_printf ("\"%.*s\"",
      (int) MIN (end - parser->at, (gssize) strlen (parser->at)), parser->at);
}

static gboolean
fail (Parser * parser, const char *possible)
{
  g_autofree char *found = describe_found (parser);

  g_set_error (parser->error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
      "\"%.80s\", character %u: found %s; possible: %s", parser->text,
      (guint) (parser->at - parser->text) + 1, found, possible);
  return FALSE;
}

/* All that a value may begin with. */
static gboolean
fail_value (Parser * parser)
{
  g_autoptr (GString) possible = g_string_new ("a number, \"(\", \"-\"");
  guint i;

  g_string_append (possible, ", a function (");
  for (i = 0; i < G_N_ELEMENTS (functions); i++)
    g_string_append_printf (possible, "%s%s", i ? ", " : "", functions[i].name);
  g_string_append (possible, "), a variable (");
  for (i = 0; i < VOICE_N_VARIABLES; i++)
    g_string_append_printf (possible, "%s%s", i ? ", " : "",
        voice_variable_get_name (i));
  g_string_append (possible, ")");
  for (i = 0; parser->names[i]; i++)
    g_string_append_printf (possible, "%s%s", i ? ", " : ", a node (",
        parser->names[i]);
  if (i > 0)
    g_string_append (possible, ")");
  return fail (parser, possible->str);
}

/* @growth: by how much it changes the height of the stack. */
static gboolean
emit (Parser * parser, Op op, int growth)
{
  if (parser->n_ops == MAX_OPS || (int) parser->height + growth > MAX_STACK) {
    g_set_error (parser->error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
        "\"%.80s\", character %u: the expression is too long; possible: %u values "
        "and operators, %u values that wait for an operator", parser->text,
        (guint) (parser->at - parser->text) + 1, MAX_OPS, MAX_STACK);
    return FALSE;
  }
  parser->ops[parser->n_ops++] = op;
  parser->height += growth;
  return TRUE;
}

static gboolean
parse_number (Parser * parser)
{
  const char *end = parser->at;
  char digits[48];
  double number;

  while (g_ascii_isdigit (*end))
    end++;
  if (*end == '.')
    for (end++; g_ascii_isdigit (*end);)
      end++;
  if (*end == 'e' || *end == 'E') {
    const char *exponent = end + 1 + (end[1] == '-' || end[1] == '+');
    if (g_ascii_isdigit (*exponent))
      for (end = exponent; g_ascii_isdigit (*end);)
        end++;
  }
  if ((gsize) (end - parser->at) >= sizeof digits)
    return fail (parser, "a number of less than 48 characters");
  memcpy (digits, parser->at, end - parser->at);
  digits[end - parser->at] = 0;
  if (strcmp (digits, ".") == 0)
    return fail_value (parser);
  number = g_ascii_strtod (digits, NULL);
  if (!isfinite ((float) number))
    return fail (parser, "a number of less than 3.4e38");
  parser->at = end;
  return emit (parser, (Op) {
      .code = OP_NUMBER,.number = number}
      , 1);
}

static gboolean
expect (Parser * parser, char c)
{
  const char possible[] = { '"', c, '"', 0 };

  skip_space (parser);
  if (*parser->at != c)
    return fail (parser, possible);
  parser->at++;
  return TRUE;
}

static gboolean
parse_call (Parser * parser, guint function)
{
  guint n = functions[function].n_arguments, i;
  Op op = {.code = functions[function].code };

  if (!expect (parser, '('))
    return FALSE;
  for (i = 0; i < n; i++)
    if (!parse_sum (parser) || !expect (parser, i + 1 < n ? ',' : ')'))
      return FALSE;
  if (op.code == OP_RANDOM) {
    if (parser->n_randoms == EXPRESSION_MAX_RANDOMS) {
      g_set_error (parser->error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
          "\"%.80s\": found more than %u random(); possible: %u",
          parser->text, EXPRESSION_MAX_RANDOMS, EXPRESSION_MAX_RANDOMS);
      return FALSE;
    }
    op.index = parser->n_randoms++;
  }
  return emit (parser, op, 1 - (int) n);
}

static gboolean
parse_name (Parser * parser)
{
  const char *end = parser->at;
  g_autofree char *name = NULL;
  guint i;

  while (is_name_character (*end))
    end++;
  name = g_strndup (parser->at, end - parser->at);
  for (i = 0; i < VOICE_N_VARIABLES; i++)
    if (strcmp (name, voice_variable_get_name (i)) == 0) {
      parser->at = end;
      return emit (parser, (Op) {
          .code = OP_VARIABLE,.index = i}
          , 1);
    }
  for (i = 0; i < G_N_ELEMENTS (functions); i++)
    if (strcmp (name, functions[i].name) == 0) {
      parser->at = end;
      return parse_call (parser, i);
    }
  for (i = 0; parser->names[i]; i++)
    if (strcmp (name, parser->names[i]) == 0) {
      parser->at = end;
      parser->used |= G_GUINT64_CONSTANT (1) << i;
      return emit (parser, (Op) {
          .code = OP_NAME,.index = i}
          , 1);
    }
  return fail_value (parser);
}

static gboolean
parse_primary (Parser * parser)
{
  skip_space (parser);
  if (g_ascii_isdigit (*parser->at) || *parser->at == '.')
    return parse_number (parser);
  if (is_name_character (*parser->at))
    return parse_name (parser);
  if (*parser->at != '(')
    return fail_value (parser);
  parser->at++;
  return parse_sum (parser) && expect (parser, ')');
}

/* A minus, a power or a value. */
static gboolean
parse_signed (Parser * parser)
{
  gboolean done;

  if (++parser->nesting > MAX_NESTING)
    return fail (parser, "64 parentheses, signs and powers within each other");
  skip_space (parser);
  if (*parser->at == '-') {
    parser->at++;
    done = parse_signed (parser) && emit (parser, (Op) {
        .code = OP_NEGATE}
        , 0);
  } else {
    done = parse_primary (parser);
    skip_space (parser);
    if (done && *parser->at == '^') {
      parser->at++;
      done = parse_signed (parser)
          && emit (parser, (Op) {
          .code = OP_POWER}
          , -1);
    }
  }
  parser->nesting--;
  return done;
}

static gboolean
parse_product (Parser * parser)
{
  if (!parse_signed (parser))
    return FALSE;
  while (skip_space (parser), *parser->at == '*' || *parser->at == '/') {
    OpCode code = *parser->at++ == '*' ? OP_MULTIPLY : OP_DIVIDE;
    if (!parse_signed (parser) || !emit (parser, (Op) {
            .code = code}
            , -1))
      return FALSE;
  }
  return TRUE;
}

static gboolean
parse_sum (Parser * parser)
{
  if (!parse_product (parser))
    return FALSE;
  while (skip_space (parser), *parser->at == '+' || *parser->at == '-') {
    OpCode code = *parser->at++ == '+' ? OP_ADD : OP_SUBTRACT;
    if (!parse_product (parser) || !emit (parser, (Op) {
            .code = code}
            , -1))
      return FALSE;
  }
  return TRUE;
}

Expression *
expression_new (const char *text, const char *const *names, GError ** error)
{
  Parser parser = {.text = text,.at = text,.names = names,.error = error };
  Expression *expression;
  guint i;

  if (!parse_sum (&parser))
    return NULL;
  skip_space (&parser);
  if (*parser.at) {
    fail (&parser, "+, -, *, /, ^ or the end");
    return NULL;
  }
  expression = g_malloc0 (sizeof *expression + parser.n_ops * sizeof (Op));
  expression->n_ops = parser.n_ops;
  expression->n_randoms = parser.n_randoms;
  expression->names = parser.used;
  expression->constant = parser.n_randoms == 0;
  memcpy (expression->ops, parser.ops, parser.n_ops * sizeof (Op));
  for (i = 0; i < parser.n_ops; i++)
    if (parser.ops[i].code == OP_VARIABLE || parser.ops[i].code == OP_NAME)
      expression->constant = FALSE;
  return expression;
}

void
expression_free (Expression * expression)
{
  g_free (expression);
}

/* @a: the arguments, [n] as the table of functions has it. */
static float
apply (const Op * op, const float *a, const float *randoms)
{
  switch (op->code) {
    case OP_ADD:
      return a[0] + a[1];
    case OP_SUBTRACT:
      return a[0] - a[1];
    case OP_MULTIPLY:
      return a[0] * a[1];
    case OP_DIVIDE:
      return a[0] / a[1];
    case OP_POWER:
      return powf (a[0], a[1]);
    case OP_MIN:
      return MIN (a[0], a[1]);
    case OP_MAX:
      return MAX (a[0], a[1]);
    case OP_CLAMP:
      return CLAMP (a[0], a[1], a[2]);
    case OP_MIX:
      return a[0] + (a[1] - a[0]) * a[2];
    case OP_STEP:
      return a[1] >= a[0];
    case OP_RANDOM:
      return a[0] + (a[1] - a[0]) * randoms[op->index];
    case OP_NEGATE:
      return -a[0];
    case OP_SQRT:
      return sqrtf (a[0]);
    case OP_LOG2:
      return log2f (a[0]);
    case OP_EXP:
      return expf (a[0]);
    case OP_ABS:
      return fabsf (a[0]);
    default:
      g_return_val_if_reached (0);
  }
}

static guint
count_arguments (OpCode code)
{
  switch (code) {
    case OP_NEGATE:
    case OP_SQRT:
    case OP_LOG2:
    case OP_EXP:
    case OP_ABS:
      return 1;
    case OP_CLAMP:
    case OP_MIX:
      return 3;
    default:
      return 2;
  }
}

float
expression_evaluate (const Expression * expression,
    const ExpressionContext * context, float standard)
{
  float stack[MAX_STACK + 1];
  guint height = 0, i;

  for (i = 0; i < expression->n_ops; i++) {
    const Op *op = &expression->ops[i];

    if (op->code == OP_NUMBER)
      stack[height++] = op->number;
    else if (op->code == OP_VARIABLE)
      stack[height++] = context->variables[op->index];
    else if (op->code == OP_NAME)
      stack[height++] = context->values[op->index];
    else {
      height -= count_arguments (op->code);
      stack[height] = apply (op, stack + height, context->randoms);
      height++;
    }
  }
  return isfinite (stack[0]) ? stack[0] : standard;
}

gboolean
expression_is_constant (const Expression * expression)
{
  return expression->constant;
}

guint
expression_get_n_randoms (const Expression * expression)
{
  return expression->n_randoms;
}

guint64
expression_get_names (const Expression * expression)
{
  return expression->names;
}

gboolean
expression_is_reserved (const char *word)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (functions); i++)
    if (strcmp (word, functions[i].name) == 0)
      return TRUE;
  for (i = 0; i < VOICE_N_VARIABLES; i++)
    if (strcmp (word, voice_variable_get_name (i)) == 0)
      return TRUE;
  return FALSE;
}

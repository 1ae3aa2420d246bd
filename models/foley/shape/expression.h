/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* expression.h: numbers of a recipe that are computed: "200 + 40 * speed".
 *
 *   numbers       12  0.5  1e-3
 *   operators     + - * / ^ ( ), a minus before a value; ^ binds tightest, and to
 *                 the right: -2^2 is -4, 2^3^2 is 2^9
 *   functions     min(a, b) max(a, b) clamp(x, least, most) sqrt(x) log2(x) exp(x)
 *                 abs(x) mix(a, b, t): a at t = 0, b at 1; step(a, x): 1 from x = a
 *                 on, 0 below; random(a, b): drawn when it is triggered
 *   variables     speed, size ... (voice.h), and names that the caller has */

#pragma once

#include "models/foley/shape/voice.h"

G_BEGIN_DECLS

/* Of one expression. */
#define EXPRESSION_MAX_RANDOMS 8

typedef struct _Expression Expression;

/* What an expression is evaluated with. */
typedef struct
{
  const float *variables;       /* [VOICE_N_VARIABLES] */
  const float *values;          /* of @names, in their order */
  const float *randoms;         /* [expression_get_n_randoms()], 0 ... 1 */
} ExpressionContext;

/* @names: what it may name besides variables, at most 64, NULL-terminated.
 * FOLEY_ERROR_RECIPE names the position, what was found there and what can be. */
Expression *expression_new (const char *text, const char *const *names,
    GError ** error);
void expression_free (Expression * expression);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Expression, expression_free)

/* Allocates nothing.  @standard is the result where it is not finite. */
float expression_evaluate (const Expression * expression,
    const ExpressionContext * context, float standard);

/* It has no variable, name or random(). */
gboolean expression_is_constant (const Expression * expression);
guint expression_get_n_randoms (const Expression * expression);
/* Bit i: it has names[i]. */
guint64 expression_get_names (const Expression * expression);
/* A word that means something in every expression: a variable or function. */
gboolean expression_is_reserved (const char *word);

G_END_DECLS

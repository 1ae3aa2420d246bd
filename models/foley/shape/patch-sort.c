/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* patch-sort.c: in which order the nodes of a patch are rendered, and which of
 * them must be faded out, or set to 0, so that a released voice ends. */

#include <string.h>

#include "models/foley/shape/patch.h"

#define BIT(i) (G_GUINT64_CONSTANT (1) << (i))

/* All nodes that @index heeds, and those that they heed, and itself. */
static guint64
reach (const Patch * patch, guint index)
{
  guint64 found = BIT (index), before;
  guint i;

  do {
    before = found;
    for (i = 0; i < patch->n; i++)
      if (found & BIT (i))
        found |= patch->nodes[i].heeds;
  } while (found != before);
  return found;
}

static void
fail_cycle (const Patch * patch, guint64 done, GError ** error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint i;

  for (i = 0; i < patch->n; i++) {
    guint64 others = patch->nodes[i].heeds & ~done;
    guint j;
    gboolean round = FALSE;

    /* in a cycle, not only after one */
    for (j = 0; j < patch->n && !round; j++)
      round = (others & BIT (j)) && (reach (patch, j) & BIT (i));
    if (round)
      g_string_append_printf (names, "%s[%s]", names->len ? ", " : "",
          patch->nodes[i].name);
  }
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
      "found a cycle among %s; possible: no node takes, in inputs, on or an "
      "expression, what comes of its own output", names->str);
}

static gboolean
check_reach (const Patch * patch, GError ** error)
{
  guint64 heard = reach (patch, patch->out);
  guint i;

  for (i = 0; i < patch->n; i++)
    if (!(heard & BIT (i))) {
      g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
          "[%s]: found a node that [out] does not depend on; possible: its name "
          "in the inputs, on or an expression of another",
          patch->nodes[i].name);
      return FALSE;
    }
  return TRUE;
}

/* Whether fading it is what ends it; else, what it heeds is to end. */
static gboolean
must_fade (const PatchNode * node)
{
  const NodeClass *klass = node->klass;

  if (klass->holds)
    return TRUE;
  if (klass->trigger && klass->is_silent)
    return FALSE;
  return node->n_inputs == 0 || (!klass->is_silent && !klass->gates);
}

/* Whether, once released and not triggered any more, it falls silent while its
 * inputs go on. */
static gboolean
ends_by_itself (const PatchNode * node, guint64 ending)
{
  const NodeClass *klass = node->klass;

  if (!klass->is_silent || klass->holds
      || (klass->trigger && (node->on & ~ending)))
    return FALSE;
  return node->n_inputs > 0 || klass->release || klass->trigger;
}

static gboolean
ends (const PatchNode * node, guint64 ending)
{
  gboolean itself = ends_by_itself (node, ending);
  guint n_ending = 0, i;

  for (i = 0; i < node->n_inputs; i++)
    n_ending += (ending & BIT (node->inputs[i])) != 0;
  if (node->klass->gates)
    return itself || n_ending > 0;
  return itself && n_ending == node->n_inputs;
}

/* Fades what keeps @index from ending. */
static void
mark_fading (Patch * patch, guint index, guint64 ending)
{
  PatchNode *node = &patch->nodes[index];
  guint i;

  if ((ending & BIT (index)) || node->fades)
    return;
  if (must_fade (node)) {
    node->fades = TRUE;
    return;
  }
  for (i = 0; i < node->n_inputs; i++)
    mark_fading (patch, node->inputs[i], ending);
  for (i = 0; i < patch->n; i++)
    if (node->klass->trigger && (node->on & BIT (i)))
      mark_fading (patch, i, ending);
}

/* The parameter that lets a node go on, besides what triggers it, or -1. */
static int
find_amount (const NodeClass * klass)
{
  int i;

  if (!klass->trigger || !klass->is_silent || klass->release)
    return -1;
  for (i = 0; klass->params && klass->params[i].name; i++)
    if (strcmp (klass->params[i].name, "amount") == 0)
      return i;
  return -1;
}

gboolean
patch_sort (Patch * patch, GError ** error)
{
  guint64 done = 0, ending = 0;
  guint n = 0, i;

  while (n < patch->n) {
    guint before = n;
    for (i = 0; i < patch->n; i++)
      if (!(done & BIT (i)) && !(patch->nodes[i].heeds & ~done)) {
        patch->order[n++] = i;
        done |= BIT (i);
      }
    if (n == before) {
      fail_cycle (patch, done, error);
      return FALSE;
    }
  }
  if (!check_reach (patch, error))
    return FALSE;
  for (i = 0; i < n; i++)
    if (ends (&patch->nodes[patch->order[i]], ending))
      ending |= BIT (patch->order[i]);
  mark_fading (patch, patch->out, ending);
  for (i = 0; i < n; i++)
    patch->nodes[i].amount = find_amount (patch->nodes[i].klass);
  return TRUE;
}

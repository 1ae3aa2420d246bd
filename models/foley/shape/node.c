/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* node.c: the table of all nodes. */

#include <string.h>

#include "models/foley/shape/node.h"

static gpointer
make_list (gpointer data)
{
  const NodeClass *const *const families[] = {
    node_signal_classes, node_physics_classes, node_player_classes
  };
  GPtrArray *list = g_ptr_array_new ();
  guint family, i;

  for (family = 0; family < G_N_ELEMENTS (families); family++)
    for (i = 0; families[family][i]; i++)
      g_ptr_array_add (list, (gpointer) families[family][i]);
  g_ptr_array_add (list, NULL);
  return g_ptr_array_free (list, FALSE);
}

const NodeClass *const *
node_class_list (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, make_list, NULL);
}

const NodeClass *
node_class_find (const char *type)
{
  const NodeClass *const *list = node_class_list ();

  for (; *list; list++)
    if (strcmp ((*list)->type, type) == 0)
      return *list;
  return NULL;
}

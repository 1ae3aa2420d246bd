/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* patch.h: what is inside a patch, for who makes voices of it. */

#pragma once

#include "models/foley/shape/expression.h"
#include "models/foley/shape/voice.h"

G_BEGIN_DECLS

/* Sets of nodes are the bits of a guint64. */
#define PATCH_MAX_NODES 64

/* What triggers a node besides other nodes. */
typedef enum
{
  PATCH_ON_TRIGGER = 1 << 0,    /* voice_trigger() */
  PATCH_ON_START = 1 << 1,      /* the voice's first quantum */
  PATCH_ON_RELEASE = 1 << 2     /* voice_release() */
} PatchEvents;

typedef struct
{
  char *name;
  const NodeClass *klass;
  guint n_inputs;
  guint8 inputs[NODE_MAX_INPUTS];
  Expression *params[NODE_MAX_PARAMS];  /* NULL: the class's standard */
  const char *words[NODE_MAX_PARAMS];   /* the class's, or owned by the patch */
  PatchEvents events;
  guint64 on;                   /* nodes that trigger it */
  guint64 heeds;                /* all nodes that must be rendered before it */
  gboolean fades;               /* would go on after a release, so is faded out */
  int amount;                   /* the parameter that a release sets to 0, or -1 */
} PatchNode;

struct _Patch
{
  gatomicrefcount references;
  guint n;
  PatchNode *nodes;             /* [n], in the order of the file */
  guint8 order[PATCH_MAX_NODES];        /* [n], each after what it heeds */
  guint out;
  char *folder;
  GStringChunk *strings;
};

/* patch-sort.c.  Finds the order, or names a cycle and nodes that nobody hears;
 * then which nodes are to fade. */
gboolean patch_sort (Patch * patch, GError ** error);

/* The words for a material that voice_new() fills in. */
gboolean patch_is_material_of (const NodeWord * word, const char *value);

G_END_DECLS

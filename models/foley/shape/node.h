/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* node.h: a building block of sounds, and the table of all of them.
 *
 * A recipe's graph is made of nodes.  A node has parameters, each a number that
 * an expression gives anew every quantum, and up to NODE_MAX_INPUTS inputs, each
 * the output of another node.  It makes FOLEY_QUANTUM samples at a time. */

#pragma once

#include "models/foley.h"
#include "models/foley/scene.h"

G_BEGIN_DECLS

#define NODE_MAX_INPUTS 8
#define NODE_MAX_PARAMS 16

typedef struct _Node Node;
typedef struct _NodeClass NodeClass;

typedef struct
{
  const char *name;             /* as recipes have it; NULL ends a list */
  const char *unit;             /* "Hz", "s", "dB", "m/s", "" ... */
  float standard;               /* where a recipe gives none */
  float least, most;            /* values are clamped to these */
  gboolean latched;             /* read at a trigger only, not every quantum */
} NodeParam;

/* A word instead of a number: of a fixed set (material, shape, ...), or free (a
 * file name), where `words` is NULL. */
typedef struct
{
  const char *name;             /* NULL ends a list */
  const char *standard;
  const char *const *words;     /* NULL-terminated, or NULL: any */
} NodeWord;

struct _NodeClass
{
  const char *type;             /* "modal", "noise" ... */
  const char *about;            /* one line for docs and errors */
  const NodeParam *params;
  const NodeWord *words;        /* or NULL */
  guint min_inputs, max_inputs;
  gsize state_size;             /* bytes of Node.state, zeroed */

  /* Once, before all else: words and rate are there, params are not.  Or NULL. */
  gboolean (*open) (Node * node, GError ** error);
  void (*close) (Node * node);  /* or NULL */
  /* Something happens: an impact, a step, a key.  @offset: samples into the next
   * quantum.  @strength: 0 ... 1.  Called before that quantum's render.  Or NULL. */
  void (*trigger) (Node * node, guint offset, float strength);
  /* One quantum.  @inputs: [node->n_inputs][FOLEY_QUANTUM]; @out: the same. */
  void (*render) (Node * node, const float *const *inputs, float *out);
  /* TRUE where it will give nothing but silence until triggered (or until its
   * inputs do).  NULL: never by itself (an oscillator). */
  gboolean (*is_silent) (const Node * node);
  /* The voice ends: what goes on by itself (a sustained tone, a loop, a source of
   * triggers) begins to end, and is_silent() will say when it has.  Or NULL: where
   * it has no inputs and no trigger(), it is faded out instead; where it has a
   * trigger(), a parameter "amount" is what goes on by itself, and is 0 from then
   * on. */
  void (*release) (Node * node);
  /* Its output is nought as soon as one input is, or as is_silent() says
   * whatever its inputs do: a product, an envelope. */
  gboolean gates;
  /* What a trigger began may come to rest at another value than 0, so a release
   * fades it out as it does without a trigger(): a contour. */
  gboolean holds;
};

struct _Node
{
  const NodeClass *klass;
  double rate;                  /* samples a second */
  float params[NODE_MAX_PARAMS];  /* in the order of klass->params */
  const char *words[NODE_MAX_PARAMS];   /* in the order of klass->words */
  guint n_inputs;
  GRand *random;                /* the voice's; owned by it */
  const char *folder;           /* of the recipe, for files; or NULL */
  gpointer state;               /* [klass->state_size], 64-byte aligned */
};

/* The class of a type, or NULL. */
const NodeClass *node_class_find (const char *type);
/* All of them, for docs and tests; NULL-terminated. */
const NodeClass *const *node_class_list (void);

/* The families; each a NULL-terminated list in a file of its own.  signal:
 * oscillators, noises, envelopes, filters, mixers.  physics: impacts, modes,
 * rolling, liquids, wind, engines, voices.  players: SoundFonts, recordings. */
extern const NodeClass *const node_signal_classes[];
extern const NodeClass *const node_physics_classes[];
extern const NodeClass *const node_player_classes[];

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* voice.c: a patch that sounds. */

#include <math.h>
#include <string.h>

#include "models/foley/shape/denormals.h"
#include "models/foley/shape/patch.h"

#define BIT(i) (G_GUINT64_CONSTANT (1) << (i))
#define ALIGNMENT 64
/* In which a released voice's endless nodes die away, s. */
#define FADE 0.2
/* No node gives more: room for frequencies in Hz, none for what runs away. */
#define MOST 1e6f
/* Out of a voice, less is nothing: -300 dB. */
#define LEAST 1e-15f

typedef struct
{
  Node node;
  const PatchNode *from;
  const float *inputs[NODE_MAX_INPUTS];
  float *out;                   /* [FOLEY_QUANTUM] */
  float *randoms;               /* of all its parameters, one after another */
  guint n_randoms;
  float chance;                 /* of what triggered it last */
  float before;                 /* its last sample of the quantum before */
  guint64 triggers;             /* the nodes that it triggers */
} VoiceNode;

struct _Voice
{
  Patch *patch;
  GRand *random;
  VoiceNode *nodes;             /* [patch->n], in the order of the file */
  guint n_open;
  gpointer block;               /* states, outputs and random numbers */
  float variables[VOICE_N_VARIABLES];
  float values[PATCH_MAX_NODES];        /* the nodes' last samples */
  gboolean begun, released;
  float fade, fade_step;        /* 1 ... 0; by how much it sinks a sample */
};

static const struct
{
  const char *name;
  float standard;
} variables[VOICE_N_VARIABLES] = {
  [VOICE_SPEED] = {"speed", 1},
  [VOICE_SIZE] = {"size", 0.3},
  [VOICE_MASS] = {"mass", 1},
  [VOICE_FORCE] = {"force", 10},
  [VOICE_HARDNESS] = {"hardness", 1e9},
  [VOICE_RESTITUTION] = {"restitution", 0.5},
  [VOICE_AMOUNT] = {"amount", 1},
  [VOICE_EFFORT] = {"effort", 0.5},
  [VOICE_AGE] = {"age", 0},
  [VOICE_CHANCE] = {"chance", 0.5},
};

const char *
voice_variable_get_name (VoiceVariable variable)
{
  return variables[variable].name;
}

/* Every parameter, or those alone that are read every quantum. */
static void
evaluate (Voice * voice, VoiceNode * node, gboolean all)
{
  const NodeParam *params = node->node.klass->params;
  ExpressionContext context = {
    .variables = voice->variables,.values = voice->values,
    .randoms = node->randoms
  };
  guint i;

  if (!params)
    return;
  voice->variables[VOICE_CHANCE] = node->chance;
  for (i = 0; params[i].name; i++) {
    const Expression *expression = node->from->params[i];

    if (!expression)
      continue;
    if (all || (!params[i].latched && !expression_is_constant (expression)))
      node->node.params[i] = CLAMP (expression_evaluate (expression, &context,
              params[i].standard), params[i].least, params[i].most);
    context.randoms += expression_get_n_randoms (expression);
  }
  if (voice->released && node->from->amount >= 0)
    node->node.params[node->from->amount]
        = MAX (params[node->from->amount].least, 0);
}

static void
draw_randoms (Voice * voice, VoiceNode * node)
{
  guint i;

  for (i = 0; i < node->n_randoms; i++)
    node->randoms[i] = g_rand_double (voice->random);
}

/* @chance: the same for all that the event triggers. */
static void
trigger_node (Voice * voice, VoiceNode * node, guint offset, float strength,
    float chance)
{
  node->chance = chance;
  draw_randoms (voice, node);
  evaluate (voice, node, TRUE);
  if (node->node.klass->trigger)
    node->node.klass->trigger (&node->node, offset, strength);
}

static void
trigger_all (Voice * voice, PatchEvents event, guint offset, float strength)
{
  float chance = g_rand_double (voice->random);
  guint i;

  for (i = 0; i < voice->patch->n; i++)
    if (voice->nodes[i].from->events & event)
      trigger_node (voice, &voice->nodes[i], offset, strength, chance);
}

static void
begin (Voice * voice)
{
  guint i;

  if (voice->begun)
    return;
  voice->begun = TRUE;
  for (i = 0; i < voice->patch->n; i++)
    evaluate (voice, &voice->nodes[i], TRUE);
  trigger_all (voice, PATCH_ON_START, 0, 1);
}

/* The material's name; where the node does not know it, what it has as standard,
 * or else the first that it knows. */
static const char *
choose_material (const NodeWord * word, Material material)
{
  const char *name = material_get_name (material);
  guint i = 0;

  if (!word->words || g_strv_contains (word->words, name))
    return name;
  if (!patch_is_material_of (word, word->standard))
    return word->standard;
  while (word->words[i] && patch_is_material_of (word, word->words[i]))
    i++;
  return word->words[i];
}

/* Its words: those of the patch, but the materials that are told now. */
static void
set_words (VoiceNode * node, const Material materials[2])
{
  const NodeWord *words = node->node.klass->words;
  guint i;

  for (i = 0; words && words[i].name; i++) {
    const char *value = node->from->words[i];

    node->node.words[i] = value;
    if (value && patch_is_material_of (&words[i], value))
      node->node.words[i] = choose_material (&words[i],
          materials[strcmp (value, "other") == 0]);
  }
}

static gsize
align (gsize size)
{
  return (size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);
}

static guint
count_randoms (const PatchNode * from)
{
  guint n = 0, i;

  for (i = 0; i < NODE_MAX_PARAMS; i++)
    if (from->params[i])
      n += expression_get_n_randoms (from->params[i]);
  return n;
}

/* One block for what nodes need while they sound. */
static void
allocate (Voice * voice)
{
  const Patch *patch = voice->patch;
  gsize out = align (FOLEY_QUANTUM * sizeof (float)), size = 0;
  char *at;
  guint i;

  for (i = 0; i < patch->n; i++)
    size += align (patch->nodes[i].klass->state_size) + out
        + align (count_randoms (&patch->nodes[i]) * sizeof (float));
  voice->nodes = g_new0 (VoiceNode, patch->n);
  voice->block = g_aligned_alloc0 (size, 1, ALIGNMENT);
  at = voice->block;
  for (i = 0; i < patch->n; i++) {
    VoiceNode *node = &voice->nodes[i];

    node->from = &patch->nodes[i];
    node->out = (float *) at;
    at += out;
    node->node.state = at;
    at += align (node->from->klass->state_size);
    node->randoms = (float *) at;
    node->n_randoms = count_randoms (node->from);
    at += align (node->n_randoms * sizeof (float));
  }
}

static gboolean
open_node (Voice * voice, guint index, double rate, const Material materials[2],
    GError ** error)
{
  VoiceNode *node = &voice->nodes[index];
  const NodeClass *klass = node->from->klass;
  g_autoptr (GError) local = NULL;
  guint i;

  node->node.klass = klass;
  node->node.rate = rate;
  node->node.random = voice->random;
  node->node.folder = voice->patch->folder;
  node->node.n_inputs = node->from->n_inputs;
  for (i = 0; i < node->node.n_inputs; i++)
    node->inputs[i] = voice->nodes[node->from->inputs[i]].out;
  for (i = 0; i < voice->patch->n; i++)
    if (voice->patch->nodes[i].on & BIT (index))
      node->triggers |= BIT (i);
  for (i = 0; klass->params && klass->params[i].name; i++)
    node->node.params[i] = klass->params[i].standard;
  set_words (node, materials);
  node->chance = g_rand_double (voice->random);
  draw_randoms (voice, node);
  if (!klass->open || klass->open (&node->node, &local))
    return TRUE;
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE, "[%.80s] %s",
      node->from->name, local->message);
  return FALSE;
}

Voice *
voice_new (Patch * patch, double rate, const Material materials[2],
    guint64 seed, GError ** error)
{
  g_autoptr (Voice) voice = g_new0 (Voice, 1);
  const guint32 seeds[2] = { seed, seed >> 32 };
  guint i;

  voice->patch = patch_ref (patch);
  voice->random = g_rand_new_with_seed_array (seeds, 2);
  for (i = 0; i < VOICE_N_VARIABLES; i++)
    voice->variables[i] = variables[i].standard;
  voice->fade = 1;
  voice->fade_step = 1 / (FADE * rate);
  allocate (voice);
  for (i = 0; i < patch->n; i++) {
    if (!open_node (voice, i, rate, materials, error))
      return NULL;
    voice->n_open = i + 1;
    /* so that voice_is_silent() may ask before it begins */
    evaluate (voice, &voice->nodes[i], TRUE);
  }
  return g_steal_pointer (&voice);
}

void
voice_free (Voice * voice)
{
  guint i;

  for (i = 0; i < voice->n_open; i++)
    if (voice->nodes[i].node.klass->close)
      voice->nodes[i].node.klass->close (&voice->nodes[i].node);
  g_aligned_free (voice->block);
  g_free (voice->nodes);
  g_rand_free (voice->random);
  patch_unref (voice->patch);
  g_free (voice);
}

void
voice_set (Voice * voice, VoiceVariable variable, float value)
{
  guint i;

  if (!isfinite (value))
    value = variables[variable].standard;
  voice->variables[variable] = value;
  if (variable == VOICE_CHANCE)
    for (i = 0; i < voice->patch->n; i++)
      voice->nodes[i].chance = value;
}

void
voice_trigger (Voice * voice, guint offset, float strength)
{
  begin (voice);
  trigger_all (voice, PATCH_ON_TRIGGER, MIN (offset, FOLEY_QUANTUM - 1),
      strength > 0 ? MIN (strength, 1) : 0);
}

void
voice_release (Voice * voice)
{
  guint i;

  if (voice->released)
    return;
  begin (voice);
  voice->released = TRUE;
  for (i = 0; i < voice->patch->n; i++)
    if (voice->nodes[i].node.klass->release)
      voice->nodes[i].node.klass->release (&voice->nodes[i].node);
  trigger_all (voice, PATCH_ON_RELEASE, 0, 1);
}

/* Bounds its output; what is not a number is nought. */
static void
clean (float *out)
{
  float sum = 0;
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    sum += out[i] * 0;
  if (sum != 0)                 /* NaN: not all are finite */
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] = isnan (out[i]) ? 0 : out[i];
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = CLAMP (out[i], -MOST, MOST);
}

static void
fade (const Voice * voice, float *out)
{
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] *= MAX (voice->fade - voice->fade_step * (i + 1), 0);
}

/* Where its output rises above 0 it triggers others, as strongly as it then is. */
static void
emit_triggers (Voice * voice, VoiceNode * node)
{
  float before = node->before;
  guint i, j;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    if (before <= 0 && node->out[i] > 0) {
      float chance = g_rand_double (voice->random);
      for (j = 0; j < voice->patch->n; j++)
        if (node->triggers & BIT (j))
          trigger_node (voice, &voice->nodes[j], i, MIN (node->out[i], 1),
              chance);
    }
    before = node->out[i];
  }
  node->before = before;
}

static void
render_node (Voice * voice, guint index)
{
  VoiceNode *node = &voice->nodes[index];

  if (node->from->fades && voice->fade <= 0)
    memset (node->out, 0, FOLEY_QUANTUM * sizeof (float));
  else {
    evaluate (voice, node, FALSE);
    node->node.klass->render (&node->node, node->inputs, node->out);
    clean (node->out);
    /* an expression that reads it, a pitch, may still ring out: not faded */
    voice->values[index] = node->out[FOLEY_QUANTUM - 1];
    if (node->from->fades && voice->released)
      fade (voice, node->out);
  }
  if (node->triggers)
    emit_triggers (voice, node);
}

void
voice_render (Voice * voice, float out[FOLEY_QUANTUM])
{
  const Patch *patch = voice->patch;
  guint64 denormals = denormals_off ();
  const float *heard = voice->nodes[patch->out].out;
  guint i;

  begin (voice);
  for (i = 0; i < patch->n; i++)
    render_node (voice, patch->order[i]);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = fabsf (heard[i]) < LEAST ? 0 : heard[i];
  voice->variables[VOICE_AGE] += FOLEY_QUANTUM / voice->nodes[0].node.rate;
  if (voice->released)
    voice->fade = MAX (voice->fade - voice->fade_step * FOLEY_QUANTUM, 0);
  denormals_restore (denormals);
}

/* @silent: nodes before it in order that are. */
static gboolean
node_is_silent (const Voice * voice, guint index, guint64 silent)
{
  const VoiceNode *node = &voice->nodes[index];
  const NodeClass *klass = node->node.klass;
  gboolean itself = klass->is_silent && klass->is_silent (&node->node);
  guint n_silent = 0, i;

  if (node->from->fades && voice->fade <= 0)
    return TRUE;
  if (klass->trigger && ((node->from->on & ~silent)
          || (!voice->begun && (node->from->events & PATCH_ON_START))))
    itself = FALSE;
  for (i = 0; i < node->node.n_inputs; i++)
    n_silent += (silent & BIT (node->from->inputs[i])) != 0;
  if (klass->gates)
    return itself || n_silent > 0;
  return itself && n_silent == node->node.n_inputs;
}

gboolean
voice_is_silent (const Voice * voice)
{
  const Patch *patch = voice->patch;
  guint64 silent = 0;
  guint i;

  for (i = 0; i < patch->n; i++)
    if (node_is_silent (voice, patch->order[i], silent))
      silent |= BIT (patch->order[i]);
  return (silent & BIT (patch->out)) != 0;
}

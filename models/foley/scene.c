/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scene.c: names of what the rooms of models/foley speak of. */

#include "models/foley.h"
#include "models/foley/scene.h"

G_DEFINE_QUARK (dit - foley - error - quark, foley_error)
    guint
foley_layout_get_channels (FoleyLayout layout)
{
  static const guint channels[] = {
    [FOLEY_LAYOUT_MONO] = 1,
    [FOLEY_LAYOUT_STEREO] = 2,
    [FOLEY_LAYOUT_5_1] = 6,
    [FOLEY_LAYOUT_AMBISONIC] = 4,
    [FOLEY_LAYOUT_BINAURAL] = 2,
  };

  return channels[layout];
}

const char *
foley_layer_get_name (FoleyLayer layer)
{
  static const char *const names[FOLEY_N_LAYERS] = {
    "ambience", "impacts", "movement", "voices"
  };

  return names[layer];
}

static const char *const materials[N_MATERIALS] = {
  "unknown", "ceramic", "glass", "wood", "plastic", "iron", "steel", "tin",
  "aluminium", "brass", "rubber", "stone", "concrete", "asphalt", "tiles",
  "sand", "snow", "ice", "grass", "earth", "gravel", "leaves", "water",
  "flesh", "fur", "feathers", "cloth", "paper", "fire", "air"
};

const char *
material_get_name (Material material)
{
  return materials[material];
}

gboolean
material_from_name (const char *name, Material * out)
{
  guint i;

  for (i = 0; i < N_MATERIALS; i++)
    if (g_strcmp0 (name, materials[i]) == 0) {
      *out = i;
      return TRUE;
    }
  *out = MATERIAL_UNKNOWN;
  return FALSE;
}

const char *
contact_kind_get_name (ContactKind kind)
{
  static const char *const names[] = {
    "impact", "roll", "slide", "step", "splash", "start", "stop", "pass"
  };

  return names[kind];
}

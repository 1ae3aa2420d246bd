/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* places.c: words of place, ground and weather. */

#include <string.h>

#include "models/foley/see/around.h"

typedef struct
{
  const char *word;
  const char *place;
  Material ground;
  gboolean indoors;
} Place;

/* In order of how much they say: the first one that a text has holds. */
static const Place places[] = {
  {"underwater", "underwater", MATERIAL_WATER, FALSE},
  {"beach", "beach", MATERIAL_SAND, FALSE},
  {"shore", "beach", MATERIAL_SAND, FALSE},
  {"seaside", "beach", MATERIAL_SAND, FALSE},
  {"desert", "desert", MATERIAL_SAND, FALSE},
  {"dunes", "desert", MATERIAL_SAND, FALSE},
  {"alley", "alley", MATERIAL_STONE, FALSE},
  {"street", "street", MATERIAL_ASPHALT, FALSE},
  {"city", "street", MATERIAL_ASPHALT, FALSE},
  {"town", "street", MATERIAL_ASPHALT, FALSE},
  {"crossing", "street", MATERIAL_ASPHALT, FALSE},
  {"highway", "road", MATERIAL_ASPHALT, FALSE},
  {"motorway", "road", MATERIAL_ASPHALT, FALSE},
  {"road", "road", MATERIAL_ASPHALT, FALSE},
  {"kitchen", "kitchen", MATERIAL_TILES, TRUE},
  {"bathroom", "bathroom", MATERIAL_TILES, TRUE},
  {"bedroom", "room", MATERIAL_WOOD, TRUE},
  {"room", "room", MATERIAL_WOOD, TRUE},
  {"office", "office", MATERIAL_CLOTH, TRUE},
  {"hall", "hall", MATERIAL_STONE, TRUE},
  {"church", "church", MATERIAL_STONE, TRUE},
  {"cathedral", "church", MATERIAL_STONE, TRUE},
  {"gym", "gym", MATERIAL_WOOD, TRUE},
  {"indoors", "room", MATERIAL_WOOD, TRUE},
  {"meadow", "meadow", MATERIAL_GRASS, FALSE},
  {"field", "meadow", MATERIAL_GRASS, FALSE},
  {"lawn", "meadow", MATERIAL_GRASS, FALSE},
  {"grass", "meadow", MATERIAL_GRASS, FALSE},
  {"park", "park", MATERIAL_GRASS, FALSE},
  {"garden", "park", MATERIAL_GRASS, FALSE},
  {"jungle", "forest", MATERIAL_LEAVES, FALSE},
  {"forest", "forest", MATERIAL_EARTH, FALSE},
  {"woods", "forest", MATERIAL_EARTH, FALSE},
  {"mountain", "mountains", MATERIAL_STONE, FALSE},
  {"mountains", "mountains", MATERIAL_STONE, FALSE},
  {"cave", "cave", MATERIAL_STONE, TRUE},
  {"river", "river", MATERIAL_WATER, FALSE},
  {"lake", "lake", MATERIAL_WATER, FALSE},
  {"pond", "lake", MATERIAL_WATER, FALSE},
  {"sea", "sea", MATERIAL_WATER, FALSE},
  {"ocean", "sea", MATERIAL_WATER, FALSE},
  {"space", "space", MATERIAL_EARTH, FALSE},
  {"moon surface", "space", MATERIAL_EARTH, FALSE},
  {"sky", "sky", MATERIAL_AIR, FALSE},
  {"clouds", "sky", MATERIAL_AIR, FALSE},
  {"snow", "snow", MATERIAL_SNOW, FALSE},
  {"snowy", "snow", MATERIAL_SNOW, FALSE},
};

/* What is said of weather and light: an offset into Words, and how much. */
static const struct
{
  const char *word;
  gsize at;
  float value;
} weathers[] = {
  {"rain", G_STRUCT_OFFSET (Words, rain), .7},
  {"rains", G_STRUCT_OFFSET (Words, rain), .7},
  {"raining", G_STRUCT_OFFSET (Words, rain), .7},
  {"rainy", G_STRUCT_OFFSET (Words, rain), .7},
  {"drizzle", G_STRUCT_OFFSET (Words, rain), .3},
  {"storm", G_STRUCT_OFFSET (Words, wind), .9},
  {"stormy", G_STRUCT_OFFSET (Words, wind), .9},
  {"wind", G_STRUCT_OFFSET (Words, wind), .6},
  {"windy", G_STRUCT_OFFSET (Words, wind), .6},
  {"breeze", G_STRUCT_OFFSET (Words, wind), .3},
  {"snows", G_STRUCT_OFFSET (Words, snow), .7},
  {"snowing", G_STRUCT_OFFSET (Words, snow), .7},
  {"snowfall", G_STRUCT_OFFSET (Words, snow), .7},
  {"blizzard", G_STRUCT_OFFSET (Words, snow), 1},
  {"snow falls", G_STRUCT_OFFSET (Words, snow), .7},
  {"falling snow", G_STRUCT_OFFSET (Words, snow), .7},
  {"fog", G_STRUCT_OFFSET (Words, fog), .7},
  {"foggy", G_STRUCT_OFFSET (Words, fog), .7},
  {"mist", G_STRUCT_OFFSET (Words, fog), .5},
  {"misty", G_STRUCT_OFFSET (Words, fog), .5},
  {"waves", G_STRUCT_OFFSET (Words, water), .6},
  {"waterfall", G_STRUCT_OFFSET (Words, water), .8},
  {"fire", G_STRUCT_OFFSET (Words, fire), .7},
  {"campfire", G_STRUCT_OFFSET (Words, fire), .7},
  {"flames", G_STRUCT_OFFSET (Words, fire), .7},
};

/* Whether a text has a word or words, as a whole and in lower case. */
static gboolean
has (const char *text, const char *word)
{
  gsize n = strlen (word);

  for (const char *at = text; (at = strstr (at, word)) != NULL; at += n)
    if ((at == text || !g_ascii_isalnum (at[-1]))
        && !g_ascii_isalnum (at[n]))
      return TRUE;
  return FALSE;
}

void
words_read (const char *prompt, Words * words)
{
  g_autofree char *text = NULL;

  *words = (Words) {
  .rain = -1,.snow = -1,.fog = -1,.wind = -1,.water = -1,.fire = -1};
  if (prompt == NULL)
    return;
  text = g_ascii_strdown (prompt, -1);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (has (text, places[i].word)) {
      words->place = g_intern_static_string (places[i].place);
      words->ground = places[i].ground;
      words->indoors = places[i].indoors;
      break;
    }
  for (guint i = 0; i < G_N_ELEMENTS (weathers); i++)
    if (has (text, weathers[i].word))
      G_STRUCT_MEMBER (float, words, weathers[i].at) = weathers[i].value;
  words->night = has (text, "night") || has (text, "midnight");
  words->day = has (text, "day") || has (text, "noon")
      || has (text, "morning");
}

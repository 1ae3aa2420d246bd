/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* around.c: a guess at place, weather and ground from colours and specks.
 *
 * Colours of what is above and below tell landscapes apart (as the first
 * experiments of Vailaya et al., IEEE TIP 2001, on city against landscape). A
 * guess only: the source's words beat it. */

#include <math.h>
#include <string.h>

#include "models/foley/see/around.h"

typedef enum
{
  TINT_DARK,
  TINT_GREY,
  TINT_WHITE,
  TINT_GREEN,
  TINT_BLUE,
  TINT_SANDY,                   /* light yellow to orange */
  TINT_BROWN,                   /* dark orange */
  TINT_FIERY,                   /* bright, saturated orange and red */
  TINT_OTHER,
  N_TINTS
} Tint;

struct _Around
{
  guint frames;
  float light;                  /* of the brightest tenth: 0 ... 1 */
  float contrast;
  float rain, snow, fog, fire, wind;
  float above[N_TINTS], below[N_TINTS]; /* shares, followed */
  float fiery;                  /* share of the frame before */
  char *prompt, *setting;       /* that words were read from */
  Words said;                   /* by the prompt */
  Words words;                  /* what holds */
  SceneSurroundings last;
};

Around *
around_new (void)
{
  Around *around = g_new0 (Around, 1);

  words_read (NULL, &around->said);
  around->words = around->said;
  return around;
}

void
around_free (Around * around)
{
  g_free (around->prompt);
  g_free (around->setting);
  g_free (around);
}

void
around_reset (Around * around)
{
  char *prompt = around->prompt;
  Words said = around->said;

  g_free (around->setting);
  memset (around, 0, sizeof *around);
  around->prompt = prompt;
  around->said = around->words = said;
}

/* @light: what counts as full brightness. */
static Tint
get_tint (int y, int u, int v, float light)
{
  float b = y + 2 * (u - 128), r = y + 2 * (v - 128);
  float g = (y - .114f * b - .299f * r) / .587f;
  float most = MAX (r, MAX (g, b)), least = MIN (r, MIN (g, b));
  float vivid = (most - least) / MAX (most, 16);
  float value = most / (255 * MAX (light, .2f));

  if (value < .16f)
    return TINT_DARK;
  if (vivid < .16f)
    return value > .8f ? TINT_WHITE : TINT_GREY;
  if (r >= g && g >= b) {
    if (vivid > .7f && value > .85f && r > 1.25f * g)
      return TINT_FIERY;
    return value > .66f ? TINT_SANDY : TINT_BROWN;
  }
  if (g >= r && g >= b * 1.05f)
    return TINT_GREEN;
  if (b >= r && b >= g * .95f)
    return value > .85f && vivid < .25f ? TINT_WHITE : TINT_BLUE;
  return TINT_OTHER;
}

/* The light, as the luma that a tenth of the picture is above. */
static void
measure_light (Around * around, const Picture * picture, float rate)
{
  guint counts[256] = { 0 }, n = picture->width * picture->height, sum = 0;
  guint high = 255, low = 0;

  for (guint i = 0; i < n; i++)
    counts[picture->y[i]]++;
  while (high > 1 && (sum += counts[high]) <= n / 10)
    high--;
  for (sum = 0; low < 255 && (sum += counts[low]) <= n / 10;)
    low++;
  around->light += rate * (high / 255.f - around->light);
  around->contrast += rate * ((high - (float) low) / MAX (high, 1)
      - around->contrast);
}

static void
measure_tints (Around * around, const Picture * picture, const Front * front,
    float rate)
{
  float above[N_TINTS] = { 0 }, below[N_TINTS] = { 0 }, fiery;
  guint w = picture->width, h = picture->height, n[2] = { 0, 0 };

  for (guint y = 0; y < h; y += 2)
    for (guint x = y / 2 & 1; x < w; x += 2) {
      gsize at = (gsize) y * w + x;
      Tint tint;

      if (front->front[at] != 0 || (y >= h / 3 && y < h - h / 3))
        continue;
      tint = get_tint (picture->y[at], picture->u[at], picture->v[at],
          around->light);
      if (y < h / 3)
        above[tint] += 1;
      else
        below[tint] += 1;
      n[y >= h / 3]++;
    }
  for (guint i = 0; i < N_TINTS; i++) {
    around->above[i] += rate * (above[i] / MAX (n[0], 1) - around->above[i]);
    around->below[i] += rate * (below[i] / MAX (n[1], 1) - around->below[i]);
  }
  fiery = (above[TINT_FIERY] + below[TINT_FIERY]) / MAX (n[0] + n[1], 1);
  /* fire is fiery and flickers */
  around->fire += .1f * (CLAMP (20 * fabsf (fiery - around->fiery), 0, 1)
      - around->fire);
  around->fiery = fiery;
}

static void
measure_weather (Around * around, const Front * front, gboolean still)
{
  float much = CLAMP (front->specks / .03f, 0, 1), rain, snow;

  if (!front->settled)
    return;
  /* drops and flakes are brighter than what is behind them; a moving camera
   * leaves specks of either kind at edges */
  if (front->specks < .003f || front->bright < (still ? .6f : .72f))
    much = 0;
  rain = much * CLAMP ((front->upright - .1f) / .25f, 0, 1);
  snow = much * CLAMP ((.3f - front->upright) / .2f, 0, 1);
  around->rain += .12f * (rain - around->rain);
  around->snow += .12f * (snow - around->snow);
  around->fog += .1f * (CLAMP ((.45f - around->contrast) / .25f, 0, 1)
      - around->fog);
}

static const struct
{
  const char *place;
  Material ground;
  float above[N_TINTS], below[N_TINTS];
} landscapes[] = {
  /*                              dark grey white green blue sand brown fire */
  {"beach", MATERIAL_SAND, {0, 0, .2, 0, .8}, {0, 0, 0, 0, .1, .8, .1}},
  {"desert", MATERIAL_SAND, {0, 0, .2, 0, .5, .3}, {0, 0, 0, 0, 0, .6, .4}},
  {"street", MATERIAL_ASPHALT, {0, .3, .2, 0, .5}, {.2, .8}},
  {"meadow", MATERIAL_GRASS, {0, .1, .2, .1, .6}, {0, 0, 0, 1}},
  {"forest", MATERIAL_EARTH, {.2, .1, 0, .6, .1}, {.2, 0, 0, .3, 0, 0, .5}},
  {"snow", MATERIAL_SNOW, {0, .2, .4, 0, .4}, {0, .1, .9}},
  {"sea", MATERIAL_WATER, {0, .1, .3, 0, .6}, {0, .1, 0, 0, .9}},
  {"room", MATERIAL_WOOD, {0, .2, .3, 0, 0, .3, .2}, {0, 0, 0, 0, 0, .3, .7}},
  {"kitchen", MATERIAL_TILES, {0, .2, .5, 0, 0, .3}, {0, .4, .6}},
};

/* The landscape whose tints are the most alike: sums of what is common. */
static guint
guess (const Around * around, float *like)
{
  guint best = 0;

  *like = 0;
  for (guint i = 0; i < G_N_ELEMENTS (landscapes); i++) {
    float sum = 0;

    for (guint k = 0; k < N_TINTS; k++)
      sum += .4f * MIN (landscapes[i].above[k], around->above[k])
          + .6f * MIN (landscapes[i].below[k], around->below[k]);
    if (sum > *like) {
      *like = sum;
      best = i;
    }
  }
  return best;
}

/* What words say of it and what is seen; words that tell of the place would tell
 * of it too. */
static float
said (const Words * words, float word, float seen)
{
  return MAX (word, words->place != NULL ? 0 : seen);
}

/* Keeps @text in @kept; TRUE where it is another one. */
static gboolean
keep_text (char **kept, const char *text)
{
  if (g_strcmp0 (*kept, text) == 0)
    return FALSE;
  g_free (*kept);
  *kept = g_strdup (text);
  return TRUE;
}

static float
either (float word, float other)
{
  return word >= 0 ? word : other;
}

/* The prompt's words, and the finder's for what it does not tell. */
static void
read_words (Around * around, const char *prompt, const char *setting)
{
  Words *words = &around->words, seen;
  const Words *said = &around->said;
  gboolean other = keep_text (&around->prompt, prompt);

  if (other)
    words_read (prompt, &around->said);
  if (!keep_text (&around->setting, setting) && !other)
    return;
  *words = *said;
  if (said->place != NULL)
    return;
  words_read (setting, &seen);
  *words = seen;
  words->night = said->night || (seen.night && !said->day);
  words->day = said->day || (seen.day && !said->night);
  words->rain = either (said->rain, seen.rain);
  words->snow = either (said->snow, seen.snow);
  words->fog = either (said->fog, seen.fog);
  words->wind = either (said->wind, seen.wind);
  words->water = either (said->water, seen.water);
  words->fire = either (said->fire, seen.fire);
}

void
around_see (Around * around, const Picture * picture, const Front * front,
    gboolean still, const char *prompt, const char *setting,
    SceneSurroundings * out)
{
  float rate = MAX (.05f, 1.f / ++around->frames), like;
  const Words *words = &around->words;
  guint place;

  read_words (around, prompt, setting);
  measure_light (around, picture, rate);
  measure_tints (around, picture, front, rate);
  measure_weather (around, front, still);
  memset (out, 0, sizeof *out);
  place = guess (around, &like);
  if (words->place != NULL) {
    out->place = words->place;
    out->ground = words->ground;
    out->indoors = words->indoors;
    out->confidence = .9;
  } else if (like > .5f) {
    out->place = g_intern_static_string (landscapes[place].place);
    out->ground = landscapes[place].ground;
    out->indoors = landscapes[place].ground == MATERIAL_WOOD
        || landscapes[place].ground == MATERIAL_TILES;
    out->confidence = (like - .5f) * .8f;
  }
  if (out->indoors && words->place == NULL
      && MAX (around->rain, around->snow) > .2f) {
    out->indoors = FALSE;       /* there is weather, so it is no room */
    out->place = NULL;
    out->ground = MATERIAL_UNKNOWN;
    out->confidence = 0;
  }
  out->night = words->night
      || (words->place == NULL && !words->day && around->light < .42f);
  out->rain = out->indoors ? 0 : said (words, words->rain, around->rain);
  out->snow = out->indoors ? 0 : said (words, words->snow, around->snow);
  out->fog = out->indoors ? 0 : said (words, words->fog, around->fog);
  out->wind = said (words, words->wind, around->wind);
  out->water = said (words, words->water, around->below[TINT_BLUE]);
  if (out->ground == MATERIAL_WATER)
    out->water = MAX (out->water, .5f);
  out->fire = said (words, words->fire, around->fire);
  around->last = *out;
}

/* What a tint is outdoors or in, where the place does not say otherwise. */
static Material
tint_material (Tint tint, const SceneSurroundings * around)
{
  static const Material outdoors[N_TINTS] = {
    [TINT_DARK] = MATERIAL_UNKNOWN,[TINT_GREY] = MATERIAL_ASPHALT,
    [TINT_WHITE] = MATERIAL_SNOW,[TINT_GREEN] = MATERIAL_GRASS,
    [TINT_BLUE] = MATERIAL_WATER,[TINT_SANDY] = MATERIAL_SAND,
    [TINT_BROWN] = MATERIAL_EARTH,[TINT_FIERY] = MATERIAL_UNKNOWN,
    [TINT_OTHER] = MATERIAL_UNKNOWN
  };

  if (around->indoors)
    return tint == TINT_BROWN || tint == TINT_SANDY ? MATERIAL_WOOD
        : tint == TINT_WHITE || tint == TINT_GREY ? MATERIAL_TILES
        : MATERIAL_UNKNOWN;
  return outdoors[tint];
}

Material
around_get_ground (Around * around, const Picture * picture, float x, float y)
{
  int w = picture->width, h = picture->height, n[N_TINTS] = { 0 };
  int cx = CLAMP (x, 0, 1) * (w - 1), cy = CLAMP (y, 0, 1) * (h - 1) + 3;
  const SceneSurroundings *last = &around->last;
  Tint best = TINT_DARK;
  Material material;

  for (int dy = 0; dy < 4; dy++)
    for (int dx = -4; dx <= 4; dx++) {
      gsize at = (gsize) CLAMP (cy + dy, 0, h - 1) * w
          + CLAMP (cx + dx, 0, w - 1);

      n[get_tint (picture->y[at], picture->u[at], picture->v[at],
              around->light)]++;
    }
  for (guint i = 0; i < N_TINTS; i++)
    if (n[i] > n[best])
      best = i;
  material = tint_material (best, last);
  /* words name the place; there a patch of water or grass is one still */
  if (last->ground != MATERIAL_UNKNOWN && last->confidence > .1f
      && !(material == MATERIAL_GRASS && !last->indoors)
      && !(material == MATERIAL_WATER && last->water > .2f))
    return last->ground;
  return material;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* soundfont.c: plays a preset of a SoundFont: "soundfont".
 *
 * Each node has a synthesizer of its own, so that voices know nothing of each
 * other; samples of one file are shared by the library. */

#include <fluidsynth.h>
#include <math.h>
#include <string.h>

#include "models/foley/recall/players.h"

/* The synthesizer makes no more samples a second; beyond, each is made several
 * times, in lines: what a SoundFont has ends far below. */
#define MOST_RATE 96000.
#define MOST_FACTOR 2
#define CHANNEL 0
#define POLYPHONY 24
/* Presets that an error names. */
#define NAMED 12

enum
{
  KEY, VELOCITY, LENGTH, LEVEL
};

static const NodeParam params[] = {
  {"key", "", 60, 0, 127, TRUE},        /* of MIDI: 60 is the middle c */
  {"velocity", "", 0.8f, 0, 1, TRUE},
  {"length", "s", 1, 0.01f, 600, TRUE}, /* until the key is let go */
  {"level", "", 1, 0, 100},
  {NULL}
};

static const NodeWord words[] = {
  {"preset", "", NULL},         /* its name, or BANK:PROGRAM */
  {"font", "", NULL},           /* in the recipe's folder; "": installed */
  {NULL}
};

/* Where fonts are installed; the first that is there. */
static const char *const fonts[] = {
  "/usr/share/sounds/sf2/FluidR3_GS.sf2",
  "/usr/share/sounds/sf2/default-GM.sf2",
  "/usr/share/sounds/sf2/FluidR3_GM.sf2",
  "/usr/share/soundfonts/default.sf2",
  "/usr/share/soundfonts/FluidR3_GM.sf2",
};

typedef struct
{
  fluid_settings_t *settings;
  fluid_synth_t *synth;
  guint factor;
  float last;                   /* of the synthesizer's samples */
  int key;                      /* that is down, or -1 */
  guint left;                   /* samples until it is let go */
} Font;

static gboolean
fail (GError ** error, const char *word, const char *found,
    const char *possible)
{
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
      "%s: found \"%.80s\"; possible: %s", word, found, possible);
  return FALSE;
}

/* Free it. */
static char *
find_font (const Node * node, GError ** error)
{
  g_autofree char *possible = NULL;

  if (*node->words[1] != '\0')
    return player_get_path (node, node->words[1], error);
  for (guint i = 0; i < G_N_ELEMENTS (fonts); i++)
    if (g_file_test (fonts[i], G_FILE_TEST_IS_REGULAR))
      return g_strdup (fonts[i]);
  fail (error, "font", "", "install one, as /usr/share/sounds/sf2/"
      "FluidR3_GS.sf2 (fluid-soundfont-gs), or name a file");
  return NULL;
}

/* What it says of itself goes nowhere: errors are told by us. */
static gpointer
hush (gpointer data)
{
  for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; level++)
    fluid_set_log_function (level, NULL, NULL);
  return NULL;
}

static void
make_synth (Node * node)
{
  static GOnce once = G_ONCE_INIT;
  Font *self = node->state;

  g_once (&once, hush, NULL);
  self->factor = (guint) ceil (node->rate / MOST_RATE);
  self->settings = new_fluid_settings ();
  fluid_settings_setnum (self->settings, "synth.sample-rate",
      node->rate / self->factor);
  fluid_settings_setnum (self->settings, "synth.gain", 1);
  fluid_settings_setint (self->settings, "synth.polyphony", POLYPHONY);
  fluid_settings_setint (self->settings, "synth.reverb.active", 0);
  fluid_settings_setint (self->settings, "synth.chorus.active", 0);
  fluid_settings_setint (self->settings, "synth.threadsafe-api", 0);
  fluid_settings_setint (self->settings, "synth.lock-memory", 0);
  fluid_settings_setint (self->settings, "synth.dynamic-sample-loading", 1);
  self->synth = new_fluid_synth (self->settings);
}

static gboolean
no_preset (fluid_sfont_t * font, const char *wanted, GError ** error)
{
  GString *names = g_string_new ("BANK:PROGRAM");
  fluid_preset_t *preset;
  guint n = 0;

  fluid_sfont_iteration_start (font);
  while ((preset = fluid_sfont_iteration_next (font)) != NULL)
    if (n++ < NAMED)
      g_string_append_printf (names, ", %s", fluid_preset_get_name (preset));
  g_string_append_printf (names, " ... (%u)", n);
  fail (error, "preset", wanted, names->str);
  g_string_free (names, TRUE);
  return FALSE;
}

/* By its name, or by numbers. */
static fluid_preset_t *
find_preset (fluid_sfont_t * font, const char *wanted)
{
  fluid_preset_t *preset;

  fluid_sfont_iteration_start (font);
  while ((preset = fluid_sfont_iteration_next (font)) != NULL) {
    g_autofree char *name = g_strstrip (g_strdup
        (fluid_preset_get_name (preset)));
    g_autofree char *numbers = g_strdup_printf ("%d:%d",
        fluid_preset_get_banknum (preset), fluid_preset_get_num (preset));

    if (g_ascii_strcasecmp (name, wanted) == 0 || strcmp (numbers, wanted) == 0)
      return preset;
  }
  return NULL;
}

static gboolean
choose_preset (Font * self, int id, const char *wanted, GError ** error)
{
  fluid_sfont_t *font = fluid_synth_get_sfont_by_id (self->synth, id);
  fluid_preset_t *preset = find_preset (font, wanted);

  if (preset == NULL)
    return no_preset (font, wanted, error);
  if (fluid_synth_program_select (self->synth, CHANNEL, id,
          fluid_preset_get_banknum (preset), fluid_preset_get_num (preset))
      != FLUID_OK)
    return fail (error, "preset", wanted, "one whose samples can be read");
  return TRUE;
}

static void
soundfont_close (Node * node)
{
  Font *self = node->state;

  g_clear_pointer (&self->synth, delete_fluid_synth);
  g_clear_pointer (&self->settings, delete_fluid_settings);
}

/* It begins as one and is as long as it says: a RIFF file has the length of
 * what follows in bytes 4 to 7. */
static gboolean
is_whole_font (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  guint32 length;

  if (file == NULL || g_mapped_file_get_length (file) < 12)
    return FALSE;
  memcpy (&length, g_mapped_file_get_contents (file) + 4, sizeof length);
  return g_mapped_file_get_length (file) >= 8 + (gsize) GUINT32_FROM_LE (length)
      && fluid_is_soundfont (path);
}

static gboolean
open_font (Node * node, const char *path, GError ** error)
{
  Font *self = node->state;
  int id;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) || !is_whole_font (path))
    return fail (error, "font", node->words[1],
        "a SoundFont file that is whole");
  make_synth (node);
  id = fluid_synth_sfload (self->synth, path, FALSE);
  if (id == FLUID_FAILED)
    return fail (error, "font", node->words[1],
        "a SoundFont file of version 2");
  return choose_preset (self, id, node->words[0], error);
}

static gboolean
soundfont_open (Node * node, GError ** error)
{
  g_autofree char *path = find_font (node, error);

  ((Font *) node->state)->key = -1;
  if (path == NULL)
    return FALSE;
  if (open_font (node, path, error))
    return TRUE;
  soundfont_close (node);
  return FALSE;
}

static void
let_go (Font * self)
{
  if (self->key >= 0)
    fluid_synth_noteoff (self->synth, CHANNEL, self->key);
  self->key = -1;
}

/* At the beginning of the quantum: the synthesizer begins notes there alone. */
static void
soundfont_trigger (Node * node, guint offset, float strength)
{
  Font *self = node->state;
  int velocity = (int) roundf (node->params[VELOCITY] * strength * 127);

  let_go (self);
  self->key = (int) roundf (node->params[KEY]);
  self->left = (guint) (node->params[LENGTH] * node->rate);
  fluid_synth_noteon (self->synth, CHANNEL, self->key, MAX (velocity, 1));
}

static void
soundfont_release (Node * node)
{
  let_go (node->state);
}

static void
soundfont_render (Node * node, const float *const *inputs, float *out)
{
  Font *self = node->state;
  float left[FOLEY_QUANTUM], right[FOLEY_QUANTUM];
  guint n = FOLEY_QUANTUM / self->factor;

  fluid_synth_write_float (self->synth, n, left, 0, 1, right, 0, 1);
  for (guint i = 0; i < n; i++) {
    float now = .5f * (left[i] + right[i]) * node->params[LEVEL];

    for (guint k = 0; k < self->factor; k++)
      out[i * self->factor + k] = self->last
          + (now - self->last) * (k + 1) / self->factor;
    self->last = now;
  }
  if (self->key >= 0 && self->left <= FOLEY_QUANTUM)
    let_go (self);
  else
    self->left -= MIN (self->left, FOLEY_QUANTUM);
}

static gboolean
soundfont_is_silent (const Node * node)
{
  const Font *self = node->state;

  return fluid_synth_get_active_voice_count (self->synth) == 0;
}

G_STATIC_ASSERT (FOLEY_MAX_RATE <= MOST_FACTOR * (guint) MOST_RATE);
G_STATIC_ASSERT (FOLEY_QUANTUM % MOST_FACTOR == 0);

const NodeClass soundfont_class = {
  .type = "soundfont",
  .about = "plays a preset of a SoundFont when triggered",
  .params = params,
  .words = words,
  .state_size = sizeof (Font),
  .open = soundfont_open,
  .close = soundfont_close,
  .trigger = soundfont_trigger,
  .render = soundfont_render,
  .is_silent = soundfont_is_silent,
  .release = soundfont_release,
};

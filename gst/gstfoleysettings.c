/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleysettings.c: the properties of videoaudiofoley: their ranges, defaults
 * and words, and what they mean to a Foley. */

#include "gstfoleysettings.h"

#include <string.h>

#include "gstfoleycaps.h"

enum
{
  PROP_0,
  PROP_PROMPT,
  PROP_LAYOUT,
  PROP_MEMORY,
  PROP_HRTF,
  PROP_SEED,
  PROP_DEVICE,
  PROP_LOUDNESS,
  PROP_ALLOW,
  PROP_DENY,
  PROP_POST_MESSAGES,
  PROP_GAIN                     /* and as many as there are layers */
};

#define DEFAULT_PROMPT NULL
#define DEFAULT_LAYOUT GST_FOLEY_LAYOUT_AUTO
#define DEFAULT_MEMORY NULL
#define DEFAULT_HRTF NULL
#define DEFAULT_SEED 0
#define DEFAULT_DEVICE NULL
#define DEFAULT_LOUDNESS -23.0
#define DEFAULT_GAIN 1.0
#define DEFAULT_ALLOW NULL
#define DEFAULT_DENY NULL
#define DEFAULT_POST_MESSAGES TRUE

#define MIN_LOUDNESS -70.0
#define MAX_GAIN 10.0

/* The first is read when the sound begins, the second at each frame. */
#define READY_FLAGS \
    (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS \
    (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

#define CONTROLLED_FLAGS (PLAYING_FLAGS | GST_PARAM_CONTROLLABLE)

void
gst_foley_settings_init (GstFoleySettings * settings)
{
  memset (settings, 0, sizeof *settings);
  settings->prompt = g_strdup (DEFAULT_PROMPT);
  settings->layout = DEFAULT_LAYOUT;
  settings->memory = g_strdup (DEFAULT_MEMORY);
  settings->hrtf = g_strdup (DEFAULT_HRTF);
  settings->seed = DEFAULT_SEED;
  settings->device = g_strdup (DEFAULT_DEVICE);
  settings->loudness = DEFAULT_LOUDNESS;
  for (guint i = 0; i < FOLEY_N_LAYERS; i++)
    settings->gains[i] = DEFAULT_GAIN;
  settings->allow = g_strdup (DEFAULT_ALLOW);
  settings->deny = g_strdup (DEFAULT_DENY);
  settings->post_messages = DEFAULT_POST_MESSAGES;
}

void
gst_foley_settings_copy (GstFoleySettings * to, const GstFoleySettings * from)
{
  *to = *from;
  to->prompt = g_strdup (from->prompt);
  to->memory = g_strdup (from->memory);
  to->hrtf = g_strdup (from->hrtf);
  to->device = g_strdup (from->device);
  to->allow = g_strdup (from->allow);
  to->deny = g_strdup (from->deny);
}

void
gst_foley_settings_clear (GstFoleySettings * settings)
{
  g_clear_pointer (&settings->prompt, g_free);
  g_clear_pointer (&settings->memory, g_free);
  g_clear_pointer (&settings->hrtf, g_free);
  g_clear_pointer (&settings->device, g_free);
  g_clear_pointer (&settings->allow, g_free);
  g_clear_pointer (&settings->deny, g_free);
}

/* What is to be heard: read at each frame. */
static void
install_content_properties (GObjectClass * klass)
{
  /**
   * GstVideoAudioFoley:prompt:
   *
   * What is to be heard besides what is seen, in words; UTF-8.
   */
  g_object_class_install_property (klass, PROP_PROMPT,
      g_param_spec_string ("prompt", "Prompt",
          "What is to be heard besides what is seen, in words",
          DEFAULT_PROMPT, PLAYING_FLAGS));

  /**
   * GstVideoAudioFoley:allow:
   *
   * Names of sounds or of classes of things, with commas between: only these
   * are heard. Unset, all are.
   */
  g_object_class_install_property (klass, PROP_ALLOW,
      g_param_spec_string ("allow", "Allow",
          "Sounds or classes of things that are heard, with commas between "
          "(unset = all)", DEFAULT_ALLOW, PLAYING_FLAGS));

  /**
   * GstVideoAudioFoley:deny:
   *
   * Names of sounds or of classes of things, with commas between, that are not
   * heard.
   */
  g_object_class_install_property (klass, PROP_DENY,
      g_param_spec_string ("deny", "Deny",
          "Sounds or classes of things that are not heard, with commas between",
          DEFAULT_DENY, PLAYING_FLAGS));

  /**
   * GstVideoAudioFoley:post-messages:
   *
   * Whether an element message `foley-event` tells of each sound that begins.
   */
  g_object_class_install_property (klass, PROP_POST_MESSAGES,
      g_param_spec_boolean ("post-messages", "Post messages",
          "Whether a message tells of each sound that begins",
          DEFAULT_POST_MESSAGES, PLAYING_FLAGS));
}

/* How loud: read at each frame. */
static void
install_level_properties (GObjectClass * klass)
{
  static const struct
  {
    const char *name, *nick, *blurb;
  } gains[FOLEY_N_LAYERS] = {
    [FOLEY_LAYER_AMBIENCE] = {"gain-ambience", "Gain of the ambience",
        "Linear gain of surroundings and weather"},
    [FOLEY_LAYER_IMPACTS] = {"gain-impacts", "Gain of impacts",
        "Linear gain of contacts that are over at once"},
    [FOLEY_LAYER_MOVEMENT] = {"gain-movement", "Gain of movement",
        "Linear gain of engines, rolling, sliding, steps and wings"},
    [FOLEY_LAYER_VOICES] = {"gain-voices", "Gain of voices",
        "Linear gain of what animals and people utter"}
  };

  /**
   * GstVideoAudioFoley:loudness:
   *
   * The integrated loudness (EBU R 128) that the mix is steered to, in LUFS. 0
   * leaves it as it is: quiet things are quiet.
   */
  g_object_class_install_property (klass, PROP_LOUDNESS,
      g_param_spec_double ("loudness", "Loudness",
          "Loudness of the mix in LUFS (0 = as loud as things are)",
          MIN_LOUDNESS, 0.0, DEFAULT_LOUDNESS, CONTROLLED_FLAGS));

  /**
   * GstVideoAudioFoley:gain-ambience:
   *
   * Linear gain of surroundings and weather.
   */
  /**
   * GstVideoAudioFoley:gain-impacts:
   *
   * Linear gain of contacts that are over at once.
   */
  /**
   * GstVideoAudioFoley:gain-movement:
   *
   * Linear gain of engines, rolling, sliding, steps and wings.
   */
  /**
   * GstVideoAudioFoley:gain-voices:
   *
   * Linear gain of what animals and people utter.
   */
  for (guint i = 0; i < FOLEY_N_LAYERS; i++)
    g_object_class_install_property (klass, PROP_GAIN + i,
        g_param_spec_double (gains[i].name, gains[i].nick, gains[i].blurb,
            0.0, MAX_GAIN, DEFAULT_GAIN, CONTROLLED_FLAGS));
}

/* How it is made: read when the sound begins. */
static void
install_start_properties (GObjectClass * klass)
{
  /**
   * GstVideoAudioFoley:layout:
   *
   * The channels of the sound. `auto` follows what downstream takes: 1, 2 or 6
   * channels, or 4 without places (`channel-mask=(bitmask)0x0`) for ambisonics.
   */
  g_object_class_install_property (klass, PROP_LAYOUT,
      g_param_spec_enum ("layout", "Layout", "Channels of the sound",
          GST_TYPE_FOLEY_LAYOUT, DEFAULT_LAYOUT, READY_FLAGS));

  /**
   * GstVideoAudioFoley:memory:
   *
   * A directory of sound recipes besides those that come with the plugin.
   */
  g_object_class_install_property (klass, PROP_MEMORY,
      g_param_spec_string ("memory", "Memory",
          "Directory of sound recipes besides those that come with the plugin",
          DEFAULT_MEMORY, READY_FLAGS));

  /**
   * GstVideoAudioFoley:hrtf:
   *
   * A SOFA file of head-related transfer functions, for the layout `binaural`.
   * Unset, it is one that is installed, or a model of the head.
   */
  g_object_class_install_property (klass, PROP_HRTF,
      g_param_spec_string ("hrtf", "HRTF",
          "SOFA file for the layout binaural (unset = one that is installed, "
          "or a model of the head)", DEFAULT_HRTF, READY_FLAGS));

  /**
   * GstVideoAudioFoley:seed:
   *
   * Where chance comes from. The same frames, settings and seed give the same
   * samples.
   */
  g_object_class_install_property (klass, PROP_SEED,
      g_param_spec_uint64 ("seed", "Seed", "Seed of what is left to chance",
          0, G_MAXUINT64, DEFAULT_SEED, READY_FLAGS));

  /**
   * GstVideoAudioFoley:device:
   *
   * The OpenCL device that finds and names things in the picture: its index,
   * `cpu`, `gpu`, or a part of its name or of its platform's. `none`: things
   * are followed, but named by prompts and metadata alone.
   */
  g_object_class_install_property (klass, PROP_DEVICE,
      g_param_spec_string ("device", "Device",
          "OpenCL device that finds and names things: an index, \"cpu\", "
          "\"gpu\", a part of its name, or \"none\" (unset = the best)",
          DEFAULT_DEVICE, READY_FLAGS));
}

void
gst_foley_settings_install_properties (GObjectClass * klass)
{
  install_content_properties (klass);
  install_level_properties (klass);
  install_start_properties (klass);
}

static void
take_string (char **where, const GValue * value)
{
  g_free (*where);
  *where = g_value_dup_string (value);
}

static gboolean
is_gain (guint id)
{
  return id >= PROP_GAIN && id < PROP_GAIN + FOLEY_N_LAYERS;
}

gboolean
gst_foley_settings_set_property (GstFoleySettings * settings, guint id,
    const GValue * value)
{
  switch (id) {
    case PROP_PROMPT:
      take_string (&settings->prompt, value);
      break;
    case PROP_LAYOUT:
      settings->layout = g_value_get_enum (value);
      break;
    case PROP_MEMORY:
      take_string (&settings->memory, value);
      break;
    case PROP_HRTF:
      take_string (&settings->hrtf, value);
      break;
    case PROP_SEED:
      settings->seed = g_value_get_uint64 (value);
      break;
    case PROP_DEVICE:
      take_string (&settings->device, value);
      break;
    case PROP_LOUDNESS:
      settings->loudness = g_value_get_double (value);
      break;
    case PROP_ALLOW:
      take_string (&settings->allow, value);
      break;
    case PROP_DENY:
      take_string (&settings->deny, value);
      break;
    case PROP_POST_MESSAGES:
      settings->post_messages = g_value_get_boolean (value);
      break;
    default:
      if (!is_gain (id))
        return FALSE;
      settings->gains[id - PROP_GAIN] = g_value_get_double (value);
      break;
  }
  return TRUE;
}

gboolean
gst_foley_settings_get_property (const GstFoleySettings * settings, guint id,
    GValue * value)
{
  switch (id) {
    case PROP_PROMPT:
      g_value_set_string (value, settings->prompt);
      break;
    case PROP_LAYOUT:
      g_value_set_enum (value, settings->layout);
      break;
    case PROP_MEMORY:
      g_value_set_string (value, settings->memory);
      break;
    case PROP_HRTF:
      g_value_set_string (value, settings->hrtf);
      break;
    case PROP_SEED:
      g_value_set_uint64 (value, settings->seed);
      break;
    case PROP_DEVICE:
      g_value_set_string (value, settings->device);
      break;
    case PROP_LOUDNESS:
      g_value_set_double (value, settings->loudness);
      break;
    case PROP_ALLOW:
      g_value_set_string (value, settings->allow);
      break;
    case PROP_DENY:
      g_value_set_string (value, settings->deny);
      break;
    case PROP_POST_MESSAGES:
      g_value_set_boolean (value, settings->post_messages);
      break;
    default:
      if (!is_gain (id))
        return FALSE;
      g_value_set_double (value, settings->gains[id - PROP_GAIN]);
      break;
  }
  return TRUE;
}

static gboolean
check_utf8 (const char *name, const char *text, GError ** error)
{
  const char *end;

  if (!text || g_utf8_validate (text, -1, &end))
    return TRUE;
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
      "%s is not valid UTF-8: byte 0x%02x at offset %" G_GSIZE_FORMAT,
      name, (guint8) * end, (gsize) (end - text));
  return FALSE;
}

/* What a property's range can't say. */
gboolean
gst_foley_settings_check (const GstFoleySettings * settings, GError ** error)
{
  return check_utf8 ("prompt", settings->prompt, error)
      && check_utf8 ("allow", settings->allow, error)
      && check_utf8 ("deny", settings->deny, error)
      && check_utf8 ("device", settings->device, error);
}

/* Returns: (transfer full): the names in @text, or NULL if there are none. */
static char **
split_names (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text ? text : "", ",", -1);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  gboolean any = FALSE;

  for (char **part = parts; *part; part++)
    if (*g_strstrip (*part)) {
      g_strv_builder_add (names, *part);
      any = TRUE;
    }
  return any ? g_strv_builder_end (names) : NULL;
}

/* @scene: what the source says it shows, or NULL. */
void
gst_foley_settings_control (const GstFoleySettings * settings,
    const char *scene, Foley * foley)
{
  g_auto (GStrv) allow = split_names (settings->allow);
  g_auto (GStrv) deny = split_names (settings->deny);
  FoleyControls controls = { NULL, };

  controls.prompt = settings->prompt;
  controls.scene = scene;
  memcpy (controls.gains, settings->gains, sizeof controls.gains);
  controls.allow = (const char *const *) allow;
  controls.deny = (const char *const *) deny;
  controls.loudness = settings->loudness;
  foley_control (foley, &controls);
}

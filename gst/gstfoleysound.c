/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleysound.c: a Foley whose samples become buffers: interleaved, as floats or
 * as 16-bit integers, silence marked as such. */

#include "gstfoleysound.h"

#include <math.h>
#include <string.h>

/* Of a second: what is rendered at once at most. */
#define CAPACITY 4
/* s: what another sound that came before rings for at most. */
#define MAX_RING 10

struct _GstFoleySound
{
  FoleyOptions options;
  Foley *foley;                 /* NULL: silence */
  guint channels, capacity;     /* samples of a channel */

  float *store;                 /* [1 + n_stems][channels][capacity] */
  float **tracks;               /* [(1 + n_stems) * channels], the mix first */
  float *const **stems;         /* [n_stems], into tracks; NULL if there are none */
  guint64 position;             /* as rendered */
  guint n;                      /* samples there are now, before the position */

  GstFoleySound *before;        /* that this one follows, as long as it rings */
  guint64 silence;              /* of the one before: the position where it ends */
};

static void
make_tracks (GstFoleySound * sound)
{
  guint n_stems = sound->options.n_stems;
  guint n_tracks = (1 + n_stems) * sound->channels;

  sound->store = g_new0 (float, (gsize) n_tracks * sound->capacity);
  sound->tracks = g_new (float *, n_tracks);
  for (gsize i = 0; i < n_tracks; i++)
    sound->tracks[i] = sound->store + i * sound->capacity;
  if (n_stems)
    sound->stems = g_new (float *const *, n_stems);
  for (guint i = 0; i < n_stems; i++)
    sound->stems[i] = sound->tracks + (1 + i) * sound->channels;
}

GstFoleySound *
gst_foley_sound_new (const FoleyOptions * options, gboolean mute,
    GError ** error)
{
  g_autoptr (GstFoleySound) sound = g_new0 (GstFoleySound, 1);

  if (!mute && !(sound->foley = foley_new (options, error)))
    return NULL;
  sound->options = *options;
  sound->options.memory = sound->options.hrtf = NULL;
  sound->options.finder = NULL;
  sound->channels = foley_layout_get_channels (options->layout);
  sound->capacity = options->rate / CAPACITY;
  make_tracks (sound);
  return g_steal_pointer (&sound);
}

void
gst_foley_sound_free (GstFoleySound * sound)
{
  g_clear_pointer (&sound->before, gst_foley_sound_free);
  g_clear_pointer (&sound->foley, foley_free);
  g_free (sound->store);
  g_free (sound->tracks);
  g_free (sound->stems);
  g_free (sound);
}

Foley *
gst_foley_sound_get_foley (GstFoleySound * sound)
{
  return sound->foley;
}

const FoleyOptions *
gst_foley_sound_get_options (const GstFoleySound * sound)
{
  return &sound->options;
}

guint
gst_foley_sound_get_capacity (const GstFoleySound * sound)
{
  return sound->capacity;
}

/* @sound goes on where @before is: what has begun there rings out in it, if it is
 * of the same rate and layout. @before: (transfer full). */
void
gst_foley_sound_follow (GstFoleySound * sound, GstFoleySound * before)
{
  if (before->position == 0 || !before->foley || !sound->foley
      || before->options.rate != sound->options.rate
      || before->options.layout != sound->options.layout
      || before->options.n_stems > sound->options.n_stems) {
    gst_foley_sound_free (before);
    return;
  }
  foley_end (before->foley);
  sound->before = before;
  sound->silence = before->position + MAX_RING * before->options.rate;
}

static void
add_sound_before (GstFoleySound * sound)
{
  GstFoleySound *before = sound->before;
  guint n_tracks = (1 + before->options.n_stems) * before->channels;

  gst_foley_sound_render (before, before->position + sound->n);
  for (guint t = 0; t < n_tracks; t++)
    for (guint i = 0; i < sound->n; i++)
      sound->tracks[t][i] += before->tracks[t][i];
  if (gst_foley_sound_is_over (before) || before->position >= sound->silence)
    g_clear_pointer (&sound->before, gst_foley_sound_free);
}

/* Not more than the capacity at once. */
void
gst_foley_sound_render (GstFoleySound * sound, guint64 upto)
{
  sound->n = upto - sound->position;
  sound->position = upto;
  if (sound->foley)
    foley_render (sound->foley, upto, sound->tracks, sound->stems);
  if (sound->before)
    add_sound_before (sound);
}

gboolean
gst_foley_sound_is_over (const GstFoleySound * sound)
{
  return !sound->foley || (foley_is_silent (sound->foley) && !sound->before);
}

static gboolean
is_silent (float *const *channels, guint n_channels, guint n)
{
  for (guint c = 0; c < n_channels; c++)
    for (guint i = 0; i < n; i++)
      if (channels[c][i] != 0)
        return FALSE;
  return TRUE;
}

static void
interleave_f32 (float *to, float *const *channels, guint n_channels, guint n)
{
  for (guint c = 0; c < n_channels; c++)
    for (guint i = 0; i < n; i++)
      to[i * n_channels + c] = channels[c][i];
}

/* The finalizer of splitmix64 (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", 2014). */
static guint64
scramble (guint64 x)
{
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/* Triangular dither of one step to either side, which leaves neither distortion
 * nor noise modulation (Lipshitz, Wannamaker and Vanderkooy, "Quantization and
 * dither", 1992). A function of the sample's number: the same however buffers
 * are cut. */
static float
dither (guint64 number)
{
  guint64 x = scramble ((number + 1)
      * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  return ((float) (x >> 40) - (float) (x & 0xffffff)) / (1 << 24);
}

static void
interleave_s16 (gint16 * to, float *const *channels, guint n_channels,
    guint n, guint64 first)
{
  for (guint c = 0; c < n_channels; c++)
    for (guint i = 0; i < n; i++) {
      float x = channels[c][i] * 32768.f
          + dither ((first + i) * n_channels + c);

      to[i * n_channels + c] = CLAMP (lrintf (x), G_MININT16, G_MAXINT16);
    }
}

/* Returns: (transfer full): what was rendered last of the mix or of a stem; of one
 * that is not there, silence. */
GstBuffer *
gst_foley_sound_get_buffer (const GstFoleySound * sound, int stem,
    GstAudioFormat format)
{
  guint sample_size = format == GST_AUDIO_FORMAT_S16 ? 2 : 4;
  gsize size = (gsize) sound->n * sound->channels * sample_size;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  float *const *channels = NULL;
  GstMapInfo map;

  if (stem < (int) sound->options.n_stems)
    channels = sound->tracks + (1 + stem) * sound->channels;
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  if (!channels || is_silent (channels, sound->channels, sound->n)) {
    memset (map.data, 0, size);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  } else if (format == GST_AUDIO_FORMAT_S16)
    interleave_s16 ((gint16 *) map.data, channels, sound->channels, sound->n,
        sound->position - sound->n);
  else
    interleave_f32 ((float *) map.data, channels, sound->channels, sound->n);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

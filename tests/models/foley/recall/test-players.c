/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-players.c: nodes that play recordings and SoundFonts. */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "models/foley/recall/recall-config.h"
#include "models/foley/shape/voice.h"

#define SECONDS 0.5
#define TONE 997.

static char *folder;

static Voice *
make_voice (const char *graph, guint rate, GError ** error)
{
  static const Material materials[2] = { MATERIAL_UNKNOWN, MATERIAL_UNKNOWN };
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (Patch) patch = NULL;

  g_assert_true (g_key_file_load_from_data (file, graph, -1, G_KEY_FILE_NONE,
          NULL));
  patch = patch_new (file, folder, error);
  return patch ? voice_new (patch, rate, materials, 1, error) : NULL;
}

#if defined HAVE_SNDFILE || defined HAVE_FLUIDSYNTH

/* [quanta * FOLEY_QUANTUM] samples of a voice; free them. */
static float *
render (Voice * voice, guint quanta)
{
  float *out = g_new (float, quanta * FOLEY_QUANTUM);

  for (guint i = 0; i < quanta; i++)
    voice_render (voice, out + i * FOLEY_QUANTUM);
  return out;
}

static double
rms (const float *samples, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += (double) samples[i] * samples[i];
  return sqrt (sum / n);
}

#endif

static void
assert_fails (const char *graph, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Voice) voice = make_voice (graph, 48000, &error);

  g_assert_null (voice);
  g_assert_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, why));
}

#ifdef HAVE_SNDFILE

/* Amplitude of the sine of a frequency that fits best, and the root mean square
 * of what it leaves. */
static double
fit_sine (const float *samples, guint n, double frequency, double rate,
    double *rest)
{
  double cc = 0, ss = 0, cs = 0, xc = 0, xs = 0, a, b, sum = 0;

  for (guint i = 0; i < n; i++) {
    double c = cos (2 * G_PI * frequency * i / rate);
    double s = sin (2 * G_PI * frequency * i / rate);

    cc += c * c, ss += s * s, cs += c * s;
    xc += samples[i] * c, xs += samples[i] * s;
  }
  a = (xc * ss - xs * cs) / (cc * ss - cs * cs);
  b = (xs * cc - xc * cs) / (cc * ss - cs * cs);
  for (guint i = 0; i < n; i++) {
    double left = samples[i] - a * cos (2 * G_PI * frequency * i / rate)
        - b * sin (2 * G_PI * frequency * i / rate);

    sum += left * left;
  }
  *rest = sqrt (sum / n);
  return hypot (a, b);
}

typedef struct
{
  char riff[4];
  guint32 size;
  char wave[8];
  guint32 length;
  guint16 format, channels;
  guint32 rate, bytes;
  guint16 block, bits;
  char data[4];
  guint32 bytes_of_data;
} Header;

/* A WAV of floats: a sine of @frequency in the left of two channels. */
static void
write_wav (const char *name, guint rate, double seconds, double frequency)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  guint n = (guint) (seconds * rate);
  gsize size = sizeof (Header) + n * 2 * sizeof (float);
  g_autofree char *bytes = g_malloc0 (size);
  float *at = (float *) (bytes + sizeof (Header));
  Header header = {
    "RIFF", (guint32) size - 8, "WAVEfmt ", 16, 3, 2, rate, rate * 8, 8, 32,
    "data", (guint32) (size - sizeof (Header))
  };

  memcpy (header.riff, "RIFF", 4);
  memcpy (header.wave, "WAVEfmt ", 8);
  memcpy (header.data, "data", 4);
  memcpy (bytes, &header, sizeof header);
  for (guint i = 0; i < n; i++)
    at[2 * i] = (float) sin (2 * G_PI * frequency * i / rate);
  g_assert_true (g_file_set_contents (path, bytes, size, NULL));
}

/* The tone comes out at its pitch, half as loud (it was in one of two channels),
 * and nothing else does, at whatever rates and speeds. */
static void
check_pitch (guint file_rate, guint rate, double pitch)
{
  g_autofree char *graph = g_strdup_printf
      ("[out]\ntype=recording\nfile=tone.wav\npitch=%g\n", pitch);
  g_autoptr (Voice) voice = NULL;
  g_autofree float *out = NULL;
  guint n = rate / 5 / FOLEY_QUANTUM;
  double tone, rest;

  write_wav ("tone.wav", file_rate, SECONDS, TONE);
  voice = make_voice (graph, rate, NULL);
  voice_trigger (voice, 0, 1);
  g_free (render (voice, 20));
  out = render (voice, n);
  n *= FOLEY_QUANTUM;
  tone = fit_sine (out, n, TONE * pitch, rate, &rest);
  g_test_message ("%u to %u, %g: %.2f dB, besides %.1f dB", file_rate, rate,
      pitch, 20 * log10 (tone), 20 * log10 (rest / tone));
  g_assert_cmpfloat_with_epsilon (tone, .5, .001);
  g_assert_cmpfloat (rest, <, .5e-4);
}

static void
test_pitch (void)
{
  check_pitch (48000, 48000, 1);
  check_pitch (44100, 48000, 1);
  check_pitch (22050, 48000, 1);
  check_pitch (96000, 48000, 1);
  check_pitch (44100, 8000, 1);
  check_pitch (44100, 48000, 1.5);
  check_pitch (44100, 48000, .5);
}

/* Above half of the voice's rate nothing is left that could be mirrored. */
static void
test_aliases (void)
{
  g_autoptr (Voice) voice = NULL;
  g_autofree float *out = NULL;

  write_wav ("tone.wav", 48000, SECONDS, 6500);
  voice = make_voice ("[out]\ntype=recording\nfile=tone.wav\n", 8000, NULL);
  voice_trigger (voice, 0, 1);
  g_free (render (voice, 10));
  out = render (voice, 20);
  g_assert_cmpfloat (rms (out, 20 * FOLEY_QUANTUM), <, 1e-4);
}

/* When it begins, and that it ends: after its seconds, or not before it is let
 * go. */
static void
check_end (const char *loop)
{
  g_autofree char *graph = g_strdup_printf
      ("[out]\ntype=recording\nfile=tone.wav\nloop=%s\n", loop);
  gboolean loops = strcmp (loop, "yes") == 0;
  guint quanta = 48000 * SECONDS * 1.2 / FOLEY_QUANTUM;
  g_autoptr (Voice) voice = NULL;
  g_autofree float *out = NULL;

  write_wav ("tone.wav", 48000, SECONDS, TONE);
  voice = make_voice (graph, 48000, NULL);
  g_assert_true (voice_is_silent (voice));
  voice_trigger (voice, 40, 1);
  g_assert_false (voice_is_silent (voice));
  out = render (voice, quanta);
  /* the sine begins with 0 at sample 40; a sinc of a loop rings before */
  if (!loops)
    g_assert_cmpfloat (rms (out, 40), ==, 0);
  g_assert_cmpfloat (fabs (out[40]), <, 1e-3);
  g_assert_cmpfloat_with_epsilon (out[41], .5 * sin (2 * G_PI * TONE / 48000),
      2e-3);
  g_assert_cmpint (voice_is_silent (voice), ==, !loops);
  voice_release (voice);
  g_free (render (voice, quanta));
  g_assert_true (voice_is_silent (voice));
}

static void
test_ends (void)
{
  check_end ("no");
  check_end ("yes");
}

static void
test_broken_recordings (void)
{
  g_autofree char *path = g_build_filename (folder, "noise.wav", NULL);

  g_assert_true (g_file_set_contents (path, "RIFF, but not really", -1, NULL));
  write_wav ("long.wav", 8000, 61, TONE);
  write_wav ("empty.wav", 8000, 0, TONE);
  write_wav ("slow.wav", 10, 1, TONE);
  assert_fails ("[out]\ntype=recording\nfile=none.wav\n", "none.wav");
  assert_fails ("[out]\ntype=recording\nfile=noise.wav\n", "can't be read");
  assert_fails ("[out]\ntype=recording\nfile=long.wav\n", "at most 60 s");
  assert_fails ("[out]\ntype=recording\nfile=empty.wav\n", "not nothing");
  assert_fails ("[out]\ntype=recording\nfile=slow.wav\n", "a rate of");
  assert_fails ("[out]\ntype=recording\nfile=../tone.wav\n", "in the folder");
  assert_fails ("[out]\ntype=recording\nfile=/tmp/tone.wav\n", "in the folder");
  assert_fails ("[out]\ntype=recording\n", "in the folder");
}

/* A file that says that it has more than it has: what is there is played. */
static void
test_cut_off (void)
{
  g_autofree char *path = g_build_filename (folder, "tone.wav", NULL);
  g_autoptr (Voice) voice = NULL;
  g_autofree char *bytes = NULL;
  g_autofree float *out = NULL;
  gsize size;

  write_wav ("tone.wav", 48000, SECONDS, TONE);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (path, bytes, size / 2, NULL));
  voice = make_voice ("[out]\ntype=recording\nfile=tone.wav\n", 48000, NULL);
  g_assert_nonnull (voice);
  voice_trigger (voice, 0, 1);
  out = render (voice, 100);
  g_assert_cmpfloat (rms (out, 100 * FOLEY_QUANTUM), >, .3);
}
#endif

#ifdef HAVE_FLUIDSYNTH

/* FALSE, and skipped, where no font is installed. */
static gboolean
has_font (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Voice) voice = make_voice
      ("[out]\ntype=soundfont\npreset=0:0\n", 48000, &error);

  if (voice != NULL)
    return TRUE;
  if (strstr (error->message, "install one") == NULL)
    return strstr (error->message, "preset") != NULL;
  g_test_skip (error->message);
  return FALSE;
}

/* Of the font that is installed, by what an error names. */
static char *
first_preset (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Voice) voice = make_voice
      ("[out]\ntype=soundfont\npreset=no such\n", 48000, &error);
  const char *names;

  g_assert_null (voice);
  names = strstr (error->message, "BANK:PROGRAM, ");
  if (names == NULL)
    g_error ("%s", error->message);
  names += strlen ("BANK:PROGRAM, ");
  return g_strndup (names, strcspn (names, ","));
}

/* It sounds, ends, and is the same whatever another voice does. */
static void
check_font (const char *preset, guint rate)
{
  g_autofree char *graph = g_strdup_printf
      ("[out]\ntype=soundfont\npreset=%s\nlength=0.2\n", preset);
  guint n = rate / 2 / FOLEY_QUANTUM;
  g_autoptr (Voice) one = make_voice (graph, rate, NULL);
  g_autoptr (Voice) other = make_voice (graph, rate, NULL);
  g_autofree float *a = NULL, *b = NULL;

  g_assert_true (voice_is_silent (one));
  voice_trigger (one, 0, 1);
  a = render (one, n);
  g_assert_cmpfloat (rms (a, n * FOLEY_QUANTUM), >, 1e-4);
  voice_trigger (other, 0, 1);
  b = render (other, n);
  g_assert_cmpmem (a, n * FOLEY_QUANTUM * sizeof (float), b,
      n * FOLEY_QUANTUM * sizeof (float));
}

static void
test_font (void)
{
  g_autofree char *preset = NULL;

  if (!has_font ())
    return;
  preset = first_preset ();
  g_test_message ("%s", preset);
  check_font (preset, 48000);
  check_font (preset, 8000);
  check_font (preset, 192000);
}

static void
test_broken_fonts (void)
{
  g_autofree char *path = g_build_filename (folder, "noise.sf2", NULL);

  g_assert_true (g_file_set_contents (path, "RIFF....sfbk", -1, NULL));
  assert_fails ("[out]\ntype=soundfont\npreset=0:0\nfont=none.sf2\n",
      "none.sf2");
  assert_fails ("[out]\ntype=soundfont\npreset=0:0\nfont=noise.sf2\n",
      "noise.sf2");
  assert_fails ("[out]\ntype=soundfont\npreset=0:0\nfont=../x.sf2\n", "folder");
}
#endif

/* What the build has no library for is named with what there is. */
static void
test_types (void)
{
  assert_fails ("[out]\ntype=gramophone\n", "gramophone");
}

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  g_rmdir (folder);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  int failed;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("foley-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/players/types", test_types);
#ifdef HAVE_SNDFILE
  g_test_add_func ("/players/recording/pitch", test_pitch);
  g_test_add_func ("/players/recording/aliases", test_aliases);
  g_test_add_func ("/players/recording/ends", test_ends);
  g_test_add_func ("/players/recording/broken", test_broken_recordings);
  g_test_add_func ("/players/recording/cut-off", test_cut_off);
#endif
#ifdef HAVE_FLUIDSYNTH
  g_test_add_func ("/players/soundfont/plays", test_font);
  g_test_add_func ("/players/soundfont/broken", test_broken_fonts);
#endif
  failed = g_test_run ();
  remove_folder ();
  return failed;
}

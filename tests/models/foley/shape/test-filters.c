/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-filters.c: filters, formants, delays and what has no memory, measured. */

#include "render.h"

static float sound[2 * RATE];

/* dB that a node makes of a sine of an amplitude, once it has settled. */
static double
gain_of_at (const char *keys, double frequency, double rate)
{
  g_autofree char *text = g_strdup_printf ("[tone]\ntype=sine\nfrequency=%f\n"
      "level=0.5\n[out]\ninputs=tone\n%s\n", frequency, keys);
  g_autoptr (Voice) voice = make_voice_at (text, 1, rate);

  render (voice, sound, 2 * RATE);
  return decibels (amplitude_at (sound + RATE, RATE, frequency, rate) / 0.5);
}

static double
gain_of (const char *keys, double frequency)
{
  return gain_of_at (keys, frequency, RATE);
}

static void
check_gain (const char *keys, double frequency, double expected, double within)
{
  double found = gain_of (keys, frequency);

  if (!(fabs (found - expected) <= within))
    g_error ("%s at %.0f Hz: %.2f dB, not %.2f", keys, frequency, found,
        expected);
}

/* Of w = frequency / cutoff: 1 / sqrt (1 + w^2) low, w times that high. */
static void
test_onepole (void)
{
  check_gain ("type=onepole\ncutoff=1000", 100, -0.04, 0.02);
  check_gain ("type=onepole\ncutoff=1000", 1000, -3.01, 0.02);
  check_gain ("type=onepole\ncutoff=500", 4000, -18.3, 0.5);
  check_gain ("type=onepole\ncutoff=1000\nkind=high", 100, -20.04, 0.05);
  check_gain ("type=onepole\ncutoff=1000\nkind=high", 1000, -3.01, 0.02);
  check_gain ("type=onepole\ncutoff=1000\nkind=high", 10000, -0.04, 0.05);
}

/* Of w and Q: 1 / sqrt ((1 - w^2)^2 + (w / Q)^2) low; w^2 times that high, w / Q
 * times band, |1 - w^2| times notch. */
static void
check_filter (const char *kind, double cutoff, double q)
{
  double frequency;

  for (frequency = cutoff / 8; frequency <= cutoff * 4; frequency *= 2) {
    g_autofree char *keys = g_strdup_printf ("type=filter\nkind=%s\ncutoff=%f\n"
        "q=%f", kind, cutoff, q);
    /* the trapezoidal rule warps frequencies by a tangent */
    double w = tan (G_PI * frequency / RATE) / tan (G_PI * cutoff / RATE);
    double whole = 1 / hypot (1 - w * w, w / q);

    if (*kind == 'h')
      whole *= w * w;
    else if (*kind == 'b')
      whole *= w / q;
    else if (*kind == 'n')
      whole *= fabs (1 - w * w);
    if (whole < 1e-6)
      g_assert_cmpfloat (gain_of (keys, frequency), <, -80);
    else
      check_gain (keys, frequency, decibels (whole), 0.05);
  }
}

static void
test_filter (void)
{
  static const char *const kinds[] = { "low", "high", "band", "notch" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (kinds); i++) {
    check_filter (kinds[i], 1000, 0.7071);
    check_filter (kinds[i], 3000, 10);
  }
}

static void
test_peak (void)
{
  check_gain ("type=peak\ncutoff=1000\nq=2\ngain=12", 1000, 12, 0.05);
  check_gain ("type=peak\ncutoff=1000\nq=2\ngain=-12", 1000, -12, 0.05);
  check_gain ("type=peak\ncutoff=1000\nq=2\ngain=12", 50, 0, 0.1);
  check_gain ("type=peak\ncutoff=1000\nq=2\ngain=12", 20000, 0, 0.1);
  check_gain ("type=peak\ncutoff=1000\nq=2\ngain=0", 1000, 0, 0.001);
}

/* A resonance is where it was asked for at each rate, and stays stable above
 * half of it. */
static void
test_filter_rates (void)
{
  const char *keys = "type=filter\nkind=band\ncutoff=1000\nq=20";

  g_assert_cmpfloat_with_epsilon (gain_of_at (keys, 1000, 8000), 0, 0.05);
  g_assert_cmpfloat_with_epsilon (gain_of_at (keys, 1000, 192000), 0, 0.05);
  g_assert_cmpfloat (gain_of_at ("type=filter\ncutoff=20000\nq=200", 1000,
          8000), <, 1);
}

/* The amplitude of a band of the vowel's spectrum, by a sine of its frequency. */
static void
check_formants (double vowel, double scale, const double *frequencies)
{
  guint i;

  for (i = 0; i < 3; i++) {
    double f = frequencies[i] * scale, most = -1000, where = 0, at;
    g_autofree char *keys = g_strdup_printf ("type=formant\nvowel=%f\nscale=%f",
        vowel, scale);

    for (at = f * 0.85; at < f * 1.16; at *= 1.01) {
      double found = gain_of (keys, at);
      if (found > most) {
        most = found;
        where = at;
      }
    }
    g_test_message ("vowel %g x %g: formant %u at %.0f Hz (%.0f), %.1f dB",
        vowel, scale, i + 1, where, f, most);
    g_assert_cmpfloat_with_epsilon (where / f, 1, 0.05);
  }
}

static void
test_formant (void)
{
  static const double a[] = { 730, 1090, 2440 }, i[] = { 270, 2290, 3010 };
  static const double between[] = { 400, 2065, 2745 };

  check_formants (0, 1, a);
  check_formants (2, 1, i);
  check_formants (1.5, 1, between);
  check_formants (2, 2, i);
  /* at 4 kHz, an octave three above 500 Hz: 3 * 6 dB more */
  g_assert_cmpfloat_with_epsilon (gain_of ("type=formant\ntilt=6", 3300)
      - gain_of ("type=formant", 3300), 6 * log2 (3300 / 500.0), 1);
  /* a broad formant lets more pass between two */
  g_assert_cmpfloat (gain_of ("type=formant\nbreadth=5", 1700), >,
      gain_of ("type=formant\nbreadth=1", 1700) + 6);
}

static const char click[] = "[c]\ntype=pulses\ncount=1\nrate=1\n"
    "[out]\ninputs=c\ntype=delay\n";

/* A click comes back after its time, and once more, and weaker each time. */
static void
test_delay (void)
{
  g_autofree char *text =
      g_strconcat (click, "time=0.1\nfeedback=0.5\nwet=0.8\n",
      NULL);
  g_autoptr (Voice) voice = make_voice (text);
  guint i;

  g_assert_true (voice_is_silent (voice));
  voice_trigger (voice, 0, 1);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (sound[0], 1, 1e-6);
  g_assert_cmpfloat (peak (sound + 1, 4700), ==, 0);
  for (i = 1; i <= 4; i++)
    /* the loop's low-pass, as far as it is open, spreads it a little */
    g_assert_cmpfloat_with_epsilon (rms (sound + 4800 * i - 20, 80) * sqrt (80),
        0.8 * pow (0.5 * 0.93, i - 1), 0.06);
  for (i = 0; !voice_is_silent (voice) && i < 10000; i++)
    voice_render (voice, sound);
  /* 120 dB by 6 to 7 a time, 0.1 s each: seventeen to twenty and one more */
  g_assert_cmpuint (i, <, 1.15 * RATE / FOLEY_QUANTUM);
  g_assert_cmpuint (i, >, 0.75 * RATE / FOLEY_QUANTUM);
}

/* It isn't silent while something travels in it. */
static void
test_delay_silent (void)
{
  g_autofree char *text = g_strconcat (click, "time=0.9\n", NULL);
  g_autoptr (Voice) voice = make_voice (text);
  double before = 0, last = 0;
  guint i;

  voice_trigger (voice, 0, 1);
  for (i = 0; !voice_is_silent (voice); i++) {
    voice_render (voice, sound);
    if (peak (sound, FOLEY_QUANTUM) > 0) {
      before = last;
      last = i * FOLEY_QUANTUM / (double) RATE;
    }
  }
  g_assert_cmpfloat_with_epsilon (last - before, 0.9, 0.01);
  g_assert_cmpfloat_with_epsilon (i * FOLEY_QUANTUM / (double) RATE, 0.9, 0.01);
}

/* A comb: peaks at multiples of 1 / time, 1 + f / (1 - f) wet. */
static void
test_comb (void)
{
  const char *keys = "type=delay\ntime=0.002\nfeedback=0.8\ndry=0\nwet=1";

  check_gain (keys, 500, decibels (1 / (1 - 0.8)), 0.3);
  check_gain (keys, 250, decibels (1 / (1 + 0.8)), 0.3);
  check_gain ("type=delay\ntime=0.002\nfeedback=-0.8\ndry=0\nwet=1", 250,
      decibels (1 / (1 - 0.8)), 0.3);
  /* damping lowers the high peaks */
  g_assert_cmpfloat (gain_of ("type=delay\ntime=0.002\nfeedback=0.8\ndry=0\n"
          "wet=1\ndamping=1000", 4000), <, gain_of (keys, 4000) - 6);
}

static void
test_gain (void)
{
  check_gain ("type=gain\nlevel=2", 1000, 6.02, 0.01);
  check_gain ("type=gain\nlevel=-0.1", 1000, -20, 0.01);
}

static void
test_mix (void)
{
  g_autoptr (Voice) voice = make_voice ("[a]\ntype=sine\nfrequency=1000\n"
      "[b]\ntype=sine\nfrequency=3000\n"
      "[out]\ntype=mix\ninputs=a;b;a\nlevel1=0.5\nlevel2=0.25\nlevel3=-0.1\n");

  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 1000, RATE), 0.4,
      1e-3);
  g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 3000, RATE), 0.25,
      1e-3);
}

/* A ring modulator: sum and difference, and neither itself. */
static void
test_multiply (void)
{
  g_autoptr (Voice) voice = make_voice ("[a]\ntype=sine\nfrequency=1000\n"
      "[b]\ntype=sine\nfrequency=3000\n[out]\ntype=multiply\ninputs=a;b\n");

  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 2000, RATE), 0.5,
      1e-3);
  g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 4000, RATE), 0.5,
      1e-3);
  g_assert_cmpfloat (amplitude_at (sound, RATE, 1000, RATE), <, 1e-3);
}

static void
test_saturate (void)
{
  guint i;

  /* nearly linear below; of a sine of a, tanh leaves a - a^3 / 4 + a^5 / 12 */
  check_gain ("type=saturate\ndrive=0.02", 1000, -33.98, 0.01);
  check_gain ("type=saturate\ndrive=1\nlevel=0.5", 1000, -6.53, 0.1);
  gain_of ("type=saturate\ndrive=100", 1000);
  g_assert_cmpfloat_with_epsilon (peak (sound, RATE), 1, 1e-5);
  g_assert_cmpfloat (amplitude_at (sound, RATE, 3000, RATE), >, 0.3);
  for (i = 2; i < 10; i += 2)   /* odd: no even ones */
    g_assert_cmpfloat (amplitude_at (sound, RATE, 1000 * i, RATE), <, 1e-3);
}

/* Of a sine of 100 Hz through a node one of whose parameters jumps 75 times a
 * second; without, its second difference is 9e-5. */
static void
check_jump (const char *keys, double most)
{
  g_autofree char *text = g_strdup_printf ("[tone]\ntype=sine\nfrequency=100\n"
      "level=0.5\n[out]\ninputs=tone\n%s\n", keys);
  g_autoptr (Voice) voice = make_voice (text);
  guint i;

  for (i = 0; i < 75; i++) {
    voice_set (voice, VOICE_AMOUNT, i % 2);
    render (voice, sound + i * 640, 640);
  }
  g_test_message ("%s: second difference of at most %.5f", keys,
      roughness_of (sound, 75 * 640));
  g_assert_cmpfloat (roughness_of (sound, 75 * 640), <, most);
}

static void
test_jumps (void)
{
  /* a gain of 0 ... 1 in a quantum: 0.5 / 64 at its corners */
  check_jump ("type=gain\nlevel=amount", 0.009);
  check_jump ("type=mix\nlevel1=amount", 0.009);
  check_jump ("type=onepole\ncutoff=50 + 2000 * amount", 0.009);
  check_jump ("type=onepole\nkind=high\ncutoff=50 + 2000 * amount", 0.009);
  check_jump ("type=filter\ncutoff=50 + 2000 * amount\nq=2", 0.02);
  check_jump ("type=filter\ncutoff=300\nq=0.5 + 20 * amount", 0.02);
  check_jump ("type=filter\nkind=high\ncutoff=50 + 2000 * amount", 0.02);
  check_jump ("type=filter\nkind=band\ncutoff=50 + 2000 * amount", 0.02);
  check_jump ("type=peak\ncutoff=200\ngain=20 * amount", 0.04);
  check_jump ("type=formant\nvowel=4 * amount", 0.02);
  check_jump ("type=formant\nscale=1 + amount", 0.02);
  check_jump ("type=delay\ntime=0.003 + 0.01 * amount", 0.02);
  check_jump ("type=delay\ntime=0.003\nfeedback=0.5 * amount\nwet=1", 0.02);
  /* drive times 0.5, by 10 in 64 */
  check_jump ("type=saturate\ndrive=1 + 10 * amount", 0.08);
}

/* Every filter's tail ends. */
static void
test_silent (void)
{
  static const char *const nodes[] = {
    "type=onepole\ncutoff=20", "type=filter\ncutoff=30\nq=20", "type=formant",
    "type=peak\ngain=40\nq=50\ncutoff=50", "type=gain", "type=saturate",
    "type=mix", "type=delay\ntime=0.3\nfeedback=-0.9"
  };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (nodes); i++) {
    g_autofree char *text = g_strdup_printf ("[tone]\ntype=noise\nlevel=1\n"
        "[shape]\ntype=envelope\ninputs=tone\ndecay=0.1\n"
        "[out]\ninputs=shape\n%s\n", nodes[i]);
    g_autoptr (Voice) voice = make_voice (text);

    g_assert_true (voice_is_silent (voice));
    voice_trigger (voice, 0, 1);
    for (j = 0; !voice_is_silent (voice); j++) {
      voice_render (voice, sound);
      g_assert_cmpuint (j, <, 60 * RATE / FOLEY_QUANTUM);
    }
    g_assert_cmpuint (j, >=, RATE / FOLEY_QUANTUM / 8);
    /* what is left is not heard */
    render (voice, sound, 2 * RATE);
    g_assert_cmpfloat (peak (sound, 2 * RATE), <, 1e-4);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/filters/onepole", test_onepole);
  g_test_add_func ("/foley/filters/filter", test_filter);
  g_test_add_func ("/foley/filters/peak", test_peak);
  g_test_add_func ("/foley/filters/rates", test_filter_rates);
  g_test_add_func ("/foley/filters/formant", test_formant);
  g_test_add_func ("/foley/filters/delay", test_delay);
  g_test_add_func ("/foley/filters/delay-silent", test_delay_silent);
  g_test_add_func ("/foley/filters/comb", test_comb);
  g_test_add_func ("/foley/filters/gain", test_gain);
  g_test_add_func ("/foley/filters/mix", test_mix);
  g_test_add_func ("/foley/filters/multiply", test_multiply);
  g_test_add_func ("/foley/filters/saturate", test_saturate);
  g_test_add_func ("/foley/filters/jumps", test_jumps);
  g_test_add_func ("/foley/filters/silent", test_silent);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-voice.c: voices: triggers, release, silence, seeds, speed. */

#include <time.h>

#include "render.h"

/* A second. */
static float sound[RATE], other[RATE];

/* Quanta until it is silent; at most @most. */
static guint
render_until_silent (Voice * voice, guint most)
{
  float out[FOLEY_QUANTUM];
  guint n = 0;

  for (; !voice_is_silent (voice) && n < most; n++)
    voice_render (voice, out);
  return n;
}

static guint
quanta (double seconds)
{
  return ceil (seconds * RATE / FOLEY_QUANTUM);
}

static void
test_simple (void)
{
  g_autoptr (Voice) voice = make_voice ("[out]\ntype=sine\nfrequency=1000\n");

  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (frequency_of (sound, RATE, RATE), 1000, 0.01);
  g_assert_cmpfloat_with_epsilon (peak (sound, RATE), 1, 0.001);
  g_assert_false (voice_is_silent (voice));
}

static const char bell[] =
    "[sound]\nname=A bell\n[tone]\ntype=sine\nfrequency=200 + 100 * speed\n"
    "[shape]\ntype=envelope\nattack=0.001\ndecay=mass / 4\n"
    "[out]\ntype=multiply\ninputs=tone;shape\n";

/* A recipe, from end to end: nothing, a trigger, variables, the end. */
static void
test_bell (void)
{
  g_autoptr (Voice) voice = make_voice (bell);
  double decay;

  g_assert_true (voice_is_silent (voice));
  render (voice, sound, 4800);
  g_assert_cmpfloat (peak (sound, 4800), ==, 0);
  voice_set (voice, VOICE_SPEED, 3);
  voice_set (voice, VOICE_MASS, 2);
  voice_trigger (voice, 0, 0.5);
  g_assert_false (voice_is_silent (voice));
  render (voice, sound, RATE / 2);
  g_assert_cmpfloat_with_epsilon (frequency_of (sound, RATE / 4, RATE), 500, 1);
  g_assert_cmpfloat_with_epsilon (peak (sound, RATE / 2), 0.5, 0.02);
  /* 60 dB in half a second: 12 in a tenth */
  decay = decibels (amplitude_at (sound + 4800, 4800, 500, RATE)
      / amplitude_at (sound + 9600, 4800, 500, RATE));
  g_assert_cmpfloat_with_epsilon (decay, 12, 0.1);
  /* 94 dB below the start, it is over */
  g_assert_cmpuint (render_until_silent (voice, RATE), <, quanta (0.4));
  g_assert_true (voice_is_silent (voice));
}

static void
test_offset (void)
{
  guint offset;

  for (offset = 0; offset < 2 * FOLEY_QUANTUM; offset += 9) {
    g_autoptr (Voice) voice = make_voice ("[out]\ntype=envelope\nattack=0\n");
    guint i = 0;

    voice_trigger (voice, offset, 1);
    voice_render (voice, sound);
    while (i < FOLEY_QUANTUM && sound[i] == 0)
      i++;
    g_assert_cmpuint (i, ==, MIN (offset, FOLEY_QUANTUM - 1));
  }
}

/* One quantum with several triggers, told in any order. */
static void
test_many_triggers (void)
{
  g_autoptr (Voice) voice = make_voice ("[out]\ntype=envelope\nattack=0\n"
      "decay=0.001\n");

  voice_trigger (voice, 40, 1);
  voice_trigger (voice, 10, 0.5);
  voice_trigger (voice, 10, 0.25);
  voice_render (voice, sound);
  g_assert_cmpfloat (sound[9], ==, 0);
  g_assert_cmpfloat_with_epsilon (sound[10], 0.5, 1e-6);
  g_assert_cmpfloat (sound[39], <, 0.1);
  g_assert_cmpfloat_with_epsilon (sound[40], 1, 1e-6);
}

/* Drops: each triggers, and draws its own pitch; all that a drop triggers have
 * the same chance. */
static void
test_nodes_trigger (void)
{
  g_autoptr (Voice) voice = make_voice ("[drops]\ntype=pulses\nrate=20\n"
      "[shape]\ntype=envelope\non=drops\nattack=0.001\n"
      "decay=0.01 + 0.02 * step(0.5, chance)\n"
      "[tone]\ntype=sine\non=drops\nfrequency=1000 + 4000 * step(0.5, chance)\n"
      "[out]\ntype=multiply\ninputs=tone;shape\n");
  guint i, n_high = 0, n_low = 0;

  render (voice, sound, RATE);
  for (i = 0; i + 2400 <= RATE; i += 2400) {
    /* where the drop is: 20 a second, so one in each twentieth */
    double low = amplitude_at (sound + i, 2400, 1000, RATE);
    double high = amplitude_at (sound + i, 2400, 5000, RATE);

    n_low += low > 3 * high;
    n_high += high > 3 * low;
  }
  g_assert_cmpuint (n_low + n_high, >=, 18);
  g_assert_cmpuint (n_low, >=, 3);
  g_assert_cmpuint (n_high, >=, 3);
}

static void
test_events (void)
{
  g_autoptr (Voice) voice = make_voice ("[begin]\ntype=envelope\non=start\n"
      "attack=0\ndecay=0.01\n[end]\ntype=envelope\non=release\nattack=0\n"
      "decay=0.01\n[both]\ntype=envelope\non=trigger;release\nattack=0\n"
      "decay=0.01\n[out]\ntype=mix\ninputs=begin;end;both\nlevel1=1\n"
      "level2=10\nlevel3=100\n");

  g_assert_false (voice_is_silent (voice));
  render (voice, sound, 4800);
  g_assert_cmpfloat_with_epsilon (peak (sound, 4800), 1, 0.01);
  g_assert_true (voice_is_silent (voice));
  voice_trigger (voice, 3, 1);
  render (voice, sound, 4800);
  g_assert_cmpfloat_with_epsilon (peak (sound, 4800), 100, 0.01);
  voice_release (voice);
  g_assert_false (voice_is_silent (voice));
  render (voice, sound, 4800);
  g_assert_cmpfloat_with_epsilon (peak (sound, 4800), 110, 0.01);
  g_assert_true (voice_is_silent (voice));
  voice_release (voice);
  render (voice, sound, 4800);
  g_assert_cmpfloat (peak (sound, 4800), ==, 0);
}

/* Endless noise is faded in 0.2 s; the tail of what it feeds rings on. */
static void
test_release_fades (void)
{
  g_autoptr (Voice) voice = make_voice ("[hiss]\ntype=noise\nlevel=1\n"
      "[out]\ntype=filter\nkind=band\ninputs=hiss\ncutoff=500\nq=200\n");
  double before, after;
  guint n;

  render (voice, sound, RATE);
  before = rms (sound + RATE / 2, RATE / 2);
  voice_release (voice);
  render (voice, sound, RATE / 2);
  after = rms (sound + RATE * 2 / 5, RATE / 10);
  g_assert_cmpfloat (after, >, 0.001 * before);
  g_assert_cmpfloat (after, <, 0.5 * before);
  g_assert_false (voice_is_silent (voice));
  /* the filter falls by 60 dB in 6.91 * 2 Q / (2 pi 500) = 0.88 s */
  n = render_until_silent (voice, quanta (10));
  g_assert_cmpuint (n, >, quanta (0.5));
  g_assert_cmpuint (n, <, quanta (2.5));
  render (voice, sound, RATE);
  g_assert_cmpfloat (peak (sound, RATE), <, 1e-4);
}

/* What an envelope ends is not faded. */
static void
test_release_rings (void)
{
  g_autoptr (Voice) voice = make_voice (bell);
  g_autoptr (Voice) free_voice = make_voice (bell);

  voice_set (voice, VOICE_MASS, 8);
  voice_set (free_voice, VOICE_MASS, 8);
  voice_trigger (voice, 0, 1);
  voice_trigger (free_voice, 0, 1);
  render (voice, sound, 4800);
  render (free_voice, other, 4800);
  voice_release (voice);
  render (voice, sound, RATE);
  render (free_voice, other, RATE);
  g_assert_cmpmem (sound, sizeof sound, other, sizeof other);
  g_assert_cmpfloat (rms (sound + RATE / 2, 4800), >, 0.05);
}

static void
test_release_sustained (void)
{
  g_autoptr (Voice) voice = make_voice ("[tone]\ntype=sine\n"
      "[out]\ntype=envelope\ninputs=tone\nsustain=0.5\nrelease=0.1\n");
  guint n;

  voice_trigger (voice, 0, 1);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (peak (sound + RATE / 2, RATE / 2), 0.5, 0.01);
  g_assert_false (voice_is_silent (voice));
  voice_release (voice);
  /* 0.5 to 1e-5 is 94 dB, at 60 in 0.1 s */
  n = render_until_silent (voice, RATE);
  g_assert_cmpuint (n, >=, quanta (0.155));
  g_assert_cmpuint (n, <=, quanta (0.158));
  /* and it is not sustained any more */
  voice_trigger (voice, 0, 1);
  g_assert_cmpuint (render_until_silent (voice, RATE), <, quanta (0.6));
}

static void
test_release_pulses (void)
{
  g_autoptr (Voice) voice = make_voice ("[drops]\ntype=pulses\nrate=50\n"
      "[out]\ntype=envelope\non=drops\ndecay=0.05\n");

  g_assert_false (voice_is_silent (voice));
  render (voice, sound, RATE);
  g_assert_false (voice_is_silent (voice));
  voice_release (voice);
  g_assert_cmpuint (render_until_silent (voice, RATE), <, quanta (0.15));
}

/* A trigger source that knows no end is faded, and so ends what it triggers. */
static void
test_release_lfo (void)
{
  g_autoptr (Voice) voice = make_voice ("[beat]\ntype=lfo\nrate=10\nlow=-1\n"
      "[out]\ntype=envelope\non=beat\nattack=0\ndecay=0.05\n");

  render (voice, sound, RATE);
  g_assert_false (voice_is_silent (voice));
  voice_release (voice);
  g_assert_cmpuint (render_until_silent (voice, RATE), <, quanta (0.4));
}

/* Nodes of all classes, with what they may take of noise: whatever they do by
 * themselves ends, and then nothing is heard. */
static void
check_release (const NodeClass * klass)
{
  g_autoptr (GString) text = g_string_new ("[out]\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (Patch) patch = NULL;
  g_autoptr (Voice) voice = NULL;
  guint i;

  g_string_append_printf (text, "type=%s\ninputs=", klass->type);
  for (i = 0; i < klass->min_inputs; i++)
    g_string_append (text, "in;");
  for (i = 0; klass->params && klass->params[i].name; i++)
    if (strcmp (klass->params[i].name, "amount") == 0)
      g_string_append (text, "\namount=0.5");
  g_string_append (text, klass->min_inputs ? "\n[in]\ntype=noise\n" : "\n");
  patch = try_patch (text->str, &error);
  if (!patch) {
    g_test_message ("%s is left out: %s", klass->type, error->message);
    return;
  }
  voice = make_voice (text->str);
  voice_trigger (voice, 0, 1);
  render (voice, sound, RATE);
  voice_release (voice);
  i = render_until_silent (voice, quanta (60));
  g_test_message ("%s: silent after %.2f s", klass->type,
      i * FOLEY_QUANTUM / (double) RATE);
  g_assert_cmpuint (i, <, quanta (60));
  render (voice, sound, RATE);
  g_assert_cmpfloat (peak (sound, RATE), <, 1e-3);
}

static void
test_release_classes (void)
{
  const NodeClass *const *classes = node_class_list ();

  for (; *classes; classes++)
    check_release (*classes);
}

/* Values of nodes in expressions: an envelope that opens a gain. */
static void
test_node_values (void)
{
  g_autoptr (Voice) voice = make_voice ("[swell]\ntype=envelope\nattack=0.5\n"
      "hold=10\n[tone]\ntype=sine\nfrequency=480\n"
      "[out]\ntype=gain\ninputs=tone\nlevel=2 * swell\n");
  guint i;

  voice_trigger (voice, 0, 1);
  render (voice, sound, RATE);
  for (i = 0; i < 24000; i += 2400)
    g_assert_cmpfloat_with_epsilon (amplitude_at (sound + i, 2400, 480, RATE),
        2 * (i + 1200) / 24000.0, 0.005);
  g_assert_cmpfloat_with_epsilon (peak (sound + 24000, 24000), 2, 0.001);
}

/* A parameter's value is finite and in range, whatever comes of an expression. */
static void
test_clamped (void)
{
  g_autoptr (Voice) voice = make_voice ("[out]\ntype=sine\n"
      "frequency=1000 / (speed - 1)\nlevel=mass\n");

  render (voice, sound, RATE);  /* 1 / 0: the standard, 440 Hz */
  g_assert_cmpfloat_with_epsilon (frequency_of (sound, RATE, RATE), 440, 0.01);
  voice_set (voice, VOICE_SPEED, 1.001);        /* 1 MHz: 20 kHz */
  voice_set (voice, VOICE_MASS, -5);
  render (voice, sound, RATE);
  g_assert_cmpfloat (peak (sound + FOLEY_QUANTUM, RATE - FOLEY_QUANTUM), ==, 0);
  voice_set (voice, VOICE_MASS, NAN);   /* 1 kg */
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (frequency_of (sound, RATE, RATE), 20000, 1);
  g_assert_cmpfloat_with_epsilon (rms (sound, RATE), G_SQRT2 / 2, 0.001);
}

static void
test_age (void)
{
  g_autoptr (Voice) voice = make_voice ("[out]\ntype=glide\nto=age\ntime=0\n");

  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (sound[RATE - 1], 1, 0.002);
  g_assert_cmpfloat_with_epsilon (sound[RATE / 2], 0.5, 0.002);
}

static const char wild[] =
    "[drops]\ntype=pulses\npattern=random\nrate=random(10, 20)\nweakest=0.2\n"
    "[wind]\ntype=gusts\nrate=3\n[hiss]\ntype=noise\ncolor=pink\n"
    "[air]\ntype=filter\ninputs=hiss\ncutoff=300 + 2000 * wind\nkind=band\n"
    "[shape]\ntype=envelope\non=drops\ndecay=random(0.01, 0.1)\n"
    "[tone]\ntype=fm\non=drops\nfrequency=random(500, 2000)\nratio=1.4\n"
    "[drop]\ntype=multiply\ninputs=tone;shape\n"
    "[echo]\ntype=delay\ninputs=drop\ntime=0.03\nfeedback=0.5\n"
    "[sum]\ntype=mix\ninputs=air;echo\nlevel2=0.3\n"
    "[out]\ntype=saturate\ninputs=sum\ndrive=2\n";

static void
test_seeds (void)
{
  g_autoptr (Voice) first = make_voice_at (wild, 7, RATE);
  g_autoptr (Voice) same = make_voice_at (wild, 7, RATE);
  g_autoptr (Voice) third = make_voice_at (wild, G_GUINT64_CONSTANT (7) << 32,
      RATE);

  render (first, sound, RATE);
  render (same, other, RATE);
  g_assert_cmpmem (sound, sizeof sound, other, sizeof other);
  g_assert_cmpfloat (rms (sound, RATE), >, 0.01);
  render (third, other, RATE);
  g_assert_true (memcmp (sound, other, sizeof sound) != 0);
}

/* At the least and the most rate it sounds, and about as loud. */
static void
test_rates (void)
{
  static const guint rates[] = { FOLEY_MIN_RATE, 22050, 44100, FOLEY_MAX_RATE };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rates); i++) {
    g_autofree float *x = g_new0 (float, rates[i]);
    g_autoptr (Voice) voice = make_voice_at (wild, 7, rates[i]);

    render (voice, x, rates[i]);
    g_test_message ("%u Hz: %.1f dB", rates[i], decibels (rms (x, rates[i])));
    g_assert_cmpfloat (rms (x, rates[i]), >, 0.02);
    g_assert_cmpfloat (rms (x, rates[i]), <, 0.5);
  }
}

/* Loops of gain that run away are held; not a number never comes out. */
static void
test_sane (void)
{
  g_autoptr (GString) text = g_string_new ("[n0]\ntype=noise\nlevel=100\n");
  g_autoptr (Voice) voice = NULL;
  guint i;

  for (i = 1; i < 20; i++)
    g_string_append_printf (text, "[n%u]\ntype=gain\ninputs=n%u\nlevel=1e5\n",
        i, i - 1);
  g_string_append (text,
      "[p]\ntype=multiply\ninputs=n19;n19;n19;n19;n19;n19;"
      "n19;n19\n[f]\ntype=filter\ninputs=p\nq=200\ncutoff=20000 * chance\n"
      "[out]\ntype=delay\ninputs=f\nfeedback=0.999\n");
  voice = make_voice (text->str);
  for (i = 0; i < 100; i++) {
    guint j;

    voice_set (voice, VOICE_CHANCE, (i * 37 % 100) / 100.0);
    voice_render (voice, sound);
    for (j = 0; j < FOLEY_QUANTUM; j++)
      g_assert_true (isfinite (sound[j]));
  }
  g_assert_cmpfloat (peak (sound, FOLEY_QUANTUM), >, 0);
  g_assert_cmpfloat (peak (sound, FOLEY_QUANTUM), <=, 1e6);
}

/* Printed, since it depends on the machine. */
static void
test_speed (void)
{
  g_autoptr (Voice) voice = make_voice (wild);
  clock_t start = clock ();
  double seconds;
  guint i;

  for (i = 0; i < 10; i++)
    render (voice, sound, RATE);
  seconds = (clock () - start) / (double) CLOCKS_PER_SEC;
  g_test_message ("a voice of 10 nodes: %.0f x real time, on one core",
      10 / seconds);
  g_assert_cmpfloat (seconds, <, 10);
}

/* What a class with such a word takes for it. */
static void
test_materials (void)
{
  const NodeClass *const *classes = node_class_list ();
  guint n = 0, i;

  for (; *classes; classes++)
    for (i = 0; (*classes)->words && (*classes)->words[i].name; i++) {
      g_autofree char *text = NULL;
      g_autoptr (Voice) voice = NULL;

      if (strcmp ((*classes)->words[i].name, "material") != 0
          || (*classes)->min_inputs > 0)
        continue;
      text = g_strdup_printf ("[out]\ntype=%s\nmaterial=other\n",
          (*classes)->type);
      voice = make_voice (text);
      n++;
    }
  if (n == 0)
    g_test_skip ("no node has a material");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/voice/simple", test_simple);
  g_test_add_func ("/foley/voice/bell", test_bell);
  g_test_add_func ("/foley/voice/offset", test_offset);
  g_test_add_func ("/foley/voice/many-triggers", test_many_triggers);
  g_test_add_func ("/foley/voice/nodes-trigger", test_nodes_trigger);
  g_test_add_func ("/foley/voice/events", test_events);
  g_test_add_func ("/foley/voice/release/fades", test_release_fades);
  g_test_add_func ("/foley/voice/release/rings", test_release_rings);
  g_test_add_func ("/foley/voice/release/sustained", test_release_sustained);
  g_test_add_func ("/foley/voice/release/pulses", test_release_pulses);
  g_test_add_func ("/foley/voice/release/lfo", test_release_lfo);
  g_test_add_func ("/foley/voice/release/classes", test_release_classes);
  g_test_add_func ("/foley/voice/node-values", test_node_values);
  g_test_add_func ("/foley/voice/clamped", test_clamped);
  g_test_add_func ("/foley/voice/age", test_age);
  g_test_add_func ("/foley/voice/seeds", test_seeds);
  g_test_add_func ("/foley/voice/rates", test_rates);
  g_test_add_func ("/foley/voice/sane", test_sane);
  g_test_add_func ("/foley/voice/materials", test_materials);
  g_test_add_func ("/foley/voice/speed", test_speed);
  return g_test_run ();
}

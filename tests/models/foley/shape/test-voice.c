/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-voice.c: voices: triggers, release, silence, seeds, speed. */

#include "render.h"

/* A second. */
static float sound[RATE];

static void
test_simple (void)
{
  g_autoptr (Voice) voice = make_voice ("[out]\ntype=sine\nfrequency=1000\n");

  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (frequency_of (sound, RATE, RATE), 1000, 0.01);
  g_assert_cmpfloat_with_epsilon (peak (sound, RATE), 1, 0.001);
  g_assert_false (voice_is_silent (voice));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/voice/simple", test_simple);
  return g_test_run ();
}

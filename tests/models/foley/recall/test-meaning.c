/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-meaning.c: what is alike is near, what is not is far. */

#include <math.h>

#include "models/foley/recall/memory.h"

/* Word, one that is nearer to it, one that is farther; written down before the
 * table was made. */
static const char *const triples[][3] = {
  {"puppy", "dog", "car"}, {"automobile", "car", "boat"},
  {"coach", "bus", "dog"}, {"vessel", "ship", "horse"},
  {"kitten", "cat", "train"}, {"dusk", "night", "noise"},
  {"golden retriever", "dog", "cat"}, {"tabby", "cat", "horse"},
  {"stallion", "horse", "pig"}, {"pony", "horse", "bird"},
  {"cab", "taxi", "ship"}, {"lorry", "truck", "aeroplane"},
  {"jet", "airplane", "bicycle"}, {"airliner", "airplane", "tractor"},
  {"chopper", "helicopter", "piano"}, {"yacht", "sailboat", "tractor"},
  {"canoe", "boat", "helicopter"}, {"ferry", "ship", "cow"},
  {"locomotive", "train", "bird"}, {"tramway", "tram", "frog"},
  {"motorbike", "motorcycle", "sheep"}, {"scooter", "motorcycle", "owl"},
  {"fire engine", "fire truck", "campfire"}, {"ambulance", "siren", "violin"},
  {"cop", "police", "baker"}, {"spaceship", "rocket", "bicycle"},
  {"flying saucer", "ufo", "plate"}, {"lamb", "sheep", "wolf"},
  {"calf", "cow", "eagle"}, {"bull", "cow", "duck"},
  {"hen", "chicken", "lion"}, {"cockerel", "rooster", "mouse"},
  {"sparrow", "bird", "snake"}, {"seagull", "bird", "monkey"},
  {"mallard", "duck", "tiger"}, {"toad", "frog", "hawk"},
  {"wasp", "bee", "elephant"}, {"mosquito", "fly", "whale"},
  {"grasshopper", "cricket", "bear"}, {"polar bear", "bear", "ice"},
  {"panther", "tiger", "sparrow"}, {"orca", "whale", "parrot"},
  {"porpoise", "dolphin", "camel"}, {"chimpanzee", "monkey", "fish"},
  {"piglet", "pig", "shark"}, {"cobra", "snake", "cow"},
  {"hound", "dog", "guitar"}, {"rat", "mouse", "whale"},
  {"drizzle", "rain", "fire"}, {"downpour", "rain", "desert"},
  {"thunderstorm", "thunder", "kitchen"}, {"lightning", "thunder", "snow"},
  {"blizzard", "snow", "desert"}, {"gale", "wind", "stone"},
  {"breeze", "wind", "metal"}, {"brook", "stream", "road"},
  {"creek", "river", "street"}, {"ocean", "sea", "forest"},
  {"seashore", "beach", "office"}, {"woods", "forest", "city"},
  {"jungle", "forest", "kitchen"}, {"meadow", "grass", "ship"},
  {"town", "city", "sea"}, {"avenue", "street", "lake"},
  {"dunes", "desert", "city"}, {"parlour", "room", "ocean"},
  {"ship horn", "foghorn", "trumpet"}, {"flute", "music", "tractor"},
  {"cello", "violin", "drum"}, {"snare", "drum", "flute"},
  {"keyboard instrument", "piano", "trumpet"}, {"banjo", "guitar", "car"},
  {"oak", "wood", "glass"}, {"plank", "wood", "water"},
  {"iron", "metal", "wool"}, {"bottle", "glass", "fur"},
  {"porcelain", "ceramic", "steel"}, {"boulder", "stone", "leaf"},
  {"pebbles", "gravel", "rubber"}, {"cement", "concrete", "grass"},
  {"tarmac", "asphalt", "feather"}, {"flame", "fire", "rain"},
  {"blaze", "fire", "ice"}, {"applause", "crowd", "engine"},
  {"footsteps", "walking", "ringing"}, {"gate", "door", "fish"},
  {"wristwatch", "clock", "gun"}, {"explosion", "bomb", "bird"},
  {"teapot", "kettle", "sword"}, {"washing machine", "laundry", "horse"},
  {"android", "robot", "bird"}, {"basketball", "ball", "box"},
};

static float
nearness (const char *a, const char *b)
{
  float x[MEANING_SIZE], y[MEANING_SIZE], sum = 0;

  meaning_of (a, x);
  meaning_of (b, y);
  for (guint i = 0; i < MEANING_SIZE; i++)
    sum += x[i] * y[i];
  return sum;
}

static void
test_triples (void)
{
  guint right = 0;

  for (guint i = 0; i < G_N_ELEMENTS (triples); i++) {
    const char *const *t = triples[i];

    if (nearness (t[0], t[1]) > nearness (t[0], t[2]))
      right++;
    else
      g_test_message ("%s: nearer to %s (%.2f) than to %s (%.2f)", t[0], t[2],
          nearness (t[0], t[2]), t[1], nearness (t[0], t[1]));
  }
  g_test_message ("%u of %u", right, (guint) G_N_ELEMENTS (triples));
  g_assert_cmpfloat (right, >=, .9 * G_N_ELEMENTS (triples));
}

/* Length 1, or 0 where nothing is known. */
static float
length_of (const char *words)
{
  float out[MEANING_SIZE], square = 0;

  meaning_of (words, out);
  for (guint i = 0; i < MEANING_SIZE; i++)
    square += out[i] * out[i];
  return sqrtf (square);
}

static void
test_length (void)
{
  static const char *const nothing[] = { "", " ", "the", "a of the", "zzqxv",
    "1234", "\xc3\xa9t\xc3\xa9qq", "\xff\xfe", "'", "--", "zzqxv the 12"
  };
  g_autofree char *long_word = g_strnfill (100000, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (nothing); i++)
    g_assert_cmpfloat (length_of (nothing[i]), ==, 0);
  g_assert_cmpfloat (length_of (long_word), ==, 0);
  g_assert_cmpfloat_with_epsilon (length_of ("dog"), 1, 1e-5);
  g_assert_cmpfloat_with_epsilon (length_of ("a red boat on a lake"), 1, 1e-5);
}

/* Forms of a word, and words that count nothing. */
static void
test_forms (void)
{
  static const char *const same[][2] = {
    {"DOG", "dog"}, {"the dog", "dog"}, {"a dog.", "dog"}, {"dog zzqxv", "dog"},
    {"oboes", "oboe"}, {"the dog's", "dog"}, {"fire-engine", "fire engine"},
    {"Fire\tEngine!", "fire engine"}, {"polar bears", "polar bear"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    g_assert_cmpfloat_with_epsilon (nearness (same[i][0], same[i][1]), 1, 1e-5);
  g_assert_cmpfloat (nearness ("barking", "bark"), >, .5);
  g_assert_cmpfloat (nearness ("dogs", "dog"), >, .8);
  /* not the sum of its words */
  g_assert_cmpfloat (nearness ("fire engine", "truck"), >,
      nearness ("fire", "truck") + .2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meaning/triples", test_triples);
  g_test_add_func ("/meaning/length", test_length);
  g_test_add_func ("/meaning/forms", test_forms);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-memory.c: recipes are read, and found by what words mean. */

#include <glib/gstdio.h>
#include <string.h>

#include "models/foley/recall/memory.h"

static const char good[] =
    "[sound]\nname=Kazoo\ndescription=a kazoo; a buzzing toy flute\n"
    "kind=thing\nlayer=voices\nplays=now and then\nevery=1;2.5\nlevel=-20\n"
    "loudness=-26\n\n[out]\ntype=saw\nfrequency=200\n";

static Memory *
make_memory (const char *folder)
{
  g_autoptr (GError) error = NULL;
  Memory *memory = memory_new (folder, &error);

  g_assert_no_error (error);
  return memory;
}

static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("foley-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
put_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  g_rmdir (folder);
}

static const Sound *
get (Memory * memory, const char *id)
{
  guint n;
  const Sound *const *sounds = memory_list (memory, &n);

  for (guint i = 0; i < n; i++)
    if (strcmp (sounds[i]->id, id) == 0)
      return sounds[i];
  return NULL;
}

static void
test_embedded (void)
{
  g_autoptr (Memory) memory = make_memory (NULL);
  guint n, counts[3] = { 0 };
  const Sound *const *sounds = memory_list (memory, &n);
  const char *const *complaints = memory_get_complaints (memory);

  for (guint i = 0; complaints[i]; i++)
    g_error ("%s", complaints[i]);
  for (guint i = 0; i < n; i++) {
    counts[sounds[i]->kind]++;
    g_assert_true (i == 0 || strcmp (sounds[i - 1]->id, sounds[i]->id) < 0);
  }
  g_test_message ("%u of things, %u of contacts, %u of surroundings",
      counts[SOUND_THING], counts[SOUND_CONTACT], counts[SOUND_SURROUNDINGS]);
  g_assert_cmpuint (counts[SOUND_THING] + counts[SOUND_CONTACT], >=, 80);
  g_assert_cmpuint (counts[SOUND_SURROUNDINGS], >=, 12);
}

/* What is asked for, and what is to be found; A|B: either. */
static const struct
{
  SoundKind kind;
  const char *words, *ids;
} queries[] = {
  {SOUND_THING, "golden retriever", "dog-bark"},
  {SOUND_THING, "a small brown dog runs", "dog-bark"},
  {SOUND_THING, "kitty", "cat-meow|cat-purr"},
  {SOUND_THING, "heifer", "cow-moo"},
  {SOUND_THING, "foal", "horse-neigh"},
  {SOUND_THING, "T-Rex", "dinosaur-roar"},
  {SOUND_THING, "billy goat", "sheep-bleat"},
  {SOUND_THING, "wild boar", "pig-oink"},
  {SOUND_THING, "tigress", "lion-roar"},
  {SOUND_THING, "grizzly bear", "bear-growl"},
  {SOUND_THING, "killer whale", "whale-song"},
  {SOUND_THING, "blackbird", "bird-song|crow-caw"},
  {SOUND_THING, "barn owl", "owl-hoot"},
  {SOUND_THING, "tree frog", "frog-croak"},
  {SOUND_THING, "bumblebee", "bee-buzz"},
  {SOUND_THING, "rattlesnake", "snake-hiss"},
  {SOUND_THING, "cockerel", "rooster-crow"},
  {SOUND_THING, "piglet", "pig-oink"},
  {SOUND_THING, "ladies talking", "crowd-talk"},
  {SOUND_THING, "robot", "robot-beep"},
  {SOUND_THING, "android", "robot-beep"},
  {SOUND_THING, "sport utility vehicle", "car"},
  {SOUND_THING, "hatchback", "car|racing-car"},
  {SOUND_THING, "yellow cab", "taxi"},
  {SOUND_THING, "articulated lorry", "truck"},
  {SOUND_THING, "fire truck", "fire-engine"},
  {SOUND_THING, "police cruiser", "police-car"},
  {SOUND_THING, "motor bike", "motorcycle|scooter"},
  {SOUND_THING, "mountain bike", "bicycle"},
  {SOUND_THING, "locomotive", "steam-train"},
  {SOUND_THING, "tram car", "tram"},
  {SOUND_THING, "subway train", "train"},
  {SOUND_THING, "sailing yacht", "sailboat"},
  {SOUND_THING, "steamship", "ship|ship-horn"},
  {SOUND_THING, "passenger ship", "ship"},
  {SOUND_THING, "kayak", "rowing-boat"},
  {SOUND_THING, "airliner", "airplane"},
  {SOUND_THING, "helicopter", "helicopter"},
  {SOUND_THING, "space rocket", "rocket"},
  {SOUND_THING, "flying saucer", "ufo"},
  {SOUND_THING, "kite", "cloth-flutter"},
  {SOUND_THING, "bonfire", "fire"},
  {SOUND_THING, "waterfall", "fountain"},
  {SOUND_THING, "grandfather clock", "clock-tick|alarm-clock"},
  {SOUND_THING, "acoustic guitar", "guitar"},
  {SOUND_THING, "cello", "violin"},
  {SOUND_THING, "trombone", "trumpet"},
  {SOUND_THING, "snare drum", "drum"},
  {SOUND_THING, "church", "church-bell"},
  {SOUND_THING, "bellhop bell", "desk-bell"},
  {SOUND_THING, "oak tree", "tree-rustle"},
  {SOUND_THING, "explosion", "bomb"},
  {SOUND_CONTACT, "basketball bounces", "bounce-ball"},
  {SOUND_CONTACT, "wine glass", "hit-glass"},
  {SOUND_CONTACT, "car crash", "crash"},
  {SOUND_CONTACT, "glass shatters", "glass-break"},
  {SOUND_CONTACT, "horse gallops", "step-hoof"},
  {SOUND_CONTACT, "dog step", "step-paw"},
  {SOUND_CONTACT, "man walks", "step-shoe"},
  {SOUND_CONTACT, "bowling ball rolls", "roll"},
  {SOUND_CONTACT, "splash in water", "splash"},
  {SOUND_CONTACT, "sliding", "slide"},
  {SOUND_SURROUNDINGS, "beach at sunset", "beach"},
  {SOUND_SURROUNDINGS, "city street at night", "city-night"},
  {SOUND_SURROUNDINGS, "city street", "city-day"},
  {SOUND_SURROUNDINGS, "back alley", "back-alley"},
  {SOUND_SURROUNDINGS, "woods", "forest"},
  {SOUND_SURROUNDINGS, "ocean", "sea"},
  {SOUND_SURROUNDINGS, "snowy mountains", "snow-field"},
  {SOUND_SURROUNDINGS, "sand dunes", "desert"},
  {SOUND_SURROUNDINGS, "outer space", "space"},
  {SOUND_SURROUNDINGS, "room with a wooden floor", "room"},
  {SOUND_SURROUNDINGS, "grassy field", "meadow"},
  {SOUND_SURROUNDINGS, "under the sea", "underwater|sea"},
  {SOUND_SURROUNDINGS, "downpour", "rain"},
  {SOUND_SURROUNDINGS, "thunderstorm", "thunder"},
  {SOUND_SURROUNDINGS, "inside a car", "car-inside"},
};

static void
test_find (void)
{
  g_autoptr (Memory) memory = make_memory (NULL);
  guint right = 0;

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++) {
    g_auto (GStrv) ids = g_strsplit (queries[i].ids, "|", -1);
    float score;
    const Sound *sound = memory_find (memory, queries[i].words,
        queries[i].kind, .3f, &score);

    if (sound && g_strv_contains ((const char *const *) ids, sound->id))
      right++;
    else
      g_test_message ("%s: %s (%.2f), not %s", queries[i].words,
          sound ? sound->id : "nothing", score, queries[i].ids);
  }
  g_test_message ("%u of %u", right, (guint) G_N_ELEMENTS (queries));
  g_assert_cmpfloat (right, >=, .9 * G_N_ELEMENTS (queries));
}

static void
test_find_all (void)
{
  g_autoptr (Memory) memory = make_memory (NULL);
  const Sound *sounds[5], *again[5];
  float scores[5], score = 2;
  guint n =
      memory_find_all (memory, "wolf", SOUND_THING, .2f, sounds, scores, 5);

  g_assert_cmpuint (n, ==, 5);
  g_assert_cmpstr (sounds[0]->id, ==, "wolf-howl");
  g_assert_cmpfloat_with_epsilon (scores[0], 1, 1e-5);
  for (guint i = 0; i < n; i++) {
    g_assert_cmpint (sounds[i]->kind, ==, SOUND_THING);
    g_assert_true (i == 0 || scores[i] <= scores[i - 1]);
    g_assert_cmpfloat (scores[i], >=, .2);
  }
  /* other words between: the same again, and with no room for scores */
  for (guint i = 0; i < 600; i++) {
    g_autofree char *words = g_strdup_printf ("dog %u", i);

    g_assert_nonnull (memory_find (memory, words, SOUND_THING, .5f, NULL));
  }
  g_assert_cmpuint (memory_find_all (memory, "wolf", SOUND_THING, .2f, again,
          NULL, 5), ==, 5);
  g_assert_cmpmem (sounds, sizeof sounds, again, sizeof again);
  /* nothing is known of it, and nothing is near enough */
  g_assert_null (memory_find (memory, "zzqxv", SOUND_THING, .1f, &score));
  g_assert_cmpfloat (score, ==, -1);
  g_assert_null (memory_find (memory, "wolf", SOUND_THING, 1.1f, &score));
}

static void
test_folder (void)
{
  g_autofree char *folder = make_folder ();
  g_autoptr (Memory) without = make_memory (NULL);
  g_autoptr (Memory) memory = NULL;
  guint n, n_without;

  put_file (folder, "kazoo.sound", good);
  put_file (folder, "dog-bark.sound", good);
  put_file (folder, "notes.txt", "no recipe");
  memory = make_memory (folder);
  remove_folder (folder);
  g_assert_null (memory_get_complaints (memory)[0]);
  memory_list (memory, &n);
  memory_list (without, &n_without);
  g_assert_cmpuint (n, ==, n_without + 1);
  g_assert_cmpstr (get (memory, "dog-bark")->name, ==, "Kazoo");
  g_assert_cmpstr (get (without, "dog-bark")->name, !=, "Kazoo");
  g_assert_cmpstr (memory_find (memory, "kazoo", SOUND_THING, .5f, NULL)->name,
      ==, "Kazoo");
  g_assert_cmpfloat (get (memory, "kazoo")->every[1], ==, 2.5);
  g_assert_cmpint (get (memory, "kazoo")->plays, ==, SOUND_NOW_AND_THEN);
  g_assert_cmpint (get (memory, "kazoo")->layer, ==, FOLEY_LAYER_VOICES);
  /* +6 dB, from -26 to -20 */
  g_assert_cmpfloat_with_epsilon (sound_get_gain (get (memory, "kazoo")),
      1.99526, 1e-4);
}

/* Broken by putting @with where @from is; what is then complained of. */
static const struct
{
  const char *from, *with, *complaint;
} broken[] = {
  {"[sound]", "[noise]", "[sound]"},
  {"name=Kazoo\n", "", "[sound] name: found no such key"},
  {"name=Kazoo", "name=", "[sound] name: found nothing"},
  {"kind=thing", "kind=song",
      "[sound] kind: found song; possible: thing, contact"},
  {"layer=voices", "layer=loud",
      "[sound] layer: found loud; possible: ambience"},
  {"plays=now and then", "plays=never", "[sound] plays: found never"},
  {"every=1;2.5", "every=2;1", "[sound] every: found 2;1"},
  {"every=1;2.5", "every=1", "[sound] every: found 1;"},
  {"every=1;2.5", "every=nan;nan", "[sound] every: found nan;nan"},
  {"every=1;2.5\n", "", "[sound] every: found no such key"},
  {"level=-20", "level=loud", "[sound] level: found loud; possible: LUFS"},
  {"level=-20", "level=inf", "[sound] level: found inf"},
  {"loudness=-26", "loudness=-90", "[sound] loudness: found -90"},
  {"loudness=-26", "volume=3", "[sound] volume: found an unknown key"},
  {"type=saw", "type=sow", "[out] type: found \"sow\""},
  {"frequency=200", "frequency=speed *", "[out] frequency"},
  {"[out]", "[in]", "[out]"},
  {"[sound]", "sound", "broken.sound: "},
  {"name=Kazoo", "name=\xff\xfe", "[sound] name"},
};

static void
test_broken (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autofree char *folder = make_folder ();
    g_auto (GStrv) around = g_strsplit (good, broken[i].from, 2);
    g_autofree char *text = g_strjoinv (broken[i].with, around);
    g_autoptr (Memory) memory = NULL;
    const char *const *complaints;

    put_file (folder, "broken.sound", text);
    put_file (folder, "kazoo.sound", good);
    memory = make_memory (folder);
    remove_folder (folder);
    complaints = memory_get_complaints (memory);
    g_assert_nonnull (complaints[0]);
    g_test_message ("%s", complaints[0]);
    g_assert_null (complaints[1]);
    g_assert_true (g_str_has_prefix (complaints[0], "broken.sound: "));
    g_assert_nonnull (strstr (complaints[0], broken[i].complaint));
    g_assert_true (g_utf8_validate (complaints[0], -1, NULL));
    g_assert_null (get (memory, "broken"));
    g_assert_nonnull (get (memory, "kazoo"));
  }
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (memory_new ("/no/such/folder", &error));
  g_assert_error (error, FOLEY_ERROR, FOLEY_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/no/such/folder"));
}

/* What is no file, or too large a one, is not read. */
static void
test_no_file (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *inner = g_build_filename (folder, "folder.sound", NULL);
  g_autofree char *large = g_strnfill (1024 * 1024, '#');
  g_autoptr (Memory) memory = NULL;

  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  put_file (folder, "large.sound", large);
  memory = make_memory (folder);
  remove_folder (folder);
  g_assert_cmpuint (g_strv_length ((char **) memory_get_complaints (memory)),
      ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/embedded", test_embedded);
  g_test_add_func ("/memory/find", test_find);
  g_test_add_func ("/memory/find-all", test_find_all);
  g_test_add_func ("/memory/folder", test_folder);
  g_test_add_func ("/memory/broken", test_broken);
  g_test_add_func ("/memory/no-folder", test_no_folder);
  g_test_add_func ("/memory/no-file", test_no_file);
  return g_test_run ();
}

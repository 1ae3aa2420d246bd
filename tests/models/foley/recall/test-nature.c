/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-nature.c: what things are like. */

#include "models/foley/recall/memory.h"

/* The classes of the starter's stage, which its pictures show. */
static const char *const actors[] = {
#include "actors.inc"
};

static void
assert_possible (const char *name)
{
  Nature nature;

  nature_of (name, &nature);
  if (!(nature.size > 0 && nature.size <= 2000 && nature.density > 0
          && nature.density < 5000))
    g_error ("%s: %g m, %g kg/m3", name, nature.size, nature.density);
}

static void
test_actors (void)
{
  Nature unknown, nature;

  nature_of ("zzqxv", &unknown);
  g_assert_cmpint (unknown.material, ==, MATERIAL_UNKNOWN);
  for (guint i = 0; i < G_N_ELEMENTS (actors); i++) {
    nature_of (actors[i], &nature);
    if (nature.material == MATERIAL_UNKNOWN)
      g_error ("%s: no material", actors[i]);
    assert_possible (actors[i]);
  }
}

/* Name, material, alive, and what its size is at least and at most, in m. */
static const struct
{
  const char *name;
  Material material;
  gboolean alive;
  float least, most;
} known[] = {
  {"dog", MATERIAL_FUR, TRUE, .4, 1.2},
  {"T-Rex", MATERIAL_FLESH, TRUE, 6, 15},
  {"mouse", MATERIAL_FUR, TRUE, .05, .15},
  {"taxi", MATERIAL_STEEL, FALSE, 3, 6},
  {"wine glass", MATERIAL_GLASS, FALSE, .1, .3},
  {"teddy bear", MATERIAL_CLOTH, FALSE, .2, .6},
  {"jack-o-lantern", MATERIAL_FLESH, FALSE, .2, .5},
  /* by what it ends in */
  {"golden retriever", MATERIAL_FUR, TRUE, .5, 1},
  {"yellow taxi", MATERIAL_STEEL, FALSE, 3, 6},
  {"Old-English  hunting-Dog", MATERIAL_FUR, TRUE, .3, 1.2},
  /* by what it is said to be of */
  {"wooden car", MATERIAL_WOOD, FALSE, 3, 6},
  {"glass ball", MATERIAL_GLASS, FALSE, .1, .4},
  {"rubber dog", MATERIAL_RUBBER, FALSE, .4, 1.2},
  {"steel drum", MATERIAL_STEEL, FALSE, .2, 1},
  /* by meaning */
  {"kestrel", MATERIAL_FEATHERS, TRUE, .2, 1},
  {"mackerel", MATERIAL_FLESH, TRUE, .1, 1},
  {"cottage", MATERIAL_CONCRETE, FALSE, 4, 20},
  {"airbus", MATERIAL_ALUMINIUM, FALSE, 10, 80},
  {"hatchback", MATERIAL_STEEL, FALSE, 3, 6},
  {"foxhound", MATERIAL_FUR, TRUE, .3, 1.2},

};

static void
test_known (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    Nature nature;

    nature_of (known[i].name, &nature);
    g_test_message ("%s: %s %g m", known[i].name,
        material_get_name (nature.material), nature.size);
    /* where nothing can be said of it, nothing is asked */
    if (known[i].material != MATERIAL_UNKNOWN) {
      g_assert_cmpint (nature.material, ==, known[i].material);
      g_assert_cmpint (nature.alive, ==, known[i].alive);
    }
    g_assert_cmpfloat (nature.size, >=, known[i].least);
    g_assert_cmpfloat (nature.size, <=, known[i].most);
  }
}

static void
test_strange (void)
{
  Nature nature;

  nature_of (NULL, &nature);
  g_assert_cmpint (nature.material, ==, MATERIAL_UNKNOWN);
  assert_possible (NULL);
  assert_possible ("");
  assert_possible (" - - ");
  assert_possible ("\xff\xfe");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nature/actors", test_actors);
  g_test_add_func ("/nature/known", test_known);
  g_test_add_func ("/nature/strange", test_strange);
  return g_test_run ();
}

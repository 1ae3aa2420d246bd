/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* replay.c: gives the files of a corpus to a fuzz target once, without
 * libFuzzer, so that what it once found stays fixed. */

#include "fuzz.h"

static void
replay (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  g_autofree guint8 *exact = NULL;
  gsize size;

  if (!g_file_get_contents (path, &contents, &size, &error))
    g_error ("%s", error->message);
  /* Without the byte that GLib appends, so that an overrun is seen. */
  exact = g_memdup2 (contents, size);
  LLVMFuzzerTestOneInput (exact, size);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;
  guint n = 0;

  if (argc != 2)
    g_error ("usage: %s CORPUS", argv[0]);
  LLVMFuzzerInitialize (&argc, &argv);
  dir = g_dir_open (argv[1], 0, &error);
  if (!dir)
    g_error ("%s", error->message);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (argv[1], name, NULL);
    replay (path);
    n++;
  }
  g_print ("%u inputs\n", n);
  return n == 0;
}

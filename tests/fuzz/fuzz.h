/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz.h: what the fuzz targets share: inputs become files, for the readers
 * take paths. */

#pragma once

#include <stdlib.h>
#include <unistd.h>
#include <glib/gstdio.h>

/* libFuzzer's interface. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const guint8 * data, size_t size);

/* A directory for the input, made once, best on a tmpfs (TMPDIR=/dev/shm). */
static char *fuzz_directory;

static inline void
fuzz_clean_up (void)
{
  g_autoptr (GDir) dir = g_dir_open (fuzz_directory, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (fuzz_directory, name, NULL);
    g_remove (path);
  }
  g_rmdir (fuzz_directory);
  g_free (fuzz_directory);
}

/* To be called first. A reader that warns has met what it did not check, so
 * warnings are fatal. */
static inline void
fuzz_init (void)
{
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING
      | G_LOG_FATAL_MASK);
  fuzz_directory = g_dir_make_tmp ("dit-fuzz-XXXXXX", NULL);
  if (!fuzz_directory)
    g_error ("no temporary directory");
  atexit (fuzz_clean_up);
}

/* The path is the caller's. Written in place: renaming would cost more than
 * most readers. */
static inline char *
fuzz_write (const char *name, const void *data, gsize size)
{
  char *path = g_build_filename (fuzz_directory, name, NULL);
  FILE *file = g_fopen (path, "wb");

  if (!file || fwrite (data, 1, size, file) != size || fclose (file) != 0)
    g_error ("%s: cannot be written", path);
  return path;
}

/* An error must say something; a success must not have one. */
static inline void
fuzz_check_error (gboolean success, const GError *error)
{
  if (success != (error == NULL) || (error && !*error->message))
    abort ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mapped-file.c: maps a file that may be anything into memory. */

#include <errno.h>
#include <string.h>
#include <glib/gstdio.h>

#include "format-private.h"

gboolean
format_is_plain_name (const char *name)
{
  return *name && !strpbrk (name, "/\\") && !g_str_equal (name, ".")
      && !g_str_equal (name, "..");
}

/* Asked first, because opening a FIFO would wait for a writer for ever. */
static gboolean
check_file (const char *path, guint64 max_size, GError ** error)
{
  GStatBuf info;

  if (g_stat (path, &info) != 0) {
    int saved = errno;
    g_set_error (error, FORMAT_ERROR,
        saved == ENOENT || saved == ENOTDIR ?
        FORMAT_ERROR_NOT_FOUND : FORMAT_ERROR_READ,
        "%s: %s", path, g_strerror (saved));
    return FALSE;
  }
  if (!S_ISREG (info.st_mode)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_READ,
        "%s: not a regular file", path);
    return FALSE;
  }
  if ((guint64) info.st_size > max_size) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
        "%s: %" G_GUINT64_FORMAT " bytes, expected at most %"
        G_GUINT64_FORMAT, path, (guint64) info.st_size, max_size);
    return FALSE;
  }
  return TRUE;
}

GMappedFile *
format_map_file (const char *path, guint64 max_size, GError ** error)
{
  g_autoptr (GError) inner = NULL;
  GMappedFile *file;

  if (!check_file (path, max_size, error))
    return NULL;
  file = g_mapped_file_new (path, FALSE, &inner);
  if (!file)
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_READ, "%s: %s", path,
        inner->message);
  return file;
}

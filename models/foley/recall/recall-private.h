/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recall-private.h: what the files of recall/ share. */

#pragma once

#include <gio/gio.h>

#include "models/foley/recall/memory.h"

G_BEGIN_DECLS

/* resources.c.  An embedded file; it is there as long as the program is. */
const guint8 *recall_get_file (const char *name, gsize * size);
/* Names of the files in an embedded folder; free with g_strfreev(). */
char **recall_list_files (const char *folder);

/* Cosine of two unit meanings. */
float meaning_compare (const float a[MEANING_SIZE],
    const float b[MEANING_SIZE]);

/* recipe.c.  The sound of a key file; its strings are put into @strings.
 * @folder: where its recordings are, or NULL.  FOLEY_ERROR_RECIPE names group
 * and key, what was found and what can be. */
Sound *recipe_read (GKeyFile * file, const char *id, const char *folder,
    GStringChunk * strings, GError ** error);
void recipe_free (Sound * sound);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format-private.h: what the readers of models/format share. */

#pragma once

#include "models/format/format.h"

G_BEGIN_DECLS

/* Maps a regular file of at most @max_size bytes. */
GMappedFile *format_map_file (const char *path, guint64 max_size,
    GError ** error);

/* The object that @data is as JSON; @path is for messages. Stricter than
 * json-glib: bounded nesting, no comments, no key twice in an object. */
JsonObject *format_json_parse (const char *data, gsize length,
    const char *path, GError ** error);
JsonObject *format_json_read (const char *path, GError ** error);

/* What config_open() has read, owned by the config. */
JsonObject *config_get_object (Config * config);

/* The name of a file beside the one that names it: one that leads elsewhere is
 * none. */
gboolean format_is_plain_name (const char *name);

/* What a JSON value is, in words; for messages. */
const char *format_json_describe (JsonNode * node);

G_END_DECLS

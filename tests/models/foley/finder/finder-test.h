/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finder-test.h: what the tests of the finder share. */

#pragma once

#include <json-glib/json-glib.h>

#include "models/foley/finder/finder.h"

/* What a recipe of models/foley/finder wrote. */
static inline JsonNode *
read_json (const char *name)
{
  g_autofree char *path = g_build_filename (DATA, name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

static inline FoleyFinder *
make_finder (void)
{
  g_autoptr (GError) error = NULL;
  FoleyFinder *finder = foley_finder_new (NULL, &error);

  g_assert_no_error (error);
  return finder;
}

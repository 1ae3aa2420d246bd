/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format-error.c: the error domain of the readers. */

#include "models/format/format.h"

GQuark
format_error_quark (void)
{
  return g_quark_from_static_string ("format-error-quark");
}

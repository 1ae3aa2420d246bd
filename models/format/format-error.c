/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format-error.c: the error domain of the readers. */

#include "models/format/format.h"

G_DEFINE_QUARK (format-error-quark, format_error)

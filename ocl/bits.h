/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bits.h: the bits of a float. */

#pragma once

#include <string.h>
#include <glib.h>

G_BEGIN_DECLS

static inline float
float_from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static inline guint32
bits_from_float (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* room.h: what is known of each room. */

#pragma once

#include "models/foley/mix/mixer.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  double rt60;                  /* s, at 1 kHz */
  double dull;                  /* RT60 at 8 kHz over that at 1 kHz */
  double scale;                 /* of the lengths of the late delay lines */
  double critical;              /* m: where direct and reverberant sound are equal */
  double late;                  /* share of the late sound in its power, 0 ... 1 */
  gboolean sparse;              /* few echoes, far between */
} RoomPreset;

const RoomPreset *room_get_preset (Room room);

G_END_DECLS

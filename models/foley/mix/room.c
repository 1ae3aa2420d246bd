/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* room.c: names and numbers of the rooms, and which room a place is. */

#include "models/foley/mix/room.h"

/* RT60: docs of the sources (studio 0.4, classroom 0.8, street 0.5,
 * cathedral 8, forest 0.3).  The critical distances are about 0.1 sqrt (V / RT60)
 * metres for a common volume V, twice that of an omnidirectional source
 * (Kuttruff, Room Acoustics, eq. 5.44: 0.057 sqrt (V / RT60)): what we hear in
 * films is close-miked. */
static const RoomPreset presets[N_ROOMS] = {
  [ROOM_OPEN] = {"open", 0, 1, 1, 1, 0, FALSE},
  [ROOM_FOREST] = {"forest", 0.3, 0.5, 1, 12, 0.25, TRUE},
  [ROOM_STREET] = {"street", 0.5, 0.5, 1.6, 8, 0.5, FALSE},
  [ROOM_STUDIO] = {"studio", 0.4, 0.4, 0.7, 4, 0.6, FALSE},
  [ROOM_ROOM] = {"room", 0.5, 0.5, 0.75, 2.5, 0.6, FALSE},
  [ROOM_KITCHEN] = {"kitchen", 0.7, 0.7, 0.7, 1.8, 0.6, FALSE},
  [ROOM_CLASSROOM] = {"classroom", 0.8, 0.6, 1.1, 2.5, 0.7, FALSE},
  [ROOM_HALL] = {"hall", 2, 0.45, 1.9, 4, 0.8, FALSE},
  [ROOM_CATHEDRAL] = {"cathedral", 8, 0.3, 2.6, 5, 0.9, FALSE},
};

static const struct
{
  const char *place;
  Room room;
} places[] = {
  {"alley", ROOM_STREET},
  {"auditorium", ROOM_HALL},
  {"bathroom", ROOM_KITCHEN},
  {"bedroom", ROOM_ROOM},
  {"cathedral", ROOM_CATHEDRAL},
  {"cave", ROOM_CATHEDRAL},
  {"church", ROOM_CATHEDRAL},
  {"city", ROOM_STREET},
  {"classroom", ROOM_CLASSROOM},
  {"concert hall", ROOM_HALL},
  {"court", ROOM_STREET},
  {"forest", ROOM_FOREST},
  {"garage", ROOM_CLASSROOM},
  {"gym", ROOM_HALL},
  {"hall", ROOM_HALL},
  {"jungle", ROOM_FOREST},
  {"kitchen", ROOM_KITCHEN},
  {"living room", ROOM_ROOM},
  {"office", ROOM_ROOM},
  {"room", ROOM_ROOM},
  {"school", ROOM_CLASSROOM},
  {"station", ROOM_HALL},
  {"street", ROOM_STREET},
  {"studio", ROOM_STUDIO},
  {"theatre", ROOM_HALL},
  {"town", ROOM_STREET},
  {"wood", ROOM_FOREST},
  {"woods", ROOM_FOREST},
};

const RoomPreset *
room_get_preset (Room room)
{
  return &presets[room];
}

const char *
room_get_name (Room room)
{
  return presets[room].name;
}

double
room_get_rt60 (Room room)
{
  return presets[room].rt60;
}

Room
room_of_place (const char *place, gboolean indoors)
{
  guint i;

  for (i = 0; place != NULL && i < G_N_ELEMENTS (places); i++)
    if (g_ascii_strcasecmp (place, places[i].place) == 0)
      return places[i].room;
  return indoors ? ROOM_ROOM : ROOM_OPEN;
}

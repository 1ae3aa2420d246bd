/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contacts.h: what touches what, and when, from the ways of things. */

#pragma once

#include "models/foley/see/touch.h"

G_BEGIN_DECLS

#define CONTACTS_MAX 64

typedef struct _Contacts Contacts;

/* @touch: what tells contacts of things that were found, (transfer none); NULL:
 * theirs are told as those of others. */
Contacts *contacts_new (const TouchNet * touch);
void contacts_free (Contacts * contacts);
void contacts_reset (Contacts * contacts);

/* What the newest frame tells of @tracks, at @time in seconds, in order of
 * time; holds until the next call.  SceneContact.ground is left to others.
 * @place: the finder's word for it, or NULL. */
const SceneContact *contacts_see (Contacts * contacts, const Track * tracks,
    guint n_tracks, Lens * lens, const char *place, double time, guint * n);

G_END_DECLS

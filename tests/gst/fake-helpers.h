/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-helpers.h: what the tests with the stand-in share. */

#pragma once

#include "fake-video.h"
#include "helpers.h"

/* Resets the stand-in before, and checks after, that nothing is left of it. */
void fake_add (const char *path, GTestFunc test);

FakeMark sample_mark (GstSample * sample);
guint64 sample_frame (GstSample * sample);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* video-quark.c: the domain of this room's errors. */

#include "models/video.h"

/* *INDENT-OFF* */
G_DEFINE_QUARK (video-error-quark, video_error)
/* *INDENT-ON* */

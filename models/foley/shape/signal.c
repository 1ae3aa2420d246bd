/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* signal.c: oscillators, noises, envelopes, filters and mixers. */

#include "models/foley/shape/node.h"

const NodeClass *const node_signal_classes[] = { NULL };

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* signal.c: oscillators, noises, envelopes, filters and mixers. */

#include "models/foley/shape/signal.h"

const NodeClass *const node_signal_classes[] = {
  &node_sine, &node_saw, &node_pulse, &node_fm, &node_lfo,
  &node_noise, &node_gusts,
  &node_envelope, &node_contour, &node_pulses, &node_glide,
  &node_onepole, &node_filter, &node_peak, &node_formant, &node_delay,
  &node_gain, &node_mix, &node_multiply, &node_saturate,
  NULL
};

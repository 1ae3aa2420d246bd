/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditenums.h: GTypes of the enumerated properties. */

#pragma once

#include <gst/gst.h>

#define GST_TYPE_DIT_SAMPLER (gst_dit_sampler_get_type ())
GType gst_dit_sampler_get_type (void);

#define GST_TYPE_DIT_PRECISION (gst_dit_precision_get_type ())
GType gst_dit_precision_get_type (void);

#define GST_TYPE_DIT_GEMM (gst_dit_gemm_get_type ())
GType gst_dit_gemm_get_type (void);

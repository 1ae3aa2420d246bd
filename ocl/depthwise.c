/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* depthwise.c: convolutions of each channel by itself, channels last. */

#include "ocl-private.h"

#define VECTOR 16               /* channels that a work-item handles */

struct _OclDepthwise
{
  OclTensor *weight;            /* [k * k, channels, padded to VECTOR] */
  OclTensor *bias;              /* [the same] */
  OclConvOptions options;
  gsize channels;
  guint k;
};

/* ---- weights --------------------------------------------------------------- */

static gboolean
arrays_fit (const OclHostArray * weight, const OclHostArray * bias,
    const OclConvOptions * options)
{
  return ocl_type_is_weight (weight->type) && weight->n_dims == 4
      && weight->dims[0] > 0 && weight->dims[1] == 1
      && weight->dims[2] == weight->dims[3]
      && (weight->dims[2] == 3 || weight->dims[2] == 5)
      && !(options && options->upsample)
      && (!bias || (ocl_type_is_weight (bias->type) && bias->n_dims == 1
          && bias->dims[0] == weight->dims[0]));
}

/* Channels come last, then zeros. */
static OclTensor *
new_weight (OclContext * cl, const OclHostArray * weight, gsize padded)
{
  gsize channels = weight->dims[0], taps = weight->dims[2] * weight->dims[3];
  g_autofree float *from = g_new (float, channels * taps);
  g_autofree float *to = g_new0 (float, padded * taps);
  OclTensor *t = ocl_tensor_new (cl, OCL_F32, 2, taps, padded);

  ocl_host_array_to_float (weight, 0, channels * taps, from);
  for (gsize tap = 0; tap < taps; tap++)
    for (gsize c = 0; c < channels; c++)
      to[tap * padded + c] = from[c * taps + tap];
  if (ocl_context_ok (cl))
    ocl_tensor_write (cl, t, to);
  return t;
}

static OclTensor *
new_bias (OclContext * cl, const OclHostArray * bias, gsize padded)
{
  g_autofree float *values = g_new0 (float, padded);
  OclTensor *t = ocl_tensor_new (cl, OCL_F32, 1, padded);

  if (bias)
    ocl_host_array_to_float (bias, 0, bias->dims[0], values);
  if (ocl_context_ok (cl))
    ocl_tensor_write (cl, t, values);
  return t;
}

OclDepthwise *
ocl_depthwise_new (OclContext * cl, const OclHostArray * weight,
    const OclHostArray * bias, const OclConvOptions * options)
{
  OclDepthwise *conv = g_new0 (OclDepthwise, 1);
  gsize padded;

  if (!ocl_context_require (cl, arrays_fit (weight, bias, options),
          "depthwise_new", NULL))
    return conv;
  if (options)
    conv->options = *options;
  conv->options.stride = MAX (conv->options.stride, 1);
  conv->channels = weight->dims[0];
  conv->k = weight->dims[2];
  padded = (conv->channels + VECTOR - 1) / VECTOR * VECTOR;
  conv->weight = new_weight (cl, weight, padded);
  conv->bias = new_bias (cl, bias, padded);
  return conv;
}

void
ocl_depthwise_free (OclDepthwise * conv)
{
  if (!conv)
    return;
  g_clear_pointer (&conv->weight, ocl_tensor_unref);
  g_clear_pointer (&conv->bias, ocl_tensor_unref);
  g_free (conv);
}

/* ---- products ---------------------------------------------------------------- */

static gboolean
is_video (OclTensor * t, gsize channels)
{
  return t->type == OCL_F32 && t->n_dims == 4 && t->cols == channels
      && ocl_tensor_is_dense (t);
}

/* How many outputs the taps give along one dimension; 0 if none. */
static gsize
output_size (const OclDepthwise * conv, gsize size, guint before, guint after)
{
  gsize padded = size + before + after;

  return padded < conv->k ? 0 : (padded - conv->k) / conv->options.stride + 1;
}

static gboolean
depthwise_fits (const OclDepthwise * conv, OclTensor * y, OclTensor * x)
{
  const OclConvOptions *o = &conv->options;

  return conv->weight && is_video (x, conv->channels)
      && is_video (y, conv->channels) && y->rows > 0 && y->dims[0] == x->dims[0]
      && y->dims[1] == output_size (conv, x->dims[1], o->pad_top, o->pad_bottom)
      && y->dims[2] == output_size (conv, x->dims[2], o->pad_left,
      o->pad_right);
}

void
ocl_depthwise (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclDepthwise * conv, OclActivation activation)
{
  const OclConvOptions *o = &conv->options;

  if (!ocl_context_require (cl, depthwise_fits (conv, y, x), "depthwise", "y",
          y, "x", x, NULL))
    return;

  const gsize share = ocl_context_is_cpu (cl) ? y->dims[2] : 1;
  const size_t global[3] = {
    conv->bias->cols / VECTOR, y->dims[2] / share, y->dims[0] * y->dims[1]
  };
  const OclArg args[] = {
    OCL_ARG_AT (y), OCL_ARG_AT (x), OCL_ARG_TENSOR (conv->weight),
    OCL_ARG_TENSOR (conv->bias), OCL_ARG_INT (x->dims[1]),
    OCL_ARG_INT (x->dims[2]), OCL_ARG_INT (x->cols),
    OCL_ARG_INT (conv->bias->cols), OCL_ARG_INT (y->dims[1]),
    OCL_ARG_INT (y->dims[2]), OCL_ARG_INT (conv->k), OCL_ARG_INT (o->stride),
    OCL_ARG_INT (o->pad_top), OCL_ARG_INT (o->pad_left), OCL_ARG_INT (share),
    OCL_ARG_INT (activation)
  };
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "depthwise.cl", "", "depthwise"), 3, global,
      NULL, args, G_N_ELEMENTS (args));
}

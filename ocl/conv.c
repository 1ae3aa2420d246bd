/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv.c: convolutions, channels last, causal in time, as products over a
 * padded copy of the input. */

#include "gemm.h"

struct _OclConv
{
  OclProduct *product;
  OclConvOptions options;
  gsize in;
  guint kt, kh, kw;
  gboolean winograd;            /* where it pays */
  gsize copy_bytes;
};

/* Of the padded copy: what does not fit is taken in turns. */
#define COPY_BYTES ((gsize) 64 << 20)
/* Of tiles, which every panel of weights is multiplied with: they shall stay in
 * a cache. */
#define TILES_BYTES ((gsize) 12 << 20)

/* ---- weights --------------------------------------------------------------- */

typedef struct
{
  const OclHostArray *weight;   /* [out, in, taps in time, height, width] */
  gsize in, taps;
  float *values;                /* of one output */
} Source;

/* Channels come last. */
static void
read_row (gpointer data, gsize output, float *row)
{
  const Source *s = data;
  gsize n = s->in * s->taps;

  ocl_host_array_to_float (s->weight, output * n, n, s->values);
  for (gsize tap = 0; tap < s->taps; tap++)
    for (gsize i = 0; i < s->in; i++)
      *row++ = s->values[i * s->taps + tap];
}

static gboolean
arrays_fit (const OclHostArray * weight, const OclHostArray * bias)
{
  if (!ocl_type_is_weight (weight->type)
      || (weight->n_dims != 4 && weight->n_dims != 5))
    return FALSE;
  for (guint i = 0; i < weight->n_dims; i++)
    if (weight->dims[i] == 0)
      return FALSE;
  return !bias || (ocl_type_is_weight (bias->type) && bias->n_dims == 1
      && bias->dims[0] == weight->dims[0]);
}

/* Only linear layers are made in int16. */
static OclPrecision
convolved_in (OclContext * cl, OclPrecision precision)
{
  precision = ocl_context_resolve_precision (cl, precision);
  return precision == OCL_PRECISION_INT16 ? OCL_PRECISION_FLOAT32 : precision;
}

OclConv *
ocl_conv_new (OclContext * cl, const OclHostArray * weight,
    const OclHostArray * bias, const OclConvOptions * options,
    OclPrecision precision)
{
  OclConv *conv = g_new0 (OclConv, 1);
  guint n = weight->n_dims;
  OclProductShape shape;
  g_autofree float *values = NULL;
  g_autofree float *biases = NULL;

  if (!ocl_context_require (cl, arrays_fit (weight, bias), "conv_new", NULL))
    return conv;
  if (options)
    conv->options = *options;
  conv->options.stride = MAX (conv->options.stride, 1);
  conv->in = weight->dims[1];
  conv->kt = n == 5 ? weight->dims[2] : 1;
  conv->kh = weight->dims[n - 2];
  conv->kw = weight->dims[n - 1];
  conv->copy_bytes = COPY_BYTES;

  shape.outputs = weight->dims[0];
  shape.runs = conv->kt * conv->kh;
  shape.taps = conv->kw;
  shape.depth = conv->in;

  Source source = { weight, conv->in, (gsize) shape.runs * shape.taps };
  source.values = values = g_new (float, source.in * source.taps);
  if (bias) {
    biases = g_new (float, shape.outputs);
    ocl_host_array_to_float (bias, 0, shape.outputs, biases);
  }
  conv->product = ocl_product_new (cl, &shape, read_row, &source, biases,
      convolved_in (cl, precision));
  conv->winograd = conv->kh == 3 && conv->options.stride == 1
      && ocl_winograd_can (cl, conv->product);
  return conv;
}

void
ocl_conv_free (OclConv * conv)
{
  if (!conv)
    return;
  ocl_product_free (conv->product);
  g_free (conv);
}

void
ocl_conv_set_copy_bytes (OclConv * conv, gsize bytes)
{
  conv->copy_bytes = bytes;
}

/* ---- products ---------------------------------------------------------------- */

static gboolean
is_video (OclTensor * t, OclType type, gsize frames, gsize height, gsize width,
    gsize channels)
{
  return t->type == type && t->n_dims == 4 && t->dims[0] == frames
      && t->dims[1] == height && t->dims[2] == width && t->cols == channels;
}

/* How many outputs @taps taps give along one dimension; 0 if none. */
static gsize
output_size (const OclConv * conv, gsize size, guint before, guint after,
    guint taps)
{
  gsize padded = size * (conv->options.upsample ? 2 : 1) + before + after;

  return padded < taps ? 0 : (padded - taps) / conv->options.stride + 1;
}

/* What a product rounds to bfloat16 may have been stored as that. */
static gboolean
reads_type (const OclConv * conv, OclType type)
{
  return type == OCL_F32 || (type == OCL_BF16
      && ocl_product_get_format (conv->product) != OCL_INPUT_F32);
}

static gboolean
conv_fits (const OclConv * conv, OclTensor * y, OclTensor * x,
    OclTensor * history, const OclEpilogue * e)
{
  const OclConvOptions *o = &conv->options;
  gsize height, width;

  if (!conv->product || x->n_dims != 4)
    return FALSE;
  height = output_size (conv, x->dims[1], o->pad_top, o->pad_bottom, conv->kh);
  width = output_size (conv, x->dims[2], o->pad_left, o->pad_right, conv->kw);
  return reads_type (conv, x->type)
      && is_video (x, x->type, x->dims[0], x->dims[1], x->dims[2], conv->in)
      && is_video (y, OCL_F32, x->dims[0], height, width,
      ocl_product_get_shape (conv->product)->outputs)
      && height > 0 && width > 0 && !e->multiply && !e->gate
      && (!e->residual
      || is_video (e->residual, OCL_F32, y->dims[0], height, width, y->cols))
      && (!history || is_video (history, x->type, conv->kt - 1, x->dims[1],
          x->dims[2], conv->in));
}

/* A product over single positions of float reads x as it is. */
static gboolean
reads_directly (const OclConv * conv)
{
  const OclConvOptions *o = &conv->options;

  return conv->kt * conv->kh * conv->kw == 1 && o->stride == 1 && !o->upsample
      && o->pad_top + o->pad_bottom + o->pad_left + o->pad_right == 0
      && ocl_product_get_format (conv->product) == OCL_INPUT_F32;
}

static void
conv_directly (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclConv * conv, const OclEpilogue * e)
{
  OclPlane plane = { ocl_tensor_mem (x), ocl_tensor_offset (x), x->stride };

  plane.lines = plane.step = plane.frames = 1;
  plane.positions = plane.pitch = plane.width = x->rows;
  ocl_product (cl, y, &plane, x->rows, conv->product, e);
}

/* What one copy serves of the output: rows of some frames. */
typedef struct
{
  gsize frame, frames;
  gsize row, rows;
} Part;

static gsize
copy_columns (const OclConv * conv, OclTensor * y)
{
  gsize stride = conv->options.stride;
  gsize columns = (y->dims[2] - 1) * stride + conv->kw;

  return (columns + stride - 1) / stride * stride;
}

/* The largest parts of @y whose copy is small: whole frames, or rows of one. */
static Part
first_part (const OclConv * conv, OclTensor * y)
{
  gsize stride = conv->options.stride;
  gsize lines = conv->copy_bytes / (copy_columns (conv, y)
      * ocl_product_get_depth (conv->product) * sizeof (float));
  gsize frame = (y->dims[1] - 1) * stride + conv->kh;
  gsize frames = lines / frame, rows = lines / conv->kt;
  Part part = { 0, 1, 0, y->dims[1] };

  if (frames >= conv->kt)
    part.frames = MIN (frames - conv->kt + 1, y->dims[0]);
  else
    part.rows = rows > conv->kh ? (rows - conv->kh) / stride + 1 : 1;
  return part;
}

/* The same of tiles, whose copy serves no other rows: few rows of many frames,
 * since each part wants those before its first one as well. */
static Part
first_winograd_part (const OclConv * conv, OclTensor * y)
{
  gsize past = conv->kt - 1;
  gsize lines = MIN (conv->copy_bytes, TILES_BYTES)
      / ocl_winograd_row_bytes (conv->product, y->dims[2]);
  gsize frames = CLAMP (lines / OCL_WINOGRAD_ROWS, 1 + past,
      y->dims[0] + past);
  gsize rows = MAX (lines / frames / OCL_WINOGRAD_ROWS, 1) * OCL_WINOGRAD_ROWS;
  Part part = { 0, frames - past, 0, MIN (rows, y->dims[1]) };

  return part;
}

static OclGather
describe_copy (const OclConv * conv, OclTensor * y, OclTensor * x,
    OclTensor * history, const Part * part)
{
  guint stride = conv->options.stride;
  OclGather g = { history, conv->kt - 1, x->dims[1], x->dims[2],
    conv->options.upsample, part->frame, part->frames + conv->kt - 1
  };

  g.first_row = (int) (part->row * stride) - (int) conv->options.pad_top;
  g.pad_left = conv->options.pad_left;
  g.step = stride;
  g.rows = (part->rows - 1) * stride + conv->kh;
  g.rows = (g.rows + stride - 1) / stride * stride;
  g.columns = copy_columns (conv, y);
  return g;
}

/* From the first to the last of its rows. */
static OclTensor *
part_of (OclTensor * t, const Part * part)
{
  gsize width = t->dims[2], first = part->frame * t->dims[1] + part->row;
  gsize rows = (part->frames - 1) * t->dims[1] + part->rows;

  return ocl_tensor_rows (t, first * width, rows * width);
}

/* @y: @rows rows of @width outputs of each of some frames, @frame_rows apart */
static void
conv_by_product (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclGather * g, const OclConv * conv, gsize rows, gsize width,
    gsize frame_rows, const OclEpilogue * e)
{
  gsize depth = ocl_product_get_depth (conv->product);
  g_autoptr (OclTensor) copy = ocl_gather (cl, x, g, conv->product);
  OclPlane plane = { ocl_tensor_mem (copy) };

  plane.position_stride = g->step * depth;
  plane.line_stride = g->columns * depth;
  plane.step_stride = g->rows / g->step * plane.line_stride;
  plane.frame_stride = g->rows * plane.line_stride;
  plane.lines = conv->kh;
  plane.step = g->step;
  plane.frames = g->frames - conv->kt + 1;
  plane.pitch = g->columns / g->step;
  plane.width = width;
  plane.positions = (rows - 1) * plane.pitch + width;
  ocl_product (cl, y, &plane, frame_rows, conv->product, e);
}

static void
conv_part (OclContext * cl, OclTensor * y, OclTensor * x, OclTensor * history,
    const OclConv * conv, gboolean winograd, const Part * part,
    const OclEpilogue * e)
{
  OclGather g = describe_copy (conv, y, x, history, part);
  g_autoptr (OclTensor) to = part_of (y, part);
  g_autoptr (OclTensor) residual =
      e->residual ? part_of (e->residual, part) : NULL;
  const OclEpilogue epilogue = { e->activation, NULL, NULL, residual };
  gsize frame_rows = y->dims[1] * y->dims[2];

  if (winograd)
    ocl_winograd (cl, to, x, &g, conv->product, frame_rows, &epilogue);
  else
    conv_by_product (cl, to, x, &g, conv, part->rows, y->dims[2], frame_rows,
        &epilogue);
}

void
ocl_conv (OclContext * cl, OclTensor * y, OclTensor * x, OclTensor * history,
    const OclConv * conv, const OclEpilogue * epilogue)
{
  static const OclEpilogue none = { OCL_ACTIVATION_NONE };
  const OclEpilogue *e = epilogue ? epilogue : &none;
  gboolean winograd;
  Part whole;

  if (!ocl_context_require (cl, conv_fits (conv, y, x, history, e), "conv",
          "y", y, "x", x, "history", history, "residual", e->residual, NULL))
    return;
  if (reads_directly (conv)) {
    conv_directly (cl, y, x, conv, e);
    return;
  }
  winograd = conv->winograd
      && ocl_winograd_pays (y->dims[0], y->dims[1], y->dims[2]);
  whole = winograd ? first_winograd_part (conv, y) : first_part (conv, y);
  for (gsize t = 0; t < y->dims[0]; t += whole.frames)
    for (gsize row = 0; row < y->dims[1]; row += whole.rows) {
      const Part part = {
        t, MIN (whole.frames, y->dims[0] - t),
        row, MIN (whole.rows, y->dims[1] - row)
      };

      conv_part (cl, y, x, history, conv, winograd, &part, e);
    }
}

/* ---- history ------------------------------------------------------------------- */

static void
copy_frame (OclContext * cl, OclTensor * to, gsize to_frame, OclTensor * from,
    gsize from_frame)
{
  gsize n = to->dims[1] * to->dims[2];
  g_autoptr (OclTensor) a = ocl_tensor_rows (to, to_frame * n, n);
  g_autoptr (OclTensor) b = ocl_tensor_rows (from, from_frame * n, n);

  ocl_tensor_copy (cl, a, b);
}

void
ocl_conv_push_history (OclContext * cl, OclTensor * history, OclTensor * x)
{
  gboolean fits = x->n_dims == 4 && is_video (history, x->type,
      history->dims[0], x->dims[1], x->dims[2], x->cols);

  if (!ocl_context_require (cl, fits, "conv_push_history", "history", history,
          "x", x, NULL))
    return;
  for (gsize i = 0; i < history->dims[0]; i++) {
    gsize at = i + x->dims[0];  /* in (history, x) */

    if (at < history->dims[0])
      copy_frame (cl, history, i, history, at);
    else
      copy_frame (cl, history, i, x, at - history->dims[0]);
  }
}

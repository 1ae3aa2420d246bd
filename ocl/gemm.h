/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm.h: products of activations with weights, which linear layers and
 * convolutions have in common.
 *
 * Output row p of a product is the sum, over runs, of the dot product of
 * contiguous elements of the input, from position p plus the run's offset on,
 * with weights. A linear layer has one run; a convolution has one for each tap
 * in time and height, which spans its taps in width. */

#pragma once

#include "ocl-private.h"

G_BEGIN_DECLS

typedef struct _OclProduct OclProduct;

/* How the weights of one output are laid out. */
typedef struct
{
  gsize outputs;
  guint runs;
  guint taps;                   /* positions that a run spans */
  gsize depth;                  /* elements of a position */
} OclProductShape;

/* Writes weights [runs][taps][depth] of output @output to @row. */
typedef void (*OclProductRow) (gpointer data, gsize output, float *row);

/* @bias: @shape->outputs numbers, or NULL. Never NULL. */
OclProduct *ocl_product_new (OclContext * cl, const OclProductShape * shape,
    OclProductRow row, gpointer data, const float *bias,
    OclPrecision precision);
void ocl_product_free (OclProduct * product);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclProduct, ocl_product_free)
const OclProductShape *ocl_product_get_shape (const OclProduct * product);

/* What elements of a product's input are. */
typedef enum
{
  OCL_INPUT_F32,
  OCL_INPUT_ROUNDED,            /* float, rounded to bfloat16 */
  OCL_INPUT_BF16                /* bfloat16, an even number for each position */
} OclInputFormat;

OclInputFormat ocl_product_get_format (const OclProduct * product);
/* Elements of a position in the input: the depth, or one more. */
gsize ocl_product_get_depth (const OclProduct * product);

/* The input of a product; sizes are in elements. Each frame has @positions,
 * @pitch on a line, of which the first @width give rows of the output. Run r
 * reads (r / lines) frames further on; as line l = r % lines it reads l / step
 * lines and l % step steps further on. */
typedef struct
{
  cl_mem mem;
  gsize offset;
  gsize position_stride;
  gsize frame_stride, line_stride, step_stride;
  guint lines, step;
  guint frames;
  guint positions, pitch, width;
} OclPlane;

/* y [frames * frame_rows, outputs]; the caller has checked what fits. */
void ocl_product (OclContext * cl, OclTensor * y, const OclPlane * x,
    gsize frame_rows, const OclProduct * product,
    const OclEpilogue * epilogue);

/* What ocl_gather() copies: frames first_frame ... first_frame + frames - 1 of
 * (history, x), upsampled, and padded with zeros. */
typedef struct
{
  OclTensor *history;           /* [past, height, width, depth] or NULL: zeros */
  guint past;
  guint height, width;
  gboolean upsample;
  guint first_frame, frames;
  int first_row;                /* of the upsampled input; above it are zeros */
  guint pad_left;
  guint rows, columns;          /* of the copy; rows a multiple of step */
  guint step;                   /* of every step rows the first ones, then the
                                 * second ones ... */
} OclGather;

/* A scratch tensor [frames * rows * columns, depth] for @product. */
OclTensor *ocl_gather (OclContext * cl, OclTensor * x,
    const OclGather * gather, const OclProduct * product);

/* EPILOGUE_PARAMETERS of epilogue.cl: as arguments of a kernel. Outputs are
 * frames of @frame_rows rows of @y, on lines of @pitch positions of which the
 * first @width are rows. */
#define OCL_N_EPILOGUE_ARGS 20

void ocl_product_epilogue (OclArg * args, OclTensor * y,
    const OclProduct * product, guint pitch, guint width, gsize frame_rows,
    const OclEpilogue * e);

/* A tensor that may be NULL, its offset and stride. */
#define OCL_ARG_SOURCE(t) OCL_ARG_AT (t), OCL_ARG_LONG ((t) ? (t)->stride : 0)

/* ---- the ways to make products -------------------------------------------- */

struct _OclProduct
{
  OclProductShape shape;
  OclGemm gemm;
  OclPrecision precision;
  gboolean tiles;               /* bfloat16 by AMX */
  gboolean dot;                 /* bfloat16 by vdpbf16ps, int16 by vpmaddwd */
  guint lanes;                  /* of vectors: 16 or 8 */
  gsize depth;                  /* padded */
  OclBuffer *weights;
  OclTensor *bias;              /* [outputs, padded] */
};

gsize ocl_packed_bytes (const OclProduct * product);
void ocl_packed_fill (const OclProduct * product, void *to,
    OclProductRow row, gpointer data);
void ocl_packed_product (OclContext * cl, OclTensor * y, const OclPlane * x,
    const OclProduct * product, const OclArg * epilogue, guint n_epilogue);

/* Panels of weights, and the option that tells kernels their size. */
gsize ocl_packed_panels (const OclProduct * product);
const char *ocl_packed_lanes (const OclProduct * product);

/* Of packed products those in int16. */
gsize ocl_int16_bytes (const OclProduct * product);
void ocl_int16_fill (const OclProduct * product, void *to,
    OclProductRow row, gpointer data);

gsize ocl_clblast_bytes (const OclProduct * product);
void ocl_clblast_fill (const OclProduct * product, void *to,
    OclProductRow row, gpointer data);
void ocl_clblast_product (OclContext * cl, OclTensor * y, const OclPlane * x,
    const OclProduct * product, const OclArg * epilogue, guint n_epilogue);

/* ---- convolutions of 3 x 3 taps --------------------------------------------- */

/* Whether ocl_winograd() can take the place of a gather and a product. */
gboolean ocl_winograd_can (OclContext * cl, const OclProduct * product);
/* Whether it would be faster, for outputs of that size. */
gboolean ocl_winograd_pays (gsize frames,
    gsize height, gsize width);
/* Outputs are made in tiles of so many rows. */
#define OCL_WINOGRAD_ROWS 4
/* What the transformed input of a row of outputs takes. */
gsize ocl_winograd_row_bytes (const OclProduct * product, gsize width);
/* y: frames of [height, width, outputs], @frame_rows positions apart, of which
 * @gather describes the input: height + 2 rows of width + 2 columns, one step. */
void ocl_winograd (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclGather * gather, const OclProduct * product, gsize frame_rows,
    const OclEpilogue * epilogue);

G_END_DECLS

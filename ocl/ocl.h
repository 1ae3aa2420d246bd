/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ocl.h: the public face of the compute library.
 *
 * A context owns one device, one in-order queue, the compiled kernels and a
 * pool of device memory.  Operations are enqueued on it and return nothing:
 * like a cairo_t, a context remembers the first error, and every operation
 * after an error (or after ocl_context_cancel()) does nothing.  A forward pass
 * therefore reads like the paper, and its caller asks once, at the end, with
 * ocl_context_finish().  A context is used from one thread at a time; only
 * ocl_context_cancel() may be called from any thread.
 *
 * Activations are float32.  Weights are packed once for the device, in
 * float32, bfloat16 or int16; the operands of a product are rounded to what its
 * weights are in, and its sums are float32.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* ---- errors ---------------------------------------------------------- */

#define OCL_ERROR (ocl_error_quark ())
GQuark ocl_error_quark (void);

typedef enum
{
  OCL_ERROR_NO_DEVICE,          /* no OpenCL device, or none that was asked for */
  OCL_ERROR_BUILD,              /* a kernel did not compile: carries the log */
  OCL_ERROR_OUT_OF_MEMORY,      /* device memory, or the limit set */
  OCL_ERROR_DEVICE_LOST,        /* the device or its driver failed */
  OCL_ERROR_CANCELLED,          /* ocl_context_cancel() was called */
  OCL_ERROR_INVALID,            /* shapes or types that do not fit: a bug above */
  OCL_ERROR_UNSUPPORTED,        /* a size or type no kernel takes */
  OCL_ERROR_NUMERIC             /* NaN or infinity where numbers are needed */
} OclError;

/* ---- devices --------------------------------------------------------- */

typedef enum
{
  OCL_DEVICE_CPU,
  OCL_DEVICE_GPU,
  OCL_DEVICE_OTHER
} OclDeviceType;

typedef struct
{
  guint index;                  /* position in ocl_device_list() */
  OclDeviceType type;
  char *name;
  char *platform;
  char *driver;                 /* driver version */
  guint64 memory;               /* bytes of global memory */
  guint64 max_allocation;       /* bytes of one buffer at most */
  guint compute_units;
} OclDeviceInfo;

void ocl_device_info_free (OclDeviceInfo * info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclDeviceInfo, ocl_device_info_free)

GPtrArray *ocl_device_list (GError ** error);

/* Is there a device that @spec names, as OclContextOptions has it? Lists, opens
 * nothing. OCL_ERROR_NO_DEVICE names those that there are. */
gboolean ocl_device_check (const char *spec, GError ** error);

/* ---- context --------------------------------------------------------- */

typedef enum
{
  OCL_GEMM_AUTO,                /* packed on CPU devices, CLBlast elsewhere */
  OCL_GEMM_PACKED,              /* our kernels, weights packed in panels */
  OCL_GEMM_CLBLAST
} OclGemm;

typedef enum
{
  OCL_PRECISION_AUTO,           /* bfloat16 where it is faster, else int16 where it
                                 * is, else float32 */
  OCL_PRECISION_FLOAT32,
  OCL_PRECISION_BFLOAT16,
  /* In linear layers: integers with a scale for each output, and for each 320
   * elements of a row of x. All else, and all that CLBlast makes, is float32. */
  OCL_PRECISION_INT16
} OclPrecision;

/* Called before a program is compiled (not when it comes from a cache):
 * @name is its file, @built how many were compiled before it. */
typedef void (*OclBuildFunc) (const char *name, guint built, gpointer data);

typedef struct
{
  const char *device;           /* NULL: best; an index, "cpu", "gpu", or part of a name */
  OclGemm gemm;
  guint64 memory_limit;         /* bytes; 0: what the device has free */
  gboolean profile;             /* collect times per kernel */
  gboolean portable;            /* no instruction-level paths (for tests) */
  OclBuildFunc build_func;      /* or NULL */
  gpointer build_data;
} OclContextOptions;

typedef struct _OclContext OclContext;

OclContext *ocl_context_new (const OclContextOptions * options,
    GError ** error);
void ocl_context_free (OclContext * cl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclContext, ocl_context_free)

const OclDeviceInfo *ocl_context_get_device (OclContext * cl);
/* What @wanted means on this device: never AUTO. */
OclPrecision ocl_context_resolve_precision (OclContext * cl,
    OclPrecision wanted);
/* Bytes that tensors may take in all: OclContextOptions has it. */
guint64 ocl_context_get_memory_limit (OclContext * cl);
guint64 ocl_context_get_memory_used (OclContext * cl);
guint64 ocl_context_get_memory_peak (OclContext * cl);

/* Waits for all that was enqueued; FALSE and the first error since the last
 * call if there was one (OCL_ERROR_CANCELLED after a cancel). The error is
 * then cleared, a cancel is not. */
gboolean ocl_context_finish (OclContext * cl, GError ** error);
/* TRUE while neither an error nor a cancel is pending; does not wait. */
gboolean ocl_context_ok (OclContext * cl);
/* From any thread: operations not yet begun are skipped. At most a few
 * kernels are ever enqueued ahead, so this takes effect within their time. */
void ocl_context_cancel (OclContext * cl);
void ocl_context_uncancel (OclContext * cl);
/* Lets another part of the program put its own error in (first one wins);
 * takes @error. */
void ocl_context_take_error (OclContext * cl, GError * error);

typedef struct
{
  const char *kernel;           /* owned by the context */
  guint64 calls;
  double seconds;
} OclProfileRow;
/* Element type OclProfileRow, slowest first; empty unless options.profile. */
GArray *ocl_context_get_profile (OclContext * cl);

/* ---- tensors --------------------------------------------------------- */

typedef enum
{
  OCL_F32,
  OCL_F16,                      /* storage only */
  OCL_BF16,                     /* storage only */
  OCL_I32,
  OCL_U8,
  /* Only arrays in host memory have these, as weights are stored. */
  OCL_I8,
  OCL_F8_E4M3,                  /* no infinities; 448 at most */
  OCL_F8_E5M2
} OclType;

gsize ocl_type_size (OclType type);
const char *ocl_type_name (OclType type);
gboolean ocl_type_is_float (OclType type);      /* of 32 or 16 bits */
/* What ocl_host_array_to_float() reads: floats, and numbers of 8 bits. */
gboolean ocl_type_is_weight (OclType type);

#define OCL_MAX_DIMS 5

/* An array in host memory that somebody else owns (a memory-mapped file). */
typedef struct
{
  const void *data;
  OclType type;
  guint n_dims;
  gsize dims[OCL_MAX_DIMS];     /* row-major, innermost last */
  /* What the stored numbers are to be multiplied with: one factor for each of
   * @n_scales runs of equally many elements, usually one run or the rows of the
   * first dimension. 0: nothing. */
  const void *scales;
  OclType scale_type;           /* a float */
  gsize n_scales;
} OclHostArray;

gsize ocl_host_array_get_count (const OclHostArray * array);
/* @array's rows @first ... @first + @count - 1 along the first dimension; with
 * several scales there is a whole number of them for each row. */
OclHostArray ocl_host_array_rows (const OclHostArray * array, gsize first,
    gsize count);
/* Elements @first ... @first + @count - 1 of an array of weights, multiplied
 * with their scales. The array may lie at any address. */
void ocl_host_array_to_float (const OclHostArray * array, gsize first,
    gsize count, float *values);

/* A (view of a) device buffer, reference counted. Row-major; all but the last
 * dimension are rows, `stride` elements apart, so that a range of columns is a
 * view as well. Memory goes back to the context's pool with the last
 * reference; because the queue is in order that is safe at once. */
typedef struct _OclTensor OclTensor;
struct _OclTensor
{
  /*< read-only >*/
  OclType type;
  guint n_dims;
  gsize dims[OCL_MAX_DIMS];
  gsize rows;                   /* product of all dims but the last */
  gsize cols;                   /* the last dim */
  gsize stride;                 /* elements from row to row, >= cols */
};

/* Never NULL: after an error the tensor has no memory and operations on it
 * do nothing. Contents are undefined. */
OclTensor *ocl_tensor_newv (OclContext * cl, OclType type, guint n_dims,
    const gsize * dims);
/* The same with the @n_dims sizes as arguments, of any integer type. */
#define ocl_tensor_new(cl, type, n_dims, ...) \
    ocl_tensor_newv (cl, type, n_dims, (const gsize[]) { __VA_ARGS__ })
OclTensor *ocl_tensor_new_from_host (OclContext * cl, OclType type,
    const OclHostArray * array);        /* converts weights to a float type */
OclTensor *ocl_tensor_ref (OclTensor * t);
void ocl_tensor_unref (OclTensor * t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclTensor, ocl_tensor_unref)

/* Views share memory and keep it alive. */
OclTensor *ocl_tensor_reshapev (OclTensor * t, guint n_dims,
    const gsize * dims);        /* contiguous only */
#define ocl_tensor_reshape(t, n_dims, ...) \
    ocl_tensor_reshapev (t, n_dims, (const gsize[]) { __VA_ARGS__ })
OclTensor *ocl_tensor_rows (OclTensor * t, gsize first, gsize count);   /* [count, cols] */
OclTensor *ocl_tensor_columns (OclTensor * t, gsize first, gsize count);        /* [rows, count] */

/* Copies between host and device, densely packed on the host side. */
void ocl_tensor_write (OclContext * cl, OclTensor * t, const void *data);
/* Waits; FALSE as ocl_context_finish(). */
gboolean ocl_tensor_read (OclContext * cl, OclTensor * t, void *data,
    GError ** error);
void ocl_tensor_fill (OclContext * cl, OclTensor * t, float value);
void ocl_tensor_copy (OclContext * cl, OclTensor * to, OclTensor * from);

/* ---- linear layers ----------------------------------------------------- */

typedef enum
{
  OCL_ACTIVATION_NONE,
  OCL_ACTIVATION_SILU,
  OCL_ACTIVATION_GELU_TANH,
  OCL_ACTIVATION_RELU6          /* min (max (x, 0), 6) */
} OclActivation;

/* y = residual + gate * (multiply * activation (product + bias)).
 * Tensors may be NULL. residual and multiply: shape of y (residual may be y).
 * gate: [groups, cols of y]; row r of y uses gate row r * groups / rows. */
typedef struct
{
  OclActivation activation;
  OclTensor *multiply;
  OclTensor *gate;
  OclTensor *residual;
} OclEpilogue;

typedef struct _OclLinear OclLinear;

/* @weights: @n arrays [out_i, in] laid one after the other along the output
 * (q, k and v as one product); @biases: @n arrays [out_i], or NULL for none.
 * Packs for the device; the arrays are not needed afterwards. Never NULL. */
OclLinear *ocl_linear_new (OclContext * cl, const OclHostArray * weights,
    const OclHostArray * biases, guint n, OclPrecision precision);
void ocl_linear_free (OclLinear * linear);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclLinear, ocl_linear_free)
gsize ocl_linear_get_outputs (const OclLinear * linear);
gsize ocl_linear_get_inputs (const OclLinear * linear);

/* y [rows, out], x [rows, in]; @epilogue may be NULL. In int16 what is not finite
 * in a row of x makes its y NaN. */
void ocl_linear (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclLinear * linear, const OclEpilogue * epilogue);

/* ---- attention --------------------------------------------------------- */

/* Keys and values of up to @capacity tokens, packed as attention reads them.
 * Written once, read by many queries: a cross-attention's context, or the
 * cache of past chunks. */
typedef struct _OclKeyValues OclKeyValues;

/* @precision: with BFLOAT16 they, the queries and the weights may be rounded to it,
 * where the device is faster then; sums and softmax are float32. */
OclKeyValues *ocl_key_values_new (OclContext * cl, gsize capacity,
    guint heads, guint head_size, OclPrecision precision);
void ocl_key_values_free (OclKeyValues * kv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclKeyValues, ocl_key_values_free)

/* k, v [tokens, heads * head_size] to places @at ... @at + tokens - 1. */
void ocl_key_values_write (OclContext * cl, OclKeyValues * kv, gsize at,
    OclTensor * k, OclTensor * v);

typedef struct
{
  float scale;                  /* of q k^T */
  gsize first, count;           /* the keys attended to */
  OclTensor *key_bias;          /* [count], added to each key's logit, or NULL */
  OclTensor *bias;              /* [heads, queries, count], or NULL */
} OclAttentionOptions;

/* y, q [queries, heads * head_size]. The scores are never stored. */
void ocl_attention (OclContext * cl, OclTensor * y, OclTensor * q,
    OclKeyValues * kv, const OclAttentionOptions * options);

/* ---- convolution, channels last ---------------------------------------- */

typedef struct _OclConv OclConv;

typedef struct
{
  guint stride;                 /* in height and width; 0: 1 */
  guint pad_top, pad_bottom, pad_left, pad_right;       /* zeros */
  gboolean upsample;            /* reads x as if nearest-upsampled by 2 x 2 */
} OclConvOptions;

/* weight [out, in, kt, kh, kw] (conv3d) or [out, in, kh, kw] (conv2d, kt 1).
 * Never NULL. */
OclConv *ocl_conv_new (OclContext * cl, const OclHostArray * weight,
    const OclHostArray * bias, const OclConvOptions * options,
    OclPrecision precision);
void ocl_conv_free (OclConv * conv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclConv, ocl_conv_free)

/* y [T', H', W', out], x [T, H, W, in]. Causal in time: tap j of output frame
 * t reads frame t * time_stride + j of the sequence (history, x).
 * @history: [kt - 1, H, W, in] frames before x, or NULL for zeros. Time
 * stride is 1: T' = T. Only activation and residual of @epilogue apply. With
 * bfloat16 weights x and history may both be BF16: nothing else changes. What is
 * not finite in x may reach outputs up to 5 positions away. */
void ocl_conv (OclContext * cl, OclTensor * y, OclTensor * x,
    OclTensor * history, const OclConv * conv, const OclEpilogue * epilogue);
/* history := the last rows of (history, x): to be called after ocl_conv(). */
void ocl_conv_push_history (OclContext * cl, OclTensor * history,
    OclTensor * x);

/* A convolution of each channel by itself. */
typedef struct _OclDepthwise OclDepthwise;

/* weight [channels, 1, k, k], k 3 or 5; bias [channels] or NULL. @options may be
 * NULL; upsample must not be set. Never NULL. */
OclDepthwise *ocl_depthwise_new (OclContext * cl, const OclHostArray * weight,
    const OclHostArray * bias, const OclConvOptions * options);
void ocl_depthwise_free (OclDepthwise * conv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclDepthwise, ocl_depthwise_free)

/* y [T, H', W', channels] = activation (conv (x [T, H, W, channels])), a frame
 * at a time, in float32. y is not x. */
void ocl_depthwise (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclDepthwise * conv, OclActivation activation);

/* ---- norms and modulation ------------------------------------------------ */

/* Over the last dimension: y = LN(x) * weight + bias, then
 * y * (1 + scale) + shift. weight, bias [cols] or NULL; shift, scale
 * [groups, cols] or NULL, row r uses group r * groups / rows. y may be x. */
void ocl_layer_norm (OclContext * cl, OclTensor * y, OclTensor * x,
    OclTensor * weight, OclTensor * bias, OclTensor * shift,
    OclTensor * scale, float eps);
/* y = x / sqrt(mean(x^2) + eps) * weight; weight [cols] or NULL. */
void ocl_rms_norm (OclContext * cl, OclTensor * y, OclTensor * x,
    OclTensor * weight, float eps);
/* The Wan VAE's norm: y = act(x / max(|x|_2, 1e-12) * sqrt(cols) * gamma). y may
 * be BF16, for a convolution. */
void ocl_channel_norm (OclContext * cl, OclTensor * y, OclTensor * x,
    OclTensor * gamma, OclActivation activation);
/* y, x [tokens, heads * head_size], interleaved pairs (2i, 2i+1); cosine, sine
 * [tokens, head_size / 2]. y may be x; x may be BF16. */
void ocl_rope (OclContext * cl, OclTensor * y, OclTensor * x,
    OclTensor * cosine, OclTensor * sine, guint heads);

/* ---- element-wise and layout --------------------------------------------- */

void ocl_activate (OclContext * cl, OclTensor * y, OclTensor * x,
    OclActivation activation);
/* y = x, each F32 or BF16; rounds to nearest even. */
void ocl_cast (OclContext * cl, OclTensor * y, OclTensor * x);
/* y = a + b; b may have fewer rows: row r uses b row r * b.rows / rows. */
void ocl_add (OclContext * cl, OclTensor * y, OclTensor * a, OclTensor * b);
/* y = a * x + b */
void ocl_affine (OclContext * cl, OclTensor * y, OclTensor * x, float a,
    float b);
/* Over the last dimension. */
void ocl_softmax (OclContext * cl, OclTensor * y, OclTensor * x);
/* y [n, cols] = table [vocabulary, cols] at ids [n] (I32). */
void ocl_embedding (OclContext * cl, OclTensor * y, OclTensor * table,
    OclTensor * ids);
/* y [b, a] = x [a, b] */
void ocl_transpose (OclContext * cl, OclTensor * y, OclTensor * x);
/* tokens [f/pt * h/ph * w/pw, c * pt * ph * pw], ordered (c, pt, ph, pw) within
 * a token as a conv3d weight is; x [c, f, h, w]. */
void ocl_patchify (OclContext * cl, OclTensor * tokens, OclTensor * x,
    const guint patch[3]);
/* x [c, f, h, w] from tokens whose columns are (pt, ph, pw, c). */
void ocl_unpatchify (OclContext * cl, OclTensor * x, OclTensor * tokens,
    const guint patch[3]);
/* y [T, 2H, 2W, C], x [T, H, W, C] */
void ocl_upsample_nearest (OclContext * cl, OclTensor * y, OclTensor * x);
/* y [T * factor_t - skip, 2H, 2W, out] from x [T, H, W, in] by repeating
 * channels into time, rows and columns (DupUp3D of the Wan 2.2 VAE): channel o
 * of frame a, row b, column c of a position's factor_t x 2 x 2 is its channel
 * (((o * factor_t + a) * 2 + b) * 2 + c) * in / (out * factor_t * 4).
 * @skip: frames left out at the start, less than @factor_t. */
void ocl_duplicate_up (OclContext * cl, OclTensor * y, OclTensor * x,
    guint factor_t, guint skip);
/* y [T, H * p, W * p, C] from x [T, H, W, C * p * p]: channel (c * p + q) * p
 * + r is column q, row r of a position's p x p pixels (the Wan VAE's
 * unpatchify). */
void ocl_depth_to_space (OclContext * cl, OclTensor * y, OclTensor * x,
    guint p);

/* ---- frames -------------------------------------------------------------- */

typedef enum
{
  OCL_FRAME_RGB,
  OCL_FRAME_RGBA,
  OCL_FRAME_BGRX,
  OCL_FRAME_I420,
  OCL_FRAME_NV12
} OclFrameFormat;

/* Where a frame goes in host memory: strides in bytes, planes as GStreamer
 * orders them. */
typedef struct
{
  OclFrameFormat format;
  guint width, height;
  guint8 *planes[3];
  gsize strides[3];
} OclFrame;

typedef enum
{
  OCL_MATRIX_BT601,
  OCL_MATRIX_BT709
} OclMatrix;

/* x [height, width, 3], RGB in -1 ... 1, clamped; YUV is limited range.
 * Waits; FALSE as ocl_context_finish(), with OCL_ERROR_NUMERIC if something in
 * x is NaN or infinite, which is 0 in the frame. */
gboolean ocl_frame_read (OclContext * cl, const OclFrame * frame,
    OclTensor * x, OclMatrix matrix, GError ** error);

G_END_DECLS

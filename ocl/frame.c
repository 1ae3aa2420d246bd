/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* frame.c: a frame converted on the device and read into the caller's
 * planes.
 *
 * Behind the planes the kernels leave a byte for each of their work-items, not 0
 * if it met NaN or infinity: of these nothing is seen in a picture. */

#include "ocl-private.h"

/* A plane as it leaves the device. */
typedef struct
{
  gsize at;                     /* of its first byte */
  gsize width, height;          /* bytes, rows */
} Plane;

static gboolean
is_yuv (OclFrameFormat format)
{
  return format == OCL_FRAME_I420 || format == OCL_FRAME_NV12;
}

/* Fills @planes, returns how many. */
static guint
lay_out (const OclFrame * frame, Plane planes[3])
{
  gsize w = frame->width, h = frame->height;
  gsize cw = (w + 1) / 2, ch = (h + 1) / 2;

  if (!is_yuv (frame->format)) {
    planes[0] = (Plane) {
    0, w * (frame->format == OCL_FRAME_RGB ? 3 : 4), h};
    return 1;
  }
  planes[0] = (Plane) {
  0, w, h};
  if (frame->format == OCL_FRAME_NV12) {
    planes[1] = (Plane) {
    w *h, 2 * cw, ch};
    return 2;
  }
  planes[1] = (Plane) {
  w *h, cw, ch};
  planes[2] = (Plane) {
  w *h + cw * ch, cw, ch};
  return 3;
}

static gsize
planes_end (const Plane * planes, guint n)
{
  return planes[n - 1].at + planes[n - 1].width * planes[n - 1].height;
}

/* Work-items of a conversion: a row each, or a row of chroma. */
static gsize
work_items (const OclFrame * frame, const Plane planes[3])
{
  return planes[is_yuv (frame->format) ? 1 : 0].height;
}

static void
convert_rgb (OclContext * cl, const OclFrame * frame, OclTensor * y,
    OclTensor * x, gsize broken_at)
{
  gboolean reversed = frame->format == OCL_FRAME_BGRX;
  const size_t global[1] = { frame->height };
  const OclArg args[] = {
    OCL_ARG_TENSOR (y), OCL_ARG_AT (x), OCL_ARG_INT (frame->width),
    OCL_ARG_INT (frame->format == OCL_FRAME_RGB ? 3 : 4),
    OCL_ARG_INT4 (reversed ? 2 : 0, 1, reversed ? 0 : 2, 3),
    OCL_ARG_INT (broken_at)
  };

  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "plain.cl", "", "to_rgb"), 1, global, NULL,
      args, G_N_ELEMENTS (args));
}

static void
convert_yuv (OclContext * cl, const OclFrame * frame, OclTensor * y,
    OclTensor * x, const Plane planes[3], OclMatrix matrix, gsize broken_at)
{
  gboolean nv12 = frame->format == OCL_FRAME_NV12;
  gboolean bt601 = matrix == OCL_MATRIX_BT601;
  const size_t global[1] = { planes[1].height };
  const OclArg args[] = {
    OCL_ARG_TENSOR (y), OCL_ARG_AT (x), OCL_ARG_INT (frame->width),
    OCL_ARG_INT (frame->height), OCL_ARG_FLOAT (bt601 ? 0.299 : 0.2126),
    OCL_ARG_FLOAT (bt601 ? 0.114 : 0.0722), OCL_ARG_INT (planes[1].at),
    OCL_ARG_INT (nv12 ? planes[1].at + 1 : planes[2].at),
    OCL_ARG_INT (nv12 ? 2 : 1), OCL_ARG_INT (broken_at)
  };

  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "plain.cl", "", "to_yuv"), 1, global, NULL,
      args, G_N_ELEMENTS (args));
}

static void
read_planes (OclContext * cl, const OclFrame * frame, OclTensor * y,
    const Plane * planes, guint n)
{
  static const size_t zero[3] = { 0, 0, 0 };

  for (guint i = 0; i < n && ocl_context_ok (cl); i++) {
    const size_t from[3] = { planes[i].at, 0, 0 };
    const size_t region[3] = { planes[i].width, planes[i].height, 1 };

    ocl_context_check (cl, clEnqueueReadBufferRect (ocl_context_get_queue (cl),
            ocl_tensor_mem (y), CL_TRUE, from, zero, region, planes[i].width,
            0, frame->strides[i], 0, frame->planes[i], 0, NULL, NULL),
        "reading a frame");
  }
}

static void
check_finite (OclContext * cl, OclTensor * y, gsize broken_at, gsize items)
{
  g_autofree guint8 *broken = g_malloc0 (items);

  if (ocl_context_ok (cl))
    ocl_context_check (cl, clEnqueueReadBuffer (ocl_context_get_queue (cl),
            ocl_tensor_mem (y), CL_TRUE, broken_at, items, broken, 0, NULL,
            NULL), "reading a frame");
  for (gsize i = 0; i < items; i++)
    if (broken[i]) {
      ocl_context_take_error (cl, g_error_new (OCL_ERROR, OCL_ERROR_NUMERIC,
              "NaN or infinity in a frame"));
      return;
    }
}

gboolean
ocl_frame_read (OclContext * cl, const OclFrame * frame, OclTensor * x,
    OclMatrix matrix, GError ** error)
{
  gboolean fits = x->type == OCL_F32 && ocl_tensor_is_dense (x)
      && x->n_dims == 3 && x->dims[0] == frame->height
      && x->dims[1] == frame->width && x->dims[2] == 3;
  g_autoptr (OclTensor) y = NULL;
  Plane planes[3];
  guint n = lay_out (frame, planes);
  gsize broken_at = planes_end (planes, n), items = work_items (frame, planes);

  if (!ocl_context_require (cl, fits, "frame_read", "x", x, NULL))
    return ocl_context_finish (cl, error);
  y = ocl_tensor_new (cl, OCL_U8, 1, broken_at + items);
  if (is_yuv (frame->format))
    convert_yuv (cl, frame, y, x, planes, matrix, broken_at);
  else
    convert_rgb (cl, frame, y, x, broken_at);
  read_planes (cl, frame, y, planes, n);
  check_finite (cl, y, broken_at, items);
  return ocl_context_finish (cl, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tensor.c: tensors and views of device memory, and copies to, from and
 * between them. */

#include "ocl-private.h"

static OclTensorPriv *
priv (OclTensor * t)
{
  return (OclTensorPriv *) t;
}

/* ---- life ---------------------------------------------------------------- */

/* A dense tensor without memory. FALSE if the sizes are none that memory
 * could have; it is then [0]. */
static gboolean
set_dims (OclTensor * t, OclType type, guint n_dims, const gsize * dims)
{
  gsize rows = 1, bytes;

  t->type = type;
  t->n_dims = 1;
  t->dims[0] = t->rows = t->cols = t->stride = 0;
  if (n_dims < 1 || n_dims > OCL_MAX_DIMS)
    return FALSE;
  for (guint i = 0; i + 1 < n_dims; i++)
    if (dims[i] == 0 || !g_size_checked_mul (&rows, rows, dims[i]))
      return FALSE;
  if (dims[n_dims - 1] == 0
      || !g_size_checked_mul (&bytes, rows, dims[n_dims - 1])
      || !g_size_checked_mul (&bytes, bytes, ocl_type_size (type)))
    return FALSE;

  t->n_dims = n_dims;
  for (guint i = 0; i < n_dims; i++)
    t->dims[i] = dims[i];
  t->rows = rows;
  t->cols = t->stride = dims[n_dims - 1];
  return TRUE;
}

OclTensor *
ocl_tensor_newv (OclContext * cl, OclType type, guint n_dims,
    const gsize * dims)
{
  OclTensorPriv *t = g_new0 (OclTensorPriv, 1);

  t->refs = 1;
  if (ocl_type_is_weight (type) && !ocl_type_is_float (type))
    ocl_context_set_error (cl, OCL_ERROR_INVALID,
        "a tensor of type %s, which only arrays in host memory have",
        ocl_type_name (type));
  else if (set_dims (&t->pub, type, n_dims, dims))
    t->buffer = ocl_buffer_new (cl, t->pub.rows * t->pub.cols
        * ocl_type_size (type));
  else
    ocl_context_set_error (cl, OCL_ERROR_INVALID,
        "a tensor of %u dimensions with a size of 0, or too large", n_dims);
  return &t->pub;
}

OclTensor *
ocl_tensor_ref (OclTensor * t)
{
  g_atomic_int_inc (&priv (t)->refs);
  return t;
}

void
ocl_tensor_unref (OclTensor * t)
{
  if (!t || !g_atomic_int_dec_and_test (&priv (t)->refs))
    return;
  ocl_buffer_unref (priv (t)->buffer);
  g_free (t);
}

cl_mem
ocl_tensor_mem (OclTensor * t)
{
  return ocl_buffer_mem (priv (t)->buffer);
}

gsize
ocl_tensor_offset (OclTensor * t)
{
  return priv (t)->offset;
}

gboolean
ocl_tensor_is_dense (OclTensor * t)
{
  return t->stride == t->cols || t->rows == 1;
}

gboolean
ocl_tensor_same_shape (OclTensor * a, OclTensor * b)
{
  return a->type == OCL_F32 && b->type == OCL_F32 && a->rows == b->rows
      && a->cols == b->cols;
}

/* ---- views ---------------------------------------------------------------- */

/* A tensor that shares @t's memory from @offset elements on, with @t's type
 * and no shape yet. */
static OclTensorPriv *
view_new (OclTensor * t, gsize offset)
{
  OclTensorPriv *view = g_new0 (OclTensorPriv, 1);

  view->refs = 1;
  view->pub.type = t->type;
  view->pub.n_dims = 1;
  view->offset = priv (t)->offset + offset;
  if (priv (t)->buffer)
    view->buffer = ocl_buffer_ref (priv (t)->buffer);
  return view;
}

/* Takes the memory away from a view that cannot be. */
static OclTensor *
view_fail (OclTensorPriv * view, OclTensor * t, const char *what)
{
  if (view->buffer)
    ocl_context_set_error (ocl_buffer_context (view->buffer),
        OCL_ERROR_INVALID, "%s of a tensor [%" G_GSIZE_FORMAT ", %"
        G_GSIZE_FORMAT "] that does not fit it", what, t->rows, t->cols);
  g_clear_pointer (&view->buffer, ocl_buffer_unref);
  return &view->pub;
}

OclTensor *
ocl_tensor_reshapev (OclTensor * t, guint n_dims, const gsize * dims)
{
  OclTensorPriv *view = view_new (t, 0);

  if (!set_dims (&view->pub, t->type, n_dims, dims)
      || view->pub.rows * view->pub.cols != t->rows * t->cols
      || !ocl_tensor_is_dense (t))
    return view_fail (view, t, "a reshape");
  return &view->pub;
}

/* [rows, cols] of @t at @first (elements) */
static OclTensor *
view_part (OclTensor * t, gsize first, gsize rows, gsize cols)
{
  OclTensorPriv *view = view_new (t, first);

  view->pub.n_dims = 2;
  view->pub.dims[0] = view->pub.rows = rows;
  view->pub.dims[1] = view->pub.cols = cols;
  view->pub.stride = t->stride;
  return &view->pub;
}

OclTensor *
ocl_tensor_rows (OclTensor * t, gsize first, gsize count)
{
  if (count == 0 || first > t->rows || count > t->rows - first)
    return view_fail (view_new (t, 0), t, "a range of rows");
  return view_part (t, first * t->stride, count, t->cols);
}

OclTensor *
ocl_tensor_columns (OclTensor * t, gsize first, gsize count)
{
  if (count == 0 || first > t->cols || count > t->cols - first)
    return view_fail (view_new (t, 0), t, "a range of columns");
  return view_part (t, first, t->rows, count);
}

/* ---- copies ---------------------------------------------------------------- */

/* What the rectangle functions of OpenCL want, in bytes. */
typedef struct
{
  size_t origin[3];
  size_t region[3];
  size_t pitch;
} Rectangle;

static Rectangle
tensor_rectangle (OclTensor * t)
{
  gsize size = ocl_type_size (t->type);

  return (Rectangle) {
  .origin = { priv (t)->offset * size, 0, 0 },.region =
        { t->cols * size, t->rows, 1 },.pitch = t->stride * size};
}

static gsize
tensor_bytes (OclTensor * t)
{
  return t->rows * t->cols * ocl_type_size (t->type);
}

void
ocl_tensor_write (OclContext * cl, OclTensor * t, const void *data)
{
  static const size_t zero[3] = { 0, 0, 0 };
  cl_command_queue queue = ocl_context_get_queue (cl);
  cl_int status;

  if (!ocl_context_require (cl, data != NULL, "tensor_write", "t", t, NULL))
    return;
  if (ocl_tensor_is_dense (t)) {
    status = clEnqueueWriteBuffer (queue, ocl_tensor_mem (t), CL_TRUE,
        priv (t)->offset * ocl_type_size (t->type), tensor_bytes (t), data, 0,
        NULL, NULL);
  } else {
    Rectangle r = tensor_rectangle (t);

    status = clEnqueueWriteBufferRect (queue, ocl_tensor_mem (t), CL_TRUE,
        r.origin, zero, r.region, r.pitch, 0, 0, 0, data, 0, NULL, NULL);
  }
  ocl_context_check (cl, status, "writing a tensor");
}

gboolean
ocl_tensor_read (OclContext * cl, OclTensor * t, void *data, GError ** error)
{
  static const size_t zero[3] = { 0, 0, 0 };
  cl_command_queue queue = ocl_context_get_queue (cl);
  cl_int status;

  if (!ocl_context_require (cl, data != NULL, "tensor_read", "t", t, NULL))
    return ocl_context_finish (cl, error);
  if (ocl_tensor_is_dense (t)) {
    status = clEnqueueReadBuffer (queue, ocl_tensor_mem (t), CL_TRUE,
        priv (t)->offset * ocl_type_size (t->type), tensor_bytes (t), data, 0,
        NULL, NULL);
  } else {
    Rectangle r = tensor_rectangle (t);

    status = clEnqueueReadBufferRect (queue, ocl_tensor_mem (t), CL_TRUE,
        r.origin, zero, r.region, r.pitch, 0, 0, 0, data, 0, NULL, NULL);
  }
  ocl_context_check (cl, status, "reading a tensor");
  return ocl_context_finish (cl, error);
}

void
ocl_tensor_copy (OclContext * cl, OclTensor * to, OclTensor * from)
{
  cl_command_queue queue = ocl_context_get_queue (cl);
  gboolean dense = ocl_tensor_is_dense (to) && ocl_tensor_is_dense (from);
  gboolean fits = to->type == from->type
      && to->rows * to->cols == from->rows * from->cols
      && (dense || to->cols == from->cols);
  cl_event event = NULL;
  cl_int status;

  if (!ocl_context_require (cl, fits, "tensor_copy", "to", to, "from", from,
          NULL))
    return;
  if (dense) {
    gsize size = ocl_type_size (to->type);

    status = clEnqueueCopyBuffer (queue, ocl_tensor_mem (from),
        ocl_tensor_mem (to), priv (from)->offset * size,
        priv (to)->offset * size, tensor_bytes (to), 0, NULL, &event);
  } else {
    Rectangle a = tensor_rectangle (from), b = tensor_rectangle (to);

    status = clEnqueueCopyBufferRect (queue, ocl_tensor_mem (from),
        ocl_tensor_mem (to), a.origin, b.origin, a.region, a.pitch, 0, b.pitch,
        0, 0, NULL, &event);
  }
  if (ocl_context_check (cl, status, "copying a tensor"))
    ocl_context_track (cl, "copy", event);
}

void
ocl_tensor_fill (OclContext * cl, OclTensor * t, float value)
{
  cl_command_queue queue = ocl_context_get_queue (cl);
  gsize size = ocl_type_size (t->type);
  gsize n = ocl_tensor_is_dense (t) ? 1 : t->rows;
  gint32 pattern = value;

  if (!ocl_context_require (cl, TRUE, "tensor_fill", "t", t, NULL))
    return;
  if (ocl_type_is_float (t->type))
    ocl_from_float (t->type, &pattern, &value, 1);
  for (gsize i = 0; i < n && ocl_context_ok (cl); i++) {
    cl_event event = NULL;
    cl_int status = clEnqueueFillBuffer (queue, ocl_tensor_mem (t), &pattern,
        size, (priv (t)->offset + i * t->stride) * size,
        tensor_bytes (t) / n, 0, NULL, &event);

    if (ocl_context_check (cl, status, "filling a tensor"))
      ocl_context_track (cl, "fill", event);
  }
}

/* Converts straight into the buffer's mapping: on a CPU device there is then
 * no other copy of a large weight, not even for a moment. */
OclTensor *
ocl_tensor_new_from_host (OclContext * cl, OclType type,
    const OclHostArray * array)
{
  OclTensor *t = ocl_tensor_newv (cl, type, array->n_dims, array->dims);
  gboolean fits = ocl_type_is_float (type) ? ocl_type_is_weight (array->type)
      : type == array->type;
  cl_command_queue queue = ocl_context_get_queue (cl);
  cl_int status;
  void *data;

  if (!ocl_context_require (cl, fits, "tensor_new_from_host", "t", t, NULL))
    return t;
  if (type == array->type && array->n_scales == 0) {
    ocl_tensor_write (cl, t, array->data);
    return t;
  }
  data = clEnqueueMapBuffer (queue, ocl_tensor_mem (t), CL_TRUE,
      CL_MAP_WRITE_INVALIDATE_REGION, 0, tensor_bytes (t), 0, NULL, NULL,
      &status);
  if (!ocl_context_check (cl, status, "mapping a tensor"))
    return t;
  ocl_convert (type, data, array);
  status = clEnqueueUnmapMemObject (queue, ocl_tensor_mem (t), data, 0, NULL,
      NULL);
  ocl_context_check (cl, status, "unmapping a tensor");
  return t;
}

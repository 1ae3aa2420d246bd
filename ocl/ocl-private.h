/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ocl-private.h: what the files of ocl/ share and nobody else sees. */

#pragma once

#include "ocl.h"

#ifndef CL_TARGET_OPENCL_VERSION        /* CLBlast brings its own */
#define CL_TARGET_OPENCL_VERSION 120
#endif
#include <CL/cl.h>

G_BEGIN_DECLS

/* Device memory, reference counted, from the context's pool. */
typedef struct _OclBuffer OclBuffer;

/* What a public OclTensor is inside. */
typedef struct
{
  OclTensor pub;
  gint refs;
  OclBuffer *buffer;            /* NULL after an error */
  gsize offset;                 /* elements */
} OclTensorPriv;

cl_mem ocl_tensor_mem (OclTensor * t);
gsize ocl_tensor_offset (OclTensor * t);        /* elements */
gboolean ocl_tensor_is_dense (OclTensor * t);   /* stride == cols */
/* Both float32, with as many rows and columns. */
gboolean ocl_tensor_same_shape (OclTensor * a, OclTensor * b);

cl_context ocl_context_get_cl (OclContext * cl);
cl_device_id ocl_context_get_device_id (OclContext * cl);
cl_command_queue ocl_context_get_queue (OclContext * cl);
gboolean ocl_context_is_cpu (OclContext * cl);
/* For tests: kernels take the shape they have on a CPU, or on a GPU. */
void ocl_context_set_is_cpu (OclContext * cl, gboolean is_cpu);
/* Floats in a vector that kernels for CPUs are written for: 16 where there are 32
 * registers of them (AVX-512), else 8, which fit in 16 registers (AVX2). */
guint ocl_context_get_lanes (OclContext * cl);
/* For tests: as if the CPU were another. */
void ocl_context_set_lanes (OclContext * cl, guint lanes);
/* For tests: how many bytes of input are copied at a time; at least what one row
 * of outputs needs. */
void ocl_conv_set_copy_bytes (OclConv * conv, gsize bytes);
gboolean ocl_context_get_portable (OclContext * cl);
/* Never AUTO. */
OclGemm ocl_context_get_gemm (OclContext * cl);
/* TRUE if vdpbf16ps exists (cpuid), the device is this CPU, and a kernel with
 * it passed its self-test on the opened device. */
gboolean ocl_context_has_bf16_dot (OclContext * cl);
/* The same for vpmaddwd, of AVX2. */
gboolean ocl_context_has_int16_dot (OclContext * cl);
/* The same for the matrix unit AMX, where the operating system grants it. */
gboolean ocl_context_has_bf16_tiles (OclContext * cl);
/* For tests: as if there were none. */
void ocl_context_forget_bf16_tiles (OclContext * cl);

/* Sets the sticky error (first wins). */
void ocl_context_set_error (OclContext * cl, OclError code,
    const char *format, ...) G_GNUC_PRINTF (3, 4);
/* "CL_OUT_OF_RESOURCES" */
const char *ocl_status_name (cl_int status);
/* TRUE if @status is CL_SUCCESS; else sets the error that fits it. */
gboolean ocl_context_check (OclContext * cl, cl_int status, const char *what);

/* Raw device memory that is not a tensor (packed weights): counted against
 * the limit, from the pool. NULL after an error. */
OclBuffer *ocl_buffer_new (OclContext * cl, gsize bytes);
OclBuffer *ocl_buffer_ref (OclBuffer * buffer);
OclContext *ocl_buffer_context (OclBuffer * buffer);
void ocl_buffer_unref (OclBuffer * buffer);
cl_mem ocl_buffer_mem (OclBuffer * buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclBuffer, ocl_buffer_unref)

/* Begins every operation. TRUE if it may go on; FALSE while an error or a
 * cancel is pending. If @fits is FALSE or a tensor has no memory, sets
 * OCL_ERROR_INVALID with @op and the types and shapes of the tensors, which
 * follow as pairs of a name (const char *) and an OclTensor * (NULL for one
 * that is optional and absent), ended by a NULL name. */
gboolean ocl_context_require (OclContext * cl, gboolean fits, const char *op,
    ...) G_GNUC_NULL_TERMINATED;

/* @n numbers become numbers of the float type @type; rounds to nearest even.
 * Neither side need be aligned. */
void ocl_from_float (OclType type, void *to, const float *from, gsize n);
/* The same with all numbers of an array of weights. */
void ocl_convert (OclType type, void *to, const OclHostArray * array);

/* A kernel of the program made from kernels/@file (a GResource) with @options
 * (-D...); compiled at its first use, kept by the context, cached on disk. A
 * line `#include "other.cl"` stands for that resource. NULL after an error. */
cl_kernel ocl_context_get_kernel (OclContext * cl, const char *file,
    const char *options, const char *name);

/* One argument of a kernel. */
typedef struct
{
  gsize size;
  union
  {
    cl_mem mem;
    cl_int i;
    cl_long l;
    cl_float f;
    cl_int4 i4;
  } value;
} OclArg;

#define OCL_ARG_MEM(m)   ((OclArg) { sizeof (cl_mem), { .mem = (m) } })
#define OCL_ARG_TENSOR(t) OCL_ARG_MEM ((t) ? ocl_tensor_mem (t) : NULL)
/* Two arguments: memory and the element the tensor begins at; three: and the
 * elements from row to row. @t may be NULL. */
#define OCL_ARG_AT(t) \
    OCL_ARG_TENSOR (t), OCL_ARG_LONG ((t) ? ocl_tensor_offset (t) : 0)
#define OCL_ARG_ROWS(t) OCL_ARG_AT (t), OCL_ARG_INT ((t) ? (t)->stride : 0)
#define OCL_ARG_INT(x)   ((OclArg) { sizeof (cl_int), { .i = (cl_int) (x) } })
#define OCL_ARG_LONG(x)  ((OclArg) { sizeof (cl_long), { .l = (cl_long) (x) } })
#define OCL_ARG_INT4(...) \
    ((OclArg) { sizeof (cl_int4), { .i4 = { { __VA_ARGS__ } } } })
#define OCL_ARG_FLOAT(x) ((OclArg) { sizeof (cl_float), { .f = (cl_float) (x) } })

/* Enqueues @kernel; does nothing if it is NULL or an error is pending; waits
 * so that only a few kernels are ever outstanding. @local may be NULL. */
void ocl_context_launch (OclContext * cl, cl_kernel kernel, guint n_dims,
    const size_t * global, const size_t * local, const OclArg * args,
    guint n_args);
/* For work that a library (CLBlast) enqueued: bounds and profiles it as a
 * launch; takes @event. */
void ocl_context_track (OclContext * cl, const char *name, cl_event event);

G_END_DECLS

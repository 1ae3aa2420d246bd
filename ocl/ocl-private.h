/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ocl-private.h: what the files of ocl/ share and nobody else sees. */

#pragma once

#include "ocl.h"

#define CL_TARGET_OPENCL_VERSION 120
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

cl_context ocl_context_get_cl (OclContext * cl);
cl_device_id ocl_context_get_device_id (OclContext * cl);
cl_command_queue ocl_context_get_queue (OclContext * cl);
gboolean ocl_context_is_cpu (OclContext * cl);
gboolean ocl_context_get_portable (OclContext * cl);
/* Never AUTO. */
OclGemm ocl_context_get_gemm (OclContext * cl);
/* TRUE if vdpbf16ps exists (cpuid), the device is this CPU, and a kernel with
 * it passed its self-test on the opened device. */
gboolean ocl_context_has_bf16_dot (OclContext * cl);

/* Sets the sticky error (first wins). */
void ocl_context_set_error (OclContext * cl, OclError code,
    const char *format, ...) G_GNUC_PRINTF (3, 4);
/* TRUE if @status is CL_SUCCESS; else sets the error that fits it. */
gboolean ocl_context_check (OclContext * cl, cl_int status, const char *what);

/* Raw device memory that is not a tensor (packed weights): counted against
 * the limit, from the pool. NULL after an error. */
OclBuffer *ocl_buffer_new (OclContext * cl, gsize bytes);
void ocl_buffer_unref (OclBuffer * buffer);
cl_mem ocl_buffer_mem (OclBuffer * buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OclBuffer, ocl_buffer_unref)

/* A kernel of the program made from kernels/@file (a GResource) with @options
 * (-D...); compiled at its first use, kept by the context, cached on disk. NULL
 * after an error. */
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
  } value;
} OclArg;

#define OCL_ARG_MEM(m)   ((OclArg) { sizeof (cl_mem), { .mem = (m) } })
#define OCL_ARG_TENSOR(t) OCL_ARG_MEM ((t) ? ocl_tensor_mem (t) : NULL)
#define OCL_ARG_INT(x)   ((OclArg) { sizeof (cl_int), { .i = (cl_int) (x) } })
#define OCL_ARG_LONG(x)  ((OclArg) { sizeof (cl_long), { .l = (cl_long) (x) } })
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

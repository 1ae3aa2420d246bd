/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* buffer.c: device memory, from a pool that keeps what was released for the
 * next of the same size, within a limit. */

#include "context-private.h"

struct _OclBuffer
{
  gint refs;
  OclContext *cl;               /* referenced while the buffer is live */
  cl_mem mem;
  gsize bytes;                  /* as allocated */
};

#define MIB (1024.0 * 1024.0)
#define SMALLEST 256
#define LARGEST_STEP (2 * 1024 * 1024)

/* Sizes are rounded up to sixteen steps a power of two, so that buffers of
 * about a size can take each other's place at a loss of a few per cent. */
static gsize
size_class (gsize bytes)
{
  gsize power = SMALLEST, step;

  if (bytes <= SMALLEST)
    return SMALLEST;
  while (power < bytes / 2)
    power *= 2;
  step = CLAMP (power / 16, SMALLEST, LARGEST_STEP);
  if (bytes > G_MAXSIZE - step)
    return bytes;
  return (bytes + step - 1) / step * step;
}

static void
buffer_destroy (gpointer data)
{
  OclBuffer *buffer = data;

  clReleaseMemObject (buffer->mem);
  g_free (buffer);
}

void
ocl_buffers_init (OclContext * cl)
{
  cl->free_buffers = g_ptr_array_new_with_free_func (buffer_destroy);
}

void
ocl_buffers_clear (OclContext * cl)
{
  g_clear_pointer (&cl->free_buffers, g_ptr_array_unref);
}

void
ocl_buffers_purge (OclContext * cl, guint64 keep)
{
  guint n = 0;

  while (cl->memory_pooled > keep && n < cl->free_buffers->len) {
    OclBuffer *buffer = g_ptr_array_index (cl->free_buffers, n);

    cl->memory_pooled -= buffer->bytes;
    n++;
  }
  if (n > 0)
    g_ptr_array_remove_range (cl->free_buffers, 0, n);
}

static OclBuffer *
take_from_pool (OclContext * cl, gsize bytes)
{
  for (guint i = cl->free_buffers->len; i-- > 0;) {
    OclBuffer *buffer = g_ptr_array_index (cl->free_buffers, i);

    if (buffer->bytes == bytes) {
      cl->memory_pooled -= bytes;
      return g_ptr_array_steal_index (cl->free_buffers, i);
    }
  }
  return NULL;
}

static gboolean
check_size (OclContext * cl, gsize bytes)
{
  if (bytes == 0) {
    ocl_context_set_error (cl, OCL_ERROR_INVALID, "a buffer of no bytes");
    return FALSE;
  }
  if (bytes > cl->info->max_allocation) {
    ocl_context_set_error (cl, OCL_ERROR_OUT_OF_MEMORY,
        "a buffer of %.1f MiB was asked for; %s takes at most %.1f MiB in one",
        bytes / MIB, cl->info->name, cl->info->max_allocation / MIB);
    return FALSE;
  }
  if (bytes > cl->memory_limit - MIN (cl->memory_used, cl->memory_limit)) {
    ocl_context_set_error (cl, OCL_ERROR_OUT_OF_MEMORY,
        "a buffer of %.1f MiB was asked for; %.1f of at most %.1f MiB of "
        "device memory are in use", bytes / MIB, cl->memory_used / MIB,
        cl->memory_limit / MIB);
    return FALSE;
  }
  return TRUE;
}

/* A device that has no more may still have what the pool holds; and what was
 * released is only free once the kernels that use it are through. */
static cl_mem
create_mem (OclContext * cl, gsize bytes)
{
  cl_mem_flags flags = CL_MEM_READ_WRITE;
  cl_int status;
  cl_mem mem;

  /* Else PoCL takes the memory when it is first used, and aborts if there is
   * none. */
  if (cl->is_pocl && cl->is_cpu)
    flags |= CL_MEM_ALLOC_HOST_PTR;
  ocl_buffers_purge (cl, cl->memory_limit - cl->memory_used - bytes);
  mem = clCreateBuffer (cl->context, flags, bytes, NULL, &status);
  if (!mem) {
    ocl_buffers_purge (cl, 0);
    clFinish (cl->queue);
    mem = clCreateBuffer (cl->context, flags, bytes, NULL, &status);
  }
  if (!mem)
    ocl_context_set_error (cl, OCL_ERROR_OUT_OF_MEMORY,
        "a buffer of %.1f MiB: the device has no more memory (error %d); "
        "%.1f MiB are in use", bytes / MIB, status, cl->memory_used / MIB);
  return mem;
}

static OclBuffer *
buffer_create (OclContext * cl, gsize bytes)
{
  cl_mem mem = create_mem (cl, bytes);
  OclBuffer *buffer;

  if (!mem)
    return NULL;
  buffer = g_new0 (OclBuffer, 1);
  buffer->mem = mem;
  buffer->bytes = bytes;
  return buffer;
}

OclBuffer *
ocl_buffer_new (OclContext * cl, gsize bytes)
{
  gsize rounded = size_class (bytes);
  OclBuffer *buffer;

  if (!ocl_context_ok (cl))
    return NULL;
  if (rounded > cl->info->max_allocation
      || rounded > cl->memory_limit - MIN (cl->memory_used, cl->memory_limit))
    rounded = bytes;
  if (!check_size (cl, rounded))
    return NULL;

  buffer = take_from_pool (cl, rounded);
  if (!buffer)
    buffer = buffer_create (cl, rounded);
  if (!buffer)
    return NULL;
  buffer->refs = 1;
  buffer->cl = ocl_context_ref (cl);
  cl->memory_used += rounded;
  cl->memory_peak = MAX (cl->memory_peak, cl->memory_used);
  return buffer;
}

OclBuffer *
ocl_buffer_ref (OclBuffer * buffer)
{
  g_atomic_int_inc (&buffer->refs);
  return buffer;
}

/* The pool holds at most half of what was ever live at once, or a program that
 * goes on to other sizes would keep all of the old ones. */
void
ocl_buffer_unref (OclBuffer * buffer)
{
  OclContext *cl;

  if (!buffer || !g_atomic_int_dec_and_test (&buffer->refs))
    return;
  cl = buffer->cl;
  buffer->cl = NULL;
  cl->memory_used -= buffer->bytes;
  cl->memory_pooled += buffer->bytes;
  g_ptr_array_add (cl->free_buffers, buffer);
  ocl_buffers_purge (cl, cl->memory_peak / 2);
  ocl_context_unref (cl);
}

cl_mem
ocl_buffer_mem (OclBuffer * buffer)
{
  return buffer ? buffer->mem : NULL;
}

OclContext *
ocl_buffer_context (OclBuffer * buffer)
{
  return buffer->cl;
}

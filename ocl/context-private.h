/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* context-private.h: what an OclContext is inside, for the files that make
 * it up: context.c, program.c, buffer.c and device.c. */

#pragma once

#include "ocl-private.h"

G_BEGIN_DECLS

/* Kernels enqueued and not yet known to have ended: enough to keep a device
 * busy. Where they take long it is one at a time, so that a cancel is felt
 * within one: the gap between two is nothing beside them. */
#define OCL_RUN_AHEAD 4
#define OCL_LONG_WAIT (20 * G_TIME_SPAN_MILLISECOND)
#define OCL_CAREFUL 32          /* launches after a long wait */

typedef struct
{
  cl_event event;               /* NULL: slot is free */
  const char *name;
} OclPending;

struct _OclContext
{
  gint refs;                    /* the owner's, and one per live buffer */

  OclDeviceInfo *info;
  cl_device_id device;
  cl_context context;
  cl_command_queue queue;
  gboolean is_cpu;              /* kernels take their shape for a CPU */
  gboolean is_pocl;
  guint lanes;                  /* of the CPU's vectors: 16 or 8 */

  OclGemm gemm;
  gboolean profile;
  gboolean portable;
  int bf16_dot;                 /* -1: not tested yet */
  int bf16_tiles, int16_dot;    /* the same */

  /* Errors: the first one stays until ocl_context_finish(). */
  GError *error;
  gint cancelled;               /* atomic */

  OclPending pending[OCL_RUN_AHEAD];
  guint next_pending;
  guint careful;                /* launches to come, one at a time */
  GHashTable *times;            /* kernel name -> OclProfileRow */

  /* program.c */
  GHashTable *programs;         /* file, options -> cl_program */
  GHashTable *kernels;          /* file, options, name -> cl_kernel */
  GHashTable *kernel_names;     /* cl_kernel -> name */
  char *cache_dir;              /* of compiled programs */
  gboolean cache_binaries;      /* else only the fact that they were built */
  OclBuildFunc build_func;
  gpointer build_data;
  guint n_built;

  /* buffer.c */
  guint64 memory_limit;
  guint64 memory_used;          /* bytes in live buffers */
  guint64 memory_peak;          /* the most they ever were */
  guint64 memory_pooled;        /* bytes in free_buffers */
  GPtrArray *free_buffers;      /* OclBuffer, least recently used first */
};

OclContext *ocl_context_ref (OclContext * cl);
void ocl_context_unref (OclContext * cl);

/* self-test.c: a kernel of one work-item that takes (sums, a, b) and adds
 * products of a and b to sums, where the result is known exactly. */
typedef struct
{
  const char *file, *options, *kernel;  /* options: NULL for none */
  float *sums;                  /* before; overwritten */
  const float *expected;        /* after */
  guint n_sums;
  const void *a, *b;            /* bfloat16 or int16 */
  guint n_pairs;                /* of numbers in a, and in b */
} OclSelfTest;

/* TRUE if the device computes what @test expects. */
gboolean ocl_self_test_passes (OclContext * cl, const OclSelfTest * test);

/* TRUE if the CPU has an instruction, and the device passes @self_test with it, that
 * kernels reach by inline assembly, which only PoCL is known to take. Asked once,
 * and kept in @result (-1 at first). While an error or a cancel is pending it cannot
 * be asked: FALSE for now. */
gboolean ocl_context_has_instruction (OclContext * cl, int *result,
    gboolean (*cpu_has_it) (void), gboolean (*self_test) (OclContext * cl));

/* device.c: the device that @spec names, with its description. */
OclDeviceInfo *ocl_device_find (const char *spec, cl_device_id * id,
    cl_platform_id * platform, GError ** error);

/* program.c */
void ocl_programs_init (OclContext * cl);
void ocl_programs_clear (OclContext * cl);

/* buffer.c */
void ocl_buffers_init (OclContext * cl);
void ocl_buffers_clear (OclContext * cl);
/* Gives the free buffers back to the device until at most @keep bytes of them
 * are left. */
void ocl_buffers_purge (OclContext * cl, guint64 keep);

/* gemm-clblast.c: empties CLBlast's cache, whose programs would keep @cl's
 * device open for the life of the process. Contexts that still use CLBlast have
 * theirs built anew. */
void ocl_clblast_forget (OclContext * cl);

G_END_DECLS

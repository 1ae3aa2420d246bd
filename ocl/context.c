/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* context.c: one opened device with its queue: the first error, cancelling,
 * launching kernels a few ahead, and their times. */

#include <string.h>

#include "context-private.h"

G_DEFINE_QUARK (ocl - error - quark, ocl_error)
/* ---- errors ---------------------------------------------------------- */
     const char *ocl_status_name (cl_int status)
{
#define NAME(x) case x: return #x
  switch (status) {
      NAME (CL_SUCCESS);
      NAME (CL_DEVICE_NOT_FOUND);
      NAME (CL_DEVICE_NOT_AVAILABLE);
      NAME (CL_COMPILER_NOT_AVAILABLE);
      NAME (CL_MEM_OBJECT_ALLOCATION_FAILURE);
      NAME (CL_OUT_OF_RESOURCES);
      NAME (CL_OUT_OF_HOST_MEMORY);
      NAME (CL_BUILD_PROGRAM_FAILURE);
      NAME (CL_MAP_FAILURE);
      NAME (CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
      NAME (CL_INVALID_VALUE);
      NAME (CL_INVALID_DEVICE);
      NAME (CL_INVALID_CONTEXT);
      NAME (CL_INVALID_COMMAND_QUEUE);
      NAME (CL_INVALID_MEM_OBJECT);
      NAME (CL_INVALID_BINARY);
      NAME (CL_INVALID_BUILD_OPTIONS);
      NAME (CL_INVALID_PROGRAM_EXECUTABLE);
      NAME (CL_INVALID_KERNEL_NAME);
      NAME (CL_INVALID_KERNEL);
      NAME (CL_INVALID_ARG_INDEX);
      NAME (CL_INVALID_ARG_VALUE);
      NAME (CL_INVALID_ARG_SIZE);
      NAME (CL_INVALID_KERNEL_ARGS);
      NAME (CL_INVALID_WORK_DIMENSION);
      NAME (CL_INVALID_WORK_GROUP_SIZE);
      NAME (CL_INVALID_WORK_ITEM_SIZE);
      NAME (CL_INVALID_EVENT);
      NAME (CL_INVALID_BUFFER_SIZE);
      NAME (CL_INVALID_GLOBAL_WORK_SIZE);
    default:
      return "OpenCL error";
  }
#undef NAME
}

void
ocl_context_take_error (OclContext * cl, GError * error)
{
  if (cl->error)
    g_error_free (error);
  else
    cl->error = error;
}

void
ocl_context_set_error (OclContext * cl, OclError code, const char *format, ...)
{
  va_list args;

  if (cl->error)
    return;
  va_start (args, format);
  cl->error = g_error_new_valist (OCL_ERROR, code, format, args);
  va_end (args);
}

/* Drivers say "out of resources" both for memory they cannot find and, later,
 * for a kernel that failed: the latter is seen when waiting. */
static OclError
error_for_status (cl_int status)
{
  switch (status) {
    case CL_MEM_OBJECT_ALLOCATION_FAILURE:
    case CL_OUT_OF_RESOURCES:
    case CL_OUT_OF_HOST_MEMORY:
      return OCL_ERROR_OUT_OF_MEMORY;
    case CL_INVALID_KERNEL_ARGS:
    case CL_INVALID_ARG_INDEX:
    case CL_INVALID_ARG_VALUE:
    case CL_INVALID_ARG_SIZE:
    case CL_INVALID_VALUE:
    case CL_INVALID_MEM_OBJECT:
    case CL_INVALID_WORK_DIMENSION:
    case CL_INVALID_WORK_GROUP_SIZE:
    case CL_INVALID_WORK_ITEM_SIZE:
    case CL_INVALID_GLOBAL_WORK_SIZE:
      return OCL_ERROR_INVALID;
    default:
      return OCL_ERROR_DEVICE_LOST;
  }
}

gboolean
ocl_context_check (OclContext * cl, cl_int status, const char *what)
{
  if (status == CL_SUCCESS)
    return TRUE;
  ocl_context_set_error (cl, error_for_status (status), "%s: %s (%d) on %s",
      what, ocl_status_name (status), status, cl->info->name);
  return FALSE;
}

/* As ocl_context_check(), for work that was accepted and failed later. */
static gboolean
check_done (OclContext * cl, cl_int status, const char *what)
{
  if (status == CL_SUCCESS)
    return TRUE;
  ocl_context_set_error (cl, OCL_ERROR_DEVICE_LOST,
      "%s failed while it ran: %s (%d) on %s", what, ocl_status_name (status),
      status, cl->info->name);
  return FALSE;
}

gboolean
ocl_context_ok (OclContext * cl)
{
  return !cl->error && !g_atomic_int_get (&cl->cancelled);
}

void
ocl_context_cancel (OclContext * cl)
{
  g_atomic_int_set (&cl->cancelled, TRUE);
}

void
ocl_context_uncancel (OclContext * cl)
{
  g_atomic_int_set (&cl->cancelled, FALSE);
}

static void
describe_tensor (GString * text, const char *name, const OclTensor * t)
{
  g_string_append_printf (text, "%s%s ", text->len ? ", " : "", name);
  if (!t) {
    g_string_append (text, "absent");
    return;
  }
  g_string_append (text, "[");
  for (guint i = 0; i < t->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, i ? ", " : "",
        t->dims[i]);
  g_string_append_printf (text, "] %s", ocl_type_name (t->type));
}

gboolean
ocl_context_require (OclContext * cl, gboolean fits, const char *op, ...)
{
  g_autoptr (GString) text = NULL;
  const char *name;
  va_list args;

  if (!ocl_context_ok (cl))
    return FALSE;
  va_start (args, op);
  while (fits && (name = va_arg (args, const char *)))
  {
    OclTensor *t = va_arg (args, OclTensor *);

    fits = !t || ocl_tensor_mem (t);
  }
  va_end (args);
  if (fits)
    return TRUE;

  text = g_string_new (NULL);
  va_start (args, op);
  while ((name = va_arg (args, const char *)))
      describe_tensor (text, name, va_arg (args, OclTensor *));
  va_end (args);
  ocl_context_set_error (cl, OCL_ERROR_INVALID,
      "%s: does not fit, or has no memory: %s", op, text->str);
  return FALSE;
}

/* ---- launching --------------------------------------------------------- */

static void
add_time (OclContext * cl, const char *name, cl_event event)
{
  OclProfileRow *row = g_hash_table_lookup (cl->times, name);
  cl_ulong start = 0, end = 0;

  if (clGetEventProfilingInfo (event, CL_PROFILING_COMMAND_START,
          sizeof start, &start, NULL) != CL_SUCCESS
      || clGetEventProfilingInfo (event, CL_PROFILING_COMMAND_END,
          sizeof end, &end, NULL) != CL_SUCCESS)
    return;
  if (!row) {
    row = g_new0 (OclProfileRow, 1);
    row->kernel = name;
    g_hash_table_insert (cl->times, (gpointer) name, row);
  }
  row->calls++;
  row->seconds += (end - start) * 1e-9;
}

/* Waits for the work in @slot, if any, and frees the slot. */
static void
retire (OclContext * cl, OclPending * slot)
{
  if (!slot->event)
    return;
  if (check_done (cl, clWaitForEvents (1, &slot->event), slot->name)
      && cl->profile)
    add_time (cl, slot->name, slot->event);
  clReleaseEvent (slot->event);
  slot->event = NULL;
}

/* Waits until one more kernel may be enqueued. */
static void
make_room (OclContext * cl)
{
  gint64 begin = g_get_monotonic_time ();
  guint n = cl->careful ? OCL_RUN_AHEAD : 1;

  for (guint i = 0; i < n; i++)
    retire (cl, &cl->pending[(cl->next_pending + i) % OCL_RUN_AHEAD]);
  if (g_get_monotonic_time () - begin > OCL_LONG_WAIT)
    cl->careful = OCL_CAREFUL;
  else if (cl->careful)
    cl->careful--;
}

void
ocl_context_track (OclContext * cl, const char *name, cl_event event)
{
  OclPending *slot = &cl->pending[cl->next_pending];

  if (!event)
    return;
  retire (cl, slot);
  slot->event = event;
  slot->name = cl->profile ? g_intern_string (name) : name;
  cl->next_pending = (cl->next_pending + 1) % OCL_RUN_AHEAD;
}

static gboolean
set_args (OclContext * cl, cl_kernel kernel, const char *name,
    const OclArg * args, guint n_args)
{
  for (guint i = 0; i < n_args; i++) {
    cl_int status = clSetKernelArg (kernel, i, args[i].size, &args[i].value);

    if (!ocl_context_check (cl, status, name))
      return FALSE;
  }
  return TRUE;
}

void
ocl_context_launch (OclContext * cl, cl_kernel kernel, guint n_dims,
    const size_t *global, const size_t *local, const OclArg * args,
    guint n_args)
{
  static const size_t one[3] = { 1, 1, 1 };
  const char *name;
  cl_event event = NULL;
  cl_int status;

  if (!kernel || !ocl_context_ok (cl))
    return;
  /* Left to itself, PoCL compiles a kernel anew for every work-group size
   * that it picks. */
  if (!local && cl->is_cpu)
    local = one;
  name = g_hash_table_lookup (cl->kernel_names, kernel);
  if (!set_args (cl, kernel, name, args, n_args))
    return;
  make_room (cl);
  if (!ocl_context_ok (cl))
    return;
  status = clEnqueueNDRangeKernel (cl->queue, kernel, n_dims, NULL, global,
      local, 0, NULL, &event);
  if (ocl_context_check (cl, status, name))
    ocl_context_track (cl, name, event);
}

gboolean
ocl_context_finish (OclContext * cl, GError ** error)
{
  check_done (cl, clFinish (cl->queue), "the queue");
  for (guint i = 0; i < OCL_RUN_AHEAD; i++)
    retire (cl, &cl->pending[i]);

  if (cl->error) {
    g_propagate_error (error, g_steal_pointer (&cl->error));
    return FALSE;
  }
  if (g_atomic_int_get (&cl->cancelled)) {
    g_set_error (error, OCL_ERROR, OCL_ERROR_CANCELLED, "cancelled");
    return FALSE;
  }
  return TRUE;
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  double x = ((const OclProfileRow *) a)->seconds;
  double y = ((const OclProfileRow *) b)->seconds;

  return (x < y) - (x > y);
}

GArray *
ocl_context_get_profile (OclContext * cl)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (OclProfileRow));
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, cl->times);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    g_array_append_vals (rows, row, 1);
  g_array_sort (rows, compare_rows);
  return rows;
}

/* ---- life ---------------------------------------------------------------- */

static gboolean
open_device (OclContext * cl, const char *spec, GError ** error)
{
  cl_command_queue_properties wanted =
      cl->profile ? CL_QUEUE_PROFILING_ENABLE : 0;
  cl_context_properties properties[3] = { CL_CONTEXT_PLATFORM, 0, 0 };
  cl_platform_id platform;
  cl_int status;

  cl->info = ocl_device_find (spec, &cl->device, &platform, error);
  if (!cl->info)
    return FALSE;
  properties[1] = (cl_context_properties) platform;
  cl->context = clCreateContext (properties, 1, &cl->device, NULL, NULL,
      &status);
  if (cl->context)
    cl->queue = clCreateCommandQueue (cl->context, cl->device, wanted, &status);
  if (!cl->queue) {
    g_set_error (error, OCL_ERROR, OCL_ERROR_DEVICE_LOST,
        "cannot open the device %s: %s (%d)", cl->info->name,
        ocl_status_name (status), status);
    return FALSE;
  }
  return TRUE;
}

/* Bytes that may be used. A processor's memory is everybody's: what is free of it
 * now, for beyond that an allocation succeeds and somebody is killed. */
static guint64
get_memory (OclContext * cl)
{
  g_autofree char *text = NULL;
  const char *line = NULL;

  if (cl->is_cpu && g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    line = strstr (text, "MemAvailable:");
  if (!line)
    return cl->info->memory;
  line += strlen ("MemAvailable:");
  return MIN (cl->info->memory, g_ascii_strtoull (line, NULL, 10) * 1024);
}

static guint
native_lanes (void)
{
#if defined __x86_64__
  return __builtin_cpu_supports ("avx512f") ? 16 : 8;
#else
  return 8;
#endif
}

OclContext *
ocl_context_new (const OclContextOptions * options, GError ** error)
{
  static const OclContextOptions defaults = { 0 };
  OclContext *cl = g_new0 (OclContext, 1);

  if (!options)
    options = &defaults;
  cl->refs = 1;
  cl->profile = options->profile;
  cl->portable = options->portable;
  cl->bf16_dot = cl->bf16_tiles = cl->int16_dot = -1;
  cl->build_func = options->build_func;
  cl->build_data = options->build_data;
  cl->times = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  ocl_buffers_init (cl);
  if (!open_device (cl, options->device, error)) {
    ocl_context_unref (cl);
    return NULL;
  }

  cl->is_cpu = cl->info->type == OCL_DEVICE_CPU;
  cl->is_pocl = strstr (cl->info->platform, "Portable Computing") != NULL;
  cl->lanes = native_lanes ();
  cl->gemm = options->gemm;
  cl->memory_limit = options->memory_limit ? options->memory_limit
      : get_memory (cl);
  ocl_programs_init (cl);
  return cl;
}

OclContext *
ocl_context_ref (OclContext * cl)
{
  g_atomic_int_inc (&cl->refs);
  return cl;
}

void
ocl_context_unref (OclContext * cl)
{
  if (!g_atomic_int_dec_and_test (&cl->refs))
    return;
  if (cl->queue) {
    ocl_context_finish (cl, NULL);
    ocl_clblast_forget (cl);
  }
  ocl_programs_clear (cl);
  ocl_buffers_clear (cl);
  if (cl->queue)
    clReleaseCommandQueue (cl->queue);
  if (cl->context)
    clReleaseContext (cl->context);
  g_clear_pointer (&cl->info, ocl_device_info_free);
  g_clear_pointer (&cl->times, g_hash_table_unref);
  g_clear_error (&cl->error);
  g_free (cl);
}

/* Tensors and the like that are still there keep the device open. */
void
ocl_context_free (OclContext * cl)
{
  if (cl)
    ocl_context_unref (cl);
}

/* ---- what it is ------------------------------------------------------------ */

const OclDeviceInfo *
ocl_context_get_device (OclContext * cl)
{
  return cl->info;
}

/* Vectors of sixteen make as many products of float as vpmaddwd of int16. */
OclPrecision
ocl_context_resolve_precision (OclContext * cl, OclPrecision wanted)
{
  gboolean packed = ocl_context_get_gemm (cl) == OCL_GEMM_PACKED;

  if (wanted == OCL_PRECISION_INT16 && !packed)
    return OCL_PRECISION_FLOAT32;
  if (wanted != OCL_PRECISION_AUTO)
    return wanted;
  if (cl->info->type == OCL_DEVICE_GPU || ocl_context_has_bf16_dot (cl))
    return OCL_PRECISION_BFLOAT16;
  if (packed && cl->lanes == 8 && ocl_context_has_int16_dot (cl))
    return OCL_PRECISION_INT16;
  return OCL_PRECISION_FLOAT32;
}

guint64
ocl_context_get_memory_limit (OclContext * cl)
{
  return cl->memory_limit;
}

guint64
ocl_context_get_memory_used (OclContext * cl)
{
  return cl->memory_used;
}

guint64
ocl_context_get_memory_peak (OclContext * cl)
{
  return cl->memory_peak;
}

cl_context
ocl_context_get_cl (OclContext * cl)
{
  return cl->context;
}

cl_device_id
ocl_context_get_device_id (OclContext * cl)
{
  return cl->device;
}

cl_command_queue
ocl_context_get_queue (OclContext * cl)
{
  return cl->queue;
}

gboolean
ocl_context_is_cpu (OclContext * cl)
{
  return cl->is_cpu;
}

void
ocl_context_set_is_cpu (OclContext * cl, gboolean is_cpu)
{
  cl->is_cpu = is_cpu;
}

guint
ocl_context_get_lanes (OclContext * cl)
{
  return cl->lanes;
}

void
ocl_context_set_lanes (OclContext * cl, guint lanes)
{
  cl->lanes = lanes;
}

gboolean
ocl_context_get_portable (OclContext * cl)
{
  return cl->portable;
}

OclGemm
ocl_context_get_gemm (OclContext * cl)
{
  if (cl->gemm != OCL_GEMM_AUTO)
    return cl->gemm;
  return cl->is_cpu ? OCL_GEMM_PACKED : OCL_GEMM_CLBLAST;
}

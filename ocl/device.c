/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device.c: which OpenCL devices there are, and choosing one by index, kind
 * or name. */

#include <string.h>

#include "context-private.h"

/* A device with what is needed to open it. */
typedef struct
{
  OclDeviceInfo *info;
  cl_platform_id platform;
  cl_device_id id;
} Candidate;

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_clear_pointer (&candidate->info, ocl_device_info_free);
  g_free (candidate);
}

void
ocl_device_info_free (OclDeviceInfo * info)
{
  if (!info)
    return;
  g_free (info->name);
  g_free (info->platform);
  g_free (info->driver);
  g_free (info);
}

static char *
platform_string (cl_platform_id platform, cl_platform_info what)
{
  size_t size = 0;
  g_autofree char *text = NULL;

  if (clGetPlatformInfo (platform, what, 0, NULL, &size) != CL_SUCCESS)
    return g_strdup ("");
  text = g_malloc0 (size + 1);
  clGetPlatformInfo (platform, what, size, text, NULL);
  return g_strstrip (g_utf8_make_valid (text, -1));
}

static char *
device_string (cl_device_id id, cl_device_info what)
{
  size_t size = 0;
  g_autofree char *text = NULL;

  if (clGetDeviceInfo (id, what, 0, NULL, &size) != CL_SUCCESS)
    return g_strdup ("");
  text = g_malloc0 (size + 1);
  clGetDeviceInfo (id, what, size, text, NULL);
  return g_strstrip (g_utf8_make_valid (text, -1));
}

/* Simulators claim to be every type at once: they are neither. */
static OclDeviceType
device_type (cl_device_id id)
{
  cl_device_type bits = 0;

  clGetDeviceInfo (id, CL_DEVICE_TYPE, sizeof bits, &bits, NULL);
  bits &= CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_GPU;
  if (bits == CL_DEVICE_TYPE_CPU)
    return OCL_DEVICE_CPU;
  if (bits == CL_DEVICE_TYPE_GPU)
    return OCL_DEVICE_GPU;
  return OCL_DEVICE_OTHER;
}

static gboolean
device_is_usable (cl_device_id id)
{
  cl_bool available = CL_FALSE, compiler = CL_FALSE;

  clGetDeviceInfo (id, CL_DEVICE_AVAILABLE, sizeof available, &available, NULL);
  clGetDeviceInfo (id, CL_DEVICE_COMPILER_AVAILABLE, sizeof compiler,
      &compiler, NULL);
  return available && compiler;
}

static OclDeviceInfo *
device_describe (cl_platform_id platform, cl_device_id id, guint index)
{
  OclDeviceInfo *info = g_new0 (OclDeviceInfo, 1);
  cl_ulong memory = 0, allocation = 0;
  cl_uint units = 0;

  clGetDeviceInfo (id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof memory, &memory, NULL);
  clGetDeviceInfo (id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof allocation,
      &allocation, NULL);
  clGetDeviceInfo (id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL);

  info->index = index;
  info->type = device_type (id);
  info->name = device_string (id, CL_DEVICE_NAME);
  info->platform = platform_string (platform, CL_PLATFORM_NAME);
  info->driver = device_string (id, CL_DRIVER_VERSION);
  info->memory = memory;
  info->max_allocation = allocation;
  info->compute_units = units;
  return info;
}

static void
list_platform (cl_platform_id platform, GPtrArray * list)
{
  g_autofree cl_device_id *ids = NULL;
  cl_uint n = 0;

  if (clGetDeviceIDs (platform, CL_DEVICE_TYPE_ALL, 0, NULL, &n) != CL_SUCCESS)
    return;
  ids = g_new0 (cl_device_id, n);
  if (clGetDeviceIDs (platform, CL_DEVICE_TYPE_ALL, n, ids, NULL)
      != CL_SUCCESS)
    return;

  for (cl_uint i = 0; i < n; i++) {
    Candidate *candidate;

    if (!device_is_usable (ids[i]))
      continue;
    candidate = g_new0 (Candidate, 1);
    candidate->platform = platform;
    candidate->id = ids[i];
    candidate->info = device_describe (platform, ids[i], list->len);
    g_ptr_array_add (list, candidate);
  }
}

static GPtrArray *
list_candidates (GError ** error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (candidate_free);
  g_autofree cl_platform_id *platforms = NULL;
  cl_uint n = 0;

  if (clGetPlatformIDs (0, NULL, &n) == CL_SUCCESS && n > 0) {
    platforms = g_new0 (cl_platform_id, n);
    if (clGetPlatformIDs (n, platforms, NULL) != CL_SUCCESS)
      n = 0;
  }
  for (cl_uint i = 0; i < n; i++)
    list_platform (platforms[i], list);

  if (list->len == 0) {
    g_set_error (error, OCL_ERROR, OCL_ERROR_NO_DEVICE,
        "no OpenCL device found; install an OpenCL driver: the one of the "
        "graphics card, or the package pocl-opencl-icd (Debian, Ubuntu), "
        "which runs on the processor");
    return NULL;
  }
  return g_steal_pointer (&list);
}

/* The devices that can be opened, as OclDeviceInfo, free with
 * g_ptr_array_unref(); NULL and OCL_ERROR_NO_DEVICE if there is none. */
GPtrArray *
ocl_device_list (GError ** error)
{
  g_autoptr (GPtrArray) candidates = list_candidates (error);
  GPtrArray *list;

  if (!candidates)
    return NULL;
  list = g_ptr_array_new_with_free_func ((GDestroyNotify) ocl_device_info_free);
  for (guint i = 0; i < candidates->len; i++) {
    Candidate *candidate = g_ptr_array_index (candidates, i);

    g_ptr_array_add (list, g_steal_pointer (&candidate->info));
  }
  return list;
}

static const char *
type_name (OclDeviceType type)
{
  switch (type) {
    case OCL_DEVICE_CPU:
      return "cpu";
    case OCL_DEVICE_GPU:
      return "gpu";
    default:
      return "other";
  }
}

static gboolean
contains (const char *text, const char *part)
{
  g_autofree char *folded_text = g_utf8_casefold (text, -1);
  g_autofree char *folded_part = g_utf8_casefold (part, -1);

  return strstr (folded_text, folded_part) != NULL;
}

static gboolean
device_matches (const OclDeviceInfo * info, const char *spec)
{
  guint64 index;

  if (!spec || !*spec || g_ascii_strcasecmp (spec, "auto") == 0)
    return TRUE;
  if (g_ascii_string_to_unsigned (spec, 10, 0, G_MAXUINT, &index, NULL))
    return info->index == index;
  if (g_ascii_strcasecmp (spec, "cpu") == 0)
    return info->type == OCL_DEVICE_CPU;
  if (g_ascii_strcasecmp (spec, "gpu") == 0)
    return info->type == OCL_DEVICE_GPU;
  return contains (info->name, spec) || contains (info->platform, spec);
}

/* A GPU before anything else, a CPU last but for what is neither; among equals the one with
 * more memory, which tells a discrete GPU from an integrated one. */
static gboolean
device_is_better (const OclDeviceInfo * a, const OclDeviceInfo * b)
{
  static const int rank[] = {
    [OCL_DEVICE_GPU] = 2,
    [OCL_DEVICE_CPU] = 1,
    [OCL_DEVICE_OTHER] = 0
  };

  if (rank[a->type] != rank[b->type])
    return rank[a->type] > rank[b->type];
  return a->memory > b->memory;
}

static void
set_no_match (GError ** error, const char *spec, GPtrArray * list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++) {
    const OclDeviceInfo *info = ((Candidate *) list->pdata[i])->info;

    g_string_append_printf (text, "%s%u: %s (%s, %s, %" G_GUINT64_FORMAT
        " MB)", i ? "; " : "", info->index, info->name,
        type_name (info->type), info->platform, info->memory >> 20);
  }
  g_set_error (error, OCL_ERROR, OCL_ERROR_NO_DEVICE,
      "no OpenCL device is \"%s\"; there is %s", spec, text->str);
}

/* The best candidate that @spec names, or NULL. */
static Candidate *
find_best (GPtrArray * list, const char *spec, GError ** error)
{
  Candidate *best = NULL;

  for (guint i = 0; i < list->len; i++) {
    Candidate *candidate = g_ptr_array_index (list, i);

    if (device_matches (candidate->info, spec)
        && (!best || device_is_better (candidate->info, best->info)))
      best = candidate;
  }
  if (!best)
    set_no_match (error, spec, list);
  return best;
}

gboolean
ocl_device_check (const char *spec, GError ** error)
{
  g_autoptr (GPtrArray) list = list_candidates (error);

  return list && find_best (list, spec, error);
}

OclDeviceInfo *
ocl_device_find (const char *spec, cl_device_id * id, cl_platform_id * platform,
    GError ** error)
{
  g_autoptr (GPtrArray) list = list_candidates (error);
  Candidate *best = list ? find_best (list, spec, error) : NULL;

  if (!best)
    return NULL;
  *id = best->id;
  *platform = best->platform;
  return g_steal_pointer (&best->info);
}

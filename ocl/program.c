/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* program.c: kernels by name: embedded source, compiled once, found fast, and
 * kept on disk for drivers that keep nothing themselves. */

#include <string.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#include "context-private.h"
#include "ocl-resources.h"

#define KERNELS_PATH "/org/gstreamer/dit/ocl/kernels/"
#define BASE_OPTIONS "-cl-std=CL1.2 -cl-mad-enable -w"

/* ---- tables ---------------------------------------------------------------- */

/* What a program (no name) or a kernel is found by. */
typedef struct
{
  const char *file;
  const char *options;
  const char *name;             /* or "" */
} Key;

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;

  return g_str_hash (key->name) ^ 31 * g_str_hash (key->options)
      ^ 961 * g_str_hash (key->file);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *x = a, *y = b;

  return g_str_equal (x->name, y->name) && g_str_equal (x->file, y->file)
      && g_str_equal (x->options, y->options);
}

/* The strings are interned: they are few, and last. */
static Key *
key_copy (const Key * key)
{
  Key *copy = g_new (Key, 1);

  copy->file = g_intern_string (key->file);
  copy->options = g_intern_string (key->options);
  copy->name = g_intern_string (key->name);
  return copy;
}

static void
release_program (gpointer program)
{
  clReleaseProgram (program);
}

static void
release_kernel (gpointer kernel)
{
  clReleaseKernel (kernel);
}

void
ocl_programs_init (OclContext * cl)
{
  cl->programs = g_hash_table_new_full (key_hash, key_equal, g_free,
      release_program);
  cl->kernels = g_hash_table_new_full (key_hash, key_equal, g_free,
      release_kernel);
  cl->kernel_names = g_hash_table_new (NULL, NULL);
  cl->cache_dir = g_build_filename (g_get_user_cache_dir (), "gst-dit", NULL);
  /* PoCL keeps compiled kernels itself, for each work-group size. */
  cl->cache_binaries = !cl->is_pocl;
}

void
ocl_programs_clear (OclContext * cl)
{
  g_clear_pointer (&cl->kernel_names, g_hash_table_unref);
  g_clear_pointer (&cl->kernels, g_hash_table_unref);
  g_clear_pointer (&cl->programs, g_hash_table_unref);
  g_clear_pointer (&cl->cache_dir, g_free);
}

/* ---- source ---------------------------------------------------------------- */

/* Once: @seen has the names of those that were. */
static gboolean
append_file (GString * source, const char *file, GHashTable * seen,
    GError ** error)
{
  static const char include[] = "#include \"";
  g_autofree char *path = g_strconcat (KERNELS_PATH, file, NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_hash_table_add (seen, (gpointer) g_intern_string (file)))
    return TRUE;
  bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  if (!bytes)
    return FALSE;
  lines = g_strsplit (g_bytes_get_data (bytes, NULL), "\n", -1);
  g_string_append_printf (source, "#line 1 \"%s\"\n", file);
  for (guint i = 0; lines[i]; i++) {
    if (g_str_has_prefix (lines[i], include)) {
      g_autofree char *other = g_strdup (lines[i] + strlen (include));

      other[strcspn (other, "\"")] = '\0';
      if (!append_file (source, other, seen, error))
        return FALSE;
      g_string_append_printf (source, "#line %u \"%s\"\n", i + 2, file);
    } else {
      g_string_append_printf (source, "%s\n", lines[i]);
    }
  }
  return TRUE;
}

/* The text of kernels/@file with what it includes; each part says which file
 * it is, for the compiler's messages. */
static char *
load_source (OclContext * cl, const char *file)
{
  g_autoptr (GString) source = g_string_new (NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GError) error = NULL;

  ocl_resources_get_resource ();        /* a static library would else lose it */
  if (append_file (source, file, seen, &error))
    return g_string_free (g_steal_pointer (&source), FALSE);
  ocl_context_set_error (cl, OCL_ERROR_BUILD, "kernels/%s: %s", file,
      error->message);
  return NULL;
}

/* ---- cache on disk ----------------------------------------------------------- */

static char *
cache_path (OclContext * cl, const char *source, const char *options)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *name = NULL;
  const char *parts[] = { source, options, cl->info->name, cl->info->platform,
    cl->info->driver
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (sum, (const guchar *) parts[i], strlen (parts[i]) + 1);
  name = g_strconcat (g_checksum_get_string (sum), ".bin", NULL);
  return g_build_filename (cl->cache_dir, name, NULL);
}

static cl_program
load_binary (OclContext * cl, const char *path, const char *options)
{
  g_autofree char *data = NULL;
  const unsigned char *binary;
  cl_int status, binary_status;
  cl_program program;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, NULL) || size == 0)
    return NULL;
  binary = (const unsigned char *) data;
  program = clCreateProgramWithBinary (cl->context, 1, &cl->device, &size,
      &binary, &binary_status, &status);
  if (!program)
    return NULL;
  if (clBuildProgram (program, 1, &cl->device, options, NULL, NULL)
      != CL_SUCCESS) {
    clReleaseProgram (program);
    return NULL;
  }
  return program;
}

/* A cache that cannot be written only costs time: no error. */
static void
save_binary (OclContext * cl, const char *path, cl_program program)
{
  g_autofree unsigned char *data = NULL;
  size_t size = 0;

  if (cl->cache_binaries) {
    if (clGetProgramInfo (program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size,
            NULL) != CL_SUCCESS || size == 0)
      return;
    data = g_malloc (size);
    if (clGetProgramInfo (program, CL_PROGRAM_BINARIES, sizeof data, &data,
            NULL) != CL_SUCCESS)
      return;
  }
  g_mkdir_with_parents (cl->cache_dir, 0700);
  g_file_set_contents (path, data ? (char *) data : "", size, NULL);
}

/* ---- building ------------------------------------------------------------------ */

static void
set_build_error (OclContext * cl, const char *file, const char *options,
    cl_program program, cl_int status)
{
  g_autofree char *log = NULL;
  size_t size = 0;

  clGetProgramBuildInfo (program, cl->device, CL_PROGRAM_BUILD_LOG, 0, NULL,
      &size);
  log = g_malloc0 (size + 1);
  clGetProgramBuildInfo (program, cl->device, CL_PROGRAM_BUILD_LOG, size, log,
      NULL);
  ocl_context_set_error (cl, OCL_ERROR_BUILD,
      "kernels/%s does not compile with \"%s\" on %s: %s (%d)\n%s", file,
      options, cl->info->name, ocl_status_name (status), status, log);
}

static cl_program
compile (OclContext * cl, const char *file, const char *source,
    const char *options)
{
  cl_program program;
  cl_int status;

  program = clCreateProgramWithSource (cl->context, 1, &source, NULL, &status);
  if (!ocl_context_check (cl, status, file))
    return NULL;
  status = clBuildProgram (program, 1, &cl->device, options, NULL, NULL);
  if (status == CL_SUCCESS)
    return program;
  set_build_error (cl, file, options, program, status);
  clReleaseProgram (program);
  return NULL;
}

static cl_program
build_program (OclContext * cl, const Key * key)
{
  g_autofree char *options = g_strjoin (" ", BASE_OPTIONS, key->options, NULL);
  g_autofree char *source = load_source (cl, key->file);
  g_autofree char *path = NULL;
  cl_program program;

  if (!source)
    return NULL;
  path = cache_path (cl, source, options);
  if (cl->cache_binaries && (program = load_binary (cl, path, options)))
    return program;

  if (cl->build_func
      && (cl->cache_binaries || !g_file_test (path, G_FILE_TEST_EXISTS)))
    cl->build_func (key->file, cl->n_built++, cl->build_data);
  program = compile (cl, key->file, source, options);
  if (program)
    save_binary (cl, path, program);
  return program;
}

static cl_program
get_program (OclContext * cl, const char *file, const char *options)
{
  Key key = { file, options, "" };
  cl_program program = g_hash_table_lookup (cl->programs, &key);

  if (program)
    return program;
  program = build_program (cl, &key);
  if (program)
    g_hash_table_insert (cl->programs, key_copy (&key), program);
  return program;
}

cl_kernel
ocl_context_get_kernel (OclContext * cl, const char *file, const char *options,
    const char *name)
{
  Key key = { file, options ? options : "", name };
  cl_kernel kernel;
  cl_program program;
  cl_int status;

  if (!ocl_context_ok (cl))
    return NULL;
  kernel = g_hash_table_lookup (cl->kernels, &key);
  if (kernel)
    return kernel;
  program = get_program (cl, key.file, key.options);
  if (!program)
    return NULL;
  kernel = clCreateKernel (program, name, &status);
  if (!ocl_context_check (cl, status, name))
    return NULL;
  g_hash_table_insert (cl->kernels, key_copy (&key), kernel);
  g_hash_table_insert (cl->kernel_names, kernel,
      (gpointer) g_intern_string (name));
  return kernel;
}

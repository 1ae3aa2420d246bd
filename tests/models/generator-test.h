/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generator-test.h: what the tests of a generator share. */

#pragma once

#include "models/video.h"
#include "model-test.h"

static inline VideoGenerator *
open_with (const VideoOpenOptions *options)
{
  g_autoptr (GError) error = NULL;
  VideoGenerator *g = video_generator_open (options, &error);

  g_assert_no_error (error);
  return g;
}

static inline VideoGenerator *
open_pipeline (const char *pipeline, OclGemm gemm)
{
  g_autofree char *path = golden_path (pipeline, NULL);
  const VideoOpenOptions options = {
    .model = path,.device = "cpu",.gemm = gemm,
    .precision = OCL_PRECISION_FLOAT32
  };

  return open_with (&options);
}

static inline void
configure (VideoGenerator *g, const VideoSettings *settings)
{
  g_autoptr (GError) error = NULL;

  video_generator_configure (g, settings, NULL, &error);
  g_assert_no_error (error);
}

static inline void
sample (VideoGenerator *g, guint64 chunk)
{
  g_autoptr (GError) error = NULL;

  video_generator_sample (g, chunk, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* All frames of the sampled chunk, [n, height, width, 3]; *n: how many. */
static inline guint8 *
read_frames (VideoGenerator *g, guint width, guint height, guint *n)
{
  GByteArray *all = g_byte_array_new ();
  gsize size = (gsize) width * height * 3;
  g_autofree guint8 *pixels = g_malloc (size);
  const OclFrame frame = {
    .format = OCL_FRAME_RGB,.width = width,.height = height,
    .planes = {pixels},.strides = {width * 3}
  };
  g_autoptr (GError) error = NULL;

  for (*n = 0; video_generator_next_frame (g, &frame, OCL_MATRIX_BT601,
          &error); ++*n)
    g_byte_array_append (all, pixels, size);
  g_assert_no_error (error);
  return g_byte_array_free (all, FALSE);
}

static inline void
count_step (guint step, guint steps, gpointer count)
{
  ++*(guint *) count;
}

static inline guint
steps_of (VideoGenerator *g, guint64 chunk)
{
  g_autoptr (GError) error = NULL;
  guint count = 0;

  video_generator_sample (g, chunk, count_step, &count, &error);
  g_assert_no_error (error);
  return count;
}

static inline guint64
memory_used (VideoGenerator *g)
{
  VideoTimings timings;

  video_generator_get_timings (g, &timings);
  return timings.memory_used;
}

/* A copy of a golden pipeline that may be damaged. */
static inline char *
copy_pipeline (const char *pipeline)
{
  g_autofree char *from = golden_path (pipeline, ".");
  char *to = g_dir_make_tmp ("dit-XXXXXX", NULL);
  g_autofree char *command = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (to);
  command = g_strdup_printf ("cp -rL '%s/.' '%s'", from, to);
  g_spawn_command_line_sync (command, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return to;
}

static inline void
remove_copy (const char *directory)
{
  g_autofree char *command = g_strdup_printf ("rm -r '%s'", directory);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-model.c: what a checkpoint costs on this machine: a forward of its
 * transformer and the decoding of a clip, and which kernels the time goes to.
 *
 *   bench-model MODEL [WIDTH HEIGHT FRAMES [PRECISION]]
 *
 * or the chunks of a stream one after the other, as the checkpoint has them:
 *
 *   bench-model MODEL stream [WIDTH HEIGHT CHUNKS [PRECISION]]
 *
 * PRECISION: float32, bfloat16 or int16. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/video.h"
#include "models/video/transformer.h"
#include "models/video/vae.h"

#define FORWARDS 5
#define TOKENS 12               /* of a prompt */

typedef struct
{
  OclContext *cl;
  const char *model;
  gsize width, height, frames;
  OclPrecision precision;
} Bench;

static void
die (GError * error)
{
  fprintf (stderr, "%s\n", error->message);
  exit (1);
}

static void
finish (OclContext * cl)
{
  GError *error = NULL;

  if (!ocl_context_finish (cl, &error))
    die (error);
}

/* The time so far, kernel by kernel, as a share of the whole. */
static void
print_profile (OclContext * cl, const char *title)
{
  g_autoptr (GArray) rows = ocl_context_get_profile (cl);
  double all = 0;

  for (guint i = 0; i < rows->len; i++)
    all += g_array_index (rows, OclProfileRow, i).seconds;
  printf ("%s: %.3f s in kernels\n", title, all);
  for (guint i = 0; i < rows->len && i < 14; i++) {
    const OclProfileRow *row = &g_array_index (rows, OclProfileRow, i);

    printf ("  %-24s %7" G_GUINT64_FORMAT " calls %9.2f ms %5.1f %%\n",
        row->kernel, row->calls, row->seconds * 1e3, 100 * row->seconds / all);
  }
}

static OclContext *
new_context (void)
{
  const OclContextOptions options = {.profile = TRUE };
  GError *error = NULL;
  OclContext *cl = ocl_context_new (&options, &error);

  if (!cl)
    die (error);
  return cl;
}

static void
bench_transformer (Bench * b, guint space, guint time)
{
  g_autofree char *path = g_build_filename (b->model, "transformer", NULL);
  GError *error = NULL;
  g_autoptr (OclContext) cl = new_context ();
  g_autoptr (Transformer) t =
      transformer_open (cl, path, b->precision, NULL, NULL, NULL, &error);
  gsize channels;
  gsize f = (b->frames - 1) / time + 1;
  g_autoptr (OclTensor) text = NULL, latents = NULL, velocity = NULL;
  g_autoptr (TextContext) context = NULL;
  const float timestep = 500;
  g_autoptr (GTimer) timer = g_timer_new ();

  if (!t)
    die (error);
  channels = transformer_get_channels (t);
  text =
      ocl_tensor_new (cl, OCL_F32, 2, TOKENS, transformer_get_text_width (t));
  latents =
      ocl_tensor_new (cl, OCL_F32, 4, channels, f, b->height / space,
      b->width / space);
  velocity =
      ocl_tensor_new (cl, OCL_F32, 4, channels, f, b->height / space,
      b->width / space);
  ocl_tensor_fill (cl, text, 0.1);
  ocl_tensor_fill (cl, latents, 0.1);
  context = text_context_new (t, text, 512);
  transformer_forward (t, velocity, latents, &timestep, 1, context, NULL);
  finish (cl);

  g_timer_start (timer);
  for (guint i = 0; i < FORWARDS; i++)
    transformer_forward (t, velocity, latents, &timestep, 1, context, NULL);
  finish (cl);
  printf ("transformer: %.1f ms a forward\n",
      g_timer_elapsed (timer, NULL) * 1e3 / FORWARDS);
  print_profile (cl, "transformer, first forward included");
}

static void
bench_vae (Bench * b, guint * space, guint * time)
{
  g_autofree char *path = g_build_filename (b->model, "vae", NULL);
  GError *error = NULL;
  g_autoptr (OclContext) cl = new_context ();
  g_autoptr (Vae) vae = vae_open (cl, path, b->precision, &error);
  g_autoptr (VaeDecoder) decoder = NULL;
  g_autoptr (OclTensor) latent = NULL;
  g_autoptr (GTimer) timer = g_timer_new ();

  if (!vae)
    die (error);
  *space = vae_get_scale_space (vae);
  *time = vae_get_scale_time (vae);
  decoder = vae_decoder_new (vae, b->height / *space, b->width / *space);
  latent = ocl_tensor_new (cl, OCL_F32, 3, vae_get_channels (vae),
      b->height / *space, b->width / *space);
  ocl_tensor_fill (cl, latent, 0.1);
  for (guint round = 0; round < 2; round++) {
    vae_decoder_reset (decoder);
    g_timer_start (timer);
    for (gsize i = 0; i < (b->frames - 1) / *time + 1; i++) {
      g_autoptr (OclTensor) frames = vae_decoder_decode (decoder, latent);
    }
    finish (cl);
    printf ("vae: %.1f ms a clip of %" G_GSIZE_FORMAT " frames%s\n",
        g_timer_elapsed (timer, NULL) * 1e3, b->frames,
        round ? "" : ", kernels compiled");
  }
  print_profile (cl, "vae, both clips");
}

/* Seconds that the frames of the sampled chunk take to be made; *n: how many. */
static double
read_chunk (VideoGenerator * g, Bench * b, guint * n)
{
  g_autofree guint8 *pixels = g_malloc (b->width * b->height * 3);
  const OclFrame frame = {
    .format = OCL_FRAME_RGB,.width = b->width,.height = b->height,
    .planes = {pixels},.strides = {b->width * 3}
  };
  gint64 start = g_get_monotonic_time ();
  GError *error = NULL;

  for (*n = 0; video_generator_next_frame (g, &frame, OCL_MATRIX_BT601,
          &error); ++*n);
  if (error)
    die (error);
  return (g_get_monotonic_time () - start) * 1e-6;
}

static VideoGenerator *
open_stream (Bench * b)
{
  const VideoOpenOptions options = {
    .model = b->model,.precision = b->precision
  };
  GError *error = NULL;
  VideoGenerator *g = video_generator_open (&options, &error);
  VideoSettings settings = {.prompt = "a dog runs on the beach",
    .guidance_scale = -1,.width = b->width,.height = b->height
  };
  const VideoInfo *info;

  if (!g)
    die (error);
  info = video_generator_get_info (g);
  settings.width = b->width = b->width ? b->width : info->width;
  settings.height = b->height = b->height ? b->height : info->height;
  if (!video_generator_configure (g, &settings, NULL, &error))
    die (error);
  printf ("%s, %s, %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT ", %u steps, "
      "guidance %g\n", info->name, info->causal ? "causal" : "bidirectional",
      b->width, b->height, info->steps, info->guidance_scale);
  return g;
}

static void
bench_stream (Bench * b)
{
  g_autoptr (VideoGenerator) g = open_stream (b);
  VideoTimings timings;

  for (gsize k = 0; k < b->frames; k++) {
    gint64 start = g_get_monotonic_time ();
    GError *error = NULL;
    double sampled, decoded;
    guint n;

    if (!video_generator_sample (g, k, NULL, NULL, &error))
      die (error);
    sampled = (g_get_monotonic_time () - start) * 1e-6;
    decoded = read_chunk (g, b, &n);
    video_generator_get_timings (g, &timings);
    printf ("chunk %" G_GSIZE_FORMAT ": %u frames, sampled in %.3f s, decoded "
        "in %.3f s: %.2f frames a second; %" G_GUINT64_FORMAT " MB\n", k, n,
        sampled, decoded, n / (sampled + decoded), timings.memory_used >> 20);
  }
}

static int
usage (const char *name)
{
  fprintf (stderr, "usage: %s MODEL [WIDTH HEIGHT FRAMES [PRECISION]]\n"
      "       %s MODEL stream [WIDTH HEIGHT CHUNKS [PRECISION]]\n", name, name);
  return 2;
}

static OclPrecision
read_precision (const char *name)
{
  return strcmp (name, "float32") == 0 ? OCL_PRECISION_FLOAT32
      : strcmp (name, "int16") == 0 ? OCL_PRECISION_INT16
      : OCL_PRECISION_BFLOAT16;
}

int
main (int argc, char **argv)
{
  gboolean stream = argc > 2 && strcmp (argv[2], "stream") == 0;
  Bench b = {.width = stream ? 0 : 128,.height = stream ? 0 : 128,
    .frames = stream ? 8 : 33
  };
  char **sizes = argv + (stream ? 3 : 2);
  int n_sizes = argc - (stream ? 3 : 2);
  guint space, time;

  if (argc < 2 || (n_sizes != 0 && n_sizes != 3 && n_sizes != 4))
    return usage (argv[0]);
  b.model = argv[1];
  if (n_sizes > 0) {
    b.width = strtoul (sizes[0], NULL, 10);
    b.height = strtoul (sizes[1], NULL, 10);
    b.frames = strtoul (sizes[2], NULL, 10);
  }
  if (n_sizes == 4)
    b.precision = read_precision (sizes[3]);
  if (stream) {
    bench_stream (&b);
    return 0;
  }
  bench_vae (&b, &space, &time);
  bench_transformer (&b, space, time);
  return 0;
}

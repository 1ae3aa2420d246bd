/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decode.c: the frames of a sampled chunk, decoded as they are asked for. */

#include <string.h>

#include "models/video/generator-private.h"

void
video_generator_rewind (VideoGenerator * g)
{
  g_clear_pointer (&g->frames, ocl_tensor_unref);
  g->next_latent = g->next_frame = 0;
}

/* Latent frame @i, [channels, h, w], out of [channels, f, h, w]. */
static OclTensor *
latent_frame (VideoGenerator * g, gsize i)
{
  gsize channels = transformer_get_channels (g->transformer);
  gsize area = g->latent_height * g->latent_width;
  g_autofree float *values = g_new (float, channels * area);
  OclTensor *latent = ocl_tensor_new (g->cl, OCL_F32, 3, channels,
      g->latent_height, g->latent_width);

  for (gsize c = 0; c < channels; c++)
    memcpy (values + c * area, g->latents + (c * g->latent_frames + i) * area,
        area * sizeof (float));
  ocl_tensor_write (g->cl, latent, values);
  return latent;
}

/* Decodes the next latent frame into g->frames. */
static void
decode_latent (VideoGenerator * g)
{
  g_autoptr (OclTensor) latent = latent_frame (g, g->next_latent);

  if (!g->decoder)
    g->decoder = vae_decoder_new (g->chosen, g->latent_height, g->latent_width);
  if (g->next_latent == 0 && video_stream_starts (g))
    vae_decoder_reset (g->decoder);
  g_clear_pointer (&g->frames, ocl_tensor_unref);
  g->frames = vae_decoder_decode (g->decoder, latent);
  g->next_latent++;
  g->next_frame = 0;
}

/* Frame @i of g->frames, [H, W, 3] */
static OclTensor *
decoded_frame (VideoGenerator * g, gsize i)
{
  gsize height = g->frames->dims[1], width = g->frames->dims[2];
  g_autoptr (OclTensor) rows =
      ocl_tensor_rows (g->frames, i * height * width, height * width);

  return ocl_tensor_reshape (rows, 3, height, width, 3);
}

/* Frame @i of g->frames to @frame. */
static gboolean
read_frame (VideoGenerator * g, gsize i, const OclFrame * frame,
    OclMatrix matrix, GError ** error)
{
  g_autoptr (OclTensor) x = decoded_frame (g, i);
  g_autoptr (GError) local = NULL;

  if (ocl_frame_read (g->cl, frame, x, matrix, &local))
    return TRUE;
  if (g_error_matches (local, OCL_ERROR, OCL_ERROR_NUMERIC))
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_NUMERIC,
        "\"%s\" gave NaN or infinity when latent frame %" G_GSIZE_FORMAT
        " of %" G_GSIZE_FORMAT " was decoded: the weights of its VAE are "
        "broken, or too large for this precision", g->info.name,
        g->next_latent, g->latent_frames);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Something was lost on the way, and what the decoder keeps may have no memory: a
 * clip is decoded from its start again, a stream sampled. */
static void
start_over (VideoGenerator * g)
{
  video_generator_rewind (g);
  g_clear_pointer (&g->decoder, vae_decoder_free);
  if (video_stream_starts (g))
    return;
  g_clear_pointer (&g->latents, g_free);
  g->stream.alive = FALSE;
}

gboolean
video_generator_next_frame (VideoGenerator * g, const OclFrame * frame,
    OclMatrix matrix, GError ** error)
{
  gint64 start = g_get_monotonic_time ();
  GError *local = NULL;
  gboolean ok;

  if (!g->latents)
    return FALSE;
  if (!g->frames || g->next_frame == g->frames->dims[0]) {
    if (g->next_latent == g->latent_frames)
      return FALSE;
    decode_latent (g);
  }
  ok = frame ? read_frame (g, g->next_frame, frame, matrix, &local)
      : ocl_context_finish (g->cl, &local);
  g->timings.decode += (g_get_monotonic_time () - start) * 1e-6;
  if (!ok) {
    start_over (g);
    return video_propagate_error (error, local);
  }
  g->next_frame++;
  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-vae.c: the VAE decoder against diffusers' on all golden pipelines, its
 * streaming, its memory, and checkpoints that are broken. */

#include <glib/gstdio.h>
#include <string.h>

#include "models/video/vae-private.h"
#include "model-test.h"

static const char *const pipelines[] = {
  "wan21", "wan21-small", "wan21-patch", "wan21-uneven", "wan22-ti2v",
  "wan22-plain"
};

/* ---- decoding ------------------------------------------------------------------ */

static Vae *
open_vae (OclContext * cl, const char *directory, OclPrecision precision)
{
  g_autoptr (GError) error = NULL;
  Vae *vae = vae_open (cl, directory, precision, &error);

  g_assert_no_error (error);
  return vae;
}

/* Latent frame @t of @latents [C, T, h, w], as [C, h, w] on the device. */
static OclTensor *
latent_frame (OclContext * cl, const OclHostArray * latents, gsize t)
{
  const float *from = latents->data;
  gsize channels = latents->dims[0], frames = latents->dims[1];
  gsize size = latents->dims[2] * latents->dims[3];
  g_autofree float *frame = g_new (float, channels * size);
  OclTensor *x = ocl_tensor_new (cl, OCL_F32, 3, channels, latents->dims[2],
      latents->dims[3]);

  for (gsize c = 0; c < channels; c++)
    memcpy (frame + c * size, from + (c * frames + t) * size,
        size * sizeof *frame);
  ocl_tensor_write (cl, x, frame);
  return x;
}

/* Pixels [n, H, W, 3] into video [3, frames, H, W], clamped as upstream does,
 * from frame @at on. */
static void
store_frames (OclContext * cl, OclTensor * pixels, float *video, gsize frames,
    gsize at)
{
  gsize n = pixels->dims[0], size = pixels->dims[1] * pixels->dims[2];
  g_autofree float *rgb = g_new (float, n * size * 3);
  g_autoptr (GError) error = NULL;

  ocl_tensor_read (cl, pixels, rgb, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (at + n, <=, frames);
  for (gsize t = 0; t < n; t++)
    for (gsize i = 0; i < size; i++)
      for (gsize c = 0; c < 3; c++)
        video[(c * frames + at + t) * size + i] =
            CLAMP (rgb[(t * size + i) * 3 + c], -1, 1);
}

/* The video [3, frames, H, W] of @latents [C, T, h, w]. */
static float *
decode (OclContext * cl, VaeDecoder * decoder, const OclHostArray * latents,
    gsize frames, gsize pixels)
{
  float *video = g_new (float, 3 * frames * pixels);
  gsize done = 0;

  for (gsize t = 0; t < latents->dims[1]; t++) {
    g_autoptr (OclTensor) latent = latent_frame (cl, latents, t);
    g_autoptr (OclTensor) y = vae_decoder_decode (decoder, latent);

    g_assert_cmpuint (y->dims[1] * y->dims[2], ==, pixels);
    store_frames (cl, y, video, frames, done);
    done += y->dims[0];
  }
  g_assert_cmpuint (done, ==, frames);
  return video;
}

static void
compare_case (OclContext * cl, Vae * vae, TensorStore * reference, guint index,
    double tolerance)
{
  OclHostArray latents = golden_get (reference, "vae", index, "latents", 4);
  OclHostArray frames = golden_get (reference, "vae", index, "frames", 4);
  gsize pixels = frames.dims[2] * frames.dims[3];
  g_autoptr (VaeDecoder) decoder =
      vae_decoder_new (vae, latents.dims[2], latents.dims[3]);
  g_autofree float *first = NULL;
  g_autofree float *again = NULL;
  double difference;

  g_assert_cmpuint (vae_get_channels (vae), ==, latents.dims[0]);
  g_assert_cmpuint (vae_get_scale_space (vae) * latents.dims[3], ==,
      frames.dims[3]);
  g_assert_cmpuint (1 + vae_get_scale_time (vae) * (latents.dims[1] - 1), ==,
      frames.dims[1]);

  first = decode (cl, decoder, &latents, frames.dims[1], pixels);
  difference =
      test_relative_error (first, frames.data, 3 * frames.dims[1] * pixels);
  g_test_message ("case %u: relative L2 error %.2e", index, difference);
  g_assert_cmpfloat (difference, <=, tolerance);

  /* After a reset, and frame by frame through every block: the same, but for
   * the order of sums. */
  vae_decoder_reset (decoder);
  decoder->together = 0;
  again = decode (cl, decoder, &latents, frames.dims[1], pixels);
  difference = test_relative_error (again, first, 3 * frames.dims[1] * pixels);
  g_assert_cmpfloat (difference, <=, tolerance / 10);
}

static void
compare_all (OclContext * cl, const char *directory, const char *pipeline,
    OclPrecision precision, double tolerance)
{
  g_autoptr (TensorStore) reference = golden_reference (pipeline);
  g_autoptr (Vae) vae = open_vae (cl, directory, precision);

  for (guint i = 0; golden_has (reference, "vae", i, "latents"); i++)
    compare_case (cl, vae, reference, i, tolerance);
}

typedef struct
{
  const char *pipeline;
  OclGemm gemm;
  OclPrecision precision;
} GoldenCase;

static void
test_golden (gconstpointer data)
{
  const GoldenCase *c = data;
  g_autoptr (OclContext) cl = model_test_context (c->gemm);
  g_autofree char *directory = golden_path (c->pipeline, "vae");

  compare_all (cl, directory, c->pipeline, c->precision,
      c->precision == OCL_PRECISION_FLOAT32 ? FLOAT32_TOLERANCE
      : c->precision == OCL_PRECISION_INT16 ? INT16_TOLERANCE
      : BFLOAT16_TOLERANCE);
}

/* ---- checkpoints made of others -------------------------------------------------- */

static void
copy_file (const char *from, const char *directory, const char *name)
{
  g_autofree char *to = g_build_filename (directory, name, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (from, &data, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (to, data, length, &error);
  g_assert_no_error (error);
}

/* A directory with @config (text) and the weights file @weights. */
static char *
make_checkpoint (const char *config, const char *weights)
{
  g_autoptr (GError) error = NULL;
  char *directory = g_dir_make_tmp ("test-vae-XXXXXX", &error);
  g_autofree char *path = NULL;

  g_assert_no_error (error);
  path = g_build_filename (directory, "config.json", NULL);
  g_file_set_contents (path, config, -1, &error);
  g_assert_no_error (error);
  copy_file (weights, directory, "diffusion_pytorch_model.safetensors");
  return directory;
}

static void
remove_checkpoint (const char *directory)
{
  static const char *const names[] = {
    "config.json", "diffusion_pytorch_model.safetensors"
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (directory, names[i], NULL);

    g_remove (path);
  }
  g_rmdir (directory);
}

static char *
read_config (const char *pipeline)
{
  g_autofree char *path = golden_path (pipeline, "vae/config.json");
  g_autoptr (GError) error = NULL;
  char *config = NULL;

  g_file_get_contents (path, &config, NULL, &error);
  g_assert_no_error (error);
  return config;
}

/* The original names. Those files hold bfloat16, which is less than what the
 * float32 pipeline has: its result may differ by as much. */
static void
test_original_names (gconstpointer data)
{
  const char *pipeline = data;
  g_autoptr (OclContext) cl = model_test_context (OCL_GEMM_PACKED);
  g_autofree char *config = read_config (pipeline);
  g_autofree char *weights = golden_path (pipeline, "original/vae.safetensors");
  g_autofree char *directory = make_checkpoint (config, weights);

  compare_all (cl, directory, pipeline, OCL_PRECISION_FLOAT32,
      g_str_equal (pipeline, "wan21") ? 2 * BFLOAT16_TOLERANCE
      : FLOAT32_TOLERANCE);
  remove_checkpoint (directory);
}

/* ---- broken checkpoints ---------------------------------------------------------- */

/* Opening @pipeline's VAE with @from in its configuration replaced by @to fails
 * with @code and names @part. */
static void
assert_config_fails (const char *pipeline, const char *from, const char *to,
    FormatError code, const char *part)
{
  g_autoptr (OclContext) cl = model_test_context (OCL_GEMM_PACKED);
  g_autofree char *config = read_config (pipeline);
  g_autofree char *weights =
      golden_path (pipeline, "vae/diffusion_pytorch_model.safetensors");
  g_autoptr (GString) changed = g_string_new (config);
  g_autofree char *directory = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  directory = make_checkpoint (changed->str, weights);
  g_assert_null (vae_open (cl, directory, OCL_PRECISION_FLOAT32, &error));
  g_assert_error (error, FORMAT_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, directory));
  remove_checkpoint (directory);
}

static void
test_broken (void)
{
  /* tensors that the file has, but not of this shape; or has not */
  assert_config_fails ("wan21", "\"base_dim\": 3", "\"base_dim\": 4",
      FORMAT_ERROR_MISMATCH, "decoder.conv_in");
  assert_config_fails ("wan21", "\"num_res_blocks\": 2",
      "\"num_res_blocks\": 3", FORMAT_ERROR_NOT_FOUND,
      "decoder.up_blocks.0.resnets.3.norm1.gamma");
  /* values that fit nothing */
  assert_config_fails ("wan21", "\"z_dim\": 16", "\"z_dim\": 15",
      FORMAT_ERROR_MISMATCH, "latents_mean");
  assert_config_fails ("wan21", "\"z_dim\": 16", "\"z_dim\": 0",
      FORMAT_ERROR_MISMATCH, "z_dim");
  assert_config_fails ("wan21", "\"base_dim\": 3", "\"base_dim\": 1e99",
      FORMAT_ERROR_MISMATCH, "base_dim");
  assert_config_fails ("wan21", "\"temperal_downsample\": [\n  false,",
      "\"temperal_downsample\": [", FORMAT_ERROR_MISMATCH,
      "temperal_downsample");
  assert_config_fails ("wan21", "\"z_dim\": 16",
      "\"z_dim\": 16, \"scale_factor_spatial\": 16", FORMAT_ERROR_MISMATCH,
      "scale_factor_spatial");
  assert_config_fails ("wan22-plain", "\"patch_size\": 2",
      "\"patch_size\": 3", FORMAT_ERROR_UNSUPPORTED, "out_channels");
  assert_config_fails ("wan21", "\"base_dim\": 3", "\"base_dim\": 257",
      FORMAT_ERROR_UNSUPPORTED, "1028 channels");
  assert_config_fails ("wan21", "AutoencoderKLWan", "AutoencoderKL",
      FORMAT_ERROR_UNSUPPORTED, "AutoencoderKLWan");
}

/* ---- memory ------------------------------------------------------------------------ */

/* Once the second latent frame (the first of four pictures) is decoded, no
 * other needs more, and the pictures of one do not stay. */
static void
test_memory (gconstpointer data)
{
  const char *pipeline = data;
  g_autoptr (OclContext) cl = model_test_context (OCL_GEMM_PACKED);
  g_autofree char *directory = golden_path (pipeline, "vae");
  g_autoptr (Vae) vae = open_vae (cl, directory, OCL_PRECISION_FLOAT32);
  g_autoptr (VaeDecoder) decoder = vae_decoder_new (vae, 4, 3);
  g_autoptr (OclTensor) latent =
      ocl_tensor_new (cl, OCL_F32, 3, vae_get_channels (vae), 4, 3);
  guint64 used = ocl_context_get_memory_used (cl), peak = 0;

  ocl_tensor_fill (cl, latent, 0.5f);
  for (guint i = 0; i < 50; i++) {
    g_autoptr (OclTensor) y = vae_decoder_decode (decoder, latent);
    g_autoptr (GError) error = NULL;

    g_assert_cmpuint (y->dims[0], ==, i ? vae_get_scale_time (vae) : 1);
    ocl_context_finish (cl, &error);
    g_assert_no_error (error);
    if (i == 1)
      peak = ocl_context_get_memory_peak (cl);
  }
  g_assert_cmpuint (ocl_context_get_memory_peak (cl), ==, peak);
  g_assert_cmpuint (ocl_context_get_memory_used (cl), ==, used);
}

/* A latent of another size than the decoder's is an error, not a crash. */
static void
test_wrong_latent (void)
{
  g_autoptr (OclContext) cl = model_test_context (OCL_GEMM_PACKED);
  g_autofree char *directory = golden_path ("wan21", "vae");
  g_autoptr (Vae) vae = open_vae (cl, directory, OCL_PRECISION_FLOAT32);
  g_autoptr (VaeDecoder) decoder = vae_decoder_new (vae, 2, 2);
  g_autoptr (OclTensor) latent = ocl_tensor_new (cl, OCL_F32, 3, 16, 2, 3);
  g_autoptr (OclTensor) y = vae_decoder_decode (decoder, latent);
  g_autoptr (GError) error = NULL;

  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
}

static void
add_golden (OclGemm gemm, const char *gemm_name, OclPrecision precision,
    const char *precision_name)
{
  for (guint i = 0; i < G_N_ELEMENTS (pipelines); i++) {
    g_autofree char *path = g_strdup_printf ("/vae/golden/%s/%s/%s",
        gemm_name, precision_name, pipelines[i]);
    GoldenCase *c = g_new (GoldenCase, 1);

    c->pipeline = pipelines[i];
    c->gemm = gemm;
    c->precision = precision;
    g_test_add_data_func_full (path, c, test_golden, g_free);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_golden (OCL_GEMM_PACKED, "packed", OCL_PRECISION_FLOAT32, "float32");
  add_golden (OCL_GEMM_PACKED, "packed", OCL_PRECISION_BFLOAT16, "bfloat16");
  add_golden (OCL_GEMM_PACKED, "packed", OCL_PRECISION_INT16, "int16");
  add_golden (OCL_GEMM_CLBLAST, "clblast", OCL_PRECISION_FLOAT32, "float32");
  add_golden (OCL_GEMM_CLBLAST, "clblast", OCL_PRECISION_BFLOAT16, "bfloat16");
  g_test_add_data_func ("/vae/names/2.1", "wan21", test_original_names);
  g_test_add_data_func ("/vae/names/2.2", "wan22-plain", test_original_names);
  g_test_add_func ("/vae/broken", test_broken);
  g_test_add_data_func ("/vae/memory/2.1", "wan21", test_memory);
  g_test_add_data_func ("/vae/memory/2.2", "wan22-plain", test_memory);
  g_test_add_func ("/vae/wrong-latent", test_wrong_latent);
  return g_test_run ();
}

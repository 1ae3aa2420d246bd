/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditenums.c: GTypes of the enumerated properties. The values are those of
 * models/video.h, so that no table translates between them. */

#include "gstditenums.h"

#include "models/video.h"

/**
 * GstDitSampler:
 * @auto: what the checkpoint names
 * @unipc: UniPC, a multistep solver
 * @euler: Euler, the simplest
 * @lcm: new noise at each step, for few-step distilled checkpoints
 *
 * The solver that turns noise into video.
 */
GType
gst_dit_sampler_get_type (void)
{
  static const GEnumValue values[] = {
    {VIDEO_SAMPLER_AUTO, "What the checkpoint names", "auto"},
    {VIDEO_SAMPLER_UNIPC, "UniPC, a multistep solver", "unipc"},
    {VIDEO_SAMPLER_EULER, "Euler", "euler"},
    {VIDEO_SAMPLER_LCM, "New noise at each step, for few-step distilled "
          "checkpoints", "lcm"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstDitSampler", values));
  return type;
}

/**
 * GstDitPrecision:
 * @auto: bfloat16 where it is faster, else int16 where it is, else float32
 * @float32: 32-bit floating point
 * @bfloat16: 16-bit floating point, sums in 32 bits
 * @int16: 16-bit integers with scales in linear layers of the video model and the
 *     VAE, else float32; with CLBlast float32
 *
 * The type of the weights and of the operands of matrix products.
 */
GType
gst_dit_precision_get_type (void)
{
  static const GEnumValue values[] = {
    {OCL_PRECISION_AUTO, "bfloat16 where it is faster, else int16 where it is, "
          "else float32", "auto"},
    {OCL_PRECISION_FLOAT32, "32-bit floating point", "float32"},
    {OCL_PRECISION_BFLOAT16, "16-bit floating point, sums in 32 bits",
        "bfloat16"},
    {OCL_PRECISION_INT16, "16-bit integers in linear layers, else float32",
        "int16"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstDitPrecision", values));
  return type;
}

/**
 * GstDitGemm:
 * @auto: packed on processors, CLBlast elsewhere
 * @packed: the plugin's own kernels, for processors
 * @clblast: the CLBlast library, for graphics cards
 *
 * What multiplies matrices.
 */
GType
gst_dit_gemm_get_type (void)
{
  static const GEnumValue values[] = {
    {OCL_GEMM_AUTO, "Packed on processors, CLBlast elsewhere", "auto"},
    {OCL_GEMM_PACKED, "The plugin's own kernels, for processors", "packed"},
    {OCL_GEMM_CLBLAST, "The CLBlast library, for graphics cards", "clblast"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstDitGemm", values));
  return type;
}

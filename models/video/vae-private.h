/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae-private.h: what the files of the VAE decoder share.
 *
 * All activations are channels last, [frames, height, width, channels]. */

#pragma once

#include "models/video/vae.h"

#define VAE_IMAGE_CHANNELS 3
#define VAE_MAX_BLOCKS 8
#define VAE_MAX_LATENT_CHANNELS 1024
#define VAE_MAX_WIDTH 1024      /* of the middle: its attention's one head */

G_BEGIN_DECLS

/* ---- configuration (vae-config.c) ---------------------------------------- */

/* Channels of one up block. */
typedef struct
{
  gsize in;                     /* of its input */
  gsize out;                    /* of its residual blocks' outputs */
  gsize up;                     /* of its own output */
  gboolean space;               /* has an upsampler */
  gboolean time;                /* which doubles the frames as well */
} VaeBlockShape;

typedef struct
{
  gsize latent_channels;        /* z_dim */
  double mean[VAE_MAX_LATENT_CHANNELS];
  double std[VAE_MAX_LATENT_CHANNELS];
  gsize width;                  /* channels of the middle */
  guint n_blocks;
  VaeBlockShape blocks[VAE_MAX_BLOCKS];
  guint n_resnets;              /* of one up block */
  gboolean residual;            /* shortcuts around upsamplers (Wan 2.2) */
  guint patch;                  /* pixels a side that one output position holds */
  guint scale_space, scale_time;
} VaeConfig;

gboolean vae_config_read (VaeConfig * config, const char *path,
    GError ** error);

/* ---- tensor names (vae-names.c) ------------------------------------------- */

/* Prefixes of the tensors of the decoder's modules, without the last dot. */
typedef struct
{
  const char *post_quant;
  const char *conv_in;
  const char *middle[2];        /* residual blocks */
  const char *attention;
  const char *norm_out, *conv_out;
  /* within a residual block */
  const char *norm1, *conv1, *norm2, *conv2, *shortcut;
  gboolean original;            /* those of Wan2.1_VAE.pth, Wan2.2_VAE.pth */
} VaeNames;

const VaeNames *vae_names_of (TensorStore * store);
/* g_free() what they return. */
char *vae_name_up_resnet (const VaeNames * names, const VaeConfig * config,
    guint block, guint i);
char *vae_name_upsampler (const VaeNames * names, const VaeConfig * config,
    guint block);

/* ---- layers (vae-load.c) --------------------------------------------------- */

/* A convolution that is causal in time: three taps, the first two of which
 * read frames of the past. */
typedef struct
{
  OclConv *conv;
  guint cache;                  /* index of its past in Vae.caches */
} VaeCausalConv;

typedef struct
{
  OclTensor *norm1, *norm2;     /* gamma [channels] */
  VaeCausalConv conv1, conv2;
  OclLinear *shortcut;          /* NULL: none */
  gsize out;
} VaeResnet;

typedef struct
{
  OclTensor *norm;
  OclLinear *to_qkv, *proj;
} VaeAttention;

/* Doubles height and width, and if it has them (even.conv not NULL) frames. */
typedef struct
{
  VaeCausalConv even;           /* makes each pair's first frame */
  OclConv *odd;                 /* its second; reads the same past */
  OclConv *resample;
} VaeUpsampler;

typedef struct
{
  VaeBlockShape shape;
  VaeResnet *resnets;           /* [config.n_resnets] */
  VaeUpsampler upsampler;       /* if shape.space */
} VaeUpBlock;

/* The past of one causal convolution: [2, h * scale, w * scale, channels] */
typedef struct
{
  OclType type;
  gsize channels;
  guint scale;
} VaeCache;

struct _Vae
{
  OclContext *cl;
  VaeConfig config;
  OclType normed;               /* what norms give to convolutions: BF16 if these
                                 * round it to that */
  OclLinear *post_quant;        /* undoes the latents' normalisation as well */
  VaeCausalConv conv_in;
  VaeResnet middle[2];
  VaeAttention attention;       /* between the two */
  VaeUpBlock blocks[VAE_MAX_BLOCKS];
  OclTensor *norm_out;
  VaeCausalConv conv_out;
  GArray *caches;               /* VaeCache */
};

/* Fills @vae's layers; what was loaded before an error stays in @vae. */
gboolean vae_load (Vae * vae, TensorStore * store, OclPrecision precision,
    GError ** error);
void vae_unload (Vae * vae);

/* ---- forward (vae-blocks.c) -------------------------------------------------- */

struct _VaeDecoder
{
  Vae *vae;
  gsize height, width;          /* of the latents */
  guint64 frame;                /* latent frames decoded so far */
  gsize together;               /* bytes; see frames_together() */
  OclTensor **past;             /* [caches->len] */
  OclKeyValues *key_values;     /* of the middle's attention */
};

/* @n frames of @x from @first on: a view. */
OclTensor *vae_frames (OclTensor * x, gsize first, gsize n);

/* y [T, H, W, out] of x [T, H, W, in] and @conv's past, which moves on by T. */
void vae_causal_conv (VaeDecoder * decoder, OclTensor * y, OclTensor * x,
    const VaeCausalConv * conv, const OclEpilogue * epilogue);
/* In place on x [1, h, w, width]. */
void vae_middle (VaeDecoder * decoder, OclTensor * x);
/* Frames [T', 2H, 2W, up] of x [T, H, W, in], which is consumed. T' is 2 T if
 * the block upsamples time, but for a clip's first frame; the last block leaves
 * the sizes. */
OclTensor *vae_up_block (VaeDecoder * decoder, const VaeUpBlock * block,
    OclTensor * x);
/* Pixels y [T, H p, W p, 3] of x [T, H, W, in]. */
void vae_head (VaeDecoder * decoder, OclTensor * y, OclTensor * x);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* torch-random.h: noise as torch.randn() makes it on a CPU generator, so that
 * a seed known from diffusers gives the same video here. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _TorchRandom TorchRandom;

/* As torch.Generator("cpu").manual_seed (seed). */
TorchRandom *torch_random_new (guint64 seed);
void torch_random_free (TorchRandom * random);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TorchRandom, torch_random_free)

/* As torch.randn (n, generator=..., dtype=torch.float32): how the values come
 * about depends on n (from 16 on, in blocks), so one call is one tensor. */
void torch_random_normal (TorchRandom * random, float *values, gsize n);

G_END_DECLS

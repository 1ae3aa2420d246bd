/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler-unipc.c: the predictor-corrector of Zhao et al. 2023, "UniPC"
 * (arXiv 2302.04867), for flow matching, as diffusers'
 * UniPCMultistepScheduler has it.
 *
 * With alpha = 1 - sigma and lambda = ln (alpha / sigma), one update goes from
 * x at lambda_s to lambda_t, h = lambda_t - lambda_s, by
 *
 *   sigma_t / sigma_s x - alpha_t (e^-h - 1) m0
 *       - alpha_t B sum_k rho_k (m_k - m0) / r_k
 *
 * where m0 is the clean prediction at s, m_k those of earlier steps, r_k their
 * distances in lambda over h, and B is e^-h - 1 (bh2) or -h (bh1).  The
 * predictor stops there; the corrector redoes the update to where the model has
 * since been asked, with that prediction as one more m, at r = 1.
 *
 * Scalars are float where upstream's are: alpha of the first sigma is one
 * rounding error of 1, and all that follows depends on which. */

#include <math.h>
#include <string.h>

#include "sampler-private.h"

/* Keeps lambda of the first step finite (upstream: eps). */
#define FIRST_EPSILON 1e-6

/* One update, ready to be applied to every value. */
typedef struct
{
  float x_scale;
  float m0_scale;
  float rest_scale;
  guint n;                      /* earlier predictions */
  const float *m0;              /* [n of the sampler], as all of these */
  const float *m[MAX_ORDER];
  float r[MAX_ORDER];
  float rho[MAX_ORDER];         /* rho[n]: of the newest, if correcting */
  const float *newest;          /* or NULL: predicting */
} Update;

void
sampler_unipc_schedule (Sampler * sampler)
{
  double train = sampler->config.num_train_timesteps;
  double step = (1 / train - 1) / sampler->steps;
  guint i;

  for (i = 0; i < sampler->steps; i++) {
    double sigma = sampler_shift (sampler->config.flow_shift, i * step + 1);
    if (i == 0 && fabs (sigma - 1) < FIRST_EPSILON)
      sigma -= FIRST_EPSILON;
    sampler->sigmas[i] = (float) sigma;
    sampler->timesteps[i] = trunc (sigma * train);
  }
}

static float
get_lambda (const Sampler * sampler, guint i)
{
  float sigma = (float) sampler->sigmas[i];

  return logf (1 - sigma) - logf (sigma);
}

/* Orders grow with what is known, and shrink again towards the end. */
static guint
get_order (const Sampler * sampler, guint i)
{
  guint order = MIN (sampler->config.solver_order, i + 1);

  return sampler->config.lower_order_final ?
      MIN (order, sampler->steps - i) : order;
}

static float *
get_clean (const Sampler * sampler, guint i)
{
  return sampler->clean[i % (sampler->config.solver_order + 1)];
}

/* Solves the @n equations sum_j r_j^i rho_j = b_i, i = 0 ... n - 1. */
static void
solve_rho (const float *r, const float *b, guint n, float *rho)
{
  double a[MAX_ORDER][MAX_ORDER + 1];
  guint i, j, k;

  for (i = 0; i < n; i++) {
    for (j = 0; j < n; j++)
      a[i][j] = powf (r[j], i);
    a[i][n] = b[i];
  }
  /* Gauss and Jordan; the first row is all ones, and r are distinct. */
  for (k = 0; k < n; k++)
    for (i = 0; i < n; i++) {
      double factor = a[i][k] / a[k][k];
      for (j = k; i != k && j <= n; j++)
        a[i][j] -= factor * a[k][j];
    }
  for (i = 0; i < n; i++)
    rho[i] = (float) (a[i][n] / a[i][i]);
}

/* The rho of @order: solved for, but for the lowest orders, which upstream
 * sets to a half. @hh is -h. */
static void
find_rho (Update * update, guint order, float hh, float phi_1, float b_h)
{
  guint unknowns = update->newest ? order : order - 1;
  float b[MAX_ORDER], phi_k = phi_1 / hh - 1, factorial = 1;
  guint i;

  if (unknowns == 1) {
    update->rho[0] = 0.5f;
    return;
  }
  for (i = 0; i < order; i++) {
    b[i] = phi_k * factorial / b_h;
    factorial *= i + 2;
    phi_k = phi_k / hh - 1 / factorial;
  }
  solve_rho (update->r, b, unknowns, update->rho);
}

/* The update from step @from to the next; @newest: what the model says there,
 * or NULL. */
static Update
make_update (const Sampler * sampler, guint from, const float *newest)
{
  float sigma_s = (float) sampler->sigmas[from];
  float sigma_t = (float) sampler->sigmas[from + 1];
  float lambda_s = get_lambda (sampler, from);
  float h = get_lambda (sampler, from + 1) - lambda_s;
  float phi_1 = expm1f (-h);
  float b_h = sampler->config.solver_bh2 ? phi_1 : -h;
  guint order = get_order (sampler, from);
  Update update = { sigma_t / sigma_s, (1 - sigma_t) * phi_1,
    (1 - sigma_t) * b_h, order - 1, get_clean (sampler, from),
    .newest = newest
  };
  guint k;

  for (k = 1; k < order; k++) {
    update.m[k - 1] = get_clean (sampler, from - k);
    update.r[k - 1] = (get_lambda (sampler, from - k) - lambda_s) / h;
  }
  update.r[order - 1] = 1;
  find_rho (&update, order, -h, phi_1, b_h);
  return update;
}

static void
apply (const Update * update, const float *x, float *out, gsize n)
{
  gsize i;
  guint k;

  for (i = 0; i < n; i++) {
    float m0 = update->m0[i], rest = 0;
    for (k = 0; k < update->n; k++)
      rest += update->rho[k] * ((update->m[k][i] - m0) / update->r[k]);
    if (update->newest)
      rest += update->rho[update->n] * (update->newest[i] - m0);
    out[i] = update->x_scale * x[i] - update->m0_scale * m0
        - update->rest_scale * rest;
  }
}

/* Is the prediction of step @i corrected once the model was asked where it led? */
static gboolean
is_corrected (const Sampler * sampler, guint i)
{
  return i >= 64 || !(sampler->config.uncorrected >> i & 1);
}

void
sampler_unipc_step (Sampler * sampler, guint i, const float *velocity,
    float *latents)
{
  float sigma = (float) sampler->sigmas[i];
  float *clean = get_clean (sampler, i);
  Update update;
  gsize j;

  for (j = 0; j < sampler->n; j++)
    clean[j] = latents[j] - sigma * velocity[j];
  if (i > 0 && is_corrected (sampler, i - 1)) {
    update = make_update (sampler, i - 1, clean);
    apply (&update, sampler->last, latents, sampler->n);
  }
  /* At sigma 0 the latents are clean; lambda is infinite there, and what the
   * formula gives depends on the order: not numbers, in upstream's bh1. */
  if (i + 1 == sampler->steps) {
    memcpy (latents, clean, sampler->n * sizeof (float));
    return;
  }
  memcpy (sampler->last, latents, sampler->n * sizeof (float));
  update = make_update (sampler, i, NULL);
  apply (&update, sampler->last, latents, sampler->n);
}

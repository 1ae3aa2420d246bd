/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* common.cl: what several families of kernels share. */

#include "vector.cl"

#define ACTIVATION_NONE 0
#define ACTIVATION_SILU 1
#define ACTIVATION_GELU_TANH 2
#define ACTIVATION_RELU6 3

/* x / (1 + exp (-a x (1 + b x^2))): with a = 1, b = 0 it is SiLU; GELU's tanh
 * form is the same function with a = 2 sqrt (2 / pi), b = 0.044715, because
 * (1 + tanh (u)) / 2 = 1 / (1 + exp (-2 u)). */
#define GELU_A 1.5957691216057308f
#define GELU_B 0.044715f

float
activate_1 (float x, int activation)
{
  if (activation == ACTIVATION_SILU)
    return x / (1 + exp (-x));
  if (activation == ACTIVATION_GELU_TANH)
    return x / (1 + exp (-GELU_A * x * (1 + GELU_B * x * x)));
  if (activation == ACTIVATION_RELU6)
    return x < 0 ? 0 : x > 6 ? 6 : x;
  return x;
}

float16
activate_16 (float16 x, int activation)
{
  if (activation == ACTIVATION_SILU)
    return x / (1 + exp_16 (-x));
  if (activation == ACTIVATION_GELU_TANH)
    return x / (1 + exp_16 (-GELU_A * x * (1 + GELU_B * x * x)));
  if (activation == ACTIVATION_RELU6)
    return relu6_16 (x);
  return x;
}

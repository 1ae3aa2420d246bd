/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linear.c: linear layers. */

#include "gemm.h"

struct _OclLinear
{
  OclProduct *product;
};

/* ---- weights --------------------------------------------------------------- */

/* Arrays [out_i, in], one after the other. */
typedef struct
{
  const OclHostArray *arrays;
  guint n;
} Stack;

static void
read_row (gpointer data, gsize output, float *row)
{
  const Stack *stack = data;
  const OclHostArray *array = stack->arrays;
  gsize in = array->dims[1];

  while (output >= array->dims[0]) {
    output -= array->dims[0];
    array++;
  }
  ocl_host_array_to_float (array, output * in, in, row);
}

static gboolean
arrays_fit (const OclHostArray * weights, const OclHostArray * biases, guint n)
{
  for (guint i = 0; i < n; i++) {
    if (weights[i].n_dims != 2 || !ocl_type_is_weight (weights[i].type)
        || weights[i].dims[0] == 0 || weights[i].dims[1] == 0
        || weights[i].dims[1] != weights[0].dims[1])
      return FALSE;
    if (biases && (biases[i].n_dims != 1 || !ocl_type_is_weight (biases[i].type)
            || biases[i].dims[0] != weights[i].dims[0]))
      return FALSE;
  }
  return n > 0;
}

static float *
join_biases (const OclHostArray * biases, guint n, gsize outputs)
{
  float *joined, *to;

  if (!biases)
    return NULL;
  joined = to = g_new (float, outputs);
  for (guint i = 0; i < n; i++) {
    ocl_host_array_to_float (&biases[i], 0, biases[i].dims[0], to);
    to += biases[i].dims[0];
  }
  return joined;
}

OclLinear *
ocl_linear_new (OclContext * cl, const OclHostArray * weights,
    const OclHostArray * biases, guint n, OclPrecision precision)
{
  OclLinear *linear = g_new0 (OclLinear, 1);
  OclProductShape shape = { 0, 1, 1, 0 };
  Stack stack = { weights, n };
  g_autofree float *bias = NULL;

  if (!ocl_context_require (cl, arrays_fit (weights, biases, n), "linear_new",
          NULL))
    return linear;
  shape.depth = weights[0].dims[1];
  for (guint i = 0; i < n; i++)
    shape.outputs += weights[i].dims[0];
  bias = join_biases (biases, n, shape.outputs);
  linear->product = ocl_product_new (cl, &shape, read_row, &stack, bias,
      precision);
  return linear;
}

void
ocl_linear_free (OclLinear * linear)
{
  if (!linear)
    return;
  ocl_product_free (linear->product);
  g_free (linear);
}

gsize
ocl_linear_get_outputs (const OclLinear * linear)
{
  return linear->product ? ocl_product_get_shape (linear->product)->outputs : 0;
}

gsize
ocl_linear_get_inputs (const OclLinear * linear)
{
  return linear->product ? ocl_product_get_shape (linear->product)->depth : 0;
}

/* ---- products ---------------------------------------------------------------- */

static gboolean
is_matrix (OclTensor * t, gsize rows, gsize cols)
{
  return t->type == OCL_F32 && t->rows == rows && t->cols == cols;
}

static gboolean
epilogue_fits (const OclEpilogue * e, gsize rows, gsize cols)
{
  return !e || ((!e->multiply || is_matrix (e->multiply, rows, cols))
      && (!e->residual || is_matrix (e->residual, rows, cols))
      && (!e->gate || (is_matrix (e->gate, e->gate->rows, cols)
              && e->gate->rows <= rows && rows % e->gate->rows == 0)));
}

/* x as the kernel reads it: itself, or a copy rounded to bfloat16. */
static OclTensor *
input_of (OclContext * cl, OclTensor * x, const OclProduct * product)
{
  const OclGather gather = {.height = 1,.width = x->rows,.frames = 1,
    .rows = 1,.columns = x->rows,.step = 1
  };

  if (ocl_product_get_format (product) == OCL_INPUT_F32)
    return ocl_tensor_ref (x);
  return ocl_gather (cl, x, &gather, product);
}

void
ocl_linear (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclLinear * linear, const OclEpilogue * epilogue)
{
  static const OclEpilogue none = { OCL_ACTIVATION_NONE };
  const OclEpilogue *e = epilogue ? epilogue : &none;
  gsize outputs = ocl_linear_get_outputs (linear);
  gsize inputs = ocl_linear_get_inputs (linear);
  gboolean fits = is_matrix (y, x->rows, outputs)
      && is_matrix (x, x->rows, inputs) && epilogue_fits (e, y->rows, outputs);
  g_autoptr (OclTensor) input = NULL;
  OclPlane plane = { 0 };

  if (!ocl_context_require (cl, fits, "linear", "y", y, "x", x, "multiply",
          e->multiply, "gate", e->gate, "residual", e->residual, NULL))
    return;
  input = input_of (cl, x, linear->product);
  plane.mem = ocl_tensor_mem (input);
  plane.offset = ocl_tensor_offset (input);
  plane.position_stride = input->stride;
  plane.lines = plane.step = plane.frames = 1;
  plane.positions = plane.pitch = plane.width = x->rows;
  ocl_product (cl, y, &plane, x->rows, linear->product, e);
}

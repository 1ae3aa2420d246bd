/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* epilogue.cl: what follows a product: bias, activation, multiply, gate and
 * residual. */

#include "vector.cl"

#define SILU 1
#define GELU_TANH 2
#define RELU6 3

/* Products are of frames of positions, `pitch` of them on a line, of which the
 * first `width` are rows of y. Row r of y takes row r * gate_groups / gate_rows
 * of gate. Pointers other than y and bias may be NULL. */
#define EPILOGUE_PARAMETERS                                             \
    int outputs, int pitch, int width,                                  \
    __global float *y, long y_offset, long y_stride, long y_frame_rows, \
    __global const float *bias, int activation,                         \
    __global const float *multiply, long multiply_offset,               \
    long multiply_stride,                                               \
    __global const float *gate, long gate_offset, long gate_stride,     \
    long gate_groups, long gate_rows,                                   \
    __global const float *residual, long residual_offset,               \
    long residual_stride

#define EPILOGUE_ARGUMENTS                                              \
    outputs, pitch, width, y, y_offset, y_stride, y_frame_rows, bias,   \
    activation, multiply, multiply_offset, multiply_stride, gate,       \
    gate_offset, gate_stride, gate_groups, gate_rows, residual,         \
    residual_offset, residual_stride

/* gelu_tanh(x) = x / 2 * (1 + tanh(u)) = x / (1 + exp(-2 u)),
 * u = sqrt(2 / pi) * (x + 0.044715 x^3) */
float16
activate (float16 v, int activation)
{
  if (activation == SILU)
    return v / (1.0f + exp_16 (-v));
  if (activation == GELU_TANH)
    return v / (1.0f + exp_16_inline (-1.5957691216057308f * v
            * (1.0f + 0.044715f * v * v)));
  if (activation == RELU6)
    return relu6_16 (v);
  return v;
}

/* The row of y that a position of a frame gives; -1 if none. */
long
output_row (int frame, int position, int pitch, int width, long frame_rows)
{
  const int line = position / pitch;
  const int place = position - line * pitch;

  return place < width ? frame * frame_rows + line * (long) width + place : -1;
}

/* Sixteen outputs of a row, from @column on. */
__attribute__ ((always_inline)) void
finish_some (float16 v, long row, int column, EPILOGUE_PARAMETERS)
{
  const int columns = outputs - column;

  if (columns <= 0)
    return;
  v = activate (v + vload16 (0, bias + column), activation);
  if (multiply)
    v *= load_some (multiply + multiply_offset + row * multiply_stride
        + column, columns);
  if (gate)
    v *= load_some (gate + gate_offset
        + row * gate_groups / gate_rows * gate_stride + column, columns);
  if (residual)
    v += load_some (residual + residual_offset + row * residual_stride
        + column, columns);
  store_some (v, y + y_offset + row * y_stride + column, columns);
}

/* Sixteen outputs of a position. */
__attribute__ ((always_inline)) void
finish_half (float16 v, int frame, int position, int column,
    EPILOGUE_PARAMETERS)
{
  const long row =
      output_row (frame, position, pitch, width, y_frame_rows);

  if (row >= 0)
    finish_some (v, row, column, EPILOGUE_ARGUMENTS);
}

/* Thirty-two outputs of a position. */
__attribute__ ((always_inline)) void
finish_panel (float16 left, float16 right, int frame, int position,
    int column, EPILOGUE_PARAMETERS)
{
  const long row =
      output_row (frame, position, pitch, width, y_frame_rows);

  if (row < 0)
    return;
  finish_some (left, row, column, EPILOGUE_ARGUMENTS);
  finish_some (right, row, column + 16, EPILOGUE_ARGUMENTS);
}

/* Where finish_panel() will write. */
void
prefetch_panel (int frame, int position, int column, EPILOGUE_PARAMETERS)
{
  const long row =
      output_row (frame, position, pitch, width, y_frame_rows);

  PREFETCH (y + y_offset + row * y_stride + column);
  PREFETCH (y + y_offset + row * y_stride + column + 16);
}

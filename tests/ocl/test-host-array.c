/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-host-array.c: the numbers of arrays in host memory, of all types that
 * weights are stored in, with their scales. */

#include <string.h>

#include "eight-bits.h"

static void
test_types (void)
{
  static const char *const names[] = { "float32", "float16", "bfloat16",
    "int32", "uint8", "int8", "float8_e4m3", "float8_e5m2"
  };
  static const gsize sizes[] = { 4, 2, 2, 4, 1, 1, 1, 1 };

  for (OclType type = OCL_F32; type <= OCL_F8_E5M2; type++) {
    g_assert_cmpstr (ocl_type_name (type), ==, names[type]);
    g_assert_cmpuint (ocl_type_size (type), ==, sizes[type]);
    g_assert_cmpint (ocl_type_is_float (type), ==, type <= OCL_BF16);
    g_assert_cmpint (ocl_type_is_weight (type), ==,
        type != OCL_I32 && type != OCL_U8);
  }
}

static void
test_floats (void)
{
  const guint16 halves[] = { 0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0400,
    0x0001, 0x83ff, 0x7c00, 0xfc00, 0x7e00
  };
  const float expected[] = { 0.0f, -0.0f, 1.0f, -2.0f, 65504.0f, 0x1p-14f,
    0x1p-24f, -1023 * 0x1p-24f, INFINITY, -INFINITY
  };
  const guint16 brains[] = { 0x3f80, 0xc049, 0x0001 };
  const float floats[] = { 1.5f, -2.5f };
  OclHostArray array = { halves, OCL_F16, 1, {G_N_ELEMENTS (halves)} };
  const OclHostArray brain_array = { brains, OCL_BF16, 1, {3} };
  const OclHostArray float_array = { floats, OCL_F32, 1, {2} };
  float values[G_N_ELEMENTS (halves)];
  guint8 odd[2 * G_N_ELEMENTS (halves) + 1];

  ocl_host_array_to_float (&array, 0, G_N_ELEMENTS (halves), values);
  g_assert_cmpmem (values, sizeof expected, expected, sizeof expected);
  g_assert_true (isnan (values[10]));

  /* At an odd address, from the third on. */
  memcpy (odd + 1, halves, sizeof halves);
  array.data = odd + 1;
  ocl_host_array_to_float (&array, 2, 3, values);
  g_assert_cmpmem (values, 12, expected + 2, 12);

  ocl_host_array_to_float (&brain_array, 0, 3, values);
  g_assert_cmpfloat (values[0], ==, 1.0f);
  g_assert_cmpfloat (values[1], ==, -3.140625f);
  g_assert_cmpfloat (values[2], ==, 0x1p-133f);

  ocl_host_array_to_float (&float_array, 1, 1, values);
  g_assert_cmpfloat (values[0], ==, -2.5f);
}

static void
read_codes (OclType type, float *values)
{
  guint8 codes[256];
  const OclHostArray array = { codes, type, 1, {256} };

  for (guint i = 0; i < 256; i++)
    codes[i] = i;
  ocl_host_array_to_float (&array, 0, 256, values);
}

/* Each of the 256 codes is what its definition says, the sign of 0 included. */
static void
test_codes (gconstpointer data)
{
  OclType type = GPOINTER_TO_UINT (data);
  float values[256];

  read_codes (type, values);
  for (guint i = 0; i < 256; i++) {
    float expected = eight_bits_value (type, i);

    if (isnan (expected))
      g_assert_true (isnan (values[i]));
    else
      g_assert_cmpmem (&values[i], sizeof (float), &expected, sizeof (float));
  }
}

/* Some that are known by heart. */
static void
test_landmarks (void)
{
  static const struct
  {
    OclType type;
    guint8 code;
    float value;
  } marks[] = {
    {OCL_I8, 0x7f, 127}, {OCL_I8, 0x80, -128}, {OCL_I8, 0xff, -1},
    {OCL_F8_E4M3, 0x38, 1}, {OCL_F8_E4M3, 0x7e, 448},
    {OCL_F8_E4M3, 0xfe, -448}, {OCL_F8_E4M3, 0x01, 0x1p-9f},
    {OCL_F8_E4M3, 0x08, 0x1p-6f}, {OCL_F8_E4M3, 0x78, 256},
    {OCL_F8_E5M2, 0x3c, 1}, {OCL_F8_E5M2, 0x7b, 57344},
    {OCL_F8_E5M2, 0x7c, INFINITY}, {OCL_F8_E5M2, 0xfc, -INFINITY},
    {OCL_F8_E5M2, 0x01, 0x1p-16f}, {OCL_F8_E5M2, 0x04, 0x1p-14f}
  };
  float values[256];

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++) {
    read_codes (marks[i].type, values);
    g_assert_cmpfloat (values[marks[i].code], ==, marks[i].value);
  }
  read_codes (OCL_F8_E4M3, values);
  g_assert_true (isnan (values[0x7f]) && isnan (values[0xff]));
}

#define ROWS 3
#define COLUMNS 5

/* Any range of [3, 5] has the scales of its rows, or that of all. */
static void
check_ranges (const OclHostArray * array, const float *expected)
{
  float values[ROWS * COLUMNS];

  for (gsize first = 0; first <= ROWS * COLUMNS; first++)
    for (gsize n = 0; first + n <= ROWS * COLUMNS; n++) {
      ocl_host_array_to_float (array, first, n, values);
      g_assert_cmpmem (values, n * sizeof *values, expected + first,
          n * sizeof *values);
    }
  for (gsize row = 0; row < ROWS; row++)
    for (gsize n = 1; row + n <= ROWS; n++) {
      OclHostArray rows = ocl_host_array_rows (array, row, n);

      g_assert_cmpuint (ocl_host_array_get_count (&rows), ==, n * COLUMNS);
      ocl_host_array_to_float (&rows, 0, n * COLUMNS, values);
      g_assert_cmpmem (values, n * COLUMNS * sizeof *values,
          expected + row * COLUMNS, n * COLUMNS * sizeof *values);
    }
}

static void
test_scales (void)
{
  static const guint8 codes[ROWS * COLUMNS + 1] = { 77, 0, 255, 2, 253, 4, 251,
    6, 7, 200, 9, 10, 244, 128, 127, 1
  };
  static const float scales[ROWS] = { 0.25f, -3, 0x1p-20f };
  static const guint16 brains[ROWS] = { 0x3e80, 0xc040, 0x3580 };
  OclHostArray array = { codes + 1, OCL_I8, 2, {ROWS, COLUMNS}, scales,
  OCL_F32, ROWS
  };
  float each[ROWS * COLUMNS], one[ROWS * COLUMNS], none[ROWS * COLUMNS];

  for (guint i = 0; i < ROWS * COLUMNS; i++) {
    none[i] = eight_bits_value (OCL_I8, codes[i + 1]);
    each[i] = none[i] * scales[i / COLUMNS];
    one[i] = none[i] * scales[0];
  }
  check_ranges (&array, each);
  array.scales = brains;
  array.scale_type = OCL_BF16;
  check_ranges (&array, each);
  array.n_scales = 1;
  check_ranges (&array, one);
  array.n_scales = 0;
  check_ranges (&array, none);
}

/* Nothing is read of what holds nothing. */
static void
test_empty (void)
{
  static const float scale = 2;
  OclHostArray array = { NULL, OCL_I8, 2, {3, 0}, &scale, OCL_F32, 3 };

  ocl_host_array_to_float (&array, 0, 0, NULL);
  array.n_scales = 1;
  ocl_host_array_to_float (&array, 0, 0, NULL);
  array.type = OCL_F32;
  ocl_host_array_to_float (&array, 0, 0, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-array/types", test_types);
  g_test_add_func ("/host-array/floats", test_floats);
  for (OclType type = OCL_I8; type <= OCL_F8_E5M2; type++) {
    g_autofree char *path =
        g_strconcat ("/host-array/codes/", ocl_type_name (type), NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (type), test_codes);
  }
  g_test_add_func ("/host-array/landmarks", test_landmarks);
  g_test_add_func ("/host-array/scales", test_scales);
  g_test_add_func ("/host-array/empty", test_empty);
  return g_test_run ();
}

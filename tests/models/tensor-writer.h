/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tensor-writer.h: makes safetensors files for tests. */

#pragma once

#include <glib.h>

typedef struct
{
  GString *header;
  GByteArray *data;
} TensorWriter;

static inline TensorWriter
tensor_writer_new (void)
{
  return (TensorWriter) { g_string_new ("{"), g_byte_array_new () };
}

static inline void
tensor_writer_add (TensorWriter *w, const char *name, const char *dtype,
    guint n_dims, const gsize *dims, const void *data, gsize size)
{
  g_string_append_printf (w->header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[",
      w->header->len > 1 ? "," : "", name, dtype);
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (w->header, "%s%" G_GSIZE_FORMAT, i ? "," : "",
        dims[i]);
  g_string_append_printf (w->header, "],\"data_offsets\":[%u,%u]}",
      w->data->len, w->data->len + (guint) size);
  g_byte_array_append (w->data, data, size);
}

/* The file; @w is done with. */
static inline GBytes *
tensor_writer_end (TensorWriter *w)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 length;

  g_string_append_c (w->header, '}');
  length = GUINT64_TO_LE (w->header->len);
  g_byte_array_append (bytes, (const guint8 *) &length, sizeof length);
  g_byte_array_append (bytes, (guint8 *) w->header->str, w->header->len);
  g_byte_array_append (bytes, w->data->data, w->data->len);
  g_string_free (w->header, TRUE);
  g_byte_array_unref (w->data);
  return g_byte_array_free_to_bytes (bytes);
}

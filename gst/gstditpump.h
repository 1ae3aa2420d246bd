/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditpump.h: makes frames ahead on a thread of its own. */

#pragma once

#include "gstditframe.h"

typedef struct _GstDitPump GstDitPump;

/* On the pump's thread: the next frame into @frame (zeroed). FALSE at the end, or with
 * @error. */
typedef gboolean (*GstDitPumpMakeFunc) (gpointer owner, GstDitFrame * frame,
    GError ** error);

/* On the pump's thread: a frame is ready, or all have ended. */
typedef void (*GstDitPumpNotifyFunc) (gpointer data);

GstDitPump *gst_dit_pump_new (GstDitPumpMakeFunc make, gpointer owner,
    GstDitPumpNotifyFunc notify, gpointer notify_data);
void gst_dit_pump_free (GstDitPump * pump);

void gst_dit_pump_start (GstDitPump * pump);
void gst_dit_pump_stop (GstDitPump * pump);

guint gst_dit_pump_get_ready (GstDitPump * pump, gboolean * ended);
GstDitFrame *gst_dit_pump_take (GstDitPump * pump);
GError *gst_dit_pump_take_error (GstDitPump * pump);
GstClockTime gst_dit_pump_get_chunk_time (GstDitPump * pump);

void gst_dit_pump_wait (GstDitPump * pump);
void gst_dit_pump_interrupt (GstDitPump * pump, gboolean interrupted);

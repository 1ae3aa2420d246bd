/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device.c: is there anything to run on at all? */

#include "models/video.h"

gboolean
video_have_device (GError ** error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) devices = ocl_device_list (&local);

  if (devices)
    return TRUE;
  g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_DEVICE, local->message);
  return FALSE;
}

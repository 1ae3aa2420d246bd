/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.c: what can be known before anything is opened. */

#include "models/video/checkpoint.h"
#include "models/video/generator-private.h"

gboolean
video_check_device (const char *device, GError ** error)
{
  GError *local = NULL;

  if (ocl_device_check (device, &local))
    return TRUE;
  video_propagate_error (error, local);
  return FALSE;
}

gboolean
video_check_model (const char *model, GError ** error)
{
  Checkpoint checkpoint;
  GError *local = NULL;
  gboolean good = checkpoint_read (&checkpoint, model, &local);

  checkpoint_clear (&checkpoint);
  if (!good)
    video_propagate_error (error, local);
  return good;
}

gboolean
video_check_lora (const char *lora, GError ** error)
{
  const LoraFile file = { lora, 1 };
  g_autoptr (Lora) opened = NULL;
  GError *local = NULL;

  if (!lora || !*lora || (opened = lora_open (&file, &local)))
    return TRUE;
  video_propagate_error (error, local);
  return FALSE;
}

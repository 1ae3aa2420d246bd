/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* video-error.c: the errors of the lower rooms as those of this one. */

#include "models/video/generator-private.h"

static VideoError
code_of (const GError * error)
{
  if (error->domain == FORMAT_ERROR)
    switch ((FormatError) error->code) {
      case FORMAT_ERROR_NOT_FOUND:
        return VIDEO_ERROR_NOT_FOUND;
      case FORMAT_ERROR_UNSUPPORTED:
        return VIDEO_ERROR_UNSUPPORTED;
      case FORMAT_ERROR_READ:
      case FORMAT_ERROR_CORRUPT:
      case FORMAT_ERROR_MISMATCH:
        return VIDEO_ERROR_READ;
    }
  if (error->domain != OCL_ERROR)
    return VIDEO_ERROR_READ;
  switch ((OclError) error->code) {
    case OCL_ERROR_OUT_OF_MEMORY:
      return VIDEO_ERROR_MEMORY;
    case OCL_ERROR_CANCELLED:
      return VIDEO_ERROR_CANCELLED;
    case OCL_ERROR_NUMERIC:
      return VIDEO_ERROR_NUMERIC;
    case OCL_ERROR_UNSUPPORTED:
    case OCL_ERROR_INVALID:
      return VIDEO_ERROR_UNSUPPORTED;
    case OCL_ERROR_NO_DEVICE:
    case OCL_ERROR_BUILD:
    case OCL_ERROR_DEVICE_LOST:
      break;
  }
  return VIDEO_ERROR_DEVICE;
}

gboolean
video_propagate_error (GError ** to, GError * error)
{
  if (error->domain != VIDEO_ERROR) {
    error->code = code_of (error);
    error->domain = VIDEO_ERROR;
  }
  g_propagate_error (to, error);
  return FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plugin.c: the plugin `dit`. It registers without touching OpenCL: a machine
 * without a device still has the elements, which say what is missing. */

#include "gstdittextsrc.h"
#include "gstfoley.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  return GST_ELEMENT_REGISTER (dittextsrc, plugin)
      && GST_ELEMENT_REGISTER (videoaudiofoley, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, dit,
    "Video made by diffusion transformers on OpenCL, and sound for any video",
    plugin_init, PACKAGE_VERSION, "LGPL", PACKAGE_NAME, PACKAGE_ORIGIN)

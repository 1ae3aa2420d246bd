/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* foley.h: video to sound, the public face of models/foley.
 *
 *   f = foley_new (&options, &error);
 *   foley_control (f, &controls);
 *   for every frame, in order of time:
 *     foley_see (f, &frame, &error);
 *     foley_render (f, upto, mix, stems, ...)    up to the frame's time
 *   foley_render (f, upto, ...)                  the tail, until foley_is_silent()
 *
 * Times are nanoseconds since the first frame.  Sound is made in quanta of
 * FOLEY_QUANTUM samples that are counted from time 0, so the same frames and
 * controls give the same samples however a caller asks for them.  A Foley is
 * driven from one thread at a time. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FOLEY_ERROR (foley_error_quark ())
GQuark foley_error_quark (void);

typedef enum
{
  FOLEY_ERROR_NOT_FOUND,        /* no such file or directory */
  FOLEY_ERROR_READ,             /* corrupt, truncated or not readable */
  FOLEY_ERROR_RECIPE,           /* a sound recipe that says what can't be done */
  FOLEY_ERROR_SETTINGS,         /* a rate, layout or value that is not supported */
  FOLEY_ERROR_DEVICE            /* no OpenCL device, or it failed */
} FoleyError;

/* Samples of one control period. */
#define FOLEY_QUANTUM 64
#define FOLEY_MAX_CHANNELS 6
#define FOLEY_MIN_RATE 8000
#define FOLEY_MAX_RATE 192000

/* Channels in GStreamer's order. */
typedef enum
{
  FOLEY_LAYOUT_MONO,
  FOLEY_LAYOUT_STEREO,          /* L R */
  FOLEY_LAYOUT_5_1,             /* FL FR FC LFE RL RR */
  FOLEY_LAYOUT_AMBISONIC,       /* first order, ACN / SN3D: W Y Z X */
  FOLEY_LAYOUT_BINAURAL         /* L R, for headphones */
} FoleyLayout;

guint foley_layout_get_channels (FoleyLayout layout);

typedef enum
{
  FOLEY_LAYER_AMBIENCE,         /* surroundings, weather */
  FOLEY_LAYER_IMPACTS,          /* contacts that are over at once */
  FOLEY_LAYER_MOVEMENT,         /* engines, rolling, sliding, steps, wings */
  FOLEY_LAYER_VOICES,           /* what animals and people utter */
  FOLEY_N_LAYERS
} FoleyLayer;

const char *foley_layer_get_name (FoleyLayer layer);

/* Finds and names things in pictures, and knows some settings: a network on an
 * OpenCL device.  Made once, it may serve one Foley after the other, but one at a
 * time. */
typedef struct _FoleyFinder FoleyFinder;

/* @device: as OclContextOptions has it, or NULL: the best.  Errors are those of
 * OCL_ERROR. */
FoleyFinder *foley_finder_new (const char *device, GError ** error);
FoleyFinder *foley_finder_ref (FoleyFinder * finder);
void foley_finder_unref (FoleyFinder * finder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoleyFinder, foley_finder_unref)
/* Why it finds nothing any more, or NULL: then all is well. */
const GError *foley_finder_get_failure (FoleyFinder * finder);

typedef struct
{
  guint rate;                   /* FOLEY_MIN_RATE ... FOLEY_MAX_RATE */
  FoleyLayout layout;
  guint n_stems;                /* tracks of single sources, at most FOLEY_MAX_STEMS */
  const char *memory;           /* a directory of recipes besides the embedded, or NULL */
  const char *hrtf;             /* a SOFA file for BINAURAL, or NULL: what is installed */
  guint64 seed;
  FoleyFinder *finder;          /* not owned; NULL: things have no names but those
                                 * that hints and prompts tell */
} FoleyOptions;

#define FOLEY_MAX_STEMS 32

typedef struct _Foley Foley;

/* FOLEY_ERROR_SETTINGS names what is supported; others name the file. */
Foley *foley_new (const FoleyOptions * options, GError ** error);
void foley_free (Foley * foley);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Foley, foley_free)

/* Recipes of the user's directory that are left out, and why; NULL-terminated,
 * owned by @foley. */
const char *const *foley_get_complaints (Foley * foley);

/* What may change while it runs; holds from the next frame on. */
typedef struct
{
  const char *prompt;           /* sound from words, or NULL */
  const char *scene;            /* what the source says it shows, or NULL */
  double gains[FOLEY_N_LAYERS]; /* linear */
  const char *const *allow;     /* names of sounds or classes, NULL: all */
  const char *const *deny;      /* NULL: none */
  double loudness;              /* LUFS; 0: as loud as things are */
} FoleyControls;

void foley_control (Foley * foley, const FoleyControls * controls);

/* What somebody already knows of a frame: beats what pixels tell. */
typedef struct
{
  const char *class_name;
  float x0, y0, x1, y1;         /* in the picture, 0 ... 1 */
} FoleyHint;

typedef struct
{
  guint64 time;                 /* ns since the first frame; never less than before */
  const guint8 *rgb;            /* [height][stride], 3 bytes a pixel, sRGB */
  guint width, height, stride;
  double aspect;                /* of the picture, width over height */
  const FoleyHint *hints;       /* [n_hints] */
  guint n_hints;
} FoleyFrame;

/* Motion is seen in about this many pixels: larger frames are averaged down. */
#define FOLEY_PIXELS (160 * 120)
/* Frames are best given at no more than these: things are cut out of them to be
 * named.  Larger ones cost more. */
#define FOLEY_MOST_PIXELS (640 * 480)

gboolean foley_see (Foley * foley, const FoleyFrame * frame, GError ** error);

/* A sound that has begun. */
typedef struct
{
  guint64 time;                 /* ns since the first frame */
  const char *sound;            /* id of the recipe */
  const char *class_name;       /* of what sounds, or NULL */
  const char *material;
  FoleyLayer layer;
  double azimuth;               /* radians, right positive */
  double distance;              /* m */
  double gain;                  /* linear */
  int stem;                     /* -1: none */
  const char *why;              /* "impact of ball on wood at 2.1 m/s"; owned by @foley
                                 * until the next call of foley_see() */
} FoleyNote;

/* Those that the last foley_see() led to; [n]. */
const FoleyNote *foley_get_notes (Foley * foley, guint * n);

/* Renders samples from where the last call ended up to sample @upto (time *
 * rate), never past what has been seen but by foley_end().  @mix:
 * [channels][upto - position]; @stems: [n_stems][channels][the same], or NULL.
 * Any number of samples. */
void foley_render (Foley * foley, guint64 upto, float *const *mix,
    float *const *const *stems);
guint64 foley_get_position (Foley * foley);

/* No more frames: what goes on by itself fades, the rest rings out. */
void foley_end (Foley * foley);
gboolean foley_is_silent (Foley * foley);

G_END_DECLS

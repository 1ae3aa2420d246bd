/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* foley-run.c: one clip of raw frames through models/foley, without GStreamer.
 *
 *   foley-run WIDTH HEIGHT FPS IN.rgb OUT.f32 [PROMPT] >NOTES
 *
 * OUT.f32: interleaved stereo float, 48 kHz.  NOTES: a JSON object a line, an
 * event each; the last one says how long the clip is and how long it took. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "models/foley.h"

#define RATE 48000
#define NANO G_GUINT64_CONSTANT (1000000000)
#define TAIL 2                  /* s */

typedef struct
{
  Foley *foley;
  FILE *out;
  float *planes[2];
  guint room;                   /* samples of each */
} Run;

static void
render (Run * run, guint64 upto)
{
  guint n = upto - foley_get_position (run->foley), i;

  if (n > run->room) {
    run->room = n;
    for (i = 0; i < 2; i++)
      run->planes[i] = g_renew (float, run->planes[i], n);
  }
  foley_render (run->foley, upto, run->planes, NULL);
  for (i = 0; i < n; i++) {
    const float pair[2] = { run->planes[0][i], run->planes[1][i] };
    fwrite (pair, sizeof pair, 1, run->out);
  }
}

static void
print_notes (Foley * foley)
{
  guint n, i;
  const FoleyNote *notes = foley_get_notes (foley, &n);

  for (i = 0; i < n; i++) {
    g_autofree char *why = g_strescape (notes[i].why, NULL);
    printf ("{\"time\": %.6f, \"sound\": \"%s\", \"class\": \"%s\", "
        "\"material\": \"%s\", \"layer\": \"%s\", \"azimuth\": %.4f, "
        "\"distance\": %.3f, \"gain\": %.5f, \"why\": \"%s\"}\n",
        notes[i].time * 1e-9, notes[i].sound,
        notes[i].class_name ? notes[i].class_name : "", notes[i].material,
        foley_layer_get_name (notes[i].layer), notes[i].azimuth,
        notes[i].distance, notes[i].gain, why);
  }
}

static void
run_clip (Run * run, const guint8 * film, gsize frames, guint width,
    guint height, guint fps)
{
  gsize n;
  guint64 end;

  for (n = 0; n < frames; n++) {
    const FoleyFrame frame = {
      .time = n * NANO / fps,.rgb = film + n * width * height * 3,
      .width = width,.height = height,.stride = width * 3,
      .aspect = (double) width / height
    };
    g_autoptr (GError) error = NULL;

    if (!foley_see (run->foley, &frame, &error))
      g_error ("%s", error->message);
    render (run, n * RATE / fps);
    print_notes (run->foley);
  }
  foley_end (run->foley);
  end = frames * RATE / fps + TAIL * RATE;
  render (run, end);
  print_notes (run->foley);
}

int
main (int argc, char **argv)
{
  g_autoptr (FoleyFinder) finder = NULL;
  FoleyOptions options = {
    .rate = RATE,.layout = FOLEY_LAYOUT_STEREO,.seed = 1
  };
  FoleyControls controls = {.gains = {0, 1, 1, 1} };
  guint width, height, fps;
  g_autofree char *film = NULL;
  g_autoptr (GError) error = NULL;
  Run run = { NULL };
  gsize size;
  clock_t begin;

  if (argc < 6 || argc > 7) {
    fprintf (stderr, "usage: %s WIDTH HEIGHT FPS IN.rgb OUT.f32 [PROMPT]\n",
        argv[0]);
    return 2;
  }
  width = atoi (argv[1]);
  height = atoi (argv[2]);
  fps = atoi (argv[3]);
  if (!g_file_get_contents (argv[4], &film, &size, &error)
      || !(options.finder = finder = foley_finder_new (NULL, &error))
      || !(run.foley = foley_new (&options, &error))
      || !(run.out = fopen (argv[5], "wb"))) {
    fprintf (stderr, "%s\n", error ? error->message : argv[5]);
    return 1;
  }
  controls.scene = argc > 6 ? argv[6] : NULL;
  foley_control (run.foley, &controls);
  begin = clock ();
  run_clip (&run, (guint8 *) film, size / (width * height * 3), width, height,
      fps);
  printf ("{\"seconds\": %.4f, \"busy\": %.4f}\n",
      (double) size / (width * height * 3) / fps,
      (double) (clock () - begin) / CLOCKS_PER_SEC);
  fclose (run.out);
  foley_free (run.foley);
  g_free (run.planes[0]);
  g_free (run.planes[1]);
  return 0;
}

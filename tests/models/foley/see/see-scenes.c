/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* see-scenes.c: how well seeing does on staged clips, whose truth is known.
 *
 *   make_scenes.py DIR && see-scenes [--verbose] [--overlay OUT] [--blobs] DIR
 *   see-scenes --ways DIR      where things were, for touch_recipe.py
 *   see-scenes --raw WIDTH HEIGHT FPS [--overlay OUT] FILE     any raw RGB
 *
 * Prints precision, recall and F1 at 40 ms, errors of onsets, false contacts
 * a minute, recall and precision of boxes, changes of ids, and the camera's
 * error.  --blobs: without the finder.  --overlay writes every fourth frame with what was seen, as PPM. */

#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/foley/see/see.h"

#define WINDOW .040
#define MAX_TOLD 4096

typedef enum
{ FALLS, BUMPS, STEPS, ROLLS, N_GROUPS } Group;

static const char *const group_names[] = {
  "falls", "collisions", "steps", "rolls"
};

typedef struct
{
  guint truths, told, hits, boxes, found, seen_boxes, right_boxes, switches;
} Count;

static Count counts[N_GROUPS];
static GArray *errors, *lates, *camera_errors;
static double seconds, spent;
static gboolean verbose, ways;
static const char *overlay;
static FoleyFinder *finder;

typedef struct
{
  double time, x, y;
  Group group;
  gboolean used;
  double seen_at;
} Event;

static Group
group_of (const SceneContact * contact)
{
  switch (contact->kind) {
    case CONTACT_IMPACT:
    case CONTACT_SPLASH:
      return contact->other == SCENE_GROUND ? FALLS : BUMPS;
    case CONTACT_STEP:
      return STEPS;
    case CONTACT_ROLL:
    case CONTACT_SLIDE:
      return contact->duration == 0 ? ROLLS : N_GROUPS;
    default:
      return N_GROUPS;
  }
}

/* What the truth says, in the same groups. */
static GArray *
read_truth (JsonObject * truth)
{
  GArray *out = g_array_new (FALSE, TRUE, sizeof (Event));
  JsonArray *contacts = json_object_get_array_member (truth, "contacts");

  for (guint i = 0; i < json_array_get_length (contacts); i++) {
    JsonObject *c = json_array_get_object_element (contacts, i);
    const char *kind = json_object_get_string_member (c, "kind");
    JsonNode *partner = json_array_get_element
        (json_object_get_array_member (c, "partners"), 1);
    gboolean ground = json_node_get_value_type (partner) == G_TYPE_STRING;
    Event event = {
      .time = json_object_get_double_member (c, "time"),
      .x = json_object_get_double_member (c, "x") / 128,
      .y = json_object_get_double_member (c, "y") / 128,
    };

    event.group = strcmp (kind, "step") == 0 ? STEPS
        : strcmp (kind, "roll") == 0 || strcmp (kind, "slide") == 0 ? ROLLS
        : ground ? FALLS : BUMPS;
    if (event.x > 0 && event.x < 1 && event.y < 1)
      g_array_append_val (out, event);
  }
  return out;
}

static void
match (GArray * truths, GArray * told, const char *name)
{
  for (guint i = 0; i < told->len; i++) {
    Event *e = &g_array_index (told, Event, i), *best = NULL;

    counts[e->group].told++;
    for (guint k = 0; k < truths->len; k++) {
      Event *t = &g_array_index (truths, Event, k);

      if (t->group == e->group && !t->used && fabs (t->x - e->x) < .3
          && fabs (t->time - e->time) < (e->group == ROLLS ? .4 : .12)
          && (best == NULL || fabs (t->time - e->time)
              < fabs (best->time - e->time)))
        best = t;
    }
    if (best != NULL) {
      double error = e->time - best->time, late = e->seen_at - best->time;

      best->used = e->used = TRUE;
      counts[e->group].hits += e->group == ROLLS || fabs (error) <= WINDOW;
      if (e->group == FALLS) {
        g_array_append_val (errors, error);
        g_array_append_val (lates, late);
      }
    }
    if (verbose)
      printf ("  %s %s told %.3f at %.2f %s%.0f ms\n", name,
          group_names[e->group], e->time, e->x, best ? "" : "FALSE ",
          best ? 1000 * (e->time - best->time) : 0);
  }
  for (guint k = 0; k < truths->len; k++) {
    Event *t = &g_array_index (truths, Event, k);

    counts[t->group].truths++;
    if (!t->used && verbose)
      printf ("  %s %s MISSED %.3f at %.2f %.2f\n", name,
          group_names[t->group], t->time, t->x, t->y);
  }
}

static double
overlap (const double *a, const SceneObject * o)
{
  double x0 = MAX (a[0], o->x0), x1 = MIN (a[2], o->x1);
  double y0 = MAX (a[1], o->y0), y1 = MIN (a[3], o->y1);
  double both = MAX (0, x1 - x0) * MAX (0, y1 - y0);
  double sum = (a[2] - a[0]) * (a[3] - a[1])
      + (MIN (o->x1, 1) - MAX (o->x0, 0)) * (MIN (o->y1, 1) - MAX (o->y0, 0));

  return both / MAX (sum - both, 1e-9);
}

/* The box of a true object in a frame, as shares; FALSE where there is none. */
static gboolean
true_box (JsonObject * object, guint frame, double *box)
{
  JsonArray *boxes = json_object_get_array_member (object, "boxes"), *edges;

  if (frame >= json_array_get_length (boxes)
      || json_array_get_null_element (boxes, frame))
    return FALSE;
  edges = json_array_get_array_element (boxes, frame);
  for (guint i = 0; i < 4; i++)
    box[i] = json_array_get_double_element (edges, i) / 128;
  return (box[2] - box[0]) * (box[3] - box[1]) > .004;
}

/* Compares boxes; only of what has moved by now. */
static void
match_boxes (JsonArray * objects, guint frame, const Scene * scene, guint * ids,
    gboolean * moved)
{
  gboolean right[128] = { FALSE };
  Count *count = &counts[0];

  for (guint i = 0; i < json_array_get_length (objects) && i < 8; i++) {
    JsonObject *object = json_array_get_object_element (objects, i);
    double box[4], before[4], best = 0;
    guint at = 0;

    if (!true_box (object, frame, box))
      continue;
    if (frame > 2 && true_box (object, frame - 3, before)
        && fabs (before[0] - box[0]) + fabs (before[1] - box[1])
        + fabs (before[2] - box[2]) + fabs (before[3] - box[3]) > .03)
      moved[i] = TRUE;
    for (guint k = 0; k < scene->n_objects; k++)
      if (overlap (box, &scene->objects[k]) > best) {
        best = overlap (box, &scene->objects[k]);
        at = k;
      }
    if (best > .5) {
      right[at] = TRUE;
      if (ids[i] != 0 && ids[i] != scene->objects[at].id)
        count->switches++;
      ids[i] = scene->objects[at].id;
    }
    if (moved[i]) {
      count->boxes++;
      count->found += best > .5;
    }
  }
  for (guint k = 0; k < scene->n_objects && k < 128; k++) {
    count->seen_boxes++;
    count->right_boxes += right[k];
  }
}

static void
draw (guint8 * rgb, guint width, guint height, int x, int y, guint32 colour)
{
  if (x < 0 || y < 0 || x >= (int) width || y >= (int) height)
    return;
  for (guint i = 0; i < 3; i++)
    rgb[3 * ((gsize) y * width + x) + i] = colour >> (16 - 8 * i);
}

static void
draw_scene (const FoleyFrame * frame, const Scene * scene, const char *name,
    guint number)
{
  gsize size = 3 * (gsize) frame->width * frame->height;
  g_autofree guint8 *rgb = g_memdup2 (frame->rgb, size);
  g_autofree char *path = g_strdup_printf ("%s/%s-%04u.ppm", overlay, name,
      number);
  guint w = frame->width, h = frame->height;
  FILE *file = fopen (path, "wb");

  for (guint i = 0; i < scene->n_objects; i++) {
    const SceneObject *o = &scene->objects[i];
    guint32 colour = (o->id * 2654435761u) >> 8 | 0x404040;

    for (int x = o->x0 * w; x <= o->x1 * w; x++) {
      draw (rgb, w, h, x, o->y0 * h, colour);
      draw (rgb, w, h, x, o->y1 * h, colour);
    }
    for (int y = o->y0 * h; y <= o->y1 * h; y++) {
      draw (rgb, w, h, o->x0 * w, y, colour);
      draw (rgb, w, h, o->x1 * w, y, colour);
    }
  }
  for (guint i = 0; i < scene->n_contacts; i++)
    for (int d = -5; d <= 5; d++) {
      int x = scene->contacts[i].x * w, y = scene->contacts[i].y * h;
      guint32 colour = scene->contacts[i].kind == CONTACT_STEP ? 0x00ff00
          : scene->contacts[i].kind <= CONTACT_SPLASH ? 0xffff00 : 0xff00ff;

      draw (rgb, w, h, x + d, y + d, colour);
      draw (rgb, w, h, x + d, y - d, colour);
    }
  if (file == NULL)
    return;
  fprintf (file, "P6\n%u %u\n255\n", w, h);
  fwrite (rgb, 1, size, file);
  fclose (file);
}

static void
add_told (GArray * told, const Scene * scene)
{
  for (guint i = 0; i < scene->n_contacts; i++) {
    const SceneContact *contact = &scene->contacts[i];
    Event event = {.time = contact->time / 1e9,.x = contact->x,
      .y = contact->y,.group = group_of (contact),
      .seen_at = scene->time / 1e9
    };

    if (verbose)
      printf ("    %.3f: %s of %u, %u at %.3f, %.2f %.2f, %.2f m/s, e %.2f\n",
          scene->time / 1e9, contact_kind_get_name (contact->kind),
          contact->id, contact->other, event.time, event.x, event.y,
          contact->speed, contact->restitution);
    if (event.group != N_GROUPS)
      g_array_append_val (told, event);
  }
}

/* A line for each thing that is found in this frame: clip, seconds, id, left, top,
 * right, foot on the stage, how the stage stands in the picture, cut, how much
 * of it is hidden, how far it went by its pixels and how doubtful that is, name. */
static void
print_ways (See * see, const char *name, double time)
{
  guint n;
  const Track *tracks = see_get_found (see, &n);

  for (guint i = 0; i < n; i++) {
    const Track *track = &tracks[i];
    const Sample *s = &track->samples[track->n - 1];

    if (track->missed == 0)
      printf
          ("way %s %.4f %u %.2f %.2f %.2f %.2f %.2f %.2f %d %.2f %.3f %.3f %.2f "
          "%s\n", name, time, track->id, s->left, s->top, s->right, s->foot,
          track->offset_x, track->offset_y, s->cut_foot, MIN (s->cover, 1),
          s->went_x, s->went_y, s->doubt,
          track->class_name ? track->class_name : "?");
  }
}

/* Shows a clip; @truth may be NULL. */
static void
show (const guint8 * data, gsize n_frames, guint width, guint height,
    double fps, JsonObject * truth, const char *name)
{
  g_autoptr (See) see = see_new (finder);
  g_autoptr (GArray) told = g_array_new (FALSE, TRUE, sizeof (Event));
  guint ids[8] = { 0 };
  gboolean moved[8] = { FALSE };
  Scene scene;

  for (gsize i = 0; i < n_frames; i++) {
    FoleyFrame frame = {.time = i / fps * 1e9,
      .rgb = data + i * 3 * width * height,.width = width,.height = height,
      .stride = 3 * width,.aspect = width / (double) height
    };
    clock_t start = clock ();   /* of this process: others run beside it */

    see_frame (see, &frame, NULL, &scene);
    spent += (clock () - start) / (double) CLOCKS_PER_SEC;
    seconds += 1 / fps;
    if (verbose && scene.cut)
      printf ("  %s %.3f CUT\n", name, scene.time / 1e9);
    add_told (told, &scene);
    if (ways)
      print_ways (see, name, scene.time / 1e9);
    if (overlay != NULL && i % 4 == 0)
      draw_scene (&frame, &scene, name, i);
    if (truth == NULL)
      continue;
    match_boxes (json_object_get_array_member (truth, "objects"), i, &scene,
        ids, moved);
    if (i > 0) {
      JsonArray *camera = json_object_get_array_member (truth, "camera");
      double now = json_object_get_double_member
          (json_array_get_object_element (camera, i), "x");
      double before = json_object_get_double_member
          (json_array_get_object_element (camera, i - 1), "x");
      double error = fabs (scene.pan / fps * 128 * .866 - (now - before));

      g_array_append_val (camera_errors, error);
    }
  }
  if (verbose)
    printf ("  %s place %s %.2f night %d rain %.2f snow %.2f fog %.2f water "
        "%.2f fire %.2f\n", name, scene.surroundings.place ? : "?",
        scene.surroundings.confidence, scene.surroundings.night,
        scene.surroundings.rain, scene.surroundings.snow,
        scene.surroundings.fog, scene.surroundings.water,
        scene.surroundings.fire);
  if (truth != NULL) {
    g_autoptr (GArray) truths = read_truth (truth);

    match (truths, told, name);
  }
}

static void
show_scene (const char *folder, const char *json)
{
  g_autofree char *path = g_build_filename (folder, json, NULL);
  g_autofree char *name = g_strndup (json, strlen (json) - 5);
  g_autofree char *raw = g_strdup_printf ("%s/%s.rgb", folder, name);
  g_autofree char *data = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *truth;
  gsize size;
  guint width, height;

  if (!json_parser_load_from_file (parser, path, NULL)
      || !g_file_get_contents (raw, &data, &size, NULL)) {
    fprintf (stderr, "%s: cannot be read\n", path);
    exit (1);
  }
  truth = json_node_get_object (json_parser_get_root (parser));
  width = json_object_get_int_member (truth, "width");
  height = json_object_get_int_member (truth, "height");
  if (verbose)
    printf ("%s: %s %s %s\n", name, json_object_get_string_member (truth,
            "place"), json_object_get_string_member (truth, "weather"),
        json_object_get_string_member (truth, "light"));
  show ((guint8 *) data, size / (3 * width * height), width, height,
      json_object_get_double_member (truth, "fps"), truth, name);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = fabs (*(const double *) a), y = fabs (*(const double *) b);

  return x < y ? -1 : x > y;
}

static double
quantile (GArray * values, double share)
{
  if (values->len == 0)
    return NAN;
  g_array_sort (values, compare);
  return fabs (g_array_index (values, double,
          MIN (values->len - 1, (guint) (share * values->len))));
}

static void
report (void)
{
  printf ("%.0f s of video in %.2f s: %.0f x real time\n", seconds, spent,
      seconds / spent);
  if (counts[0].boxes == 0)
    return;
  for (guint i = 0; i < N_GROUPS; i++) {
    double p = counts[i].hits / (double) MAX (1, counts[i].told);
    double r = counts[i].hits / (double) MAX (1, counts[i].truths);

    printf ("%-10s %3u true, %3u told, precision %.2f recall %.2f F1 %.2f, "
        "false %.1f a minute\n", group_names[i], counts[i].truths,
        counts[i].told, p, r, 2 * p * r / MAX (p + r, 1e-9),
        (counts[i].told - counts[i].hits) * 60 / seconds);
  }
  printf ("onsets of falls: median error %.1f ms, p95 %.1f ms; told after "
      "%.0f ms (median), %.0f ms (p95)\n", 1e3 * quantile (errors, .5),
      1e3 * quantile (errors, .95), 1e3 * quantile (lates, .5),
      1e3 * quantile (lates, .95));
  printf ("boxes (IoU > .5): recall %.2f precision %.2f, %u ids changed\n",
      counts[0].found / (double) counts[0].boxes,
      counts[0].right_boxes / (double) MAX (1, counts[0].seen_boxes),
      counts[0].switches);
  printf ("camera: error %.2f pixels a frame (median), %.2f (p95)\n",
      quantile (camera_errors, .5), quantile (camera_errors, .95));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
show_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    show_scene (path, g_ptr_array_index (names, i));
}

int
main (int argc, char **argv)
{
  const char *path = NULL;
  guint width = 0, height = 0;
  double fps = 0;
  gboolean blobs = FALSE;
  g_autoptr (GError) error = NULL;

  errors = g_array_new (FALSE, TRUE, sizeof (double));
  lates = g_array_new (FALSE, TRUE, sizeof (double));
  camera_errors = g_array_new (FALSE, TRUE, sizeof (double));
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--verbose") == 0)
      verbose = TRUE;
    else if (strcmp (argv[i], "--ways") == 0)
      ways = TRUE;
    else if (strcmp (argv[i], "--blobs") == 0)
      blobs = TRUE;
    else if (strcmp (argv[i], "--overlay") == 0 && i + 1 < argc)
      overlay = argv[++i];
    else if (strcmp (argv[i], "--raw") == 0 && i + 3 < argc) {
      width = atoi (argv[++i]);
      height = atoi (argv[++i]);
      fps = atof (argv[++i]);
    } else
      path = argv[i];
  if (path == NULL) {
    fprintf (stderr, "see-scenes [--verbose] [--overlay OUT] [--blobs] DIR, "
        "or --raw WIDTH HEIGHT FPS FILE\n");
    return 1;
  }
  if (!blobs && !(finder = foley_finder_new (NULL, &error))) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  if (width > 0 && height > 0 && fps > 0) {
    g_autofree char *data = NULL;
    gsize size;

    if (!g_file_get_contents (path, &data, &size, NULL))
      return 1;
    show ((guint8 *) data, size / (3 * width * height), width, height, fps,
        NULL, "raw");
  } else
    show_folder (path);
  report ();
  g_clear_pointer (&finder, foley_finder_unref);
  return 0;
}

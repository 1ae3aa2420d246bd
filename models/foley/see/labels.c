/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* labels.c: asks the finder's classifier what a moving thing is, a few times in
 * its life, and tells what it says most.
 *
 * A question takes as long as some frames: one a frame at most. */

#include "models/foley/see/labels.h"
#include "models/foley/see/votes.h"

#define SMALLEST 24             /* pixels of the frame, either way */
/* The share of all answers and DOUBT from which on a name is told: from the first
 * answer on if that is .75 sure, later if they are some .6 on the whole.  Where it
 * knows what it sees (photographs of a cat, a ball, fruit, a moped) its best name
 * gets .7 to .95; of the walkers of OpenCV's vtest.avi, whom ImageNet has not, it
 * gets .16 in the mean of 59 questions and .46 at most, but for one of .74: there
 * it says "ski", which is a person. */
#define SURE .5f
#define DOUBT .5f               /* that counts as so many answers of nothing */

/* A thing's frames before each question. */
static const guint ages[] = { 8, 20, 40 };

typedef struct
{
  guint id;                     /* of the track */
  guint asked;                  /* times */
  Votes votes;                  /* "": none of what it knows */
} Label;

struct _Labels
{
  Label list[TRACKS_MAX];
  guint n;
};

Labels *
labels_new (void)
{
  return g_new0 (Labels, 1);
}

void
labels_free (Labels * labels)
{
  g_free (labels);
}

void
labels_reset (Labels * labels)
{
  labels->n = 0;
}

static Label *
find (Labels * labels, guint id)
{
  for (guint i = 0; i < labels->n; i++)
    if (labels->list[i].id == id)
      return &labels->list[i];
  return NULL;
}

static void
drop_gone (Labels * labels, const Track * tracks, guint n)
{
  guint kept = 0;

  for (guint i = 0; i < labels->n; i++)
    for (guint k = 0; k < n; k++)
      if (tracks[k].id == labels->list[i].id) {
        labels->list[kept++] = labels->list[i];
        break;
      }
  labels->n = kept;
}

/* Whether it is time to ask about a thing, and it is large enough. */
static gboolean
is_due (Labels * labels, const Track * track, float scale_x, float scale_y)
{
  const Label *label = find (labels, track->id);
  guint asked = label ? label->asked : 0;

  return !track->found && track->told && track->missed == 0
      && asked < G_N_ELEMENTS (ages) && track->age >= ages[asked]
      && (track->box.x1 - track->box.x0) * scale_x > SMALLEST
      && (track->box.y1 - track->box.y0) * scale_y > SMALLEST
      && (label != NULL || labels->n < TRACKS_MAX);
}

/* The largest of those that are due; NULL where none is. */
static const Track *
choose (Labels * labels, const Track * tracks, guint n, float scale_x,
    float scale_y)
{
  const Track *best = NULL;

  for (guint i = 0; i < n; i++)
    if (is_due (labels, &tracks[i], scale_x, scale_y)
        && (best == NULL || box_area (&tracks[i].box) > box_area (&best->box)))
      best = &tracks[i];
  return best;
}

static void
ask (Labels * labels, FoleyFinder * finder, const FoleyFrame * frame,
    const Track * track, guint width, guint height)
{
  ClassifierGuess guesses[CLASSIFIER_GUESSES];
  const char *nothing = g_intern_static_string ("");
  Label *label = find (labels, track->id);
  float left = 1;

  if (label == NULL) {
    label = &labels->list[labels->n++];
    *label = (Label) {
    .id = track->id};
    votes_add (&label->votes, nothing, DOUBT, 1);
  }
  label->asked++;
  if (!foley_finder_name (finder, frame, track->box.x0 / width,
          track->box.y0 / height, track->box.x1 / width,
          track->box.y1 / height, guesses))
    return;
  for (guint i = 0; i < CLASSIFIER_GUESSES && guesses[i].name; i++) {
    votes_add (&label->votes, guesses[i].name, guesses[i].share, 1);
    left -= guesses[i].share;
  }
  votes_add (&label->votes, nothing, MAX (left, 0), 1);
}

static void
tell (Labels * labels, Track * track)
{
  const Label *label = find (labels, track->id);
  const char *name;
  float share;

  if (label == NULL || track->found || track->class_name != NULL)
    return;
  name = votes_best (&label->votes, &share);
  if (name == NULL || name[0] == '\0' || share < SURE)
    return;
  track->class_name = name;
  track->confidence = share;
}

void
labels_see (Labels * labels, FoleyFinder * finder, const FoleyFrame * frame,
    Track * tracks, guint n, guint width, guint height)
{
  const Track *due;

  drop_gone (labels, tracks, n);
  due = finder == NULL ? NULL : choose (labels, tracks, n,
      frame->width / (float) width, frame->height / (float) height);
  if (due != NULL)
    ask (labels, finder, frame, due, width, height);
  for (guint i = 0; i < n; i++)
    tell (labels, &tracks[i]);
}

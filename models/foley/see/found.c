/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* found.c: which of the things found in a frame is which of those before.
 *
 * Boxes that have the most in common are of one thing, the better if they have
 * the same name. */

#include <math.h>
#include <string.h>

#include "models/foley/see/found.h"
#include "models/foley/see/shift.h"
#include "models/foley/see/votes.h"

#define FIRST_ID 0x20000000u
#define LOST 6                  /* looks after which an unseen thing is gone */
#define LOST_AT_EDGE 2
#define NEW .5f                 /* confidence from which on a thing is a new one */
#define LEAST .15f              /* how alike boxes of one thing are at least */
#define OTHER_NAME .6f          /* of how alike, where names differ */
#define NEAR .4f                /* how alike things at one place are ... */
#define REACH 1.5f              /* ... and so many sizes away not at all */
#define FADE .9f                /* of a look, what was seen before */
#define SETTING .6f             /* share of looks that a setting is trusted from */
#define NAMED .5f               /* ... that a name is */
#define SETTLED 8               /* looks of late */
#define TREMBLE 3.f             /* pixels */
#define COVERED .4f             /* of its box by others: it is not seen well */
#define ROUND .78f              /* the share of its box that a disc fills */

/* What was seen of a thing at its last look. */
typedef struct
{
  Votes names;
  Box box;                      /* in the picture, */
  double offset_x, offset_y;    /* ... and how the stage was in it */
} Seen;

struct _Found
{
  Track list[TRACKS_MAX];
  Seen seen[TRACKS_MAX];        /* of each of the list */
  guint n;
  guint next_id;
  Shift *shift;
  double time;
  Votes place, light, weather;
  const char *set;              /* the place, if it is known */
  char *setting;                /* the same, light and weather */
};

Found *
found_new (void)
{
  Found *found = g_new0 (Found, 1);

  found->next_id = FIRST_ID;
  found->shift = shift_new ();
  return found;
}

void
found_free (Found * found)
{
  shift_free (found->shift);
  g_free (found->setting);
  g_free (found);
}

void
found_reset (Found * found)
{
  found->n = 0;
  shift_reset (found->shift);
  memset (&found->place, 0, sizeof found->place);
  memset (&found->light, 0, sizeof found->light);
  memset (&found->weather, 0, sizeof found->weather);
  g_clear_pointer (&found->setting, g_free);
  found->set = NULL;
}

gboolean
found_has_seen (Found * found, const Picture * picture)
{
  return shift_is_same (found->shift, picture);
}

const Track *
found_get (Found * found, guint * n)
{
  *n = found->n;
  return found->list;
}

/* ---- who is who ---------------------------------------------------------------- */

/* By what their boxes have in common, or by how near they are: what bounces is not
 * where it was expected. */
static float
get_likeness (const Found * found, guint track, const FinderThing * thing)
{
  const Box *box = &thing->box, *expected = &found->list[track].box;
  float size = MAX (box->x1 - box->x0, box->y1 - box->y0), share;
  float far = hypotf (box->x0 + box->x1 - expected->x0 - expected->x1,
      box->y0 + box->y1 - expected->y0 - expected->y1) / 2;
  float alike = MAX (box_likeness (box, expected),
      NEAR * (1 - far / (REACH * size)));

  return votes_best (&found->seen[track].names, &share) == thing->name ? alike
      : alike * OTHER_NAME;
}

/* The pair that is the most alike of those left; FALSE where none is enough. */
static gboolean
find_pair (const Found * found, guint n, const FinderSight * sight,
    const gboolean * followed, const gboolean * taken, guint * track,
    guint * thing)
{
  float most = LEAST;

  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < sight->n; k++) {
      float alike = followed[i] || taken[k] ? 0
          : get_likeness (found, i, &sight->things[k]);

      if (alike > most) {
        most = alike;
        *track = i;
        *thing = k;
      }
    }
  return most > LEAST;
}

/* How much of a box nearer things hide: those that stand lower. */
static float
get_cover (const FinderSight * sight, guint thing)
{
  const Box *box = &sight->things[thing].box;
  float sum = 0;

  for (guint i = 0; i < sight->n; i++)
    if (i != thing && sight->things[i].box.y1 > box->y1)
      sum += box_overlap (box, &sight->things[i].box);
  return sum / MAX (box_area (box), 1);
}

/* Boxes tremble: what has stayed in one place of late does not move. */
static void
settle (Track * track)
{
  guint first = track->n > SETTLED ? track->n - SETTLED : 0;
  float low[2] = { G_MAXFLOAT, G_MAXFLOAT };
  float high[2] = { -G_MAXFLOAT, -G_MAXFLOAT };

  for (guint i = first; i < track->n; i++) {
    const float place[2] = { track->samples[i].x, track->samples[i].foot };

    for (guint k = 0; k < 2; k++) {
      low[k] = MIN (low[k], place[k]);
      high[k] = MAX (high[k], place[k]);
    }
  }
  if (high[0] - low[0] < TREMBLE && high[1] - low[1] < TREMBLE)
    track->vx = track->vy = 0;
}

/* How far it went since the look before, on the stage: by its pixels, or else by
 * its box. */
static void
measure_way (const Found * found, guint i, const Box * box, Sample * sample)
{
  const Track *track = &found->list[i];
  const Seen *seen = &found->seen[i];
  const Sample *before;
  float dx, dy;

  sample->doubt = 1;
  if (track->n == 0)
    return;
  before = &track->samples[track->n - 1];
  if (track->missed == 1        /* this look, not yet counted as one that saw it */
      && shift_measure (found->shift, &seen->box, box, &dx, &dy,
          &sample->doubt)) {
    dx -= track->offset_x - seen->offset_x;
    dy -= track->offset_y - seen->offset_y;
  } else {
    dx = (sample->left + sample->right - before->left - before->right) / 2;
    dy = sample->foot - before->foot;
  }
  sample->went_x = before->went_x + dx;
  sample->went_y = before->went_y + dy;
}

static void
update (Found * found, guint i, const FinderSight * sight, guint at,
    const Picture * picture)
{
  const FinderThing *thing = &sight->things[at];
  Track *track = &found->list[i];
  Seen *seen = &found->seen[i];
  Sample sample = track_measure (track, &thing->box, found->time,
      picture->width, picture->height);
  float share;

  sample.cover = get_cover (sight, at);
  sample.sure = sample.cover < COVERED;
  measure_way (found, i, &thing->box, &sample);
  seen->box = thing->box;
  seen->offset_x = track->offset_x;
  seen->offset_y = track->offset_y;
  track->box = track->keep = thing->box;
  track->missed = 0;
  track_add (track, &sample, sqrtf (picture->width * (float) picture->height));
  settle (track);
  track->told = track->n >= 2;
  votes_add (&seen->names, thing->name, thing->name_confidence, FADE);
  track->class_name = votes_best (&seen->names, &share);
  track->confidence = share * thing->confidence;
  if (track->class_name == thing->name)
    track->material = thing->material;
  if (share < NAMED) {
    track->class_name = NULL;
    track->material = MATERIAL_UNKNOWN;
  }
}

static void
begin (Found * found, const FinderSight * sight, guint at,
    const Picture * picture)
{
  const FinderThing *thing = &sight->things[at];
  Track *track = &found->list[found->n];

  if (found->n == TRACKS_MAX || thing->confidence < NEW)
    return;
  memset (track, 0, sizeof *track);
  memset (&found->seen[found->n], 0, sizeof *found->seen);
  track->id = found->next_id++;
  track->fill = ROUND;
  track->found = TRUE;
  track->entered = box_is_at_edge (&thing->box, picture->width,
      picture->height);
  update (found, found->n++, sight, at, picture);
}

static gboolean
is_over (const Track * track, guint width, guint height)
{
  gboolean outside = box_is_outside (&track->box, width, height);
  const Sample *last = &track->samples[track->n - 1];

  return track->missed > (outside || !track->told || last->cut_x
      || last->cut_y ? LOST_AT_EDGE : LOST);
}

static void
drop_over (Found * found, guint width, guint height)
{
  guint kept = 0;

  for (guint i = 0; i < found->n; i++)
    if (!is_over (&found->list[i], width, height)) {
      if (kept != i) {
        found->list[kept] = found->list[i];
        found->seen[kept] = found->seen[i];
      }
      kept++;
    }
  found->n = kept;
}

/* ---- what it is of --------------------------------------------------------------- */

static void
learn_setting (Found * found, const FinderAround * around)
{
  float place_share, light_share, weather_share;
  const char *place, *light, *weather;

  votes_add (&found->place, around->place, around->place_confidence, FADE);
  votes_add (&found->light, around->light, around->light_confidence, FADE);
  votes_add (&found->weather, around->weather, around->weather_confidence,
      FADE);
  place = votes_best (&found->place, &place_share);
  light = votes_best (&found->light, &light_share);
  weather = votes_best (&found->weather, &weather_share);
  g_clear_pointer (&found->setting, g_free);
  found->set = NULL;
  if (place_share < SETTING || g_str_equal (place, "other"))
    return;
  found->set = place;
  /* "snow" is a place, too */
  found->setting = g_strdup_printf ("%s, %s, %s", place,
      light_share < SETTING ? "" : light, weather_share < SETTING ? ""
      : g_str_equal (weather, "snow") ? "snowing" : weather);
}

const char *
found_get_setting (Found * found)
{
  return found->setting;
}

const char *
found_get_place (Found * found)
{
  return found->set;
}

void
found_see (Found * found, const FinderSight * sight, const Picture * picture,
    const CameraMove * move, double time)
{
  gboolean followed[TRACKS_MAX] = { FALSE };
  gboolean taken[FINDER_MAX_THINGS] = { FALSE };
  guint n = found->n, track, thing;

  for (guint i = 0; i < n; i++)
    track_predict (&found->list[i], move, time - found->time, sight != NULL);
  found->time = time;
  if (sight == NULL)
    return;
  shift_take (found->shift, picture);
  while (find_pair (found, n, sight, followed, taken, &track, &thing)) {
    followed[track] = taken[thing] = TRUE;
    update (found, track, sight, thing, picture);
  }
  for (guint i = 0; i < sight->n; i++)
    if (!taken[i])
      begin (found, sight, i, picture);
  drop_over (found, picture->width, picture->height);
  learn_setting (found, &sight->around);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* track.c: the way of one thing that is followed. */

#include <math.h>
#include <string.h>

#include "models/foley/see/tracks.h"

void
box_shift (Box * box, float dx, float dy)
{
  box->x0 += dx;
  box->x1 += dx;
  box->y0 += dy;
  box->y1 += dy;
}

void
track_stage_move (const Track * track, const CameraMove * move, float *dx,
    float *dy)
{
  camera_move_at (move, (track->box.x0 + track->box.x1) / 2, track->box.y1,
      dx, dy);
}

void
track_predict (Track * track, const CameraMove * move, float dt, gboolean look)
{
  float dx, dy;

  track_stage_move (track, move, &dx, &dy);
  track->offset_x += dx;
  track->offset_y += dy;
  track->last = track->box;
  box_shift (&track->last, dx, dy);
  dx += track->vx * dt;
  dy += track->vy * dt;
  box_shift (&track->box, dx, dy);
  box_shift (&track->keep, dx, dy);
  track->age++;
  if (look)
    track->missed++;
}

gboolean
box_is_at_edge (const Box * box, guint width, guint height)
{
  return box->x0 < 2 || box->y0 < 2 || box->x1 > width - 2.f
      || box->y1 > height - 2.f;
}

gboolean
box_is_outside (const Box * box, guint width, guint height)
{
  return box->x1 < 2 || box->y1 < 2 || box->x0 > width - 2.f
      || box->y0 > height - 2.f;
}

Sample
track_measure (const Track * track, const Box * box, double time, guint width,
    guint height)
{
  float ox = track->offset_x, oy = track->offset_y;

  return (Sample) {
  .time = time,.x = (box->x0 + box->x1) / 2 - ox,.y =
        (box->y0 + box->y1) / 2 - oy,.foot = box->y1 - oy,.left =
        box->x0 - ox,.right = box->x1 - ox,.top = box->y0 - oy,.sure =
        TRUE,.cut_x = box->x0 < 1.6f
        || box->x1 > width - 1.6f,.cut_y = box->y0 < 1.6f,.cut_foot =
        box->y1 > height - 1.6f};
}

static void
add_sample (Track * track, const Sample * sample)
{
  if (track->n == TRACK_SAMPLES) {
    memmove (track->samples, track->samples + 1,
        (TRACK_SAMPLES - 1) * sizeof *sample);
    track->n--;
  }
  track->samples[track->n++] = *sample;
}

/* Speed from the last frames, by a line; the newest count most. */
static void
learn_speed (Track * track)
{
  guint first = track->n > 4 ? track->n - 4 : 0;
  double sw = 0, st = 0, sx = 0, sy = 0, stt = 0, stx = 0, sty = 0, weight = 1;

  for (guint i = track->n; i-- > first;) {
    const Sample *s = &track->samples[i];
    double t = s->time - track->samples[track->n - 1].time;
    double y = s->cut_y ? s->foot : (s->foot + s->top) / 2;
    double x = (s->left + s->right) / 2;

    if (i + 1 < track->n && s->cut_y != track->samples[i + 1].cut_y)
      break;
    sw += weight;
    st += weight * t;
    stt += weight * t * t;
    sx += weight * x;
    sy += weight * y;
    stx += weight * t * x;
    sty += weight * t * y;
    weight *= .6;
  }
  if (sw * stt - st * st < 1e-9)
    return;
  track->vx = (sw * stx - st * sx) / (sw * stt - st * st);
  track->vy = (sw * sty - st * sy) / (sw * stt - st * st);
}

/* How far it has been, and for how long it has rested. */
static void
learn_rest (Track * track, float side)
{
  const Sample *first = &track->samples[0];
  const Sample *last = &track->samples[track->n - 1];
  float way =
      MAX (fabsf (last->x - first->x), fabsf (last->foot - first->foot));

  track->way = MAX (track->way, way);
  track->far = track->way > .04f * side;
  if (hypotf (track->vx, track->vy) < .015f * side)
    track->still++;
  else
    track->still = 0;
}

void
track_add (Track * track, const Sample * sample, float side)
{
  add_sample (track, sample);
  learn_speed (track);
  learn_rest (track, side);
}

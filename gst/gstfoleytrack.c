/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleytrack.c: from frames to sound that is in time with them.
 *
 * What happens between two frames is known when the second is seen. So a frame is
 * held until the next one has come; then goes the sound that is heard while the
 * held one is shown, and then the held one. */

#include "gstfoleytrack.h"

#include "gstfoleymessages.h"
#include "gstfoleypicture.h"

#define GST_CAT_DEFAULT gst_foley_debug
GST_DEBUG_CATEGORY_EXTERN (gst_foley_debug);

/* A picture may stand still for so long, and things go on sounding; what is more
 * is a jump. A frame that is flagged as the first after a discontinuity needs
 * less. */
#define MAX_STILL (60 * GST_SECOND)
#define MAX_STILL_DISCONT GST_SECOND
/* It may stand for longer where its duration is told, but nothing that is told
 * is believed for ever. */
#define MAX_TOLD_STILL (600 * GST_SECOND)
/* Running time that goes back by more, with a new segment, is another beginning. */
#define MAX_BACK GST_SECOND

#define MAX_TAIL (10 * GST_SECOND)
/* Of a second: how often it is asked whether the tail is over. */
#define TAIL_STEPS 20

/* Of a rate that is not known, until it is. */
#define DEFAULT_LATENCY (GST_SECOND / 25)
/* What is not reached by the nominal rate alone: a longer pause is no rhythm that
 * all that follows has to wait for. */
#define MAX_LATENCY (GST_SECOND / 4)

/* More than a source says between two frames. */
#define MAX_HELD 256

struct _GstFoleyTrack
{
  GstElement *element;
  GstFoleyPads *pads;
  GstFoleyDesk *desk;
  GstFoleyStats *stats;
  gint64 latency;               /* under the element's object lock */

  GstFoleyFrames frames;
  GstFoleyPicture *picture;     /* NULL before the caps */
  GQueue held;                  /* a frame, and events that came after it */

  GstFoleySettings started;     /* as they were at the start */
  GstFoleySettings latched;     /* as they are; of these what may change */
  guint serial;                 /* of latched */
  char *scene;                  /* or NULL */
  gboolean sure;                /* the scene is the source's own word */
  gboolean control;             /* the Foley has to be told */

  FoleyFinder *finder;          /* NULL: there is none, or it has failed */
  gboolean sought;              /* a finder: tried once from start to stop */
  GstFoleySound *sound;
  gboolean mute;
  GstFlowReturn failed;         /* why there can be no sound, or OK */
  GstFoleySamples samples;
  gboolean discont;             /* the next sample follows on none */

  GstClockTime last;            /* until when it has been seen */
  gboolean whole;               /* nothing failed up to the last frame */
  GstClockTime shown, end;      /* of the last frame; end: may be NONE */
  GstClockTime interval;        /* of that to the one before, 0: there was none */
  guint64 seen;                 /* as the Foley counts time */
  gboolean moved;               /* time has jumped since, or has another segment */
};

GstFoleyTrack *
gst_foley_track_new (GstElement * element, GstFoleyPads * pads,
    GstFoleyDesk * desk, GstFoleyStats * stats)
{
  GstFoleyTrack *track = g_new0 (GstFoleyTrack, 1);

  track->element = element;
  track->pads = pads;
  track->desk = desk;
  track->stats = stats;
  track->latency = DEFAULT_LATENCY;
  gst_foley_frames_init (&track->frames);
  g_queue_init (&track->held);
  gst_foley_settings_init (&track->started);
  gst_foley_settings_init (&track->latched);
  return track;
}

/* The sound begins anew with the next frame. */
static void
begin_anew (GstFoleyTrack * track)
{
  g_clear_pointer (&track->sound, gst_foley_sound_free);
  track->samples.begun = FALSE;
  track->discont = TRUE;
  track->moved = FALSE;
  track->failed = GST_FLOW_OK;
}

static gboolean
outlives_flush (GstMiniObject * item)
{
  return GST_IS_EVENT (item) && GST_EVENT_IS_STICKY (item)
      && GST_EVENT_TYPE (item) != GST_EVENT_SEGMENT;
}

/* But tags and the like stay known. */
static void
drop_held (GstFoleyTrack * track)
{
  GstMiniObject *item;

  while ((item = g_queue_pop_head (&track->held))) {
    if (outlives_flush (item))
      gst_pad_store_sticky_event (track->pads->video, GST_EVENT (item));
    gst_mini_object_unref (item);
  }
}

void
gst_foley_track_free (GstFoleyTrack * track)
{
  gst_foley_track_stop (track);
  gst_foley_settings_clear (&track->started);
  gst_foley_settings_clear (&track->latched);
  g_free (track);
}

GstClockTime
gst_foley_track_get_latency (GstFoleyTrack * track)
{
  GstClockTime latency;

  GST_OBJECT_LOCK (track->element);
  latency = track->latency;
  GST_OBJECT_UNLOCK (track->element);
  return latency;
}

static void
set_latency (GstFoleyTrack * track, GstClockTime latency)
{
  gboolean changed;

  GST_OBJECT_LOCK (track->element);
  changed = track->latency != (gint64) latency;
  track->latency = latency;
  GST_OBJECT_UNLOCK (track->element);
  if (changed)
    gst_element_post_message (track->element,
        gst_message_new_latency (GST_OBJECT (track->element)));
}

/* ---- settings ----------------------------------------------------------- */

static void
copy_settings (GstFoleyTrack * track, GstFoleySettings * to)
{
  g_mutex_lock (&track->desk->lock);
  gst_foley_settings_copy (to, &track->desk->settings);
  track->serial = track->desk->serial;
  g_mutex_unlock (&track->desk->lock);
}

static gboolean
settings_changed (GstFoleyTrack * track)
{
  gboolean changed;

  g_mutex_lock (&track->desk->lock);
  changed = track->desk->serial != track->serial;
  g_mutex_unlock (&track->desk->lock);
  return changed;
}

void
gst_foley_track_start (GstFoleyTrack * track)
{
  gst_foley_settings_clear (&track->started);
  copy_settings (track, &track->started);
  gst_foley_settings_clear (&track->latched);
  gst_foley_settings_copy (&track->latched, &track->started);
  gst_foley_frames_init (&track->frames);
  track->latency = DEFAULT_LATENCY;
  begin_anew (track);
}

void
gst_foley_track_stop (GstFoleyTrack * track)
{
  begin_anew (track);
  drop_held (track);
  g_clear_pointer (&track->finder, foley_finder_unref);
  track->sought = FALSE;
  g_clear_pointer (&track->picture, gst_foley_picture_free);
  g_clear_pointer (&track->scene, g_free);
  track->sure = FALSE;
}

/* Settings that can't be taken leave all as they were. */
static void
take_settings (GstFoleyTrack * track)
{
  GstFoleySettings settings;
  g_autoptr (GError) error = NULL;

  copy_settings (track, &settings);
  if (gst_foley_settings_check (&settings, &error)) {
    gst_foley_settings_clear (&track->latched);
    track->latched = settings;
    track->control = TRUE;
    return;
  }
  GST_ELEMENT_WARNING (track->element, RESOURCE, SETTINGS,
      ("%s; the settings stay as they were.", error->message), (NULL));
  gst_foley_settings_clear (&settings);
}

static void
control_foley (GstFoleyTrack * track)
{
  if (settings_changed (track))
    take_settings (track);
  if (!track->control || track->mute)
    return;
  gst_foley_settings_control (&track->latched, track->scene,
      gst_foley_sound_get_foley (track->sound));
  track->control = FALSE;
}

/* @scene: (transfer full): what is to be seen from the next frame on. @sure: it is
 * of the source; what tags say gives way to that. */
void
gst_foley_track_set_scene (GstFoleyTrack * track, char *scene, gboolean sure)
{
  if (track->sure && !sure) {
    g_free (scene);
    return;
  }
  track->sure = sure;
  track->control |= g_strcmp0 (scene, track->scene) != 0;
  g_free (track->scene);
  track->scene = scene;
}

/* ---- the sound ---------------------------------------------------------- */

/* Without one things have sounds of what they do, not of what they are. */
static void
seek_finder (GstFoleyTrack * track)
{
  g_autoptr (GError) error = NULL;

  if (track->sought || track->mute
      || g_strcmp0 (track->started.device, GST_FOLEY_NO_DEVICE) == 0)
    return;
  track->sought = TRUE;
  track->finder = foley_finder_new (track->started.device, &error);
  if (!track->finder)
    gst_foley_warn_of_finder (track->element, error);
}

static gboolean
make_sound (GstFoleyTrack * track, FoleyOptions * options)
{
  g_autoptr (GError) error = NULL;
  GstFoleySound *sound = NULL;

  options->memory = track->started.memory;
  options->hrtf = track->started.hrtf;
  options->seed = track->started.seed;
  seek_finder (track);
  options->finder = track->finder;
  if (gst_foley_settings_check (&track->latched, &error))
    sound = gst_foley_sound_new (options, track->mute, &error);
  if (!sound) {
    gst_foley_post_error (track->element, error);
    return FALSE;
  }
  if (!track->mute)
    gst_foley_warn_of_recipes (track->element,
        foley_get_complaints (gst_foley_sound_get_foley (sound)));
  if (track->sound)
    gst_foley_sound_follow (sound, g_steal_pointer (&track->sound));
  track->sound = sound;
  track->seen = 0;
  track->control = TRUE;
  return TRUE;
}

static gboolean
fits (GstFoleyTrack * track, const FoleyOptions * wanted)
{
  const FoleyOptions *have;

  if (!track->sound)
    return FALSE;
  have = gst_foley_sound_get_options (track->sound);
  return have->rate == wanted->rate && have->layout == wanted->layout
      && have->n_stems >= wanted->n_stems;
}

/* Downstream wants other sound: it goes on from the sample that comes next. */
static gboolean
replace_sound (GstFoleyTrack * track, FoleyOptions * options)
{
  GstClockTime origin = track->samples.begun ?
      gst_foley_samples_get_time (&track->samples, track->samples.position) : 0;

  if (!make_sound (track, options))
    return FALSE;
  if (track->samples.begun)
    gst_foley_samples_begin (&track->samples, options->rate, origin);
  track->discont = TRUE;
  return TRUE;
}

/* What fails is told once: it fails until something else is wanted. */
static GstFlowReturn
negotiate (GstFoleyTrack * track)
{
  gboolean due = gst_foley_pads_check_reconfigure (track->pads);
  FoleyOptions options = { 0, };

  if (track->failed != GST_FLOW_OK || (!due && track->sound))
    return track->failed;
  if (!gst_foley_pads_negotiate (track->pads, track->started.layout,
          &options.rate, &options.layout)) {
    GST_ELEMENT_ERROR (track->element, STREAM, FORMAT,
        ("Downstream takes none of the sound that is made here."),
        ("Made are 1, 2 or 6 channels, or 4 with channel-mask 0 (ambisonics), "
            "of the formats " GST_AUDIO_NE (F32) " and " GST_AUDIO_NE (S16)
            ", interleaved, at rates from %d to %d; the mix and all stems "
            "have one rate and layout.", FOLEY_MIN_RATE, FOLEY_MAX_RATE));
    return track->failed = GST_FLOW_NOT_NEGOTIATED;
  }
  options.n_stems = gst_foley_pads_get_n_stems (track->pads);
  if (!fits (track, &options) && !replace_sound (track, &options))
    return track->failed = GST_FLOW_ERROR;
  gst_foley_pads_announce (track->pads);
  return GST_FLOW_OK;
}

/* Pushes what has gone into the queue since the last frame, and it. */
static GstFlowReturn
release_held (GstFoleyTrack * track)
{
  GstFlowReturn flow = GST_FLOW_OK;

  while (flow == GST_FLOW_OK && !g_queue_is_empty (&track->held)) {
    GstMiniObject *item = g_queue_pop_head (&track->held);

    if (GST_IS_EVENT (item))
      gst_pad_push_event (track->pads->video, GST_EVENT (item));
    else
      flow = gst_foley_pads_push_video (track->pads, GST_BUFFER (item));
  }
  return flow;
}

static GstFlowReturn
push_samples (GstFoleyTrack * track, guint64 upto)
{
  guint64 from = track->samples.position;
  gboolean discont = track->discont;

  gst_foley_sound_render (track->sound, upto);
  track->samples.position = upto;
  track->discont = FALSE;
  gst_foley_stats_add (track->stats, GST_FOLEY_STAT_SAMPLES, upto - from);
  return gst_foley_pads_push_sound (track->pads, track->sound,
      &track->samples, from, discont);
}

/* Sound up to sample @upto. The held frame goes after the first part of it: with
 * more, downstream's queues of sound could fill before that of video has
 * anything. */
static GstFlowReturn
sound_until (GstFoleyTrack * track, guint64 upto)
{
  guint capacity = gst_foley_sound_get_capacity (track->sound);
  GstFlowReturn flow = GST_FLOW_OK;

  do {
    guint64 part = MIN (upto, track->samples.position + capacity);

    if (part > track->samples.position)
      flow = push_samples (track, part);
    if (flow == GST_FLOW_OK)
      flow = release_held (track);
  } while (flow == GST_FLOW_OK && track->samples.position < upto);
  return flow;
}

static GstFlowReturn
sound_until_time (GstFoleyTrack * track, GstClockTime time)
{
  return sound_until (track, gst_foley_samples_until (&track->samples, time));
}

/* ---- seeing ------------------------------------------------------------- */

static void
tell_notes (GstFoleyTrack * track, Foley * foley)
{
  guint n = 0;
  const FoleyNote *notes = foley_get_notes (foley, &n);

  gst_foley_stats_add (track->stats, GST_FOLEY_STAT_SOUNDS, n);
  if (!track->latched.post_messages)
    return;
  for (guint i = 0; i < n; i++)
    gst_foley_post_note (track->element, &notes[i],
        track->samples.origin + notes[i].time);
}

/* A device that fails is told of once. */
static void
check_finder (GstFoleyTrack * track)
{
  const GError *failure = track->finder
      ? foley_finder_get_failure (track->finder) : NULL;

  if (!failure)
    return;
  gst_foley_warn_of_finder (track->element, failure);
  g_clear_pointer (&track->finder, foley_finder_unref);
}

/* The picture as it stands at @time. */
static gboolean
see (GstFoleyTrack * track, GstClockTime time)
{
  Foley *foley = gst_foley_sound_get_foley (track->sound);
  g_autoptr (GError) error = NULL;
  FoleyFrame frame;

  if (track->mute)
    return TRUE;
  track->seen = MAX (track->seen, time - track->samples.origin);
  frame = gst_foley_picture_get_frame (track->picture, track->seen);
  if (!foley_see (foley, &frame, &error)) {
    gst_foley_post_error (track->element, error);
    return FALSE;
  }
  check_finder (track);
  tell_notes (track, foley);
  return TRUE;
}

/* Time goes on to @time without another picture. */
static GstFlowReturn
stand_still (GstFoleyTrack * track, GstClockTime time)
{
  if (!see (track, time))
    return GST_FLOW_ERROR;
  track->last = time;
  track->end = GST_CLOCK_TIME_NONE;
  return sound_until_time (track, time);
}

/* Lets the held frame go, with its sound if it is known how long it stands. */
GstFlowReturn
gst_foley_track_drain (GstFoleyTrack * track)
{
  GstFlowReturn flow = GST_FLOW_OK;

  if (g_queue_is_empty (&track->held))
    return GST_FLOW_OK;
  if (track->samples.begun && GST_CLOCK_TIME_IS_VALID (track->end)
      && track->end > track->last && track->end - track->last < MAX_STILL)
    flow = stand_still (track, track->end);
  return flow == GST_FLOW_OK ? release_held (track) : flow;
}

/* What lies between is not heard. */
static GstFlowReturn
jump (GstFoleyTrack * track, GstClockTime time)
{
  GstFlowReturn flow = gst_foley_track_drain (track);

  if (flow != GST_FLOW_OK)
    return flow;
  GST_INFO_OBJECT (track->element, "jump from %" GST_TIME_FORMAT " to %"
      GST_TIME_FORMAT, GST_TIME_ARGS (track->last), GST_TIME_ARGS (time));
  gst_foley_stats_add (track->stats, GST_FOLEY_STAT_JUMPS, 1);
  gst_foley_pads_push_gap (track->pads,
      gst_foley_samples_get_time (&track->samples, track->samples.position),
      time);
  gst_foley_samples_jump (&track->samples, time);
  track->discont = track->moved = TRUE;
  return GST_FLOW_OK;
}

static gboolean
is_jump (GstFoleyTrack * track, GstClockTime time, GstClockTime max)
{
  GstClockTime from = track->last;

  if (GST_CLOCK_TIME_IS_VALID (track->end) && track->end > from)
    from += MIN (track->end - from, MAX_TOLD_STILL);
  return time > from && time - from > max;
}

/* ---- frames ------------------------------------------------------------- */

/* Frames may be missing, or the rate variable: the longest that there was counts. */
static void
measure_latency (GstFoleyTrack * track)
{
  set_latency (track, MAX (gst_foley_track_get_latency (track),
          MIN (track->interval, MAX_LATENCY)));
}

static void
begin_latency (GstFoleyTrack * track)
{
  GstClockTime nominal = gst_foley_frames_get_duration (&track->frames);

  set_latency (track, GST_CLOCK_TIME_IS_VALID (nominal) ? nominal :
      DEFAULT_LATENCY);
}

/* A frame that no sound is made for. */
static GstFlowReturn
pass_frame (GstFoleyTrack * track, GstBuffer * buffer)
{
  GstFlowReturn flow = release_held (track);

  if (flow == GST_FLOW_OK)
    return gst_foley_pads_push_video (track->pads, buffer);
  gst_buffer_unref (buffer);
  return flow;
}

static void
hold_frame (GstFoleyTrack * track, GstBuffer * buffer, GstClockTime start,
    GstClockTime stop)
{
  track->interval = track->moved || !GST_CLOCK_TIME_IS_VALID (track->shown) ?
      0 : start - track->shown;
  track->shown = start;
  track->last = MAX (start, track->last);
  track->end = stop;
  track->moved = FALSE;
  g_queue_push_tail (&track->held, buffer);
  measure_latency (track);
}

/* The frame at @start is the next: makes what is heard until then. It may be seen a
 * little later, if the one before has been said to stand for longer. */
static GstFlowReturn
sound_for_frame (GstFoleyTrack * track, GstBuffer * buffer, GstClockTime start)
{
  gboolean discont = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  GstFlowReturn flow = negotiate (track);

  if (flow != GST_FLOW_OK)
    return flow;
  if (!track->samples.begun) {
    gst_foley_samples_begin (&track->samples,
        gst_foley_sound_get_options (track->sound)->rate, start);
    track->shown = GST_CLOCK_TIME_NONE;
    track->last = start;
  } else if (is_jump (track, start, discont ? MAX_STILL_DISCONT : MAX_STILL))
    flow = jump (track, start);
  if (flow != GST_FLOW_OK)
    return flow;
  control_foley (track);
  if (!gst_foley_picture_take (track->picture, buffer))
    GST_WARNING_OBJECT (track->element, "no picture in %" GST_PTR_FORMAT,
        buffer);
  if (!see (track, MAX (start, track->last)))
    return GST_FLOW_ERROR;
  gst_foley_stats_add (track->stats, GST_FOLEY_STAT_SEEN, 1);
  return sound_until_time (track, start);
}

/* Not later than the frame before: of that time there is sound already. */
static gboolean
is_late (GstFoleyTrack * track, GstClockTime start)
{
  return track->samples.begun && start <= track->shown;
}

static gboolean
goes_back (GstFoleyTrack * track, GstClockTime start)
{
  return track->samples.begun && track->moved && start < track->last
      && track->last - start > MAX_BACK;
}

/* @buffer: (transfer full). */
GstFlowReturn
gst_foley_track_take_frame (GstFoleyTrack * track, GstBuffer * buffer)
{
  GstClockTime start, stop, stream_time;
  GstFlowReturn flow;
  gboolean placed = gst_foley_frames_place (&track->frames, buffer, &start,
      &stop, &stream_time);

  gst_foley_stats_add (track->stats, GST_FOLEY_STAT_FRAMES, 1);
  if (placed && goes_back (track, start))
    begin_anew (track);
  if (!placed || !track->picture || is_late (track, start))
    return pass_frame (track, buffer);
  if (!track->samples.begun && (flow = release_held (track)) != GST_FLOW_OK) {
    gst_buffer_unref (buffer);
    return flow;
  }
  if (GST_CLOCK_TIME_IS_VALID (stream_time))
    gst_object_sync_values (GST_OBJECT (track->element), stream_time);
  flow = sound_for_frame (track, buffer, start);
  if (flow != GST_FLOW_OK)
    gst_buffer_unref (buffer);
  else
    hold_frame (track, buffer, start, stop);
  return flow;
}

/* Of frames that will not come. */
GstFlowReturn
gst_foley_track_take_gap (GstFoleyTrack * track, GstClockTime timestamp,
    GstClockTime duration)
{
  GstClockTime start, stop;
  GstFlowReturn flow = negotiate (track);

  if (flow != GST_FLOW_OK || !gst_foley_frames_place_gap (&track->frames,
          timestamp, duration, &start, &stop))
    return flow;
  if (!track->samples.begun) {
    gst_foley_pads_push_gap (track->pads, start, stop);
    return GST_FLOW_OK;
  }
  if (stop <= track->last)
    return GST_FLOW_OK;
  if (!is_jump (track, stop, MAX_STILL))
    return stand_still (track, stop);
  flow = jump (track, stop);
  track->last = stop;
  track->end = GST_CLOCK_TIME_NONE;
  return flow;
}

/* @event: (transfer full): goes to the video when the held frame has gone. */
gboolean
gst_foley_track_queue_event (GstFoleyTrack * track, GstEvent * event)
{
  if (g_queue_get_length (&track->held) >= MAX_HELD)
    release_held (track);
  if (g_queue_is_empty (&track->held))
    return gst_pad_push_event (track->pads->video, event);
  g_queue_push_tail (&track->held, event);
  return TRUE;
}

/* ---- what changes ------------------------------------------------------- */

/* FALSE: frames like that can't be looked at. The held frame is gone by now. */
gboolean
gst_foley_track_set_info (GstFoleyTrack * track, const GstVideoInfo * info)
{
  g_clear_pointer (&track->picture, gst_foley_picture_free);
  track->picture = gst_foley_picture_new (info);
  if (!track->picture)
    return FALSE;
  gst_foley_frames_set_rate (&track->frames, info->fps_n, info->fps_d);
  begin_latency (track);
  /* What is wrong with the sound comes back with the next frame. */
  track->failed = GST_FLOW_OK;
  negotiate (track);
  return TRUE;
}

/* Do running times go on as they were? */
static gboolean
is_update (const GstSegment * a, const GstSegment * b)
{
  return a->rate == b->rate && a->applied_rate == b->applied_rate
      && a->base == b->base && a->start == b->start && a->offset == b->offset
      && a->time == b->time && (a->flags == b->flags)
      && (a->rate > 0 || a->stop == b->stop);
}

static gboolean
is_mute (const GstSegment * segment)
{
  return segment->rate < 0
      || (segment->flags & GST_SEGMENT_FLAG_TRICKMODE_NO_AUDIO);
}

/* Sound that ends where frames of another segment begin. */
static void
leave_segment (GstFoleyTrack * track, const GstSegment * segment)
{
  if (track->samples.begun && segment->base > track->last
      && !is_jump (track, segment->base, MAX_STILL_DISCONT))
    stand_still (track, segment->base);
  gst_foley_track_drain (track);
}

/* Frames from here on are in @segment. */
void
gst_foley_track_set_segment (GstFoleyTrack * track,
    const GstSegment * segment, guint32 seqnum)
{
  GstSegment sound;

  if (is_update (&track->frames.segment, segment))
    gst_segment_copy_into (segment, &track->frames.segment);
  else {
    leave_segment (track, segment);
    track->moved = TRUE;
    if (is_mute (segment) != track->mute) {
      begin_anew (track);
      track->mute = is_mute (segment);
    }
    gst_foley_frames_set_segment (&track->frames, segment);
  }
  gst_foley_segment_for_sound (segment, &sound);
  gst_foley_pads_set_segment (track->pads, &sound, seqnum);
  gst_foley_pads_announce (track->pads);
}

/* A picture that stands, or the only one there is, stands to its end. */
static GstFlowReturn
end_still (GstFoleyTrack * track)
{
  GstClockTime length;

  if (!GST_CLOCK_TIME_IS_VALID (track->end) || track->end <= track->last)
    return GST_FLOW_OK;
  length = MIN (track->end - track->last, MAX_TOLD_STILL);
  if (track->interval > 0 && length < 2 * track->interval)
    return GST_FLOW_OK;
  return stand_still (track, track->last + length);
}

/* What still rings; then nothing is left of what was seen. */
void
gst_foley_track_ring_out (GstFoleyTrack * track)
{
  guint rate = track->samples.rate;
  guint64 limit = track->samples.position
      + gst_util_uint64_scale (MAX_TAIL, rate, GST_SECOND);
  gboolean rings = track->samples.begun && track->sound && track->whole;

  while (rings && track->samples.position < limit
      && !gst_foley_sound_is_over (track->sound))
    rings = sound_until (track, MIN (track->samples.position
            + rate / TAIL_STEPS, limit)) == GST_FLOW_OK;
  begin_anew (track);
}

/* No more frames: those that are held are shown, with their sound.  What rings
 * after that is gst_foley_track_ring_out()'s, when the video has been told that
 * it is over: a muxer takes no more sound before. */
void
gst_foley_track_finish (GstFoleyTrack * track)
{
  GstFlowReturn flow = GST_FLOW_OK;

  if (track->samples.begun && track->sound) {
    flow = end_still (track);
    if (!track->mute)
      foley_end (gst_foley_sound_get_foley (track->sound));
    if (flow == GST_FLOW_OK && GST_CLOCK_TIME_IS_VALID (track->end)
        && track->end > track->last
        && track->end - track->last < MAX_TOLD_STILL)
      flow = sound_until_time (track, track->end);
  }
  track->whole = release_held (track) == GST_FLOW_OK && flow == GST_FLOW_OK;
  release_held (track);         /* events that a frame's failure kept back */
}

/* Nothing of before is heard or shown, and time begins at any place. */
void
gst_foley_track_flush (GstFoleyTrack * track)
{
  drop_held (track);
  begin_anew (track);
  gst_segment_init (&track->frames.segment, GST_FORMAT_TIME);
  track->frames.anchor = track->frames.next = GST_CLOCK_TIME_NONE;
  track->frames.since = 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleypads.c: the source pads of videoaudiofoley. Pads of sound come and go at
 * any time: the streaming thread takes the list as it is, and tells each pad what
 * it has not been told yet. */

#include "gstfoleypads.h"

#include "gstfoleycaps.h"

struct _GstFoleyPad
{
  GstPad parent;

  int stem;                     /* or GST_FOLEY_MIX */

  /* the streaming thread's */
  GstCaps *caps;                /* negotiated, NULL before */
  GstAudioFormat format;
  gboolean fresh;               /* no buffer has gone yet */
  guint stream_serial, segment_serial, tags_serial;     /* as last told */
};

G_DEFINE_FINAL_TYPE (GstFoleyPad, gst_foley_pad, GST_TYPE_PAD);

static void
gst_foley_pad_init (GstFoleyPad * pad)
{
  pad->format = GST_AUDIO_FORMAT_F32;
  pad->fresh = TRUE;
}

static void
gst_foley_pad_finalize (GObject * object)
{
  gst_clear_caps (&GST_FOLEY_PAD (object)->caps);
  G_OBJECT_CLASS (gst_foley_pad_parent_class)->finalize (object);
}

static void
gst_foley_pad_class_init (GstFoleyPadClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_foley_pad_finalize;
}

GstFoleyPad *
gst_foley_pad_new (GstPadTemplate * templ, const char *name, int stem)
{
  GstFoleyPad *pad = g_object_new (GST_TYPE_FOLEY_PAD, "name", name,
      "direction", GST_PAD_SRC, "template", templ, NULL);

  pad->stem = stem;
  return pad;
}

int
gst_foley_pad_get_stem (GstFoleyPad * pad)
{
  return pad->stem;
}

/* ---- the list ----------------------------------------------------------- */

void
gst_foley_pads_init (GstFoleyPads * pads, GstPad * video)
{
  g_mutex_init (&pads->lock);
  pads->video = video;
  pads->sounds = g_ptr_array_new_with_free_func (gst_object_unref);
  pads->combiner = gst_flow_combiner_new ();
  gst_flow_combiner_add_pad (pads->combiner, video);
  gst_segment_init (&pads->segment, GST_FORMAT_UNDEFINED);
}

static void
forget (GstFoleyPads * pads)
{
  g_clear_pointer (&pads->stream_id, g_free);
  gst_clear_event (&pads->stream_start);
  gst_clear_tag_list (&pads->tags);
  gst_segment_init (&pads->segment, GST_FORMAT_UNDEFINED);
}

void
gst_foley_pads_clear (GstFoleyPads * pads)
{
  forget (pads);
  g_clear_pointer (&pads->sounds, g_ptr_array_unref);
  g_clear_pointer (&pads->combiner, gst_flow_combiner_free);
  g_mutex_clear (&pads->lock);
}

static void
reset_pad (gpointer pad, gpointer data)
{
  GstFoleyPad *self = pad;

  gst_clear_caps (&self->caps);
  self->fresh = TRUE;
  self->stream_serial = self->segment_serial = self->tags_serial = 0;
}

/* As at the start; no streaming thread runs. */
void
gst_foley_pads_reset (GstFoleyPads * pads)
{
  forget (pads);
  g_mutex_lock (&pads->lock);
  gst_flow_combiner_reset (pads->combiner);
  g_ptr_array_foreach (pads->sounds, reset_pad, NULL);
  g_mutex_unlock (&pads->lock);
}

/* Called with the lock. */
static GstFoleyPad *
find_stem (GstFoleyPads * pads, int stem)
{
  for (guint i = 0; i < pads->sounds->len; i++) {
    GstFoleyPad *pad = g_ptr_array_index (pads->sounds, i);

    if (pad->stem == stem)
      return pad;
  }
  return NULL;
}

gboolean
gst_foley_pads_add (GstFoleyPads * pads, GstFoleyPad * pad)
{
  gboolean added;

  g_mutex_lock (&pads->lock);
  added = !find_stem (pads, pad->stem);
  if (added) {
    g_ptr_array_add (pads->sounds, gst_object_ref (pad));
    gst_flow_combiner_add_pad (pads->combiner, GST_PAD (pad));
  }
  g_mutex_unlock (&pads->lock);
  return added;
}

void
gst_foley_pads_remove (GstFoleyPads * pads, GstFoleyPad * pad)
{
  g_mutex_lock (&pads->lock);
  gst_flow_combiner_remove_pad (pads->combiner, GST_PAD (pad));
  g_ptr_array_remove (pads->sounds, pad);
  g_mutex_unlock (&pads->lock);
}

/* -1 if there is none. */
int
gst_foley_pads_get_free_stem (GstFoleyPads * pads)
{
  int stem = 0;

  g_mutex_lock (&pads->lock);
  while (stem < FOLEY_MAX_STEMS && find_stem (pads, stem))
    stem++;
  g_mutex_unlock (&pads->lock);
  return stem < FOLEY_MAX_STEMS ? stem : -1;
}

/* One more than the largest of the stems. */
guint
gst_foley_pads_get_n_stems (GstFoleyPads * pads)
{
  int last = GST_FOLEY_MIX;

  g_mutex_lock (&pads->lock);
  for (guint i = 0; i < pads->sounds->len; i++) {
    GstFoleyPad *pad = g_ptr_array_index (pads->sounds, i);

    last = MAX (last, pad->stem);
  }
  g_mutex_unlock (&pads->lock);
  return last + 1;
}

static gpointer
copy_pad (gconstpointer pad, gpointer data)
{
  return gst_object_ref ((gpointer) pad);
}

/* Returns: (transfer full): pads that are released meanwhile stay alive. */
static GPtrArray *
list_sounds (GstFoleyPads * pads)
{
  GPtrArray *list;

  g_mutex_lock (&pads->lock);
  list = g_ptr_array_copy (pads->sounds, copy_pad, NULL);
  g_mutex_unlock (&pads->lock);
  g_ptr_array_set_free_func (list, gst_object_unref);
  return list;
}

/* ---- what they are told ------------------------------------------------- */

void
gst_foley_pads_set_stream (GstFoleyPads * pads, GstEvent * stream_start)
{
  const char *id;

  gst_event_parse_stream_start (stream_start, &id);
  g_free (pads->stream_id);
  pads->stream_id = g_strdup_printf ("%s/audio", id);
  gst_event_replace (&pads->stream_start, stream_start);
  pads->stream_serial++;
  gst_clear_tag_list (&pads->tags);
}

void
gst_foley_pads_set_segment (GstFoleyPads * pads, const GstSegment * segment,
    guint32 seqnum)
{
  gst_segment_copy_into (segment, &pads->segment);
  pads->segment_seqnum = seqnum;
  pads->segment_serial++;
}

/* @tags: (transfer full). */
void
gst_foley_pads_set_tags (GstFoleyPads * pads, GstTagList * tags)
{
  gst_clear_tag_list (&pads->tags);
  pads->tags = tags;
  pads->tags_serial++;
}

static GstEvent *
make_stream_start (GstFoleyPads * pads, GstFoleyPad * pad)
{
  g_autofree char *id = pad->stem == GST_FOLEY_MIX ?
      g_strdup (pads->stream_id) :
      g_strdup_printf ("%s/stem_%d", pads->stream_id, pad->stem);
  GstEvent *event = gst_event_new_stream_start (id);
  GstStreamFlags flags;
  guint group;

  gst_event_parse_stream_flags (pads->stream_start, &flags);
  gst_event_set_stream_flags (event, pad->stem == GST_FOLEY_MIX ? flags :
      (flags & ~GST_STREAM_FLAG_SELECT) | GST_STREAM_FLAG_UNSELECT);
  if (gst_event_parse_group_id (pads->stream_start, &group))
    gst_event_set_group_id (event, group);
  gst_event_set_seqnum (event, gst_event_get_seqnum (pads->stream_start));
  return event;
}

static void
announce_caps (GstFoleyPad * pad)
{
  g_autoptr (GstCaps) current = gst_pad_get_current_caps (GST_PAD (pad));

  if (pad->caps && !(current && gst_caps_is_equal (current, pad->caps)))
    gst_pad_push_event (GST_PAD (pad), gst_event_new_caps (pad->caps));
}

static void
announce_segment (GstFoleyPads * pads, GstFoleyPad * pad)
{
  GstEvent *event = gst_event_new_segment (&pads->segment);

  gst_event_set_seqnum (event, pads->segment_seqnum);
  pad->segment_serial = pads->segment_serial;
  gst_pad_push_event (GST_PAD (pad), event);
}

/* In the order that GStreamer asks for. */
static void
announce (gpointer data, gpointer user_data)
{
  GstFoleyPad *pad = data;
  GstFoleyPads *pads = user_data;

  if (pads->stream_start && pad->stream_serial != pads->stream_serial) {
    pad->stream_serial = pads->stream_serial;
    gst_pad_push_event (GST_PAD (pad), make_stream_start (pads, pad));
  }
  announce_caps (pad);
  if (pads->segment.format == GST_FORMAT_TIME && pad->caps
      && pad->segment_serial != pads->segment_serial)
    announce_segment (pads, pad);
  if (pads->tags && pad->tags_serial != pads->tags_serial) {
    pad->tags_serial = pads->tags_serial;
    gst_pad_push_event (GST_PAD (pad),
        gst_event_new_tag (gst_tag_list_ref (pads->tags)));
  }
}

/* Tells each pad of sound what it has not been told. */
void
gst_foley_pads_announce (GstFoleyPads * pads)
{
  g_autoptr (GPtrArray) list = list_sounds (pads);

  g_ptr_array_foreach (list, announce, pads);
}

/* ---- negotiation -------------------------------------------------------- */

/* Has a pad been linked, or has downstream other wishes? */
gboolean
gst_foley_pads_check_reconfigure (GstFoleyPads * pads)
{
  g_autoptr (GPtrArray) list = list_sounds (pads);
  gboolean due = FALSE;

  for (guint i = 0; i < list->len; i++) {
    GstFoleyPad *pad = g_ptr_array_index (list, i);

    due |= gst_pad_check_reconfigure (GST_PAD (pad)) || !pad->caps;
  }
  return due;
}

/* Returns: (transfer full): what all of @list take, formats aside. */
static GstCaps *
find_common_caps (GPtrArray * list, int layout)
{
  GstCaps *caps = gst_foley_caps_new (layout);

  for (guint i = 0; i < list->len; i++) {
    GstPad *pad = g_ptr_array_index (list, i);
    GstCaps *narrowed;

    if (!gst_pad_is_linked (pad))
      continue;
    narrowed =
        gst_foley_caps_narrow (caps, gst_pad_peer_query_caps (pad, NULL));
    gst_caps_unref (caps);
    caps = narrowed;
  }
  return caps;
}

/* What the pads have already, if it is still possible: a change of rate or layout
 * is one of sound. */
static GstCaps *
keep_or_fixate (GPtrArray * list, GstCaps * common)
{
  GstFoleyPad *mix = g_ptr_array_index (list, 0);

  if (mix->caps && gst_caps_can_intersect (mix->caps, common)) {
    gst_caps_unref (common);
    return gst_caps_ref (mix->caps);
  }
  return gst_foley_caps_fixate (common);
}

static gboolean
choose_format (GstFoleyPad * pad, guint rate, FoleyLayout layout)
{
  g_autoptr (GstCaps) sound = gst_foley_caps_of_sound (rate, layout);
  g_autoptr (GstCaps) takes = gst_pad_is_linked (GST_PAD (pad)) ?
      gst_pad_peer_query_caps (GST_PAD (pad), sound) : gst_caps_ref (sound);
  g_autoptr (GstCaps) both = gst_caps_intersect_full (takes, sound,
      GST_CAPS_INTERSECT_FIRST);
  GstAudioInfo info;

  if (gst_caps_is_empty (both))
    return FALSE;
  if (!pad->caps || !gst_caps_can_intersect (pad->caps, both)) {
    gst_clear_caps (&pad->caps);
    pad->caps = gst_foley_caps_fixate (g_steal_pointer (&both));
  }
  if (!gst_audio_info_from_caps (&info, pad->caps))
    return FALSE;
  pad->format = GST_AUDIO_INFO_FORMAT (&info);
  return TRUE;
}

/* Rate and layout are the same for all pads of sound, the format is each one's. */
gboolean
gst_foley_pads_negotiate (GstFoleyPads * pads, int layout, guint * rate,
    FoleyLayout * chosen)
{
  g_autoptr (GPtrArray) list = list_sounds (pads);
  g_autoptr (GstCaps) caps = find_common_caps (list, layout);
  int fixed_rate = 0;

  if (gst_caps_is_empty (caps))
    return FALSE;
  caps = keep_or_fixate (list, caps);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "rate", &fixed_rate);
  *rate = fixed_rate;
  *chosen = gst_foley_caps_get_layout (caps, layout);
  for (guint i = 0; i < list->len; i++)
    if (!choose_format (g_ptr_array_index (list, i), *rate, *chosen))
      return FALSE;
  return TRUE;
}

/* ---- data --------------------------------------------------------------- */

/* What flows on the whole, now that @pad returned @flow: one that has been released
 * does not count. */
static GstFlowReturn
combine (GstFoleyPads * pads, GstPad * pad, GstFlowReturn flow)
{
  g_mutex_lock (&pads->lock);
  if (pad == pads->video || g_ptr_array_find (pads->sounds, pad, NULL))
    flow = gst_flow_combiner_update_pad_flow (pads->combiner, pad, flow);
  else
    flow = GST_FLOW_OK;
  g_mutex_unlock (&pads->lock);
  return flow;
}

/* To the pads of sound; @event: (transfer none). */
gboolean
gst_foley_pads_push_event (GstFoleyPads * pads, GstEvent * event)
{
  g_autoptr (GPtrArray) list = list_sounds (pads);
  gboolean pushed = FALSE;

  for (guint i = 0; i < list->len; i++)
    pushed |= gst_pad_push_event (g_ptr_array_index (list, i),
        gst_event_ref (event));
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    g_mutex_lock (&pads->lock);
    gst_flow_combiner_reset (pads->combiner);
    g_mutex_unlock (&pads->lock);
  }
  return pushed;
}

GstFlowReturn
gst_foley_pads_push_video (GstFoleyPads * pads, GstBuffer * buffer)
{
  return combine (pads, pads->video, gst_pad_push (pads->video, buffer));
}

static void
stamp (GstBuffer * buffer, const GstSegment * segment,
    const GstFoleySamples * samples, guint64 from)
{
  guint64 to = samples->position;
  GstClockTime start = gst_foley_samples_get_time (samples, from);

  GST_BUFFER_PTS (buffer) = gst_segment_position_from_running_time (segment,
      GST_FORMAT_TIME, start);
  GST_BUFFER_DURATION (buffer) = gst_foley_samples_get_time (samples, to)
      - start;
  GST_BUFFER_OFFSET (buffer) = gst_foley_samples_get_offset (samples, from);
  GST_BUFFER_OFFSET_END (buffer) = gst_foley_samples_get_offset (samples, to);
}

/* What has been rendered from @from to the position of @samples. */
GstFlowReturn
gst_foley_pads_push_sound (GstFoleyPads * pads, const GstFoleySound * sound,
    const GstFoleySamples * samples, guint64 from, gboolean discont)
{
  g_autoptr (GPtrArray) list = list_sounds (pads);
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; i < list->len && flow == GST_FLOW_OK; i++) {
    GstFoleyPad *pad = g_ptr_array_index (list, i);
    GstBuffer *buffer;

    if (!pad->caps)
      continue;
    buffer = gst_foley_sound_get_buffer (sound, pad->stem, pad->format);
    stamp (buffer, &pads->segment, samples, from);
    if (discont || pad->fresh)
      GST_BUFFER_FLAG_SET (buffer,
          GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC);
    pad->fresh = FALSE;
    flow = combine (pads, GST_PAD (pad), gst_pad_push (GST_PAD (pad), buffer));
  }
  return flow;
}

void
gst_foley_pads_push_gap (GstFoleyPads * pads, GstClockTime start,
    GstClockTime stop)
{
  GstClockTime timestamp = gst_segment_position_from_running_time
      (&pads->segment, GST_FORMAT_TIME, start);
  g_autoptr (GstEvent) event = NULL;

  if (!GST_CLOCK_TIME_IS_VALID (timestamp) || stop <= start)
    return;
  event = gst_event_new_gap (timestamp, stop - start);
  gst_foley_pads_push_event (pads, event);
}

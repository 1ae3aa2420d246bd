/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoley.c: the element videoaudiofoley: the video that goes in comes out, and a
 * sound that is in time with it.
 *
 * Here are pads, events and queries; gstfoleytrack.c makes the sound. All data
 * flows in the streaming thread of the sink pad. */

/**
 * SECTION:element-videoaudiofoley
 * @title: videoaudiofoley
 * @short_description: Makes the sound of a video
 *
 * Looks at a video and makes sound that fits what is to be seen: things that meet,
 * move and speak, and the surroundings. The video passes unchanged, a frame later.
 *
 * ## Examples
 *
 * |[
 * gst-launch-1.0 dittextsrc prompt="a dog runs on the beach" ! videoaudiofoley name=f f.video ! queue ! videoconvert ! autovideosink f.audio ! queue ! audioconvert ! audioresample ! autoaudiosink
 * ]| Shows and sounds.
 * |[
 * gst-launch-1.0 filesrc location=silent.webm ! decodebin ! videoaudiofoley name=f f.video ! queue ! videoconvert ! vp8enc deadline=1 ! webmmux name=mux ! filesink location=sound.webm f.audio ! queue ! audioconvert ! vorbisenc ! mux.
 * ]| Gives a file its sound.
 */

#include "gstfoley.h"

#include <string.h>

#include "gstfoleycaps.h"
#include "gstfoleymessages.h"
#include "gstfoleytrack.h"

GST_DEBUG_CATEGORY (gst_foley_debug);
#define GST_CAT_DEFAULT gst_foley_debug

/* After those of the settings. */
enum
{
  PROP_STATS = 100
};

struct _GstVideoAudioFoley
{
  GstElement parent;

  GstPad *sink, *video;
  GstFoleyPads pads;
  GstFoleyDesk desk;
  GstFoleyStats stats;
  GstFoleyTrack *track;

  /* of events that came from one pad and may come from another; under the object
   * lock */
  guint32 last_seek, last_latency;

  gboolean negotiated;          /* the streaming thread's: there are caps */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL)));

static GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE ("video",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL)));

static GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE ("audio",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_FOLEY_CAPS_ALL));

static GstStaticPadTemplate stem_template =
GST_STATIC_PAD_TEMPLATE ("stem_%u", GST_PAD_SRC, GST_PAD_REQUEST,
    GST_STATIC_CAPS (GST_FOLEY_CAPS_ALL));

G_DEFINE_FINAL_TYPE_WITH_CODE (GstVideoAudioFoley, gst_video_audio_foley,
    GST_TYPE_ELEMENT, G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, NULL));
GST_ELEMENT_REGISTER_DEFINE (videoaudiofoley, "videoaudiofoley", GST_RANK_NONE,
    GST_TYPE_VIDEO_AUDIO_FOLEY);

/* ---- properties --------------------------------------------------------- */

static void
gst_video_audio_foley_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstFoleyDesk *desk = &GST_VIDEO_AUDIO_FOLEY (object)->desk;
  gboolean known;

  g_mutex_lock (&desk->lock);
  known = gst_foley_settings_set_property (&desk->settings, id, value);
  desk->serial++;
  g_mutex_unlock (&desk->lock);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_video_audio_foley_get_property (GObject * object, guint id,
    GValue * value, GParamSpec * pspec)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (object);
  gboolean known;

  if (id == PROP_STATS) {
    g_value_take_boxed (value, gst_foley_stats_to_structure (&self->stats));
    return;
  }
  g_mutex_lock (&self->desk.lock);
  known = gst_foley_settings_get_property (&self->desk.settings, id, value);
  g_mutex_unlock (&self->desk.lock);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* ---- events from upstream ----------------------------------------------- */

static gboolean
take_stream_start (GstVideoAudioFoley * self, GstEvent * event)
{
  gst_foley_track_drain (self->track);
  gst_foley_pads_set_stream (&self->pads, event);
  gst_foley_pads_announce (&self->pads);
  return gst_pad_push_event (self->video, event);
}

static gboolean
take_caps (GstVideoAudioFoley * self, GstEvent * event)
{
  GstVideoInfo info;
  GstCaps *caps;
  gboolean taken;

  gst_event_parse_caps (event, &caps);
  if (!gst_video_info_from_caps (&info, caps)) {
    gst_event_unref (event);
    return FALSE;
  }
  gst_foley_track_drain (self->track);
  self->negotiated = TRUE;
  taken = gst_pad_push_event (self->video, event);
  if (!gst_foley_track_set_info (self->track, &info))
    return FALSE;
  /* Without a peer the video goes nowhere, and the sound does all the same. */
  return taken || !gst_pad_is_linked (self->video);
}

static gboolean
take_segment (GstVideoAudioFoley * self, GstEvent * event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  if (segment->format != GST_FORMAT_TIME) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
        ("The video comes in %s, but has to come in time.",
            gst_format_get_name (segment->format)), (NULL));
    gst_event_unref (event);
    return FALSE;
  }
  gst_foley_track_set_segment (self->track, segment,
      gst_event_get_seqnum (event));
  return gst_foley_track_queue_event (self->track, event);
}

static gboolean
take_tags (GstVideoAudioFoley * self, GstEvent * event)
{
  GstTagList *tags;
  char *scene;

  gst_event_parse_tag (event, &tags);
  scene = gst_foley_scene_from_tags (tags);
  if (scene)
    gst_foley_track_set_scene (self->track, scene, FALSE);
  gst_foley_pads_set_tags (&self->pads, gst_foley_tags_for_sound (tags));
  gst_foley_pads_announce (&self->pads);
  return gst_foley_track_queue_event (self->track, event);
}

static gboolean
take_gap (GstVideoAudioFoley * self, GstEvent * event)
{
  GstClockTime timestamp, duration;

  gst_event_parse_gap (event, &timestamp, &duration);
  if (self->negotiated)
    gst_foley_track_take_gap (self->track, timestamp, duration);
  return gst_foley_track_queue_event (self->track, event);
}

static gboolean
take_custom (GstVideoAudioFoley * self, GstEvent * event)
{
  char *scene = gst_foley_scene_from_event (event);
  gboolean still;

  if (scene)
    gst_foley_track_set_scene (self->track, scene, TRUE);
  /* What is shown on a menu stands until it is told otherwise. */
  if (gst_video_event_parse_still_frame (event, &still) && still)
    gst_foley_track_drain (self->track);
  return gst_foley_track_queue_event (self->track, event);
}

/* To all source pads at once. */
static gboolean
push_to_all (GstVideoAudioFoley * self, GstEvent * event)
{
  gboolean pushed = gst_foley_pads_push_event (&self->pads, event);

  return gst_pad_push_event (self->video, event) || pushed;
}

static gboolean
take_eos (GstVideoAudioFoley * self, GstEvent * event)
{
  gst_foley_track_finish (self->track);
  gst_pad_push_event (self->video, gst_event_ref (event));
  gst_foley_track_ring_out (self->track);
  gst_foley_pads_announce (&self->pads);
  gst_foley_pads_push_event (&self->pads, event);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
gst_video_audio_foley_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      return take_stream_start (self, event);
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_SEGMENT:
      return take_segment (self, event);
    case GST_EVENT_TAG:
      return take_tags (self, event);
    case GST_EVENT_GAP:
      return take_gap (self, event);
    case GST_EVENT_CUSTOM_DOWNSTREAM:
    case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
      return take_custom (self, event);
    case GST_EVENT_EOS:
      return take_eos (self, event);
    case GST_EVENT_FLUSH_STOP:
      gst_foley_track_flush (self->track);
      return push_to_all (self, event);
    case GST_EVENT_SEGMENT_DONE:
      gst_foley_track_drain (self->track);
      return push_to_all (self, event);
    case GST_EVENT_STREAM_GROUP_DONE:
    case GST_EVENT_TOC:
      gst_foley_pads_push_event (&self->pads, event);
      return gst_foley_track_queue_event (self->track, event);
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_INSTANT_RATE_CHANGE:
      return push_to_all (self, event);
    default:
      if (GST_EVENT_IS_SERIALIZED (event))
        return gst_foley_track_queue_event (self->track, event);
      return gst_pad_push_event (self->video, event);
  }
}

static GstFlowReturn
gst_video_audio_foley_chain (GstPad * pad, GstObject * parent,
    GstBuffer * buffer)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (parent);

  if (self->negotiated)
    return gst_foley_track_take_frame (self->track, buffer);
  gst_buffer_unref (buffer);
  return GST_FLOW_NOT_NEGOTIATED;
}

/* ---- events from downstream --------------------------------------------- */

/* A pipeline sends an event to each of its sinks: it goes on once. One that failed
 * may be tried again. */
static gboolean
push_once (GstVideoAudioFoley * self, guint32 * last, GstEvent * event)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  gboolean repeated;

  GST_OBJECT_LOCK (self);
  repeated = *last == seqnum;
  *last = seqnum;
  GST_OBJECT_UNLOCK (self);
  if (repeated) {
    gst_event_unref (event);
    return TRUE;
  }
  if (gst_pad_push_event (self->sink, event))
    return TRUE;
  GST_OBJECT_LOCK (self);
  if (*last == seqnum)
    *last = GST_SEQNUM_INVALID;
  GST_OBJECT_UNLOCK (self);
  return FALSE;
}

static gboolean
gst_video_audio_foley_src_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEEK:
      return push_once (self, &self->last_seek, event);
    case GST_EVENT_LATENCY:
      return push_once (self, &self->last_latency, event);
    case GST_EVENT_RECONFIGURE:
      if (pad == self->video)
        break;
      /* Of sound it is done here, when the next frame comes. */
      gst_event_unref (event);
      return TRUE;
    default:
      break;
  }
  return gst_pad_push_event (self->sink, event);
}

/* ---- queries ------------------------------------------------------------ */

static GstIterator *
gst_video_audio_foley_sink_links (GstPad * pad, GstObject * parent)
{
  GValue value = G_VALUE_INIT;
  GstIterator *iterator;

  g_value_init (&value, GST_TYPE_PAD);
  g_value_set_object (&value, GST_VIDEO_AUDIO_FOLEY (parent)->video);
  iterator = gst_iterator_new_single (GST_TYPE_PAD, &value);
  g_value_unset (&value);
  return iterator;
}

/* A frame is held here, so that upstream needs one buffer more. */
static gboolean
ask_for_allocation (GstVideoAudioFoley * self, GstQuery * query)
{
  if (!gst_pad_peer_query (self->video, query))
    return FALSE;
  for (guint i = 0; i < gst_query_get_n_allocation_pools (query); i++) {
    GstBufferPool *pool;
    guint size, min, max;

    gst_query_parse_nth_allocation_pool (query, i, &pool, &size, &min, &max);
    gst_query_set_nth_allocation_pool (query, i, pool, size, min + 1,
        max ? MAX (max, min + 1) : 0);
    gst_clear_object (&pool);
  }
  return TRUE;
}

static gboolean
gst_video_audio_foley_sink_query (GstPad * pad, GstObject * parent,
    GstQuery * query)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (parent);

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_ALLOCATION:
      return ask_for_allocation (self, query);
    case GST_QUERY_DRAIN:
      gst_foley_track_drain (self->track);
      return gst_pad_peer_query (self->video, query);
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static gboolean
tell_latency (GstVideoAudioFoley * self, GstQuery * query)
{
  GstClockTime own = gst_foley_track_get_latency (self->track);
  GstClockTime min, max;
  gboolean live;

  if (!gst_pad_peer_query (self->sink, query))
    return FALSE;
  gst_query_parse_latency (query, &live, &min, &max);
  gst_query_set_latency (query, live, min + own,
      GST_CLOCK_TIME_IS_VALID (max) ? max + own : max);
  return TRUE;
}

/* As upstream, but that data is only pushed. */
static gboolean
tell_scheduling (GstVideoAudioFoley * self, GstQuery * query)
{
  g_autoptr (GstQuery) upstream = gst_query_new_scheduling ();
  GstSchedulingFlags flags = GST_SCHEDULING_FLAG_SEQUENTIAL;
  int min = 1, max = -1, align = 0;

  if (gst_pad_peer_query (self->sink, upstream))
    gst_query_parse_scheduling (upstream, &flags, &min, &max, &align);
  gst_query_set_scheduling (query, flags, min, max, align);
  gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
  return TRUE;
}

static gboolean
gst_video_audio_foley_video_query (GstPad * pad, GstObject * parent,
    GstQuery * query)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (parent);

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_LATENCY:
      return tell_latency (self, query);
    case GST_QUERY_SCHEDULING:
      return tell_scheduling (self, query);
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static gboolean
tell_sound_caps (GstVideoAudioFoley * self, GstQuery * query)
{
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *filter;
  int layout;

  g_mutex_lock (&self->desk.lock);
  layout = self->desk.settings.layout;
  g_mutex_unlock (&self->desk.lock);
  caps = gst_foley_caps_new (layout);
  gst_query_parse_caps (query, &filter);
  if (filter) {
    GstCaps *filtered = gst_caps_intersect_full (filter, caps,
        GST_CAPS_INTERSECT_FIRST);

    gst_caps_unref (caps);
    caps = filtered;
  }
  gst_query_set_caps_result (query, caps);
  return TRUE;
}

static gboolean
convert_sound (GstPad * pad, GstQuery * query)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstFormat from, to;
  gint64 value, result;
  GstAudioInfo info;

  gst_query_parse_convert (query, &from, &value, &to, NULL);
  if (!caps || !gst_audio_info_from_caps (&info, caps)
      || !gst_audio_info_convert (&info, from, value, to, &result))
    return FALSE;
  gst_query_set_convert (query, from, value, to, result);
  return TRUE;
}

/* Upstream counts frames of video: only times are the same here. */
static gboolean
is_in_time (GstQuery * query)
{
  GstFormat format;

  if (GST_QUERY_TYPE (query) == GST_QUERY_POSITION)
    gst_query_parse_position (query, &format, NULL);
  else
    gst_query_parse_duration (query, &format, NULL);
  return format == GST_FORMAT_TIME;
}

static gboolean
gst_video_audio_foley_sound_query (GstPad * pad, GstObject * parent,
    GstQuery * query)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (parent);

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_LATENCY:
      return tell_latency (self, query);
    case GST_QUERY_SCHEDULING:
      return tell_scheduling (self, query);
    case GST_QUERY_CAPS:
      return tell_sound_caps (self, query);
    case GST_QUERY_CONVERT:
      return convert_sound (pad, query);
    case GST_QUERY_POSITION:
    case GST_QUERY_DURATION:
      return is_in_time (query) && gst_pad_peer_query (self->sink, query);
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* ---- pads --------------------------------------------------------------- */

static GstFoleyPad *
make_sound_pad (GstVideoAudioFoley * self, GstPadTemplate * templ,
    const char *name, int stem)
{
  GstFoleyPad *pad = gst_foley_pad_new (templ, name, stem);

  gst_pad_set_event_function (GST_PAD (pad), gst_video_audio_foley_src_event);
  gst_pad_set_query_function (GST_PAD (pad), gst_video_audio_foley_sound_query);
  return pad;
}

/* The number in "stem_%u"; -1 where there is none. */
static int
parse_stem (const char *name)
{
  guint64 stem;

  if (g_str_has_prefix (name, "stem_")
      && g_ascii_string_to_unsigned (name + strlen ("stem_"), 10, 0,
          FOLEY_MAX_STEMS - 1, &stem, NULL))
    return stem;
  return -1;
}

static GstPad *
gst_video_audio_foley_request_new_pad (GstElement * element,
    GstPadTemplate * templ, const gchar * name, const GstCaps * caps)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (element);
  int stem = name ? parse_stem (name) :
      gst_foley_pads_get_free_stem (&self->pads);
  g_autofree char *pad_name = g_strdup_printf ("stem_%d", stem);
  GstFoleyPad *pad;

  if (stem < 0) {
    GST_WARNING_OBJECT (self, "there are stem_0 to stem_%d, not \"%s\"",
        FOLEY_MAX_STEMS - 1, name ? name : "more");
    return NULL;
  }
  pad = make_sound_pad (self, templ, pad_name, stem);
  if (!gst_foley_pads_add (&self->pads, pad)) {
    gst_object_unref (gst_object_ref_sink (pad));
    return NULL;
  }
  gst_pad_set_active (GST_PAD (pad), TRUE);
  gst_element_add_pad (element, GST_PAD (pad));
  return GST_PAD (pad);
}

static void
gst_video_audio_foley_release_pad (GstElement * element, GstPad * pad)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (element);

  gst_foley_pads_remove (&self->pads, GST_FOLEY_PAD (pad));
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (element, pad);
}

static void
add_sink (GstVideoAudioFoley * self)
{
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, gst_video_audio_foley_chain);
  gst_pad_set_event_function (self->sink, gst_video_audio_foley_sink_event);
  gst_pad_set_query_function (self->sink, gst_video_audio_foley_sink_query);
  gst_pad_set_iterate_internal_links_function (self->sink,
      gst_video_audio_foley_sink_links);
  GST_PAD_SET_PROXY_CAPS (self->sink);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
}

static void
add_video (GstVideoAudioFoley * self)
{
  self->video = gst_pad_new_from_static_template (&video_template, "video");
  gst_pad_set_event_function (self->video, gst_video_audio_foley_src_event);
  gst_pad_set_query_function (self->video, gst_video_audio_foley_video_query);
  GST_PAD_SET_PROXY_CAPS (self->video);
  gst_element_add_pad (GST_ELEMENT (self), self->video);
}

static void
add_audio (GstVideoAudioFoley * self)
{
  GstPadTemplate *templ = gst_element_class_get_pad_template
      (GST_ELEMENT_GET_CLASS (self), "audio");
  GstFoleyPad *pad = make_sound_pad (self, templ, "audio", GST_FOLEY_MIX);

  gst_element_add_pad (GST_ELEMENT (self), GST_PAD (pad));
  gst_foley_pads_add (&self->pads, pad);
}

/* ---- the class ---------------------------------------------------------- */

static GstStateChangeReturn
gst_video_audio_foley_change_state (GstElement * element,
    GstStateChange transition)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    gst_foley_stats_reset (&self->stats);
    gst_foley_pads_reset (&self->pads);
    gst_foley_track_start (self->track);
    self->negotiated = FALSE;
    self->last_seek = self->last_latency = GST_SEQNUM_INVALID;
  }
  result = GST_ELEMENT_CLASS (gst_video_audio_foley_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    gst_foley_track_stop (self->track);
    gst_foley_pads_reset (&self->pads);
  }
  return result;
}

static void
gst_video_audio_foley_init (GstVideoAudioFoley * self)
{
  g_mutex_init (&self->desk.lock);
  gst_foley_settings_init (&self->desk.settings);
  gst_foley_stats_init (&self->stats);
  add_sink (self);
  add_video (self);
  gst_foley_pads_init (&self->pads, self->video);
  add_audio (self);
  self->track = gst_foley_track_new (GST_ELEMENT (self), &self->pads,
      &self->desk, &self->stats);
}

static void
gst_video_audio_foley_finalize (GObject * object)
{
  GstVideoAudioFoley *self = GST_VIDEO_AUDIO_FOLEY (object);

  gst_foley_track_free (self->track);
  gst_foley_pads_clear (&self->pads);
  gst_foley_stats_clear (&self->stats);
  gst_foley_settings_clear (&self->desk.settings);
  g_mutex_clear (&self->desk.lock);
  G_OBJECT_CLASS (gst_video_audio_foley_parent_class)->finalize (object);
}

static void
install_stats (GObjectClass * klass)
{
  /**
   * GstVideoAudioFoley:stats:
   *
   * How many `frames` came in, were `seen` (those that are late or outside of the
   * segment are not), how many `samples` of a channel were made, `sounds` have
   * begun, and `jumps` in time there were (uint64 each), since the start.
   */
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Frames that came and were seen, samples made, sounds begun, jumps",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_video_audio_foley_class_init (GstVideoAudioFoleyClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_foley_debug, "videoaudiofoley", 0,
      "Sound of a video");

  object_class->set_property = gst_video_audio_foley_set_property;
  object_class->get_property = gst_video_audio_foley_get_property;
  object_class->finalize = gst_video_audio_foley_finalize;
  gst_foley_settings_install_properties (object_class);
  install_stats (object_class);

  gst_element_class_set_static_metadata (element_class,
      "Video-to-sound filter", "Filter/Analyzer/Video/Audio",
      "Makes sound that fits what a video shows", PACKAGE_NAME " authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &video_template);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &audio_template, GST_TYPE_FOLEY_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &stem_template, GST_TYPE_FOLEY_PAD);

  element_class->change_state = gst_video_audio_foley_change_state;
  element_class->request_new_pad = gst_video_audio_foley_request_new_pad;
  element_class->release_pad = gst_video_audio_foley_release_pad;

  gst_type_mark_as_plugin_api (GST_TYPE_FOLEY_LAYOUT, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_FOLEY_PAD, 0);
}

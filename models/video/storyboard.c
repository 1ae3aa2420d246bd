/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* storyboard.c: the events of a prompt: entries with times, lines, or what the
 * sentences tell. */

#include <string.h>

#include "models/video/storyboard-private.h"

/* Of a time: a third of a year. */
#define MAX_SECONDS 1e7
/* Of an entry, in a message: characters. */
#define MAX_QUOTE 40

/* ---- events ---------------------------------------------------------------- */

static void
clear_event (gpointer event)
{
  g_free (((StoryEvent *) event)->text);
}

static void
strip (const char **begin, const char **end)
{
  while (*begin < *end && g_ascii_isspace (**begin))
    ++ * begin;
  while (*begin < *end && g_ascii_isspace ((*end)[-1]))
    -- * end;
}

gboolean
story_add (GArray * events, const char *begin, const char *end, double time,
    GError ** error)
{
  StoryEvent event = {.time = time };

  strip (&begin, &end);
  if (begin == end)
    return TRUE;
  if (events->len == STORYBOARD_MAX_EVENTS) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "the prompt tells of more than %d events", STORYBOARD_MAX_EVENTS);
    return FALSE;
  }
  event.text = g_strndup (begin, end - begin);
  g_array_append_val (events, event);
  return TRUE;
}

/* ---- times ----------------------------------------------------------------- */

static const char *
skip_blanks (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

static const char *
parse_digits (const char *p, double *value)
{
  for (*value = 0; g_ascii_isdigit (*p); p++)
    *value = *value * 10 + (*p - '0');
  return p;
}

/* Adds ".5" to @value, if it is there. */
static const char *
parse_fraction (const char *p, double *value)
{
  double scale = 1;

  if (p[0] != '.' || !g_ascii_isdigit (p[1]))
    return p;
  for (p++; g_ascii_isdigit (*p); p++)
    *value += (*p - '0') * (scale /= 10);
  return p;
}

/* What follows "1.5s:" at @p; NULL if that is not there. */
static const char *
parse_seconds (const char *p, double *seconds)
{
  const char *end = parse_digits (p, seconds);

  if (end == p)
    return NULL;
  end = skip_blanks (parse_fraction (end, seconds));
  if (*end != 's' && *end != 'S')
    return NULL;
  end = skip_blanks (end + 1);
  return *end == ':' ? end + 1 : NULL;
}

/* Two digits after a colon, below 60. */
static gboolean
is_sixtieth (const char *p)
{
  return p[0] == ':' && p[1] >= '0' && p[1] <= '5' && g_ascii_isdigit (p[2])
      && !g_ascii_isdigit (p[3]);
}

/* The same of "0:04:" and "1:00:04.5:", the longest there is. */
static const char *
parse_clock (const char *p, double *seconds)
{
  const char *end = NULL;
  double total;

  p = parse_digits (p, &total);
  for (guint i = 0; i < 2 && is_sixtieth (p); i++, p += 3) {
    double exact = total = total * 60 + (p[1] - '0') * 10 + (p[2] - '0');
    const char *colon = skip_blanks (parse_fraction (p + 3, &exact));

    if (*colon == ':') {
      *seconds = exact;
      end = colon + 1;
    }
  }
  return end;
}

static const char *
parse_time (const char *p, double *seconds)
{
  const char *end = parse_seconds (p, seconds);

  return end || !g_ascii_isdigit (*p) ? end : parse_clock (p, seconds);
}

/* ---- entries with times ---------------------------------------------------- */

/* One on its way. */
typedef struct
{
  const char *begin;            /* its time */
  const char *text;
  double time;
} Entry;

/* The beginning of an entry, for a message; g_free() */
static char *
quote (const char *begin, const char *end)
{
  glong length;
  g_autofree char *text = NULL;

  strip (&begin, &end);
  length = g_utf8_strlen (begin, end - begin);
  text = g_utf8_substring (begin, 0, MIN (length, MAX_QUOTE));
  return g_strdup_printf ("\"%s%s\"", text, length > MAX_QUOTE ? "..." : "");
}

static gboolean
refuse (const Entry * entry, const char *end, const char *why, GError ** error)
{
  g_autofree char *quoted = quote (entry->begin, end);

  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
      "the entry %s of the prompt %s", quoted, why);
  return FALSE;
}

static gboolean
add_entry (GArray * events, const Entry * entry, const char *end,
    GError ** error)
{
  guint before = events->len;

  while (end > entry->text && strchr ("; \t\r\n", end[-1]))
    end--;
  if (!story_add (events, entry->text, end, entry->time, error))
    return FALSE;
  /* Before the first time there may be nothing. */
  if (events->len == before)
    return entry->begin == entry->text
        || refuse (entry, end, "has no text", error);
  if (entry->time > MAX_SECONDS)
    return refuse (entry, end, "has a time beyond all bounds", error);
  if (before > 0
      && entry->time <= g_array_index (events, StoryEvent, before - 1).time)
    return refuse (entry, end, "is not later than the one before", error);
  return TRUE;
}

/* FALSE and no error: there are no times. */
static gboolean
add_timed (GArray * events, const char *prompt, GError ** error)
{
  Entry entry = { prompt, prompt, 0 };
  gboolean timed = FALSE;
  const char *p = prompt;

  while (*p) {
    const char *begin = p + strspn (p, " \t");
    double time;
    const char *text = parse_time (begin, &time);

    if (text) {
      if (!add_entry (events, &entry, p, error))
        return FALSE;
      timed = TRUE;
      entry = (Entry) {
      begin, text, time};
      p = text;
    }
    p += strcspn (p, ";\n\r");
    p += *p != '\0';
  }
  return timed && add_entry (events, &entry, p, error);
}

/* ---- all ------------------------------------------------------------------- */

static gboolean
add_lines (GArray * events, const char *prompt, GError ** error)
{
  while (*prompt) {
    const char *end = prompt + strcspn (prompt, "\n\r");

    if (!story_add (events, prompt, end, -1, error))
      return FALSE;
    prompt = end + (*end != '\0');
  }
  return TRUE;
}

static gboolean
add_events (GArray * events, const char *prompt, gboolean sentences,
    GError ** error)
{
  GError *local = NULL;

  if (add_timed (events, prompt, &local))
    return TRUE;
  if (local) {
    g_propagate_error (error, local);
    return FALSE;
  }
  if (!add_lines (events, prompt, error))
    return FALSE;
  if (sentences && events->len == 1) {
    g_array_set_size (events, 0);
    return story_add_sentences (events, prompt, error);
  }
  return TRUE;
}

Storyboard *
storyboard_parse (const char *prompt, gboolean sentences, GError ** error)
{
  g_autoptr (GArray) events = g_array_new (FALSE, FALSE, sizeof (StoryEvent));
  Storyboard *board;

  g_array_set_clear_func (events, clear_event);
  if (!g_utf8_validate (prompt, -1, NULL)) {
    g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a prompt that is not valid UTF-8");
    return NULL;
  }
  if (!add_events (events, prompt, sentences, error))
    return NULL;
  /* One event is what the prompt says, to the letter. */
  if (events->len == 0
      || (events->len == 1 && g_array_index (events, StoryEvent, 0).time < 0)) {
    const StoryEvent whole = { g_strdup (prompt), -1 };

    g_array_set_size (events, 0);
    g_array_append_val (events, whole);
  }
  board = g_new (Storyboard, 1);
  board->n = events->len;
  g_array_set_clear_func (events, NULL);
  board->events = (StoryEvent *) g_array_free (g_steal_pointer (&events),
      FALSE);
  return board;
}

void
storyboard_free (Storyboard * board)
{
  for (guint i = 0; i < board->n; i++)
    g_free (board->events[i].text);
  g_free (board->events);
  g_free (board);
}

/* ---- when ------------------------------------------------------------------- */

/* The frame that @chunk begins with. */
static double
chunk_frame (const StoryTiming * t, guint64 chunk)
{
  return chunk == 0 ? 0 : t->first_frames + (chunk - 1.0) * t->later_frames;
}

static guint64
nearest_chunk (const StoryTiming * t, double frame)
{
  double later = (frame - t->first_frames) / t->later_frames;

  if (later < 0)
    return 2 * frame >= t->first_frames;
  return 1 + (guint64) MIN (later + 0.5, 1e18);
}

/* Frames that an event lasts where the prompt has no times. */
static double
event_frames (const StoryTiming * t, guint n)
{
  double left = t->total_frames - chunk_frame (t, t->origin);

  return t->total_frames > 0 && left > 0 ? left / n : t->event_seconds * t->fps;
}

void
storyboard_schedule (const Storyboard * board, const StoryTiming * timing,
    guint64 * starts)
{
  double zero = chunk_frame (timing, timing->origin);
  double each = event_frames (timing, board->n);

  starts[0] = timing->origin;
  for (guint i = 1; i < board->n; i++) {
    double time = board->events[i].time;
    double frame = zero + (time < 0 ? i * each : time * timing->fps);

    starts[i] = MAX (nearest_chunk (timing, frame), starts[i - 1] + 1);
  }
}

guint64
storyboard_get_end (const Storyboard * board, const StoryTiming * timing,
    const guint64 * starts)
{
  guint64 last = starts[board->n - 1];
  double begin = chunk_frame (timing, last);

  return MAX (chunk_frame (timing, last + 1),
      begin + timing->event_seconds * timing->fps);
}

guint
storyboard_find (const guint64 * starts, guint n, guint64 chunk)
{
  guint i = 0;

  while (i + 1 < n && starts[i + 1] <= chunk)
    i++;
  return i;
}

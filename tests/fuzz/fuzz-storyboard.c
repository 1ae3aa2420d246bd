/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-storyboard.c: the input is a prompt that may be a storyboard. */

#include <string.h>

#include "models/video/storyboard.h"
#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_init ();
  return 0;
}

/* All that storyboard.h says of events. */
static void
check_events (const Storyboard * board, const char *prompt)
{
  gboolean timed = board->events[0].time >= 0;

  if (board->n < 1 || board->n > STORYBOARD_MAX_EVENTS
      || (board->n == 1 && !timed
          && strcmp (board->events[0].text, prompt) != 0))
    abort ();
  for (guint i = 0; i < board->n; i++) {
    const StoryEvent *event = &board->events[i];

    if (!g_utf8_validate (event->text, -1, NULL)
        || (board->n > 1 && !*event->text) || timed != (event->time >= 0)
        || !(event->time <= 1e7)
        || (timed && i > 0 && !(event->time > event[-1].time)))
      abort ();
  }
}

static void
check_schedule (const Storyboard * board, const StoryTiming * timing)
{
  guint64 starts[STORYBOARD_MAX_EVENTS];

  storyboard_schedule (board, timing, starts);
  if (starts[0] != timing->origin)
    abort ();
  for (guint i = 0; i < board->n; i++)
    if ((i > 0 && starts[i] <= starts[i - 1])
        || storyboard_find (starts, board->n, starts[i]) != i)
      abort ();
}

static void
parse (const char *prompt, gboolean sentences)
{
  static const StoryTiming timings[] = {
    {16, 33, 33, 0, 0, 0},
    {16, 9, 12, 7, 0, 3},
    {1000, 1, 1, 0, 12345, 3},
    {1, 100000, 100000, G_MAXUINT32, G_MAXUINT64, 3600}
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (Storyboard) board = storyboard_parse (prompt, sentences, &error);

  fuzz_check_error (board != NULL, error);
  if (!board)
    return;
  check_events (board, prompt);
  for (guint i = 0; i < G_N_ELEMENTS (timings); i++)
    check_schedule (board, &timings[i]);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree char *prompt = g_strndup ((const char *) data, size);

  parse (prompt, FALSE);
  parse (prompt, TRUE);
  return 0;
}

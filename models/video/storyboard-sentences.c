/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* storyboard-sentences.c: the events that an English sentence, or several, tell of.
 *
 * No grammar: it goes by the words that stand around a comma or a stop. What it
 * takes for one event too many costs a cut in the video, so that in doubt it does
 * not split. */

#include <string.h>

#include "models/video/storyboard-private.h"

/* A subject that a comma may stand before. Possessives are none: "a man walks, his
 * coat in the wind". */
static const char *const pronouns[] = {
  "it", "he", "she", "they", "we", "you", "i", "someone", "somebody", NULL
};

static const char *const articles[] = {
  "a", "an", "the", "another", "some", "several", "many", "one", "two",
  "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
  "twelve", NULL
};

/* What begins a clause that only leads to the next: "at night, a dog runs". */
static const char *const leads[] = {
  "about", "above", "across", "after", "against", "along", "amid", "among",
  "around", "as", "at", "before", "behind", "below", "beneath", "beside",
  "between", "beyond", "by", "down", "during", "for", "from", "if", "in",
  "indoors", "inside", "into", "near", "off", "on", "once", "outdoors",
  "outside", "over", "past", "since", "through", "to", "toward", "towards",
  "under", "underneath", "until", "up", "when", "where", "while", "with",
  "within", "without", NULL
};

/* "since then" and the like are times, not what joins two events. */
static const char *const before_then[] = {
  "back", "by", "even", "from", "just", "since", "till", "until", NULL
};

static const char *const abbreviations[] = {
  "mr", "mrs", "ms", "dr", "st", "vs", "etc", "approx", "no", NULL
};

/* A clause with a subject and a verb has at least as many words. */
#define LEAST_WORDS 3

/* ---- words ------------------------------------------------------------------ */

/* begin == end: none */
typedef struct
{
  const char *begin, *end;
} Word;

static gboolean
in_word (char c)
{
  return g_ascii_isalnum (c) || c == '\'' || c == '-' || (guchar) c >= 0x80;
}

static Word
word_after (const char *p)
{
  Word word;

  while (*p && !in_word (*p))
    p++;
  word.begin = p;
  while (in_word (*p))
    p++;
  word.end = p;
  return word;
}

static gboolean
word_is (Word word, const char *text)
{
  gsize n = strlen (text);

  return (gsize) (word.end - word.begin) == n
      && g_ascii_strncasecmp (word.begin, text, n) == 0;
}

static gboolean
word_in (Word word, const char *const *list)
{
  for (; *list; list++)
    if (word_is (word, *list))
      return TRUE;
  return FALSE;
}

static gboolean
is_article (Word word)
{
  return word_in (word, articles)
      || (word.begin < word.end && g_ascii_isdigit (*word.begin));
}

/* Nothing but blanks is between them. */
static gboolean
are_neighbours (Word a, Word b)
{
  return a.end + strspn (a.end, " \t") == b.begin && b.begin < b.end;
}

/* ---- where an event ends ---------------------------------------------------- */

/* The words since the last comma, or since the event began. */
typedef struct
{
  gboolean article, lead;       /* what it begins with */
  guint words;
} Clause;

static Clause
clause_begin (Word word, gboolean of_event)
{
  return (Clause) {
  .article = is_article (word),.lead = of_event
        && word_in (word, leads),.words = 1};
}

/* There are LEAST_WORDS from @word to the next comma or stop. */
static gboolean
is_clause (Word word)
{
  for (guint i = 1; i < LEAST_WORDS; i++) {
    Word next = word_after (word.end);

    if (next.begin == next.end
        || word.end + strcspn (word.end, ",;.!?") < next.begin)
      return FALSE;
    word = next;
  }
  return TRUE;
}

/* A comma after @clause, before @word, parts two events. */
static gboolean
comma_parts (const Clause * clause, Word word)
{
  gboolean item = clause->article && clause->words < LEAST_WORDS;

  return !clause->lead && !item && is_clause (word)
      && (is_article (word) || word_in (word, pronouns));
}

/* @p: a ';' that ends a character reference of HTML, as "&amp;" */
static gboolean
ends_reference (const char *prompt, const char *p)
{
  const char *begin = p;

  while (begin > prompt && p - begin < 32 && (g_ascii_isalnum (begin[-1])
          || begin[-1] == '#'))
    begin--;
  return begin > prompt && begin < p && begin[-1] == '&';
}

/* @p: '.', '!' or '?', somewhere behind @word; of several the first is asked */
static gboolean
ends_sentence (const char *p, Word word)
{
  gboolean first = p == word.end || !strchr (".!?", p[-1]);
  gboolean short_form = p == word.end && *p == '.'
      && (word.end - word.begin == 1 || word_in (word, abbreviations));

  return first && !short_form && g_ascii_isspace (p[strspn (p, ".!?")]);
}

/* Between the words @before and @word: what ends the event, or NULL. */
static const char *
find_stop (const char *prompt, const Clause * clause, Word before, Word word)
{
  const char *comma = memchr (before.end, ',', word.begin - before.end);

  for (const char *p = before.end; p < word.begin; p++) {
    if (*p == ';' && !ends_reference (prompt, p))
      return p;
    if ((*p == '.' || *p == '!' || *p == '?') && ends_sentence (p, before))
      return p;
  }
  return comma && comma_parts (clause, word) ? comma : NULL;
}

/* The end of a "then", "and then" or "after that" at @word that joins two events;
 * NULL: it does not. */
static const char *
find_connective (Word before, Word word)
{
  Word next = word_after (word.end);
  Word third = word_after (next.end);

  if (next.begin == next.end)
    return NULL;
  if (word_is (word, "then"))
    return word_in (before, before_then) ? NULL : word.end;
  if (!are_neighbours (word, next) || third.begin == third.end)
    return NULL;
  if (word_is (word, "and") && word_is (next, "then"))
    return word_is (before, "now") ? NULL : next.end;
  if (word_is (word, "after") && word_is (next, "that")
      && (next.end[0] == ',' || is_article (third)
          || word_in (third, pronouns)))
    return next.end;
  return NULL;
}

/* ---- all -------------------------------------------------------------------- */

static gboolean
add (GArray * events, const char *begin, const char *end, GError ** error)
{
  begin += strspn (begin, ",;.!? \t\r\n");
  while (end > begin && strchr (",; \t\r\n", end[-1]))
    end--;
  return begin >= end || story_add (events, begin, end, -1, error);
}

gboolean
story_add_sentences (GArray * events, const char *prompt, GError ** error)
{
  const char *begin = prompt;   /* of the event */
  Word before = word_after (prompt);
  Clause clause = clause_begin (before, TRUE);

  while (before.begin < before.end) {
    Word word = word_after (before.end);
    const char *stop = find_stop (prompt, &clause, before, word);
    const char *joined = find_connective (before, word);

    if (stop || joined) {
      if (!add (events, begin, stop ? stop : word.begin, error))
        return FALSE;
      begin = joined ? joined : stop;
      word = word_after (begin);
      clause = clause_begin (word, TRUE);
    } else if (memchr (before.end, ',', word.begin - before.end))
      clause = clause_begin (word, FALSE);
    else
      clause.words++;
    before = word;
  }
  return add (events, begin, begin + strlen (begin), error);
}

# SPDX-License-Identifier: LGPL-2.1-or-later
"""A little English: plurals, articles, verbs."""

import re

_SAME = {'sheep', 'fish', 'blowfish', 'deer', 'bison', 'squid', 'shrimp'}
_ODD = {'mouse': 'mice', 'wolf': 'wolves', 'doggy': 'doggies'}
_DOUBLED = {'run', 'hop', 'swim', 'drop', 'stop', 'sit'}
NUMBERS = {2: 'two', 3: 'three'}


def any_of(names):
    """The beginning of a pattern: one of these, as long a one as there is."""
    longest = sorted(names, key=len, reverse=True)
    return r'\b(' + '|'.join(map(re.escape, longest)) + ')'


def plural(name):
    """Several of what a name says."""
    head, of, rest = name.partition(' of ')
    first, space, word = head.rpartition(' ')
    if word in _SAME:
        many = word
    elif word in _ODD:
        many = _ODD[word]
    elif word.endswith(('s', 'x', 'ch', 'sh')):
        many = word + 'es'
    elif word.endswith('y') and word[-2] not in 'aeiou':
        many = word[:-1] + 'ies'
    else:
        many = word + 's'
    return first + space + many + of + rest


def article(name):
    """A name with a or an."""
    vowel = name[0] in 'aeioAEIO' or name.startswith(('umbrella',))
    return ('an ' if vowel and not name.startswith('UFO') else 'a ') + name


def _each(form, verb):
    """A form of every verb in a verb, as of "fall and lie"."""
    return ' and '.join(form(part) for part in verb.split(' and '))


def third(verb):
    """A verb, of one: its first word takes an s."""
    return _each(_third, verb)


def _third(verb):
    word, space, rest = verb.partition(' ')
    if word.endswith(('s', 'sh', 'ch', 'x', 'o')):
        word += 'es'
    elif word.endswith('y') and word[-2] not in 'aeiou':
        word = word[:-1] + 'ies'
    else:
        word += 's'
    return word + space + rest


def going(verb):
    """A verb with -ing."""
    return _each(_going, verb)


def _going(verb):
    word, space, rest = verb.partition(' ')
    if word in _DOUBLED:
        word += word[-1] + 'ing'
    elif word.endswith('e') and not word.endswith('ee'):
        word = word[:-1] + 'ing'
    else:
        word += 'ing'
    return word + space + rest

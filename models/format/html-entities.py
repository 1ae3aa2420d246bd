#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the named character references of HTML5 as a C table, sorted by name,
and a second table of those that ftfy knows in capitals.

The list is Python's own (html.entities.html5), which is what diffusers uses.
The second is made as ftfy's chardata.py makes it.

    python3 html-entities.py OUTPUT
"""

import html
import html.entities
import sys


def quote(data):
    """A C string literal; octal escapes of full length cannot run on."""
    return '"' + "".join(f"\\{byte:03o}" for byte in data) + '"'


def capitals():
    """Names that have but small letters, in capitals, unless that (or its
    beginning) is a name already."""
    for name, text in html.entities.html5.items():
        reference = "&" + name.upper()
        if (name.endswith(";") and name == name.lower()
                and html.unescape(reference) == reference):
            yield name.upper(), text.upper()


def write_table(out, table, entities):
    out.write(f"static const HtmlEntity {table}[] = {{\n")
    for name, text in sorted(entities):
        out.write(f'  {{"{name}", {quote(text.encode())}}},\n')
    out.write("};\n")


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("/* Made by html-entities.py. */\n")
        write_table(out, "html_entities", html.entities.html5.items())
        write_table(out, "html_capitals", capitals())


main()

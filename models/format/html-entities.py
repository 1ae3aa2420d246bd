#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the named character references of HTML5 as a C table, sorted by name.

The list is Python's own (html.entities.html5), which is what diffusers uses.

    python3 html-entities.py OUTPUT
"""

import html.entities
import sys


def quote(data):
    """A C string literal; octal escapes of full length cannot run on."""
    return '"' + "".join(f"\\{byte:03o}" for byte in data) + '"'


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("/* Made by html-entities.py. */\n")
        out.write("static const HtmlEntity html_entities[] = {\n")
        for name, text in sorted(html.entities.html5.items()):
            out.write(f'  {{"{name}", {quote(text.encode())}}},\n')
        out.write("};\n")


main()

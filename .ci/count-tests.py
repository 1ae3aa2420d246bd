#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-tests.py LOG: "N passed, N failed" of a testlog.json of meson's.

A test that speaks TAP counts as its subtests, any other as one. One that crashed or
ran out of time is a failure more.
"""
import json
import re
import sys

GOOD = ("OK", "EXPECTEDFAIL")
SUBTEST = re.compile(r"^(not )?ok\b([^#\n]*)(#\s*(skip|todo))?", re.IGNORECASE | re.MULTILINE)


def count(test):
    """Passed, failed, skipped subtests of one test."""
    if test["result"] == "SKIP":
        return 0, 0, 1
    passed = failed = skipped = 0
    for not_ok, _, _, directive in SUBTEST.findall(test.get("stdout") or ""):
        if directive:
            skipped += 1
        elif not_ok:
            failed += 1
        else:
            passed += 1
    good = test["result"] in GOOD
    if not good and failed == 0:
        failed = 1
    elif good and passed + failed + skipped == 0:
        passed = 1
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as log:
            for line in log:
                totals = [a + b for a, b in zip(totals, count(json.loads(line)))]
    passed, failed, skipped = totals
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

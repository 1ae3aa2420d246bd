#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# style.sh [--fix]: every .c file is as GNU indent with GStreamer's options leaves it, and every source names its licence.
set -euo pipefail
cd "$(dirname "$0")/../.."

fix=${1:-}
options=(--braces-on-if-line --case-brace-indentation0 --case-indentation2
  --braces-after-struct-decl-line --line-length80 --no-tabs
  --cuddle-else --dont-line-up-parentheses --continuation-indentation4
  --honour-newlines --tab-size8 --indent-level2 --leave-preprocessor-space)

# indent needs two passes to settle; it reads C only, not OpenCL C or C++.
formatted() {
  indent "${options[@]}" -st "$1" | indent "${options[@]}" -st -
}

mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.c' '*.h' '*.cl' '*.cc' '*.py' '*.sh' '*.build')
bad=0
for f in "${sources[@]}"; do
  [ -s "$f" ] || continue
  if ! head -4 "$f" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later'; then
    echo "$f: no SPDX-License-Identifier in its first lines"
    bad=1
  fi
  case $f in
    *.c)
      if [ "$fix" = --fix ]; then
        formatted "$f" >"$f.formatted" && cmp -s "$f" "$f.formatted" || cp "$f.formatted" "$f"
        rm -f "$f.formatted"
      elif ! formatted "$f" | diff -u --label "$f" --label "$f, formatted" "$f" -; then
        bad=1
      fi
      ;;
  esac
done
exit $bad

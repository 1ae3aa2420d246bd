#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# set-loudness.sh BUILD: measures the embedded recipes and puts it into their key
# loudness; for after a change of nodes or recipes.  Build again then.
set -eu
cd "$(dirname "$0")/../../../.."
"$1/tests/models/foley/recall/measure-sounds" | while read -r id loudness _; do
  file=models/foley/recall/sounds/$id.sound
  sed -i -e '/^loudness=/d' -e "0,/^level=.*/s//&\nloudness=$loudness/" "$file"
done

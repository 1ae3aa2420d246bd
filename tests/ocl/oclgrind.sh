#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# oclgrind.sh TEST [ARGUMENT...]: runs a test of kernels on oclgrind's simulated device; fails if that finds an
# access out of bounds or a race, or if the test fails.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
oclgrind --data-races --max-errors 20 --log "$log" "$@"
if [ -s "$log" ]; then
  cat "$log" >&2
  exit 1
fi

#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# sanitizers.sh BUILD_DIR: the tests of host code in a build of their own, under
# AddressSanitizer and UndefinedBehaviorSanitizer. Drivers keep memory till the end,
# so only the tests without a device look for leaks.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

build=$1
[ -f "$build/build.ninja" ] ||
  meson setup "$build" -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
ninja -C "$build"

export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
leaks=(element-caps element-chunks element-loading element-seek element-settings element-states
  element-foley element-foley-settings element-foley-states element-foley-time
  config safetensors lora tokenizer sampler torch-random
  foley-expression foley-patch foley-voice foley-memory foley-meaning foley-nature foley-players
  physics-nodes mix-mixer mix-place mix-room see shift foley-director)
ASAN_OPTIONS=detect_leaks=1 meson test -C "$build" --no-rebuild --print-errorlogs -t 10 "${leaks[@]}"
ASAN_OPTIONS=detect_leaks=0 meson test -C "$build" --no-rebuild --print-errorlogs -t 10 \
  transformer vae generator stream plugin-checkpoint finder

#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# soak-foley.sh PLUGIN_DIR [SECONDS]: a long video of the embedded checkpoint gets its
# sound: as many samples as the video has time, and the process does not grow.
set -euo pipefail

export GST_PLUGIN_PATH=$1
seconds=${2:-600}
rate=8000
dir=$(mktemp -d)

gst-launch-1.0 -q dittextsrc num-frames=$((seconds * 16)) \
  prompt="0s: a basketball bounces in a room; 4s: a dog runs on the beach; 8s: a taxi drives through the street in the rain" \
  ! video/x-raw,framerate=16/1 ! videoaudiofoley name=f f.video ! queue ! fakesink \
  f.audio ! "audio/x-raw,format=S16LE,channels=1,rate=$rate" ! queue ! filesink location="$dir/sound" &
pid=$!
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT

written() {
  stat -c %s "$dir/sound" 2>/dev/null || echo 0
}

resident() {
  awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true
}

while kill -0 $pid 2>/dev/null && [ "$(written)" -lt $((seconds * rate)) ]; do
  sleep 0.2
done
begin=$(resident) end=$begin
while kill -0 $pid 2>/dev/null; do
  now=$(resident)
  end=${now:-$end}
  sleep 0.5
done
wait $pid
# What rings at the end is heard for ten seconds at most.
awk -v bytes="$(written)" -v wanted=$((seconds * rate * 2)) -v tail=$((10 * rate * 2)) -v begin="$begin" -v end="$end" 'BEGIN {
  printf "%d bytes of sound, %d of video and %d of tail expected\n", bytes, wanted, tail
  printf "resident memory: %d KiB at half time, %d KiB at last\n", begin, end
  exit !(bytes >= wanted && bytes <= wanted + tail && end - begin < 4096)
}'

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

# What is resident goes up and down with the chunks of video: the most counts.
first=0 second=0
while now=$(resident) && [ -n "$now" ]; do
  if [ "$(written)" -lt $((seconds * rate)) ]; then
    first=$((now > first ? now : first))
  else
    second=$((now > second ? now : second))
  fi
  sleep 0.2
done
wait $pid
# What rings at the end is heard for ten seconds at most.
awk -v bytes="$(written)" -v wanted=$((seconds * rate * 2)) -v tail=$((10 * rate * 2)) -v first="$first" -v second="$second" 'BEGIN {
  printf "%d bytes of sound, %d of video and %d of tail expected\n", bytes, wanted, tail
  printf "resident memory: at most %d KiB in the first half, %d KiB in the second\n", first, second
  exit !(bytes >= wanted && bytes <= wanted + tail && second - first < 4096)
}'

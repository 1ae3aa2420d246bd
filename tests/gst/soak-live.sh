#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# soak-live.sh PLUGIN_DIR [SECONDS [PROPERTY=VALUE... [! CAPS]]]: a live stream by RTP to a receiver
# on this machine: it gets as many frames as the time has (but for 1 % and, because the latency
# may change on the way, for a second's), and neither process grows.
set -euo pipefail

export GST_PLUGIN_PATH=$1
seconds=${2:-600}
properties=("${@:3}")
port=$((20000 + RANDOM % 20000))
dir=$(mktemp -d)
caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=JPEG,payload=26

# One line a frame.
stdbuf -oL gst-launch-1.0 udpsrc port=$port "caps=$caps" ! rtpjpegdepay ! fakesink sync=false silent=false -v \
  >"$dir/receiver" 2>&1 &
receiver=$!
stdbuf -oL gst-launch-1.0 -m -v dittextsrc name=source is-live=true num-frames=-1 "${properties[@]}" ! videoconvert ! jpegenc \
  ! rtpjpegpay ! udpsink host=127.0.0.1 port=$port >"$dir/sender" 2>&1 &
sender=$!
trap 'kill $sender $receiver 2>/dev/null; rm -rf "$dir"' EXIT

received() {
  grep -c 'last-message = chain' "$dir/receiver" || true
}

resident() {
  awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

# Until it flows: the model is loaded, perhaps its kernels are compiled.
for _ in $(seq 300); do
  [ "$(received)" -lt 48 ] || break
  sleep 0.5
done

begin_ns=$(date +%s%N) first=$(received)
sleep $((seconds / 10))
begin=$(($(resident $sender) + $(resident $receiver)))
sleep $((seconds - seconds / 10))
end=$(($(resident $sender) + $(resident $receiver)))
last=$(received) end_ns=$(date +%s%N)

fps=$(grep -o 'framerate=(fraction)[0-9]*' "$dir/sender" | head -1 | grep -o '[0-9]*$' || true)
dropped=$(grep -c 'GstMessageQOS' "$dir/sender" || true)
awk -v frames=$((last - first)) -v ns=$((end_ns - begin_ns)) -v fps="$fps" -v begin=$begin -v end=$end -v dropped="$dropped" 'BEGIN {
  expected = fps * ns / 1e9
  printf "received %d frames in %.1f s, %.1f expected: %.2f %%; %d QoS messages\n",
    frames, ns / 1e9, expected, 100 * frames / expected, dropped
  printf "resident memory: %d KiB at first, %d KiB at last\n", begin, end
  off = frames > expected ? frames - expected : expected - frames
  exit !(off < 0.01 * expected + fps && end - begin < 4096)
}'

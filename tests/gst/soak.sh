#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# soak.sh PLUGIN_DIR MODEL [SECONDS]: plays without end, and the memory of the process
# does not grow.
set -euo pipefail

export GST_PLUGIN_PATH=$1
seconds=${3:-600}
gst-launch-1.0 -q dittextsrc "model=$2" device=cpu steps=1 chunk-frames=5 num-frames=-1 \
  ! video/x-raw,width=32,height=32 ! fakesink >/dev/null &
process=$!
trap 'kill $process' EXIT

resident() {
  awk '/^VmRSS/ { print $2 }' "/proc/$process/status"
}

sleep $((seconds / 10))
begin=$(resident)
sleep $((seconds - seconds / 10))
end=$(resident)
echo "resident memory: $begin KiB after $((seconds / 10)) s, $end KiB after $seconds s"
[ $((end - begin)) -lt 4096 ]

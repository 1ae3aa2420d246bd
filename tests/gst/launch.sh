#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# launch.sh PLUGIN_DIR MODEL: whole pipelines of gst-launch-1.0 with the machine's
# plugins. Speaks TAP.
set -uo pipefail

plugin_dir=$1 model=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export GST_PLUGIN_PATH=$plugin_dir GST_REGISTRY=${GST_REGISTRY:-$dir/registry}
unset GST_PLUGIN_SYSTEM_PATH_1_0 GST_PLUGIN_PATH_1_0
small=(dittextsrc "model=$model" device=cpu steps=2 chunk-frames=5 seed=1 'prompt=a dog')

n=0
result() { # STATUS NAME
  n=$((n + 1))
  if [ "$1" = 0 ]; then
    echo "ok $n $2"
  else
    echo "not ok $n $2"
    sed 's/^/# /' "$dir/log"
  fi
}

launch() {
  timeout 120 gst-launch-1.0 "$@" >"$dir/log" 2>&1
}

without_device() {
  ! OCL_ICD_VENDORS=$dir/none launch "${small[@]}" ! fakesink &&
    grep -q 'pocl-opencl-icd' "$dir/log"
}

# A plugin path may be relative, and the starter is found all the same.
finds_the_starter() {
  (cd "$plugin_dir/.." && GST_REGISTRY=$dir/relative GST_PLUGIN_PATH=gst \
    launch dittextsrc steps=1 num-buffers=1 ! fakesink)
}

# gst-launch waits for ever for an error that comes before its main loop runs.
ends_with_an_error() { # WORDS PROPERTY=VALUE
  local words=$1
  shift
  for _ in 1 2 3 4 5; do
    ! launch "${small[@]}" "$@" ! fakesink && grep -q "$words" "$dir/log" || return
  done
}

errors_end_it() {
  ends_with_an_error 'no such directory' model=/no/such &&
    ends_with_an_error 'no OpenCL device is "abacus"' device=abacus &&
    ends_with_an_error 'memory' memory-limit=1000
}

without_leaks() {
  GST_TRACERS='leaks(check-refs=true)' GST_DEBUG=GST_TRACER:7 G_DEBUG=fatal-criticals \
    launch "${small[@]}" num-frames=10 ! video/x-raw,width=32,height=32 ! fakesink &&
    ! grep -q 'object-alive, type-name=(string)[A-Z]' "$dir/log"
}

# In the foreground, for otherwise timeout sends the signal twice, and gst-launch dies of
# a second one.
cut_short_without_leaks() {
  GST_TRACERS='leaks(check-refs=true)' GST_DEBUG=GST_TRACER:7 G_DEBUG=fatal-criticals \
    timeout --foreground --signal=INT 2 gst-launch-1.0 "${small[@]}" num-frames=-1 \
    ! video/x-raw,width=64,height=64 ! fakesink >"$dir/log" 2>&1
  grep -q 'Freeing pipeline' "$dir/log" && ! grep -q 'object-alive, type-name=(string)[A-Z]' "$dir/log"
}

to_a_file() {
  launch "${small[@]}" ! video/x-raw,width=64,height=64 ! videoconvert ! vp8enc deadline=1 \
    ! webmmux ! filesink "location=$dir/video.webm" &&
    [ "$(launch filesrc "location=$dir/video.webm" ! decodebin ! fakesink silent=false -v &&
      grep -c 'last-message = chain' "$dir/log")" = 5 ]
}

title_in_the_file() {
  launch -t filesrc "location=$dir/video.webm" ! decodebin ! fakesink &&
    grep -q 'title: a dog' "$dir/log" && grep -q 'AI-generated' "$dir/log"
}

played_by_its_uri() {
  launch playbin3 "uri=dit://a%20dog?model=$model&steps=1&chunk-frames=5" \
    'video-sink=capsfilter caps=video/x-raw,width=32,height=32 ! fakesink'
}

# Kernels are compiled in the middle of it, and gst-launch waits for all progress.
with_cold_kernels() {
  mkdir "$dir/cache"
  POCL_CACHE_DIR=$dir/cache XDG_CACHE_HOME=$dir/cache \
    launch "${small[@]}" ! video/x-raw,width=32,height=32 ! fakesink && grep -q 'Got EOS' "$dir/log"
}

echo 1..9
without_device
result $? 'says which package brings a device'
finds_the_starter
result $? 'finds the starter checkpoint'
errors_end_it
result $? 'ends with an error that comes early'
without_leaks
result $? 'leaves nothing behind at the end'
cut_short_without_leaks
result $? 'leaves nothing behind when interrupted'
to_a_file
result $? 'writes a file that is read again'
title_in_the_file
result $? 'the file carries title and origin'
played_by_its_uri
result $? 'playbin3 plays a dit URI'
with_cold_kernels
result $? 'plays while kernels are compiled'

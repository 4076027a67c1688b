#!/usr/bin/env bash
# Has Lua compiled anew in a target folder when the headers in filter/c changed since it was last used there: the crate
# that compiles Lua watches only its own files. Cheap when nothing changed. Usage: lua-header.sh TARGET-FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

headers=(filter/c/*.h)
folder=$1
used=$folder/lua_headers.used

cat "${headers[@]}" | cmp -s - "$used" && exit
shopt -s nullglob
# Each profile keeps its fingerprints in TARGET-FOLDER/PROFILE or, cross-compiled, TARGET-FOLDER/TARGET/PROFILE.
rm -rf "$folder"/*/.fingerprint/mlua-sys-* "$folder"/*/*/.fingerprint/mlua-sys-*
mkdir -p "$folder"
cat "${headers[@]}" > "$used"

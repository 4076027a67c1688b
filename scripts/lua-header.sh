#!/usr/bin/env bash
# Has Lua compiled anew in a target folder when filter/c/lua_numbers.h changed since it was last used there: the crate
# that compiles Lua watches only its own files. Cheap when nothing changed. Usage: lua-header.sh TARGET-FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

header=filter/c/lua_numbers.h
folder=$1
used=$folder/lua_numbers.h.used

cmp -s "$header" "$used" && exit
shopt -s nullglob
# Each profile keeps its fingerprints in TARGET-FOLDER/PROFILE or, cross-compiled, TARGET-FOLDER/TARGET/PROFILE.
rm -rf "$folder"/*/.fingerprint/mlua-sys-* "$folder"/*/*/.fingerprint/mlua-sys-*
mkdir -p "$folder"
cp "$header" "$used"

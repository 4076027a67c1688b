#!/usr/bin/env bash
# The benchmarks of bench/results/table.md, in a real Envoy: `make bench` calls this script, with ENVOY and LUA_MODIFIER_WASM
# set. This script knows the tools that nothing else in the project needs; jobs.py says what is measured, and run.py how.
#   bench/run.sh           everything, at most ten minutes; writes bench/results
#   bench/run.sh --quick   the first figures, about a minute; writes target/bench/results
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh

# wrk makes the load; wat2wasm compiles the bare filters; dkjson is JSON for Envoy's own Lua.
TOOLS=(wrk wabt lua-dkjson)

if command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2207 # a list of names
    missing=($(debian_missing "${TOOLS[@]}"))
    ((${#missing[@]} == 0)) || debian_install "${missing[@]}"
fi
for tool in wrk wat2wasm; do
    command -v "$tool" >/dev/null || die "Please install what Debian calls: ${TOOLS[*]}"
done
# For a call by hand: with.sh sets the two variables.
if [[ -z ${ENVOY:-} || -z ${LUA_MODIFIER_WASM:-} ]]; then
    exec scripts/with.sh bench/run.sh "$@"
fi
[[ -f $LUA_MODIFIER_WASM ]] || die "No module: run make wasm"

mkdir -p target/bench/bare
for filter in bench/bare/*.wat; do
    wat2wasm "$filter" -o "target/bench/bare/$(basename "$filter" .wat).wasm"
done
exec python3 -B bench/run.py "$@"

#!/usr/bin/env bash
# The demo: a real Envoy with the filter on 127.0.0.1:10000, and what requests look like before and behind it. `make run`
# calls this, with ENVOY and LUA_MODIFIER_WASM set. SERVE=1 keeps serving until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ -x ${ENVOY:-} ]] || { echo "ENVOY names no binary: start the demo with make run" >&2; exit 1; }
[[ -f ${LUA_MODIFIER_WASM:-} ]] || { echo "LUA_MODIFIER_WASM names no module: start the demo with make run" >&2; exit 1; }

exec python3 envoy/demo/play.py

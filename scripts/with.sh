#!/usr/bin/env bash
# Runs a command that finds what was built and installed by these variables, all absolute paths:
#   LUA_MODIFIER_WASM  the module          ENVOY, ENVOY_OLDEST  the newest and the oldest supported Envoy
# Usage: scripts/with.sh cargo test --release -p tests
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

LUA_MODIFIER_WASM=${LUA_MODIFIER_WASM:-$root/target/lua-modifier.wasm}
ENVOY=$("$root/scripts/envoy.sh" newest)
ENVOY_OLDEST=$("$root/scripts/envoy.sh" oldest)
export LUA_MODIFIER_WASM ENVOY ENVOY_OLDEST
exec "$@"

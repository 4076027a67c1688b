#!/usr/bin/env bash
# Runs a command with these variables, which name what was built and installed, all as absolute paths:
#   LUA_MODIFIER_WASM  the module          LUA_MODIFIER         the command
#   ENVOY, ENVOY_OLDEST  the newest and the oldest supported Envoy
#   EMMYLUA_LS         the language server, if there is one
#   RABBITMQ           the script that starts a RabbitMQ, if it is installed: only the tests of agents need it, and say so
# Usage: scripts/with.sh cargo test --release -p tests
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

LUA_MODIFIER_WASM=${LUA_MODIFIER_WASM:-$root/target/lua-modifier.wasm}
LUA_MODIFIER=${LUA_MODIFIER:-$root/target/release/lua-modifier}
ENVOY=$("$root/scripts/envoy.sh" newest)
ENVOY_OLDEST=$("$root/scripts/envoy.sh" oldest)
EMMYLUA_LS=$("$root/scripts/language-server.sh" path)
RABBITMQ=${RABBITMQ:-$("$root/scripts/rabbitmq.sh" server || true)}
export LUA_MODIFIER_WASM LUA_MODIFIER ENVOY ENVOY_OLDEST EMMYLUA_LS RABBITMQ
exec "$@"

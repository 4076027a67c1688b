#!/usr/bin/env bash
# Runs a command that finds what was built and installed by these variables, all absolute paths:
#   LUA_MODIFIER_WASM  the module          LUA_MODIFIER         the command
#   ENVOY, ENVOY_OLDEST  the newest and the oldest supported Envoy
#   EMMYLUA_LS         the language server, where there is one
#   RABBITMQ           what starts a RabbitMQ, where it is installed: the tests of agents alone need it, and say so
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

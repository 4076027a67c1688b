#!/usr/bin/env bash
# Installs everything that the other targets need; if all is there, does nothing, and quickly. Each script knows its own part:
# toolchain.sh the compilers for wasm, envoy.sh Envoy, language-server.sh the language server of editors, rabbitmq.sh RabbitMQ.
# This script knows what a native build, Python and `make cost` need.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh

# We do not install Rust: people have their own way to do it, mostly rustup.
command -v cargo >/dev/null || die "Please install Rust (1.95 or newer): https://rustup.rs"
for tool in cargo-fmt cargo-clippy; do
    command -v "$tool" >/dev/null || die "Please run: rustup component add rustfmt clippy"
done

wanted=()
command -v cc >/dev/null || wanted+=(gcc libc6-dev)
command -v curl >/dev/null || wanted+=(curl)
# Only `make cost` needs it, and not every system has it: if it cannot be installed, that target reports it.
command -v valgrind >/dev/null || ! command -v apt-get >/dev/null || wanted+=(valgrind)
python3 -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv)
if ((${#wanted[@]})); then
    command -v apt-get >/dev/null || die "Please install what Debian calls: ${wanted[*]}"
    debian_install "${wanted[@]}"
fi

install_wasm_toolchain
scripts/envoy.sh install
scripts/language-server.sh install
scripts/rabbitmq.sh install

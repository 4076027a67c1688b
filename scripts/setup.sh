#!/usr/bin/env bash
# Brings everything that the other targets need, and does nothing, quickly, when it is there. The parts know their own:
# toolchain.sh the compilers for wasm, envoy.sh Envoy, language-server.sh that of editors, rabbitmq.sh RabbitMQ. Here: what a native build, Python and `make cost` need.
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
# `make cost` alone needs it, and not every system has it: where it cannot be installed, that target says so.
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

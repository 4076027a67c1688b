#!/usr/bin/env bash
# Builds the filter to target/lua-modifier.wasm, lints it for wasm (`clippy`), or writes its profile anew (`profile`). Knows how the
# module is put together; toolchain.sh knows the compilers.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh

MODULE=target/lua-modifier.wasm
DIR=target/wasm # its own: two versions of cargo in one folder would build everything anew in turns
LINKED=$DIR/$WASM_TARGET/wasm/lua_modifier.wasm
PROFILE=finish/profile.txt
FILTER=(-p filter --profile wasm --target-dir "$DIR")

main() {
    case ${1:-build} in
    build) build ;;
    clippy) clippy ;;
    profile) profile ;;
    *) die "usage: scripts/wasm.sh [build|clippy|profile]" ;;
    esac
}

build() {
    # If today's module did not build, nobody may test yesterday's.
    trap 'rm -f "$MODULE"' EXIT
    link
    finish "$LINKED" "$PROFILE" "$DIR/finished.wasm"
    install_module "$DIR/finished.wasm"
    trap - EXIT
}

# Plays requests through the module. Keeps which functions they enter and which way branches go, and the instructions of each kind.
profile() {
    local counters=$DIR/counters requests=100
    link
    finish --count "$LINKED" "$DIR/counting.wasm"
    rm -rf "$counters"
    cargo run --quiet --release --package profile -- "$DIR/counting.wasm" "$counters" "$requests"
    {
        echo "# What a request takes in the module"
        echo
        echo "Wasm's instructions, the functions of the module that are entered, and how often, for one request in host-sim: with all that the"
        echo "module does in Envoy, but without Envoy. The kinds are those of \`bench/cost/src/jobs.rs\` and \`bench/profile/src/kinds.rs\`."
        echo "\`make profile\` writes this file."
        echo
        finish --profile "$LINKED" "$PROFILE" "$requests" "$counters"/*
    } | tee bench/results/module.md
}

# Makes the linked module, which is not finished.
link() {
    use_wasm_toolchain
    build_shims
    # `--crate-type` is needed: with rlib beside cdylib, as in the manifest, cargo silently drops LTO.
    # The name section stays: Envoy prints it in backtraces. (Cargo forgets a `strip` of the profile for a package that has
    # settings of its own.)
    "${WASM_CARGO[@]}" rustc "${FILTER[@]}" "${WASM_FLAGS[@]}" --crate-type cdylib -- "${WASM_LINK[@]}" -C strip=debuginfo \
        -L "native=$SHIMS"
}

clippy() {
    use_wasm_toolchain
    "${WASM_CLIPPY[@]}" "${FILTER[@]}" "${WASM_FLAGS[@]}" -- -D warnings
}

# Compiles filter/c/wasi into a library and sets SHIMS to its folder. The library is called libsetjmp.a, because lua-src asks
# for that name, before libc. The folder is named by content: cargo links again when its flags change, but does not notice a
# changed library.
build_shims() {
    local work file
    SHIMS=$PWD/$DIR/shims-$(cat "$SHIMS_SOURCE"/* scripts/toolchain.sh | cksum | cut -d' ' -f1)
    if [[ ! -f $SHIMS/libsetjmp.a ]]; then
        work=$SHIMS.$$
        mkdir -p "$work"
        for file in "$SHIMS_SOURCE"/*.c "$SHIMS_SOURCE"/*.s; do
            "${WASM_CLANG[@]}" -O3 -Wall -Wextra -Werror -Wno-unused-command-line-argument "${WASM_EXCEPTIONS[@]}" \
                -c "$file" -o "$work/$(basename "$file").o"
        done
        "$WASM_AR" rcs "$work/libsetjmp.a" "$work"/*.o
        rm -rf "$SHIMS"
        mv "$work" "$SHIMS"
    fi
}

# Runs the program that finishes a linked module: finish/src/main.rs says what is done to it.
finish() {
    "${WASM_NATIVE[@]}" build --quiet --release -p finish --target-dir "$DIR"
    "$DIR/release/finish" "$@"
}

# A reader sees the old module or the new one, never half of one; and the file stays untouched if nothing has changed.
install_module() {
    cmp -s "$1" "$MODULE" && return
    cp "$1" "$MODULE.$$"
    mv "$MODULE.$$" "$MODULE"
    echo "$MODULE: $(stat -c %s "$MODULE" 2>/dev/null || stat -f %z "$MODULE") bytes"
}

main "$@"

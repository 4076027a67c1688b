#!/usr/bin/env bash
# Builds the filter to target/lua-modifier.wasm, or with `clippy` lints it for wasm. Knows how the module is put together;
# toolchain.sh knows the compilers.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh

MODULE=target/lua-modifier.wasm
DIR=target/wasm # its own: two versions of cargo in one folder would build everything anew in turns
FILTER=(-p filter --profile wasm --target-dir "$DIR")

main() {
    case ${1:-build} in
    build) build ;;
    clippy) clippy ;;
    *) die "usage: scripts/wasm.sh [build|clippy]" ;;
    esac
}

build() {
    # If today's module did not build, nobody may test yesterday's.
    trap 'rm -f "$MODULE"' EXIT
    use_wasm_toolchain
    build_shims
    # `--crate-type` is needed: with rlib beside cdylib, as in the manifest, cargo silently drops LTO.
    # The name section stays: Envoy prints it in backtraces. (Cargo forgets a `strip` of the profile for a package that has
    # settings of its own.)
    "${WASM_CARGO[@]}" rustc "${FILTER[@]}" "${WASM_FLAGS[@]}" --crate-type cdylib -- "${WASM_LINK[@]}" -C strip=debuginfo \
        -L "native=$SHIMS"
    finish_module "$DIR/$WASM_TARGET/wasm/lua_modifier.wasm"
    install_module "$DIR/finished.wasm"
    trap - EXIT
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

# Short names, and no inlining by V8: finish/src/main.rs says what is done to the linked module.
finish_module() {
    "${WASM_NATIVE[@]}" build --quiet --release -p finish --target-dir "$DIR"
    "$DIR/release/finish" "$1" "$DIR/finished.wasm"
}

# A reader sees the old module or the new one, never half of one; and the file stays untouched if nothing has changed.
install_module() {
    cmp -s "$1" "$MODULE" && return
    cp "$1" "$MODULE.$$"
    mv "$MODULE.$$" "$MODULE"
    echo "$MODULE: $(stat -c %s "$MODULE" 2>/dev/null || stat -f %z "$MODULE") bytes"
}

main "$@"

#!/usr/bin/env bash
# Builds the filter to target/lua-modifier.wasm, lints it for wasm (`clippy`), or writes its profiles anew (`profile`). Knows how the
# module is put together; toolchain.sh knows the compilers.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh

MODULE=target/lua-modifier.wasm
DIR=target/wasm # its own: two versions of cargo in one folder would build everything anew in turns
LINKED=$WASM_TARGET/wasm/lua_modifier.wasm # in the folder of a build
BLOCKS=filter/requests.proftext            # the profile that the compiler reads: how often requests run each block
PROFILE=finish/profile.txt                 # the profile that `finish` reads
REQUESTS=100                               # of each kind, when profiles are written
# How LLVM counts blocks (not values; the small functions that it inlines before it counts are smaller than usual) and uses the counts:
# it inlines nothing where requests do not come by, what is marked `#[inline]` only if it is small, and what requests call only if that
# saves a good part of the call. (The usual 8 in the place of 2 makes the module 6 % larger, and no request faster.)
BY_BLOCKS=(-Cllvm-args=-disable-vp -Cllvm-args=-preinline-threshold=25)
BY_BLOCKS_ONLY=(-Cllvm-args=-no-pgo-warn-mismatch -Cllvm-args=-inline-cold-callsite-threshold=0
    -Cllvm-args=-inlinehint-threshold=50 -Cllvm-args=-inline-savings-multiplier=2)

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
    use_blocks
    link "$DIR"
    finish "$DIR/$LINKED" "$PROFILE" "$DIR/finished.wasm"
    install_module "$DIR/finished.wasm"
    trap - EXIT
}

clippy() {
    use_blocks
    "${WASM_CLIPPY[@]}" -p filter --profile wasm --target-dir "$DIR" "${WASM_FLAGS[@]}" -- -D warnings
}

# Plays requests twice: through a module in which LLVM counts blocks, and through one, compiled by what came of it, in which
# `finish` counts entries, branches and instructions.
profile() {
    local counted=$DIR/counted before
    # LLVM knows a function again only if it was compiled in the same way when it was counted. One that requests run for the first time
    # was not: it is counted once more.
    before=$(functions_in_blocks)
    count_blocks "$DIR/counting" "$counted"
    if [[ -n $(comm -13 <(echo "$before") <(functions_in_blocks)) ]]; then
        count_blocks "$DIR/counting" "$counted"
    fi
    use_blocks
    link "$DIR"
    finish --count "$DIR/$LINKED" "$DIR/counting.wasm"
    play "$DIR/counting.wasm" "$counted"
    {
        echo "# What a request takes in the module"
        echo
        echo "Wasm's instructions, the functions of the module that are entered, and how often, for one request in host-sim: with all that the"
        echo "module does in Envoy, but without Envoy. The kinds are those of \`bench/cost/src/jobs.rs\` and \`bench/profile/src/kinds.rs\`."
        echo "\`make profile\` writes this file."
        echo
        finish --profile "$DIR/$LINKED" "$PROFILE" "$REQUESTS" "$counted"/*
    } >"$DIR/module.md"
    finish --functions "$DIR/$LINKED" "$REQUESTS" "$counted"/* >"$DIR/functions.txt" # for those who look for what to make cheaper
    mv "$DIR/module.md" bench/results/module.md
    cat bench/results/module.md
}

# Writes BLOCKS anew. Arguments: a folder for the build, whose flags are its own, and one for what was counted.
count_blocks() {
    local end exports=()
    # LLVM keeps the addresses of all functions that it counts, so that nothing is dropped: not even what needs threads or files.
    local link=(-C link-arg=--unresolved-symbols=ignore-all -C link-arg=--allow-multiple-definition)
    for end in {start,stop}___llvm_prf_{data,cnts,names}; do
        exports+=(-C "link-arg=--export=__$end")
    done
    prepare_blocks
    use_wasm_toolchain -Cprofile-generate=unused -Zno-profiler-runtime "${BY_BLOCKS[@]}" "@$PREPARED.flags"
    [[ -n $WASM_PROFDATA ]] || die "Profiles are written with Debian's compilers: unset WASI_SDK_PATH."
    link "$1" "${link[@]}" "${exports[@]}"
    play "$1/$LINKED" "$2"
    "$WASM_PROFDATA" merge -sparse -text "$2"/* -o "$BLOCKS"
}

# Plays requests through a module that counts. Writes a file for each kind of request into a folder.
play() {
    rm -rf "$2"
    cargo build --quiet --release --workspace --bin profile # with the features that the whole workspace has: wasmtime is built once
    target/release/profile "$1" "$2" "$REQUESTS"
}

# Chooses the toolchain, and lets the compiler inline, arrange and shrink code by BLOCKS, if there is a tool to prepare that.
use_blocks() {
    use_wasm_toolchain
    [[ -n $WASM_PROFDATA ]] || return 0
    prepare_blocks
    if [[ ! -f $PREPARED.profdata ]]; then
        "$WASM_PROFDATA" merge "$BLOCKS" -o "$PREPARED.$$"
        mv "$PREPARED.$$" "$PREPARED.profdata"
    fi
    use_wasm_toolchain "-Cprofile-use=$PREPARED.profdata" "${BY_BLOCKS[@]}" "${BY_BLOCKS_ONLY[@]}" "@$PREPARED.flags"
}

# Sets PREPARED to the name, without its ending, of the files that are made of BLOCKS; it tells their content, because cargo compiles
# again when its flags change, but does not notice a changed file. Writes the file of flags: what no request runs is compiled to be
# as small as possible. (LLVM has no flag for that: all functions get the attribute, and those in BLOCKS lose it.)
prepare_blocks() {
    local flags
    flags=$(
        echo "-Cllvm-args=-force-attribute=minsize"
        functions_in_blocks | sed 's/.*/-Cllvm-args=-force-remove-attribute=&:minsize/'
    )
    PREPARED=$PWD/$DIR/requests-$(cat "$BLOCKS" - <<<"$flags" | cksum | cut -d' ' -f1)
    [[ ! -f $PREPARED.flags ]] || return 0
    mkdir -p "$DIR"
    rm -f "$DIR"/requests-*
    echo "$flags" >"$PREPARED.$$"
    mv "$PREPARED.$$" "$PREPARED.flags"
}

# Prints the functions that requests run. (In front of a function that only its crate sees, LLVM writes a file.)
functions_in_blocks() {
    awk 'BEGIN { RS = ""; FS = "\n" } { for (i = 1; i <= NF; i++) if ($i !~ /^[#:]/) { sub(/.*;/, "", $i); print $i; next } }' "$BLOCKS" | sort -u
}

# Makes the linked module, which is not finished, with the toolchain that is chosen. Arguments: the folder of the build, and flags
# for rustc.
link() {
    local dir=$1
    shift
    build_shims
    # `--crate-type` is needed: with rlib beside cdylib, as in the manifest, cargo silently drops LTO.
    # malloc and free are those of filter/c/wasi/pieces.c. The name section stays: Envoy prints it in backtraces. (Cargo forgets a `strip` of the profile for a package that has
    # settings of its own.)
    "${WASM_CARGO[@]}" rustc -p filter --profile wasm --target-dir "$dir" "${WASM_FLAGS[@]}" --crate-type cdylib -- \
        "${WASM_LINK[@]}" -C strip=debuginfo -L "native=$SHIMS" -C link-arg=--wrap=malloc -C link-arg=--wrap=free "$@"
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

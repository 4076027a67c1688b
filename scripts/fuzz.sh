#!/usr/bin/env bash
# Gives the filter random input, guided by coverage, with the address sanitizer: each target for some seconds, or only
# the named targets. An input that fails is kept in target/fuzz/finds, and ends the script. Needs clang; rustc is the same as
# for all other builds, with unstable features permitted. Knows only the names of the targets.
#   fuzz.sh SECONDS [TARGET...]     fuzz.sh build     fuzz.sh keep: adds inputs that reach new code to fuzz/corpus
set -euo pipefail
cd "$(dirname "$0")/.."

HOST=$(rustc -vV | sed -n 's/^host: //p')
DIR=target/fuzz
BINARY=$DIR/$HOST/release/fuzz
# A longer file is not kept in the corpus: shorter files mostly show the same.
LONGEST=400

targets() {
    ls fuzz/corpus
}

build() {
    local clang variable=${HOST//-/_} coverage
    clang=$(command -v clang clang-22 | head -1) || { echo "Please install clang" >&2; exit 1; }
    coverage=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
        -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1)
    # Lua's C code is checked, too.
    env RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address ${coverage[*]} --cfg fuzzing" "CC_$variable=$clang" \
        "CFLAGS_$variable=-fsanitize=address,fuzzer-no-link" \
        cargo build --release -p fuzz --features libfuzzer --bin fuzz --target "$HOST" --target-dir "$DIR"
}

# libFuzzer writes new files into the first folder, and only reads the others.
run() {
    local seconds=$1 target=$2
    mkdir -p "$DIR/corpus/$target" "$DIR/finds"
    echo "== $target"
    # This check is of no use for our C code, and takes a fifth of the runs.
    ASAN_OPTIONS=detect_stack_use_after_return=0 FUZZ_TARGET=$target "$BINARY" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -detect_leaks=0 -max_len=4096 -len_control=0 -print_final_stats=1 \
        -artifact_prefix="$DIR/finds/$target-" "$DIR/corpus/$target" "fuzz/corpus/$target"
}

keep() {
    for target in $(targets); do
        found=$DIR/kept/$target
        rm -rf "$found" && mkdir -p "$found"
        find "$DIR/corpus/$target" -size -"${LONGEST}c" -type f -exec cp -t "$found" {} + 2>/dev/null || continue
        FUZZ_TARGET=$target "$BINARY" -merge=1 "fuzz/corpus/$target" "$found"
    done
}

case ${1:-} in
build) build ;;
keep) keep ;;
'' | *[!0-9]*) echo "usage: scripts/fuzz.sh SECONDS [TARGET...] | build | keep" >&2 && exit 2 ;;
*)
    build
    seconds=$1
    shift
    chosen=("$@")
    (($#)) || mapfile -t chosen < <(targets)
    for target in "${chosen[@]}"; do run "$seconds" "$target"; done
    ;;
esac

#!/usr/bin/env bash
# Removes the names that filter/c redefines, one at a time, and compares the result with the name's row in filter/c/README.md:
# the redefinition acts in the files of Lua that the row names, and the test that the row names fails without it. If a
# redefinition can be removed without a failure, the script ends with an error. Native builds only.
#
# Lua is linked as a shared library here, so that each name needs only one or two files to be compiled. Without the redefinition
# a test may run or grow for ever: its processor time and its memory are limited, and reaching a limit counts as a failure. With
# all redefinitions the tests take a tenth of the limits.
#
# Usage: scripts/lua-mutations.sh [NAME...]
set -euo pipefail
cd "$(dirname "$0")/.."

README=filter/c/README.md
HEADERS=filter/c
DIR=target/mutations
HOST=$(rustc -vV | sed -n 's/^host: //p')
CC=${CC:-cc}
SECONDS_AT_MOST=2
KIB_AT_MOST=$((6 << 20))

main() {
    local rows name files test failures=0
    find_sources
    make_lua "$HEADERS" "$DIR/whole" || die "Lua does not compile:" "$(cat "$DIR/whole/errors")"
    build_tests
    mapfile -t rows < <(table_rows "$@")
    ((${#rows[@]})) || die "no row of $README is called $*"
    declare -gA passes_whole=()
    printf '%-22s %-46s %s\n' NAME TEST 'WITHOUT IT'
    for row in "${rows[@]}"; do
        IFS=$'\t' read -r name files test <<<"$row"
        verdict=$(judge "$name" "$files" "$test") || failures=$((failures + 1))
        printf '%-22s %-46s %s\n' "$name" "$test" "$verdict"
    done
    ((failures == 0)) || die "$failures of ${#rows[@]} names are not as $README says"
}

die() {
    printf '%s\n' "$@" >&2
    exit 1
}

# The rows of the table: the name, the files of Lua, the test; without the marks of Markdown.
table_rows() {
    local wanted=" $* "
    awk -F' *[|] *' -v OFS='\t' '/^[|] `/ { gsub(/`/, ""); print $2, $3, $7 }' "$README" |
        while IFS=$'\t' read -r name rest; do
            [[ $wanted == "  " || $wanted == *" $name "* ]] && printf '%s\t%s\n' "$name" "$rest"
        done
}

# Sets SOURCES to the folder of Lua's C in the registry.
find_sources() {
    local manifest
    manifest=$(cargo metadata --format-version 1 --locked --filter-platform "$HOST" |
        grep -o '"manifest_path":"[^"]*lua-src-[^"]*"' | cut -d'"' -f4)
    SOURCES=$(echo "$(dirname "$manifest")"/lua-5.4.*)
    [[ -f $SOURCES/lvm.c ]] || die "there is no Lua 5.4 in ${manifest:-any crate called lua-src}"
}

# Makes liblua5.4.so in folder $2, from Lua and the headers in folder $1. Files with the same result as in the library with all
# redefinitions are taken from there. Sets CHANGED to the files whose own text after the preprocessor is different.
make_lua() {
    local headers=$1 folder=$2 file name objects=()
    CHANGED=
    rm -rf "$folder" && mkdir -p "$folder"
    for file in "$SOURCES"/*.c; do
        name=$(basename "$file" .c)
        preprocess "$headers" "$file" "$folder/$name" || return 1
        if [[ $folder != "$DIR/whole" ]] && ! cmp -s "$folder/$name.own" "$DIR/whole/$name.own"; then CHANGED+=" $name.c"; fi
        if [[ $folder != "$DIR/whole" ]] && cmp -s "$folder/$name.i" "$DIR/whole/$name.i"; then
            objects+=("$DIR/whole/$name.o")
        else
            objects+=("$folder/$name.o")
            (($(jobs -pr | wc -l) < 2)) || wait -n || return 1
            "$CC" -O2 -fPIC -w -x cpp-output -c "$folder/$name.i" -o "$folder/$name.o" 2>>"$folder/errors" &
        fi
    done
    while (($(jobs -pr | wc -l))); do wait -n || return 1; done
    "$CC" -shared -Wl,-z,defs -o "$folder/liblua5.4.so" "${objects[@]}" -lm 2>>"$folder/errors"
}

# Writes the text that the compiler sees of file $2 to $3.i, and the part that comes from that file itself to $3.own, without
# white space and parentheses, which a redefinition may add where it changes nothing.
preprocess() {
    "$CC" -E -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -I"$SOURCES" -include "$1/lua_numbers.h" "$2" -o "$3.marked" 2>>"$(dirname "$3")/errors" || return 1
    awk -v source="\"$2\"" -v own="$3.own" -v all="$3.i" '
        /^# [0-9]/ { mine = $3 == source; next }
        { print > all }
        mine { gsub(/[ \t()]/, ""); printf "%s", $0 > own }' "$3.marked"
    rm "$3.marked"
}

# Copies the headers to folder $2 without their lines about a name: its #define, the #undef before it, and, if one of our
# functions has a name of Lua's, that name.
take_out() {
    local name=$1 folder=$2 header
    rm -rf "$folder" && mkdir -p "$folder"
    for header in "$HEADERS"/*.h; do
        awk -v name="$name" '
            goes_on { goes_on = /\\$/; next }
            $1 == "#undef" && $2 == name { next }
            $1 == "#define" && ($2 == name || index($2, name "(") == 1) { goes_on = /\\$/; next }
            /^static .*\(lua_State \*L\) \{/ { sub("int " name "[(]", "int lm_taken_out_" name "(") }
            { print }' "$header" >"$folder/$(basename "$header")"
    done
}

# Builds the native tests, with Lua as a shared library, and sets the paths of their programs.
build_tests() {
    local log=$DIR/build.log
    local cargo=(cargo test --release --target-dir "$DIR" --no-run
        --config "target.$HOST.lua_modifier_lua.rustc-link-lib=['dylib=lua5.4']"
        --config "target.$HOST.lua_modifier_lua.rustc-link-search=['native=$PWD/$DIR/whole']")
    "${cargo[@]}" -p filter --lib 2>&1 | tee "$log" >&2
    "${cargo[@]}" --workspace --test hostile --test cases_natively 2>&1 | tee -a "$log" >&2
    UNIT=$(program 'unittests src/lib.rs' "$log")
    HOSTILE_TEST=$(program tests/hostile.rs "$log")
    CASES_TEST=$(program tests/cases_natively.rs "$log")
}

program() {
    sed -n "s|^ *Executable $1 (\(.*\))|\1|p" "$2" | head -1
}

# Runs a test under its name in the table, with the library in folder $1.
run_test() {
    local folder=$1 kind=$2 name=$3
    (
        ulimit -v "$KIB_AT_MOST" -t "$SECONDS_AT_MOST"
        export LD_LIBRARY_PATH=$folder
        case $kind in
        unit) timeout 300 "$UNIT" "$name" | tee /dev/stderr | grep -q '^test result: ok. [1-9]' ;;
        hostile) HOSTILE=$name timeout 300 "$HOSTILE_TEST" natively ;;
        case) CASES=$name timeout 300 "$CASES_TEST" ;;
        *) echo "a test is 'unit NAME', 'hostile FILE/NAME' or 'case NAME', and not '$kind $name'" && false ;;
        esac
    ) >"$folder/log" 2>&1
}

# Removes a name, and prints the result. Fails if the row is wrong.
judge() {
    local name=$1 files=$2 test=$3 kind=${3%% *} title=${3#* }
    take_out "$name" "$DIR/headers"
    if ! make_lua "$DIR/headers" "$DIR/without"; then
        if [[ $test == build ]]; then echo 'does not compile'; else echo "DOES NOT COMPILE: $(head -1 "$DIR/without/errors")" && false; fi
    elif [[ $CHANGED != " ${files// / }" ]]; then
        echo "ACTS IN$CHANGED" && false
    elif ! run_test "$DIR/whole" "$kind" "$title"; then
        echo 'FAILS WITH IT, TOO' && false
    elif run_test "$DIR/without" "$kind" "$title"; then
        echo 'PASSES' && false
    else
        echo 'fails'
    fi
}

main "$@"

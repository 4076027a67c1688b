#!/bin/sh
# Compiles a C file for wasm with the compiler WASM_CC. Files of Lua that run only while a script is loaded, or hardly ever, are
# compiled for size: Lua's code is a tenth smaller for it, and no request is slower. Knows these files only.
case " $* " in
*/lauxlib.c\ * | */lcode.c\ * | */ldblib.c\ * | */ldump.c\ * | */linit.c\ * | */liolib.c\ * | */llex.c\ * | */loadlib.c\ * | \
    */loslib.c\ * | */lparser.c\ * | */lundump.c\ * | */lutf8lib.c\ *)
    exec "$WASM_CC" "$@" -Oz
    ;;
*) exec "$WASM_CC" "$@" ;;
esac

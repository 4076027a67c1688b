/* Given with -include to every C file of Lua, natively and for wasm. Empty until the number formatting moves in. */

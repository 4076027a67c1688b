//! Lua as scripts find it: the library with what `library.lua` makes of it, and the numbers of `filter/c/lua_numbers.h`.

mod contents;
mod environ;
mod files;
mod isolation;
mod modules;
mod numbers;
mod objects;
mod sharing;
mod state;
mod waiting;

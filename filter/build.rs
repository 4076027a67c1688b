//! Compiles Lua, natively and for wasm: the unchanged sources of the crate lua-src, each with our header in front of it, which
//! redefines some names in them (c/README.md). Knows nothing of the Rust code that uses Lua.

use std::error::Error;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir("c")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "h") {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let target = env::var("TARGET")?.replace('-', "_");
    for variable in ["CC".to_owned(), "CFLAGS".to_owned(), format!("CC_{target}"), format!("CFLAGS_{target}")] {
        println!("cargo::rerun-if-env-changed={variable}");
    }

    // lua-src takes flags from the environment only. A build script runs in the folder of its package, so the header's path
    // begins there. Lua's interpreter is the hot part of a module that is otherwise built for size.
    let flags = env::var("CFLAGS").unwrap_or_default();
    // SAFETY: this program has one thread so far.
    #[allow(unsafe_code, reason = "a build script is no part of the filter")]
    unsafe {
        env::set_var("CFLAGS", format!("-O3 -include c/lua_numbers.h {flags}"));
    }
    let lua = lua_src::Build::new().build(lua_src::Lua54);

    println!("cargo::rustc-link-search=native={}", lua.lib_dir().display());
    for library in lua.libs() {
        // mlua comes later on the linker's command line: a linker that reads from left to right must have all of Lua before
        // mlua asks for it. The other libraries, for wasm, are not ours, so we do not bundle them.
        let how = if library.starts_with("lua") { "+whole-archive" } else { "-bundle" };
        println!("cargo::rustc-link-lib=static:{how}={library}");
    }
    Ok(())
}

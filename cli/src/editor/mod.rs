//! `lua-modifier types`: what an editor needs to know of scripts, for LuaLS and for other readers of LuaCATS comments. The
//! names and their types come from the linter's table; this module only writes them down.

mod definitions;
mod folder;
mod form;
mod luarc;

use std::path::PathBuf;

use super::check::Names;
use super::document::{Document, Reading};
use super::{Common, Outcome, Trouble};
use folder::Folder;

#[derive(clap::Args)]
#[command(
    long_about = "Write type definitions of everything that scripts can use, for editors.\n\n\
        Without --out, the definitions (krakend.lua) are printed. With --out they are written into that folder, together with a \
        .luarc.json that tells the language server of them: give the folder that your editor opens. LuaLS (the Lua extension of many \
        editors, lua-language-server) and EmmyLua's analyzer read both files.\n\n\
        With a configuration, the definitions are those that its scripts see: the open libraries (string, math, os, io, coroutine, debug) \
        where a block says allow_open_libs, the helpers (json, hash, time ...) where the configuration says \"helpers\": true. Without one, all \
        of them are there. An editor knows neither stages nor blocks: `lua-modifier check` does.",
    after_help = "Exit codes: 0 the files are written, 2 they could not be.\n\n\
        Examples:\n  \
        lua-modifier types --out .                  in the folder that your editor opens\n  \
        lua-modifier types krakend.json --out lua   as this configuration has it\n  \
        lua-modifier types > krakend.lua            the definitions alone, for an editor that is set up otherwise"
)]
pub(crate) struct Args {
    /// The KrakenD configuration that the scripts belong to
    #[arg(value_name = "krakend.json")]
    configuration: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// The folder to write krakend.lua and .luarc.json into
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace a .luarc.json or a krakend.lua that this command has not written
    #[arg(long, requires = "out")]
    force: bool,
}

/// What scripts have besides the plain language.
#[derive(Clone, Copy, Debug)]
struct Extent {
    /// The libraries that `allow_open_libs` opens.
    open: bool,
    helpers: bool,
}

impl Extent {
    const ALL: Self = Self { open: true, helpers: true };

    /// What the scripts of a configuration have: an editor cannot tell one block from another, so one open block opens all.
    fn of(document: &Document) -> Self {
        let is_on = |value: Option<&serde_json::Value>| value == Some(&serde_json::Value::Bool(true));
        let open = document.blocks().any(|block| is_on(block.get("allow_open_libs")));
        Self { open, helpers: is_on(document.ours().and_then(|ours| ours.get("helpers"))) }
    }
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    let names = Names::read().map_err(|error| Trouble::new(format!("the table of names: {error}")))?;
    let extent = match &args.configuration {
        Some(path) => Extent::of(&args.reading.document(path)?),
        None => Extent::ALL,
    };
    let definitions = definitions::of(&names, extent);
    match &args.out {
        Some(path) => Folder { path, force: args.force }.write(&definitions, &luarc::of(&names, extent))?,
        None => crate::paint::print(&definitions, common.color),
    }
    Ok(Outcome::Clean)
}

//! The functions that scripts call without an object, `print` and `custom_error`; and the log lines about files that do not
//! exist.

use std::cell::RefCell;

use log::Level;
use mlua::{Function, Lua, LuaString};

use super::arguments::{Arguments, MethodError, MethodResult};
use super::custom_error::{CustomError, SEPARATOR};
use super::scope::{Scope, scope_of};
use crate::http::one_line;
use crate::lua::{error_text, raise};

/// `custom_error(message, status, content type)`
pub(super) fn custom_error(lua: &Lua, args: &Arguments) -> MethodResult {
    if args.count() == 0 {
        return Err(MethodError::new("need arguments"));
    }
    let message = args.text(1)?;
    let status = if args.count() > 1 { Some(args.whole(2)?) } else { None };
    let content_type = if args.count() > 2 { Some(args.text(3)?) } else { None };
    let mut words = format!("{message}{SEPARATOR}{}", status.unwrap_or(-1));
    if let Some(content_type) = &content_type {
        words.extend([SEPARATOR, content_type]);
    }
    let error = raise(lua, words);
    let text = error_text(&error);
    // KrakenD splits any error text (errors.go): it tells the parts of a custom error inside another one apart there.
    if message.contains(SEPARATOR) {
        return Err(MethodError::Lua(error));
    }
    scope_of(lua)?.custom_error.replace(Some(CustomError { text, message, status, content_type }));
    Err(MethodError::Lua(error))
}

/// The most bytes that one line of the log shows.
const MAX_LINE: usize = 16_384;

/// `print`: one line in the log, behind the stage's prefix.
pub(super) fn print(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|lua, line: LuaString| {
        say(scope_of(lua).ok().as_deref(), Level::Info, &line.as_bytes());
        Ok(())
    })
}

/// Writes a line to the log, behind the stage's prefix; writes nothing once the stage has printed as much as it may.
pub(super) fn say(scope: Option<&Scope>, level: Level, line: &[u8]) {
    let prefix = scope.map(|scope| &*scope.prefix).unwrap_or_default();
    if let Some(tell) = scope.and_then(|scope| scope.on_print.as_ref()) {
        tell(&String::from_utf8_lossy(line));
    }
    if let Some(scope) = scope {
        let Some(left) = scope.print_left.get() else { return };
        let left = left.checked_sub(line.len().min(MAX_LINE).saturating_add(1));
        scope.print_left.set(left);
        if left.is_none() {
            log::warn!("{prefix}this script prints more than it may (limits.print_bytes): the rest is left out");
            return;
        }
    }
    let shown = line.get(..MAX_LINE).unwrap_or(line);
    let cut = if shown.len() < line.len() { format!("... ({} bytes)", line.len()) } else { String::new() };
    log::log!(level, "{prefix}{}{cut}", String::from_utf8_lossy(shown));
}

/// The most missing files that the log names, once each.
const NAMED: usize = 64;

/// Called when a script asked for a file that does not exist: the log says so, once, and how to add the file. The script gets
/// KrakenD's own words.
pub(super) fn missing(lua: &Lua) -> mlua::Result<Function> {
    let named: RefCell<Vec<String>> = RefCell::default();
    lua.create_function(move |lua, (asked_by, path): (LuaString, LuaString)| {
        let mut named = named.borrow_mut();
        let path = path.to_string_lossy();
        if named.len() < NAMED && path.len() <= MAX_PATH && !named.contains(&path) {
            let scope = scope_of(lua).ok();
            let prefix = scope.as_ref().map(|scope| &*scope.prefix).unwrap_or_default();
            log::warn!(
                "{prefix}{} of {}: the configuration carries no such file. Its text belongs into \
                 extra_config[\"envoy/lua-modifier\"].files: `lua-modifier bundle` puts files there that scripts name \
                 literally, and those that a pattern of \"bundle\" fits, for names that are made at run time",
                asked_by.to_string_lossy(),
                one_line(&path)
            );
            named.push(path);
        }
        Ok(())
    })
}

const MAX_PATH: usize = 1_024;

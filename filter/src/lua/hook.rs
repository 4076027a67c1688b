//! The one hook that a state has: on every count of instructions it asks the budget, and on every line it notes the line,
//! where somebody wants to know. Knows neither limits nor what is done with lines.

use std::rc::Rc;

use mlua::debug::DebugEvent;
use mlua::{Error, HookTriggers, Lua, Result, VmState};

use super::budget;
use super::frames::FileChunks;
use super::lines::Lines;

/// An event that lua_limits.h adds: a string is to grow by so many KiB more than this number.
const GROWS: i32 = 1000;

/// Puts the hook into a state, in the place of the one that is there. Threads that are made later inherit it.
pub(super) fn install(lua: &Lua, lines: Option<Rc<Lines>>) -> Result<()> {
    let mut when = HookTriggers::new().every_nth_instruction(budget::STEP);
    when.every_line = lines.is_some();
    lua.set_global_hook(when, move |lua, frame| {
        let planned = match (frame.event(), &lines) {
            (DebugEvent::Line, Some(lines)) => {
                lines.note(frame, &FileChunks::of(lua));
                return Ok(VmState::Continue);
            }
            (DebugEvent::Unknown(event), _) => usize::try_from(event.saturating_sub(GROWS)).unwrap_or(0) << 10,
            _ => 0,
        };
        match budget::check(lua, planned) {
            None => Ok(VmState::Continue),
            Some(exceeded) => Err(Error::RuntimeError(exceeded.to_string())),
        }
    })
}

//! The one hook of a state: at every count of instructions it asks the budget, and, if lines are watched, it notes every line.
//! Knows neither limits nor the use of the lines.

use std::rc::Rc;

use mlua::debug::DebugEvent;
use mlua::{Error, HookTriggers, Lua, Result, VmState};

use super::budget;
use super::frames::FileChunks;
use super::lines::Lines;

/// An event that lua_limits.h adds: a string is about to grow; the event minus this number is the growth in KiB.
const GROWS: i32 = 1000;

/// Puts the hook into a state, in place of an earlier one. Threads that are made later inherit it.
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

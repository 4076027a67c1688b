//! Coroutines for runs: each run gets one that an earlier run has used, where there is one. C begins a run and catches its error
//! (lua_run.h). A run through mlua's coroutines takes 2,500 instructions more. Knows neither chunks nor limits.
//!
//! Each use of `unsafe` calls Lua's API on a coroutine to which a value of mlua's refers. `lua_resume` lets no error pass.
#![allow(unsafe_code, reason = "Lua's stack is reached by C's functions")]

use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::mem::transmute;
use std::ptr;

use mlua::{Function, LightUserData, Lua, Result, Table, Thread, Value};
use mlua_sys as ffi;

/// `lm_begin` of lua_run.h.
type Begin = unsafe extern "C-unwind" fn(
    *mut ffi::lua_State,
    *mut ffi::lua_State,
    *const c_void,
    *const c_void,
    *const c_void,
    *mut c_int,
) -> c_int;

/// The coroutines of a state.
pub(super) struct Runner {
    main: *mut ffi::lua_State,
    begin: Begin,
    runner: Function,
    token: *const c_void,
    idle: RefCell<Vec<Thread>>,
}

/// The reason why a coroutine has stopped.
pub(super) enum Stop {
    /// Its script has ended.
    Ended,
    /// It waits for the host.
    Waiting,
    /// Its script has called `yield` outside of the script's own coroutines.
    Yielded,
    /// Its script has failed with this error.
    Failed(Value),
}

const MAX_IDLE: usize = 16;

impl Runner {
    /// `locate` is called with each error, at the place where it was raised; `pack` is the second argument of makers, and
    /// `token` the first value that the host's functions yield when they wait.
    pub(super) fn new(lua: &Lua, locate: Function, pack: &Function, token: &Value) -> Result<Self> {
        let ours: Table = lua.globals().get("lua_modifier")?;
        let runner = ours.get::<Function>("runner")?.call((locate, pack))?;
        let begin: LightUserData = ours.get("begin")?;
        // SAFETY: lua_modifier.h puts `lm_begin` there, which is of this type.
        let begin = unsafe { transmute::<*mut c_void, Begin>(begin.0) };
        let mut main = ptr::null_mut();
        // SAFETY: nothing is done with the state.
        unsafe { lua.exec_raw::<()>((), |state| main = state)? };
        Ok(Self { main, begin, runner, token: token.to_pointer(), idle: RefCell::default() })
    }

    /// A coroutine in which nothing runs.
    pub(super) fn thread(&self, lua: &Lua) -> Result<Thread> {
        match self.idle.borrow_mut().pop() {
            Some(thread) => Ok(thread),
            None => lua.create_thread(self.runner.clone()),
        }
    }

    /// Takes a coroutine whose script has ended.
    pub(super) fn give_back(&self, thread: Thread) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < MAX_IDLE {
            idle.push(thread);
        }
    }

    /// Begins a run of a function; with globals, of the function that this maker makes for them. Both are Lua's own functions.
    pub(super) fn begin(&self, lua: &Lua, thread: &Thread, function: &Function, globals: Option<&Table>) -> Stop {
        let (state, mut results) = (thread.state(), 0);
        let (runner, function) = (self.runner.to_pointer(), function.to_pointer());
        let globals = globals.map_or(ptr::null(), Table::to_pointer);
        // SAFETY: the caller refers to all these values, and the coroutine is new or has ended.
        let status = unsafe { (self.begin)(state, self.main, runner, function, globals, &raw mut results) };
        self.stopped(lua, state, status, results)
    }

    /// Goes on with a run that waited.
    pub(super) fn go_on(&self, lua: &Lua, thread: &Thread) -> Stop {
        let (state, mut results) = (thread.state(), 0);
        // SAFETY: the coroutine has yielded, and what it yielded was taken away.
        let status = unsafe { ffi::lua_resume(state, self.main, 0, &raw mut results) };
        self.stopped(lua, state, status, results)
    }

    fn stopped(&self, lua: &Lua, state: *mut ffi::lua_State, status: c_int, results: c_int) -> Stop {
        match status {
            ffi::LUA_OK if results == 0 => Stop::Ended,
            ffi::LUA_YIELD => {
                // SAFETY: the values that were yielded are on top of the coroutine's stack.
                let first = unsafe {
                    let first = if results > 0 { ffi::lua_topointer(state, -results) } else { ptr::null() };
                    ffi::lua_pop(state, results);
                    first
                };
                if first == self.token { Stop::Waiting } else { Stop::Yielded }
            }
            _ => {
                // SAFETY: the error is on top of the coroutine's stack; the other stack has room for a value.
                let error = unsafe { lua.exec_raw((), |into| ffi::lua_xmove(state, into, 1)) };
                Stop::Failed(error.unwrap_or(Value::Nil))
            }
        }
    }
}

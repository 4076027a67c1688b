//! Coroutines of scripts, and a wait of the host that passes through them.

use super::state::{TestState, open};

#[test]
fn coroutines_are_the_scripts_own() {
    assert_eq!(
        open("local co = coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end) return co() + co()"),
        "3"
    );
    assert_eq!(open("return coroutine.running()"), "nil");
    assert_eq!(open("return coroutine.wrap(function() return type(coroutine.running()) end)()"), "thread");
    assert!(open("coroutine.yield(1)").contains("script:1: can not yield from outside of a coroutine"));
    assert_eq!(
        open("local co = coroutine.create(function() error('e', 0) end) return coroutine.resume(co)"),
        "false e"
    );
    assert_eq!(open("return pcall(coroutine.wrap(function() error({}) end)) == false"), "true");
    assert_eq!(open("return select('#', coroutine.wrap(function() end)())"), "0");
    assert!(open("coroutine.resume(1)").contains("script:1: bad argument #1 to resume (thread expected, got number)"));
}

#[test]
fn a_wait_passes_through_the_scripts_coroutines() {
    let state = TestState::new(true);
    let source = "local co = coroutine.wrap(function() coroutine.yield('own') return 'got ' .. ask('url') end) \
        local first = co() local ok, second = pcall(co) return first, ok, second";
    let environment = state.environment(source);
    environment.globals.set("ask", state.wait()).unwrap();
    state.library.enter(&state.lua, &environment);
    let thread = state.lua.create_thread(state.function(&environment, source)).unwrap();
    assert_eq!(state.resume(&thread, ()), "waits: url");
    assert_eq!(state.resume(&thread, "answer"), "own true got answer");
}

#[test]
fn a_wait_where_no_yield_can_pass_is_an_error_that_says_so() {
    let state = TestState::new(true);
    let source = "table.sort({3, 1, 2}, function(a, b) coroutine.wrap(ask)() return a < b end)";
    let environment = state.environment(source);
    environment.globals.set("ask", state.wait()).unwrap();
    let message = state.run_in(&environment, source);
    assert!(message.contains("a script cannot wait inside a function that Lua calls from C"), "{message}");
}

#[test]
fn no_script_gets_hold_of_the_token() {
    let state = TestState::new(true);
    let source = "local seen = {} local t = setmetatable({}, {__eq = function(a, b) seen[#seen+1] = b return true end}) \
        local co = coroutine.wrap(function() coroutine.yield(t) return ask() end) \
        local a = co() local b = co() return #seen, a == t, type(b)";
    let environment = state.environment(source);
    environment.globals.set("ask", state.wait()).unwrap();
    state.library.enter(&state.lua, &environment);
    let thread = state.lua.create_thread(state.function(&environment, source)).unwrap();
    assert_eq!(state.resume(&thread, ()), "waits: ");
    assert_eq!(state.resume(&thread, "x"), "0 true string");
}

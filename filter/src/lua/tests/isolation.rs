//! The things that scripts must not see of each other, and environments of functions.

use mlua::Value;

use super::super::world::Code;
use super::state::{TestState, closed, open};

#[test]
fn nothing_that_a_script_changes_is_seen_by_another() {
    let state = TestState::new(true);
    let spoil = "x = 1 string.foo = 1 table.insert = nil print = nil os = nil math.floor = 7 package.loaded.table = 3 \
        getmetatable('').__index = function() return 'spoilt' end _G.type = nil coroutine.yield = 1 \
        package.loaders[1] = nil io.stdout = nil setmetatable(_G, {__index = function() return 9 end})";
    assert_eq!(state.run(spoil), "");
    for source in [
        "return x, string.foo, type(table.insert), type(print), type(os), math.floor(1.5), ('a'):upper()",
        "local g = _G return g.x, g.string.foo, type(table.insert), type(print), type(os), math.floor(1.5), ('a'):upper()",
    ] {
        assert_eq!(state.run(source), "nil nil function function table 1 A");
    }
    assert_eq!(
        state.run("return require('table') == table, #package.loaders, type(coroutine.yield), type(io.stdout), y"),
        "true 2 function userdata nil"
    );
}

#[test]
fn each_environment_has_its_own_methods_of_strings() {
    let state = TestState::new(true);
    let source = "function string.name() return who end return ('').name()";
    let (one, two) = (state.environment(source), state.environment(source));
    one.globals.set("who", "one").unwrap();
    two.globals.set("who", "two").unwrap();
    assert_eq!(state.run_in(&one, source), "one");
    assert_eq!(state.run_in(&two, source), "two");
    assert_eq!(state.run_in(&one, "return ('').name()"), "one");
    assert!(state.run("return ('').name()").contains("nil value"));
    assert_eq!(state.run("return ('').__index"), "nil");
}

#[test]
fn globals_that_no_source_can_name_are_left_out() {
    let state = TestState::new(true);
    let names = |source| {
        let mut names: Vec<String> =
            state.environment(source).globals.pairs::<String, Value>().map(|pair| pair.unwrap().0).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(names("print(tostring(math))"), "math print tostring");
    assert_eq!(names("print(ctx.load(), x:math())"), "print");
    assert!(names("return _G").contains("xpcall"));
    assert!(names("return loadstring('x')").contains("xpcall"));
}

#[test]
fn the_globals_table_is_an_ordinary_table() {
    assert_eq!(
        closed("print = nil return print, rawget(_G, 'print'), getmetatable(_G), _G._G == _G"),
        "nil nil nil true"
    );
    assert_eq!(
        closed(
            "setmetatable(_G, {__newindex = function(t, k) error('no '..k, 2) end}) return select(2, pcall(function() y = 1 end))"
        ),
        "script:1: no y"
    );
    assert_eq!(closed("local s = 0 for k in next, _G do s = s + 1 end return s > 30"), "true");
}

#[test]
fn hosts_tables_are_copied_for_each_environment() {
    let state = TestState::new(false);
    let extra = state.lua.create_table().unwrap();
    let request = state.lua.create_table_from([("load", 1)]).unwrap();
    extra.set("request", &request).unwrap();
    let later = state.lua.create_table().unwrap();
    let world = state.library.world(&state.lua, Code::unknown(["request"]), &extra, &later, []).unwrap();
    let environment = world.environment().unwrap();
    assert_eq!(state.run_in(&environment, "request.load = 5 return request.load"), "5");
    assert_eq!(state.run_in(&world.environment().unwrap(), "return request.load"), "1");
    assert_eq!(state.library.copy(&request).unwrap().get::<i32>("load").unwrap(), 1);
}

#[test]
fn a_script_compiles_text_in_its_own_environment_and_dialect() {
    assert_eq!(closed("x = 5 return loadstring('return x + 1')()"), "6");
    assert_eq!(closed("loadstring('y = 7')() return y"), "7");
    assert_eq!(closed(r#"return loadstring("return '\\d'..(...)")('!')"#), "d!");
    assert_eq!(
        closed(
            "local parts = {'return ', '1', '+1'} local i = 0 return load(function() i = i + 1 return parts[i] end)()"
        ),
        "2"
    );
    assert_eq!(closed("return select('#', loadstring('x = = 1')), (loadstring('end, function() return 1'))"), "2 nil");
    assert_eq!(closed("return (loadstring('\\27Lua'))"), "nil");
    assert!(closed("loadstring({})").contains("script:1: bad argument #1 to loadstring (string expected, got table)"));
    assert_eq!(open("return coroutine.wrap(loadstring)('return z')() == nil"), "true");
    assert_eq!(closed("return pcall(loadstring('error(\"e\")', 'name'))"), "false name:1: e");
}

#[test]
fn functions_have_environments() {
    assert_eq!(closed("local function f() return x end setfenv(f, {x = 3}) x = 1 return f(), x"), "3 1");
    assert_eq!(closed("local p = print setfenv(1, {y = 4}) return y, print"), "4 nil");
    assert_eq!(
        closed("return getfenv() == _G, getfenv(1) == _G, getfenv(0) == _G, getfenv(print) == _G"),
        "true true true true"
    );
    assert_eq!(closed("local f = function() return x end setfenv(f, {}) return getfenv(f) == _G"), "false");
    for shared in ["print", "pairs", "table.getn", "0", "99"] {
        assert!(
            closed(&format!("setfenv({shared}, {{}})")).contains("script:1: cannot change the environment"),
            "{shared}"
        );
    }
    assert_eq!(
        closed(
            "local p = _G module('m', package.seeall) function f() return 1 end return p.m.f(), p.f, p.package.loaded.m == p.m"
        ),
        "1 nil true"
    );
}

#[test]
fn finalizers_never_run() {
    let state = TestState::new(false);
    state.run("setmetatable({}, {__gc = function() print('late') end})");
    state.lua.gc_collect().unwrap();
    assert!(state.printed.borrow().is_empty());
}

#[test]
fn debug_shows_positions_and_nothing_else() {
    assert_eq!(
        open("return debug.getinfo(1, 'Sl').currentline, debug.getinfo(1).source, debug.getinfo(50)"),
        "1 script nil"
    );
    assert!(open("return (debug.traceback('here'))").starts_with("here"));
    assert_eq!(
        open("return debug.sethook, debug.getregistry, debug.getinfo(1).func, debug.getinfo(1).short_src"),
        "nil nil nil nil"
    );
    for name in ["getlocal", "getupvalue", "setlocal", "setmetatable", "setupvalue"] {
        let refused = format!("script:1: debug.{name} is not available to a gateway script");
        assert!(open(&format!("debug.{name}(1, 1)")).contains(&refused), "{name}");
    }
}

#[test]
fn what_newproxy_makes_has_a_metatable_and_never_a_finalizer() {
    let state = TestState::new(true);
    let source = "local p = newproxy(true) local m = getmetatable(p) m.__gc = function() print('ran') end \
        m.__index = function(_, k) return k .. '!' end return newproxy(p).like, getmetatable(newproxy())";
    assert_eq!(state.run(source), "like! nil");
    state.lua.gc_collect().unwrap();
    drop(state.lua);
    assert!(state.printed.borrow().is_empty());
}

#[test]
fn shared_functions_have_no_environment_that_could_be_reached() {
    let state = TestState::new(true);
    let globals = state.environment("_G").globals.clone();
    let mut tables = vec![globals.clone()];
    tables.extend(globals.pairs::<String, Value>().filter_map(|pair| pair.unwrap().1.as_table().cloned()));
    let values = tables.iter().flat_map(|table| table.pairs::<String, Value>()).map(Result::unwrap);
    let functions: Vec<_> = values.filter_map(|(name, value)| Some((name, value.as_function()?.clone()))).collect();
    for (name, function) in &functions {
        assert!(function.environment().is_none(), "{name}");
    }
    assert!(functions.len() > 100, "{}", functions.len());
}

//! Code that scripts load by name: `dofile`, `loadfile`, `require`.

use super::state::TestState;

const FILES: [(&str, &str); 12] = [
    ("mod.lua", "runs = (runs or 0) + 1 return {name = ..., n = runs}"),
    ("lua/sub.lua", "return {name = ..., inner = require('lua.inner')}"),
    ("lua/inner.lua", "return 'inner'"),
    ("values.lua", "g = 'global' return 1, nil, 3"),
    ("bad.lua", "-- a comment\nx = = 1"),
    ("open.lua", "if x then"),
    ("fails.lua", "\nerror('inside')"),
    ("index.lua", "local function f() return nowhere.field end\nreturn f()"),
    ("shell.lua", "#!/usr/bin/lua\nreturn debug and 1 or 2"),
    ("one.lua", "return require('two')"),
    ("two.lua", "local one = require('one') return one"),
    ("lua/quiet.lua", "quiet = true"),
];

fn state(open: bool) -> TestState {
    TestState::with(open, &FILES, &[])
}

fn closed(source: &str) -> String {
    state(false).run(source)
}

#[test]
fn dofile_runs_a_file_in_the_globals_of_the_stage() {
    assert_eq!(closed("return dofile('values.lua')"), "1 nil 3");
    assert_eq!(closed("dofile('./lua/../values.lua') return g"), "global");
    assert_eq!(closed("return dofile('mod.lua').n, dofile('mod.lua').n, dofile('mod.lua').name"), "1 2 nil");
    assert_eq!(closed("setfenv(1, {dofile = dofile}) dofile('values.lua') return g"), "nil");
    assert_eq!(closed("return select('#', dofile()), select('#', dofile('')), select('#', dofile({}))"), "0 0 0");
}

#[test]
fn dofile_fails_as_in_krakend() {
    assert_eq!(closed("return pcall(dofile, 'no.lua')"), "false open no.lua: no such file or directory");
    assert_eq!(closed("return pcall(dofile, 5)"), "false open 5: no such file or directory");
    assert_eq!(closed("return pcall(dofile, 'lua')"), "false read lua: is a directory");
    assert_eq!(closed("return pcall(dofile, 'bad.lua')"), "false bad.lua line:2(column:5) near '=':   syntax error\n");
    assert_eq!(closed("return pcall(dofile, './open.lua')"), "false ./open.lua at EOF:   syntax error\n");
    assert_eq!(closed("return pcall(dofile, 'fails.lua')"), "false fails.lua:2: inside");
    let long = format!("{}fails.lua", "./".repeat(50));
    assert_eq!(closed(&format!("return pcall(dofile, '{long}')")), format!("false {long}:2: inside"));
    assert!(closed("return pcall(dofile, 'index.lua')").starts_with("false index.lua:1: attempt to index a nil value"));
}

#[test]
fn loadfile_gives_a_function_or_says_why_not() {
    assert_eq!(closed("local f = loadfile('mod.lua') return runs, f('given').name, runs"), "nil given 1");
    assert_eq!(closed("return loadfile('no.lua')"), "nil can not open file: no.lua");
    assert_eq!(closed("return loadfile('bad.lua')"), "nil bad.lua line:2(column:5) near '=':   syntax error\n");
    assert_eq!(closed("return loadfile('shell.lua')"), "nil shell.lua line:1(column:1) near '#':   syntax error\n");
    assert_eq!(closed("return dofile('shell.lua')"), "2");
    assert_eq!(closed("local e = {} setfenv(loadfile('values.lua'), e)() return g, e.g"), "nil global");
    assert_eq!(closed("return select('#', loadfile()())"), "0");
    assert!(closed("loadfile({})").contains("script:1: bad argument #1 to loadfile (string expected, got table)"));
}

#[test]
fn require_runs_a_module_once_in_each_environment() {
    let state = state(false);
    let source = "return require('mod').name, require('mod').n, require('mod') == require('mod'), package.loaded.mod.n";
    assert_eq!(state.run(source), "mod 1 true 1");
    assert_eq!(state.run(source), "mod 1 true 1");
    assert_eq!(state.run("require('mod') package.loaded.mod = nil return require('mod').n"), "2");
    assert_eq!(state.run("return require('lua.sub').name, require('lua/sub').inner"), "lua.sub inner");
    assert_eq!(state.run("return require('lua.quiet'), quiet"), "true true");
    assert_eq!(state.run("package.loaded.mod = false return require('mod').n"), "1");
}

#[test]
fn require_looks_where_package_path_says() {
    assert_eq!(closed("package.path = 'x/?;lua/?.lua' return require('inner')"), "inner");
    let said = closed("package.path = './a/?;?.b%1?' local ok, e = pcall(require, 'm%2') return ok, e");
    let tried = [
        "no field package.preload['m%2']",
        "stat ./a/m%2: no such file or directory",
        "stat m%2.b%1m%2: no such file or directory",
    ];
    assert_eq!(said, format!("false script:1: module m%2 not found:\n\t{}, ", tried.join("\n\t")));
    assert_eq!(
        closed("package.path = '' local ok, e = pcall(require, 'm') return ok, e"),
        "false script:1: module m not found:\n\tno field package.preload['m']\n\tstat : no such file or directory, "
    );
    assert_eq!(
        closed("package.path = 5 local ok, e = pcall(require, 'm') return ok, e"),
        "false script:1: package.path must be a string"
    );
    assert_eq!(
        closed("package = nil local ok, e = pcall(require, 'm') return ok, e"),
        "false script:1: attempt to index a non-table object(nil) with key 'preload'"
    );
    assert_eq!(
        closed("package.path = './?' local ok, e = pcall(require, 'lua') return ok, e"),
        "false script:1: read ./lua: is a directory"
    );
    let syntax = "false script:1: ./bad.lua line:2(column:5) near '=':   syntax error\n";
    assert_eq!(closed("local ok, e = pcall(require, 'bad') return ok, e"), syntax);
}

#[test]
fn a_module_that_failed_or_waits_for_itself_is_a_loop() {
    assert_eq!(
        closed("local ok, e = pcall(require, 'one') return ok, e"),
        "false ./two.lua:1: loop or previous error loading module: one"
    );
    assert_eq!(
        closed("pcall(require, 'fails') local ok = pcall(require, 'fails') return ok, type(package.loaded.fails)"),
        "false userdata"
    );
    assert_eq!(
        closed("pcall(require, 'fails') local _, e = pcall(require, 'fails') return e"),
        "script:1: loop or previous error loading module: fails"
    );
}

#[test]
fn scripts_bring_loaders_of_their_own() {
    let own = "package.loaders[3] = function(n) return function(m) return n..' '..m end end return require('x')";
    assert_eq!(closed(own), "x x");
    assert_eq!(closed("package.preload.mod = function() return 'mine' end return require('mod')"), "mine");
    assert_eq!(closed("package.loaders[2] = nil local ok, e = pcall(require, 'mod') return ok, e").lines().count(), 2);
    // As in gopher-lua, the tables from the start count.
    assert_eq!(closed("package.loaders = {} package.loaded = {} return require('mod').n, package.loaded.mod"), "1 nil");
}

#[test]
fn a_file_waits_for_the_host_wherever_it_stands() {
    let files = [("a.lua", "local b = require('b') return 'a' .. b"), ("b.lua", "return ask('url')")];
    let state = TestState::with(true, &files, &[]);
    for source in ["return require('a')", "return coroutine.wrap(function() return dofile('a.lua') end)()"] {
        let environment = state.environment(source);
        environment.globals.set("ask", state.wait()).unwrap();
        state.library.enter(&state.lua, &environment);
        let thread = state.lua.create_thread(state.function(&environment, source)).unwrap();
        assert_eq!(state.resume(&thread, ()), "waits: url");
        assert_eq!(state.resume(&thread, "!"), "a!");
    }
}

#[test]
fn text_that_a_script_compiles_passes_for_no_file() {
    assert_eq!(
        closed("local ok, e = pcall(loadstring(\"error('e')\", '@values.lua')) return ok, e"),
        "false values.lua:1: e"
    );
    assert_eq!(state(true).run("return debug.getinfo(loadfile('mod.lua')).source"), "mod.lua");
    assert_eq!(state(true).run("return debug.getinfo(loadstring('', '@a')).source"), "a");
}

#[test]
fn a_file_of_many_names_is_compiled_for_a_few() {
    let state = state(true);
    let code = "local n = 0 for i = 1, 500 do n = n + dofile(('./'):rep(i) .. 'values.lua') end return n";
    let before = state.run("return dofile('values.lua')");
    assert_eq!((before.as_str(), state.run(code).as_str()), ("1 nil 3", "500"));
    let heap = |state: &TestState| {
        state.lua.gc_collect().unwrap();
        state.lua.used_memory()
    };
    let known = heap(&state);
    state.run(&code.replace("./", ".//"));
    assert!(heap(&state) <= known + (32 << 10), "{} {known}", heap(&state));
}

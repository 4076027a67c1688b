//! The library's contents, as scripts see them.

use super::state::{TestState, closed, open};

const GLOBALS: &str = "local n = {} for k in pairs(_G) do n[#n+1] = k end table.sort(n) return table.concat(n, ' ')";

#[test]
fn closed_scripts_see_the_base_library_table_and_package() {
    assert_eq!(
        closed(GLOBALS),
        "_G _GOPHER_LUA_VERSION _VERSION _printregs assert collectgarbage dofile error getfenv getmetatable ipairs load loadfile \
         loadstring module newproxy next package pairs pcall print rawequal rawget rawset require select setfenv \
         setmetatable table tonumber tostring type unpack xpcall"
    );
    assert_eq!(closed("return string, math, os, io, coroutine, debug"), "nil nil nil nil nil nil");
    let names = GLOBALS.replace("_G", "table");
    assert_eq!(closed(&names), "concat getn insert maxn remove sort");
    let names = GLOBALS.replace("_G", "package");
    assert_eq!(closed(&names), "config cpath loaded loaders loadlib path preload seeall");
}

#[test]
fn open_scripts_see_the_other_libraries_too() {
    assert_eq!(
        open("return type(string), type(math), type(os), type(io), type(coroutine), type(debug), utf8, bit32, warn"),
        "table table table table table table nil nil nil"
    );
    assert_eq!(
        open("return math.pow(2,10), math.mod(7,3), math.log10(1000), math.ldexp(1,4), math.cosh(0), math.type"),
        "1024 1 3 16 1 nil"
    );
    assert_eq!(open("local s = '' for k in string.gfind('a b', '%a') do s = s..k end return s"), "ab");
    assert_eq!(
        open("return table.unpack, table.pack, table.move, table.setn, string.pack, debug.sethook"),
        "nil nil nil nil nil nil"
    );
    assert!(open("string.dump(print)").contains("script:1: GopherLua does not support the string.dump"));
}

#[test]
fn closed_strings_have_no_methods_but_take_part_in_arithmetic() {
    assert!(closed("return ('x'):upper()").contains("attempt to index a string value"));
    assert_eq!(closed("return '10'+5, '0x10'*1, -'2', #'abc', getmetatable('')"), "15 16 -2 3 nil");
    assert!(closed("return 'a'+1").contains("attempt to perform arithmetic on a string value"));
}

#[test]
fn open_strings_have_methods_also_those_that_the_script_adds() {
    assert_eq!(open("return ('x'):upper(), ('straße ñ'):upper(), ('É\\255'):lower():len()"), "X STRAßE Ñ 3");
    assert_eq!(open("function string.twice(s) return s..s end return ('ab'):twice()"), "abab");
    assert_eq!(open("string.upper = function() return 'mine' end return ('ab'):upper()"), "mine");
    assert_eq!(open("getmetatable('').__index = function(s, i) return i end return ('ab')[1]"), "1");
}

#[test]
fn print_joins_with_tabs() {
    let state = TestState::new(true);
    state.run("print('a', 1.0, nil, 0/0) print() print(setmetatable({}, {__tostring = function() return 'me' end}))");
    state.run("io.write('x', 1.5) io.stdout:write('y', 'z'):write('w') print(io.type(io.stderr))");
    assert_eq!(*state.printed.borrow(), ["a\t1\tnil\tNaN", "", "me", "x1.5", "yz", "w", "file"]);
}

#[test]
fn no_file_is_there_unasked_and_modules_are_those_loaded() {
    assert_eq!(open("return require('string') == string, require('_G') == _G"), "true true");
    assert_eq!(
        closed(
            "package.preload.m = function(n) return {n = n} end return require('m').n, require('m') == require('m')"
        ),
        "m true"
    );
    assert_eq!(open("return (io.open('x')), io.read(), os.getenv('HOME'), (os.remove('x'))"), "nil nil nil nil");
    assert!(open("os.exit()").contains("script:1: os.exit is not available"));
    assert_eq!(
        open("return type(os.clock()), type(os.time()), os.date('!%Y-%m-%d %H:%M:%S', 0), os.difftime(5, 3)"),
        "number number 1970-01-01 00:00:00 2"
    );
}

#[test]
fn odds_and_ends_are_as_in_gopher_lua() {
    assert_eq!(closed("return select('#', collectgarbage('count')), _VERSION, type(newproxy())"), "0 Lua 5.1 userdata");
    assert!(closed("return type()").contains("bad argument #1 to type (value expected)"));
    assert_eq!(
        closed(
            "local n = 0 for i, v in ipairs(setmetatable({}, {__index = function(t, i) return i < 4 and i or nil end})) do n = n + 1 end return n"
        ),
        "0"
    );
    assert_eq!(
        closed(
            "return #setmetatable({}, {__len = function() return 7 end}), table.getn({1,2}), table.maxn({1, [9] = 1})"
        ),
        "7 2 9"
    );
    assert_eq!(closed("function f(...) return arg.n, arg[1] end return f('a', nil)"), "2 a");
    assert_eq!(closed("return unpack({1, 2, 3}, 2), select(-1, 1, 2)"), "2 2");
    assert_eq!(closed("return pcall(error, 'm', 0)"), "false m");
}

#[test]
fn nonsense_is_an_error_and_never_more() {
    for source in [
        "return ('x'):rep(1e300)",
        "return ('x'):rep(-1e300)",
        "return table.concat({}, ',', -1e300, 1e300)",
        "return table.insert({}, 1e300, 1)",
        "return table.remove({1}, -1e300)",
        "return unpack({}, 1, 1e300)",
        "return select(1e300)",
        "return string.format('%d', 0/0)",
        "return string.format('%99999d', 1)",
        "return math.random(0, 1e300)",
        "return setfenv(-1, {})",
        "return setfenv(1e300, {})",
        "return setfenv(0/0, {})",
        "return getfenv(1e300)",
        "return debug.traceback('x', 1e300)",
        "return debug.traceback('x', -5)",
        "return debug.getinfo(1e300)",
        "return debug.getinfo(-1)",
        "return io.write(nil)",
        "return newproxy(true)",
        "return loadstring(('('):rep(100000))",
        "return os.date('%', 1e300)",
        "return coroutine.wrap(coroutine.wrap)()",
        "local function f() return coroutine.wrap(f)() end return f()",
        "io.stdout.write()",
        "return string.gsub('a', 'a', '%9')",
        "return string.rep('%', 100):gsub('%%', '%')",
    ] {
        open(source);
    }
}

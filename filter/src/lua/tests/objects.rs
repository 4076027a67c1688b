//! Objects in Lua's memory: wherever a script runs out of memory, nothing is left of them; and long texts go through mlua.

use std::cell::Cell;
use std::rc::Rc;

use mlua::Lua;

use super::super::objects::{Kind, create, register};
use super::super::quick::{Call, LONGEST_TEXT, forget, quick_function};

thread_local! {
    static LEFT_OVER: Rc<()> = Rc::default();
    static MADE: Cell<usize> = const { Cell::new(0) };
}

/// An object that is counted as long as it exists.
struct Counted(#[allow(dead_code, reason = "it is there to be freed")] Rc<()>);

impl Kind for Counted {
    const NUMBER: i64 = 1;
}

impl Counted {
    fn new() -> Self {
        MADE.set(MADE.get() + 1);
        Self(LEFT_OVER.with(Rc::clone))
    }
}

fn all_freed(lua: &Lua) -> bool {
    // The second round collects objects with finalizers.
    lua.gc_collect().unwrap();
    lua.gc_collect().unwrap();
    LEFT_OVER.with(Rc::strong_count) == 1
}

/// Lets a script fill its memory until Lua has none left, again and again, each time after a few more bytes; gives how often an
/// object was made but Lua had no memory to take it.
fn run_out_of_memory(lua: &Lua, code: &str) -> usize {
    let (script, mut stranded) = (lua.load(code).into_function().unwrap(), 0);
    for more in (0..4_000).step_by(8) {
        lua.set_memory_limit(lua.used_memory() + 20_000 + more).unwrap();
        let failed = script.call::<()>(()).unwrap_err();
        lua.set_memory_limit(0).unwrap();
        assert!(failed.to_string().contains("not enough memory"), "{failed}");
        stranded += usize::from(forget());
        assert!(all_freed(lua), "{} are left", LEFT_OVER.with(Rc::strong_count) - 1);
    }
    assert!(MADE.get() > 10_000, "{}", MADE.get());
    stranded
}

fn state() -> Lua {
    let lua = Lua::new();
    register::<Counted>(&lua, "counted", &lua.create_table().unwrap()).unwrap();
    let slow = lua.create_function(|lua, ()| create(lua, Counted::new())).unwrap();
    let quick = quick_function(&lua, slow.clone(), |call| Some(call.give_object(Counted::new()))).unwrap();
    lua.globals().set("quick", quick).unwrap();
    lua.globals().set("slow", slow).unwrap();
    lua
}

#[test]
fn nothing_is_left_of_objects_that_a_script_without_memory_made() {
    let lua = state();
    let stranded = run_out_of_memory(&lua, "local t = {} while true do t[#t + 1] = quick() end");
    assert!(stranded > 10, "{stranded} failed where an object was pushed");
    run_out_of_memory(&lua, "local t = {} while true do t[#t + 1] = slow() end");
}

#[test]
fn a_text_that_finds_no_memory_leaves_nothing_behind() {
    let lua = state();
    let slow = lua.create_function(|_, ()| Ok(())).unwrap();
    let text = |call: Call| {
        let number = call.number(1)?;
        let counted = Counted::new();
        let answer = call.give_bytes(format!("{number}{:900}", "").as_bytes());
        drop(counted);
        answer
    };
    lua.globals().set("text", quick_function(&lua, slow, text).unwrap()).unwrap();
    run_out_of_memory(&lua, "local t = {} while true do t[#t + 1] = text(#t) end");
}

#[test]
fn a_long_text_goes_the_other_way() {
    let lua = state();
    let slow = lua.create_function(|_, _: String| Ok("slow")).unwrap();
    let same = quick_function(&lua, slow, |call| call.give_bytes(call.bytes(1)?)).unwrap();
    for (length, is_quick) in [(0, true), (1, true), (LONGEST_TEXT, true), (LONGEST_TEXT + 1, false)] {
        let text = "x".repeat(length);
        assert_eq!(same.call::<String>(text.as_str()).unwrap() == text, is_quick, "{length}");
    }
}

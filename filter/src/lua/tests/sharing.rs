//! Scripts that only read their globals share them; all other scripts have their own, and none sees what another did. Objects of
//! the host are used again, once their stage is over.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use mlua::{Function, Lua, LuaString, Table, Value};

use super::super::budget::{Account, RunLimits};
use super::super::frames::Text;
use super::super::library::Given;
use super::super::objects::{Kind, create, register};
use super::super::pool::Objects;
use super::super::quick::{quick_function, quick_method};
use super::super::script::{Paused, Script, Start};
use super::super::vm::Vm;
use super::super::world::{Chunk, Code, Environment, World};

/// An object that knows its number.
struct Numbered(u32, #[allow(dead_code, reason = "it is counted")] Rc<()>);

impl Kind for Numbered {
    const NUMBER: i64 = 1;
}

thread_local! {
    static ALIVE: Rc<()> = Rc::default();
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

fn numbered() -> Numbered {
    NEXT.set(NEXT.get() + 1);
    Numbered(NEXT.get(), ALIVE.with(Rc::clone))
}

fn alive() -> usize {
    ALIVE.with(Rc::strong_count) - 1
}

struct State {
    vm: Rc<Vm>,
    printed: Rc<RefCell<Vec<String>>>,
    ctx: Table,
    response: Table,
}

/// A stage of an exchange.
struct Stage {
    world: World,
    early: Vec<Chunk>,
    late: Vec<Chunk>,
}

impl State {
    fn new() -> Self {
        let (lua, printed) = (Lua::new(), Rc::new(RefCell::new(Vec::new())));
        let lines = Rc::clone(&printed);
        let print = lua.create_function(move |_, line: LuaString| {
            lines.borrow_mut().push(line.to_string_lossy());
            Ok(())
        });
        let vm = Rc::new(Vm::new(true, Given::printing(print.unwrap()), lua).unwrap());
        let lua = vm.lua();
        let methods = lua.create_table().unwrap();
        register::<Numbered>(lua, "ctx", &methods).unwrap();
        let slow: Function = lua.create_function(|_, ()| Ok(0)).unwrap();
        let number = quick_method(lua, slow, |object: &Numbered, call| Some(call.give_number(f64::from(object.0))));
        methods.set("number", number.unwrap()).unwrap();
        let load = |lua: &Lua| {
            let slow = lua.create_function(|lua, ()| create(lua, numbered())).unwrap();
            quick_function(lua, slow, |call| Some(call.give_object(numbered()))).unwrap()
        };
        let ctx = lua.create_table_from([("load", load(lua))]).unwrap();
        ctx.set("__index", lua.create_table().unwrap()).unwrap();
        let ask = lua.create_function(|_, ()| Ok(true)).unwrap();
        ctx.set("ask", vm.waiting(ask.clone(), ask).unwrap()).unwrap();
        let response = lua.create_table_from([("load", load(lua))]).unwrap();
        Self { vm: Rc::clone(&vm), printed, ctx, response }
    }

    fn stage(&self, early: &[&str], late: &[&str]) -> Stage {
        let compiled = |texts: &[&str]| -> Vec<Chunk> {
            texts.iter().map(|text| self.vm.compile(Text::Script, text).unwrap()).collect()
        };
        let (texts, early, late) = (early.iter().chain(late).copied(), compiled(early), compiled(late));
        let code = Code { texts, early: early.clone(), late: late.clone() };
        let (ctx, response) = (Value::Table(self.ctx.clone()), Value::Table(self.response.clone()));
        let world = self.vm.world(code, [("ctx", ctx)], [("response", response)], ["ctx", "response"]).unwrap();
        Stage { world, early, late }
    }

    fn begin(&self, stage: &Stage, chunk: &Chunk, environment: &mut Option<Rc<Environment>>) -> Script {
        let start = match stage.world.ready(chunk) {
            Some(ready) => Start::Ready(Rc::clone(ready)),
            None => {
                let environment = environment.get_or_insert_with(|| stage.world.environment().unwrap());
                if stage.late.iter().any(|late| Rc::ptr_eq(&late.maker, &chunk.maker)) {
                    let response = Value::Table(self.response.clone());
                    self.vm.restore(&stage.world, environment, "response", &response).unwrap();
                }
                Start::new(chunk, environment)
            }
        };
        Script::new(&self.vm, start, "script", &Rc::default(), Account::new(RunLimits::default()))
    }

    /// Runs all chunks of a stage, and gives what they printed; or the error of the last one.
    fn run(&self, stage: &Stage) -> String {
        let (mut objects, mut environment) = (self.vm.objects(), None);
        for chunk in stage.early.iter().chain(&stage.late) {
            let mut script = self.begin(stage, chunk, &mut environment);
            match script.resume(&mut objects) {
                Paused::Done => {}
                Paused::Waiting => return "waits".to_owned(),
                Paused::Failed(error) => return error.message,
            }
        }
        std::mem::take(&mut *self.printed.borrow_mut()).join(" ")
    }

    fn shares(&self, code: &str) -> bool {
        let stage = self.stage(&[code], &[]);
        stage.world.ready(&stage.early[0]).is_some()
    }
}

const SHARED: [&str; 8] = [
    "local r = ctx.load() print(r:number())",
    "local ctx = ctx.load()",
    "local function f(...) return ctx.load(), ... end f(1)",
    "local x = string.match('abc', 'b') print(x, ('x'):upper(), type(math.pi), nothing)",
    "print(os.getenv('HOME'), tostring(1), pcall(error, 'x'))",
    "for word in string.gmatch('a b', '%a') do print(word) end",
    "local t = {} t.ctx = 1 t.x = {} t.x.y = 2 local function g() t.z = 1 return t.x.y end g()",
    "local a = coroutine.wrap(function() coroutine.yield(table.concat({1, 2})) end)()",
];

const OWN: [&str; 19] = [
    "x = 1",
    "function f() end",
    "local function f() y = 1 end",
    "ctx = nil",
    "ctx.load = nil",
    "function ctx.mine() end",
    "local c = ctx c.load = nil",
    "print(ctx)",
    "ctx:load()",
    "local t = {ctx}",
    "local k = 'load' ctx[k] = 1",
    "ctx.__index.mine = 1",
    "string.mine = 1",
    "string.len('') ('').__index.mine = 1",
    "local k = '__index' local s = (string.format(''))[k] s.mine = 1",
    "os.setenv('MINE', 'x')",
    "getmetatable('').__index = nil",
    "_G.x = 1",
    "setfenv(1, {}) x = 1",
];

#[test]
fn code_that_only_reads_its_globals_shares_them() {
    let state = State::new();
    for code in SHARED {
        assert!(state.shares(code), "{code}");
    }
    for code in OWN {
        assert!(!state.shares(code), "{code}");
    }
    // Behind so many constants, the instructions no longer hold the names of globals.
    let many: String = (0..300).map(|number| format!("'text {number}', ")).collect();
    assert!(!state.shares(&format!("local t = {{ {many} }} print(1)")));
}

#[test]
fn no_stage_sees_what_another_did() {
    let probe = "print(type(ctx.load), type(string.len), string.mine, x, f, y, os.getenv('MINE'), ('x'):upper(), ('').mine) \
        print(type(ctx.load()), ctx.mine)";
    let pristine = "function\tfunction\tnil\tnil\tnil\tnil\tnil\tX\tnil userdata\tnil";
    for code in OWN.iter().chain(&SHARED) {
        let state = State::new();
        let (spoiling, probing) = (state.stage(&[code], &[]), state.stage(&[probe], &[]));
        let also = state.stage(&["mine = 1", probe], &[]);
        for _ in 0..2 {
            state.run(&spoiling);
            state.printed.borrow_mut().clear();
            assert_eq!(state.run(&probing), pristine, "{code}");
            assert_eq!(state.run(&also), pristine, "{code}");
        }
    }
}

#[test]
fn only_late_chunks_find_the_later_globals() {
    let state = State::new();
    let late = "print(type(response.load()))";
    for (early, shares, printed) in [
        ("local c = ctx.load()", true, "userdata"),
        ("if response then print(response.load()) end", false, "userdata"),
        ("print(pcall(function() return response.load() end))", true, "userdata"),
        ("print(type(response))", false, "nil userdata"),
        ("z = 1", false, "userdata"),
    ] {
        let stage = state.stage(&[early], &[late]);
        assert_eq!(stage.world.ready(&stage.late[0]).is_some(), shares, "{early}");
        assert!(state.run(&stage).ends_with(printed), "{early}");
    }
}

#[test]
fn a_stage_has_its_objects_until_it_is_over() {
    let state = State::new();
    let code = "local a, b = ctx.load(), ctx.load() local before = a:number() ctx.ask() \
        print(a ~= b, b:number() - before, a:number() == before)";
    let stage = state.stage(&[code], &[]);
    for round in 0..4 {
        let mut runs: Vec<(Script, Objects)> =
            (0..3).map(|_| (state.begin(&stage, &stage.early[0], &mut None), state.vm.objects())).collect();
        for (script, objects) in &mut runs {
            assert!(matches!(script.resume(objects), Paused::Waiting));
        }
        assert!(alive() >= 6, "{round}");
        // The client of one of them leaves.
        runs.remove(1);
        for (script, objects) in &mut runs {
            assert!(matches!(script.resume(objects), Paused::Done));
        }
        assert_eq!(std::mem::take(&mut *state.printed.borrow_mut()), ["true\t1\ttrue", "true\t1\ttrue"]);
        drop(runs);
        // The pool is still growing: it had no objects for some of them.
        if round < 2 {
            state.vm.collect();
            state.vm.collect();
        }
        assert_eq!(alive(), 0, "{round}");
    }
}

#[test]
fn a_stage_that_fails_or_takes_many_objects_leaves_none() {
    let state = State::new();
    let failing = state.stage(&["local t = {} for i = 1, 10 do t[i] = ctx.load() end error(ctx.load())"], &[]);
    let many = state.stage(&["local t = {} for i = 1, 1000 do t[i] = ctx.load() end print(#t)"], &[]);
    for _ in 0..3 {
        assert_eq!(state.run(&failing), "(error object is a userdata value)");
        assert_eq!(state.run(&many), "1000");
        state.vm.collect();
        state.vm.collect();
        assert_eq!(alive(), 0);
    }
}

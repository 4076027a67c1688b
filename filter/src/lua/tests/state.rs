//! A state and the lines that were printed in it: the tests of the library run their scripts here.

use std::cell::RefCell;
use std::rc::Rc;

use mlua::thread::ThreadStatus;
use mlua::{Function, IntoLuaMulti, Lua, LuaOptions, LuaString, MultiValue, StdLib, Table, Thread};

use super::super::dialect::Translation;
use super::super::files::Files;
use super::super::library::{Given, Library};
use super::super::world::{Code, Environment};

pub(super) struct TestState {
    pub(super) lua: Lua,
    pub(super) library: Library,
    pub(super) printed: Rc<RefCell<Vec<String>>>,
}

impl TestState {
    pub(super) fn new(open: bool) -> Self {
        Self::with(open, &[], &[])
    }

    pub(super) fn with(open: bool, files: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let lua = Lua::new_with(StdLib::NONE, LuaOptions::default()).unwrap();
        let printed = Rc::new(RefCell::new(Vec::new()));
        let lines = printed.clone();
        let print = lua
            .create_function(move |_, text: LuaString| {
                lines.borrow_mut().push(text.to_string_lossy());
                Ok(())
            })
            .unwrap();
        let lines = printed.clone();
        let missing = lua
            .create_function(move |_, (asked_by, name): (String, String)| {
                lines.borrow_mut().push(format!("{asked_by} of {name}"));
                Ok(())
            })
            .unwrap();
        let files = Files::new(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).into()))).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let given = Given { print, missing, files: Rc::new(files), variables: Rc::new(variables) };
        let library = Library::new(&lua, open, given).unwrap();
        Self { lua, library, printed }
    }

    pub(super) fn environment(&self, source: &str) -> Rc<Environment> {
        let extra = self.lua.create_table().unwrap();
        self.library.world(&self.lua, Code::unknown([source]), &extra, &extra, []).unwrap().environment().unwrap()
    }

    pub(super) fn function(&self, environment: &Environment, source: &str) -> Function {
        let wrapped = Translation::of(source).wrapped();
        let maker: Function = self.lua.load(wrapped).set_name("=script").eval().unwrap();
        maker.call((&environment.globals, self.library.pack())).unwrap()
    }

    pub(super) fn run_in(&self, environment: &Environment, source: &str) -> String {
        self.library.enter(&self.lua, environment);
        let thread = self.lua.create_thread(self.function(environment, source)).unwrap();
        self.resume(&thread, ())
    }

    pub(super) fn resume(&self, thread: &Thread, with: impl IntoLuaMulti) -> String {
        match thread.resume::<MultiValue>(with) {
            Ok(mut values) if thread.status() == ThreadStatus::Resumable => {
                if values.pop_front().as_ref() == Some(self.library.token()) {
                    format!("waits: {}", self.text(values))
                } else {
                    "yielded".to_owned()
                }
            }
            Ok(values) => self.text(values),
            Err(error) => format!("error: {}", error.to_string().lines().next().unwrap_or("")),
        }
    }

    /// A function that waits for the host, as `http_response.new` does.
    pub(super) fn wait(&self) -> Function {
        let code = "local token, yield = ... return function(...) return yield(token, ...) end";
        let coroutine: Table = self.lua.globals().get("coroutine").unwrap();
        let pause: Function = coroutine.get("yield").unwrap();
        self.lua.load(code).call((self.library.token(), pause)).unwrap()
    }

    pub(super) fn text(&self, values: MultiValue) -> String {
        let tostring: Function = self.lua.globals().get("tostring").unwrap();
        let texts: Vec<String> = values.into_iter().map(|value| tostring.call(value).unwrap()).collect();
        texts.join(" ")
    }

    pub(super) fn run(&self, source: &str) -> String {
        self.run_in(&self.environment(source), source)
    }
}

pub(super) fn open(source: &str) -> String {
    TestState::new(true).run(source)
}

pub(super) fn closed(source: &str) -> String {
    TestState::new(false).run(source)
}

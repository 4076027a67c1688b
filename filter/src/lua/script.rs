//! One run of one chunk: a coroutine that may wait, and is a plain value while it waits.

use std::rc::Rc;

use mlua::{Thread, Value};

use super::budget::{self, Account, Exceeded};
use super::error::{ScriptError, error_text, error_value_text, split_place};
use super::frames::{FileChunks, Text};
use super::pool::Objects;
use super::runner::Stop;
use super::source_map::{ScriptLine, SourceMap, base_name};
use super::vm::Vm;
use super::world::{Chunk, Environment, Ready};

/// A run of a chunk.
pub struct Script {
    vm: Rc<Vm>,
    thread: Option<Thread>,
    start: Start,
    name: &'static str,
    sources: Rc<SourceMap>,
    account: Account,
}

/// The function that a run calls.
pub enum Start {
    /// A function that all stages of a world share.
    Ready(Rc<Ready>),
    /// A chunk, and the environment for which its function is still to be made.
    New(Chunk, Rc<Environment>),
}

impl Start {
    /// A chunk in an environment.
    pub fn new(chunk: &Chunk, environment: &Rc<Environment>) -> Self {
        Self::New(chunk.clone(), Rc::clone(environment))
    }

    fn environment(&self) -> &Environment {
        match self {
            Self::Ready(ready) => &ready.environment,
            Self::New(_, environment) => environment,
        }
    }
}

/// The reason why a script is not running.
#[derive(Debug)]
pub enum Paused {
    /// It has ended.
    Done,
    /// It waits for the host; the bindings know for what.
    Waiting,
    /// It failed.
    Failed(Box<ScriptError>),
}

impl Script {
    /// A run that has not begun. `name` is the script's name in its errors (`pre-script`), `sources` leads to the files of its
    /// functions.
    pub fn new(vm: &Rc<Vm>, start: Start, name: &'static str, sources: &Rc<SourceMap>, account: Account) -> Self {
        Self { vm: Rc::clone(vm), thread: None, start, name, sources: Rc::clone(sources), account }
    }

    /// Runs until the script ends, waits or fails. `objects` are those of its stage.
    pub fn resume(&mut self, objects: &mut Objects) -> Paused {
        let vm = Rc::clone(&self.vm);
        vm.raised_at.set(None);
        vm.tidy();
        vm.enter(self.start.environment());
        budget::begin(&vm.lua, &self.account);
        let resumed = objects.during(&vm.lua, || self.resume_thread(&vm));
        let exceeded = budget::end(&mut self.account);
        vm.leave();
        match (resumed, exceeded) {
            (Resumed::Waiting, None) => Paused::Waiting,
            (Resumed::Ended, None) => {
                if let Some(thread) = self.thread.take() {
                    vm.runner.give_back(thread);
                }
                Paused::Done
            }
            (Resumed::Failed(text), exceeded) => Paused::Failed(Box::new(self.error(text, exceeded))),
            (_, Some(exceeded)) => Paused::Failed(Box::new(self.error(exceeded.to_string(), Some(exceeded)))),
        }
    }

    /// What the script has spent so far, and the rest of its limits.
    pub fn account(&self) -> Account {
        self.account
    }

    fn resume_thread(&mut self, vm: &Vm) -> Resumed {
        let stop = match &self.thread {
            Some(thread) => vm.runner.go_on(&vm.lua, thread),
            None => match vm.runner.thread(&vm.lua) {
                Ok(thread) => {
                    let (function, globals) = match &self.start {
                        Start::Ready(ready) => (&ready.function, None),
                        Start::New(chunk, environment) => (&*chunk.maker, Some(&environment.globals)),
                    };
                    vm.runner.begin(&vm.lua, self.thread.insert(thread), function, globals)
                }
                Err(error) => return Resumed::Failed(error_text(&error)),
            },
        };
        match stop {
            Stop::Ended => Resumed::Ended,
            Stop::Waiting => Resumed::Waiting,
            Stop::Yielded => Resumed::Failed(NO_COROUTINE.to_owned()),
            Stop::Failed(error) => Resumed::Failed(error_value_text(&error).unwrap_or_else(|| unnamed(&error))),
        }
    }

    fn error(&self, text: String, exceeded: Option<Exceeded>) -> ScriptError {
        if let Some(exceeded) = exceeded {
            let message = exceeded.to_string();
            let noticed = self.account.place.and_then(|(text, line)| self.place_in(Some(text), line));
            let place = self.place(&text).or(noticed);
            return ScriptError {
                text: message.clone(),
                message,
                place,
                file: None,
                raised_at: None,
                exceeded: Some(exceeded),
            };
        }
        let text = if text == NO_ROOM_FOR_THE_HANDLER { "stack overflow".to_owned() } else { text };
        let chunks = FileChunks::of(&self.vm.lua);
        let (place, file, message) = match chunks.split(&text) {
            Some((number, line, message)) => {
                // KrakenD takes the line of any text as a line of the script (sourcemap.go).
                let place = ScriptLine { script: self.name.to_owned(), line };
                (Some(place), self.place_in(Some(Text::File(number)), line), message)
            }
            None => (None, None, split_place(&text).1),
        };
        let unnamed = self.vm.raised_at.get().filter(|_| file.is_none() && split_place(&text).0.is_none());
        let raised_at = unnamed.and_then(|(text, line)| self.place_in(Some(text), line));
        let place = place.or_else(|| self.place(&text));
        ScriptError { message: message.to_owned(), place, file, raised_at, exceeded: None, text }
    }

    // The line where the error with this text was raised.
    fn place(&self, text: &str) -> Option<ScriptLine> {
        let raised_at = self.vm.raised_at.take();
        let line = split_place(text).0?;
        self.place_in(raised_at.map(|(text, _)| text), line)
    }

    fn place_in(&self, text: Option<Text>, line: usize) -> Option<ScriptLine> {
        match text {
            Some(Text::Sources) => self.sources.place(line),
            Some(Text::File(number)) => {
                let name = FileChunks::of(&self.vm.lua).file(number)?;
                Some(ScriptLine { script: base_name(&name).to_owned(), line })
            }
            _ => Some(ScriptLine { script: self.name.to_owned(), line }),
        }
    }
}

enum Resumed {
    Ended,
    Waiting,
    Failed(String),
}

// Lua's words when an error's handler fails. Our handler (`locate` in vm.rs) fails only if a stack overflow has left it no room.
const NO_ROOM_FOR_THE_HANDLER: &str = "error in error handling";

const NO_COROUTINE: &str = "can not yield from outside of a coroutine";

// KrakenD loses such errors; here the message at least names the kind of value.
fn unnamed(error: &Value) -> String {
    format!("(error object is a {} value)", error.type_name())
}

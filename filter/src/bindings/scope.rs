//! The facts about the current run that the bindings know: its stage, its messages, and what it waits for.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use mlua::Lua;

use super::arguments::MethodError;
use super::custom_error::CustomError;
use super::messages::{Context, ProxyRequest, ProxyResponse};
use super::side_request::{SideRequest, WebResponse};
use crate::data::Cycles;
use crate::lua::{SourceMap, calling_line};

/// The four kinds of stage that scripts run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `modifier/lua-endpoint` of the service.
    Service,
    /// `modifier/lua-endpoint` of an endpoint.
    Endpoint,
    /// `modifier/lua-proxy`.
    Proxy,
    /// `modifier/lua-backend`.
    Backend,
}

/// Both halves of a stage's scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Before the request goes on; `sources` run in it too.
    Pre,
    /// After the response came back.
    Post,
}

/// An event that a script waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The rest of the body of the message that the stage handles.
    Body,
    /// The responses to side requests, in this order.
    Calls(Vec<SideRequest>),
}

/// Gets every line that scripts print.
pub type Printer = Rc<dyn Fn(&str)>;

/// One stage of one exchange, as its scripts see it.
pub struct Scope {
    /// The kind of this stage.
    pub stage: Stage,
    /// The prefix of every line that it prints: `[ENDPOINT: /t][Lua]`.
    pub prefix: Rc<str>,
    /// The client's request, for `ctx`.
    pub context: Option<Rc<RefCell<Context>>>,
    /// The gateway's own request, for `request`.
    pub request: Option<Rc<RefCell<ProxyRequest>>>,
    /// The response, once there is one, for `response`.
    pub response: RefCell<Option<Rc<RefCell<ProxyResponse>>>>,
    /// The event that the script waits for, until the caller takes it.
    pub wait: RefCell<Option<Wait>>,
    // The bytes of all replies so far.
    pub(super) replies_size: Cell<usize>,
    // The answers to its last side requests.
    pub(super) replies: RefCell<Vec<Result<WebResponse, String>>>,
    /// The number of side requests that the run may still make.
    pub calls_left: Cell<u32>,
    /// The value of `calls_left` at the start.
    pub calls_limit: u32,
    /// The most bytes that one list or body may have.
    pub body_limit: usize,
    /// The bytes that it may still print; `None` once it has printed too much and the log has been told.
    pub print_left: Cell<Option<usize>>,
    /// An observer that gets every printed line, too.
    pub on_print: Option<Printer>,
    pub(super) custom_error: RefCell<Option<CustomError>>,
    // The reason why its last side request failed.
    pub(super) call_error: RefCell<Option<String>>,
    /// The containers that scripts of this exchange put into each other: they are freed with the exchange, not with the stage.
    pub cycles: Rc<RefCell<Cycles>>,
    // The files of the sources, and the name of the chunk that runs.
    pub(super) chunk: RefCell<Option<(Rc<SourceMap>, &'static str)>>,
    // Methods that a script added to a kind of object, until its chunk ends.
    pub(super) added_methods: RefCell<BTreeMap<&'static str, mlua::Table>>,
}

impl Scope {
    /// A stage whose scripts have not run yet.
    pub fn new(
        stage: Stage,
        prefix: Rc<str>,
        calls_limit: u32,
        body_limit: usize,
        cycles: Rc<RefCell<Cycles>>,
    ) -> Self {
        Self {
            stage,
            prefix,
            context: None,
            request: None,
            response: RefCell::default(),
            wait: RefCell::default(),
            replies_size: Cell::default(),
            replies: RefCell::default(),
            calls_left: Cell::new(calls_limit),
            calls_limit,
            body_limit,
            print_left: Cell::new(Some(usize::MAX)),
            on_print: None,
            custom_error: RefCell::default(),
            call_error: RefCell::default(),
            cycles,
            chunk: RefCell::default(),
            added_methods: RefCell::default(),
        }
    }
}

thread_local! {
    // Set before each turn of a script, because exchanges take turns.
    static CURRENT: RefCell<Option<Rc<Scope>>> = const { RefCell::new(None) };
}

impl Scope {
    /// Makes a scope the current one while `turn` runs.
    pub(super) fn during<R>(scope: &Rc<Self>, turn: impl FnOnce() -> R) -> R {
        CURRENT.replace(Some(Rc::clone(scope)));
        let done = turn();
        CURRENT.replace(None);
        done
    }

    /// Forgets the methods that scripts added: called before each chunk.
    pub(super) fn forget_added_methods(&self) {
        let mut added = self.added_methods.borrow_mut();
        if !added.is_empty() {
            added.clear();
        }
    }

    /// The scope of the script that is calling.
    pub(super) fn current() -> Option<Rc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }
}

/// ` (pre-script:L3)`: the line of the calling script, as errors show it.
pub(super) fn shown_line(lua: &Lua) -> Result<String, MethodError> {
    let scope = scope_of(lua)?;
    let chunk = scope.chunk.borrow();
    let line = chunk.as_ref().and_then(|(map, name)| calling_line(lua, map, name));
    Ok(line.map(|line| format!(" ({line})")).unwrap_or_default())
}

/// The scope, from inside a function that a script called.
pub(super) fn scope_of(_: &Lua) -> Result<Rc<Scope>, MethodError> {
    Scope::current().ok_or_else(|| MethodError::new("no stage is running"))
}

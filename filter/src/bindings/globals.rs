//! Who may see what: the objects that scripts know, the stages that know them, and how they come into an environment.

use super::arguments::Method;
use super::message::{Handle, Message, body_is_unread};
use super::scope::{Current, Half, Stage};
use super::{Context, LuaList, LuaTable, ProxyRequest, ProxyResponse, custom_error, http_response, object, table};
use super::{ctx, list, request, response};
use crate::lua::Vm;
use mlua::{Function, Lua, LuaString, Table, Value};

use Stage::{Backend, Endpoint, Proxy, Service};

type Register = fn(&Lua, &Table) -> mlua::Result<()>;

struct Object {
    name: &'static str,
    register: Register,
    methods: &'static [(&'static str, Method)],
    stages: &'static [Stage],
    half: Option<Half>,
}

const EVERYWHERE: &[Stage] = &[Service, Endpoint, Proxy, Backend];
const ROUTER: &[Stage] = &[Service, Endpoint];
const PROXY: &[Stage] = &[Proxy, Backend];

#[rustfmt::skip]
const OBJECTS: [Object; 7] = [
    Object { name: "ctx", register: object::register::<Handle<Context>>, methods: &ctx::METHODS, stages: ROUTER, half: None },
    Object { name: "request", register: object::register::<Handle<ProxyRequest>>, methods: &request::METHODS, stages: PROXY, half: None },
    Object { name: "response", register: object::register::<Handle<ProxyResponse>>, methods: &response::METHODS, stages: PROXY, half: Some(Half::Post) },
    Object { name: "luaTable", register: object::register::<LuaTable>, methods: &table::METHODS, stages: EVERYWHERE, half: None },
    Object { name: "luaList", register: object::register::<LuaList>, methods: &list::METHODS, stages: EVERYWHERE, half: None },
    Object { name: "luaNil", register: object::register::<table::LuaNil>, methods: &[], stages: EVERYWHERE, half: None },
    Object { name: "http_response", register: object::register::<http_response::LuaResponse>, methods: &http_response::METHODS, stages: EVERYWHERE, half: None },
];

/// The objects of one Lua state, ready to be put into environments.
pub(super) struct Globals {
    custom_error: Function,
    objects: Vec<Ready>,
    current: Current,
}

struct Ready {
    object: &'static Object,
    global: Table,
}

impl Globals {
    /// Makes the objects and their methods once for a state.
    pub(super) fn new(vm: &Vm) -> mlua::Result<Globals> {
        let lua = vm.lua();
        let current = Current::default();
        lua.set_app_data(current.clone());
        static TABLE: &[Object] = &OBJECTS;
        let objects = TABLE.iter().map(|object| ready(vm, object)).collect::<mlua::Result<_>>()?;
        let custom_error = object::function(lua, "custom_error", custom_error::custom_error)?;
        Ok(Globals { custom_error, objects, current })
    }

    /// The cell that says whose script runs.
    pub(super) fn current(&self) -> &Current {
        &self.current
    }

    /// What scripts of a stage know in one half of it, by name.
    pub(super) fn of(&self, stage: Stage, half: Half) -> impl Iterator<Item = (&'static str, Value)> {
        let known = move |ready: &&Ready| {
            ready.object.stages.contains(&stage) && ready.object.half.is_none_or(|only| only == half)
        };
        let objects =
            self.objects.iter().filter(known).map(|ready| (ready.object.name, Value::Table(ready.global.clone())));
        objects.chain([("custom_error", Value::Function(self.custom_error.clone()))])
    }
}

fn ready(vm: &Vm, object: &'static Object) -> mlua::Result<Ready> {
    let lua = vm.lua();
    let methods = object::methods(lua, object.name, object.methods)?;
    let statics = match object.name {
        "ctx" => statics::<Context>(vm, &methods, ctx::load, ctx::BODY)?,
        "request" => statics::<ProxyRequest>(vm, &methods, request::load, request::BODY)?,
        "response" => statics::<ProxyResponse>(vm, &methods, response::load, response::BODY)?,
        "luaTable" => vec![("new", object::function(lua, "new", table::new)?)],
        "luaList" => vec![("new", object::function(lua, "new", list::new)?)],
        "luaNil" => vec![("new", object::function(lua, "new", table::new_nil)?)],
        _ => vec![
            ("new", waiting(vm, "new", http_response::ask, http_response::answer)?),
            ("all", waiting(vm, "all", http_response::ask_all, http_response::answer_all)?),
        ],
    };
    (object.register)(lua, &methods)?;
    let global = lua.create_table_with_capacity(0, statics.len().saturating_add(1))?;
    for (name, function) in statics {
        global.raw_set(name, function)?;
    }
    global.raw_set("__index", object::extensible(lua, object.name, &methods)?)?;
    Ok(Ready { object, global })
}

// Messages have a body that may still be on the wire when a script asks for it.
fn statics<M: Message>(
    vm: &Vm,
    methods: &Table,
    load: Method,
    body: Method,
) -> mlua::Result<Vec<(&'static str, Function)>> {
    methods.raw_set("body", waiting(vm, "body", ask_for_body::<M>, body)?)?;
    Ok(vec![("load", object::function(vm.lua(), "load", load)?)])
}

fn ask_for_body<M: Message>(lua: &Lua, args: &super::arguments::Arguments) -> super::arguments::Given {
    let unread = body_is_unread::<M>(args)?;
    if unread {
        super::scope::scope_of(lua)?.wait.replace(Some(super::Wait::Body));
    }
    Ok(Some(Value::Boolean(unread)))
}

fn waiting(vm: &Vm, name: &'static str, ask: Method, answer: Method) -> mlua::Result<Function> {
    vm.waiting(object::function(vm.lua(), name, ask)?, object::function(vm.lua(), name, answer)?)
}

/// A log is no place for more in one line.
const MAX_LINE: usize = 16_384;

/// `print`: one line in the log, behind the stage's prefix.
pub(super) fn print(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|lua, line: LuaString| {
        let scope = super::scope::scope_of(lua).ok();
        let prefix = scope.as_ref().map(|scope| scope.prefix.as_str()).unwrap_or_default();
        if let Some(tell) = scope.as_ref().and_then(|scope| scope.on_print.as_ref()) {
            tell(&line.to_string_lossy());
        }
        let line = line.as_bytes();
        if let Some(scope) = &scope {
            let Some(left) = scope.print_left.get() else { return Ok(()) };
            let left = left.checked_sub(line.len().min(MAX_LINE).saturating_add(1));
            scope.print_left.set(left);
            if left.is_none() {
                log::warn!("{prefix}this script prints more than it may (limits.print_bytes): the rest is left out");
                return Ok(());
            }
        }
        let shown = line.get(..MAX_LINE).unwrap_or(&line);
        let cut = if shown.len() < line.len() { format!("... ({} bytes)", line.len()) } else { String::new() };
        log::info!("{prefix}{}{cut}", String::from_utf8_lossy(shown));
        Ok(())
    })
}

//! Who may see what: the objects that scripts know, the stages that know them, and how they come into an environment.

use super::arguments::Method;
use super::message::{Handle, Message, body_is_unread};
use super::scope::{Current, Stage};
use super::{Context, LuaList, LuaTable, ProxyRequest, ProxyResponse, custom_error, http_response, object, table};
use super::{ctx, list, request, response};
use crate::lua::{Environment, Vm};
use mlua::{Function, Lua, Table, Value, Variadic};

use Stage::{Backend, Endpoint, Proxy, Service};

/// Both halves of a stage's scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Before the request goes on; `sources` run in it too.
    Pre,
    /// After the response came back.
    Post,
}

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
pub struct Globals {
    custom_error: Function,
    objects: Vec<Ready>,
    current: Current,
}

struct Ready {
    object: &'static Object,
    statics: Vec<(&'static str, Function)>,
    extensible: Table,
}

impl Globals {
    /// Makes the objects and their methods once for a state.
    pub fn new(vm: &Vm) -> mlua::Result<Globals> {
        let lua = vm.lua();
        let current = Current::default();
        lua.set_app_data(current.clone());
        static TABLE: &[Object] = &OBJECTS;
        let objects = TABLE.iter().map(|object| ready(vm, object)).collect::<mlua::Result<_>>()?;
        let custom_error = object::function(lua, "custom_error", custom_error::custom_error)?;
        Ok(Globals { custom_error, objects, current })
    }

    /// The cell that says whose script runs.
    pub fn current(&self) -> &Current {
        &self.current
    }

    /// Puts every object of the stage into an environment: anew before each chunk, whatever scripts made of it.
    pub fn install(&self, lua: &Lua, environment: &Environment, stage: Stage, half: Half) -> mlua::Result<()> {
        environment.set("custom_error", &self.custom_error)?;
        for ready in &self.objects {
            let known = ready.object.stages.contains(&stage) && ready.object.half.is_none_or(|only| only == half);
            if known {
                environment.set(ready.object.name, ready.table(lua)?)?;
            }
        }
        Ok(())
    }
}

impl Ready {
    fn table(&self, lua: &Lua) -> mlua::Result<Table> {
        let table = lua.create_table_with_capacity(0, self.statics.len().saturating_add(1))?;
        for (name, function) in &self.statics {
            table.raw_set(*name, function)?;
        }
        let index = lua.create_table()?;
        index.set_metatable(Some(self.extensible.clone()))?;
        table.raw_set("__index", index)?;
        Ok(table)
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
    let extensible = lua.create_table_with_capacity(0, 1)?;
    extensible.raw_set("__index", methods)?;
    Ok(Ready { object, statics, extensible })
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

/// `print`: one line in the log, behind the stage's prefix.
pub fn print(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|lua, values: Variadic<Value>| {
        let tostring: Function = lua.named_registry_value(TOSTRING)?;
        let mut line = String::new();
        for (position, value) in values.iter().enumerate() {
            if position > 0 {
                line.push('\t');
            }
            line.push_str(&tostring.call::<mlua::LuaString>(value)?.to_string_lossy());
        }
        let prefix = super::scope::scope_of(lua).map(|scope| scope.prefix.clone()).unwrap_or_default();
        log::info!("{prefix}{line}");
        Ok(())
    })
}

/// Where the state's own `tostring` is kept, out of reach of scripts.
pub const TOSTRING: &str = "lua-modifier.tostring";

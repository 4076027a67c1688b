//! The objects that scripts know, the stages that know each of them, and how they are put into an environment.

use mlua::{Function, Lua, Table, Value};

use super::containers::{LuaList, LuaNil, LuaTable};
use super::functions::custom_error;
use super::http_response::LuaResponse;
use super::message_methods::Handle;
use super::messages::{Context, ProxyRequest, ProxyResponse};
use super::object::Callable;
use super::scope::Half;
use super::scope::Stage::{self, Backend, Endpoint, Proxy, Service};
use super::{ctx, http_response, library, list, object, request, response, table};
use crate::lua::{Vm, World, register};

type Register = fn(&Lua, &'static str, &Table) -> mlua::Result<()>;

/// An object that scripts know as a global.
struct Object {
    name: &'static str,
    /// Gives its Rust type the methods.
    register: Register,
    /// Functions of the global itself: `ctx.load()`.
    functions: &'static [(&'static str, Callable)],
    /// Methods of an object of this kind: `ctx:method()`.
    methods: &'static [(&'static str, Callable)],
    stages: &'static [Stage],
    /// The only half of a stage that knows it; `None` for both halves.
    half: Option<Half>,
}

const CUSTOM_ERROR: &str = "custom_error";

const EVERYWHERE: &[Stage] = &[Service, Endpoint, Proxy, Backend];
const ROUTER: &[Stage] = &[Service, Endpoint];
const PROXY: &[Stage] = &[Proxy, Backend];

#[rustfmt::skip]
const OBJECTS: [Object; 7] = [
    Object { name: "ctx", register: register::<Handle<Context>>, functions: &ctx::FUNCTIONS, methods: &ctx::METHODS, stages: ROUTER, half: None },
    Object { name: "request", register: register::<Handle<ProxyRequest>>, functions: &request::FUNCTIONS, methods: &request::METHODS, stages: PROXY, half: None },
    Object { name: "response", register: register::<Handle<ProxyResponse>>, functions: &response::FUNCTIONS, methods: &response::METHODS, stages: PROXY, half: Some(Half::Post) },
    Object { name: "luaTable", register: register::<LuaTable>, functions: &table::FUNCTIONS, methods: &table::METHODS, stages: EVERYWHERE, half: None },
    Object { name: "luaList", register: register::<LuaList>, functions: &list::FUNCTIONS, methods: &list::METHODS, stages: EVERYWHERE, half: None },
    Object { name: "luaNil", register: register::<LuaNil>, functions: &table::NIL_FUNCTIONS, methods: &[], stages: EVERYWHERE, half: None },
    Object { name: "http_response", register: register::<LuaResponse>, functions: &http_response::FUNCTIONS, methods: &http_response::METHODS, stages: EVERYWHERE, half: None },
];

/// The objects of one Lua state, ready to be put into environments.
pub(super) struct Globals {
    custom_error: Function,
    objects: Vec<InstalledObject>,
    helpers: Vec<(&'static str, Table)>,
}

struct InstalledObject {
    object: &'static Object,
    global: Table,
}

impl Globals {
    /// Makes the objects and their methods once for a state, and the helpers if they are on.
    pub(super) fn new(vm: &Vm, helpers: bool) -> mlua::Result<Self> {
        let lua = vm.lua();
        static TABLE: &[Object] = &OBJECTS;
        let objects = TABLE.iter().map(|object| install(vm, object)).collect::<mlua::Result<_>>()?;
        let custom_error = object::function(lua, None, custom_error)?;
        let libraries = if helpers { library::LIBRARIES.as_slice() } else { &[] };
        let table = |(name, functions): &(&'static str, &[_])| Ok((*name, object::library(lua, functions)?));
        let helpers = libraries.iter().map(table).collect::<mlua::Result<_>>()?;
        Ok(Self { custom_error, objects, helpers })
    }

    /// The helpers. They are put in when a stage begins, and not again: changes that a script makes to them stay.
    pub(super) fn helpers(&self) -> impl Iterator<Item = (&'static str, Value)> {
        self.helpers.iter().map(|(name, table)| (*name, Value::Table(table.clone())))
    }

    /// The globals that scripts of a stage know in one half of it, by name.
    pub(super) fn of(&self, stage: Stage, half: Half) -> impl Iterator<Item = (&'static str, Value)> {
        self.due(stage, half, |_, _| true)
    }

    /// Those that they know in this half alone.
    pub(super) fn of_half_alone(&self, stage: Stage, half: Half) -> impl Iterator<Item = (&'static str, Value)> {
        self.due(stage, half, |_, only| only.is_some())
    }

    /// The globals that are put back before a chunk runs: in a fresh environment only the globals of this half alone, else all;
    /// never a global that its scripts cannot reach.
    pub(super) fn anew(
        &self,
        stage: Stage,
        half: Half,
        is_fresh: bool,
        world: &World,
    ) -> impl Iterator<Item = (&'static str, Value)> {
        self.due(stage, half, move |name, only| (only.is_some() || !is_fresh) && world.reaches(name))
    }

    fn due(
        &self,
        stage: Stage,
        half: Half,
        is_due: impl Fn(&str, Option<Half>) -> bool,
    ) -> impl Iterator<Item = (&'static str, Value)> {
        let custom_error =
            is_due(CUSTOM_ERROR, None).then(|| (CUSTOM_ERROR, Value::Function(self.custom_error.clone())));
        let known = self.objects.iter().filter(move |InstalledObject { object, .. }| {
            object.stages.contains(&stage)
                && object.half.is_none_or(|only| only == half)
                && is_due(object.name, object.half)
        });
        let objects = known.map(|installed| (installed.object.name, Value::Table(installed.global.clone())));
        objects.chain(custom_error)
    }

    /// The names of all globals that scripts of a stage may know in either half.
    pub(super) fn names(&self, stage: Stage) -> impl Iterator<Item = &'static str> {
        let known = self.objects.iter().filter(move |installed| installed.object.stages.contains(&stage));
        known.map(|installed| installed.object.name).chain([CUSTOM_ERROR])
    }
}

fn install(vm: &Vm, object: &'static Object) -> mlua::Result<InstalledObject> {
    let lua = vm.lua();
    let methods = object::methods(lua, object.name, object.methods.len())?;
    // The quick ways to methods know the kind that is registered.
    (object.register)(lua, object.name, &methods)?;
    object::fill(vm, &methods, object.methods)?;
    let global = lua.create_table_with_capacity(0, object.functions.len().saturating_add(1))?;
    object::fill(vm, &global, object.functions)?;
    global.raw_set("__index", object::extensible(lua, object.name, &methods)?)?;
    Ok(InstalledObject { object, global })
}

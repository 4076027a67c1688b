//! Every function that a module may import, one file for each family, thin over `Host`. This file puts them into a linker, and
//! has what they share: the guest's memory, and the way from a result to a status.

mod buffers;
mod calls;
mod headers;
mod logs;
mod metrics;
mod properties;
mod shared;
mod streams;
mod wasi;

use wasmtime::{Caller, Engine, Extern, Linker, Memory, Store, Val};

use crate::abi::Status;
use crate::host::{Host, Phase};
use crate::module::{Foreign, Import, LoadError, list_imports};
use crate::settings::Settings;
use crate::trace::Event;

/// Hostcalls that Envoy has and this simulator does not: they answer "unimplemented", and the trace says so.
const UNIMPLEMENTED: [&str; 7] = [
    "proxy_grpc_call",
    "proxy_grpc_stream",
    "proxy_grpc_send",
    "proxy_grpc_cancel",
    "proxy_grpc_close",
    "proxy_done",
    "proxy_get_buffer_status",
];

/// Hostcalls that work even in `_initialize`, when there is no context yet.
const ALWAYS_OPEN: [&str; 2] = ["proxy_log", "proxy_get_log_level"];

/// A linker with all functions that Envoy has, and what becomes of others.
pub(crate) fn link(engine: &Engine, module: &wasmtime::Module, foreign: Foreign) -> Result<Linker<Host>, LoadError> {
    let mut linker = Linker::new(engine);
    let mut fill = || -> wasmtime::Result<()> {
        buffers::link(&mut linker)?;
        calls::link(&mut linker)?;
        headers::link(&mut linker)?;
        logs::link(&mut linker)?;
        metrics::link(&mut linker)?;
        properties::link(&mut linker)?;
        shared::link(&mut linker)?;
        streams::link(&mut linker)?;
        wasi::link(&mut linker)?;
        for import in module.imports() {
            let Some(ty) = import.ty().func().cloned() else {
                continue;
            };
            let Some(name) = UNIMPLEMENTED.iter().find(|name| **name == import.name()) else {
                continue;
            };
            linker.func_new("env", name, ty, |mut caller, _, results| {
                caller.data_mut().note(Event::Unimplemented((*name).to_owned()));
                results.fill(Val::I32(Status::Unimplemented as i32));
                Ok(())
            })?;
        }
        if foreign == Foreign::Traps {
            linker.define_unknown_imports_as_traps(module)?;
        }
        Ok(())
    };
    fill().map_err(|error| LoadError::Link(format!("{error:#}")))?;
    let mut store = Store::new(engine, Host::new(Settings::default()));
    let unknown: Vec<Import> =
        list_imports(module).filter(|import| linker.get(&mut store, &import.module, &import.name).is_err()).collect();
    match unknown.is_empty() {
        true => Ok(linker),
        false => Err(LoadError::UnknownImports(unknown)),
    }
}

/// Why a hostcall does not succeed.
pub(crate) enum Refusal {
    Status(Status),
    /// The module failed when the host asked it for memory.
    Trap(wasmtime::Error),
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

type Outcome = Result<(), Refusal>;

/// Runs a hostcall and turns its result into the number that the module gets.
fn answer(
    name: &str,
    mut caller: Caller<'_, Host>,
    run: impl FnOnce(&mut Guest<'_>) -> Outcome,
) -> wasmtime::Result<u32> {
    let host = caller.data_mut();
    if host.phase == Phase::Initialize && !ALWAYS_OPEN.contains(&name) {
        host.misuse(format!("{name} in _initialize: there is no context yet"));
        return Ok(Status::InternalFailure as u32);
    }
    match run(&mut Guest(caller)) {
        Ok(()) => Ok(Status::Ok as u32),
        Err(Refusal::Status(status)) => Ok(status as u32),
        Err(Refusal::Trap(error)) => Err(error),
    }
}

/// Adds functions of `env` to a linker; each row has name, function, parameters.
macro_rules! provide {
    ($linker:expr; $($name:literal => $function:path, ($($parameter:ident: $ty:ty),*);)*) => {
        $($linker.func_wrap(
            "env",
            $name,
            |caller: wasmtime::Caller<'_, $crate::host::Host>, $($parameter: $ty),*| {
                $crate::hostcalls::answer($name, caller, |guest| $function(guest, $($parameter),*))
            },
        )?;)*
    };
}
use provide;

/// The module as a hostcall sees it: its memory, and the host's state behind it.
pub(crate) struct Guest<'a>(Caller<'a, Host>);

impl Guest<'_> {
    fn host(&mut self) -> &mut Host {
        self.0.data_mut()
    }

    fn memory(&mut self) -> Result<Memory, Status> {
        self.0.get_export("memory").and_then(Extern::into_memory).ok_or(Status::InvalidMemoryAccess)
    }

    fn read(&mut self, at: u32, length: u32) -> Result<Vec<u8>, Status> {
        let memory = self.memory()?;
        let data = memory.data(&self.0);
        let start = at as usize;
        let end = start.saturating_add(length as usize);
        data.get(start..end).map(<[u8]>::to_vec).ok_or(Status::InvalidMemoryAccess)
    }

    fn text(&mut self, at: u32, length: u32) -> Result<String, Status> {
        Ok(String::from_utf8_lossy(&self.read(at, length)?).into_owned())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Status> {
        let memory = self.memory()?;
        memory.write(&mut self.0, at as usize, bytes).map_err(|_| Status::InvalidMemoryAccess)
    }

    fn write_number(&mut self, at: u32, number: u32) -> Result<(), Status> {
        self.write(at, &number.to_le_bytes())
    }

    /// Hands bytes over in memory that the module allocates; as in Envoy, the pointer is null if there are no bytes.
    fn give(&mut self, bytes: &[u8], pointer_at: u32, size_at: u32) -> Outcome {
        let pointer = match bytes.is_empty() {
            true => 0,
            false => self.allocate(bytes.len() as u32)?,
        };
        self.write(pointer, bytes)?;
        self.write_number(pointer_at, pointer)?;
        Ok(self.write_number(size_at, bytes.len() as u32)?)
    }

    fn allocate(&mut self, size: u32) -> Result<u32, Refusal> {
        let allocator = ["proxy_on_memory_allocate", "malloc"]
            .into_iter()
            .find_map(|name| self.0.get_export(name).and_then(Extern::into_func))
            .ok_or(Status::InvalidMemoryAccess)?;
        let pointer = allocator
            .typed::<u32, u32>(&self.0)
            .and_then(|allocate| allocate.call(&mut self.0, size))
            .map_err(Refusal::Trap)?;
        match pointer {
            0 => Err(Refusal::Status(Status::InvalidMemoryAccess)),
            _ => Ok(pointer),
        }
    }
}

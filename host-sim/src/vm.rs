//! One instance of a module: calls its exports within the time limit, and turns every failure into a `Trap`. Knows no rule of
//! HTTP.

use wasmtime::{Instance, Store, Val, WasmParams, WasmResults};

use crate::host::{Host, Phase};
use crate::module::{EPOCH, Module};
use crate::trace::Event;
use crate::trap::Trap;

pub(crate) struct Vm {
    store: Store<Host>,
    instance: Instance,
    dead: Option<Trap>,
}

impl Vm {
    pub(crate) fn new(module: &Module, host: Host) -> Result<Self, (Trap, Vec<crate::Entry>)> {
        let mut store = Store::new(module.engine(), host);
        store.limiter(|host| &mut host.limits);
        let limit = epochs(&store);
        store.set_epoch_deadline(limit);
        match module.prepared().instantiate(&mut store) {
            Ok(instance) => Ok(Self { store, instance, dead: None }),
            Err(error) => Err((Trap::new("instantiation", &error), std::mem::take(&mut store.data_mut().entries))),
        }
    }

    pub(crate) fn host(&self) -> &Host {
        self.store.data()
    }

    pub(crate) fn host_mut(&mut self) -> &mut Host {
        self.store.data_mut()
    }

    pub(crate) fn dead(&self) -> Option<&Trap> {
        self.dead.as_ref()
    }

    /// A copy of a memory that the module exports.
    pub(crate) fn memory(&mut self, name: &str) -> Option<Vec<u8>> {
        let memory = self.instance.get_memory(&mut self.store, name)?;
        Some(memory.data(&self.store).to_vec())
    }

    /// The value of a global that the module exports, if it is an integer.
    pub(crate) fn global(&mut self, name: &str) -> Option<u64> {
        match self.instance.get_global(&mut self.store, name)?.get(&mut self.store) {
            Val::I32(value) => Some(value.cast_unsigned().into()),
            Val::I64(value) => Some(value.cast_unsigned()),
            _ => None,
        }
    }

    pub(crate) fn exports(&mut self, name: &str) -> bool {
        self.instance.get_func(&mut self.store, name).is_some()
    }

    /// Enters a callback for a context. `None` if the module does not export the callback.
    pub(crate) fn call<P: WasmParams, R: WasmResults>(
        &mut self,
        context: u32,
        name: &'static str,
        parameters: P,
        end_of_stream: Option<bool>,
    ) -> Result<Option<R>, Trap> {
        if let Some(trap) = &self.dead {
            return Err(trap.clone());
        }
        if !self.exports(name) {
            return Ok(None);
        }
        let host = self.store.data_mut();
        host.current = context;
        host.effective = 0;
        host.note(Event::Callback { name, end_of_stream });
        let limit = epochs(&self.store);
        self.store.set_epoch_deadline(limit);
        let result = self
            .instance
            .get_typed_func::<P, R>(&mut self.store, name)
            .and_then(|function| function.call(&mut self.store, parameters));
        let host = self.store.data_mut();
        host.effective = 0;
        let result = result.map(Some).map_err(|error| {
            let trap = Trap::new(name, &error);
            host.note(Event::Trapped(trap.clone()));
            self.dead = Some(trap.clone());
            trap
        });
        self.store.data_mut().current = 0;
        result
    }

    pub(crate) fn enter(&mut self, phase: Phase) {
        self.host_mut().phase = phase;
    }
}

fn epochs(store: &Store<Host>) -> u64 {
    let limit = store.data().settings.callback_limit.as_nanos() / EPOCH.as_nanos();
    u64::try_from(limit).unwrap_or(u64::MAX).clamp(1, 1 << 40)
}

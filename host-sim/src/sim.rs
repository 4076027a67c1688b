//! One VM with its plugin, driven step by step: each function is one event that a worker can meet. Several streams may be open
//! at once. The rules are in `flow`, `local_reply` and `destroy`.

use std::fmt;
use std::time::Duration;

use wasmtime::{WasmParams, WasmResults};

use crate::headers::Headers;
use crate::host::{Host, Phase, ROOT};
use crate::message::{Call, Reply, Request};
use crate::module::Module;
use crate::settings::Settings;
use crate::stream::{Side, Stream, StreamId, StreamView};
use crate::trace::{Entry, Event, Trace};
use crate::trap::Trap;
use crate::vm::Vm;

/// A worker: one VM, one plugin.
pub struct Sim {
    pub(crate) vm: Vm,
    last_stream: u32,
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").finish_non_exhaustive()
    }
}

/// Why a VM did not start, with all events until then.
#[derive(Clone, Debug)]
pub enum StartError {
    /// `proxy_on_vm_start` or `proxy_on_configure` answered false; the name says which.
    Refused(&'static str, Trace),
    /// The module trapped.
    Trapped(Trap, Trace),
}

impl StartError {
    /// The events until then.
    pub fn trace(&self) -> &Trace {
        match self {
            Self::Refused(_, trace) | Self::Trapped(_, trace) => trace,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(callback, _) => write!(f, "{callback} refused the configuration")?,
            Self::Trapped(trap, _) => write!(f, "{trap}")?,
        }
        for (level, message) in self.trace().logs() {
            write!(f, "\n{level:?}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StartError {}

impl Sim {
    /// Starts a VM and configures its plugin.
    pub fn start(module: &Module, settings: Settings) -> Result<Self, StartError> {
        let vm = Vm::new(module, Host::new(settings))
            .map_err(|(trap, entries)| StartError::Trapped(trap, Trace { entries }))?;
        let mut sim = Self { vm, last_stream: ROOT };
        match sim.configure() {
            Ok(None) => Ok(sim),
            Ok(Some(callback)) => Err(StartError::Refused(callback, sim.take_trace())),
            Err(trap) => Err(StartError::Trapped(trap, sim.take_trace())),
        }
    }

    /// The callback that refused, if one did.
    fn configure(&mut self) -> Result<Option<&'static str>, Trap> {
        for start in ["_initialize", "_start"] {
            if self.vm.exports(start) {
                self.enter::<_, ()>(0, start, (), None)?;
                break;
            }
        }
        let settings = &self.vm.host().settings;
        let vm_size = settings.vm_configuration.len() as u32;
        let size = settings.configuration.len() as u32;
        self.vm.enter(Phase::Configure);
        self.enter::<_, ()>(ROOT, "proxy_on_context_create", (ROOT, 0), None)?;
        for (phase, callback, size) in
            [(Phase::Serve, "proxy_on_vm_start", vm_size), (Phase::Configure, "proxy_on_configure", size)]
        {
            self.vm.enter(phase);
            let accepted = self.enter::<_, u32>(ROOT, callback, (ROOT, size), None)?;
            if accepted == Some(0) {
                return Ok(Some(callback));
            }
        }
        self.vm.enter(Phase::Serve);
        self.carry_out()?;
        Ok(None)
    }

    /// Enters a callback; if the module traps, all its streams fail.
    pub(crate) fn enter<P: WasmParams, R: WasmResults>(
        &mut self,
        context: u32,
        name: &'static str,
        parameters: P,
        end_of_stream: Option<bool>,
    ) -> Result<Option<R>, Trap> {
        let result = self.vm.call(context, name, parameters, end_of_stream);
        if result.is_err() {
            self.fail_streams();
        }
        result
    }

    /// A copy of what lies in a memory that the module exports under this name; `None` if it exports none. For what a module keeps
    /// beside its work, such as counters.
    pub fn memory(&mut self, name: &str) -> Option<Vec<u8>> {
        self.vm.memory(name)
    }

    /// The value of a global that the module exports under this name; `None` if it exports none, or one that is no integer. For places in
    /// its memory, which linkers export so.
    pub fn global(&mut self, name: &str) -> Option<u64> {
        self.vm.global(name)
    }

    /// Opens a new stream. The module is told of it with its request headers.
    pub fn open_stream(&mut self) -> StreamId {
        self.last_stream = self.last_stream.saturating_add(1);
        let id = self.last_stream;
        self.vm.host_mut().streams.insert(id, Stream::default());
        StreamId(id)
    }

    /// Request headers arrive. With `end_of_stream` no body follows.
    pub fn request_headers(&mut self, id: StreamId, headers: Headers, end_of_stream: bool) -> Result<(), Trap> {
        let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) else {
            return Ok(());
        };
        stream.head = headers.get(":method").as_deref() == Some("HEAD");
        if let Some(trap) = self.vm.dead().cloned() {
            self.fail(id);
            return Err(trap);
        }
        if !std::mem::replace(&mut stream_of(&mut self.vm, id).created, true) {
            self.enter::<_, ()>(id.0, "proxy_on_context_create", (id.0, ROOT), None)?;
        }
        self.headers_arrive(id, Side::Request, headers, end_of_stream)?;
        self.bury()
    }

    /// A piece of the request's body arrives.
    pub fn request_body(&mut self, id: StreamId, chunk: impl Into<Vec<u8>>, end_of_stream: bool) -> Result<(), Trap> {
        self.body_arrives(id, Side::Request, chunk.into(), end_of_stream)?;
        self.bury()
    }

    /// Headers of the upstream's response arrive. `response.code_details` becomes `via_upstream` unless it has been set.
    pub fn response_headers(&mut self, id: StreamId, headers: Headers, end_of_stream: bool) -> Result<(), Trap> {
        let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) else {
            return Ok(());
        };
        stream.details.get_or_insert_with(|| "via_upstream".to_owned());
        self.headers_arrive(id, Side::Response, headers, end_of_stream)?;
        self.bury()
    }

    /// A piece of the response's body arrives.
    pub fn response_body(&mut self, id: StreamId, chunk: impl Into<Vec<u8>>, end_of_stream: bool) -> Result<(), Trap> {
        self.body_arrives(id, Side::Response, chunk.into(), end_of_stream)?;
        self.bury()
    }

    /// Sets the maker of the next response (`response.code_details`).
    pub fn set_code_details(&mut self, id: StreamId, details: &str) {
        if let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) {
            stream.details = Some(details.to_owned());
        }
    }

    /// Sets a property of one stream, by its path with dots.
    pub fn set_property(&mut self, id: StreamId, path: &str, value: impl Into<Vec<u8>>) {
        if let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) {
            stream.properties.insert(path.to_owned(), value.into());
        }
    }

    /// Answers a call, or lets it fail. A call belongs to the root context: if the stream that made it is gone, the module is
    /// still told, as in Envoy, and its actions for that stream have no effect. Unknown tokens are ignored.
    pub fn reply(&mut self, token: u32, reply: Reply) -> Result<(), Trap> {
        let host = self.vm.host_mut();
        if host.calls.remove(&token).is_none() {
            return Ok(());
        }
        let sizes = reply.as_ref().map_or((0, 0, 0), |response| {
            let body: usize = response.chunks.iter().map(Vec::len).sum();
            (response.headers.len(), body, response.trailers.len())
        });
        let status = reply.as_ref().ok().map(|response| response.status());
        host.note_for(ROOT, Event::Replied { token, status });
        host.reply_failed = reply.is_err();
        host.reply = reply.ok();
        let (headers, body, trailers) = (sizes.0 as u32, sizes.1 as u32, sizes.2 as u32);
        let parameters = (ROOT, token, headers, body, trailers);
        let result = self.enter::<_, ()>(ROOT, "proxy_on_http_call_response", parameters, None);
        let host = self.vm.host_mut();
        host.reply = None;
        host.reply_failed = false;
        host.stop = false;
        result?;
        self.carry_out()?;
        self.bury()
    }

    /// Plays the root context's tick now.
    pub fn tick(&mut self) -> Result<(), Trap> {
        self.enter::<_, ()>(ROOT, "proxy_on_tick", ROOT, None)?;
        self.vm.host_mut().stop = false;
        self.carry_out()?;
        self.bury()
    }

    /// Moves the time on, and plays the ticks of that time.
    pub fn advance(&mut self, by: Duration) -> Result<(), Trap> {
        let end = self.elapsed().saturating_add(by);
        while let Some(tick) = &mut self.vm.host_mut().tick
            && tick.next <= end
        {
            let now = tick.next;
            tick.next = now.saturating_add(tick.period);
            self.vm.host_mut().elapsed = now;
            self.tick()?;
        }
        self.vm.host_mut().elapsed = end;
        Ok(())
    }

    /// Tells the module of a context that it never saw, which no correct host would do.
    pub fn call_for_unknown_context(&mut self) -> Result<(), Trap> {
        const UNKNOWN: u32 = u32::MAX;
        self.enter::<_, ()>(UNKNOWN, "proxy_on_log", UNKNOWN, None).map(drop)
    }

    /// Lets the clock fail from now on, which no correct host does: this shows what the module says before it traps.
    pub fn break_clock(&mut self) {
        self.vm.host_mut().clock_broken = true;
    }

    /// The client leaves.
    pub fn client_gone(&mut self, id: StreamId) -> Result<(), Trap> {
        self.vm.host_mut().note_for(id.0, Event::ClientGone);
        self.finish(id);
        self.bury()
    }

    /// A view of a stream; `None` if there is no such stream.
    pub fn stream(&self, id: StreamId) -> Option<StreamView<'_>> {
        self.vm.host().streams.get(&id.0).map(StreamView)
    }

    /// The calls that wait for a reply, oldest first.
    pub fn pending_calls(&self) -> impl Iterator<Item = &Call> {
        self.vm.host().calls.values()
    }

    /// Simulated time since the start.
    pub fn elapsed(&self) -> Duration {
        self.vm.host().elapsed
    }

    /// The period of the ticks that the module asked for.
    pub fn tick_period(&self) -> Option<Duration> {
        self.vm.host().tick.map(|tick| tick.period)
    }

    /// A metric by the name that the module gave it.
    pub fn metric(&self, name: &str) -> Option<u64> {
        self.vm.host().metrics.by_name(name)
    }

    /// All metrics.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, u64)> {
        self.vm.host().metrics.all()
    }

    /// The reason why the VM is dead, if it is.
    pub fn dead(&self) -> Option<&Trap> {
        self.vm.dead()
    }

    /// All events since the start or since the last `take_trace`.
    pub fn entries(&self) -> &[Entry] {
        &self.vm.host().entries
    }

    /// Takes the events; the next trace begins empty.
    pub fn take_trace(&mut self) -> Trace {
        Trace { entries: std::mem::take(&mut self.vm.host_mut().entries) }
    }

    /// Opens a stream and lets a whole request arrive: its headers, its chunks, and then a separate end, as Envoy hands on a
    /// body.
    pub fn request(&mut self, request: &Request) -> Result<StreamId, Trap> {
        let id = self.open_stream();
        request.properties.iter().for_each(|(path, value)| self.set_property(id, path, value.as_slice()));
        let bare = request.chunks.is_empty();
        self.request_headers(id, request.headers.clone(), bare)?;
        for chunk in &request.chunks {
            self.request_body(id, chunk.clone(), false)?;
        }
        if !bare {
            self.request_body(id, [], true)?;
        }
        Ok(id)
    }
}

fn stream_of(vm: &mut Vm, id: StreamId) -> &mut Stream {
    vm.host_mut().streams.entry(id.0).or_default()
}

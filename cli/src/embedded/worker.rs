//! One VM on a thread of its own, like a worker of Envoy. Everything that happens to its streams comes in as events, one after
//! the other; the module's output goes on to client and backends. While one script waits, the other scripts go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use host_sim::{Call, Cause, Headers, LogLevel, Module, Reply, Side, Sim, StartError, StreamId, Trace, Trap};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::open::Open;
use super::pipe::{Outlet, Room};
use super::setting::Setting;
use super::{route, terminal};
use crate::verification::Properties;

/// Something that happens to a stream.
pub(crate) enum Event {
    /// A client sends the headers of a request.
    Request {
        headers: Headers,
        end: bool,
        peer: String,
        /// The properties that the verification of the request's tokens has left for the module.
        properties: Properties,
        answer: oneshot::Sender<Answer>,
    },
    RequestBody {
        chunk: Vec<u8>,
        end: bool,
        done: Done,
    },
    ClientGone,
    /// The backend of the route answers. With `details`, the answer is Envoy's own.
    Response {
        headers: Headers,
        details: Option<String>,
        end: bool,
    },
    ResponseBody {
        chunk: Vec<u8>,
        end: bool,
        done: Done,
    },
    ResponseBroken,
}

/// Is told when the module has handled a piece, and gets the room on the way out, where more bytes may have to wait.
pub(crate) type Done = oneshot::Sender<Option<Room>>;

/// The response for the client.
pub(crate) struct Answer {
    pub(crate) headers: Headers,
    pub(crate) body: Outlet,
}

enum Message {
    Of(u64, Event),
    Reply(u32, Reply),
}

/// A handle of a running VM. The VM ends when the last handle is dropped: requests and calls under way keep it running.
#[derive(Clone)]
pub(crate) struct Worker(mpsc::UnboundedSender<Message>);

/// A handle of one stream of a VM.
#[derive(Clone)]
pub(crate) struct Stream {
    worker: Worker,
    key: u64,
}

impl Worker {
    /// Starts a VM; `dead` is told if it ever traps.
    pub(crate) async fn start(
        module: Module,
        setting: Arc<Setting>,
        dead: impl Fn() + Send + 'static,
    ) -> Result<Self, StartError> {
        let (messages, inbox) = mpsc::unbounded_channel();
        let (started, told) = oneshot::channel();
        let tasks = Handle::current();
        let worker = Self(messages);
        let weak = worker.0.downgrade();
        std::thread::spawn(move || match Sim::start(&module, setting.settings()) {
            Ok(sim) => {
                let mut vm = Vm { sim, setting, tasks, weak, open: BTreeMap::new(), keys: BTreeMap::new() };
                vm.look(None);
                if started.send(Ok(())).is_ok() {
                    vm.serve(inbox, dead);
                }
            }
            Err(error) => drop(started.send(Err(error))),
        });
        match told.await {
            Ok(Ok(())) => Ok(worker),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                let cause = Cause::Trap("its thread ended".to_owned());
                let trap = Trap { callback: "start".to_owned(), cause, backtrace: String::new() };
                Err(StartError::Trapped(trap, Trace::default()))
            }
        }
    }

    /// A handle of a new stream, which the VM does not know yet.
    pub(crate) fn stream(&self, key: u64) -> Stream {
        Stream { worker: self.clone(), key }
    }
}

impl Stream {
    /// Sends an event to the stream. If the VM is gone, nothing happens: it has no streams.
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.worker.0.send(Message::Of(self.key, event));
    }
}

struct Vm {
    sim: Sim,
    setting: Arc<Setting>,
    /// The runtime on which requests to backends run.
    tasks: Handle,
    weak: mpsc::WeakUnboundedSender<Message>,
    open: BTreeMap<u64, Open>,
    keys: BTreeMap<StreamId, u64>,
}

impl Vm {
    fn serve(&mut self, mut inbox: mpsc::UnboundedReceiver<Message>, dead: impl Fn()) {
        let mut alive = true;
        // This thread has a clock of its own, because the runtime's clock fails when the program ends.
        let Ok(clock) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
        loop {
            let wait = self.sim.until_tick().unwrap_or(Duration::from_secs(60));
            let message = clock.block_on(async { timeout(wait, inbox.recv()).await });
            let caught_up = self.sim.catch_up();
            let happened = match message {
                Ok(Some(message)) => self.happen(message),
                Ok(None) => return,
                Err(_) => {
                    // A tick may answer a stream, or let it go on. If a message came as well, `happen` has looked at both.
                    self.look(None);
                    caught_up
                }
            };
            // If this is a trap, the trace contains it too.
            drop(happened);
            if alive && self.sim.dead().is_some() {
                alive = false;
                dead();
            }
        }
    }

    fn happen(&mut self, message: Message) -> Result<(), Trap> {
        let (key, event) = match message {
            Message::Of(key, event) => (key, event),
            Message::Reply(token, reply) => {
                let result = self.sim.reply(token, reply);
                self.look(None);
                return result;
            }
        };
        let mut told = None;
        let result = match event {
            Event::Request { headers, end, peer, properties, answer } => {
                self.begin(key, headers, end, &peer, properties, answer)
            }
            event => match self.open.get(&key).map(Open::id) {
                Some(id) => self.go_on(id, event, &mut told),
                None => Ok(()),
            },
        };
        self.look(Some(key));
        if let Some((side, done)) = told
            && let Some(open) = self.open.get(&key)
        {
            let _ = done.send(open.room(side));
        }
        result
    }

    fn begin(
        &mut self,
        key: u64,
        headers: Headers,
        end: bool,
        peer: &str,
        properties: Properties,
        answer: oneshot::Sender<Answer>,
    ) -> Result<(), Trap> {
        let id = self.sim.open_stream();
        properties.into_iter().for_each(|(path, value)| self.sim.set_property(id, &path, value));
        self.sim.set_property(id, "source.address", peer);
        self.open.insert(key, Open::new(id, answer));
        self.keys.insert(id, key);
        self.sim.request_headers(id, headers, end)
    }

    fn go_on(&mut self, id: StreamId, event: Event, told: &mut Option<(Side, Done)>) -> Result<(), Trap> {
        match event {
            Event::Request { .. } => Ok(()),
            Event::RequestBody { chunk, end, done } => {
                *told = Some((Side::Request, done));
                self.sim.request_body(id, chunk, end)
            }
            Event::ClientGone => self.sim.client_gone(id),
            Event::Response { headers, details, end } => {
                if let Some(details) = details {
                    self.sim.set_code_details(id, &details);
                }
                self.sim.response_headers(id, headers, end)
            }
            Event::ResponseBody { chunk, end, done } => {
                *told = Some((Side::Response, done));
                self.sim.response_body(id, chunk, end)
            }
            Event::ResponseBroken => self.sim.response_broken(id),
        }
    }

    /// Handles what the module has done: its log lines, its calls, and the data that left its streams.
    fn look(&mut self, key: Option<u64>) {
        let mut touched: BTreeSet<u64> = key.into_iter().collect();
        for entry in self.sim.take_trace().entries {
            touched.extend(entry.stream.and_then(|id| self.keys.get(&id)));
            match entry.event {
                host_sim::Event::Log { level, message } if level >= self.setting.least_level => {
                    terminal::logged(level, &message);
                }
                host_sim::Event::Output { text, .. } => terminal::logged(LogLevel::Info, &text),
                host_sim::Event::Called(call) => self.call(call),
                host_sim::Event::Trapped(trap) => terminal::tell(&format!("the module failed: {trap}")),
                host_sim::Event::Misuse(text) => terminal::warn(&format!("Envoy would not forgive this: {text}")),
                // The module asks for functions beyond the ABI; it expects that they may be missing.
                host_sim::Event::Unimplemented(name) if name.starts_with("foreign function ") => {}
                host_sim::Event::Unimplemented(name) => terminal::warn(&format!("{name} is not served here")),
                _ => {}
            }
        }
        for key in touched {
            self.pass_on(key);
        }
    }

    // If all handles of the VM are gone, nobody waits for the reply, and no call is made.
    fn call(&self, call: Call) {
        let (Some(messages), setting) = (self.weak.upgrade(), Arc::clone(&self.setting)) else { return };
        self.tasks.spawn(async move {
            let token = call.token;
            let reply = setting.backends.call(&setting.hosts, call).await;
            let _ = messages.send(Message::Reply(token, reply));
        });
    }

    fn pass_on(&mut self, key: u64) {
        let Some(open) = self.open.get_mut(&key) else { return };
        let id = open.id();
        if let Some((headers, body)) = open.pass_request(self.sim.take_left(id, Side::Request))
            && let Some(messages) = self.weak.upgrade()
        {
            let (stream, setting) = (Worker(messages).stream(key), Arc::clone(&self.setting));
            open.follow(self.tasks.spawn(async move {
                route::follow(&setting.backends, &setting.hosts, &stream, headers, body).await;
            }));
        }
        open.pass_response(self.sim.take_left(id, Side::Response));
        if self.sim.stream(id).is_none_or(|stream| stream.is_over()) {
            self.open.remove(&key);
            self.keys.remove(&id);
            self.sim.forget(id);
        }
    }
}

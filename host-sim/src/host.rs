//! The state that hostcalls reach: streams, calls, metrics, clock, and the list of events. Hostcalls only note the module's
//! wishes (`Deferred`); as in Envoy, they are carried out when the callback has returned.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use wasmtime::{StoreLimits, StoreLimitsBuilder};

use crate::headers::Headers;
use crate::message::{Call, Response};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::stream::{Side, Stream, StreamId};
use crate::trace::{Entry, Event};

/// The context id of the one root context.
pub(crate) const ROOT: u32 = 1;

/// A local reply that waits to be sent.
#[derive(Debug)]
pub(crate) struct LocalReply {
    pub(crate) status: u32,
    pub(crate) details: String,
    pub(crate) headers: Vec<crate::abi::Pair>,
    pub(crate) body: Vec<u8>,
}

/// An action that a module asked for inside a callback.
#[derive(Debug)]
pub(crate) enum Deferred {
    Resume(StreamId, Side),
    Reply(StreamId, LocalReply),
    Reset(StreamId),
}

/// The phase of the VM's life; some hostcalls are allowed only in some phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Initialize,
    Configure,
    Serve,
    /// `proxy_on_log` runs: headers can be read, but not written.
    Log,
}

/// Everything outside the module's own memory.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) settings: Settings,
    pub(crate) phase: Phase,
    /// The context whose callback runs.
    pub(crate) current: u32,
    /// The context that the module asked to act for; 0 if it asked for none.
    pub(crate) effective: u32,
    pub(crate) streams: BTreeMap<u32, Stream>,
    /// Streams that have ended, and whose end the module does not know yet.
    pub(crate) ended: Vec<u32>,
    pub(crate) calls: BTreeMap<u32, Call>,
    pub(crate) last_token: u32,
    /// The reply whose callback runs.
    pub(crate) reply: Option<Response>,
    pub(crate) reply_failed: bool,
    pub(crate) metrics: Metrics,
    pub(crate) elapsed: Duration,
    started: Instant,
    pub(crate) tick: Option<Tick>,
    pub(crate) deferred: VecDeque<Deferred>,
    /// A local reply was sent: the stream stops, whatever the callback answers.
    pub(crate) stop: bool,
    pub(crate) clock_broken: bool,
    pub(crate) entries: Vec<Entry>,
    pub(crate) random: u64,
    pub(crate) limits: StoreLimits,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick {
    pub(crate) period: Duration,
    pub(crate) next: Duration,
}

impl Host {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            phase: Phase::Initialize,
            current: 0,
            effective: 0,
            streams: BTreeMap::new(),
            ended: Vec::new(),
            calls: BTreeMap::new(),
            last_token: 0,
            reply: None,
            reply_failed: false,
            metrics: Metrics::default(),
            elapsed: Duration::ZERO,
            started: Instant::now(),
            tick: None,
            deferred: VecDeque::new(),
            stop: false,
            clock_broken: false,
            entries: Vec::new(),
            random: settings.seed,
            limits: StoreLimitsBuilder::new().memory_size(settings.memory_limit).build(),
            settings,
        }
    }

    /// The context that a hostcall acts for.
    pub(crate) fn context(&self) -> u32 {
        match self.effective {
            0 => self.current,
            effective => effective,
        }
    }

    /// The stream that a hostcall acts for; `None` in the root context.
    pub(crate) fn stream(&mut self) -> Option<(StreamId, &mut Stream)> {
        let id = self.context();
        self.streams.get_mut(&id).map(|stream| (StreamId(id), stream))
    }

    /// Moves the clock to this moment, if it runs by itself.
    pub(crate) fn read_clock(&mut self) {
        if self.settings.real_time {
            self.elapsed = self.started.elapsed();
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.settings.now.saturating_add(self.elapsed)
    }

    /// Notes an event for the context that acts.
    pub(crate) fn note(&mut self, event: Event) {
        self.note_for(self.context(), event);
    }

    pub(crate) fn note_for(&mut self, context: u32, event: Event) {
        self.entries.push(Entry {
            at: self.elapsed,
            real: self.started.elapsed(),
            stream: self.streams.contains_key(&context).then_some(StreamId(context)),
            event,
        });
    }

    pub(crate) fn misuse(&mut self, text: impl Into<String>) {
        self.note(Event::Misuse(text.into()));
    }

    /// The headers and trailers of the reply whose callback runs.
    pub(crate) fn reply_headers(&self) -> Option<&Headers> {
        self.reply.as_ref().map(|reply| &reply.headers)
    }
}

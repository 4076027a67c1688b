//! The events in their order, with time and stream, and functions that search them. Judges nothing.

use std::fmt;
use std::time::Duration;

use crate::abi::{LogLevel, Status};
use crate::message::{Call, Request, Response};
use crate::stream::{Side, StreamId};
use crate::trap::Trap;

/// One event.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the variants say what their fields are")]
pub enum Event {
    /// The host entered a callback of the module; `end_of_stream` where the callback has it.
    Callback { name: &'static str, end_of_stream: Option<bool> },
    /// The module wrote a log line.
    Log { level: LogLevel, message: String },
    /// The module wrote to its standard output or standard error (`fd` 1 or 2).
    Output { fd: u32, text: String },
    /// The module answered Pause: this side of the stream waits.
    Paused(Side),
    /// The module let this side go on.
    Resumed(Side),
    /// The headers of this side left the filter: they can no longer be changed.
    HeadersLeft(Side),
    /// The request left along the route, whole.
    Forwarded(Request),
    /// The response reached the client, whole.
    Delivered(Response),
    /// A local reply, made by the module or by Envoy.
    LocalReply { status: u32, details: String },
    /// The stream was reset: the client sees a broken connection.
    Reset,
    /// The driver said that the client has left.
    ClientGone,
    /// The module dispatched a call.
    Called(Call),
    /// A call was refused at once.
    CallRefused { cluster: String, status: Status },
    /// A request for the gateway itself has come in as another stream; it was a call, or (without a token) the stream's own
    /// request.
    CameBack { token: Option<u32>, stream: StreamId },
    /// A reply was handed to the module; `status` is `None` if the call failed.
    Replied { token: u32, status: Option<u16> },
    /// The module called a foreign function that the settings offer.
    ForeignCalled { name: String, arguments: Vec<u8> },
    /// The host has forgotten the stream's context.
    Closed,
    /// An exchange could not go on: the module waits, and nothing is under way that could wake it; or the module asks for more
    /// replies than [`crate::Settings::most_replies`].
    Stuck,
    /// The module called a function that this simulator does not have; the answer was "unimplemented".
    Unimplemented(String),
    /// The module made a mistake that Envoy punishes without a message, or with a crash.
    Misuse(String),
    /// The module trapped. The VM is dead.
    Trapped(Trap),
}

/// An event, with its time and its stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Simulated time since the VM's start.
    pub at: Duration,
    /// Real time since the VM's start, which shows how long the module's own work takes. It differs from run to run.
    pub real: Duration,
    /// The stream; `None` for the root context.
    pub stream: Option<StreamId>,
    /// The event.
    pub event: Event,
}

/// A list of events, with functions that search it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The events in the order in which they happened.
    pub entries: Vec<Entry>,
}

impl Trace {
    /// The events without time and stream.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.entries.iter().map(|entry| &entry.event)
    }

    fn find<'a, T: 'a>(&'a self, pick: impl Fn(&'a Event) -> Option<T>) -> Vec<T> {
        self.events().filter_map(pick).collect()
    }

    /// The response that reached the client (the last one, if there are several streams).
    pub fn answer(&self) -> Option<&Response> {
        let delivered = self.find(|event| match event {
            Event::Delivered(response) => Some(response),
            _ => None,
        });
        delivered.last().copied()
    }

    /// The requests that left along the route.
    pub fn forwarded(&self) -> Vec<&Request> {
        self.find(|event| match event {
            Event::Forwarded(request) => Some(request),
            _ => None,
        })
    }

    /// The calls that were dispatched.
    pub fn calls(&self) -> Vec<&Call> {
        self.find(|event| match event {
            Event::Called(call) => Some(call),
            _ => None,
        })
    }

    /// The log lines.
    pub fn logs(&self) -> Vec<(LogLevel, &str)> {
        self.find(|event| match event {
            Event::Log { level, message } => Some((*level, message.as_str())),
            _ => None,
        })
    }

    /// The text that the module wrote to its standard output and error.
    pub fn outputs(&self) -> Vec<&str> {
        self.find(|event| match event {
            Event::Output { text, .. } => Some(text.as_str()),
            _ => None,
        })
    }

    /// Does a log line of this level or above contain the text?
    pub fn logged(&self, least: LogLevel, text: &str) -> bool {
        self.logs().iter().any(|(level, message)| *level >= least && message.contains(text))
    }

    /// The names of the callbacks that were entered.
    pub fn callbacks(&self) -> Vec<&'static str> {
        self.find(|event| match event {
            Event::Callback { name, .. } => Some(*name),
            _ => None,
        })
    }

    /// The hostcalls that were answered "unimplemented".
    pub fn unimplemented(&self) -> Vec<&str> {
        self.find(|event| match event {
            Event::Unimplemented(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The mistakes that Envoy would have punished.
    pub fn misuses(&self) -> Vec<&str> {
        self.find(|event| match event {
            Event::Misuse(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The trap that ended the VM.
    pub fn trap(&self) -> Option<&Trap> {
        self.events().find_map(|event| match event {
            Event::Trapped(trap) => Some(trap),
            _ => None,
        })
    }

    /// Did the exchange end because nothing could wake the module, or because it asked for too many replies?
    pub fn is_stuck(&self) -> bool {
        self.shows(|event| matches!(event, Event::Stuck))
    }

    /// Did such an event happen?
    pub fn shows(&self, matches: impl Fn(&Event) -> bool) -> bool {
        self.events().any(matches)
    }

    /// Did the first event that `these` accepts happen before the first one that `those` accepts? False if either is missing.
    pub fn before(&self, these: impl Fn(&Event) -> bool, those: impl Fn(&Event) -> bool) -> bool {
        match (self.events().position(these), self.events().position(those)) {
            (Some(first), Some(second)) => first < second,
            _ => false,
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Entry { at, stream, event, .. } in &self.entries {
            let stream = stream.map_or("root".to_owned(), |id| id.to_string());
            writeln!(f, "{:>9.3} {stream:>5} {event:?}", at.as_secs_f64())?;
        }
        Ok(())
    }
}

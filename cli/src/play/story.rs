//! The story of one exchange as plain data: `run --format json` prints it as it stands here (its field names are kept), and
//! `test` holds expectations against it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::messages::Message;
use super::{Change, Fault, Place};

/// All that happened.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Story {
    /// The endpoint that the request met; `null`: none.
    pub(crate) endpoint: Option<String>,
    /// In order.
    pub(crate) events: Vec<Happening>,
    /// What the client gets; `null`: the connection was broken off. To a message it is what `lua-modifier agent` gets.
    pub(crate) response: Option<Message>,
    /// Whether the message is done, and does not go back to its queue; only of messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acknowledged: Option<bool>,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Happening {
    /// A half of a stage ran.
    Stage(Half),
    /// A request went to a backend, or for a live source.
    Sent(Sent),
    /// `modifier/martian` was at a message of a backend.
    Martian(Edited),
    /// The module wrote a log line that no `print` explains.
    Log(LogLine),
}

/// What `modifier/martian` did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Edited {
    /// The backend's number at its endpoint, counted from 0.
    pub(crate) backend: i64,
    pub(crate) changes: Vec<Change>,
}

/// A log line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LogLine {
    pub(crate) level: String,
    pub(crate) text: String,
}

/// A half of a stage: its `pre`, or its `post`.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Half {
    /// Both halves of a stage have the same number.
    pub(crate) stage: i64,
    /// `service`, `endpoint`, `proxy`, `backend`.
    pub(crate) kind: String,
    /// `pre`, `post`.
    pub(crate) half: String,
    /// What stands in front of its prints.
    pub(crate) name: String,
    /// Its block in the configuration.
    pub(crate) at: String,
    /// What ran: names of sources, `pre`, `post`.
    pub(crate) scripts: Vec<String>,
    /// Real time of its scripts, without waiting.
    pub(crate) microseconds: u64,
    /// Prints and requests of its scripts, in order.
    pub(crate) notes: Vec<Note>,
    pub(crate) changes: Vec<Change>,
    pub(crate) failure: Option<Failure>,
    /// Executed lines by script, where they were asked for.
    #[serde(skip)]
    pub(crate) lines: BTreeMap<String, Vec<usize>>,
}

/// What a script did on the way.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub(crate) enum Note {
    Print { text: String },
    Sent(Box<Sent>),
}

/// A request that left.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Sent {
    /// `backend`, `shadow` (a backend for which nobody waits), `side`, `source`; `route`: no endpoint was met, and Envoy's own routes have it.
    #[serde(rename = "for")]
    pub(crate) purpose: String,
    /// `route`, `call`.
    pub(crate) by: String,
    /// The backend's number at its endpoint, counted from 0.
    pub(crate) backend: Option<i64>,
    pub(crate) cluster: String,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// When it left, in simulated time since the exchange began.
    pub(crate) left_ms: u64,
    pub(crate) answer: Option<Received>,
    /// What happened in the gateway, where it was meant itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gateway: Option<Box<Story>>,
    /// Envoy did not take it: why.
    pub(crate) refused: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Received {
    /// Simulated time that the backend took.
    pub(crate) delay_ms: u64,
    /// The rule that answered, counted from 1.
    pub(crate) rule: Option<usize>,
    pub(crate) fault: Option<Fault>,
    /// `null` with a fault.
    pub(crate) response: Option<Message>,
}

/// A script that failed, or called `custom_error`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) status: Option<i64>,
    /// Where, if the message says it.
    pub(crate) place: Option<Place>,
}

impl Story {
    /// This story, then those of the gateway's requests to itself.
    fn all(&self) -> Vec<&Self> {
        let inner = self.requests().filter_map(|sent| sent.gateway.as_deref()).flat_map(Self::all);
        [self].into_iter().chain(inner).collect()
    }

    /// Why a message was not acknowledged.
    pub(crate) fn rejection(&self) -> Option<&str> {
        let response = self.response.as_ref().filter(|_| self.acknowledged == Some(false))?;
        Some(response.body.trim())
    }

    /// The halves in order.
    pub(crate) fn halves(&self) -> impl Iterator<Item = &Half> {
        self.all().into_iter().flat_map(|story| &story.events).filter_map(|event| match event {
            Happening::Stage(half) => Some(half),
            _ => None,
        })
    }

    fn requests(&self) -> impl Iterator<Item = &Sent> {
        self.events.iter().flat_map(|event| match event {
            Happening::Sent(sent) => vec![sent],
            Happening::Stage(half) => half.requests().collect(),
            Happening::Martian(_) | Happening::Log(_) => Vec::new(),
        })
    }

    /// Every request that left, in the order of its stage.
    pub(crate) fn sent(&self, purpose: &str) -> Vec<&Sent> {
        let all = self.all().into_iter().flat_map(Self::requests);
        all.filter(|sent| sent.purpose == purpose).collect()
    }

    /// What scripts printed.
    pub(crate) fn prints(&self) -> Vec<&str> {
        let notes = self.halves().flat_map(|half| &half.notes);
        notes
            .filter_map(|note| match note {
                Note::Print { text } => Some(text.as_str()),
                Note::Sent(_) => None,
            })
            .collect()
    }

    /// Log lines that are no prints.
    pub(crate) fn log(&self) -> impl Iterator<Item = &LogLine> {
        self.all().into_iter().flat_map(|story| &story.events).filter_map(|event| match event {
            Happening::Log(line) => Some(line),
            _ => None,
        })
    }
}

impl Half {
    fn requests(&self) -> impl Iterator<Item = &Sent> {
        self.notes.iter().filter_map(|note| match note {
            Note::Sent(sent) => Some(sent.as_ref()),
            Note::Print { .. } => None,
        })
    }
}

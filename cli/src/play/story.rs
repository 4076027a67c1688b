//! The story of one exchange as plain data. `run --format json` prints it exactly as it is here (so its field names do not
//! change), and `test` compares it with expectations.

use std::collections::BTreeMap;

use serde::Serialize;

use super::messages::Message;
use super::{Change, Fault, Place};

/// Everything that happened in one exchange.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Story {
    /// The endpoint that the request met; `null`: it met no endpoint.
    pub(crate) endpoint: Option<String>,
    /// The events in their order.
    pub(crate) events: Vec<Happening>,
    /// The response to the client; `null`: the connection broke. For a message, it is the response to `lua-modifier agent`.
    pub(crate) response: Option<Message>,
    /// Whether the message is done, and does not go back to its queue; only for messages.
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
    /// `modifier/martian` was applied to a message to or from a backend.
    Martian(Edited),
    /// The module wrote a log line that no `print` explains.
    Log(LogLine),
}

/// The changes that `modifier/martian` made.
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
    /// The stage's number, which is the same for both halves.
    pub(crate) stage: i64,
    /// `service`, `endpoint`, `proxy`, `backend`.
    pub(crate) kind: String,
    /// `pre`, `post`.
    pub(crate) half: String,
    /// The text in front of its prints.
    pub(crate) name: String,
    /// The path of its block in the configuration.
    pub(crate) at: String,
    /// The scripts that ran: names of sources, `pre`, `post`.
    pub(crate) scripts: Vec<String>,
    /// The real time that its scripts took, without waiting.
    pub(crate) microseconds: u64,
    /// Prints and requests of its scripts, in order.
    pub(crate) notes: Vec<Note>,
    pub(crate) changes: Vec<Change>,
    pub(crate) failure: Option<Failure>,
    /// The executed lines of each script, if the module was asked for them.
    #[serde(skip)]
    pub(crate) lines: BTreeMap<String, Vec<usize>>,
}

/// A print or a request of a script.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub(crate) enum Note {
    Print { text: String },
    Sent(Box<Sent>),
}

/// A request that left.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Sent {
    /// `backend`, `shadow` (a backend for which nobody waits), `side`, `source`; `route`: the request met no endpoint, and
    /// Envoy's own routes get it.
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
    /// The time at which it left, in simulated time since the exchange began.
    pub(crate) left_ms: u64,
    pub(crate) answer: Option<Received>,
    /// The story of this request in the gateway, if the gateway sent it to itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gateway: Option<Box<Story>>,
    /// The reason why Envoy refused to send the request.
    pub(crate) refused: Option<String>,
}

/// The answer to a request that left.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Received {
    /// The simulated time that the backend took.
    pub(crate) delay_ms: u64,
    /// The rule that answered, counted from 1.
    pub(crate) rule: Option<usize>,
    pub(crate) fault: Option<Fault>,
    /// The response; `null` with a fault.
    pub(crate) response: Option<Message>,
}

/// A script that failed, or called `custom_error`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) status: Option<i64>,
    /// The place of the failure, if the message names it.
    pub(crate) place: Option<Place>,
}

impl Story {
    /// This story, then the stories of the gateway's requests to itself.
    fn all(&self) -> Vec<&Self> {
        let inner = self.requests().filter_map(|sent| sent.gateway.as_deref()).flat_map(Self::all);
        [self].into_iter().chain(inner).collect()
    }

    /// The reason why a message was not acknowledged.
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

    /// The texts that scripts printed.
    pub(crate) fn prints(&self) -> Vec<&str> {
        let notes = self.halves().flat_map(|half| &half.notes);
        notes
            .filter_map(|note| match note {
                Note::Print { text } => Some(text.as_str()),
                Note::Sent(_) => None,
            })
            .collect()
    }

    /// The log lines that are no prints.
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

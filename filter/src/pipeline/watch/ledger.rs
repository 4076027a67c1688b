//! What the stages of one worker have spent: each run is written down here, additions only, until somebody takes the sums to
//! where they are shown. So a request pays nothing for being counted, and nothing here knows who counts.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::time::Duration;

use crate::config::{Configuration, Listener};
use crate::pipeline::failure::Failure;

/// What one stage's runs have come to. A run is one half of a stage that had scripts: its sources and `pre`, or its `post`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageTotals {
    /// Runs that have ended, one way or the other.
    pub runs: u64,
    /// Those of them that failed, by [`ErrorKind`].
    pub errors: [u64; 4],
    /// Side requests that they asked for.
    pub calls: u64,
    /// Lua instructions.
    pub instructions: u64,
    /// Microseconds that each of them computed.
    pub durations: Vec<u64>,
}

/// What has become of shadows: copies of requests that go to backends for which nobody waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShadowTotals {
    /// Those that have begun.
    pub begun: u64,
    /// Backends of theirs that have failed.
    pub failures: u64,
    /// Those that were not sent, because too many were under way.
    pub dropped: u64,
}

/// What made a run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// An error of the script.
    Script,
    /// `custom_error`.
    Custom,
    /// One of its limits.
    Limit,
    /// A side request or a live source that failed, and nobody caught it.
    Call,
}

impl ErrorKind {
    /// All of them, as [`StageTotals::errors`] has them.
    pub const ALL: [Self; 4] = [Self::Script, Self::Custom, Self::Limit, Self::Call];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Custom => "custom",
            Self::Limit => "limit",
            Self::Call => "call",
        }
    }

    pub(crate) fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Custom { .. } => Self::Custom,
            Failure::Limit { .. } | Failure::TooLarge { .. } => Self::Limit,
            Failure::Source { .. } => Self::Call,
            _ => Self::Script,
        }
    }
}

/// What a request, or one to a backend, was refused by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    /// It has no token that is certain to be good.
    Token,
    /// Its token lacks the role or the scope.
    Role,
    /// Its agent is a bot.
    Bot,
    /// The rate of all clients together, of an endpoint, of the service or of a backend, is used up.
    Rate,
    /// The rate of one client is used up.
    Client,
    /// It has no key, or none that is good.
    Key,
}

impl RefusedBy {
    /// All of them, as [`Program::take_refused`](crate::pipeline::Program::take_refused) has them.
    pub const ALL: [Self; 6] = [Self::Token, Self::Role, Self::Bot, Self::Rate, Self::Client, Self::Key];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Role => "role",
            Self::Bot => "bot",
            Self::Rate => "rate",
            Self::Client => "client",
            Self::Key => "key",
        }
    }
}

/// Which stage of which endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StageId {
    Service,
    Endpoint(usize),
    Proxy(usize),
    Backend(usize, usize),
}

/// The sums of all stages.
#[derive(Default)]
pub(crate) struct Ledger {
    places: RefCell<Vec<StageId>>,
    accounts: RefCell<Vec<StageTotals>>,
    touched: RefCell<Vec<usize>>,
    failures: Cell<u64>,
    shadows: Cell<ShadowTotals>,
    refused: Cell<[u64; RefusedBy::ALL.len()]>,
}

impl Ledger {
    /// A number for a stage.
    pub(crate) fn open(&self, place: StageId) -> usize {
        let mut places = self.places.borrow_mut();
        places.push(place);
        self.accounts.borrow_mut().push(StageTotals::default());
        places.len().saturating_sub(1)
    }

    /// A run has ended.
    pub(crate) fn note(&self, stage: usize, spent: crate::lua::Usage, calls: u64, error: Option<ErrorKind>) {
        let mut accounts = self.accounts.borrow_mut();
        let Some(account) = accounts.get_mut(stage) else { return };
        if account.runs == 0 {
            self.touched.borrow_mut().push(stage);
        }
        account.runs = account.runs.saturating_add(1);
        if let Some(errors) = error.and_then(|kind| account.errors.get_mut(kind as usize)) {
            *errors = errors.saturating_add(1);
        }
        account.calls = account.calls.saturating_add(calls);
        account.instructions = account.instructions.saturating_add(spent.instructions);
        account.durations.push(u64::try_from(spent.time.as_micros()).unwrap_or(u64::MAX));
    }

    /// An exchange, or a part of it, has failed: in a script or elsewhere.
    pub(crate) fn failed(&self) {
        self.failures.set(self.failures.get().saturating_add(1));
    }

    /// A shadow begins.
    pub(crate) fn shadow_begins(&self) {
        let shadows = self.shadows.get();
        self.shadows.set(ShadowTotals { begun: shadows.begun.saturating_add(1), ..shadows });
    }

    /// A backend of a shadow has failed.
    pub(crate) fn shadow_failed(&self) {
        let shadows = self.shadows.get();
        self.shadows.set(ShadowTotals { failures: shadows.failures.saturating_add(1), ..shadows });
    }

    /// A shadow was not sent.
    pub(crate) fn shadow_dropped(&self) {
        let shadows = self.shadows.get();
        self.shadows.set(ShadowTotals { dropped: shadows.dropped.saturating_add(1), ..shadows });
    }

    /// A request was not let in.
    pub(crate) fn refused(&self, by: RefusedBy) {
        let mut refused = self.refused.get();
        if let Some(count) = refused.get_mut(by as usize) {
            *count = count.saturating_add(1);
        }
        self.refused.set(refused);
    }

    pub(crate) fn take_refused(&self) -> [u64; RefusedBy::ALL.len()] {
        self.refused.take()
    }

    pub(crate) fn take_shadows(&self) -> ShadowTotals {
        self.shadows.take()
    }

    pub(crate) fn take_failures(&self) -> u64 {
        self.failures.take()
    }

    /// The sums since the last time, by stage.
    pub(crate) fn take(&self) -> Vec<(usize, StageTotals)> {
        let touched = std::mem::take(&mut *self.touched.borrow_mut());
        let mut accounts = self.accounts.borrow_mut();
        touched.into_iter().filter_map(|stage| Some((stage, std::mem::take(accounts.get_mut(stage)?)))).collect()
    }

    /// `GET_/users/{id}.proxy`: the endpoint, escaped, and the stage; `async.orders.proxy` is one of an agent. None is an endpoint's,
    /// whose name has a method in front.
    pub(crate) fn name(&self, stage: usize, config: &Configuration) -> Option<String> {
        let place = *self.places.borrow().get(stage)?;
        let of = |endpoint: usize| {
            let endpoint = config.endpoints.get(endpoint)?;
            Some(match config.plugin.listener {
                Listener::Endpoints => format!("{}_{}", escaped(&endpoint.method), escaped(&endpoint.path)),
                Listener::Agents => format!("async.{}", escaped(&endpoint.path)),
            })
        };
        Some(match place {
            StageId::Service => "service.service".to_owned(),
            StageId::Endpoint(endpoint) => format!("{}.endpoint", of(endpoint)?),
            StageId::Proxy(endpoint) => format!("{}.proxy", of(endpoint)?),
            StageId::Backend(endpoint, backend) => format!("{}.backend_{backend}", of(endpoint)?),
        })
    }
}

/// Names of metrics are parts between dots, and those who store them give meaning to other letters, too: what is no letter,
/// digit or one of `/ - _ ~ * { }` becomes `%` and two hexadecimal digits for each byte, as in a URL.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'~' | b'*' | b'{' | b'}' => {
                out.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// One half of a stage, from its beginning to the line in the ledger.
#[derive(Default)]
pub(crate) struct Entry {
    pub(crate) under_way: bool,
    pub(crate) calls: u64,
}

/// A run that began no script, such as one whose sources did not come.
pub(crate) const NOTHING: crate::lua::Usage = crate::lua::Usage { instructions: 0, time: Duration::ZERO };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_endpoints_stay_apart() {
        let table = [
            ("/users/{user}", "/users/{user}"),
            ("/a.b", "/a%2Eb"),
            ("/a%2Eb", "/a%252Eb"),
            ("/a_b", "/a_b"),
            ("/a-b", "/a-b"),
            ("/a:b|c#d", "/a%3Ab%7Cc%23d"),
            ("/ü", "/%C3%BC"),
            ("/files/*", "/files/*"),
        ];
        for (path, name) in table {
            assert_eq!(escaped(path), name);
        }
    }

    #[test]
    fn sums_are_taken_once() {
        let ledger = Ledger::default();
        let (_, proxy) = (ledger.open(StageId::Service), ledger.open(StageId::Proxy(0)));
        let spent = |instructions, micros| crate::lua::Usage { instructions, time: Duration::from_micros(micros) };
        ledger.note(proxy, spent(5, 7), 2, None);
        ledger.note(proxy, spent(10, 9), 0, Some(ErrorKind::Limit));
        let sum = StageTotals { runs: 2, errors: [0, 0, 1, 0], calls: 2, instructions: 15, durations: vec![7, 9] };
        assert_eq!(ledger.take(), [(proxy, sum)]);
        assert_eq!(ledger.take(), []);
        ledger.note(proxy, NOTHING, 0, None);
        assert_eq!(ledger.take().len(), 1);
    }
}

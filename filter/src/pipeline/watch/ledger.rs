//! The costs of the stages of one worker. Each run is only added up here, until the sums are taken to be shown. So counting
//! costs a request almost nothing, and nothing here knows where the sums go.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::time::Duration;

use crate::config::{Configuration, Listener};
use crate::pipeline::failure::Failure;

/// The sums of one stage's runs. A run is one half of a stage that had scripts: its sources and `pre`, or its `post`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageTotals {
    /// The runs that have ended, well or not.
    pub runs: u64,
    /// The runs that failed, by [`ErrorKind`].
    pub errors: [u64; 4],
    /// The side requests of the runs.
    pub calls: u64,
    /// Lua instructions.
    pub instructions: u64,
    /// The computing time of each run, in microseconds.
    pub durations: Vec<u64>,
}

/// The sums of shadows: copies of requests for backends whose responses no client waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShadowTotals {
    /// The shadows that have begun.
    pub begun: u64,
    /// The backends of shadows that have failed.
    pub failures: u64,
    /// The shadows that were not sent, because too many were under way.
    pub dropped: u64,
}

/// The reason why a run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// An error of the script.
    Script,
    /// `custom_error`.
    Custom,
    /// A limit of the script.
    Limit,
    /// A side request or a live source that failed, and whose error the script did not catch.
    Call,
}

impl ErrorKind {
    /// All kinds, in the order of [`StageTotals::errors`].
    pub const ALL: [Self; 4] = [Self::Script, Self::Custom, Self::Limit, Self::Call];

    /// The kind's word in metrics.
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

/// The reason why a client's request, or a request to a backend, was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    /// It is not certain that the request has a good token.
    Token,
    /// The token lacks the role or the scope.
    Role,
    /// The agent is a bot.
    Bot,
    /// The rate of all clients together is used up: an endpoint's, the service's or a backend's.
    Rate,
    /// The rate of one client is used up.
    Client,
    /// The request has no key, or not a good one.
    Key,
}

impl RefusedBy {
    /// All reasons, in the order of [`Program::take_refused`](crate::pipeline::Program::take_refused).
    pub const ALL: [Self; 6] = [Self::Token, Self::Role, Self::Bot, Self::Rate, Self::Client, Self::Key];

    /// The reason's word in metrics.
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

/// A stage, by its kind and its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StageId {
    Service,
    Endpoint(usize),
    Proxy(usize),
    Backend(usize, usize),
}

struct Place {
    id: StageId,
    /// Where its sums are among the accounts; `None` if it has not run since they were taken.
    account: Option<usize>,
}

/// The sums of all stages.
#[derive(Default)]
pub(crate) struct Ledger {
    places: RefCell<Vec<Place>>,
    /// The sums of the stages that have run since they were taken, each with its stage's number.
    accounts: RefCell<Vec<(usize, StageTotals)>>,
    failures: Cell<u64>,
    shadows: Cell<ShadowTotals>,
    refused: Cell<[u64; RefusedBy::ALL.len()]>,
}

impl Ledger {
    /// Gives a stage its number.
    pub(crate) fn open(&self, id: StageId) -> usize {
        let mut places = self.places.borrow_mut();
        places.push(Place { id, account: None });
        places.len().saturating_sub(1)
    }

    /// Notes a run that has ended.
    pub(crate) fn note(&self, stage: usize, spent: crate::lua::Usage, calls: u64, error: Option<ErrorKind>) {
        let (mut places, mut accounts) = (self.places.borrow_mut(), self.accounts.borrow_mut());
        let Some(place) = places.get_mut(stage) else { return };
        let at = *place.account.get_or_insert_with(|| {
            accounts.push((stage, StageTotals::default()));
            accounts.len().saturating_sub(1)
        });
        let Some((_, account)) = accounts.get_mut(at) else { return };
        account.runs = account.runs.saturating_add(1);
        if let Some(errors) = error.and_then(|kind| account.errors.get_mut(kind as usize)) {
            *errors = errors.saturating_add(1);
        }
        account.calls = account.calls.saturating_add(calls);
        account.instructions = account.instructions.saturating_add(spent.instructions);
        account.durations.push(u64::try_from(spent.time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts a failure of an exchange or of a part of it, in a script or elsewhere.
    pub(crate) fn failed(&self) {
        self.failures.set(self.failures.get().saturating_add(1));
    }

    /// Counts a shadow that begins.
    pub(crate) fn shadow_begins(&self) {
        let shadows = self.shadows.get();
        self.shadows.set(ShadowTotals { begun: shadows.begun.saturating_add(1), ..shadows });
    }

    /// Counts a backend of a shadow that has failed.
    pub(crate) fn shadow_failed(&self) {
        let shadows = self.shadows.get();
        self.shadows.set(ShadowTotals { failures: shadows.failures.saturating_add(1), ..shadows });
    }

    /// Counts a shadow that was not sent.
    pub(crate) fn shadow_dropped(&self) {
        let shadows = self.shadows.get();
        self.shadows.set(ShadowTotals { dropped: shadows.dropped.saturating_add(1), ..shadows });
    }

    /// Counts a request that was refused.
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

    /// The sums since the last call, by stage.
    pub(crate) fn take(&self) -> Vec<(usize, StageTotals)> {
        let (taken, mut places) = (self.accounts.take(), self.places.borrow_mut());
        for (stage, _) in &taken {
            places.get_mut(*stage).into_iter().for_each(|place| place.account = None);
        }
        taken
    }

    /// The stage's name in metrics, `GET_/users/{id}.proxy`: the endpoint, escaped, and the stage.
    pub(crate) fn name(&self, stage: usize, config: &Configuration) -> Option<String> {
        let place = self.places.borrow().get(stage)?.id;
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

/// Escapes a part of a metric's name. Dots separate the parts, and systems that store metrics give meaning to other letters
/// too. So every byte except letters, digits and `/ - _ ~ * { }` becomes `%` and two hexadecimal digits, as in a URL.
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

/// One half of a stage, until it is noted in the ledger.
#[derive(Default)]
pub(crate) struct Entry {
    pub(crate) under_way: bool,
    pub(crate) calls: u64,
}

/// The cost of a run that began no script, for example because its sources did not come.
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

//! One row of the table: a name, what happens with it, and the words for people who have to act. Knows none of KrakenD's names.
//!
//! The Wasm module leaves out words that only the command prints.

use serde_json::Value;

/// What happens here with one of KrakenD's namespaces or keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It does here what it does in KrakenD.
    Exact,
    /// `lua-modifier bundle` writes it into Envoy's configuration.
    ByEnvoy,
    /// It works, with a difference that the words describe.
    Approximate,
    /// It is absent, and no client and no backend notices that.
    NotNeeded,
    /// It works after somebody has done what the words say.
    ByHand,
    /// It does not work here.
    Lost,
}

impl State {
    /// All states, from the best to the worst.
    pub const ALL: [Self; 6] =
        [Self::Exact, Self::ByEnvoy, Self::Approximate, Self::NotNeeded, Self::ByHand, Self::Lost];

    /// Its name in every report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::ByEnvoy => "by Envoy",
            Self::Approximate => "approximate",
            Self::NotNeeded => "not needed",
            Self::ByHand => "by hand",
            Self::Lost => "lost",
        }
    }

    /// Whether the filter itself serves a namespace or key in this state.
    pub(crate) fn is_served(self) -> bool {
        matches!(self, Self::Exact | Self::Approximate)
    }
}

/// A namespace or a key.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name as KrakenD spells it today.
    pub name: &'static str,
    /// What happens with it.
    pub state: State,
    /// The words of the module's log and of `check` after "is not supported here"; may be empty.
    pub(crate) told: &'static str,
    words: &'static str,
    /// The values with another state than that of the row.
    pub beyond: Option<&'static Beyond>,
    /// The rows of the keys inside; empty if nobody looks inside.
    pub keys: &'static [Self],
    around: Option<fn() -> &'static [Self]>,
}

/// The values that a key is served with, and what happens with all other values.
#[derive(Clone, Copy, Debug)]
pub struct Beyond {
    served: Served,
    /// What happens with all other values.
    pub state: State,
    /// What to do about the other values.
    pub words: &'static str,
    /// Whether the code that reads the key itself tells of the other values.
    is_told: bool,
}

/// The values that are served.
#[derive(Clone, Copy, Debug)]
pub(super) enum Served {
    /// These texts, in any case.
    Texts(&'static [&'static str]),
    /// Numbers up to this one, and lists of at most this length.
    AtMost(u64),
}

const fn row(name: &'static str, state: State, told: &'static str, words: &'static str) -> Row {
    Row { name, state, told, words, beyond: None, keys: &[], around: None }
}

/// Leaves out words that the module itself never says.
const fn outside(words: &'static str) -> &'static str {
    if cfg!(target_family = "wasm") { "" } else { words }
}

pub(super) const fn exact(name: &'static str) -> Row {
    row(name, State::Exact, "", "")
}

/// A row of a name that `bundle` writes into this part of Envoy's configuration.
pub(super) const fn by_envoy(name: &'static str, part: &'static str) -> Row {
    row(name, State::ByEnvoy, outside(part), "")
}

pub(super) const fn approximate(name: &'static str, difference: &'static str) -> Row {
    row(name, State::Approximate, outside(difference), "")
}

pub(super) const fn not_needed(name: &'static str, why: &'static str) -> Row {
    row(name, State::NotNeeded, outside(why), "")
}

pub(super) const fn by_hand(name: &'static str, words: &'static str) -> Row {
    row(name, State::ByHand, "", outside(words))
}

pub(super) const fn lost(name: &'static str, words: &'static str) -> Row {
    row(name, State::Lost, "", outside(words))
}

impl Row {
    /// The row with words that the module's log says, too; the report says them if there are no longer words.
    pub(super) const fn told(self, told: &'static str) -> Self {
        Self { told, ..self }
    }

    /// The row with the rows of the keys inside.
    pub(super) const fn with(self, keys: &'static [Self]) -> Self {
        Self { keys, ..self }
    }

    /// The row of an object that may nest: the keys around it may stand inside it, too.
    pub(super) const fn nesting(self, around: fn() -> &'static [Self]) -> Self {
        Self { around: Some(around), ..self }
    }

    /// The rows of the keys that may stand inside; without end for objects that nest.
    #[must_use]
    pub fn inside(&self) -> &'static [Self] {
        self.around.map_or(self.keys, |around| around())
    }

    /// The row with the rows of the keys inside, only for the report: the module does not look there.
    pub(super) const fn explained(self, keys: &'static [Self]) -> Self {
        if cfg!(target_family = "wasm") { self } else { Self { keys, ..self } }
    }

    pub(super) const fn except(self, beyond: &'static Beyond) -> Self {
        Self { beyond: Some(beyond), ..self }
    }

    /// The words of the report about this row; empty if the state says all.
    #[must_use]
    pub fn words(&self) -> &'static str {
        if self.words.is_empty() { self.told } else { self.words }
    }

    /// What happens with this value, if it is not what the row says.
    #[must_use]
    pub fn beyond(&self, value: &Value) -> Option<&'static Beyond> {
        self.beyond.filter(|beyond| !beyond.serves(value))
    }

    /// The row of a key in a list of them.
    #[must_use]
    pub fn find<'a>(rows: &'a [Self], name: &str) -> Option<&'a Self> {
        rows.iter().find(|row| row.name == name)
    }
}

impl Beyond {
    /// Values that are served, and what happens with all other values.
    pub(super) const fn of(served: Served, state: State, words: &'static str) -> Self {
        Self { served, state, words: outside(words), is_told: false }
    }

    /// The same, if the code that reads the key itself refuses other values or warns of them.
    pub(super) const fn told_by_reader(served: Served, state: State, words: &'static str) -> Self {
        Self { is_told: true, ..Self::of(served, state, words) }
    }

    /// Whether the check of keys must warn: somebody misses the value, and no other code tells of it.
    pub(crate) fn is_missed(&self) -> bool {
        !self.is_told && matches!(self.state, State::ByHand | State::Lost)
    }

    /// The texts that are served, if the value is one of a few texts.
    #[must_use]
    pub fn texts(&self) -> &'static [&'static str] {
        match self.served {
            Served::Texts(texts) => texts,
            _ => &[],
        }
    }

    /// The served values in words.
    #[must_use]
    pub fn served(&self) -> String {
        match self.served {
            Served::Texts(texts) => {
                texts.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(", ")
            }
            Served::AtMost(most) => format!("up to {most}"),
        }
    }

    // The value is not checked for its type: this table says nothing about wrong types.
    fn serves(&self, value: &Value) -> bool {
        match (self.served, value) {
            (Served::Texts(texts), Value::String(text)) => texts.iter().any(|known| known.eq_ignore_ascii_case(text)),
            (Served::AtMost(most), Value::Number(number)) => number.as_f64().is_none_or(|number| number <= most as f64),
            (Served::AtMost(most), Value::Array(list)) => u64::try_from(list.len()).is_ok_and(|length| length <= most),
            _ => true,
        }
    }
}

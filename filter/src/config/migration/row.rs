//! One row of the table: a name, what becomes of it, and the words for those who have to act. Knows no name of KrakenD's.
//!
//! Words that only the command prints are left out of the Wasm module.

use serde_json::Value;

/// What becomes here of a namespace or a key of KrakenD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It does here what it does in KrakenD.
    Exact,
    /// `lua-modifier bundle` writes it into Envoy's configuration.
    ByEnvoy,
    /// It is done, with a difference that the words tell.
    Approximate,
    /// No client and no backend notices that it is not there.
    NotNeeded,
    /// It is done when somebody has done what the words say.
    ByHand,
    /// It does not happen here.
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

    /// Whether the filter itself serves a key in this state.
    pub(crate) fn is_served(self) -> bool {
        matches!(self, Self::Exact | Self::Approximate)
    }
}

/// A namespace or a key.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// As KrakenD spells it today.
    pub name: &'static str,
    /// What becomes of it.
    pub state: State,
    /// What the module's log and `check` say behind "is not supported here"; may be empty.
    pub(crate) told: &'static str,
    words: &'static str,
    /// The values of it that meet another fate.
    pub beyond: Option<&'static Beyond>,
    /// What stands inside of it; empty where nobody looks inside.
    pub keys: &'static [Self],
    around: Option<fn() -> &'static [Self]>,
}

/// The values that a key is served with, and what becomes of all others.
#[derive(Clone, Copy, Debug)]
pub struct Beyond {
    served: Served,
    /// What becomes of the others.
    pub state: State,
    /// What to do about them.
    pub words: &'static str,
    /// Whether the code that reads the key says so itself.
    is_told: bool,
}

/// Which values are served.
#[derive(Clone, Copy, Debug)]
pub(super) enum Served {
    /// These texts, in any case.
    Texts(&'static [&'static str]),
    /// Numbers, and lengths of lists, up to this one.
    AtMost(u64),
}

const fn row(name: &'static str, state: State, told: &'static str, words: &'static str) -> Row {
    Row { name, state, told, words, beyond: None, keys: &[], around: None }
}

/// Words that the module itself never says.
const fn outside(words: &'static str) -> &'static str {
    if cfg!(target_family = "wasm") { "" } else { words }
}

pub(super) const fn exact(name: &'static str) -> Row {
    row(name, State::Exact, "", "")
}

/// `bundle` writes it into this part of Envoy's configuration.
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
    /// The module's log says this, too; the report says it where there are no longer words.
    pub(super) const fn told(self, told: &'static str) -> Self {
        Self { told, ..self }
    }

    /// What stands inside.
    pub(super) const fn with(self, keys: &'static [Self]) -> Self {
        Self { keys, ..self }
    }

    /// What stands inside are the keys that stand around it, too: things of one kind in each other.
    pub(super) const fn nesting(self, around: fn() -> &'static [Self]) -> Self {
        Self { around: Some(around), ..self }
    }

    /// What may stand inside, without end where things lie in each other.
    #[must_use]
    pub fn inside(&self) -> &'static [Self] {
        self.around.map_or(self.keys, |around| around())
    }

    /// What stands inside, for the report alone: the module does not look there.
    pub(super) const fn explained(self, keys: &'static [Self]) -> Self {
        if cfg!(target_family = "wasm") { self } else { Self { keys, ..self } }
    }

    pub(super) const fn except(self, beyond: &'static Beyond) -> Self {
        Self { beyond: Some(beyond), ..self }
    }

    /// What a reader of the report is told of it; empty where the state says all.
    #[must_use]
    pub fn words(&self) -> &'static str {
        if self.words.is_empty() { self.told } else { self.words }
    }

    /// The fate of the value, if it is not that of the row.
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
    /// What becomes of values that are not served.
    pub(super) const fn of(served: Served, state: State, words: &'static str) -> Self {
        Self { served, state, words: outside(words), is_told: false }
    }

    /// The same where the code that reads the key refuses or warns by itself.
    pub(super) const fn told_by_reader(served: Served, state: State, words: &'static str) -> Self {
        Self { is_told: true, ..Self::of(served, state, words) }
    }

    /// Whether the reader of keys has to warn: what is missed, and not told elsewhere.
    pub(crate) fn is_missed(&self) -> bool {
        !self.is_told && matches!(self.state, State::ByHand | State::Lost)
    }

    /// The texts that are served, where the value is one of several.
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

    // A value of the wrong type is no matter of this table.
    fn serves(&self, value: &Value) -> bool {
        match (self.served, value) {
            (Served::Texts(texts), Value::String(text)) => texts.iter().any(|known| known.eq_ignore_ascii_case(text)),
            (Served::AtMost(most), Value::Number(number)) => number.as_f64().is_none_or(|number| number <= most as f64),
            (Served::AtMost(most), Value::Array(list)) => u64::try_from(list.len()).is_ok_and(|length| length <= most),
            _ => true,
        }
    }
}

//! Values with methods that a template may call. Knows nothing of templates.

mod time;
mod version;

use std::fmt;
use std::rc::Rc;

use super::Value;

pub use time::Time;
pub(crate) use time::{Layout, duration_text, parse_duration};
pub use version::Version;

/// A value with methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// Go's `time.Time`, in UTC.
    Time(Time),
    /// A version, as sprig's `semver` gives it.
    Version(Rc<Version>),
}

impl Object {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Time(_) => "time.Time",
            Self::Version(_) => "*semver.Version",
        }
    }

    /// The value's `reflect.Kind`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Time(_) => "struct",
            Self::Version(_) => "ptr",
        }
    }

    /// The text that stands for the value in JSON.
    pub(crate) fn json(&self) -> String {
        match self {
            Self::Time(time) => time.rfc3339(),
            Self::Version(version) => version.to_string(),
        }
    }

    /// Calls a method. Gives nothing if no method has this name.
    pub(crate) fn method(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        match self {
            Self::Time(time) => time.method(name, arguments),
            Self::Version(version) => version.method(name, arguments),
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => time.fmt(f),
            Self::Version(version) => version.fmt(f),
        }
    }
}

/// Go's error about the number of a method's arguments; `None` if the number is right.
fn wrong_number(name: &str, wanted: usize, arguments: &[Value]) -> Option<String> {
    let got = arguments.len();
    (got != wanted).then(|| format!("wrong number of args for {name}: want {wanted} got {got}"))
}

//! Compares texts: they must be equal, except for a request that the mock echoed inside, and for words that may differ.

use std::sync::LazyLock;

use fancy_regex::Regex;
use serde_json::{Map, Value};

use super::message::is_echo;
use super::{Comparison, Scope};

static GOROUTINE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)goroutine (?:\d+|N) \[.*").unwrap());
static POINTER: LazyLock<Regex> = LazyLock::new(|| Regex::new("0x[0-9a-f]{6,}").unwrap());

/// The text without parts that differ from run to run: addresses of memory and stack traces.
pub(super) fn settled(text: &str) -> String {
    let text = GOROUTINE.replace_all(text, "goroutine N [running]:\n<stack trace>");
    POINTER.replace_all(&text, "0xPTR").into_owned()
}

impl Comparison<'_> {
    pub(super) fn text(&mut self, place: &str, recorded: &str, actual: &str, scope: &Scope) {
        if recorded == actual {
            return;
        }
        if let (Some(one), Some(two)) = (Echo::find(recorded), Echo::find(actual)) {
            self.text(place, one.before, two.before, scope);
            self.text(place, one.behind, two.behind, scope);
            self.echo(place, &one.request, &two.request, scope);
        } else if let Some(class) = self.accepted.accepts_text(recorded, actual) {
            self.accept(&class, place, recorded, actual);
        } else {
            self.differ(place, recorded, actual, scope);
        }
    }
}

/// The mock's echo inside a text.
struct Echo<'t> {
    before: &'t str,
    request: Map<String, Value>,
    behind: &'t str,
}

impl<'t> Echo<'t> {
    fn find(text: &'t str) -> Option<Self> {
        let (before, rest) = text.split_at(text.find("{\"")?);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Map<String, Value>>();
        let request = values.next()?.ok().filter(is_echo)?;
        Some(Echo { before, request, behind: &rest[values.byte_offset()..] })
    }
}

//! People as feeds name them: `name (address)`, `address (name)`, or only one of the two. Knows no feeds.

use super::fields::Fields;
use crate::data::Value;

/// A person, read from one text.
pub(super) fn named(text: &str) -> Value {
    let (name, email) = split(text.trim());
    person(name, email)
}

/// A person by name and address.
pub(super) fn person(name: &str, email: &str) -> Value {
    let mut fields = Fields::default();
    fields.text("name", name);
    fields.text("email", email);
    fields.into_value()
}

fn split(text: &str) -> (&str, &str) {
    let is_address = |text: &str| text.contains('@');
    if let Some((before, within)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let before = before.trim_end();
        return match (is_address(before), is_address(within)) {
            (true, false) => (within, before),
            (false, true) => (before, within),
            _ => ("", ""),
        };
    }
    if is_address(text) { ("", text) } else { (text, "") }
}

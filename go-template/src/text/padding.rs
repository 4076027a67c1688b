//! Flags of a verb, and what they add around a text. Source: fmt/format.go.

/// The flags between `%` and the verb.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
}

impl Flags {
    /// The text in the width of the flags. Zeros are added on the left even for text, as in Go.
    pub(super) fn pad(&self, text: &str) -> String {
        let length = text.chars().count();
        let missing = self.width.unwrap_or_default().saturating_sub(length);
        if missing == 0 {
            return text.to_owned();
        }
        if self.minus {
            return format!("{text}{}", " ".repeat(missing));
        }
        let padding = if self.zero { "0" } else { " " };
        format!("{}{text}", padding.repeat(missing))
    }

    /// A number with its sign in front of zeros.
    pub(super) fn pad_number(&self, negative: bool, digits: &str) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (.., true) => " ",
            _ => "",
        };
        if self.zero && !self.minus {
            let width = self.width.map(|width| width.saturating_sub(sign.len()));
            return format!("{sign}{}", Self { width, ..*self }.pad(digits));
        }
        Self { zero: false, ..*self }.pad(&format!("{sign}{digits}"))
    }

    /// The text with at most as many characters as the precision allows.
    pub(super) fn truncate<'a>(&self, text: &'a str) -> &'a str {
        let end = self.precision.and_then(|most| text.char_indices().nth(most));
        end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
    }
}

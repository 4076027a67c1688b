//! The directives of a `printf` text: flags, width, precision, argument numbers, verb. Source: fmt/print.go (doPrintf).

use super::padding::Flags;
use crate::value::Value;

/// Go's bound for a width, a precision and an argument's number.
const LARGEST: usize = 1_000_000;

/// The rest of the text of a `printf`, and which argument is next.
pub(super) struct Directives<'a> {
    pub(super) text: &'a str,
    pub(super) arguments: &'a [Value],
    pub(super) next: usize,
    /// Some directive chose an argument by its number: then arguments that are left are no mistake.
    pub(super) reordered: bool,
    /// This directive asked for the number of an argument that does not exist.
    pub(super) bad_index: bool,
    after_index: bool,
}

/// A directive; `complaints` is printed in front of it.
pub(super) struct Directive {
    pub(super) flags: Flags,
    pub(super) complaints: String,
    /// `None` if the text ended.
    pub(super) verb: Option<char>,
}

impl<'a> Directives<'a> {
    pub(super) fn new(text: &'a str, arguments: &'a [Value]) -> Self {
        Self { text, arguments, next: 0, reordered: false, bad_index: false, after_index: false }
    }

    /// Reads a directive after its `%`.
    pub(super) fn directive(&mut self) -> Directive {
        (self.bad_index, self.after_index) = (false, false);
        let (mut flags, mut complaints) = (self.flags(), String::new());
        self.argument_number();
        if self.accept('*') {
            match self.number_argument() {
                Some(width) => {
                    flags.minus |= width < 0;
                    flags.zero &= width >= 0;
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => complaints.push_str("%!(BADWIDTH)"),
            }
            self.after_index = false;
        } else {
            flags.width = self.number();
            // "%[3]2d"
            self.bad_index |= self.after_index && flags.width.is_some();
        }
        if self.accept('.') {
            // "%[3].2d"
            self.bad_index |= self.after_index;
            self.argument_number();
            if self.accept('*') {
                // In Go, a negative precision is an error and has no effect.
                flags.precision = self.number_argument().and_then(|precision| usize::try_from(precision).ok());
                complaints.push_str(if flags.precision.is_none() { "%!(BADPREC)" } else { "" });
                self.after_index = false;
            } else {
                flags.precision = Some(self.number().unwrap_or_default());
            }
        }
        if !self.after_index {
            self.argument_number();
        }
        let verb = self.text.chars().next();
        self.text = self.text.get(verb.map_or(0, char::len_utf8)..).unwrap_or_default();
        Directive { flags, complaints, verb }
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(flag) = self.text.chars().next() {
            match flag {
                '#' => flags.sharp = true,
                '0' => flags.zero = true,
                '+' => flags.plus = true,
                '-' => flags.minus = true,
                ' ' => flags.space = true,
                _ => break,
            }
            self.text = self.text.get(1..).unwrap_or_default();
        }
        flags
    }

    fn accept(&mut self, wanted: char) -> bool {
        let rest = self.text.strip_prefix(wanted);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn number(&mut self) -> Option<usize> {
        let end = self.text.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(self.text.len());
        let (digits, rest) = self.text.split_at(end);
        let number = digits.parse().ok().filter(|number| *number <= LARGEST);
        // If a number is too large, the rest of the text is skipped.
        self.text = if number.is_none() && !digits.is_empty() { "" } else { rest };
        number
    }

    /// Reads an argument's number: `[3]`.
    fn argument_number(&mut self) {
        let Some(rest) = self.text.strip_prefix('[') else { return };
        self.reordered = true;
        let Some((number, rest)) = rest.split_once(']') else {
            self.bad_index = true;
            self.text = rest;
            return;
        };
        self.text = rest;
        let number = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match number.filter(|number| *number < self.arguments.len()) {
            Some(number) => {
                self.next = number;
                self.after_index = true;
            }
            None => self.bad_index = true,
        }
    }

    /// A width or a precision that an argument gives.
    fn number_argument(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        let number = match argument {
            Value::Int(number) | Value::Int64(number) => *number,
            Value::Uint8(number) => (*number).into(),
            Value::Uint64(number) => i64::try_from(*number).ok()?,
            _ => return None,
        };
        (number.unsigned_abs() <= LARGEST as u64).then_some(number)
    }
}

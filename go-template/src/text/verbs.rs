//! One value by one verb: `%d`, `%s`, `%v` and the others. Source: fmt/print.go (printArg, printValue) and fmt/format.go.

use std::fmt::Write;

use super::float::{binary, format_float, hexadecimal_float, with_zeros};
use super::go_syntax::go_syntax;
use super::padding::Flags;
use super::print::type_of;
use super::quote::quote_with;
use crate::limits::Budget;
use crate::value::Value;

/// The printed text so far, and its flags.
pub(super) struct Printer<'b> {
    pub(super) out: String,
    pub(super) flags: Flags,
    budget: &'b Budget,
}

impl<'b> Printer<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Self { out: String::new(), flags: Flags::default(), budget }
    }

    /// The printed text, after paying for it.
    pub(super) fn finish(self) -> Result<String, String> {
        self.budget.spend_text(self.out.len())?;
        Ok(self.out)
    }

    /// Prints a value by a verb.
    pub(super) fn value(&mut self, value: &Value, verb: char) -> Result<(), String> {
        match (value, verb) {
            (_, 'T') => self.pad(type_of(value)),
            // For this verb, "+" asks for the names of fields, not for signs.
            (_, 'v') if self.flags.plus => {
                self.flags.plus = false;
                self.value(value, verb)?;
            }
            (_, 'v') if self.flags.sharp => {
                let text = go_syntax(value, self.budget, 0)?;
                self.pad(&text);
            }
            (Value::Nil, 'v') => self.pad("<nil>"),
            (Value::Nil, _) => self.bad_verb(value, verb, 0)?,
            _ => self.nested(value, verb, 0)?,
        }
        Ok(())
    }

    fn pad(&mut self, text: &str) {
        let padded = self.flags.pad(text);
        self.out.push_str(&padded);
    }

    fn nested(&mut self, value: &Value, verb: char, depth: usize) -> Result<(), String> {
        Budget::depth_of_values(depth)?;
        self.budget.spend(1)?;
        self.budget.length(self.out.len())?;
        let understood = match value {
            // Nil inside a list or a map prints the same for every verb.
            Value::Nil => {
                self.out.push_str("<nil>");
                true
            }
            Value::Bool(truth) if matches!(verb, 'v' | 't') => {
                self.pad(if *truth { "true" } else { "false" });
                true
            }
            Value::Int(number) | Value::Int64(number) => self.integer(*number < 0, number.unsigned_abs(), verb),
            Value::Uint8(number) => self.integer(false, (*number).into(), verb),
            Value::Uint64(number) => self.integer(false, *number, verb),
            Value::Float(number) => self.float(*number, verb),
            Value::Complex(real, imaginary) => self.complex(*real, *imaginary, verb),
            Value::String(text) => self.string(text, verb),
            Value::Object(object) => self.string(&object.to_string(), verb),
            Value::List(list) => {
                self.out.push('[');
                for (index, item) in list.items().iter().enumerate() {
                    self.out.push_str(if index > 0 { " " } else { "" });
                    self.nested(item, verb, depth + 1)?;
                }
                self.out.push(']');
                true
            }
            Value::Map(map) => {
                self.out.push_str("map[");
                for (index, (key, item)) in map.entries().iter().enumerate() {
                    self.out.push_str(if index > 0 { " " } else { "" });
                    self.nested(&Value::String(key.clone()), verb, depth + 1)?;
                    self.out.push(':');
                    self.nested(item, verb, depth + 1)?;
                }
                self.out.push(']');
                true
            }
            Value::Bool(_) => false,
        };
        if understood { Ok(()) } else { self.bad_verb(value, verb, depth) }
    }

    fn bad_verb(&mut self, value: &Value, verb: char, depth: usize) -> Result<(), String> {
        self.out.push_str("%!");
        self.out.push(verb);
        if matches!(value, Value::Nil) {
            self.out.push_str("(<nil>)");
            return Ok(());
        }
        self.out.push('(');
        self.out.push_str(value.type_name());
        self.out.push('=');
        self.nested(value, 'v', depth + 1)?;
        self.out.push(')');
        Ok(())
    }

    fn integer(&mut self, negative: bool, magnitude: u64, verb: char) -> bool {
        let character = || if negative { '\u{fffd}' } else { character(magnitude) };
        let (digits, prefix) = match verb {
            'v' | 'd' => (magnitude.to_string(), ""),
            'b' => (format!("{magnitude:b}"), "0b"),
            'o' | 'O' => (format!("{magnitude:o}"), "0"),
            'x' => (format!("{magnitude:x}"), "0x"),
            'X' => (format!("{magnitude:X}"), "0X"),
            'c' => {
                self.pad(&character().to_string());
                return true;
            }
            'q' => {
                let quoted = quote_with(&character().to_string(), '\'', self.flags.plus);
                self.pad(&quoted);
                return true;
            }
            'U' => {
                let digits = self.flags.precision.unwrap_or(4).max(4);
                let mut text = format!("U+{magnitude:0digits$X}");
                if self.flags.sharp && super::is_printable(character()) {
                    let _ = write!(text, " '{}'", character());
                }
                Flags { zero: false, ..self.flags }.pad(&text).chars().for_each(|next| self.out.push(next));
                return true;
            }
            _ => return false,
        };
        let mut flags = self.flags;
        let digits = match flags.precision {
            // Go prints only spaces, in the width, for `%.0d` of zero.
            Some(0) if magnitude == 0 => {
                let nothing = Flags { zero: false, ..flags }.pad("");
                self.out.push_str(&nothing);
                return true;
            }
            Some(precision) => {
                flags.zero = false;
                format!("{digits:0>precision$}")
            }
            None => digits,
        };
        let prefix = match verb {
            'O' => "0o",
            'o' if self.flags.sharp && digits.starts_with('0') => "",
            _ if self.flags.sharp => prefix,
            _ => "",
        };
        // With the flag `0`, zeros fill the width between prefix and digits.
        let signed = usize::from(negative || flags.plus || flags.space);
        let wide = flags.width.unwrap_or_default().saturating_sub(signed);
        let digits = if flags.zero && !flags.minus { format!("{digits:0>wide$}") } else { digits };
        let text = Flags { zero: false, ..flags }.pad_number(negative, &format!("{prefix}{digits}"));
        self.out.push_str(&text);
        true
    }

    fn float(&mut self, number: f64, verb: char) -> bool {
        let precision = self.flags.precision;
        let text = match verb {
            'v' | 'g' => format_float(number, 'g', precision),
            'G' => format_float(number, 'G', precision),
            'b' => binary(number),
            'x' => hexadecimal_float(number),
            'X' => hexadecimal_float(number).to_uppercase(),
            'e' | 'E' | 'f' | 'F' => format_float(number, verb, Some(precision.unwrap_or(6))),
            _ => return false,
        };
        let fills = self.flags.sharp && number.is_finite() && matches!(verb, 'v' | 'g' | 'G');
        let text = if fills { with_zeros(&text, precision.unwrap_or(6)) } else { text };
        let digits = text.trim_start_matches(['+', '-']);
        let mut flags = self.flags;
        if !number.is_finite() {
            flags.zero = false;
            flags.plus |= number.is_infinite() && verb == 'v';
        }
        let text = flags.pad_number(text.starts_with('-'), digits);
        self.out.push_str(&text);
        true
    }

    fn complex(&mut self, real: f64, imaginary: f64, verb: char) -> bool {
        let before = self.out.len();
        self.out.push('(');
        let plus = self.flags.plus;
        let understood = self.float(real, verb);
        self.flags.plus = true;
        let understood = understood && self.float(imaginary, verb);
        self.flags.plus = plus;
        self.out.push_str("i)");
        if !understood {
            self.out.truncate(before);
        }
        understood
    }

    fn string(&mut self, text: &str, verb: char) -> bool {
        let cut = self.flags.truncate(text);
        match verb {
            'v' | 's' => self.pad(cut),
            'q' if self.flags.sharp
                && !cut.contains('`')
                && cut.chars().all(|c| c == '\t' || super::is_printable(c)) =>
            {
                self.pad(&format!("`{cut}`"));
            }
            'q' => {
                let quoted = quote_with(cut, '"', self.flags.plus);
                self.pad(&quoted);
            }
            'x' | 'X' => {
                let bytes = text.as_bytes();
                let bytes = bytes.get(..self.flags.precision.unwrap_or(bytes.len())).unwrap_or(bytes);
                let hex = hexadecimal(bytes, self.flags, verb == 'X');
                self.pad(&hex);
            }
            _ => return false,
        }
        true
    }
}

fn character(code: u64) -> char {
    u32::try_from(code).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
}

fn hexadecimal(bytes: &[u8], flags: Flags, upper: bool) -> String {
    let prefix = match (flags.sharp, upper) {
        (true, true) => "0X",
        (true, false) => "0x",
        _ => "",
    };
    let mut text = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        let between = if flags.space && index > 0 { " " } else { "" };
        let prefix = if index == 0 || flags.space { prefix } else { "" };
        // Writing into a text does not fail.
        let _ = if upper {
            write!(text, "{between}{prefix}{byte:02X}")
        } else {
            write!(text, "{between}{prefix}{byte:02x}")
        };
    }
    text
}

//! Number constants: which of the types integer, unsigned, float and complex can hold them. Source: Go's
//! text/template/parse/node.go (newNumber).

use super::quoted;
use super::token::Kind;
use crate::text::{parse_float, parse_integer, parse_unsigned, quote};

/// A constant in each type that can hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Number {
    pub(crate) text: String,
    pub(crate) integer: Option<i64>,
    pub(crate) unsigned: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
}

impl Number {
    pub(super) fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        let number = Self { text: text.to_owned(), ..Self::default() };
        if kind == Kind::CharacterConstant {
            let code = quoted::character(text)?;
            let (integer, unsigned, float) = (Some(code.into()), Some(code.into()), Some(code.into()));
            return Ok(Self { integer, unsigned, float, ..number });
        }
        let illegal = || format!("illegal number syntax: {}", quote(text));
        if kind == Kind::Complex {
            let middle = text.rfind(['+', '-']).ok_or_else(illegal)?;
            let (real, imaginary) = text.split_at(middle);
            let imaginary = imaginary.strip_suffix('i').and_then(parse_float);
            return Ok(number.of_complex(parse_float(real).ok_or_else(illegal)?, imaginary.ok_or_else(illegal)?));
        }
        if let Some(imaginary) = text.strip_suffix('i').and_then(parse_float) {
            return Ok(number.of_complex(0.0, imaginary));
        }
        let (integer, unsigned) = (parse_integer(text), parse_unsigned(text));
        if integer.is_some() || unsigned.is_some() {
            let unsigned = if integer == Some(0) { Some(0) } else { unsigned };
            let float = integer.map(|integer| integer as f64).or(unsigned.map(|unsigned| unsigned as f64));
            return Ok(Self { integer, unsigned, float, ..number });
        }
        let Some(float) = parse_float(text) else { return Err(illegal()) };
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", quote(text)));
        }
        Ok(Self { float: Some(float), integer: whole(float), unsigned: whole_unsigned(float), ..number })
    }

    fn of_complex(self, real: f64, imaginary: f64) -> Self {
        let complex = Some((real, imaginary));
        if imaginary != 0.0 {
            return Self { complex, ..self };
        }
        Self { complex, float: Some(real), integer: whole(real), unsigned: whole_unsigned(real), ..self }
    }

    /// Is the constant a float if nothing else determines its type?
    pub(crate) fn is_float(&self) -> bool {
        let lower = self.text.to_ascii_lowercase();
        let hex = lower.starts_with("0x") && !lower.contains('p');
        self.float.is_some() && !hex && !lower.starts_with('\'') && lower.contains(['.', 'e', 'p'])
    }
}
fn whole(float: f64) -> Option<i64> {
    let integer = float as i64;
    (integer as f64 == float && integer != i64::MAX).then_some(integer)
}
fn whole_unsigned(float: f64) -> Option<u64> {
    let unsigned = float as u64;
    (unsigned as f64 == float && unsigned != u64::MAX).then_some(unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Number, String> {
        Number::parse(text, Kind::Number)
    }

    #[test]
    fn integers_are_written_in_four_bases_with_underscores() {
        let cases =
            [("0x10", 16), ("0b101", 5), ("0o17", 15), ("017", 15), ("1_000_000", 1_000_000), ("-5", -5), ("0", 0)];
        cases.iter().for_each(|(text, wanted)| assert_eq!(parse(text).unwrap().integer, Some(*wanted), "{text}"));
        ["1__0", "_1", "1_", "0xg", "--5", "1.2.3", "+"].iter().for_each(|text| {
            assert_eq!(parse(text), Err(format!("illegal number syntax: {text:?}")));
        });
    }

    #[test]
    fn a_float_that_is_whole_can_be_an_integer_too() {
        let number = parse("1e3").unwrap();
        assert_eq!((number.integer, number.float, number.is_float()), (Some(1000), Some(1000.0), true));
        assert_eq!(parse("1e21").unwrap().integer, None);
        assert_eq!(parse("0x1.8p1").unwrap().float, Some(3.0));
        assert_eq!(parse("1e999"), Err("illegal number syntax: \"1e999\"".to_owned()));
        assert_eq!(parse("08"), Err("integer overflow: \"08\"".to_owned()));
        assert_eq!(parse("99999999999999999999"), Err("integer overflow: \"99999999999999999999\"".to_owned()));
    }

    #[test]
    fn a_complex_constant_has_two_parts() {
        assert_eq!(parse("3i").unwrap().complex, Some((0.0, 3.0)));
        assert_eq!(Number::parse("1.5-2i", Kind::Complex).unwrap().complex, Some((1.5, -2.0)));
    }
}

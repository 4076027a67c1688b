//! Decimal numbers: `addf 0.1 0.2` is 0.3. Source: shopspring/decimal 1.3.

use crate::text::format_float;

/// The number of decimals that a division keeps.
const PLACES: i32 = 16;

#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// `digits` times ten to the power of `exponent`; or a float, if there are too many digits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decimal {
    Exact { digits: i128, exponent: i32 },
    Float(f64),
}

impl Decimal {
    /// The shortest decimal number that equals this float.
    pub(super) fn new(float: f64) -> Result<Self, String> {
        if !float.is_finite() {
            return Err(format!("Cannot create a Decimal from {}", format_float(float, 'g', None)));
        }
        let text = format_float(float, 'e', None);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let parsed = mantissa.replace('.', "").parse().ok().zip(exponent.parse::<i32>().ok());
        let exact = parsed.and_then(|(digits, exponent)| {
            Some(Self::Exact { digits, exponent: exponent.checked_sub(i32::try_from(decimals).ok()?)? })
        });
        Ok(exact.unwrap_or(Self::Float(float)))
    }

    pub(super) fn float(self) -> f64 {
        match self {
            Self::Exact { digits, exponent } => format!("{digits}e{exponent}").parse().unwrap_or_default(),
            Self::Float(float) => float,
        }
    }

    pub(super) fn with(self, other: Self, operation: Operation) -> Result<Self, String> {
        if matches!(operation, Operation::Divide) && other.float() == 0.0 {
            return Err("decimal division by 0".to_owned());
        }
        if let Some(exact) = self.exactly(other, operation) {
            return Ok(exact);
        }
        let (one, two) = (self.float(), other.float());
        Ok(Self::Float(match operation {
            Operation::Add => one + two,
            Operation::Subtract => one - two,
            Operation::Multiply => one * two,
            Operation::Divide => one / two,
        }))
    }

    fn exactly(self, other: Self, operation: Operation) -> Option<Self> {
        let (Self::Exact { digits: one, exponent }, Self::Exact { digits: two, exponent: other_exponent }) =
            (self, other)
        else {
            return None;
        };
        match operation {
            Operation::Multiply => {
                Some(Self::Exact { digits: one.checked_mul(two)?, exponent: exponent.checked_add(other_exponent)? })
            }
            Operation::Divide => {
                let scale = PLACES.checked_add(exponent)?.checked_sub(other_exponent)?;
                let power = 10i128.checked_pow(scale.unsigned_abs())?;
                let (one, two) =
                    if scale < 0 { (one, two.checked_mul(power)?) } else { (one.checked_mul(power)?, two) };
                let (quotient, rest) = (one.checked_div(two)?, one.checked_rem(two)?);
                // Halves are rounded away from zero.
                let up = rest.checked_mul(2)?.unsigned_abs() >= two.unsigned_abs();
                let away = if (one < 0) == (two < 0) { 1 } else { -1 };
                Some(Self::Exact { digits: quotient + if up { away } else { 0 }, exponent: -PLACES })
            }
            Operation::Add | Operation::Subtract => {
                let least = exponent.min(other_exponent);
                let scaled = |digits: i128, exponent: i32| {
                    digits.checked_mul(10i128.checked_pow(exponent.checked_sub(least)?.unsigned_abs())?)
                };
                let (one, two) = (scaled(one, exponent)?, scaled(two, other_exponent)?);
                let digits =
                    if matches!(operation, Operation::Add) { one.checked_add(two) } else { one.checked_sub(two) };
                Some(Self::Exact { digits: digits?, exponent: least })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reckon(one: f64, operation: Operation, two: f64) -> f64 {
        Decimal::new(one).unwrap().with(Decimal::new(two).unwrap(), operation).unwrap().float()
    }

    #[test]
    fn decimals_are_reckoned_exactly() {
        assert_eq!(reckon(0.1, Operation::Add, 0.2), 0.3);
        assert_eq!(reckon(1.1, Operation::Subtract, 1.0), 0.1);
        assert_eq!(reckon(1.1, Operation::Multiply, 1.1), 1.21);
        assert_eq!(reckon(10.0, Operation::Divide, 4.0), 2.5);
        assert_eq!(reckon(2.0, Operation::Divide, 3.0), 0.666_666_666_666_666_7);
        assert_eq!(reckon(-2.0, Operation::Divide, 3.0), -0.666_666_666_666_666_7);
        assert_eq!(reckon(1e300, Operation::Add, 1e-300), 1e300);
    }

    #[test]
    fn what_is_no_number_has_no_decimals() {
        assert!(Decimal::new(f64::NAN).is_err());
        let zero = Decimal::new(0.0).unwrap();
        assert_eq!(zero.with(zero, Operation::Divide).unwrap_err(), "decimal division by 0");
    }
}

//! Compares JSON numbers by value, for any spelling and size.

/// A number without sign of zero, leading and trailing zeros: `0.digits * 10^exponent`.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// Is it the same number?
///
/// Two whole numbers must be the same to the last digit, others as close as a float can tell.
pub(super) fn same(one: &str, two: &str) -> bool {
    if let (Some(a), Some(b)) = (decimal(one), decimal(two)) {
        let whole = |text: &str| !text.contains(['.', 'e', 'E']);
        a == b || (!(whole(one) && whole(two)) && one.parse::<f64>().ok() == two.parse::<f64>().ok())
    } else {
        one == two
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Decimal { negative: false, digits: String::new(), exponent: 0 });
    }
    let leading = i64::try_from(all.len() - digits.len()).ok()?;
    let exponent = exponent.parse::<i64>().ok()? + i64::try_from(whole.len()).ok()? - leading;
    Some(Decimal { negative, digits: digits.trim_end_matches('0').to_owned(), exponent })
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn the_spelling_does_not_matter() {
        for (one, two) in [("1", "1.0"), ("100", "1e2"), ("1E+2", "100.00"), ("-0", "0.0"), ("0.00120", "12e-4")] {
            assert!(same(one, two), "{one} {two}");
        }
        for (one, two) in [("1", "-1"), ("1", "10"), ("9007199254740993", "9007199254740992"), ("0.1", "0.2")] {
            assert!(!same(one, two), "{one} {two}");
        }
    }

    #[test]
    fn fractions_are_compared_as_floats() {
        assert!(same("0.1", "0.1000000000000000055"));
        assert!(same("9007199254740993", "9007199254740992.0"));
    }
}

//! Reads numbers in the syntax of Go's constants. Source: strconv/atoi.go and strconv/atof.go.

/// A signed integer in the syntax of Go's constants.
pub(crate) fn parse_integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let magnitude = i128::from(parse_unsigned(digits)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// An unsigned integer in the syntax of Go's constants.
pub(crate) fn parse_unsigned(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if digits.starts_with('+') || !underscores_stand_between_digits(&lower) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// A float in the syntax of Go's constants. A number that is too large gives `None`.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    if !underscores_stand_between_digits(&lower) {
        return None;
    }
    let digits = lower.replace('_', "");
    let unsigned = digits.trim_start_matches(['+', '-']);
    let number = match unsigned.strip_prefix("0x") {
        Some(hex) => hexadecimal(hex)? * if digits.starts_with('-') { -1.0 } else { 1.0 },
        None if unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') => digits.parse().ok()?,
        None => return None,
    };
    number.is_finite().then_some(number)
}

/// Reads `1.8p1`, without the `0x` in front of it. The exponent must be present.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        value = f64::from(digit.to_digit(16)?).mul_add(1.0, value * 16.0);
    }
    let places = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let exponent: i32 = exponent.parse().ok()?;
    Some(value * 2f64.powi(exponent.checked_sub(places)?))
}

/// Go's rule for `_`: between digits, or between a prefix like `0x` and a digit.
fn underscores_stand_between_digits(lower: &str) -> bool {
    if !lower.contains('_') {
        return true;
    }
    let digits = lower.trim_start_matches(['+', '-']);
    let prefix = ["0x", "0b", "0o"].iter().find_map(|prefix| digits.strip_prefix(prefix));
    let is_hex = digits.starts_with("0x");
    let mut before = if prefix.is_some() { '0' } else { '^' };
    for character in prefix.unwrap_or(digits).chars() {
        let is_digit = character.is_ascii_digit() || is_hex && character.is_ascii_hexdigit();
        let now = match character {
            _ if is_digit => '0',
            '_' if before != '0' => return false,
            '_' => '_',
            _ if before == '_' => return false,
            _ => '!',
        };
        before = now;
    }
    before != '_'
}

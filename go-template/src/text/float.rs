//! Floats in decimal. Source: strconv/ftoa.go.

/// A float in the form `e`, `f` or `g` (`E` and `G` for upper case), with this many digits, or with as few as distinguish it.
pub(crate) fn format_float(value: f64, form: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match form {
        'e' | 'E' => scientific(value, form, precision),
        'f' | 'F' => match precision {
            Some(digits) => format!("{value:.digits$}"),
            None => format!("{value}"),
        },
        _ => general(value, if form == 'G' { 'E' } else { 'e' }, precision),
    }
}

fn scientific(value: f64, letter: char, precision: Option<usize>) -> String {
    let text = match precision {
        Some(digits) => format!("{value:.digits$e}"),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = split(&text);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{letter}{sign}{:02}", exponent.unsigned_abs())
}

/// The number with a point, and with zeros up to this many digits: the flag `#` of `%g`.
pub(super) fn with_zeros(text: &str, digits: usize) -> String {
    let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
    let counted = mantissa.trim_start_matches(['-', '+', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    // A zero counts as a digit if there is no other digit.
    let missing = digits.saturating_sub(counted.max(1));
    let point = if mantissa.contains('.') { "" } else { "." };
    format!("{mantissa}{point}{}{exponent}", "0".repeat(missing))
}

/// The number as an integer times a power of two: `%b`.
pub(super) fn binary(value: f64) -> String {
    let (negative, mantissa, exponent) = parts(value);
    format!("{}{mantissa}p{exponent:+}", if negative { "-" } else { "" })
}

/// The number in hexadecimal digits, with an exponent of two: `%x`.
pub(super) fn hexadecimal_float(value: f64) -> String {
    let (negative, mantissa, exponent) = parts(value);
    let sign = if negative { "-" } else { "" };
    if mantissa == 0 {
        return format!("{sign}0x0p+00");
    }
    let shift = mantissa.leading_zeros().saturating_sub(11);
    let (mantissa, exponent) = (mantissa << shift, exponent + 52 - i64::from(shift));
    let digits = format!("{:013x}", mantissa & ((1 << 52) - 1));
    let (digits, below) = (digits.trim_end_matches('0'), if exponent < 0 { '-' } else { '+' });
    let point = if digits.is_empty() { "" } else { "." };
    format!("{sign}0x1{point}{digits}p{below}{:02}", exponent.unsigned_abs())
}

/// The sign, and the number as an integer times a power of two.
fn parts(value: f64) -> (bool, u64, i64) {
    let bits = value.to_bits();
    let (exponent, mantissa) = ((bits >> 52 & 0x7ff).cast_signed(), bits & ((1 << 52) - 1));
    let mantissa = if exponent == 0 { mantissa } else { mantissa | 1 << 52 };
    (value.is_sign_negative(), mantissa, exponent.max(1) - 1075)
}

fn general(value: f64, letter: char, precision: Option<usize>) -> String {
    let precision = precision.map(|digits| digits.max(1));
    let text = match precision {
        Some(digits) => format!("{value:.*e}", digits - 1),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = split(&text);
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0') } else { mantissa };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let before_point = i64::from(exponent) + 1;
    let count = i64::try_from(digits).unwrap_or(i64::MAX);
    let most = match precision.map(|digits| i64::try_from(digits).unwrap_or(i64::MAX)) {
        None => 6,
        Some(most) if most > count && count >= before_point => count,
        Some(most) => most,
    };
    if exponent < -4 || i64::from(exponent) >= most {
        return scientific(value, letter, Some(digits.saturating_sub(1)));
    }
    let decimals = usize::try_from(count - before_point).unwrap_or_default();
    format!("{value:.decimals$}")
}

/// The mantissa and the exponent of a number that Rust writes as `1.5e-7`.
fn split(text: &str) -> (&str, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (mantissa, exponent.parse().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_form_turns_to_exponents_at_a_million_and_below_a_ten_thousandth() {
        let cases = [
            (1e6, "1e+06"),
            (999_999.0, "999999"),
            (1_234_567.5, "1.2345675e+06"),
            (0.0001, "0.0001"),
            (0.000_012, "1.2e-05"),
            (1e21, "1e+21"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (123_456.789, "123456.789"),
            (1e-320, "1e-320"),
            (f64::INFINITY, "+Inf"),
        ];
        cases.iter().for_each(|(value, wanted)| assert_eq!(format_float(*value, 'g', None), *wanted));
    }

    #[test]
    fn a_precision_counts_digits_or_decimals() {
        assert_eq!(format_float(1234.5678, 'g', Some(3)), "1.23e+03");
        assert_eq!(format_float(100_000.0, 'g', Some(3)), "1e+05");
        assert_eq!(format_float(100.0, 'g', Some(3)), "100");
        assert_eq!(format_float(1.0, 'g', Some(10)), "1");
        assert_eq!(format_float(2.5, 'f', Some(0)), "2");
        assert_eq!(format_float(1_000_000.0, 'e', Some(2)), "1.00e+06");
        assert_eq!(format_float(1e6, 'f', None), "1000000");
    }

    #[test]
    fn powers_of_two_are_shown_as_such() {
        assert_eq!(binary(1.5), "6755399441055744p-52");
        assert_eq!(hexadecimal_float(-3.0), "-0x1.8p+01");
        assert_eq!(hexadecimal_float(0.0), "0x0p+00");
        assert_eq!(hexadecimal_float(5e-324), "0x1p-1074");
    }
}

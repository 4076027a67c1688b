//! The meaning of a YAML word without quotes, as KrakenD's parser (yaml.v3) takes it: `yes` is a text, `010` is eight, `1_000`
//! is a thousand.

use super::tree::Value;

/// The meaning of a word.
pub(super) enum Word {
    Value(Value),
    /// A number that JSON cannot write.
    Endless,
    /// A text, like every word that means nothing else.
    Text,
}

/// Reads a word.
pub(super) fn read(word: &str) -> Word {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => Word::Value(Value::Null),
        "true" | "True" | "TRUE" => Word::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => Word::Value(Value::Bool(false)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" | ".nan" | ".NaN"
        | ".NAN" => Word::Endless,
        _ => number(word),
    }
}

fn number(word: &str) -> Word {
    if !word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return Word::Text;
    }
    // A number that JSON writes in the same way keeps its text, however long it is.
    if is_json(word) {
        return Word::Value(Value::Number(word.to_owned()));
    }
    let plain: String = word.chars().filter(|letter| *letter != '_').collect();
    let integer = integer(&plain).map(|number| Word::Value(Value::Number(number.to_string())));
    integer.or_else(|| float(&plain)).unwrap_or(Word::Text)
}

/// Whether JSON has numbers in this form.
pub(super) fn is_json(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let starts = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    starts(digits) && serde_json::from_str::<serde_json::Number>(word).is_ok()
}

// Reads an integer as Go's ParseInt does with base 0.
fn integer(plain: &str) -> Option<i128> {
    let (negative, digits) = match plain.strip_prefix(['-', '+']) {
        Some(digits) => (plain.starts_with('-'), digits),
        None => (false, plain),
    };
    let prefixed = |lower: &str, upper: &str| digits.strip_prefix(lower).or_else(|| digits.strip_prefix(upper));
    let (radix, digits) = if let Some(digits) = prefixed("0x", "0X") {
        (16, digits)
    } else if let Some(digits) = prefixed("0o", "0O") {
        (8, digits)
    } else if let Some(digits) = prefixed("0b", "0B") {
        (2, digits)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, digits)
    } else {
        (10, digits)
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let number = i128::from(u64::from_str_radix(digits, radix).ok()?);
    Some(if negative { number.saturating_neg() } else { number })
}

fn float(plain: &str) -> Option<Word> {
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let mut parts = unsigned.splitn(2, ['e', 'E']);
    let (mantissa, exponent) = (parts.next().unwrap_or_default(), parts.next());
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_right = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    let some = !(whole.is_empty() && fraction.is_empty());
    if !(some && all_digits(whole) && all_digits(fraction) && exponent_is_right) {
        return None;
    }
    let number: f64 = plain.parse().ok()?;
    let number = serde_json::Number::from_f64(number).map(|number| Value::Number(number.to_string()));
    Some(number.map_or(Word::Endless, Word::Value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(word: &str) -> String {
        match read(word) {
            Word::Value(Value::Null) => "null".to_owned(),
            Word::Value(Value::Bool(flag)) => flag.to_string(),
            Word::Value(Value::Number(number)) => number,
            Word::Value(_) => "another".to_owned(),
            Word::Endless => "endless".to_owned(),
            Word::Text => format!("{word:?}"),
        }
    }

    #[test]
    fn words_are_what_yaml_v3_says() {
        for (word, wanted) in [
            ("", "null"),
            ("~", "null"),
            ("True", "true"),
            ("yes", "\"yes\""),
            ("on", "\"on\""),
            ("3", "3"),
            ("-0", "-0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1.50", "1.50"),
            ("1e3", "1e3"),
            ("+5", "5"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("017", "15"),
            ("-0b11", "-3"),
            ("08", "8.0"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("1.2.3", "\"1.2.3\""),
            ("10s", "\"10s\""),
            ("3000ms", "\"3000ms\""),
            ("127.0.0.1", "\"127.0.0.1\""),
            ("2024-01-31", "\"2024-01-31\""),
            ("12:30", "\"12:30\""),
            ("-", "\"-\""),
            (".", "\".\""),
            ("0x", "\"0x\""),
            ("1e", "\"1e\""),
            (".inf", "endless"),
            ("1e999", "1e999"),
            ("+1e999", "endless"),
        ] {
            assert_eq!(shown(word), wanted, "{word}");
        }
    }
}

//! Random texts: of no use if a document must render the same twice. Source: sprig's strings.go and crypto.go.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::value::Value;

const COUNT: &[Type] = &[Type::Int];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("randAlpha", COUNT, |host, arguments| chosen(host, arguments, |byte| byte.is_ascii_alphabetic())),
    Row::fixed("randAlphaNum", COUNT, |host, arguments| chosen(host, arguments, |byte| byte.is_ascii_alphanumeric())),
    Row::fixed("randAscii", COUNT, |host, arguments| chosen(host, arguments, |byte| matches!(byte, b' '..=b'~'))),
    Row::fixed("randBytes", COUNT, |host, arguments| Ok(STANDARD.encode(bytes(host, arguments.int(0))?).into())),
    Row::fixed("randInt", &[Type::Int, Type::Int], integer),
    Row::fixed("randNumeric", COUNT, |host, arguments| chosen(host, arguments, |byte| byte.is_ascii_digit())),
    Row::fixed("shuffle", &[Type::String], shuffle),
    Row::fixed("uuidv4", &[], uuid),
];

fn bytes(host: &Host<'_>, count: i64) -> Result<Vec<u8>, String> {
    let count = usize::try_from(count).map_err(|_| "runtime error: makeslice: len out of range".to_owned())?;
    host.budget.spend_text(count)?;
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// A random number below a bound.
fn below(host: &Host<'_>, bound: u64) -> Result<u64, String> {
    let number = bytes(host, 8)?.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    Ok(number.checked_rem(bound).unwrap_or_default())
}

fn chosen(host: &Host<'_>, arguments: &[Value], valid: fn(&u8) -> bool) -> Result<Value, String> {
    let alphabet: Vec<char> = (0..128u8).filter(valid).map(char::from).collect();
    // A count below zero gives nothing, as in sprig.
    let random = bytes(host, arguments.int(0).max(0).saturating_mul(2))?;
    let pick = |pair: &[u8]| {
        let number = pair.iter().fold(0, |number: usize, byte| number << 8 | usize::from(*byte));
        number.checked_rem(alphabet.len()).and_then(|index| alphabet.get(index)).copied()
    };
    Ok(random.chunks(2).filter_map(pick).collect::<String>().into())
}

fn integer(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let (least, most) = (arguments.int(0), arguments.int(1));
    let Some(span) = most.checked_sub(least).and_then(|span| u64::try_from(span).ok()).filter(|span| *span > 0) else {
        return Err("invalid argument to Intn".to_owned());
    };
    Ok(Value::Int(least.saturating_add_unsigned(below(host, span)?)))
}

fn shuffle(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut characters: Vec<char> = arguments.text(0).chars().collect();
    for index in (1..characters.len()).rev() {
        let other = usize::try_from(below(host, index as u64 + 1)?).unwrap_or_default();
        characters.swap(index, other);
    }
    Ok(characters.into_iter().collect::<String>().into())
}

fn uuid(host: &Host<'_>, _: &[Value]) -> Result<Value, String> {
    let hex: String = bytes(host, 16)?.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let variant = ["8", "9", "a", "b"].get(usize::try_from(below(host, 4)?).unwrap_or_default()).copied();
    let variant = variant.unwrap_or("8");
    Ok(format!("{}-{}-4{}-{variant}{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32)).into())
}

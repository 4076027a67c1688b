//! Letters of XML: those that a document may have, those that a name may have, line ends, and references such as `&lt;` and
//! `&#233;`. Knows no markup.

use std::borrow::Cow;

/// The fault of a piece of text.
pub(super) type Fault = Cow<'static, str>;

/// Appends text, with line ends as `\n`.
///
/// # Errors
/// The text is not UTF-8, or has a letter that XML does not allow.
pub(super) fn append(text: &[u8], out: &mut String) -> Result<(), Fault> {
    let text = std::str::from_utf8(text).map_err(|_| Cow::Borrowed("there is invalid UTF-8"))?;
    if let Some(letter) = text.chars().find(|letter| !is_letter(*letter)) {
        return Err(format!("U+{:04X} is no letter of XML", u32::from(letter)).into());
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\r') {
        out.push_str(before);
        out.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out.push_str(rest);
    Ok(())
}

/// The value of an attribute, with its references resolved.
///
/// # Errors
/// As [`append`]. Also an unknown reference, unless `keeps_unknown` leaves it as it is.
pub(super) fn unescaped(value: &[u8], keeps_unknown: bool) -> Result<String, Fault> {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| *byte == b'&') {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        append(before, &mut out)?;
        let name = after.get(1..).unwrap_or_default();
        let end = name.iter().position(|byte| *byte == b';');
        let name = end.and_then(|end| name.get(..end)).unwrap_or_default();
        match referred(name) {
            Some(letter) => {
                out.push(letter);
                rest = after.get(name.len().saturating_add(2)..).unwrap_or_default();
            }
            None if keeps_unknown => {
                out.push('&');
                rest = after.get(1..).unwrap_or_default();
            }
            None => return Err(unknown(name)),
        }
    }
    append(rest, &mut out)?;
    Ok(out)
}

/// The letter that a reference stands for: `lt`, `#233`, `#xE9`. As in Go, the declarations of a DTD are not read, so that no
/// reference can grow.
pub(super) fn referred(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x', digits @ ..] => numbered(digits, 16)?,
        [b'#', digits @ ..] => numbered(digits, 10)?,
        _ => return None,
    })
}

fn numbered(digits: &[u8], radix: u32) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    char::from_u32(u32::from_str_radix(digits, radix).ok()?).filter(|letter| is_letter(*letter))
}

/// The words for an unknown reference.
pub(super) fn unknown(name: &[u8]) -> Fault {
    let name: String = String::from_utf8_lossy(name).chars().take(40).collect();
    format!("the entity &{name}; is unknown (those of a DTD are not read)").into()
}

fn is_letter(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// May elements and attributes have this name?
pub(super) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(begins_name) && letters.all(|letter| begins_name(letter) || goes_on_in_name(letter))
}

fn begins_name(letter: char) -> bool {
    matches!(letter, ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}' | '\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn goes_on_in_name(letter: char) -> bool {
    matches!(letter, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

//! The text of a feed's element: CDATA as it is, and all other text with its references resolved, also those of HTML. Knows no
//! other part of XML.

const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";

/// The names of HTML that feeds use; other names stay as they are written.
const NAMED: [(&str, char); 40] = [
    ("lt", '<'),
    ("gt", '>'),
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("bull", '•'),
    ("middot", '·'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("sect", '§'),
    ("deg", '°'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("iacute", 'í'),
    ("oacute", 'ó'),
    ("ntilde", 'ñ'),
];

/// The text that the source between two tags means.
pub(super) fn resolved(inner: &str) -> String {
    let mut out = String::new();
    let mut rest = inner.trim();
    while let Some((before, after)) = rest.split_once(CDATA) {
        unescape(before, &mut out);
        let (section, behind) = after.split_once(CDATA_END).unwrap_or((after, ""));
        out.push_str(section);
        rest = behind;
    }
    unescape(rest, &mut out);
    out
}

fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match name(after).and_then(|(name, behind)| Some((letter(name)?, behind))) {
            Some((letter, behind)) => {
                out.push(letter);
                rest = behind;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

// No name is longer than this. So a text of many ampersands is not searched to its end for each of them.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    Some((text.get(..end)?, text.get(end.saturating_add(1)..)?))
}

fn letter(name: &str) -> Option<char> {
    let Some(digits) = name.strip_prefix('#') else {
        return NAMED.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter);
    };
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    char::from_u32(number.ok()?)
}

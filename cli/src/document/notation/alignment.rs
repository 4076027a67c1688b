//! The bytes of a source with which each character of a text was written: through quotes, escapes, indentation and folded
//! lines. Only used on a text that a parser made from that source.

use std::ops::Range;

use super::tree::Style;

/// Each character of `text`, with its bytes in `source`, which may begin with an anchor, a tag or a quote.
pub(in crate::document) fn aligned<'a>(
    text: &'a str,
    source: &'a str,
    style: Style,
) -> impl Iterator<Item = (char, Range<usize>)> {
    let mut at = opening(source, style);
    text.chars().map(move |letter| {
        let found = next(letter, source, &mut at, style);
        at = found.end;
        (letter, found)
    })
}

// The byte where the text itself begins.
fn opening(source: &str, style: Style) -> usize {
    let mut rest = source;
    while rest.starts_with(['&', '!']) {
        let Some((_, behind)) = rest.split_once(char::is_whitespace) else { break };
        rest = behind.trim_start();
    }
    let before = source.len().saturating_sub(rest.len());
    let quotes: &[&str] = match style {
        Style::Plain => &["'''", "'"],
        Style::Doubled => &["'"],
        Style::Escaped => &["\"\"\"", "\""],
    };
    // A text that begins with a quote has two quotes at its beginning.
    let quote = quotes.iter().find(|quote| rest.starts_with(**quote)).filter(|quote| rest.ends_with(**quote));
    before.saturating_add(quote.map_or(0, |quote| quote.len()))
}

fn next(letter: char, source: &str, at: &mut usize, style: Style) -> Range<usize> {
    while let Some(written) = source.get(*at..).and_then(|rest| rest.chars().next()) {
        let rest = source.get(*at..).unwrap_or_default();
        let long = |bytes: usize| *at..at.saturating_add(bytes).min(source.len());
        match (written, style) {
            ('\'', Style::Doubled) if letter == '\'' => return long(2),
            ('\\', Style::Escaped) => match escape(rest) {
                // An escaped line end: the text continues on the next line.
                Escape::Nothing(bytes) => *at = at.saturating_add(bytes),
                Escape::Letter(bytes) => return long(bytes),
            },
            _ if written == letter => return long(written.len_utf8()),
            _ if written.is_whitespace() => *at = at.saturating_add(written.len_utf8()),
            // The character stands for a line end, which has been passed already.
            _ => return *at..*at,
        }
    }
    *at..*at
}

enum Escape {
    Letter(usize),
    Nothing(usize),
}

fn escape(rest: &str) -> Escape {
    match rest.chars().nth(1) {
        Some('x') => Escape::Letter(4),
        Some('u') => Escape::Letter(6),
        Some('U') => Escape::Letter(10),
        Some('\n' | '\r' | ' ' | '\t') => {
            let behind = rest.get(1..).unwrap_or_default();
            let blank = behind.len().saturating_sub(behind.trim_start().len());
            // `\ ` and `\<tab>` are letters if no line end follows the white space.
            match behind.get(..blank).unwrap_or_default().contains('\n') {
                true => Escape::Nothing(blank.saturating_add(1)),
                false => Escape::Letter(2),
            }
        }
        Some(letter) => Escape::Letter(letter.len_utf8().saturating_add(1)),
        None => Escape::Letter(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The source of those letters of `text` that are not white space.
    fn written<'a>(text: &'a str, source: &'a str, style: Style) -> Vec<(char, &'a str)> {
        let all = aligned(text, source, style).map(|(letter, span)| (letter, source.get(span).unwrap()));
        all.filter(|(letter, _)| !letter.is_whitespace()).collect()
    }

    #[test]
    fn lines_of_a_block_are_found_behind_their_indentation() {
        let source = "    if a then\r\n      b()\n\n    end\n";
        let text = "if a then\n  b()\n\nend\n";
        let starts: Vec<usize> = aligned(text, source, Style::Plain)
            .filter(|(letter, _)| matches!(letter, 'i' | 'b' | 'd'))
            .map(|(_, at)| at.start)
            .collect();
        assert_eq!(starts, [4, 21, source.find("nd").unwrap() + 1]);
    }

    #[test]
    fn quotes_and_escapes_are_seen_through() {
        let doubled = written("it's", "'it''s'", Style::Doubled);
        assert_eq!(doubled, [('i', "i"), ('t', "t"), ('\'', "''"), ('s', "s")]);
        let escaped = written("a\n\"é😀b\\", "&x \"a\\n\\\"\\u00e9\\U0001F600\\\n   b\\\\\"", Style::Escaped);
        let wanted = [('a', "a"), ('"', "\\\""), ('é', "\\u00e9"), ('😀', "\\U0001F600"), ('b', "b"), ('\\', "\\\\")];
        assert_eq!(escaped, wanted);
        assert_eq!(written("a b", "'''\na\n  b'''", Style::Plain), [('a', "a"), ('b', "b")]);
        assert_eq!(written("x y", "!!str x\n  y", Style::Plain), [('x', "x"), ('y', "y")]);
    }
}

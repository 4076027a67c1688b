//! Translates Go's syntax of regular expressions to that of the crate `regex`, if both read the same signs in different ways.
//! Source: Go's regexp/syntax.

/// A pattern with the same meaning.
pub(super) fn translate(pattern: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(pattern.len()), pattern);
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '\\' => escape(rest, &mut text, false),
            '[' => class(rest, &mut text),
            '{' if !is_repetition(rest) => {
                text.push_str(r"\{");
                1
            }
            _ => {
                text.push(next);
                next.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    text
}

/// Is it `{2}`, `{2,}` or `{2,3}`? In Go, any other brace stands for itself.
fn is_repetition(text: &str) -> bool {
    let inner = text.get(1..).and_then(|text| text.split_once('}')).map(|(inner, _)| inner);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    inner.is_some_and(|inner| match inner.split_once(',') {
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
        None => is_number(inner),
    })
}

/// Translates an escape, and gives its length. In Go, digits, words and spaces are those of ASCII.
fn escape(text: &str, out: &mut String, in_class: bool) -> usize {
    let Some(escaped) = text.chars().nth(1) else {
        out.push('\\');
        return 1;
    };
    let (inside, outside) = match escaped {
        'd' => ("0-9", "[0-9]"),
        'D' => ("[^0-9]", "[^0-9]"),
        'w' => ("0-9A-Za-z_", "[0-9A-Za-z_]"),
        'W' => ("[^0-9A-Za-z_]", "[^0-9A-Za-z_]"),
        's' => (r"\t\n\f\r ", r"[\t\n\f\r ]"),
        'S' => (r"[^\t\n\f\r ]", r"[^\t\n\f\r ]"),
        'b' if !in_class => ("", r"(?-u:\b)"),
        'B' if !in_class => ("", r"(?-u:\B)"),
        '<' => ("<", "<"),
        '>' => (">", ">"),
        'Q' => {
            let quoted = text.get(2..).unwrap_or_default();
            let (literal, end) = quoted.split_once(r"\E").map_or((quoted, 0), |(literal, _)| (literal, 2));
            out.push_str(&regex::escape(literal));
            return 2 + literal.len() + end;
        }
        _ => {
            out.push('\\');
            out.push(escaped);
            return 1 + escaped.len_utf8();
        }
    };
    out.push_str(if in_class { inside } else { outside });
    1 + escaped.len_utf8()
}

/// Translates a class in brackets, and gives its length. In Go, only `[:name:]` nests, and `&&`, `--`, `~~` are no operators.
fn class(text: &str, out: &mut String) -> usize {
    let mut at = 1;
    out.push('[');
    let rest = |at: usize| text.get(at..).unwrap_or_default();
    if rest(at).starts_with('^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    while let Some(next) = rest(at).chars().next() {
        match next {
            ']' if at > first => {
                out.push(']');
                return at + 1;
            }
            ']' => out.push_str(r"\]"),
            '\\' => {
                at += escape(rest(at), out, true);
                continue;
            }
            '[' if rest(at).starts_with("[:") && rest(at).contains(":]") => {
                let length = rest(at).find(":]").unwrap_or_default() + 2;
                out.push_str(rest(at).get(..length).unwrap_or_default());
                at += length;
                continue;
            }
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(next);
            }
            '-' if rest(at + 1).starts_with('-') || at == first => out.push_str(r"\-"),
            _ => out.push(next),
        }
        at += next.len_utf8();
    }
    at
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn patterns_of_go_mean_the_same_here() {
        let cases = [
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^\w$", "é", false),
            (r"^[\W]$", "é", true),
            ("^[[a]$", "[", true),
            ("^[a&&b]$", "&", true),
            ("^[]a]$", "]", true),
            ("^[^]a]$", "b", true),
            ("^a{,2}$", "a{,2}", true),
            ("^a{2}$", "aa", true),
            (r"^\Qa.b\E$", "a.b", true),
            ("^[[:alpha:]_]+$", "a_b", true),
            (r"^\<a\>$", "<a>", true),
            (r"^\101$", "A", true),
            ("^[-a]$", "-", true),
        ];
        for (pattern, text, wanted) in cases {
            let compiled = Regex::new(&translate(pattern));
            let compiled = compiled.or_else(|_| regex::RegexBuilder::new(&translate(pattern)).octal(true).build());
            assert_eq!(compiled.unwrap().is_match(text), wanted, "{pattern} on {text}");
        }
    }
}

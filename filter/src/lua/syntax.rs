//! The message about a file that does not compile, in the words of KrakenD's VM and with the column: scripts see that text.
//! Knows no VM: other code compiles.

use super::frames::shown;
use super::tokens::{Kind, tokens};

/// The message about a file, made from Lua's own. `complaint_of` gives Lua's message about the beginning of a text.
///
/// `bad.lua line:1(column:5) near '=':   syntax error`, followed by a line end.
pub(super) fn complaint(
    written: &str,
    code: &str,
    message: &str,
    complaint_of: &dyn Fn(&str) -> Option<String>,
) -> String {
    let place = format!("{}:", shown(written));
    let placed = message.strip_prefix(&place).and_then(|rest| rest.split_once(": "));
    let Some((line, words)) = placed else { return message.to_owned() };
    let Some((_, near)) = words.rsplit_once(" near ") else { return format!("{written}:{line}: {words}") };
    if near == EOF {
        return format!("{written} at EOF:   {}\n", reason(words));
    }
    let token = near.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(near);
    let column = line.parse().ok().and_then(|line| column(code, line, token, complaint_of));
    match column {
        Some(column) => {
            let token = token.trim_matches(['"', '\'']);
            format!("{written} line:{line}(column:{column}) near '{token}':   {}\n", reason(words))
        }
        None => format!("{written}:{line}: {words}"),
    }
}

const EOF: &str = "<eof>";

fn reason(words: &str) -> &'static str {
    if words.starts_with("unfinished string") { "unterminated string" } else { "syntax error" }
}

/// The most equal tokens on one line that are tried.
const TRIED: usize = 16;

/// The column at which the token that stopped the compiler ends. If the line has several equal tokens, it is the first one that
/// the compiler also complains about when the text ends there.
fn column(code: &str, line: usize, token: &str, complaint_of: &dyn Fn(&str) -> Option<String>) -> Option<usize> {
    let mut ends = Vec::new();
    let (mut at_line, mut line_begins) = (1_usize, 0_usize);
    for found in tokens(code) {
        if let Some(last) = found.text.rfind('\n') {
            at_line = at_line.saturating_add(found.text.bytes().filter(|byte| *byte == b'\n').count());
            line_begins = found.at.saturating_add(last).saturating_add(1);
        }
        if at_line > line || ends.len() == TRIED {
            break;
        }
        if at_line == line && found.kind != Kind::Gap && found.text == token {
            let end = found.at.saturating_add(found.text.len());
            ends.push((end, end.saturating_sub(line_begins)));
        }
    }
    let is_meant = |(end, _): &&(usize, usize)| {
        let complaint = code.get(..*end).and_then(complaint_of);
        complaint.is_some_and(|complaint| !complaint.ends_with(EOF))
    };
    let (_, column) = match ends.as_slice() {
        [only] => only,
        several => several.iter().find(is_meant).or(several.first())?,
    };
    Some(*column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str, message: &str, good: &[&str]) -> String {
        complaint("a.lua", code, message, &|beginning| {
            let near = if good.contains(&beginning) { EOF } else { "'='" };
            Some(format!("a.lua:1: unexpected symbol near {near}"))
        })
    }

    #[test]
    fn the_place_is_where_the_token_ends_that_nothing_can_mend() {
        let message = "a.lua:1: unexpected symbol near '='";
        assert_eq!(said("x = = 1\n", message, &["x ="]), "a.lua line:1(column:5) near '=':   syntax error\n");
        assert_eq!(
            said("--[[\n]] y z", "a.lua:2: syntax error near 'z'", &[]),
            "a.lua line:2(column:6) near 'z':   syntax error\n"
        );
        assert_eq!(said("f('a' 'b'", "a.lua:1: ')' expected near ''b''", &[]), {
            "a.lua line:1(column:9) near 'b':   syntax error\n"
        });
    }

    #[test]
    fn what_has_no_token_keeps_lua_s_own_words() {
        assert_eq!(said("f(", "a.lua:1: unexpected symbol near <eof>", &[]), "a.lua at EOF:   syntax error\n");
        let of_break = "a.lua:3: break outside a loop at line 3";
        assert_eq!(said("break", of_break, &[]), of_break);
        assert_eq!(said("x", "something else", &[]), "something else");
        let of_character = "a.lua:1: unexpected symbol near '<\\239>'";
        assert_eq!(said("\u{feff}x", of_character, &[]), of_character);
    }
}

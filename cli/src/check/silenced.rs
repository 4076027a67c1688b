//! Comments that silence a rule: `-- lua-modifier: allow(rule, rule)` on the line, or alone on the line above.

use crate::document::line;

const MARK: &str = "lua-modifier: allow(";

/// Whether a comment silences a rule for a byte of a script.
pub(crate) fn is_silenced(code: &str, offset: usize, rule: &str) -> bool {
    let before = code.get(..offset).unwrap_or(code);
    let number = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
    let text = |number: usize| line(code, number).map(|(_, text)| text).unwrap_or_default();
    let above = text(number.saturating_sub(1)).trim_start();
    allows(text(number), rule) || above.starts_with("--") && allows(above, rule)
}

fn allows(line: &str, rule: &str) -> bool {
    let list = || {
        let (_, comment) = line.split_once("--")?;
        let (_, list) = comment.split_once(MARK)?;
        Some(list.split_once(')')?.0)
    };
    list().is_some_and(|list| list.split(',').any(|name| name.trim() == rule))
}

#[cfg(test)]
mod tests {
    use super::is_silenced;

    #[test]
    fn a_comment_silences_its_line_and_the_next() {
        let code = "a() -- lua-modifier: allow(x, y)\nb()\n  -- lua-modifier: allow(z)\nc()\nd()";
        let silent = |text: &str, rule| is_silenced(code, code.find(text).unwrap(), rule);
        assert!(silent("a()", "x") && silent("a()", "y"));
        assert!(!silent("a()", "z") && !silent("b()", "x"));
        assert!(silent("c()", "z") && !silent("d()", "z"));
    }
}

//! JSON paths as the module writes them (`$.endpoints[1].extra_config["modifier/lua-proxy"].post`), read back with the
//! document.

use serde_json::Value;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// Reads the path at the beginning of a complaint: its steps, and the complaint itself.
pub(crate) fn split<'a>(complaint: &'a str, document: &Value) -> Option<(Vec<Step>, &'a str)> {
    let mut rest = complaint.strip_prefix('$')?;
    let mut here = Some(document);
    let mut steps = Vec::new();
    while !rest.starts_with(": ") {
        let (step, behind) = one(rest, here)?;
        here = here.and_then(|value| match &step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        });
        steps.push(step);
        rest = behind;
    }
    Some((steps, rest.strip_prefix(": ")?))
}

fn one<'a>(text: &'a str, at: Option<&Value>) -> Option<(Step, &'a str)> {
    if let Some(rest) = text.strip_prefix("[\"") {
        let (written, behind) = quoted(rest)?;
        // The module shortens long keys and escapes odd letters: the key is the one that it would write in this way.
        let keys = at.and_then(Value::as_object).into_iter().flat_map(|object| object.keys());
        let key = keys.into_iter().find(|key| spelled(key) == written).cloned();
        return Some((Step::Key(key.unwrap_or_else(|| written.to_owned())), behind.strip_prefix(']')?));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (digits, behind) = rest.split_once(']')?;
        return Some((Step::Index(digits.parse().ok()?), behind));
    }
    let rest = text.strip_prefix('.')?;
    let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
    let (key, behind) = rest.split_at_checked(end).filter(|(key, _)| !key.is_empty())?;
    Some((Step::Key(key.to_owned()), behind))
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '"' => {
                let (inside, rest) = text.split_at_checked(at)?;
                return Some((inside, rest.strip_prefix('"')?));
            }
            _ => {}
        }
    }
    None
}

// The key as the module writes it between quotes.
fn spelled(key: &str) -> String {
    const LONGEST: usize = 80;
    match key.char_indices().nth(LONGEST).and_then(|(end, _)| key.get(..end)) {
        Some(start) => format!("{}...", start.escape_debug()),
        None => key.escape_debug().to_string(),
    }
}

/// The path in words.
pub(crate) fn written(steps: &[Step]) -> String {
    let plain = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let step = |step: &Step| match step {
        Step::Index(index) => format!("[{index}]"),
        Step::Key(key) if plain(key) => format!(".{key}"),
        Step::Key(key) => format!("[\"{}\"]", spelled(key)),
    };
    format!("${}", steps.iter().map(step).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_are_read_as_the_module_writes_them() {
        let long = "k".repeat(90);
        let document = json!({"endpoints": [{"extra_config": {"a\"b]": {"x": 1}, (long.clone()): 1}}]});
        let key = |key: &str| Step::Key(key.to_owned());
        let (steps, what) = split("$.endpoints[0].extra_config[\"a\\\"b]\"].x: must be: so", &document).unwrap();
        assert_eq!(steps, [key("endpoints"), Step::Index(0), key("extra_config"), key("a\"b]"), key("x")]);
        assert_eq!(what, "must be: so");
        assert_eq!(written(&steps), "$.endpoints[0].extra_config[\"a\\\"b]\"].x");
        let text = format!("$.endpoints[0].extra_config[\"{}...\"]: odd", "k".repeat(80));
        let (steps, _) = split(&text, &document).unwrap();
        assert_eq!(steps.last(), Some(&key(&long)));
        assert!(split("line 3, column 4: odd", &document).is_none());
        assert!(split("$.a[x]: odd", &document).is_none());
        assert!(split("$", &document).is_none());
    }
}

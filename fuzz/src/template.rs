//! Any text as a template, and as a second template that the first may call: they are parsed and rendered, or an error names
//! the place. Every rendered byte has its origin in one of the two.

use go_template::{Error, Limits, Templates, Value};
use serde_json::json;

const NAMES: [&str; 2] = ["main", "other"];

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // The text after a NUL is the second template.
    let (main, other) = text.split_once('\0').unwrap_or((&text, "[{{ . }}]"));
    let texts = [main, other];
    let mut templates = Templates::new();
    templates.limits(Limits { output_bytes: 1 << 16, steps: 20_000, depth: 1000 });
    templates.function_of("include", 1, |arguments| Ok(format!("{arguments:?}").into()));
    for (name, text) in NAMES.into_iter().zip(texts) {
        if let Err(error) = templates.parse(name, text) {
            return has_its_place(&error, &texts);
        }
    }
    let rendered = match templates.execute("main", &settings()) {
        Ok(rendered) => rendered,
        Err(error) => return has_its_place(&error, &texts),
    };
    assert!(rendered.text.len() <= 1 << 16);
    for (offset, byte) in rendered.text.bytes().enumerate() {
        let origin = rendered.origin(offset);
        let from = NAMES.iter().position(|name| *name == origin.template.as_ref());
        let text = texts[from.unwrap_or_else(|| panic!("{origin:?}"))];
        assert!(origin.offset < text.len() && origin.begins <= offset, "{origin:?}");
        assert!(!origin.verbatim || text.as_bytes()[origin.offset] == byte, "{origin:?}");
    }
}

/// Checks that an error's line is the line of its byte.
fn has_its_place(error: &Error, texts: &[&str; 2]) {
    let from = NAMES.iter().position(|name| *name == error.template);
    let text = texts[from.unwrap_or_else(|| panic!("{error:?}"))];
    let before = &text.as_bytes()[..error.offset];
    assert_eq!(error.line, 1 + before.iter().filter(|byte| **byte == b'\n').count(), "{error:?}");
    assert!(error.to_string().starts_with(&format!("template: {}:{}:", error.template, error.line)), "{error}");
}

fn settings() -> Value {
    json!({
        "s": {
            "n": 1_000_000, "f": 1.5, "t": true, "nil": null, "str": "text", "empty": "",
            "list": [1, "two", null, {"k": "v"}], "map": {"b": 2, "a": {"c": "deep"}}
        }
    })
    .into()
}

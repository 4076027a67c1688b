//! Generated templates, rendered once by Go 1.27 with sprig 3.2.3: what came out there, or which error, comes out here. Their
//! generator is not kept: it made sense of no template, only many of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use go_template::{Templates, Value};
use serde_json::Value as Json;

const CASES: &str = include_str!("go.json");

fn play(case: &Json, data: &Value) -> Result<String, String> {
    let mut templates = Templates::new();
    templates.environment(|name| (name == "HOME").then(|| "/home/x".to_owned()));
    templates.function_of("marshal", 1, |arguments| {
        Ok(arguments.first().map(Value::to_json).and_then(Result::ok).unwrap_or_default().into())
    });
    templates.function_of("include", 1, |arguments| match arguments {
        [Value::String(name)] => Ok(format!("partial:{name}").into()),
        others => {
            let got = others.first().filter(|value| !matches!(value, Value::Nil)).map_or("nil", Value::type_name);
            Err(format!("interface conversion: interface {{}} is {got}, not string"))
        }
    });
    for (name, key) in [("template", "template"), ("t2", "t2")] {
        if let Some(text) = case.get(key).and_then(Json::as_str) {
            templates.parse(name, text).map_err(|error| error.to_string())?;
        }
    }
    templates.execute("template", data).map(|rendered| rendered.text).map_err(|error| error.to_string())
}

#[test]
fn what_go_renders_is_rendered_here() {
    let all: Json = serde_json::from_str(CASES).unwrap();
    let cases = all.get("cases").and_then(Json::as_array).unwrap();
    assert!(cases.len() > 700, "where have the cases gone?");
    let text = |case: &Json, key: &str| case.get(key).and_then(Json::as_str).map(str::to_owned);
    let mut wrong = Vec::new();
    for case in cases {
        // Templates may change maps of the data.
        let played = play(case, &all.get("data").unwrap().clone().into());
        let wanted = text(case, "out").map_or_else(|| Err(text(case, "error").unwrap()), Ok);
        if played != wanted {
            wrong.push((text(case, "template"), played, wanted));
        }
    }
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
}

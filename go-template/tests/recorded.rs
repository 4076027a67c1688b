//! Templates recorded from KrakenD's own loader: what comes out, to the byte, or which error. The loader's part (settings,
//! partials, functions of its own) is played here: the engine knows nothing of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use go_template::{Templates, Value};

/// What KrakenD says in front of the engine's error.
const PREFIXES: [&str; 3] =
    ["Unable to parse configuration file: ", "Error parsing sub-templates: ", "Found error while executing template: "];

/// Recorded cases whose error is not the engine's: settings that are no object of JSON.
const OF_THE_LOADER: [&str; 2] = ["091-settings-broken", "092-settings-scalar"];

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/templates");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The files of a folder, by name, in the order of names.
fn files(folder: &Path, ending: &str) -> BTreeMap<String, PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    named.filter(|(name, _)| name.ends_with(ending)).collect()
}

fn settings(case: &Path) -> Value {
    let read = |(name, path): (String, PathBuf)| {
        let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        (name.trim_end_matches(".json").to_owned(), Value::from(json))
    };
    Value::map(files(&case.join("settings"), ".json").into_iter().map(read))
}

fn templates(case: &Path) -> Templates {
    let mut templates = Templates::new();
    let partials = case.join("partials");
    templates.function_of("include", 1, move |arguments| {
        let [Value::String(name)] = arguments else {
            let got = arguments.first().map_or("nil", Value::type_name);
            return Err(format!("interface conversion: interface {{}} is {got}, not string"));
        };
        // A file that is not there is empty, as KrakenD has it.
        Ok(fs::read_to_string(partials.join(name.as_ref())).unwrap_or_default().into())
    });
    templates.function_of("marshal", 1, |arguments| {
        // What is no JSON is empty.
        Ok(arguments.first().map(Value::to_json).and_then(Result::ok).unwrap_or_default().into())
    });
    let note = fs::read_to_string(case.join("note.txt")).unwrap_or_default();
    let variable = note.trim().strip_prefix("recorded with ").and_then(|set| set.split_once('='));
    let variable = variable.map(|(name, value)| (name.to_owned(), value.to_owned()));
    templates.environment(move |name| variable.clone().filter(|(known, _)| known == name).map(|(_, value)| value));
    templates
}

fn play(case: &Path) -> Result<String, String> {
    let mut templates = templates(case);
    let document = fs::read_to_string(case.join("template")).unwrap();
    templates.parse("template", &document).map_err(|error| error.to_string())?;
    for (name, path) in files(&case.join("templates"), ".tmpl") {
        templates.parse(&name, &fs::read_to_string(path).unwrap()).map_err(|error| error.to_string())?;
    }
    let rendered = templates.execute("template", &settings(case)).map_err(|error| error.to_string())?;
    Ok(rendered.text)
}

fn recorded(case: &Path) -> Result<String, String> {
    match fs::read_to_string(case.join("rendered.json")) {
        Ok(text) => Ok(text),
        Err(_) => {
            let said = fs::read_to_string(case.join("error.txt")).unwrap();
            let prefix = PREFIXES.iter().find_map(|prefix| said.strip_prefix(prefix));
            Err(prefix.unwrap_or_else(|| panic!("another prefix: {said}")).trim_end().to_owned())
        }
    }
}

#[test]
fn recorded_templates_come_out_as_from_go_to_the_byte() {
    let cases = cases();
    assert!(cases.len() >= 80, "where have the cases gone?");
    let name = |case: &Path| case.file_name().unwrap().to_str().unwrap().to_owned();
    let cases = cases.iter().filter(|case| !OF_THE_LOADER.contains(&name(case).as_str()));
    let played = cases.map(|case| (name(case), play(case), recorded(case)));
    let wrong: Vec<_> = played.filter(|(_, played, recorded)| played != recorded).collect();
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
}

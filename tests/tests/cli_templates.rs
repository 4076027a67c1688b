//! Recorded results of KrakenD's own loader, compared with the command: a rendered text must be equal to the byte, an error
//! must have the same template, line and words.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::command::command;
use tests::machine::Folder;
use tests::repository;

/// KrakenD puts nothing in the place of a missing partial; the command reports it.
const OTHERWISE: [&str; 1] = ["053-include-missing"];

fn recorded() -> Vec<PathBuf> {
    let folder = repository::cases().join("templates");
    let cases = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut cases: Vec<PathBuf> = cases.filter(|path| !OTHERWISE.iter().any(|name| path.ends_with(name))).collect();
    cases.sort();
    cases
}

/// The template, the line and the words of KrakenD's message: `…: template: NAME:LINE:COLUMN: executing "NAME" at <…>: WORDS`.
struct Told {
    file: String,
    line: Option<u64>,
    words: String,
}

fn told(text: &str) -> Told {
    let text = text.trim();
    if let Some((_, settings)) = text.split_once("loading flexible-config settings:") {
        let (file, _) = settings.trim().trim_start_matches("- ").split_once(':').unwrap();
        return Told { file: format!("settings/{file}"), line: None, words: String::new() };
    }
    let (_, go) = text.split_once(": ").unwrap();
    let place = go.strip_prefix("template: ").unwrap();
    let (file, rest) = place.split_once(':').unwrap();
    let (line, rest) = rest.split_once(':').unwrap();
    let words = match rest.split_once(">: ") {
        Some((_, words)) => words,
        None => rest.trim(),
    };
    let folder = if file.ends_with(".tmpl") { "templates/" } else { "" };
    Told { file: format!("{folder}{file}"), line: Some(line.parse().unwrap()), words: words.to_owned() }
}

/// The difference between a case and its recorded result.
fn play(case: &Path) -> Option<String> {
    let place = Folder::copy_of(case);
    let mut command = command(&place);
    command.env("FC_ENABLE", "1").env("FC_OUT", "out.json");
    for (variable, folder) in [("FC_SETTINGS", "settings"), ("FC_PARTIALS", "partials"), ("FC_TEMPLATES", "templates")]
    {
        if place.path().join(folder).is_dir() {
            command.env(variable, folder);
        }
    }
    // The variable has the value that it had when the cases were recorded (note.txt).
    command.env("ORACLE_VAR", "from env");
    let output = command.args(["check", "--format", "json", "template"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", case.display(), String::from_utf8_lossy(&output.stderr)));
    let first = &report["findings"][0];
    let Ok(error) = std::fs::read_to_string(case.join("error.txt")) else {
        let wanted = std::fs::read_to_string(case.join("rendered.json")).unwrap();
        let out =
            std::fs::read_to_string(place.path().join("out.json")).unwrap_or_else(|_| format!("nothing: {first}"));
        return (out != wanted).then(|| format!("rendered {out:?}\n  wanted {wanted:?}"));
    };
    let Told { file, line, words } = told(&error);
    let agrees = first["file"] == file.as_str()
        && line.is_none_or(|line| first["line"] == line)
        && first["message"].as_str().is_some_and(|message| message.contains(&words))
        && !place.path().join("out.json").exists();
    (!agrees).then(|| format!("said {first}\n  wanted {}", error.trim()))
}

#[test]
fn recorded_templates_render_to_the_byte_and_fail_where_they_failed() {
    let cases = recorded();
    let differs = |case: &PathBuf| Some(format!("{}: {}", case.file_name()?.display(), play(case)?));
    let wrong: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 84, "{}", cases.len());
}

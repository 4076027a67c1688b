//! Calls of the command, each with everything that it prints: `NAME.json` has the call, `NAME.out` and `NAME.err` the expected
//! output, with times masked. A missing file means that nothing is printed. `RECORD=1` writes these files anew.

use std::path::Path;

use super::{Said, call};
use crate::repository;

/// Plays every call of a folder, and gives the differences from the expected output.
pub fn differences(folder: &str, default_folder: &str) -> Vec<String> {
    let calls = repository::files(&repository::root().join(folder), "json");
    assert!(!calls.is_empty(), "{folder} holds no calls");
    calls.iter().flat_map(|path| difference(path, default_folder)).collect()
}

fn difference(path: &Path, default_folder: &str) -> Vec<String> {
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let within = repository::root().join(written["folder"].as_str().unwrap_or(default_folder));
    let arguments: Vec<&str> = written["arguments"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
    let Said { code, out, err } = call(&within, &arguments);
    let name = path.file_stem().unwrap().to_string_lossy();
    let mut found = Vec::new();
    if code.map(i64::from) != written["code"].as_i64() {
        found.push(format!("{name}: exit code {code:?}, not {}\n{out}{err}", written["code"]));
    }
    for (extension, said) in [("out", masked(&out)), ("err", masked(&err))] {
        let expected = path.with_extension(extension);
        if std::env::var_os("RECORD").is_some() {
            match said.is_empty() {
                true => drop(std::fs::remove_file(&expected)),
                false => std::fs::write(&expected, &said).unwrap(),
            }
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        if wanted != said {
            found.push(format!("{name}.{extension}: expected\n{wanted}\nand got\n{said}"));
        }
    }
    found
}

/// Real times differ from run to run: `0.123 ms`, `in 1.2 s`, and microseconds in JSON.
pub fn masked(text: &str) -> String {
    let patterns = [
        (r"\d+\.\d+ ms\b", "0.000 ms"),
        (r"\d+\.\d+ s\b", "0.0 s"),
        (r#""microseconds": \d+"#, r#""microseconds": 0"#),
    ];
    patterns.iter().fold(text.to_owned(), |text, (pattern, with)| {
        fancy_regex::Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
    })
}

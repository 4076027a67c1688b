//! `lua-modifier check` of documents that are templates, YAML or TOML: each finding points into the file that its place was
//! made from, and for a text that cannot become a document, a message names the place of the fault.

use std::process::Output;

use serde_json::Value;
use tests::cases::list;
use tests::command::{call, command};
use tests::machine::Folder;
use tests::repository;

fn words(value: &Value) -> Vec<&str> {
    list(value).iter().map(|word| word.as_str().unwrap()).collect()
}

fn play(case: &Value) -> Output {
    let place = Folder::default();
    for (name, lines) in case["files"].as_object().unwrap() {
        place.write(name, words(lines).join("\n"));
    }
    for (name, bytes) in case["bytes"].as_object().into_iter().flatten() {
        place.write(name, list(bytes).iter().map(|byte| byte.as_u64().unwrap() as u8).collect::<Vec<u8>>());
    }
    let mut command = command(&place);
    for (name, value) in case["environment"].as_object().into_iter().flatten() {
        command.env(name, value.as_str().unwrap());
    }
    command.args(["check", "--format", "json"]).args(words(&case["arguments"])).output().unwrap()
}

fn place(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    format!("{}:{}:{} {} {}", text("file"), finding["line"], finding["column"], text("level"), text("rule"))
}

/// The difference between a case's expectation and the outcome.
fn judge(case: &Value, output: &Output) -> Option<String> {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lacks = |text: &str, wanted: &Value| words(wanted).iter().any(|words| !text.contains(words));
    if !case["says"].is_null() {
        let wrong = output.status.code() != Some(2) || lacks(&err, &case["says"]);
        return wrong.then(|| format!("ended with {:?}: {err}{out}", output.status.code()));
    }
    let report: Value = serde_json::from_str(&out).unwrap_or_default();
    let (found, expected) = (list(&report["findings"]), words(&case["expect"]));
    let agrees = |(finding, expected): (&Value, &&str)| {
        let message = finding["message"].as_str().unwrap_or_default();
        expected.strip_prefix(&place(finding)).is_some_and(|part| message.contains(part.trim_start()))
    };
    let helps = found.iter().filter_map(|finding| finding["help"].as_str()).collect::<Vec<_>>().join("\n");
    let clean = expected.iter().all(|finding| finding.contains(" note "));
    let right = report.is_object()
        && found.len() == expected.len()
        && found.iter().zip(&expected).all(agrees)
        && !lacks(&helps, &case["help"])
        && output.status.code() == Some(i32::from(!clean));
    let lines = found.iter().map(|finding| format!("    {} {}", place(finding), finding["message"]));
    (!right).then(|| format!("found\n{}\n{helps}\n{err}", lines.collect::<Vec<_>>().join("\n")))
}

#[test]
fn each_finding_stands_in_the_file_that_its_place_was_made_of() {
    let text = std::fs::read_to_string(repository::cases().join("check/written.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let played = |case: &Value| Some(format!("{}: {}", case["name"], judge(case, &play(case))?));
    let wrong: Vec<String> = cases.iter().filter_map(played).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 40, "{}", cases.len());
}

#[test]
fn links_may_lead_about_among_the_partials_and_not_out_of_them() {
    let place = Folder::default();
    place.write("krakend.json", "{ {{ include \"inside.json\" }}, {{ include \"outside.json\" }} }");
    place.write("partials/deep/real.json", "\"version\": 3");
    place.write("secret.json", "\"tls\": {}");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, place.path().join("partials").join(name)).unwrap();
    link("deep/real.json", "inside.json");
    link("../secret.json", "outside.json");
    let said = call(&place, &["check", "krakend.json", "--partials", "partials"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.out.contains("krakend.json:1:35"), "{}", said.out);
    assert!(said.out.contains("outside.json leaves the folder of the partials, partials"), "{}", said.out);
}

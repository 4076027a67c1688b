//! `lua-modifier run`, as people and tools see it: whole outputs, for good input and for bad.

use tests::command;
use tests::command::transcript::differences;
use tests::repository;

const FILES: &str = "tests/cases/run/files";

#[test]
fn every_call_prints_what_is_written_down_for_it() {
    let found = differences("tests/cases/run/shown", FILES);
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

#[test]
fn the_story_for_tools_is_json_with_the_documented_fields() {
    let arguments = ["run", "krakend.json", "GET", "/users/42", "--format", "json", "--upstream", "responses.toml"];
    let said = command::call(&repository::root().join(FILES), &arguments);
    let story: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(story["endpoint"], "/users/{id}");
    assert_eq!(story["request"]["path"], "/users/42");
    assert_eq!(story["response"]["status"], 200);
    let events = story["events"].as_array().unwrap();
    let stages: Vec<_> = events.iter().filter(|event| event["event"] == "stage").map(|event| &event["kind"]).collect();
    assert_eq!(stages, ["service", "endpoint", "proxy", "backend", "backend", "proxy"]);
    assert!(events.iter().any(|event| event["event"] == "sent" && event["for"] == "backend"));
}

#[test]
fn a_body_may_come_from_standard_input() {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = command::command(&repository::root().join(FILES))
        .args(["run", "krakend.json", "POST", "/notes", "-d", "@-", "--format", "json", "--upstream", "responses.toml"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"more tea").unwrap();
    let said = child.wait_with_output().unwrap();
    let story: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(story["request"]["body"], "more tea");
    assert!(story["response"]["body"].as_str().unwrap().contains("more coffee"), "{story:#}");
}

//! `lua-modifier run`, as people and tools see it: whole outputs, for good input and bad input.

use serde_json::Value;
use tests::command::transcript::differences;
use tests::command::{call, call_with_input};
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
    let said = call(repository::root().join(FILES), &arguments);
    let story: Value = serde_json::from_str(&said.out).unwrap();
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
    let arguments =
        ["run", "krakend.json", "POST", "/notes", "-d", "@-", "--format", "json", "--upstream", "responses.toml"];
    let said = call_with_input(repository::root().join(FILES), &arguments, "more tea");
    let story: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(story["request"]["body"], "more tea");
    assert!(story["response"]["body"].as_str().unwrap().contains("more coffee"), "{story:#}");
}

/// The answer's body as JSON.
fn answered(arguments: &[&str]) -> Value {
    let said =
        call(repository::root().join(FILES), &[&["run", "world.json"], arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let story: Value = serde_json::from_str(&said.out).unwrap();
    serde_json::from_str(story["response"]["body"].as_str().unwrap()).unwrap()
}

#[test]
fn the_clock_starts_at_the_real_time() {
    let real = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let before = real();
    let told = answered(&["GET", "/clock"])["time"].as_u64().unwrap();
    assert!((before..=real()).contains(&told), "{told} is not {before}");
}

#[test]
fn one_seed_gives_the_same_numbers() {
    let seeded = |seed: &str| answered(&["GET", "/dice", "--seed", seed]);
    assert_eq!(seeded("7"), seeded("7"));
    assert_ne!(seeded("7"), seeded("8"));
}

#[test]
fn without_a_seed_each_run_draws_numbers_of_its_own() {
    assert_ne!(answered(&["GET", "/dice"]), answered(&["GET", "/dice"]));
}

#[test]
fn a_status_is_told_with_its_name() {
    for named in
        ["409 Conflict", "422 Unprocessable Content", "429 Too Many Requests", "451 Unavailable For Legal Reasons"]
    {
        let status = named.split(' ').next().unwrap();
        let path = format!("/status/{status}");
        let said = call(repository::root().join(FILES), &["run", "world.json", "GET", &path]);
        assert!(said.out.lines().any(|line| line == named), "{named}: {}{}", said.out, said.err);
    }
}

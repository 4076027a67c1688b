//! The comparison itself: a recorded observation passes unchanged, and every change to it is noticed.

use serde_json::{Value, json};
use tests::cases::plugin_config::key_set_paths;
use tests::cases::{self, Case, LogLine, Observation, Outcome};
use tests::compare::{Accepted, judge};
use tests::repository;

// The time at which key sets are requested is not compared.
fn as_recorded(case: &Case) -> Observation {
    let key_sets = key_set_paths(case);
    let log = |line: &str| LogLine { level: "info".into(), text: format!("[ENDPOINT: /t][Lua] {line}") };
    let logged = |line: &String| LogLine { level: "error".into(), text: line.clone() };
    Observation {
        responses: case.recorded.responses.iter().cloned().map(Ok).collect(),
        upstream: case.recorded.upstream.iter().filter(|asked| !key_sets.contains(&asked.path)).cloned().collect(),
        log: case.recorded.printed.lines().map(log).chain(case.recorded.logged.iter().map(logged)).collect(),
    }
}

fn accepted() -> Accepted {
    Accepted::load(&repository::cases())
}

fn nothing_accepted() -> Accepted {
    Accepted::new(&json!({"classes": {}}))
}

/// Changes an observation; false if the case has nothing to change.
type Change = fn(&mut Observation) -> bool;

const CHANGES: [(&str, Change); 15] = [
    ("no line in the log but what was printed", |seen| {
        let lines = seen.log.len();
        seen.log.retain(|line| line.level != "error");
        seen.log.len() < lines
    }),
    ("another status", |seen| seen.responses.iter_mut().flatten().map(|r| r.status += 1).count() > 0),
    ("no response", |seen| seen.responses.iter_mut().map(|r| *r = Err("timeout".into())).count() > 0),
    ("a header more", |seen| {
        seen.responses.iter_mut().flatten().map(|r| r.headers.insert("x-new".into(), vec![String::new()])).count() > 0
    }),
    ("a header less", |seen| seen.responses[0].as_mut().is_ok_and(|r| r.headers.remove("content-type").is_some())),
    ("a value twice", |seen| {
        let value = seen.responses[0].as_mut().ok().and_then(|r| r.headers.get_mut("x-krakend-completed"));
        value.map(|values| values.push(values[0].clone())).is_some()
    }),
    ("text before the body", |seen| seen.responses.iter_mut().flatten().map(|r| r.body.insert(0, b'x')).count() > 0),
    ("another leaf in the body", |seen| {
        let Ok(response) = &mut seen.responses[0] else { return false };
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else { return false };
        let changed = change_leaf(&mut body);
        response.body = body.to_string().into_bytes();
        changed
    }),
    ("a truncated body", |seen| {
        seen.responses[0].as_mut().is_ok_and(|r| {
            r.truncated = !r.truncated;
            true
        })
    }),
    ("a request less", |seen| seen.upstream.pop().is_some()),
    ("a request twice", |seen| seen.upstream.first().cloned().map(|one| seen.upstream.push(one)).is_some()),
    ("another path", |seen| seen.upstream.iter_mut().map(|r| r.path.push('x')).count() > 0),
    ("a header of a request more", |seen| {
        seen.upstream.iter_mut().map(|r| r.headers.insert("x-new".into(), vec!["1".into()])).count() > 0
    }),
    ("a printed line less", |seen| {
        let printed = seen.log.iter().position(|line| line.level == "info");
        printed.map(|at| seen.log.remove(at)).is_some()
    }),
    ("a printed line twice", |seen| {
        let printed = seen.log.iter().find(|line| line.level == "info").cloned();
        printed.map(|line| seen.log.push(line)).is_some()
    }),
];

/// Changes the first leaf; an echoed request has headers that may differ, and is not changed.
fn change_leaf(value: &mut Value) -> bool {
    match value {
        Value::Object(map) if map.contains_key("headers") => false,
        Value::Object(map) => map.values_mut().any(change_leaf),
        Value::Array(items) => items.iter_mut().any(change_leaf),
        Value::String(text) if text.contains("\"headers\"") => false,
        Value::String(text) => {
            text.push('x');
            true
        }
        Value::Number(number) => {
            *value = Value::String(number.to_string());
            true
        }
        Value::Bool(truth) => {
            *truth = !*truth;
            true
        }
        Value::Null => {
            *value = json!(0);
            true
        }
    }
}

#[test]
fn what_was_recorded_passes_as_it_is() {
    for table in [accepted(), nothing_accepted()] {
        for case in cases::load("*").iter().filter(|case| case.recorded.refused.is_none()) {
            let verdict = judge(case, &Outcome::Played(as_recorded(case)), &table);
            assert!(verdict.differences.is_empty() && verdict.accepted.is_empty(), "{}: {verdict:?}", case.name);
        }
    }
}

#[test]
fn no_change_goes_unseen() {
    let table = nothing_accepted();
    for (what, change) in CHANGES {
        let mut changed = 0;
        for case in cases::load("*").iter().filter(|case| case.recorded.refused.is_none()) {
            let mut seen = as_recorded(case);
            if change(&mut seen) {
                changed += 1;
                let verdict = judge(case, &Outcome::Played(seen), &table);
                assert!(!verdict.differences.is_empty(), "{}: {what} was not seen", case.name);
            }
        }
        assert!(changed > 0, "{what}: no case has any");
    }
}

#[test]
fn a_status_that_no_entry_names_is_never_accepted() {
    let table = accepted();
    for case in cases::load("*").iter().filter(|case| case.recorded.refused.is_none()) {
        let mut seen = as_recorded(case);
        seen.responses.iter_mut().flatten().for_each(|response| response.status = 599);
        let verdict = judge(case, &Outcome::Played(seen), &table);
        let anything_goes =
            verdict.accepted.iter().any(|difference| difference.class.as_deref() == Some("file-system"));
        assert!(anything_goes || !verdict.differences.is_empty(), "{}", case.name);
    }
}

#[test]
fn key_order_white_space_and_the_spelling_of_numbers_do_not_count() {
    let case = Case::new(&json!({
        "name": "n", "request": {"path": "/"}, "config": {},
        "observed": {"status": 200, "body": "{\"a\":1.0,\"b\":[\"x\"]}"},
    }));
    let judged = |body: &str| {
        let mut seen = as_recorded(&case);
        seen.responses.iter_mut().flatten().for_each(|response| response.body = body.as_bytes().to_vec());
        judge(&case, &Outcome::Played(seen), &nothing_accepted()).differences.is_empty()
    };
    assert!(judged("{ \"b\": [\"x\"], \"a\": 1 }"));
    assert!(!judged("{ \"b\": [\"x\"], \"a\": 2 }"));
    assert!(!judged("{ \"b\": [\"y\"], \"a\": 1 }"));
}

#[test]
fn a_refusal_counts_only_where_it_is_accepted_or_demanded() {
    let refusal = Outcome::Refused("bad JSON at line 3".into());
    let case = |observed: Value| {
        Case::new(&json!({"name": "n", "request": {"path": "/"}, "config": {}, "observed": observed}))
    };
    let fails = |case: &Case, outcome: &Outcome| !judge(case, outcome, &nothing_accepted()).differences.is_empty();
    assert!(fails(&case(json!({"status": 200})), &refusal));
    assert!(!fails(&case(json!({"refused": "at line 3"})), &refusal));
    assert!(fails(&case(json!({"refused": "at line 4"})), &refusal));
    assert!(fails(&case(json!({"refused": "at line 3"})), &Outcome::Played(Observation::default())));
    let listed = cases::load("error-pre-syntax*");
    assert!(listed.iter().all(|case| judge(case, &refusal, &accepted()).differences.is_empty()));
}

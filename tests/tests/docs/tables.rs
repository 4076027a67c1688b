//! Tables of "Write scripts" that are made from `names.json`, each between two comments. `RECORD=1` writes them again.

use serde_json::Value;
use tests::cases::list;
use tests::repository;

use crate::generated::{hold, page, with_part};

const PAGE: &str = "docs/write-scripts.md";

/// The objects, in the order of the page.
const OBJECTS: [&str; 7] = ["ctx", "request", "response", "luaTable", "luaList", "luaNil", "http_response"];

#[test]
fn tables_are_those_of_the_names() {
    let file = repository::root().join("cli/src/check/lua/names.json");
    let names: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let page = page(PAGE);
    let tables = [("objects", objects(&names)), ("functions", functions(&names)), ("helpers", helpers(&names))];
    let text = tables
        .into_iter()
        .fold(page.text.clone(), |text, (name, table)| with_part(&text, name, "generated from names.json", |_| table));
    hold(&page, &text, "names.json");
}

fn objects(names: &Value) -> String {
    let objects = names["objects"].as_object().unwrap();
    assert_eq!(objects.len(), OBJECTS.len());
    let section = |name: &&str| {
        let object = &objects[*name];
        let statics = rows(&object["statics"], &format!("{name}."));
        let methods = rows(&object["methods"], "");
        format!(
            "\n### `{name}`\n\n{} {}\n\n| function | what it does |\n| --- | --- |\n{statics}{methods}{}",
            object["says"].as_str().unwrap(),
            place(object),
            example(&object["example"], stage(object))
        )
    };
    OBJECTS.iter().map(section).collect::<String>() + "\n"
}

fn place(object: &Value) -> String {
    let at = |stage: &str| list(&object["stages"]).iter().any(|known| known == stage);
    let half = if object["post_only"] == true { ", in `post`" } else { "" };
    match (at("endpoint"), at("proxy")) {
        (true, true) => "It is there everywhere.".to_owned(),
        (true, false) => "It is there in `modifier/lua-endpoint`.".to_owned(),
        _ => format!("It is there in `modifier/lua-proxy` and `modifier/lua-backend`{half}."),
    }
}

/// The stage in which an object's example runs.
fn stage(object: &Value) -> &'static str {
    match (list(&object["stages"])[0].as_str().unwrap(), &object["post_only"]) {
        ("service", _) if list(&object["stages"]).len() == 2 => "endpoint",
        (_, Value::Bool(true)) => "proxy.post",
        _ => "proxy",
    }
}

fn rows(members: &Value, prefix: &str) -> String {
    members.as_object().unwrap().iter().map(|(name, member)| row(&format!("{prefix}{name}"), member)).collect()
}

fn row(name: &str, member: &Value) -> String {
    let calls: Vec<String> =
        list(&member["forms"]).iter().map(|form| format!("`{name}({})`", names_of(form.as_str().unwrap()))).collect();
    let mut says = member["says"].as_str().unwrap().to_owned();
    let idle: Vec<String> =
        member["idle"].as_object().into_iter().flatten().map(|(stage, _)| format!("`modifier/lua-{stage}`")).collect();
    if !idle.is_empty() {
        says.push_str(&format!(" To set it has no effect in {}.", idle.join(" and ")));
    }
    if member["ours"] == true {
        says.push_str(" **Not in KrakenD.**");
    }
    format!("| {} | {says} |\n", calls.join(", "))
}

/// The names of the parameters of a form; a parameter that may be left out stands in brackets.
fn names_of(form: &str) -> String {
    let inside = form[1..].rsplit_once(')').unwrap().0;
    let named = inside.split(", ").filter_map(|part| Some(part.split_once(": ")?.0));
    let mut text = String::new();
    for name in named {
        let comma = if text.is_empty() { "" } else { ", " };
        match name.strip_suffix('?') {
            Some(optional) => text.push_str(&format!("[{comma}{optional}]")),
            None => text.push_str(&format!("{comma}{name}")),
        }
    }
    text
}

fn example(lines: &Value, stage: &str) -> String {
    let lines: String = list(lines).iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect();
    format!("\n```lua {stage}\n{lines}```\n")
}

fn functions(names: &Value) -> String {
    let told = names["told"].as_object().unwrap();
    let rows: String = told.iter().map(|(name, member)| row(name, member)).collect();
    let lines: Vec<Value> = told.values().flat_map(|member| list(&member["example"]).to_vec()).collect();
    format!("\n| function | what it does |\n| --- | --- |\n{rows}{}\n", example(&Value::Array(lines), "proxy"))
}

fn helpers(names: &Value) -> String {
    let (mut rows, mut lines) = (String::new(), Vec::new());
    for (library, functions) in names["helpers"]["libraries"].as_object().unwrap() {
        for (name, helper) in functions.as_object().unwrap() {
            rows.push_str(&row(&format!("{library}.{name}"), helper));
            lines.push(helper["example"].clone());
        }
    }
    format!("\n| helper | what it does |\n| --- | --- |\n{rows}{}\n", example(&Value::Array(lines), "proxy"))
}

#[test]
fn every_function_has_an_example() {
    let file = repository::root().join("cli/src/check/lua/names.json");
    let names: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    for (name, object) in names["objects"].as_object().unwrap() {
        let shown: String = list(&object["example"]).iter().map(|line| line.as_str().unwrap()).collect();
        for method in object["methods"].as_object().unwrap().keys() {
            assert!(shown.contains(&format!(":{method}(")), "{name}:{method}");
        }
        for function in object["statics"].as_object().unwrap().keys() {
            assert!(shown.contains(&format!("{name}.{function}")), "{name}.{function}");
        }
    }
    for (library, functions) in names["helpers"]["libraries"].as_object().unwrap() {
        for (name, helper) in functions.as_object().unwrap() {
            assert!(helper["example"].as_str().unwrap().contains(&format!("{library}.{name}(")), "{library}.{name}");
        }
    }
}

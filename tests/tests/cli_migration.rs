//! `lua-modifier check --migration` as a user calls it: what becomes of everything in a document, and the page of the manual
//! that lists all keys.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tests::cases::{CheckCase, list};
use tests::command::{call, call_with_input};
use tests::machine::Folder;
use tests::repository;

/// The rows of a document's report.
fn rows(document: &Value) -> Vec<&Value> {
    let pipelines = list(&document["endpoints"]).iter().chain(list(&document["agents"]));
    let pipelines = pipelines.flat_map(|pipeline| list(&pipeline["rows"]));
    list(&document["service"]["rows"]).iter().chain(pipelines).chain(list(&document["scripts"]["rows"])).collect()
}

fn written(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap().to_owned();
    format!("{}:{}:{} {} {} {}", text("file"), row["line"], row["column"], text("state"), text("name"), text("words"))
}

fn agrees(found: &str, expected: &str) -> bool {
    let parts = |text: &str| {
        let mut parts = text.splitn(4, ' ').map(str::to_owned);
        ([parts.next(), parts.next(), parts.next()], parts.next().unwrap_or_default())
    };
    let ((found, words), (expected, part)) = (parts(found), parts(expected));
    found == expected && words.contains(&part)
}

/// Checks that the counts are those of the rows, each state has its count, and every place is in the document.
fn holds_together(document: &Value) {
    let mut counts = BTreeMap::<&str, u64>::new();
    rows(document).iter().for_each(|row| *counts.entry(row["state"].as_str().unwrap()).or_default() += 1);
    let states = ["exact", "by_envoy", "approximate", "not_needed", "by_hand", "lost", "ignored"];
    let wanted: Value =
        states.map(|state| (state.to_owned(), json!(counts.remove(state).unwrap_or(0)))).into_iter().collect();
    assert_eq!((&document["counts"], counts), (&wanted, BTreeMap::new()));
    assert!(rows(document).iter().all(|row| row["line"].is_u64()), "{document:#}");
}

#[test]
fn everything_in_a_document_is_told_with_its_place_and_nothing_else() {
    let root = Folder::default();
    let cases = CheckCase::read_all(&repository::cases().join("check/migration.json"));
    assert!(cases.len() >= 15, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        case.write(&root);
        let file = format!("{}/krakend.json", case.name);
        let said = call(&root, &["check", "--migration", "--format", "json", &file]);
        assert_eq!(said.err, "", "{}", case.name);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let [document] = list(&report["documents"]) else { panic!("{}: one document", case.name) };
        holds_together(document);
        let prefix = format!("{}/", case.name);
        let found: Vec<String> = rows(document)
            .iter()
            .filter(|row| row["state"] != "exact")
            .map(|row| written(row).trim_start_matches(&prefix).to_owned())
            .collect();
        let is_right = found.len() == case.expected.len()
            && found.iter().zip(&case.expected).all(|(found, expected)| agrees(found, expected));
        if !is_right {
            wrong.push(format!("{}\n  found    {found:#?}\n  expected {:#?}", case.name, case.expected));
        }
        let works = case.expected.iter().any(|line| line.contains(" by_hand ") || line.contains(" lost "));
        assert_eq!(said.code, Some(i32::from(works)), "{}", case.name);
        // The output for people and the output for GitHub agree with the report.
        let (told, shown) = (
            call(&root, &["check", "--migration", &file]),
            call(&root, &["check", "--migration", "--format", "github", &file]),
        );
        assert_eq!((told.code, shown.code), (said.code, said.code), "{}", case.name);
        let work = ["by_hand", "lost"].map(|state| document["counts"][state].as_u64().unwrap()).iter().sum::<u64>();
        assert_eq!(shown.out.lines().count() as u64, work, "{}", shown.out);
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn folder_with(text: &str) -> Folder {
    let folder = Folder::default();
    folder.write("krakend.json", text);
    folder
}

#[test]
fn people_see_counts_then_what_to_do_then_the_document_in_its_own_order() {
    let folder = folder_with(
        "{ \"version\": 3, \"port\": 80,\n  \"endpoints\": [\n    { \"endpoint\": \"/a\", \"method\": \"post\", \"extra_config\": { \"auth/basic\": { \"users\": {} } },\n      \
         \"backend\": [{ \"host\": [\"http://up\"], \"url_pattern\": \"/a\" }] },\n    \
         { \"endpoint\": \"/b\", \"backend\": [{ \"host\": [\"http://up\"], \"url_pattern\": \"/b\", \"sd_scheme\": \"https\" }] },\n    \
         { \"endpoint\": \"/c\", \"backend\": [{ \"host\": [\"http://up\"], \"url_pattern\": \"/c\" }] } ] }",
    );
    let said = call(&folder, &["check", "--migration", "krakend.json"]);
    let wanted = "\
krakend.json: 3 endpoints, 1 of them exact

    11 exact       done here as in KrakenD
     1 by Envoy    `lua-modifier bundle` writes it into Envoy's configuration
     2 by hand     done when you have done what stands below

By hand
  auth/basic
      Envoy's filter envoy.filters.http.basic_auth, in front of this one, checks users by {SHA} entries (htpasswd -s), and knows no bcrypt: make the entries anew, or let envoy.filters.http.ext_authz ask a service that has the old ones
      the module refuses the document until \"ignore\" says that this is done
  sd_scheme
      write the scheme into the host

By Envoy
  port
      the address of the listener

Service
  by Envoy    port  krakend.json:1
  exact       version
POST /a
  by hand     auth/basic  krakend.json:3
  exact       endpoint, method, backend: host, backend: url_pattern
GET /b
  by hand     backend: sd_scheme  krakend.json:5
  exact       endpoint, backend: host, backend: url_pattern
GET /c  exact
";
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), (wanted, "", Some(1)));
}

#[test]
fn what_is_no_json_cannot_be_reported_on_and_the_rest_is() {
    let folder = folder_with("{\"version\": 3,\n \"endpoints\": [1, 2,]\n}");
    folder.write("right.json", "{\"version\": 3, \"endpoints\": []}");
    let said = call(&folder, &["check", "--migration", "krakend.json", "right.json", "none.json"]);
    assert_eq!(said.code, Some(2));
    assert!(said.out.starts_with("right.json: 0 endpoints"), "{}", said.out);
    assert!(said.err.contains("lua-modifier: krakend.json:2:21: this is not JSON: trailing comma"), "{}", said.err);
    assert!(said.err.contains("none.json cannot be read: No such file or directory"), "{}", said.err);
    let said = call_with_input(&folder, &["check", "--migration", "-"], "[]");
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    assert!(said.out.contains("must be an object, not a list"), "{}", said.out);
}

#[test]
fn thousands_of_endpoints_are_told_one_by_one_and_what_to_do_once() {
    let endpoint = |number: usize| {
        json!({
            "endpoint": format!("/e{number}"),
            "extra_config": if number.is_multiple_of(2) { json!({}) } else { json!({"auth/basic": {"htpasswd_path": "x"}}) },
            "backend": [{"host": ["http://up"], "url_pattern": "/e", "encoding": if number == 7 { "csv" } else { "json" }}],
        })
    };
    let document = json!({"version": 3, "endpoints": (0..2000).map(endpoint).collect::<Vec<_>>()});
    let folder = folder_with(&format!("{document:#}"));
    let said = call(&folder, &["check", "--migration", "krakend.json"]);
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    assert!(said.out.contains("2000 endpoints, 1000 of them exact"), "{}", &said.out[..200]);
    assert_eq!(said.out.matches("envoy.filters.http.basic_auth").count(), 1);
    assert_eq!(said.out.lines().filter(|line| line.starts_with("GET /e")).count(), 2000);
    let said = call(&folder, &["check", "--migration", "--format", "json", "krakend.json"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    holds_together(&report["documents"][0]);
    assert_eq!(report["documents"][0]["counts"]["by_hand"], 1000);
    assert_eq!(report["documents"][0]["counts"]["lost"], 1);
    assert_eq!(report["documents"][0]["complete"], true);
}

#[test]
fn the_table_of_the_manual_is_what_the_command_prints() {
    let said = call(Path::new("."), &["check", "--migration", "--table"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let file = repository::root().join("docs/migration-table.md");
    if std::env::var_os("RECORD").is_some() {
        std::fs::write(&file, &said.out).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap();
    let other = said.out.lines().zip(kept.lines()).find(|(printed, kept)| printed != kept);
    assert!(kept == said.out, "RECORD=1 writes it anew: {other:?}");
    for name in
        ["| `auth/validator` | endpoint | exact |", "| `timeout` | exact |", "| any other `plugin/*` | any | lost |"]
    {
        assert!(said.out.contains(name), "{name}");
    }
}

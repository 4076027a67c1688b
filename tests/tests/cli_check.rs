//! `lua-modifier check` as a user calls it: the findings and their places, the code without findings, and the errors of the
//! command.

use serde_json::{Value, json};
use tests::cases::{self, CheckCase, list};
use tests::command::{Said, call, call_with_input};
use tests::machine::Folder;
use tests::repository;

fn with_file(text: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::default();
    folder.write("krakend.json", text);
    folder
}

fn written(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let place = match finding["line"].as_u64() {
        Some(line) => format!("{}:{line}:{}", text("file"), finding["column"]),
        None => text("file").to_owned(),
    };
    format!("{place} {} {} {}", text("level"), text("rule"), text("message"))
}

// `file:line:column level rule` must be equal; the rest must be a part of the message.
fn agrees(found: &str, expected: &str) -> bool {
    let parts = |text: &str| {
        let mut parts = text.splitn(4, ' ').map(str::to_owned);
        ([parts.next(), parts.next(), parts.next()], parts.next().unwrap_or_default())
    };
    let ((found, message), (expected, part)) = (parts(found), parts(expected));
    found == expected && message.contains(&part)
}

#[test]
fn every_mistake_is_found_where_it_stands_and_nothing_else() {
    let root = Folder::default();
    let folder_of_cases = repository::cases().join("check");
    let files = ["scripts.json", "documents.json", "files.json", "clean.json"].map(|name| folder_of_cases.join(name));
    let cases: Vec<CheckCase> = files.iter().flat_map(|file| CheckCase::read_all(file)).collect();
    let broken = cases.iter().filter(|case| !case.expected.is_empty()).count();
    assert!(broken >= 40 && cases.len() - broken >= 20, "{broken} of {}", cases.len());
    cases.iter().for_each(|case| case.write(&root));
    // One call checks all cases, so that the module is compiled only once.
    let names: Vec<String> = cases.iter().map(|case| format!("{}/krakend.json", case.name)).collect();
    let arguments: Vec<&str> =
        ["check", "--format", "json"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let said = call(&root, &arguments);
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["files"], cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let prefix = format!("{}/", case.name);
        let mine =
            list(&report["findings"]).iter().filter(|finding| finding["file"].as_str().unwrap().starts_with(&prefix));
        let mut found: Vec<String> = mine.map(written).map(|line| line[prefix.len()..].to_owned()).collect();
        // A finding inside the document itself has no folder in its name; all other findings are sorted by file.
        found.sort_by_key(|line| !line.starts_with("krakend.json"));
        let right = found.len() == case.expected.len()
            && found.iter().zip(&case.expected).all(|(found, expected)| agrees(found, expected));
        if !right {
            wrong.push(format!("{}\n  found    {found:#?}\n  expected {:#?}", case.name, case.expected));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(cases.iter().map(|case| case.expected.len()).sum::<usize>(), list(&report["findings"]).len());
}

#[test]
fn the_demo_is_clean() {
    let said = call(repository::root().join("envoy/demo"), &["check", "krakend.json"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), "1 file checked: no findings\n", ""));
}

#[test]
fn recorded_cases_are_judged_without_trouble() {
    let root = Folder::default();
    let mut names = Vec::new();
    for case in cases::load("*") {
        let mut document = case.config.clone();
        in_folder(&mut document, &case.name);
        let text =
            document.as_str().map_or_else(|| document.to_string(), str::to_owned).replace("UPSTREAM", "up.internal");
        let name = format!("{}/krakend.json", case.name);
        root.write(&name, text.replace("CLOSED", "closed.internal"));
        for (path, text) in &case.files {
            root.write(&format!("{}/{}", case.name, path.trim_start_matches("./")), text);
        }
        names.push(name);
    }
    let arguments: Vec<&str> =
        ["check", "--format", "json"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let said = call(&root, &arguments);
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["files"], names.len());
    let mut rules = std::collections::BTreeMap::<&str, usize>::new();
    for finding in list(&report["findings"]) {
        *rules.entry(finding["rule"].as_str().unwrap()).or_default() += 1;
    }
    println!("{} documents: {rules:?}", names.len());
}

// Moves the sources into the case's own folder.
fn in_folder(value: &mut Value, folder: &str) {
    let moved = |name: &str| format!("{folder}/{}", name.trim_start_matches("./"));
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| in_folder(item, folder)),
        Value::Object(object) => {
            for (key, item) in object.iter_mut() {
                match (key.as_str(), &mut *item) {
                    ("sources", Value::Array(names)) => {
                        names.iter_mut().for_each(|name| *name = name.as_str().map(moved).unwrap_or_default().into());
                    }
                    ("md5", Value::Object(sums)) => {
                        *sums = std::mem::take(sums).into_iter().map(|(name, sum)| (moved(&name), sum)).collect();
                    }
                    _ => in_folder(item, folder),
                }
            }
        }
        _ => {}
    }
}

const CLEAN: &str = r#"{"version": 3, "endpoints": []}"#;
const NOTED: &str =
    r#"{"version": 3, "extra_config": {"modifier/lua-endpoint": {"pre": "http_response.new('http://a/')"}}}"#;
const BUNDLED: &str = r#"{"version": 3, "port": 8080, "extra_config": {"telemetry/logging": {"level": "INFO"}}}"#;
const WARNED: &str = r#"{"version": 3, "tls": {"x": 1}}"#;

#[test]
fn exit_codes_tell_clean_from_findings() {
    let bundled = ("of what bundle writes, and nobody misses", BUNDLED, 0);
    let of_scripts = ("noted", NOTED, 0);
    for (name, text, code) in [("clean", CLEAN, 0), of_scripts, bundled, ("warned", WARNED, 1), ("broken", "{", 1)] {
        let said = call(with_file(text), &["check", "krakend.json"]);
        assert_eq!((said.code, said.err.as_str()), (Some(code), ""), "{name}: {}", said.out);
    }
}

#[test]
fn people_see_the_line_and_what_to_do() {
    let text = "{\"version\": 3,\n \"extra_config\": {\"modifier/lua-endpoint\": {\"pre\": \"local a = 1\\nrequest.load()\"}}}";
    let said = call(with_file(text), &["check", "krakend.json"]);
    assert_eq!(
        said.out,
        "error[absent-global]: `request` does not exist in modifier/lua-endpoint\n \
         --> krakend.json:2:66\n  \
         |\n\
         2 |  \"extra_config\": {\"modifier/lua-endpoint\": {\"pre\": \"local a = 1\\nrequest.load()\"}}}\n  \
         |                                                                  ^^^^^^^\n  \
         |\n  \
         = help: scripts of modifier/lua-endpoint see the request as `ctx`: ctx.load()\n\n\
         1 file checked: 1 error\n"
    );
}

#[test]
fn colours_come_when_asked_for() {
    let folder = with_file(WARNED);
    assert!(!call(&folder, &["check", "krakend.json"]).out.contains('\u{1b}'));
    assert!(call(&folder, &["check", "krakend.json", "--color", "always"]).out.contains("\u{1b}["));
}

#[test]
fn github_shows_findings_in_the_diff() {
    let folder = Folder::default();
    folder.write("a,b/krakend.json", WARNED);
    let said = call(&folder, &["check", "--format", "github", "a,b/krakend.json"]);
    assert_eq!(
        said.out,
        "::warning file=a%2Cb/krakend.json,line=1,col=16,endColumn=21,title=lua-modifier%3A ignored-feature::tls is not \
         supported here and has no effect\n"
    );
    assert_eq!(said.code, Some(1));
}

#[test]
fn standard_input_is_read_too() {
    let said = call_with_input(Folder::default(), &["check", "--format", "json", "-"], WARNED);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["findings"][0]["file"], "<stdin>");
    assert_eq!(report["warnings"], json!(1));
    assert_eq!(said.code, Some(1));
}

fn fails(folder: &Folder, arguments: &[&str], message: &str) -> Said {
    let said = call(folder, arguments);
    assert_eq!(said.code, Some(2), "{arguments:?}: {}{}", said.out, said.err);
    assert!(said.err.contains(message), "{arguments:?}: {}", said.err);
    assert!(!said.err.contains("panicked"), "{}", said.err);
    said
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_checked() {
    let folder = with_file(WARNED);
    folder.write("bytes.json", b"{\"version\": \xff}");
    fails(&folder, &["check", "none.json"], "lua-modifier: none.json cannot be read: No such file or directory");
    fails(&folder, &["check", "."], "lua-modifier: . cannot be read: Is a directory");
    fails(
        &folder,
        &["check", "bytes.json"],
        "lua-modifier: bytes.json cannot be read: stream did not contain valid UTF-8",
    );
    fails(&folder, &["check"], "required arguments were not provided");
    let said = fails(&folder, &["check", "none.json", "krakend.json", "bytes.json"], "none.json cannot be read");
    assert!(said.err.contains("bytes.json cannot be read"), "{}", said.err);
    assert!(said.out.contains("warning[ignored-feature]"), "{}", said.out);
}

#[test]
fn a_wrong_module_is_no_finding() {
    let folder = with_file(CLEAN);
    folder.write("text.wasm", "no module");
    folder.write("bare.wasm", b"\0asm\x01\0\0\0");
    folder.write("silent.wasm", proxy_wasm_module("i32.const 0"));
    folder.write("traps.wasm", proxy_wasm_module("unreachable"));
    for (module, message) in [
        ("none.wasm", "none.wasm: the module cannot be read"),
        ("text.wasm", "text.wasm: the module does not compile"),
        ("bare.wasm", "bare.wasm: not a proxy-wasm module of ABI 0.2"),
        ("silent.wasm", "the module refuses the configuration and says nothing: is it lua-modifier's?"),
        ("traps.wasm", "the module failed: proxy_on_configure"),
    ] {
        fails(&folder, &["check", "--wasm", module, "krakend.json"], message);
    }
}

/// A module that answers `proxy_on_configure` with this code.
fn proxy_wasm_module(configure: &str) -> Vec<u8> {
    let text = format!(
        "(module (memory (export \"memory\") 1)
           (func (export \"proxy_abi_version_0_2_1\"))
           (func (export \"proxy_on_memory_allocate\") (param i32) (result i32) i32.const 0)
           (func (export \"proxy_on_context_create\") (param i32 i32))
           (func (export \"proxy_on_vm_start\") (param i32 i32) (result i32) i32.const 1)
           (func (export \"proxy_on_configure\") (param i32 i32) (result i32) {configure}))"
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn hostile_texts_are_findings_and_no_crash() {
    let script =
        |lua: String| json!({"version": 3, "extra_config": {"modifier/lua-endpoint": {"pre": lua}}}).to_string();
    let table: [(&str, String, Option<&str>); 6] = [
        ("brackets", "[".repeat(1 << 20), Some("recursion limit exceeded")),
        ("parentheses", script(format!("x = {}1{}", "(".repeat(100_000), ")".repeat(100_000))), Some("syntax")),
        ("blocks", script("do ".repeat(100_000)), Some("syntax")),
        ("sum", script(format!("local x = 1{}", " + 1".repeat(20_000))), None),
        ("nots", script(format!("local x = {} 1", "not ".repeat(60_000))), Some("syntax")),
        ("calls", script(format!("print{}", "()".repeat(10_000))), None),
    ];
    for (name, text, found) in table {
        let said = call(with_file(text), &["check", "--format", "github", "krakend.json"]);
        assert_eq!(said.code, Some(i32::from(found.is_some())), "{name}: {} {}", said.err, said.out);
        assert!(found.is_none_or(|found| said.out.contains(found)), "{name}: {}", said.out);
    }
}

//! `lua-modifier types`: the files that it writes and the files that it leaves alone, and what a real language server reports
//! with the definitions: nothing about scripts that run, and a remark for each mistake.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::built::language_server_from_env;
use tests::cases::{self, CheckCase};
use tests::command::{Said, call};
use tests::language_server::{Remark, remarks};
use tests::machine::Folder;
use tests::repository;

/// The server's remarks that depend on the definitions: an unknown name, a wrong number of arguments.
const HELD: [&str; 4] = ["undefined-global", "undefined-field", "missing-parameter", "redundant-parameter"];

/// Rules of `check` for mistakes that an editor sees, too.
const SEEN_BY_EDITORS: [&str; 5] = ["undefined-global", "unknown-method", "dot-call", "no-field", "arguments"];

/// Mistakes that the server does not see: it does not know the class of a parameter without a comment, and an argument of any
/// type may be nil, too.
const NOT_SEEN: [&str; 2] = ["response-method line 2: unknown-method", "helpers-arguments line 1: arguments"];

fn done(said: &Said) {
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
}

/// The remarks of [`HELD`] on the scripts of a folder, as lines.
fn held(folder: &Folder) -> Option<Vec<String>> {
    let server = language_server_from_env()?;
    let line =
        |(path, remark): (&String, &Remark)| format!("{path}:{} {} {}", remark.line, remark.code, remark.message);
    let all = remarks(&server, folder.path());
    let scripts = all.iter().filter(|(path, _)| *path != "krakend.lua");
    let each = scripts.flat_map(|(path, remarks)| remarks.iter().map(move |remark| (path, remark)));
    Some(each.filter(|(_, remark)| HELD.contains(&remark.code.as_str())).map(line).collect())
}

#[test]
fn the_scripts_of_the_demo_get_no_remark() {
    let folder = Folder::copy_of(&repository::root().join("envoy/demo"));
    std::fs::remove_file(folder.path().join("lua/mistakes.lua")).unwrap();
    std::fs::remove_dir_all(folder.path().join("flexible")).unwrap(); // it has a mistake for the walkthrough
    done(&call(&folder, &["types", "krakend.json", "--out", "."]));
    assert_eq!(held(&folder).unwrap_or_default(), [""; 0]);
}

#[test]
fn the_mistakes_of_the_demo_are_seen() {
    let folder = Folder::copy_of(&repository::root().join("envoy/demo"));
    // A comment tells the class of a parameter.
    folder.write("lua/mistakes.lua", format!("---@param req request\n{}", folder.read("lua/mistakes.lua")));
    done(&call(&folder, &["types", "--out", "."]));
    if let Some(held) = held(&folder) {
        let wanted = ["flexible/partials/lua/tenant.lua:3 undefined-field", "lua/mistakes.lua:4 undefined-field"];
        assert_eq!(held.len(), wanted.len(), "{held:#?}");
        assert!(held.iter().zip(wanted).all(|(held, wanted)| held.starts_with(wanted)), "{held:#?}");
    }
}

/// Writes the scripts of a configuration, each to a separate file.
fn write_scripts(folder: &Folder, name: &str, config: &Value, files: &BTreeMap<String, String>) {
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".lua")) {
        folder.write(
            &format!("{name}/{}", path.trim_start_matches("./").trim_start_matches('/').replace("..", "up")),
            text,
        );
    }
    let mut number = 0;
    each_script(config, &mut |code| {
        number += 1;
        folder.write(&format!("{name}/script{number}.lua"), code);
    });
}

fn each_script(value: &Value, write: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_script(item, write)),
        Value::Object(object) => {
            for (key, item) in object {
                match item.as_str() {
                    Some(code) if key == "pre" || key == "post" => write(code),
                    _ => each_script(item, write),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_scripts_of_the_cases_get_no_remark() {
    let folder = Folder::default();
    for case in cases::load("*") {
        write_scripts(&folder, &case.name, &case.config, &case.files);
    }
    done(&call(&folder, &["types", "--out", "."]));
    let Some(held) = held(&folder) else { return };
    // Cases that test the mistake itself, each with its reason.
    let about: Value = serde_json::from_slice(&std::fs::read(repository::cases().join("types.json")).unwrap()).unwrap();
    let is_meant = |line: &str| {
        let name = line.split('/').next().unwrap();
        about.as_object().unwrap().keys().any(|pattern| cases::glob::matches(pattern, name))
    };
    let wrong: Vec<&String> = held.iter().filter(|line| !is_meant(line)).collect();
    assert!(wrong.is_empty(), "{} remarks: {wrong:#?}", wrong.len());
    let idle =
        |pattern: &&String| !held.iter().any(|line| cases::glob::matches(pattern, line.split('/').next().unwrap()));
    let idle: Vec<&String> = about.as_object().unwrap().keys().filter(idle).collect();
    assert!(idle.is_empty(), "without remarks by now: {idle:?}");
}

#[test]
fn mistakes_that_check_finds_in_names_and_arguments_are_seen() {
    let Some(server) = language_server_from_env() else { return };
    let path = repository::cases().join("check/scripts.json");
    let mut missed = Vec::new();
    let mut number = 0;
    for case in CheckCase::read_all(&path) {
        let wanted: Vec<(u64, &str)> = case.expected.iter().filter_map(|line| expected(line)).collect();
        if wanted.is_empty() {
            continue;
        }
        let folder = Folder::default();
        folder.write("script.lua", &case.files["script.lua"]);
        folder.write(
            "krakend.json",
            case.files["krakend.json"].replace(&format!("{}/script.lua", case.name), "script.lua"),
        );
        done(&call(&folder, &["types", "krakend.json", "--out", "."]));
        let all = remarks(&server, folder.path());
        let remarks = all.get("script.lua").map(Vec::as_slice).unwrap_or_default();
        for (line, rule) in wanted {
            number += 1;
            if !remarks.iter().any(|remark| remark.line == line && remark.code != "unused") {
                missed.push(format!("{} line {line}: {rule}", case.name));
            }
        }
    }
    assert_eq!(missed, NOT_SEEN);
    assert!(number > 20, "{number}");
}

/// The line and the rule of a finding in a script, if an editor sees it, too.
fn expected(line: &str) -> Option<(u64, &str)> {
    let mut words = line.strip_prefix("script.lua:")?.split(' ');
    let (place, _, rule) = (words.next()?, words.next()?, words.next()?);
    SEEN_BY_EDITORS.contains(&rule).then_some(())?;
    Some((place.split(':').next()?.parse().ok()?, rule))
}

#[test]
fn what_scripts_have_follows_the_configuration() {
    let folder = Folder::default();
    folder.write("closed.json", r#"{"version": 3, "endpoints": []}"#);
    folder.write(
        "open.json",
        r#"{"version": 3, "extra_config": {"modifier/lua-endpoint": {"pre": "", "allow_open_libs": true},
            "envoy/lua-modifier": {"helpers": true}}, "endpoints": []}"#,
    );
    let printed = |arguments: &[&str]| {
        let said = call(&folder, arguments);
        done(&said);
        said.out
    };
    let (all, closed, open) =
        (printed(&["types"]), printed(&["types", "closed.json"]), printed(&["types", "open.json"]));
    assert_eq!(all, open);
    assert!(all.contains("function json.marshal(value) end") && !closed.contains("json.marshal"));
    assert!(all.contains("function math.mod(a, b) end") && !closed.contains("math.mod"));
    assert!(all.contains("---@deprecated\n---@param value string\nfunction request_object:path(value) end"), "{all}");
    done(&call(&folder, &["types", "closed.json", "--out", "new/folder"]));
    let luarc: Value = serde_json::from_str(&folder.read("new/folder/.luarc.json")).unwrap();
    assert_eq!(luarc["runtime.version"], "Lua 5.1");
    assert_eq!(luarc["workspace.library"], json!(["krakend.lua"]));
    assert_eq!(luarc["runtime.builtin"]["string"], "disable");
    assert_eq!(folder.read("new/folder/krakend.lua"), closed);
    done(&call(&folder, &["types", "open.json", "--out", "new/folder"]));
    let luarc: Value = serde_json::from_str(&folder.read("new/folder/.luarc.json")).unwrap();
    assert_eq!(luarc["runtime.builtin"], json!({}));
}

#[test]
fn files_of_somebody_else_stay() {
    let folder = Folder::default();
    folder.write(".luarc.json", "{ \"hint.enable\": true } // mine");
    let refused = |said: Said, words: &str| {
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
        assert!(said.err.contains(words), "{}", said.err);
    };
    refused(call(&folder, &["types", "--out", "."]), "add \"krakend.lua\" to its workspace.library");
    assert_eq!(folder.names(), [".luarc.json"]);
    let mine = "{ \"workspace.library\": [\"krakend.lua\"] } // mine";
    folder.write(".luarc.json", mine);
    done(&call(&folder, &["types", "--out", "."]));
    assert_eq!(folder.read(".luarc.json"), mine);
    assert!(folder.read("krakend.lua").starts_with("---@meta"));
    folder.write("krakend.lua", "print('mine')");
    refused(call(&folder, &["types", "--out", "."]), "krakend.lua is a file of yours");
    assert_eq!(folder.read("krakend.lua"), "print('mine')");
    done(&call(&folder, &["types", "--out", ".", "--force"]));
    assert!(folder.read("krakend.lua").starts_with("---@meta"));
    assert!(folder.read(".luarc.json").contains("\"lua-modifier\""));
}

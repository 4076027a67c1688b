//! The table of names that the linter knows, compared with the module: scripts in every namespace print what exists there.

use std::collections::BTreeMap;

use host_sim::{Answer, Call, Module, Request, Response, Settings, Sim, Upstreams};
use serde_json::{Value, json};
use tests::built::module_from_env;
use tests::cases::list;

const TABLE: &str = include_str!("../../cli/src/check/lua/names.json");

/// An upstream that answers every request.
struct Anything;

impl Upstreams for Anything {
    fn route(&mut self, _: &Request) -> Answer {
        Response::new(200).header("content-type", "application/json").body("{}").into()
    }

    fn call(&mut self, _: &Call) -> Answer {
        Response::new(200).body("{}").into()
    }
}

/// Runs a script in one half of a namespace, and returns the lines that it printed.
fn printed(module: &Module, stage: &str, half: &str, open: bool, script: &str) -> Vec<String> {
    printed_with(module, (stage, half), (open, false), script)
}

/// The same, optionally with helpers.
fn printed_with(
    module: &Module,
    (stage, half): (&str, &str),
    (open, helpers): (bool, bool),
    script: &str,
) -> Vec<String> {
    let namespace = match stage {
        "service" | "endpoint" => "modifier/lua-endpoint",
        "proxy" => "modifier/lua-proxy",
        _ => "modifier/lua-backend",
    };
    let extra = json!({namespace: {half: script, "allow_open_libs": open}});
    let at = |level: &str| match level {
        "endpoint" if stage == "proxy" => extra.clone(),
        level if level == stage => extra.clone(),
        _ => json!({}),
    };
    let mut of_service = at("service");
    of_service["envoy/lua-modifier"] = json!({"helpers": helpers});
    let document = json!({
        "version": 3, "extra_config": of_service,
        "endpoints": [{
            "endpoint": "/t", "extra_config": at("endpoint"),
            "backend": [{"host": ["http://up"], "url_pattern": "/b", "extra_config": at("backend")}],
        }],
    });
    let settings = Settings::new(document.to_string()).allow_on_headers_stop_iteration(true).cluster("up:80");
    let mut sim = Sim::start(module, settings).unwrap_or_else(|error| panic!("{error}"));
    let trace = sim.exchange(&Request::new("GET", "/t"), &mut Anything);
    let lines = trace.logs().into_iter().map(|(_, line)| line.to_owned());
    let lines: Vec<String> = lines.filter_map(|line| Some(line.split_once("[Lua] ")?.1.to_owned())).collect();
    assert_eq!(lines.last().map(String::as_str), Some("done"), "{stage} {half}: {trace}");
    lines
}

fn strings(value: &Value) -> Vec<&str> {
    list(value).iter().map(|name| name.as_str().unwrap()).collect()
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}',")).collect()
}

const HALVES: [(&str, &str); 6] = [
    ("service", "pre"),
    ("endpoint", "pre"),
    ("proxy", "pre"),
    ("proxy", "post"),
    ("backend", "pre"),
    ("backend", "post"),
];

const LISTED: &str =
    "local function listed(t) local n = {} for k in pairs(t) do if k ~= '__index' then n[#n+1] = k end end
    table.sort(n) return table.concat(n, ' ') end ";

#[test]
fn globals_and_libraries_are_those_of_the_module() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let module = Module::load(module_from_env().unwrap()).unwrap();
    let switches = [(false, false), (true, false), (false, true), (true, true)];
    for ((stage, half), (open, helpers)) in HALVES.into_iter().flat_map(|at| switches.map(|switch| (at, switch))) {
        let mut names: Vec<&str> = strings(&table["values"]);
        names.extend(strings(&table["functions"]));
        let mut expected = BTreeMap::new();
        for (name, library) in table["libraries"].as_object().unwrap() {
            if open || library["open"] == false {
                names.push(name);
                let mut functions = strings(&library["functions"]);
                functions.sort_unstable();
                expected.insert(name.as_str(), functions.join(" "));
            }
        }
        for (name, object) in table["objects"].as_object().unwrap() {
            if strings(&object["stages"]).contains(&stage) && (half == "post" || object["post_only"] == false) {
                names.push(name);
                let statics: Vec<&str> = object["statics"].as_object().unwrap().keys().map(String::as_str).collect();
                expected.insert(name.as_str(), statics.join(" "));
            }
        }
        for (name, functions) in table["helpers"]["libraries"].as_object().unwrap().iter().filter(|_| helpers) {
            assert!(strings(&table["helpers"]["stages"]).contains(&stage));
            let mut all: Vec<&str> = functions.as_object().unwrap().keys().map(String::as_str).collect();
            match expected.get(name.as_str()) {
                Some(known) => all.extend(known.split(' ')),
                None => names.push(name),
            }
            all.sort_unstable();
            let all = all.join(" ");
            expected.insert(name.as_str(), all);
        }
        names.sort_unstable();
        let elsewhere: Vec<&str> = table["elsewhere"].as_object().unwrap().keys().map(String::as_str).collect();
        let script = format!(
            "{LISTED} print(listed(_G)) for _, name in ipairs({{ {} }}) do print(name .. ' ' .. listed(_ENV[name])) end
             for _, name in ipairs({{ {} }}) do print(name .. ' ' .. type(_ENV[name])) end print('done')",
            quoted(&expected.keys().copied().collect::<Vec<_>>()),
            quoted(&elsewhere)
        );
        let mut wanted = vec![names.join(" ")];
        wanted.extend(expected.iter().map(|(name, members)| format!("{name} {members}")));
        wanted.extend(elsewhere.iter().map(|name| format!("{name} nil")));
        wanted.push("done".to_owned());
        let said = printed_with(&module, (stage, half), (open, helpers), &script);
        assert_eq!(said, wanted, "{stage} {half} {open} {helpers}");
    }
}

#[test]
fn objects_have_the_methods_that_the_table_says() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let module = Module::load(module_from_env().unwrap()).unwrap();
    let made = |name: &str| match name {
        "http_response" => "http_response.new('http://up/x')".to_owned(),
        "luaTable" | "luaList" | "luaNil" => format!("{name}.new()"),
        _ => format!("{name}.load()"),
    };
    for (name, object) in table["objects"].as_object().unwrap() {
        for stage in strings(&object["stages"]) {
            let half = if object["post_only"] == true { "post" } else { "pre" };
            let methods: Vec<&str> = object["methods"].as_object().unwrap().keys().map(String::as_str).collect();
            let all: std::collections::BTreeSet<&str> = table["objects"]
                .as_object()
                .unwrap()
                .values()
                .flat_map(|o| o["methods"].as_object().unwrap().keys())
                .map(String::as_str)
                .collect();
            let all: Vec<&str> = all.into_iter().collect();
            let script = format!(
                "local object = {} for _, name in ipairs({{ {} }}) do print(name .. ' ' .. type(object[name])) end print('done')",
                made(name),
                quoted(&all)
            );
            // No object has a method that only another object should have.
            let kind = |method: &&str| if methods.contains(method) { "function" } else { "nil" };
            let mut wanted: Vec<String> = all.iter().map(|method| format!("{method} {}", kind(method))).collect();
            wanted.push("done".to_owned());
            assert_eq!(printed(&module, stage, half, false, &script), wanted, "{name} in {stage}");
        }
    }
}

#[test]
fn what_is_said_to_fail_gives_nothing() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let module = Module::load(module_from_env().unwrap()).unwrap();
    for name in table["fails"].as_object().unwrap().keys() {
        let script = format!("local ok, value = pcall({name}, 'x') print(not ok or value == nil) print('done')");
        assert_eq!(printed(&module, "proxy", "pre", true, &script), ["true", "done"], "{name}");
    }
}

//! The drawing of the layers, compared with the code: an arrow may be used, but never in the other direction. Besides, host-sim
//! and go-template know nothing of the code that uses them.

use std::fs;
use std::path::{Path, PathBuf};

use tests::rust_source::circles::{Circle, Sources};
use tests::rust_source::{crates, own_modules, tokens, without_tests};

/// A folder of the filter, with the folders of ours and the crates that it may name.
struct Layer {
    name: &'static str,
    may_import: &'static [&'static str],
    may_use: &'static [&'static str],
}

const LAYERS: [Layer; 8] = [
    Layer { name: "http", may_import: &[], may_use: &["smallvec", "smol_str"] },
    Layer { name: "data", may_import: &[], may_use: &[] },
    Layer {
        name: "config",
        may_import: &["http"],
        may_use: &[
            "base64",
            "serde_json",
            "md5",
            "sha1",
            "sha2",
            "log",
            "prost",
            "prost_types",
            "regex_lite",
            "jmespath",
            "rustc_hash",
            "smallvec",
            "smol_str",
        ],
    },
    Layer { name: "lua", may_import: &["http"], may_use: &["mlua", "mlua_sys", "log"] },
    Layer {
        name: "bindings",
        may_import: &["lua", "data", "http"],
        may_use: &["mlua", "log", "base64", "chrono", "getrandom", "hmac", "md5", "sha1", "sha2", "smol_str"],
    },
    Layer {
        name: "pipeline",
        may_import: &["config", "bindings", "lua", "data", "http"],
        may_use: &[
            "base64",
            "flate2",
            "getrandom",
            "log",
            "prost",
            "prost_types",
            "encoding_rs",
            "jmespath",
            "quick_xml",
            "saphyr_parser",
            "sha2",
            "smallvec",
            "smol_str",
        ],
    },
    Layer { name: "envoy", may_import: &["pipeline", "config", "http"], may_use: &["log", "smol_str"] },
    Layer { name: "edge", may_import: &["envoy", "http"], may_use: &["proxy_wasm", "log"] },
];

/// The dependencies of the filter, by the names that code uses.
#[rustfmt::skip]
const CRATES: [&str; 24] = [
    "base64", "chrono", "encoding_rs", "flate2", "getrandom", "hmac", "jmespath", "log",
    "md5", "mlua", "mlua_sys", "prost", "prost_types", "proxy_wasm", "quick_xml", "regex_lite", "rustc_hash",
    "saphyr_parser", "serde", "serde_json", "sha1", "sha2", "smallvec", "smol_str",
];

/// Files of one folder that may name each other, because their values hold each other.
struct Knot {
    folder: &'static str,
    files: &'static [&'static str],
    /// Why none of these files could be read without the others.
    #[expect(dead_code, reason = "for those who read this table")]
    reason: &'static str,
}

const KNOTS: [Knot; 2] = [
    Knot {
        folder: "data",
        files: &["fields", "list", "part", "table", "value"],
        reason: "a value is a list of values, a table of fields, or a scalar; lists and tables may be parts of a document, of \
                 which their values are made; a table gives its keys as a list",
    },
    Knot {
        folder: "pipeline/format/query",
        files: &["evaluate", "functions"],
        reason: "an expression calls functions, and functions like map and sort_by evaluate an expression for each item",
    },
];

impl Knot {
    fn ties(&self, circle: &Circle) -> bool {
        self.folder == circle.folder && circle.rooms.iter().eq(self.files)
    }
}

fn circles_of_the_filter() -> Vec<Circle> {
    let folder = root().join("filter/src");
    let path = |path: PathBuf| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
    let files: Vec<(String, String)> =
        sources(&folder).into_iter().map(|file| (path(file.clone()), fs::read_to_string(file).unwrap())).collect();
    Sources::new(files.iter().map(|(path, text)| (path.as_str(), text.as_str()))).circles()
}

/// The names in a file of a layer that it may not use. `depth` is as in [`own_modules`].
fn violations(layer: &Layer, source: &str, depth: usize) -> Vec<String> {
    let tokens = tokens(source);
    let is_other =
        |name: &String| name != layer.name && (name == "*" || LAYERS.iter().any(|other| other.name == *name));
    let ours = own_modules(&tokens, depth)
        .into_iter()
        .filter(is_other)
        .filter(|name| !layer.may_import.contains(&name.as_str()));
    let theirs = crates(&tokens, &CRATES).into_iter().filter(|name| !layer.may_use.contains(name));
    let named = ours.map(|name| format!("crate::{name}")).chain(theirs.map(str::to_owned));
    named.map(|name| format!("{} must not know {name}", layer.name)).collect()
}

/// Does a text name something that host-sim may not know? `evaluate` is allowed.
fn names_the_product(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let camel = text.match_indices("Lua").any(|(at, _)| !text[at + 3..].starts_with(|c: char| c.is_lowercase()));
    camel || lower.contains("krakend") || words.into_iter().any(|word| matches!(word, "lua" | "mlua"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn imports_point_one_way() {
    let folder = root().join("filter/src");
    let mut wrong = Vec::new();
    for layer in &LAYERS {
        let files = sources(&folder.join(layer.name));
        assert!(!files.is_empty(), "the layer {} has no files", layer.name);
        for path in files {
            let below = path.strip_prefix(&folder).unwrap();
            let depth = below.components().count() - usize::from(path.ends_with("mod.rs"));
            let found = violations(layer, &fs::read_to_string(&path).unwrap(), depth);
            wrong.extend(found.into_iter().map(|what| format!("filter/src/{}: {what}", below.display())));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_of_a_folder_lie_in_layers_too() {
    let is_known = |circle: &Circle| KNOTS.iter().any(|knot| knot.ties(circle));
    let unknown = circles_of_the_filter().into_iter().filter(|circle| !is_known(circle));
    let lines: Vec<String> = unknown
        .map(|circle| {
            let (rooms, ties) = (Vec::from_iter(circle.rooms), Vec::from_iter(circle.ties));
            format!("a circle in filter/src/{}: {}\n  {}", circle.folder, rooms.join(", "), ties.join("\n  "))
        })
        .collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn every_knot_is_still_tied() {
    let circles = circles_of_the_filter();
    for knot in &KNOTS {
        assert!(circles.iter().any(|circle| knot.ties(circle)), "{:?} of {} is no circle", knot.files, knot.folder);
    }
}

/// Functions that copy bytes, or charge for them: where scripts are served, one file does both.
const COPYING: [&str; 2] = ["to_vec", "keep"];

#[test]
fn what_the_host_keeps_for_scripts_is_copied_and_charged_in_one_file() {
    let folder = root().join("filter/src/bindings");
    for path in sources(&folder) {
        let code = without_tests(&tokens(&fs::read_to_string(&path).unwrap()));
        let copies = COPYING.iter().filter(|word| code.iter().any(|token| token == *word)).count();
        let wanted = if path.ends_with("kept.rs") { COPYING.len() } else { 0 };
        assert_eq!(copies, wanted, "{}: charge it with a function of kept.rs", path.display());
    }
}

#[test]
fn every_folder_of_the_filter_is_a_layer() {
    for entry in
        fs::read_dir(root().join("filter/src")).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir())
    {
        let name = entry.file_name().into_string().unwrap();
        assert!(LAYERS.iter().any(|layer| layer.name == name), "{name} is in no drawing");
    }
}

#[test]
fn every_dependency_of_the_filter_is_known_here() {
    let manifest = fs::read_to_string(root().join("filter/Cargo.toml")).unwrap();
    let mut in_dependencies = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.ends_with("dependencies]") && !line.contains("dev-") && !line.contains("build-");
        } else if let Some(end) = line.find(['.', ' ', '=']).filter(|_| in_dependencies && !line.starts_with('#')) {
            let name = line[..end].replace('-', "_").replace("md_5", "md5"); // the crate md-5 has the name md5 in code
            assert!(CRATES.contains(&name.as_str()), "{name} is not in CRATES");
        }
    }
}

#[test]
fn host_sim_and_go_template_are_strangers_to_the_product() {
    for folder in ["host-sim/src", "go-template/src"] {
        let files = sources(&root().join(folder));
        assert!(!files.is_empty());
        for path in &files {
            let text = fs::read_to_string(path).unwrap();
            let line = text.lines().position(names_the_product);
            assert!(line.is_none(), "{}:{} knows what it serves", path.display(), line.unwrap_or_default() + 1);
        }
    }
}

#[test]
fn a_turned_arrow_is_seen() {
    let layer = |name: &str| LAYERS.iter().find(|layer| layer.name == name).unwrap();
    let seen = |name: &str, source: &str, depth: usize| !violations(layer(name), source, depth).is_empty();
    assert!(seen("http", "use crate::config::Limits;", 2));
    assert!(seen("lua", "use crate::{http::Call, data::Table};", 2));
    assert!(seen("lua", "fn f(v: serde_json::Value) {}", 2));
    assert!(seen("config", "use super::lua::Vm;", 1));
    assert!(seen("config", "use super::super::pipeline;", 2));
    assert!(seen("edge", "use mlua::Lua;", 2));
    assert!(seen("pipeline", "use crate::*;", 2));
    assert!(seen("edge", "use crate::pipeline::Exchange;", 2));
    assert!(seen("envoy", "use crate::edge::Root;", 2));
    assert!(seen("envoy", "use proxy_wasm::types::Action;", 2));
    assert!(!seen("envoy", "use crate::{http::Request, pipeline::Exchange};", 2));
    assert!(!seen("edge", "use crate::{envoy::Stream, http::Request}; use proxy_wasm::types::Action;", 2));
    assert!(!seen("http", "use super::headers; // like crate::lua and mlua::Lua", 2));
}

#[test]
fn a_simulator_that_knows_too_much_is_seen() {
    for text in ["use lua_modifier::config;", "// as KrakenD does", "struct LuaFilter;", "a Lua error"] {
        assert!(names_the_product(text), "{text}");
    }
    assert!(!names_the_product("fn evaluate(value: Value) {} // luadata"));
}

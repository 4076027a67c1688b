//! The built module: its imports (if Envoy lacks one import, it refuses the whole module), its size, its names, and whether the profile
//! by which it was laid out fits it.

use tests::built::module_from_env;
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// The functions that Envoy up to 1.37 gives to modules, without those for files. Later versions give more.
const WASI: [&str; 15] = [
    "fd_write",
    "fd_read",
    "fd_seek",
    "fd_close",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "environ_get",
    "environ_sizes_get",
    "args_get",
    "args_sizes_get",
    "clock_time_get",
    "random_get",
    "proc_exit",
    "sched_yield",
    "poll_oneoff",
];

const LARGEST: usize = 2_350_000;

fn module() -> Vec<u8> {
    std::fs::read(module_from_env().unwrap()).unwrap()
}

/// The name of each import, as `module.name`.
fn imports(module: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload.unwrap() {
            let all = section.into_imports().map(Result::unwrap);
            found.extend(all.map(|import| format!("{}.{}", import.module, import.name)));
        }
    }
    found
}

fn may_import(name: &str) -> bool {
    match name.split_once('.') {
        Some(("env", function)) => function.starts_with("proxy_"),
        Some(("wasi_snapshot_preview1", function)) => WASI.contains(&function),
        _ => false,
    }
}

/// The custom sections of a module that are known to many tools.
fn known_sections(module: &[u8]) -> impl Iterator<Item = KnownCustom<'_>> {
    Parser::new(0).parse_all(module).filter_map(|payload| match payload.unwrap() {
        Payload::CustomSection(section) => Some(section.as_known()),
        _ => None,
    })
}

/// Does the name section name functions?
fn names_functions(module: &[u8]) -> bool {
    known_sections(module).any(|section| match section {
        KnownCustom::Name(mut names) => names.any(|name| matches!(name, Ok(Name::Function(map)) if map.count() > 0)),
        _ => false,
    })
}

#[test]
fn the_module_asks_only_for_what_every_envoy_has() {
    let foreign: Vec<String> = imports(&module()).into_iter().filter(|name| !may_import(name)).collect();
    assert!(foreign.is_empty(), "Envoy would refuse the module for {foreign:?}");
}

#[test]
fn the_module_is_small() {
    let size = module().len();
    assert!(size <= LARGEST, "{size} bytes are more than {LARGEST}");
}

#[test]
fn the_module_names_its_functions_for_backtraces() {
    assert!(names_functions(&module()));
}

/// The number of branches of which the module says which way they mostly go.
fn hints(module: &[u8]) -> usize {
    let hints = |section| match section {
        KnownCustom::BranchHints(functions) => {
            functions.into_iter().map(|function| function.unwrap().hints.count() as usize).sum()
        }
        _ => 0,
    };
    known_sections(module).map(hints).sum()
}

/// The compiler of Rust that a module names.
fn compiler(module: &[u8]) -> String {
    let rustc = |section| match section {
        KnownCustom::Producers(fields) => {
            let mut programs = fields.into_iter().flat_map(|field| field.unwrap().values).map(Result::unwrap);
            programs.find(|program| program.name == "rustc").map(|program| format!("rustc {}", program.version))
        }
        _ => None,
    };
    known_sections(module).find_map(rustc).unwrap()
}

#[test]
fn the_profile_fits_the_module() {
    let profile = std::fs::read_to_string(tests::repository::root().join("finish/profile.txt")).unwrap();
    let (made_by, compiler) = (profile.lines().next().unwrap().trim_start_matches("# "), compiler(&module()));
    if made_by != compiler {
        println!("not compared: the profile was made with {made_by}, the module with {compiler}");
        return;
    }
    let marks =
        profile.lines().filter_map(|line| line.split_once(' ')).map(|(marks, _)| marks.matches(['0', '1']).count());
    let (known, hinted) = (marks.sum::<usize>(), hints(&module()));
    assert!(2 * hinted >= known, "only {hinted} of {known} branches are found again in the module: run `make profile`");
}

#[test]
fn a_foreign_import_and_a_stripped_module_are_seen() {
    // (module (import "env" "proxy_log" (func (type 0))) (import "wasi_snapshot_preview1" "path_open" (func (type 0))))
    let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec();
    let mut section = vec![2];
    for (from, name) in [("env", "proxy_log"), ("wasi_snapshot_preview1", "path_open")] {
        for text in [from, name] {
            section.push(u8::try_from(text.len()).unwrap());
            section.extend(text.as_bytes());
        }
        section.extend([0, 0]);
    }
    module.push(2);
    module.push(u8::try_from(section.len()).unwrap());
    module.extend(section);
    let names = imports(&module);
    assert_eq!(names, ["env.proxy_log", "wasi_snapshot_preview1.path_open"]);
    assert_eq!(names.iter().map(|name| may_import(name)).collect::<Vec<_>>(), [true, false]);
    assert!(!may_import("env.fd_write") && !may_import("wasi_snapshot_preview1.path_open"));
    assert!(!names_functions(&module));
}

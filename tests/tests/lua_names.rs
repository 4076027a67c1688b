//! The names of Lua that `filter/c` redefines: each has a row in `filter/c/README.md`, and stands in the files of Lua that the
//! row names. If Lua no longer uses a name, its redefinition has no effect, and the compiler does not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use tests::cases::{self, hostile};
use tests::repository;

/// A row of the README's table.
struct Row {
    name: String,
    files: Vec<String>,
    cells: usize,
    test: String,
}

fn folder() -> PathBuf {
    repository::root().join("filter/c")
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<String> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().replace('`', "")).collect();
        Row {
            name: cells[0].clone(),
            files: cells[1].split(' ').map(str::to_owned).collect(),
            cells: cells.len(),
            test: cells[cells.len() - 1].clone(),
        }
    });
    rows.collect()
}

/// Each of our headers, without comments.
fn headers() -> Vec<(String, String)> {
    texts(&folder(), "h")
}

fn texts(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.map(|path| (name(&path), without_comments(&String::from_utf8_lossy(&fs::read(&path).unwrap())))).collect()
}

/// C code without its comments; line breaks stay. Handles characters and texts with a quotation mark or a comment's beginning
/// inside.
fn without_comments(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['/', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let length = match &from[..1] {
            "/" if from.starts_with("/*") => from[2..].find("*/").map_or(from.len(), |end| end + 4),
            "/" => 1,
            quote => {
                let mut escaped = false;
                let ends = |c: char| {
                    let end = c.to_string() == quote && !escaped;
                    escaped = c == '\\' && !escaped;
                    end
                };
                from[1..].find(ends).map_or(from.len(), |end| end + 2)
            }
        };
        let (skipped, behind) = from.split_at(length);
        match skipped {
            "/" => kept.push('/'),
            comment if comment.starts_with("/*") => kept.extend(comment.matches('\n')),
            _ => kept.push_str("\"\""),
        }
        rest = behind;
    }
    kept + rest
}

fn is_ours(name: &str) -> bool {
    name.starts_with("lm_") || name.starts_with("LM_")
}

fn names(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|name| !name.is_empty())
}

/// The macros that a text defines: name and body.
fn macros(code: &str) -> Vec<(String, String)> {
    let joined = code.replace("\\\n", " ");
    let definitions =
        joined.lines().filter_map(|line| line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("define"));
    let split = definitions.map(|definition| {
        let name = names(definition).next().unwrap();
        (name.to_owned(), definition.trim_start()[name.len()..].to_owned())
    });
    split.collect()
}

/// The sources of Lua that the filter is built with.
fn lua_sources() -> PathBuf {
    let cargo = || Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let printed = |command: &mut Command| String::from_utf8(command.output().unwrap().stdout).unwrap();
    let version = printed(Command::new("rustc").arg("-vV"));
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // The crates for other platforms may never have been fetched.
    let metadata = printed(
        cargo().args(["metadata", "--format-version=1", "--locked", "--filter-platform", host]).current_dir(folder()),
    );
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let of_lua = |package: &&Value| package["name"] == "lua-src";
    let package = metadata["packages"].as_array().unwrap().iter().find(of_lua).unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let folders = fs::read_dir(manifest.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_5_4 = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("lua-5.4");
    folders.into_iter().find(is_5_4).unwrap()
}

#[test]
fn readme_and_headers_know_the_same_names() {
    let headers = headers();
    let defined: BTreeSet<String> = headers
        .iter()
        .flat_map(|(_, code)| macros(code).into_iter().map(|(name, _)| name))
        .filter(|name| !is_ours(name))
        .collect();
    let told: Vec<String> = rows().into_iter().map(|row| row.name).collect();
    let missing: Vec<_> = defined.iter().filter(|name| !told.contains(name)).collect();
    assert!(missing.is_empty(), "redefined, and without a row: {missing:?}");
    let gone: Vec<_> = told.iter().filter(|name| !defined.contains(*name)).collect();
    assert!(gone.is_empty(), "a row, and not redefined: {gone:?}");
    assert_eq!(told.len(), defined.len(), "no name has two rows");
}

#[test]
fn each_row_names_a_test_that_exists() {
    let hostile: BTreeSet<String> = hostile::load().into_iter().map(|one| one.name).collect();
    let cases: BTreeSet<String> = cases::load("*").into_iter().map(|one| one.name).collect();
    let units = rust_of(&folder().parent().unwrap().join("src"));
    for row in rows() {
        assert_eq!(row.cells, 6, "{}: six columns", row.name);
        let exists = match row.test.split_once(' ') {
            Some(("hostile", name)) => hostile.contains(name),
            Some(("case", name)) => cases.contains(name),
            Some(("unit", name)) => units.contains(&format!("fn {name}()")),
            _ => row.test == "build",
        };
        assert!(exists, "{}: there is no test {:?}", row.name, row.test);
    }
}

/// All Rust below a folder.
fn rust_of(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = paths.map(|path| match path.extension() {
        Some(extension) if extension == "rs" => fs::read_to_string(&path).unwrap(),
        _ if path.is_dir() => rust_of(&path),
        _ => String::new(),
    });
    texts.collect()
}

#[test]
fn each_redefined_name_stands_where_the_readme_says() {
    let sources = lua_sources();
    let files: BTreeMap<String, String> = texts(&sources, "c").into_iter().collect();
    let headers = texts(&sources, "h");
    let in_headers: Vec<(String, String)> = headers.iter().flat_map(|(_, code)| macros(code)).collect();
    let mut wrong = Vec::new();
    for row in rows() {
        // A file may contain the name through a macro of Lua's headers.
        let in_a_macro = in_headers.iter().any(|(name, body)| *name != row.name && names(body).any(|n| n == row.name));
        for file in &row.files {
            let code = files.get(file).unwrap_or_else(|| panic!("{}: Lua has no {file}", row.name));
            if !in_a_macro && !names(code).any(|name| name == row.name) {
                wrong.push(format!("{} is not in {file}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_ours_has_our_prefix() {
    let told: BTreeSet<String> = rows().into_iter().map(|row| row.name).collect();
    for (header, code) in headers() {
        for line in code
            .lines()
            .filter(|line| line.contains('(') && (line.starts_with("LM_MAYBE") || line.starts_with("static")))
        {
            let before =
                line.replace("__attribute__((unused))", "").replace("__attribute__((unused, noinline, cold))", "");
            let name = before.split(['(', '=']).next().and_then(|head| names(head).last()).unwrap().to_owned();
            assert!(
                is_ours(&name) || told.contains(&name),
                "{header}: {name} is a name of ours, and looks like one of Lua's"
            );
        }
    }
}

#[test]
fn comments_are_no_code() {
    assert_eq!(without_comments("a /* b\n*/ c \"/* d\\\" */\" '\"' e / f"), "a \n c \"\" \"\" e / f");
    assert_eq!(
        macros("#define A(x) \\\n  b\n# define C 1\n"),
        [("A".into(), "(x)    b".into()), ("C".into(), " 1".into())]
    );
}

//! The README, executed: the examples of the helpers give what stands behind them, and each command that the walkthrough and the way from KrakenD show in a console, in a copy of the demo, must
//! print what stands below it. Times are masked.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tests::built::{module_from_env, program_from_env};
use tests::cases::{Case, Outcome};
use tests::command::transcript::masked;
use tests::machine::Folder;
use tests::repository;
use tests::worlds::{Natively, World};

const WALKTHROUGH: &str = "## A script author's walkthrough\n";
const MIGRATION: &str = "## Coming from KrakenD\n";

#[test]
fn the_walkthrough_prints_what_the_readme_shows() {
    let place = printed_as_shown(WALKTHROUGH, 4);
    assert!(place.path().join("envoy.yaml").is_file(), "nothing was bundled");
}

#[test]
fn a_migration_is_reported_as_the_readme_shows() {
    printed_as_shown(MIGRATION, 1);
}

#[test]
fn the_helpers_give_what_the_readme_shows() {
    let readme = std::fs::read_to_string(repository::root().join("README.md")).unwrap();
    let section = readme.split_once("\n### Helpers\n").unwrap().1.split("\n### ").next().unwrap();
    let rows = section.lines().filter_map(|row| row.strip_suffix("` |")?.rsplit_once(" | `"));
    let examples: Vec<(&str, &str)> = rows.map(|(_, example)| example.split_once("` is `").unwrap()).collect();
    assert!(examples.len() >= 16, "{examples:?}");
    let line = |(call, result): &(&str, &str)| format!("print(tostring(({call}) == ({result})))\n");
    let case = json!({
        "name": "helpers-of-the-readme", "request": {"method": "GET", "path": "/t"}, "observed": {},
        "config": {
            "version": 3,
            "extra_config": {"envoy/lua-modifier": {"helpers": true}},
            "endpoints": [{
                "endpoint": "/t", "backend": [{"host": ["http://UPSTREAM"], "url_pattern": "/b"}],
                "extra_config": {"modifier/lua-proxy": {"pre": examples.iter().map(line).collect::<String>()}},
            }],
        },
    });
    let outcome = Natively.play(&[Case::new(&case)]).pop().unwrap();
    let Outcome::Played(seen) = outcome else { panic!("{outcome:?}") };
    let said: Vec<&str> = seen.log.iter().filter_map(|line| Some(line.text.split_once("[Lua] ")?.1)).collect();
    assert_eq!(said, vec!["true"; examples.len()], "{examples:#?}");
}

/// Types the commands of a section in a copy of the demo, which is given back.
fn printed_as_shown(section: &str, least: usize) -> Folder {
    let readme = std::fs::read_to_string(repository::root().join("README.md")).unwrap();
    let section = readme.split_once(section).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let place = Folder::copy_of(&repository::root().join("envoy/demo"));
    let blocks: Vec<&str> =
        section.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= least, "the section shows {} consoles", blocks.len());
    for block in blocks {
        let (line, wanted) = block.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        println!("$ {line}");
        let said = typed(line, place.path());
        print!("{said}");
        assert_eq!(masked(&said), masked(wanted), "{line}");
    }
    place
}

/// What a line prints in a shell that finds the command.
fn typed(line: &str, folder: &Path) -> String {
    let program = program_from_env().unwrap();
    let found = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("{line} 2>&1")])
        .current_dir(folder)
        .env("PATH", found)
        .env("LUA_MODIFIER_WASM", module_from_env().unwrap())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

//! Commands in consoles, typed in a copy of the demo for each page, and compared with what the page shows. Times are masked.
//!
//! A block whose fence says `file=NAME` is written into that copy before the commands below it, and the variables that a block
//! of `sh` exports are set for these commands.
//! are set for them.

use std::path::Path;
use std::process::Command;

use tests::built::{module_from_env, program_from_env};
use tests::command::transcript::masked;
use tests::machine::Folder;
use tests::manual::{Page, pages};
use tests::repository;

#[test]
fn consoles_print_what_the_pages_show() {
    let number: usize = pages().iter().map(played).sum();
    assert!(number >= 12, "the pages show {number} consoles");
}

/// Types all commands of a page, and returns their number.
fn played(page: &Page) -> usize {
    let blocks = page.blocks();
    let is_played = |info: &str| info == "console" || info.contains(" file=");
    if !blocks.iter().any(|block| is_played(block.info)) {
        return 0;
    }
    let place = Folder::copy_of(&repository::root().join("envoy/demo"));
    let (mut number, mut text, mut variables) = (0, page.text.clone(), Vec::new());
    for block in &blocks {
        if let Some((_, name)) = block.info.split_once(" file=") {
            place.write(name, block.text);
        }
        if let Some(exported) = block.text.strip_prefix("export ").filter(|_| block.info == "sh") {
            variables.extend(exported.split_whitespace().filter_map(|variable| variable.split_once('=')));
        }
        if block.info != "console" {
            continue;
        }
        number += 1;
        let (line, shown) = block.text.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        println!("{}: $ {line}", page.name);
        let said = typed(line, place.path(), &variables);
        if std::env::var_os("RECORD").is_some() && masked(&said) != masked(shown) {
            text = text.replacen(
                &format!("```console\n{}```", block.text),
                &format!("```console\n$ {line}\n{said}```"),
                1,
            );
        } else {
            assert_eq!(masked(&said), masked(shown), "{}: {line} (RECORD=1 writes it anew)", page.name);
        }
    }
    if text != page.text {
        std::fs::write(page.path(), text).unwrap();
    }
    number
}

/// The output of a line in a shell that finds the command.
fn typed(line: &str, folder: &Path, variables: &[(&str, &str)]) -> String {
    let program = program_from_env().unwrap();
    let found = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("{line} 2>&1")])
        .current_dir(folder)
        .envs(variables.iter().copied())
        .env("PATH", found)
        .env("LUA_MODIFIER_WASM", module_from_env().unwrap())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

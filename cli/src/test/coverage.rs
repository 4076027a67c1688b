//! The lines of the scripts that have run, collected from the stories of all cases, for every script that their documents name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use super::file::TestFile;
use super::lines;
use crate::Trouble;
use crate::document::{BLOCKS, Document};
use crate::paint::{bold, dim, green, red, yellow};
use crate::play::{Story, json_path};

/// Every script, by its name in the report.
#[derive(Default)]
pub(super) struct Coverage {
    scripts: BTreeMap<String, Script>,
}

struct Script {
    text: String,
    /// Whether the script is a file of its own, which other tools can open.
    file: bool,
    /// For each line, how many halves ran it.
    runs: BTreeMap<usize, u64>,
}

/// One script of the report: the lines that can run, and the lines that have run.
struct Counted {
    can_run: BTreeMap<usize, usize>,
    ran: BTreeSet<usize>,
}

impl Coverage {
    /// Adds the scripts of a file's document: scripts that never run are in the report too.
    pub(super) fn know(&mut self, file: &TestFile) {
        let lua = &file.document.lua;
        let loaded = lua.files.iter().filter(|(name, _)| lua.scripts.contains(*name));
        for (name, text) in lua.sources.iter().chain(loaded) {
            self.add(file_name(file, name), text, true);
        }
        for at in blocks(&file.document) {
            let block = json_path::find(&file.document.json, &at);
            for half in ["pre", "post"] {
                let text = block.and_then(|block| block.get(half)).and_then(Value::as_str);
                if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                    self.add(inline_name(file, &at, half), text, false);
                }
            }
        }
    }

    fn add(&mut self, name: String, text: &str, file: bool) {
        self.scripts.entry(name).or_insert_with(|| Script { text: text.to_owned(), file, runs: BTreeMap::new() });
    }

    /// Adds the lines that ran in a story.
    pub(super) fn count(&mut self, file: &TestFile, story: &Story) {
        for half in story.halves() {
            for (script, lines) in &half.lines {
                let name = match script == "pre" || script == "post" {
                    true => inline_name(file, &half.at, script),
                    false => file_name(file, script),
                };
                let Some(script) = self.scripts.get_mut(&name) else { continue };
                for line in lines {
                    let runs = script.runs.entry(*line).or_default();
                    *runs = runs.saturating_add(1);
                }
            }
        }
    }

    /// The report for people: a table, and below it every line that never ran.
    pub(super) fn text(&self) -> String {
        let width = self.scripts.keys().map(String::len).max().unwrap_or_default().max(8);
        let mut out = format!("\n{}\n", bold(format!("{:width$}  lines   ran     %  missed", "coverage")));
        let (mut all, mut all_ran) = (0_usize, 0_usize);
        let mut below = String::new();
        for (name, script) in &self.scripts {
            let Some(Counted { can_run, ran }) = script.counted() else {
                writeln!(out, "{name:width$}  {}", yellow("cannot be read by the parser that counts lines")).ok();
                continue;
            };
            let missed: Vec<usize> = can_run.keys().filter(|line| !ran.contains(line)).copied().collect();
            all = all.saturating_add(can_run.len());
            all_ran = all_ran.saturating_add(ran.len());
            let row = format!(
                "{name:width$}  {:5} {:5}  {:>4}  {}",
                can_run.len(),
                ran.len(),
                percent(ran.len(), can_run.len()),
                ranges(&missed)
            );
            writeln!(out, "{}", if missed.is_empty() { green(row.trim_end()) } else { red(row) }).ok();
            if !missed.is_empty() {
                below += &format!("\n{}\n", dim(format!("never ran in {name}")));
                for line in missed {
                    let text = script.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
                    below += &format!("{} {text}\n", dim(format!("{line:>5} |")));
                }
            }
        }
        writeln!(out, "{}", bold(format!("{:width$}  {all:5} {all_ran:5}  {:>4}", "all", percent(all_ran, all)))).ok();
        out + &below
    }

    /// Writes the same report for tools, about the scripts that are files.
    pub(super) fn write_lcov(&self, path: &Path) -> Result<(), Trouble> {
        let mut out = String::new();
        for (name, script) in self.scripts.iter().filter(|(_, script)| script.file) {
            let Some(Counted { can_run, ran }) = script.counted() else { continue };
            writeln!(out, "TN:\nSF:{name}").ok();
            for (first, last) in &can_run {
                let runs = script.runs.range(first..=last).map(|(_, runs)| *runs).max().unwrap_or_default();
                writeln!(out, "DA:{first},{runs}").ok();
            }
            writeln!(out, "LF:{}\nLH:{}\nend_of_record", can_run.len(), ran.len()).ok();
        }
        std::fs::write(path, out).map_err(|error| Trouble::file(path, "written", &error))
    }
}

impl Script {
    fn counted(&self) -> Option<Counted> {
        let can_run = lines::of(&self.text)?;
        let ran = lines::run(&can_run, &self.runs.keys().copied().collect());
        Some(Counted { can_run, ran })
    }
}

// The path of a file that a block or a script names.
fn file_name(file: &TestFile, name: &str) -> String {
    let path = file.document.lua.disk.get(name).cloned();
    path.unwrap_or_else(|| file.folder.join(name)).display().to_string()
}

fn inline_name(file: &TestFile, at: &str, half: &str) -> String {
    format!("{} {at}.{half}", file.document.path.display())
}

/// The paths of all blocks of scripts, written as the module writes them.
fn blocks(document: &Document) -> Vec<String> {
    let count = |path: &str, key: &str| {
        let list = json_path::find(&document.json, path).and_then(|level| level.get(key)).and_then(Value::as_array);
        list.map_or(0, Vec::len)
    };
    let mut levels = vec!["$".to_owned()];
    for endpoint in 0..count("$", "endpoints") {
        let endpoint = format!("$.endpoints[{endpoint}]");
        let backends = (0..count(&endpoint, "backend")).map(|backend| format!("{endpoint}.backend[{backend}]"));
        let backends: Vec<_> = backends.collect();
        levels.push(endpoint);
        levels.extend(backends);
    }
    let of_level = |level: &String| BLOCKS.map(|block| format!("{level}.extra_config[\"{block}\"]"));
    let all = levels.iter().flat_map(of_level);
    all.filter(|path| json_path::find(&document.json, path).is_some()).collect()
}

fn percent(part: usize, whole: usize) -> String {
    let percent = part.saturating_mul(100).checked_div(whole);
    percent.map_or_else(|| "-".to_owned(), |percent| percent.to_string())
}

/// `3-5, 9`.
fn ranges(lines: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match ranges.last_mut() {
            Some((_, last)) if last.saturating_add(1) == *line => *last = *line,
            _ => ranges.push((*line, *line)),
        }
    }
    let told = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn neighbouring_lines_are_one_range() {
        assert_eq!(super::ranges(&[3, 4, 5, 9, 11, 12]), "3-5, 9, 11-12");
        assert_eq!(super::ranges(&[]), "");
    }
}

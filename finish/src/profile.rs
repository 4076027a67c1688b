//! The profile: which functions a request enters, those first that most requests enter, and which way their branches mostly go. It is
//! kept as text, and found again by names, so that it fits a module that was built later or elsewhere.
//!
//! The first line, `# ` and the compiler, says with what the module was made that was counted. Any other line is a function: `:` and a mark for each branch, then the name. `1` is a branch that is mostly taken, `0` one that mostly is
//! not, `-` any other.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::counting::Counts;
use super::facts::Facts;

/// Where at most this share of the cases goes the other way, a branch mostly goes one way.
const RARE: f64 = 0.05;

/// What is known of some functions of a module.
#[derive(Default)]
pub(crate) struct Profile {
    /// The functions that requests enter, in the order in which they should lie.
    pub(crate) entered: Vec<usize>,
    /// Of these, whether each branch is mostly taken.
    pub(crate) hints: BTreeMap<usize, Vec<Option<bool>>>,
}

impl Profile {
    /// What the lines of a text say of a module. A line about a function that the module does not have, or has with another number of
    /// branches, says nothing.
    pub(crate) fn read(text: &str, facts: &Facts) -> Self {
        let mut functions: BTreeMap<(String, usize), Vec<usize>> = BTreeMap::new();
        for (number, function) in facts.functions.iter().enumerate() {
            functions.entry((name(&function.name), function.branches)).or_default().push(number);
        }
        let mut profile = Self::default();
        for line in text.lines() {
            let Some((marks, name)) = line.strip_prefix(':').and_then(|line| line.split_once(' ')) else { continue };
            // What has the same name twice is entered once, or twice: the compiler has made it several times.
            for number in functions.remove(&(name.to_owned(), marks.len())).unwrap_or_default() {
                profile.entered.push(number);
                profile.hints.insert(number, marks.chars().map(hint).collect());
            }
        }
        profile
    }

    /// The text of what was counted: the counts of all functions, for each kind of request.
    pub(crate) fn write(facts: &Facts, kinds: &[Vec<Counts>]) -> String {
        let mut entered = Vec::new();
        for (number, function) in facts.functions.iter().enumerate() {
            let counts: Vec<&Counts> =
                kinds.iter().filter_map(|kind| kind.get(number)).filter(|counts| counts.entered > 0).collect();
            if counts.is_empty() {
                continue;
            }
            let marks: String = (0..function.branches)
                .map(|branch| mark(counts.iter().filter_map(|counts| counts.branches.get(branch).copied())))
                .collect();
            let often: u64 = counts.iter().map(|counts| u64::from(counts.entered)).sum();
            entered.push((std::cmp::Reverse((counts.len(), often)), name(&function.name), marks));
        }
        entered.sort();
        let mut text = format!("# {}\n", facts.compiler);
        for (_, name, marks) in entered {
            let _ = writeln!(text, ":{marks} {name}");
        }
        text
    }
}

/// What a request of each kind takes, as a table: the kinds are named by the files of their counters, which have the counts of so many
/// requests.
pub(crate) fn table(files: &[&str], kinds: &[Vec<Counts>], requests: u64) -> String {
    let mut table = "| kind | instructions | functions entered | calls |\n| --- | ---: | ---: | ---: |\n".to_owned();
    for (file, kind) in files.iter().zip(kinds) {
        let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
        let sum = |count: fn(&Counts) -> u32| {
            kind.iter().map(|counts| u64::from(count(counts))).sum::<u64>() / requests.max(1)
        };
        let (instructions, calls) = (sum(|counts| counts.instructions), sum(|counts| counts.entered));
        let entered = kind.iter().filter(|counts| counts.entered > 0).count();
        let _ = writeln!(table, "| {name} | {instructions} | {entered} | {calls} |");
    }
    table
}

/// The functions that a request of each kind enters, those with the most instructions first: instructions, calls, name.
pub(crate) fn functions(facts: &Facts, files: &[&str], kinds: &[Vec<Counts>], requests: u64) -> String {
    let (mut text, requests) = (String::new(), requests.max(1) as f64);
    for (file, kind) in files.iter().zip(kinds) {
        let _ = writeln!(text, "{}", Path::new(file).file_stem().unwrap_or_default().to_string_lossy());
        let entered = facts.functions.iter().zip(kind).filter(|(_, counts)| counts.entered > 0);
        let mut rows: Vec<(u32, u32, String)> =
            entered.map(|(function, counts)| (counts.instructions, counts.entered, name(&function.name))).collect();
        rows.sort_by(|one, other| other.cmp(one));
        for (instructions, entered, name) in rows {
            let (instructions, calls) = (f64::from(instructions) / requests, f64::from(entered) / requests);
            let _ = writeln!(text, "{instructions:10.0} {calls:8.2}  {name}");
        }
    }
    text
}

// The name without what differs from build to build.
fn name(symbol: &str) -> String {
    rustc_demangle::try_demangle(symbol).map_or_else(|_| symbol.to_owned(), |name| format!("{name:#}"))
}

fn hint(mark: char) -> Option<bool> {
    match mark {
        '1' => Some(true),
        '0' => Some(false),
        _ => None,
    }
}

// The mark of a branch that was taken and met so often, for some kinds of requests.
fn mark(cases: impl Iterator<Item = (u32, u32)>) -> char {
    let (taken, met) =
        cases.fold((0.0, 0.0), |(taken, met), case| (taken + f64::from(case.0), met + f64::from(case.1)));
    match taken / met {
        share if share <= RARE => '0',
        share if share >= 1.0 - RARE => '1',
        _ => '-', // also what was never met
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::Function;
    use super::*;

    fn function(name: &str, branches: usize) -> Function {
        Function { name: name.to_owned(), branches, ..Function::default() }
    }

    #[test]
    fn what_was_counted_is_found_again_in_another_module() {
        let facts = Facts {
            functions: vec![function("never", 1), function("b", 4), function("a", 0)],
            compiler: "rustc 1".to_owned(),
            ..Facts::default()
        };
        let counts = |entered, branches: &[(u32, u32)]| Counts {
            entered,
            instructions: 5 * entered,
            branches: branches.to_vec(),
        };
        let one = vec![counts(0, &[(0, 0)]), counts(7, &[(0, 9), (10, 10), (1, 2), (0, 0)]), counts(1, &[])];
        let other = vec![counts(0, &[(0, 0)]), counts(0, &[(0, 0); 4]), counts(1, &[])];
        let text = Profile::write(&facts, &[one.clone(), other]);
        assert_eq!(text, "# rustc 1\n: a\n:01-- b\n");
        let table = table(&["counters/one"], std::slice::from_ref(&one), 1);
        assert!(table.ends_with("| one | 40 | 2 | 8 |\n"), "{table}");
        let functions = functions(&facts, &["counters/one"], &[one], 2);
        assert_eq!(functions.split_whitespace().collect::<Vec<_>>(), ["one", "18", "3.50", "b", "2", "0.50", "a"]);
        let later = Facts { functions: vec![function("a", 1), function("b", 4), function("a", 0)], ..Facts::default() };
        let profile = Profile::read(&text, &later);
        assert_eq!(profile.entered, [2, 1]);
        assert_eq!(profile.hints[&1], [Some(false), Some(true), None, None]);
    }
}

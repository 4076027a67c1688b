//! Versions, and constraints on them: `>= 1.2, < 2 || ^3`. Source: Masterminds/semver v3.

use std::rc::Rc;

use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::value::{Object, Value, Version};

pub(super) const ROWS: &[Row] = &[
    Row::fixed("semver", &[Type::String], |_, arguments| {
        Ok(Value::Object(Object::Version(Rc::new(Version::parse(arguments.text(0))?))))
    }),
    Row::fixed("semverCompare", &[Type::String, Type::String], compare),
];

fn compare(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut alternatives = Vec::new();
    for alternative in arguments.text(0).split("||") {
        alternatives.push(constraints(alternative)?);
    }
    let version = Version::parse(arguments.text(1))?;
    let met = |constraints: &Vec<Constraint>| constraints.iter().all(|constraint| constraint.admits(&version));
    Ok(Value::Bool(alternatives.iter().any(met)))
}

/// An operator with a version, whose parts may be open.
struct Constraint {
    operator: &'static str,
    version: Version,
    /// How many numbers are given: `1.x` has one.
    given: usize,
}

const OPERATORS: [&str; 11] = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

/// Constraints with spaces or commas between them.
fn constraints(text: &str) -> Result<Vec<Constraint>, String> {
    let improper = || format!("improper constraint: {text}");
    if text.trim().starts_with(',') || text.trim().ends_with(',') || text.contains(",,") {
        return Err(improper());
    }
    let mut words = Vec::new();
    // "1 - 2" is a range, and ">= 1" is one constraint.
    let parts: Vec<&str> = text.split([' ', '\t', ',']).filter(|part| !part.is_empty()).collect();
    let mut parts = parts.into_iter().peekable();
    while let Some(part) = parts.next() {
        let operator = OPERATORS.iter().find(|operator| part.starts_with(**operator)).copied().unwrap_or("");
        let version = part.get(operator.len()..).unwrap_or_default();
        let version = if version.is_empty() { parts.next().ok_or_else(improper)? } else { version };
        if operator.is_empty() && parts.next_if_eq(&"-").is_some() {
            words.push((">=", version));
            words.push(("<=", parts.next().ok_or_else(improper)?));
        } else {
            words.push((operator, version));
        }
    }
    if words.is_empty() {
        return Err(improper());
    }
    words.into_iter().map(|(operator, version)| constraint(operator, version).ok_or_else(improper)).collect()
}

fn constraint(operator: &'static str, text: &str) -> Option<Constraint> {
    let is_open = |part: &str| matches!(part, "x" | "X" | "*");
    let rest = text.strip_prefix('v').unwrap_or(text);
    let end = rest.find(['-', '+']).unwrap_or(rest.len());
    let (numbers, suffix) = rest.split_at(end);
    let numbers: Vec<&str> = numbers.split('.').collect();
    if numbers.len() > 3 || numbers.iter().any(|part| !is_open(part) && part.parse::<u64>().is_err()) {
        return None;
    }
    let given = numbers.iter().position(|part| is_open(part)).unwrap_or(numbers.len());
    let number = |index: usize| numbers.get(index).filter(|_| index < given).copied().unwrap_or("0");
    let version = Version::parse(&format!("{}.{}.{}{suffix}", number(0), number(1), number(2))).ok()?;
    Some(Constraint { operator, version, given })
}

impl Constraint {
    fn admits(&self, version: &Version) -> bool {
        let order = version.compare(&self.version);
        let (major, minor, _) = version.parts();
        let (wanted_major, wanted_minor, _) = self.version.parts();
        let open = self.given < 3;
        // A prerelease is accepted only if the constraint names a prerelease, too.
        if version.is_prerelease() && !self.version.is_prerelease() && (self.operator != "!=" || open) {
            return false;
        }
        match self.operator {
            "!=" if open => !self.is_like(version),
            "!=" => order.is_ne(),
            ">" if open => (major, if self.given == 1 { 0 } else { minor }) > (wanted_major, wanted_minor),
            ">" => order.is_gt(),
            "<" => order.is_lt(),
            ">=" | "=>" => order.is_ge(),
            "<=" | "=<" if open => {
                major < wanted_major || major == wanted_major && (self.given == 1 || minor <= wanted_minor)
            }
            "<=" | "=<" => order.is_le(),
            "^" => order.is_ge() && self.has_same_first(version),
            "" | "=" if !open => order.is_eq(),
            // "~", and "=" with open parts: the given numbers must stay the same.
            _ => {
                let any = self.version.parts() == (0, 0, 0) && self.given != 1 && self.given != 2;
                order.is_ge() && (any || major == wanted_major && (self.given == 1 || minor == wanted_minor))
            }
        }
    }

    /// Are the given numbers equal?
    fn is_like(&self, version: &Version) -> bool {
        let (one, two) = (self.version.parts(), version.parts());
        match self.given {
            0 | 1 => one.0 == two.0 && (self.given == 1 || one.1 == two.1),
            _ => (one.0, one.1) == (two.0, two.1),
        }
    }

    /// Is the first number that is not zero, or the last given number, equal in both, with all numbers before it?
    fn has_same_first(&self, version: &Version) -> bool {
        let (one, two) = (self.version.parts(), version.parts());
        if one.0 > 0 || self.given == 1 {
            return one.0 == two.0;
        }
        if two.0 > 0 {
            return false;
        }
        if one.1 > 0 || self.given == 2 {
            return one.1 == two.1;
        }
        two.1 == 0 && one.2 == two.2
    }
}

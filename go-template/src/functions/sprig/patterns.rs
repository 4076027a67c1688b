//! Regular expressions, by the crate `regex` after a translation from Go's syntax. Source: sprig's regex.go and Go's regexp.

use regex::{NoExpand, Regex, RegexBuilder};

use super::re2::translate;
use super::strings::no_strings;
use super::texts::strings;
use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::text::quote;
use crate::value::Value;

const TWO: &[Type] = &[Type::String, Type::String];
const THREE: &[Type] = &[Type::String, Type::String, Type::String];
const COUNTED: &[Type] = &[Type::String, Type::String, Type::Int];

/// How many compiled patterns are kept; if a template makes more, they are compiled anew.
const KEPT: usize = 64;
/// The cost of compiling, for each byte of the pattern.
const STEPS: usize = 200;

/// The crate's errors, and Go's words for them.
const WORDS: [(&str, &str); 4] = [
    ("repetition operator missing expression", "missing argument to repetition operator"),
    ("unclosed character class", "missing closing ]"),
    ("unclosed group", "missing closing )"),
    ("unopened group", "unexpected )"),
];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("mustRegexFind", TWO, |host, arguments| find(host, arguments, must)),
    Row::fixed("mustRegexFindAll", COUNTED, |host, arguments| find_all(host, arguments, must)),
    Row::fixed("mustRegexMatch", TWO, |host, arguments| {
        Ok(Value::Bool(must(host, arguments.text(0))?.is_match(arguments.text(1))))
    }),
    Row::fixed("mustRegexReplaceAll", THREE, |host, arguments| replace(host, arguments, must, false)),
    Row::fixed("mustRegexReplaceAllLiteral", THREE, |host, arguments| replace(host, arguments, must, true)),
    Row::fixed("mustRegexSplit", COUNTED, |host, arguments| split(host, arguments, must)),
    Row::fixed("regexFind", TWO, |host, arguments| find(host, arguments, compile)),
    Row::fixed("regexFindAll", COUNTED, |host, arguments| find_all(host, arguments, compile)),
    Row::fixed("regexMatch", TWO, |host, arguments| {
        Ok(Value::Bool(must(host, arguments.text(0)).is_ok_and(|pattern| pattern.is_match(arguments.text(1)))))
    }),
    Row::fixed("regexQuoteMeta", &[Type::String], |_, arguments| Ok(quote_meta(arguments.text(0)).into())),
    Row::fixed("regexReplaceAll", THREE, |host, arguments| replace(host, arguments, compile, false)),
    Row::fixed("regexReplaceAllLiteral", THREE, |host, arguments| replace(host, arguments, compile, true)),
    Row::fixed("regexSplit", COUNTED, |host, arguments| split(host, arguments, compile)),
];

type Compile = fn(&Host<'_>, &str) -> Result<Regex, String>;

fn must(host: &Host<'_>, pattern: &str) -> Result<Regex, String> {
    if let Some(known) = host.patterns.borrow().get(pattern) {
        return Ok(known.clone());
    }
    host.budget.spend((pattern.len() + 1).saturating_mul(STEPS))?;
    let built = RegexBuilder::new(&translate(pattern)).octal(true).size_limit(1 << 20).nest_limit(100).build();
    let compiled = built.map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        let reason = WORDS.iter().find(|(theirs, _)| *theirs == reason).map_or(reason, |(_, words)| words);
        let operator = pattern.find(['*', '+', '?']).and_then(|at| pattern.get(at..=at));
        let about = operator.filter(|_| reason.ends_with("operator")).unwrap_or(pattern);
        format!("error parsing regexp: {reason}: `{about}`")
    })?;
    let mut patterns = host.patterns.borrow_mut();
    if patterns.len() < KEPT {
        patterns.insert(pattern.to_owned(), compiled.clone());
    }
    Ok(compiled)
}

/// The same as `must`, with the words of Go's panic.
fn compile(host: &Host<'_>, pattern: &str) -> Result<Regex, String> {
    must(host, pattern).map_err(|error| match error.starts_with("error parsing") {
        true if pattern.contains('`') => format!("regexp: Compile({}): {error}", quote(pattern)),
        true => format!("regexp: Compile(`{pattern}`): {error}"),
        false => error,
    })
}

/// The most matches to find; a negative number asks for all.
fn most(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn find(host: &Host<'_>, arguments: &[Value], compile: Compile) -> Result<Value, String> {
    let pattern = compile(host, arguments.text(0))?;
    Ok(pattern.find(arguments.text(1)).map_or("", |found| found.as_str()).into())
}

fn find_all(host: &Host<'_>, arguments: &[Value], compile: Compile) -> Result<Value, String> {
    let pattern = compile(host, arguments.text(0))?;
    let found = pattern.find_iter(arguments.text(1)).take(most(arguments.int(2)));
    let found: Vec<_> = found.map(|found| found.as_str().to_owned()).collect();
    host.budget.spend(found.len())?;
    Ok(if found.is_empty() { no_strings() } else { strings(found) })
}

fn replace(host: &Host<'_>, arguments: &[Value], compile: Compile, literal: bool) -> Result<Value, String> {
    let (pattern, text, new) = (compile(host, arguments.text(0))?, arguments.text(1), arguments.text(2));
    // Each match may add the new text with all groups in it.
    let matches = pattern.find_iter(text).count();
    let groups = if literal { 0 } else { new.matches('$').count() };
    let each = new.len().saturating_add(groups.saturating_mul(text.len() / matches.max(1)));
    host.budget.spend_text(text.len().saturating_add(matches.saturating_mul(each)))?;
    let replaced = if literal { pattern.replace_all(text, NoExpand(new)) } else { pattern.replace_all(text, new) };
    Ok(replaced.as_ref().into())
}

fn split(host: &Host<'_>, arguments: &[Value], compile: Compile) -> Result<Value, String> {
    let (pattern, text, count) = (compile(host, arguments.text(0))?, arguments.text(1), most(arguments.int(2)));
    if count == 0 {
        return Ok(no_strings());
    }
    if !arguments.text(0).is_empty() && text.is_empty() {
        return Ok(strings(vec![String::new()]));
    }
    let (mut parts, mut begin, mut end) = (Vec::new(), 0, 0);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    for found in pattern.find_iter(text).take(count) {
        if parts.len() + 1 == count {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(part(begin, end));
        }
        begin = found.end();
    }
    if end != text.len() {
        parts.push(part(begin, text.len()));
    }
    host.budget.spend(parts.len())?;
    Ok(strings(parts))
}

fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

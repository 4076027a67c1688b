//! The module's own judgement of a document, and of more than its first fault: each part that the module refuses is taken out,
//! and the module is asked again. This file does not know what is right; every word is the module's.

use host_sim::{LogLevel, Module, Settings, Sim, StartError};
use lua_modifier::config::{ConfigError, Front};
use serde_json::{Value, json};

use super::reduced::Reduced;
use crate::Trouble;
use crate::document::{Step, split, written};

/// The module's complaint about a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Complaint {
    /// The place in the original document; none if the module names no place.
    pub(crate) at: Option<Vec<Step>>,
    pub(crate) what: String,
    /// The full name of the source, if the complaint is about a source.
    pub(crate) source: Option<String>,
}

/// All complaints of the module.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) refusals: Vec<Complaint>,
    pub(crate) warnings: Vec<Complaint>,
    /// Keys that Envoy serves, or does not need, in the filter's own words. The filter does not log them.
    pub(crate) notes: Vec<Complaint>,
    /// Parts that are served in another way than their author may expect.
    pub(crate) remarks: Vec<Complaint>,
    /// There may be more faults, which show when these are mended.
    pub(crate) partial: bool,
    /// The module's parser does not take the document.
    pub(crate) unreadable: bool,
}

impl Verdict {
    /// Adds the verdict of a filter that serves another part of the same document.
    pub(crate) fn also(&mut self, other: Self) {
        let lists = [
            (&mut self.refusals, other.refusals),
            (&mut self.warnings, other.warnings),
            (&mut self.notes, other.notes),
            (&mut self.remarks, other.remarks),
        ];
        for (known, more) in lists {
            let new: Vec<Complaint> = more.into_iter().filter(|complaint| !known.contains(complaint)).collect();
            known.extend(new);
        }
        self.partial |= other.partial;
    }

    /// Adds the complaints about the blocks that Envoy enforces in front of the module.
    pub(crate) fn hear_of(&mut self, front: Result<Front, ConfigError>, document: &Value) {
        let complaint = |line: &str| {
            let (at, what) = split(stripped(line), document)?;
            Some(Complaint { at: Some(at), what: what.to_owned(), source: None })
        };
        match front {
            Ok(front) => self.warnings.extend(front.warnings.iter().filter_map(|line| complaint(line))),
            // The module also refuses a block that is not enforced. The reason here is the better one.
            Err(error) => {
                if let Some(reason) = complaint(&error.to_string()) {
                    let holds = |block: &Complaint| match (&block.at, &reason.at) {
                        (Some(block), Some(place)) => place.starts_with(block),
                        _ => false,
                    };
                    self.refusals.retain(|refusal| !holds(refusal));
                    self.warnings.retain(|warning| !holds(warning));
                    self.refusals.push(reason);
                }
            }
        }
    }
}

/// The largest number of times that the module is asked about one document.
const ROUNDS: usize = 64;

/// Asks about a text that is not JSON; the answer is the reason alone.
pub(crate) fn judge_text(module: &Module, text: &str) -> Result<String, Trouble> {
    match ask(module, text.as_bytes())? {
        Said { refused: Some(reason), .. } => Ok(stripped(&reason).to_owned()),
        _ => Err(Trouble::new("the module accepts what is no JSON: is it lua-modifier's?")),
    }
}

/// Asks about a document that contains its sources.
pub(crate) fn judge(module: &Module, document: Value) -> Result<Verdict, Trouble> {
    let mut reduced = Reduced::of(document);
    let mut verdict = Verdict::default();
    for _ in 0..ROUNDS {
        let text = reduced.json.to_string();
        let said = ask(module, text.as_bytes())?;
        let Some(reason) = said.refused else {
            let complaints = |lines: &[String]| lines.iter().map(|line| reduced.complaint(stripped(line))).collect();
            verdict.warnings = complaints(&said.warnings);
            if let Ok(read) = lua_modifier::config::read(text.as_bytes()) {
                (verdict.notes, verdict.remarks) = (complaints(&read.notes), complaints(&read.remarks));
            }
            return Ok(verdict);
        };
        let Some((path, what)) = split(stripped(&reason), &reduced.json) else {
            // A line and a column would be places in the text that the module got, not in the file.
            verdict.unreadable = stripped(&reason).starts_with("line ");
            verdict.refusals.push(Complaint { at: None, what: stripped(&reason).to_owned(), source: None });
            break;
        };
        let broken = broken_sources(module, &reduced, &path)?;
        if broken.is_empty() {
            // A fault that follows from an earlier fault is not reported.
            if !reduced.follows(&path) {
                verdict.refusals.push(reduced.complaint_at(&path, what));
            }
            if path.is_empty() {
                return Ok(verdict); // the whole input is no document
            }
            if !reduced.mend(&path) {
                break;
            }
        } else {
            let at = reduced.original(&path);
            verdict.refusals.extend(broken.iter().map(|(name, what)| Complaint {
                at: Some(at.clone()),
                what: what.clone(),
                source: Some(name.clone()),
            }));
            broken.iter().for_each(|(name, _)| reduced.empty_source(name));
        }
    }
    verdict.partial = true;
    Ok(verdict)
}

/// The sources of a block that do not compile alone, with the reasons. The module compiles all of them as one text: if a source
/// leaves a block open, the module notices it at the end of the last source.
fn broken_sources(module: &Module, reduced: &Reduced, path: &[Step]) -> Result<Vec<(String, String)>, Trouble> {
    let mut broken = Vec::new();
    for (name, text) in reduced.sources_at(path) {
        if let Some(what) = judge_script(module, &name, &text)? {
            broken.push((name, what));
        }
    }
    Ok(broken)
}

/// The compiler's complaint about a script.
pub(crate) fn judge_script(module: &Module, name: &str, text: &str) -> Result<Option<String>, Trouble> {
    let alone = json!({"version": 3, "extra_config": {
        "modifier/lua-endpoint": {"sources": [name]}, "envoy/lua-modifier": {"sources": {name: text}},
    }});
    let Some(reason) = ask(module, alone.to_string().as_bytes())?.refused else { return Ok(None) };
    let what = split(stripped(&reason), &alone).filter(|(at, _)| written(at).ends_with(".sources"));
    Ok(what.map(|(_, what)| what.to_owned()))
}

struct Said {
    refused: Option<String>,
    warnings: Vec<String>,
}

fn ask(module: &Module, configuration: &[u8]) -> Result<Said, Trouble> {
    let (trace, refused) = match Sim::start(module, Settings::new(configuration)) {
        Ok(mut sim) => (sim.take_trace(), false),
        Err(StartError::Refused(_, trace)) => (trace, true),
        Err(StartError::Trapped(trap, _)) => return Err(Trouble::new(format!("the module failed: {trap}"))),
    };
    let of = |least: LogLevel| {
        let lines = trace.logs().into_iter().filter(move |(level, _)| *level == least);
        lines.map(|(_, line)| line.to_owned()).collect::<Vec<_>>()
    };
    let refused = match (refused, of(LogLevel::Error).pop()) {
        (false, _) => None,
        (true, Some(reason)) => Some(reason),
        (true, None) => {
            return Err(Trouble::new("the module refuses the configuration and says nothing: is it lua-modifier's?"));
        }
    };
    Ok(Said { refused, warnings: of(LogLevel::Warn) })
}

fn stripped(line: &str) -> &str {
    line.strip_prefix("configuration: ").unwrap_or(line)
}

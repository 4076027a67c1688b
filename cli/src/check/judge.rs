//! The module's own judgement of a document, and of more than its first fault: what it refuses is taken out, and it is asked
//! again. Nothing here knows what is right; every word is the module's.

use host_sim::{LogLevel, Module, Settings, Sim, StartError};
use lua_modifier::config::{ConfigError, Front};
use serde_json::{Value, json};

use super::reduced::Reduced;
use crate::Trouble;
use crate::document::{Step, split, written};

/// What the module said of a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Complaint {
    /// In the document as it was written; none where the module names none.
    pub(crate) at: Option<Vec<Step>>,
    pub(crate) what: String,
    /// The source by its full name, where one is meant.
    pub(crate) source: Option<String>,
}

/// All that it said.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) refusals: Vec<Complaint>,
    pub(crate) warnings: Vec<Complaint>,
    /// What is another's part, or missed by nobody: the filter's own words, though its log keeps silent about it.
    pub(crate) notes: Vec<Complaint>,
    /// What is served otherwise than its author may expect.
    pub(crate) remarks: Vec<Complaint>,
    /// There may be more, which show when these are mended.
    pub(crate) partial: bool,
    /// The module's parser does not take it.
    pub(crate) unreadable: bool,
}

impl Verdict {
    /// Adds what was said of the same document by a filter that serves another part of it.
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

    /// Adds what is said of the blocks that others enforce in front of the module.
    pub(crate) fn hear_of(&mut self, front: Result<Front, ConfigError>, document: &Value) {
        let complaint = |line: &str| {
            let (at, what) = split(stripped(line), document)?;
            Some(Complaint { at: Some(at), what: what.to_owned(), source: None })
        };
        match front {
            Ok(front) => self.warnings.extend(front.warnings.iter().filter_map(|line| complaint(line))),
            // The module, too, refuses a block that nobody enforces: the reason is this one.
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

/// So often it is asked about one document.
const ROUNDS: usize = 64;

/// Asks about a text that is no JSON: the reason alone.
pub(crate) fn judge_text(module: &Module, text: &str) -> Result<String, Trouble> {
    match ask(module, text.as_bytes())? {
        Said { refused: Some(reason), .. } => Ok(stripped(&reason).to_owned()),
        _ => Err(Trouble::new("the module accepts what is no JSON: is it lua-modifier's?")),
    }
}

/// Asks about a document, its sources inside.
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
            // A line and a column would be those of the text that it was given, and not of the file.
            verdict.unreadable = stripped(&reason).starts_with("line ");
            verdict.refusals.push(Complaint { at: None, what: stripped(&reason).to_owned(), source: None });
            break;
        };
        let broken = broken_sources(module, &reduced, &path)?;
        if broken.is_empty() {
            // What follows from an earlier fault is not told.
            if !reduced.follows(&path) {
                verdict.refusals.push(reduced.complaint_at(&path, what));
            }
            if path.is_empty() {
                return Ok(verdict); // it is no document at all
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

/// The sources of a block that do not compile by themselves, with the reasons. The module compiles all of them as one text:
/// what one of them leaves open, it sees at the end of the last.
fn broken_sources(module: &Module, reduced: &Reduced, path: &[Step]) -> Result<Vec<(String, String)>, Trouble> {
    let mut broken = Vec::new();
    for (name, text) in reduced.sources_at(path) {
        if let Some(what) = judge_script(module, &name, &text)? {
            broken.push((name, what));
        }
    }
    Ok(broken)
}

/// What the compiler says of a script.
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

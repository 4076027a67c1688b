//! Makes findings from the module's messages: their rule, and the place to point at.

use std::ops::Range;
use std::rc::Rc;

use serde_json::Value;

use super::finding::{Finding, Level};
use super::judge::Complaint;
use super::reduced::at;
use super::texts::{Text, Texts};
use crate::document::{BLOCKS, Document, Made, NAMESPACE, Page, Places, Step, line, written};

/// Finds the places of the module's messages about one document.
pub(crate) struct Placing<'a> {
    pub(crate) document: &'a Document,
    pub(crate) page: Rc<Page>,
    pub(crate) places: &'a Places<'a>,
    pub(crate) texts: &'a Texts<'a>,
}

impl Placing<'_> {
    /// The finding for a refusal of the module.
    pub(crate) fn refusal(&self, complaint: &Complaint) -> Finding {
        self.syntax(complaint).or_else(|| self.missing(complaint)).unwrap_or_else(|| {
            let is_md5 = complaint.at.iter().flatten().any(|step| *step == Step::Key("md5".to_owned()));
            self.in_document(if is_md5 { "md5" } else { "configuration" }, Level::Error, complaint)
        })
    }

    /// The finding for a warning of the module.
    pub(crate) fn warning(&self, complaint: &Complaint) -> Finding {
        let rule = if complaint.what.contains("is a key that nobody reads") {
            "unknown-key"
        } else if complaint.what.contains("Envoy has verified the token before") {
            "voided-token"
        } else {
            "ignored-feature"
        };
        self.in_document(rule, Level::Warning, complaint)
    }

    /// A note on a key that Envoy serves, or that Envoy does not need.
    pub(crate) fn note(&self, complaint: &Complaint) -> Finding {
        let bundled = complaint.what.contains("`lua-modifier bundle`");
        self.in_document(if bundled { "bundled-key" } else { "needless-key" }, Level::Note, complaint)
    }

    /// A note on a part that the module serves in another way than its author may expect.
    pub(crate) fn remark(&self, complaint: &Complaint) -> Finding {
        self.in_document("other-meaning", Level::Note, complaint)
    }

    fn in_document(&self, rule: &'static str, level: Level, complaint: &Complaint) -> Finding {
        let path = complaint.at.as_deref();
        let found = path.and_then(|path| self.places.find(path));
        let span = match (rule, &found) {
            (_, None) => None,
            (
                "unknown-key" | "ignored-feature" | "voided-token" | "bundled-key" | "needless-key" | "other-meaning",
                Some(found),
            ) => Some(found.name.clone()),
            (_, Some(found)) => Some(found.pointer()),
        };
        // The report shows the place: the last key is enough to name it.
        let key = path.and_then(|path| path.get(path.iter().rposition(|step| matches!(step, Step::Key(_)))?..));
        let message = match (key, key.and_then(<[Step]>::first)) {
            (Some(tail), Some(Step::Key(key))) if !names(&complaint.what, key) => {
                format!("{}: {}", written(tail).trim_start_matches(['$', '.']), complaint.what)
            }
            _ => complaint.what.clone(),
        };
        Finding { rule, level, message, help: None, page: Rc::clone(&self.page), span }
    }

    fn missing(&self, complaint: &Complaint) -> Option<Finding> {
        let path = complaint.at.as_deref()?;
        let name = at(&self.document.json, path)?.as_str()?;
        let why = self.document.lua.missing.get(name).filter(|_| complaint.what.starts_with("source "))?;
        let span = self.places.find(path).map(|found| found.pointer());
        let message = format!("the source {name} cannot be read: {why}");
        let relative = || "sources are read relative to the working directory, as KrakenD does".to_owned();
        let (page, help) = (Rc::clone(&self.page), Some(why.help().unwrap_or_else(relative)));
        Some(Finding { rule: "missing-source", level: Level::Error, message, help, page, span })
    }

    /// The findings about files that the document names.
    pub(crate) fn files(&self) -> Vec<Finding> {
        let lua = &self.document.lua;
        let pattern = |rule, level, (at, message): (&usize, &String)| {
            let keys = ["extra_config", NAMESPACE, "bundle"].map(|key| Step::Key(key.to_owned()));
            let path: Vec<Step> = keys.into_iter().chain([Step::Index(*at)]).collect();
            let span = self.places.find(&path).map(|found| found.pointer());
            Finding { rule, level, message: message.clone(), help: None, page: Rc::clone(&self.page), span }
        };
        let refused = lua.refused.iter().map(|refused| pattern("bundle-pattern", Level::Error, refused));
        let unmatched = lua.unmatched.iter().map(|unmatched| pattern("bundle-pattern", Level::Warning, unmatched));
        let note = |message: &String| {
            let (level, page, message) = (Level::Note, Rc::clone(&self.page), message.clone());
            Finding { rule: "root", level, message, help: None, page, span: None }
        };
        refused.chain(unmatched).chain(lua.notes.iter().map(note)).collect()
    }

    // `line 3: ')' expected near <eof>` of pre and post, `file.lua line 3: ...` of sources.
    fn syntax(&self, complaint: &Complaint) -> Option<Finding> {
        let path = complaint.at.as_deref()?;
        let (Step::Key(key), [.., Step::Key(block)]) = path.split_last()? else { return None };
        if !BLOCKS.contains(&block.as_str()) {
            return None;
        }
        // A text that nests too deeply is refused without a line.
        let (base, number, what) =
            numbered(&complaint.what).unwrap_or_else(|| (String::new(), 0, complaint.what.clone()));
        let text = match key.as_str() {
            "sources" => self.source_of(path, complaint.source.as_deref(), &base)?,
            "pre" | "post" => self.texts.inline(path)?,
            _ => return None,
        };
        let span = match number {
            0 => text.on_page(&(0..text.code.len()), self.places),
            _ => text.on_page(&standing(&text, number, &what), self.places),
        };
        let help = (key == "sources" && follows_a_return(&what)).then(|| RETURN.to_owned());
        let (page, span) = (text.page, Some(span));
        Some(Finding { rule: "syntax", level: Level::Error, message: what, help, page, span })
    }

    fn source_of(&self, list: &[Step], name: Option<&str>, base: &str) -> Option<Text> {
        let names =
            at(&self.document.json, list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let called_so = |name: &&str| name.rsplit('/').next() == Some(base) || *name == base;
        let name = name.or_else(|| names.rev().find(called_so))?;
        self.texts.source(name).cloned()
    }
}

fn names(what: &str, key: &str) -> bool {
    what.starts_with(key) || what.contains(&format!("\"{key}\""))
}

/// `file.lua line 3: ...`: the part in front, the line, and the fault there.
pub(super) fn numbered(what: &str) -> Option<(String, usize, String)> {
    let (before, rest) = what.split_once("line ")?;
    let (digits, what) = rest.split_once(": ")?;
    Some((before.trim_end().to_owned(), digits.parse().ok()?, what.to_owned()))
}

/// The token that the compiler names, if the line has it exactly once; else the whole line.
pub(super) fn standing(text: &Text, number: usize, what: &str) -> Range<usize> {
    let last = text.code.trim_end().len();
    let Some((start, line)) = line(&text.code, number).filter(|_| !what.ends_with(" near <eof>")) else {
        return last..last;
    };
    let indent = line.len().saturating_sub(line.trim_start().len());
    let end = line.trim_end().len().max(indent);
    let token = what.rsplit_once(" near ").map(|(_, token)| token).unwrap_or_default();
    let whole = start.saturating_add(indent)..start.saturating_add(end);
    let named = token.strip_prefix('\'').and_then(|token| token.strip_suffix('\'')).filter(|token| !token.is_empty());
    let Some(token) = named else { return whole };
    match (line.find(token), line.rfind(token)) {
        (Some(first), Some(last)) if first == last => {
            let at = start.saturating_add(first);
            at..at.saturating_add(token.len())
        }
        _ => whole,
    }
}

const RETURN: &str = "KrakenD reads the sources of a block as one text, and a `return` at the end of an earlier one ends it: leave \
                      that out, or load the file with dofile or require";

// For a stray `end`, Lua names the `end` itself.
fn follows_a_return(what: &str) -> bool {
    what.starts_with("<eof> expected near")
        && !["'end'", "'else'", "'elseif'", "'until'"].iter().any(|word| what.ends_with(word))
}

/// The finding for a text that is not JSON: `line 7, column 5: trailing comma, ...`.
pub(crate) fn no_json(page: &Rc<Page>, made: &Made, reason: &str) -> Finding {
    let place = reason.strip_prefix("line ").and_then(|rest| {
        let (line, rest) = rest.split_once(", column ")?;
        let (column, what) = rest.split_once(": ")?;
        // The parser counts bytes, and its last byte is the one that it could not take.
        Some((page.byte(line.parse().ok()?, column.parse().ok()?)?, what))
    });
    let Some((start, what)) = place else {
        let (level, page, what) = (Level::Error, Rc::clone(page), reason.trim_start_matches("$: "));
        let message = format!("this is not JSON: {what}");
        return Finding { rule: "json", level, message, help: None, page, span: None };
    };
    let text = Page { name: page.name.clone(), text: page.text.clone() };
    made.fault("json", text, start..page.after(start), format!("this is not JSON: {what}")).into()
}

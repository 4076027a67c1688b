//! Everything about one configuration: the module's judgement and the linter's remarks, as findings in the order of their places.

use std::path::Path;
use std::rc::Rc;

use host_sim::Module;
use serde_json::Value;

use super::finding::{Finding, Level, Page};
use super::judge::{judge, judge_text};
use super::lua::{Hosts, Names, Remark, Scripts, Stage, lint};
use super::places::Places;
use super::placing::{Placing, no_json};
use super::silenced::is_silenced;
use super::texts::{Block, Text, Texts, blocks};
use crate::Trouble;
use crate::document::{Document, answer_unmatched};

/// Inspects a text that was read from `name`.
pub(crate) fn inspect(module: &Module, names: &Names, name: &str, text: String) -> Result<Vec<Finding>, Trouble> {
    inspect_without(module, names, name, text, &|_| ())
}

/// The same, but for what is taken out of the configuration before the module judges it.
pub(crate) fn inspect_without(
    module: &Module,
    names: &Names,
    name: &str,
    text: String,
    take_out: &dyn Fn(&mut Value),
) -> Result<Vec<Finding>, Trouble> {
    let page = Rc::new(Page { name: name.to_owned(), text: text.clone() });
    let Ok(document) = Document::of(Path::new(name), text) else {
        return Ok(vec![no_json(&page, &judge_text(module, &page.text)?)]);
    };
    let places = Places::of(&page.text);
    let texts = Texts::of(&document, &page, &places);
    let placing = Placing { document: &document, page: Rc::clone(&page), places: &places, texts: &texts };
    // As `bundle` and `serve` would have it served.
    let mut configuration = document.plugin_configuration();
    answer_unmatched(&mut configuration);
    take_out(&mut configuration);
    let verdict = judge(module, configuration)?;
    if verdict.unreadable {
        return Ok(vec![no_json(&page, &judge_text(module, &page.text)?)]);
    }
    let mut findings: Vec<Finding> = verdict.refusals.iter().map(|complaint| placing.refusal(complaint)).collect();
    findings.extend(verdict.warnings.iter().map(|complaint| placing.warning(complaint)));
    findings.extend(verdict.notes.iter().map(|complaint| placing.note(complaint)));
    if verdict.partial {
        let message = "this could not be judged to the end: mend these first, and check again".to_owned();
        let (rule, level, page) = ("configuration", Level::Note, Rc::clone(&page));
        findings.push(Finding { rule, level, message, help: None, page, span: None });
    }
    let hosts = Hosts::of(&document.json);
    for block in blocks(&document.json) {
        // What does not compile is not read: another parser might see something else in it.
        let broken = |text: &Text| {
            let inside = |finding: &Finding| finding.span.clone().is_some_and(|span| holds(text, &span, &places));
            findings
                .iter()
                .any(|finding| finding.rule == "syntax" && finding.page.name == text.page.name && inside(finding))
        };
        let remarks = remarks(&block, &texts, &broken, names, &hosts, &places);
        findings.extend(remarks);
    }
    let mut unique: Vec<Finding> = Vec::new();
    for finding in findings {
        if !unique.iter().any(|other| other.repeats(&finding)) {
            unique.push(finding);
        }
    }
    // The configuration first, then its sources by name.
    unique.sort_by_key(|finding| {
        let start = finding.span.as_ref().map(|span| span.start);
        (finding.page.name != name, finding.page.name.clone(), start.is_none(), start)
    });
    Ok(unique)
}

fn holds(text: &Text, span: &std::ops::Range<usize>, places: &Places<'_>) -> bool {
    let whole = text.on_page(&(0..text.code.len()), places);
    whole.start <= span.start && span.end <= whole.end
}

fn remarks(
    block: &Block<'_>,
    texts: &Texts<'_>,
    broken: &dyn Fn(&Text) -> bool,
    names: &Names,
    hosts: &Hosts,
    places: &Places<'_>,
) -> Vec<Finding> {
    let listed = block.sources();
    let sources: Vec<Text> =
        listed.iter().filter_map(|name| texts.source(name)).filter(|text| !broken(text)).cloned().collect();
    let script = |key: &str| texts.inline(&block.path_of(key)).filter(|text| !text.code.trim().is_empty());
    let (pre, post) = (script("pre"), script("post"));
    let whole = |text: &Option<Text>| text.as_ref().is_none_or(|text| !broken(text));
    let complete = !block.is("live") && sources.len() == listed.len() && whole(&pre) && whole(&post);
    let never_runs = matches!(block.stage, Stage::Service | Stage::Endpoint);
    let mut findings: Vec<Finding> =
        post.iter().filter(|_| never_runs).map(|post| never(post, block, places)).collect();
    let post = post.filter(|_| !never_runs);
    let (pre, post) = (pre.filter(|text| !broken(text)), post.filter(|text| !broken(text)));
    let scripts = Scripts {
        stage: block.stage,
        open: block.is("allow_open_libs"),
        complete,
        sources: sources.iter().map(|text| &*text.code).collect(),
        pre: pre.as_ref().map(|text| &*text.code),
        post: post.as_ref().map(|text| &*text.code),
    };
    let all: Vec<Option<&Text>> = sources.iter().map(Some).chain([pre.as_ref(), post.as_ref()]).collect();
    for Remark { rule, level, text, span, message, help } in lint(&scripts, names, hosts) {
        let Some(text) = all.get(text).copied().flatten() else { continue };
        if is_silenced(&text.code, span.start, rule) {
            continue;
        }
        let (page, span) = (Rc::clone(&text.page), Some(text.on_page(&span, places)));
        findings.push(Finding { rule, level, message, help, page, span });
    }
    findings
}

fn never(post: &Text, block: &Block<'_>, places: &Places<'_>) -> Finding {
    let message = "\"post\" of modifier/lua-endpoint never runs, as in KrakenD".to_owned();
    let help = match block.stage {
        Stage::Service => "put it into modifier/lua-proxy of the endpoints",
        _ => "put it into modifier/lua-proxy of this endpoint: there it sees request and response",
    };
    let span = places.find(&block.path_of("post")).map(|found| found.name);
    let (page, help) = (Rc::clone(&post.page), Some(help.to_owned()));
    Finding { rule: "post-never-runs", level: Level::Warning, message, help, page, span }
}

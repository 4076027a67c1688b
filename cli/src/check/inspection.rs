//! Everything about one configuration: the module's judgement and the linter's remarks, as findings in the order of their
//! places.

use std::path::Path;
use std::rc::Rc;

use host_sim::Module;
use serde_json::Value;

use super::broken_files::BrokenFiles;
use super::finding::{Finding, Level};
use super::judge::{judge, judge_text};
use super::lua::{Around, Hosts, Linted, Names, Remark, Scripts, Stage, lint};
use super::origin::Origin;
use super::placing::{Placing, no_json};
use super::silenced::is_silenced;
use super::texts::{Block, Text, Texts, blocks};
use crate::Trouble;
use crate::document::{Document, Page, Places, Reading, Written, agents_configuration, answer_unmatched, of_endpoints};

/// One configuration and all findings about it.
pub(crate) struct Inspection {
    name: String,
    document: Option<Document>,
    page: Rc<Page>,
    /// The findings; those in the document have their places in its JSON text.
    pub(crate) findings: Vec<Finding>,
}

impl Inspection {
    /// Inspects a configuration, whose text as JSON is the page; parts may be taken out before the module judges the rest.
    pub(crate) fn of(
        module: &Module,
        names: &Names,
        (written, page): (Written, Rc<Page>),
        reading: &Reading,
        take_out: &dyn Fn(&mut Value),
    ) -> Result<Self, Trouble> {
        let name = written.path.display().to_string();
        let Ok(json) = serde_json::from_str(&page.text) else {
            let findings = vec![no_json(&page, &written.made, &judge_text(module, &page.text)?)];
            return Ok(Self { name, document: None, page, findings });
        };
        let document = Document::new(written, json, reading, Path::new(""));
        let findings = findings(module, names, &document, &page, take_out)?;
        Ok(Self { name, document: Some(document), page, findings })
    }

    /// The way from the JSON text back to the files that it was made from.
    pub(crate) fn origin(&self) -> Option<Origin<'_>> {
        self.document.as_ref().map(|document| Origin::of(&self.page, &document.made))
    }

    /// The findings in the files that the document was made from, each once, in the order of their places.
    fn placed(self) -> Vec<Finding> {
        let origin = self.origin();
        let mut unique: Vec<Finding> = Vec::new();
        // A range of a template may have repeated one mistake many times.
        for finding in &self.findings {
            let finding = origin.as_ref().map_or_else(|| finding.clone(), |origin| origin.back(finding.clone()));
            if !unique.iter().any(|other| other.repeats(&finding)) {
                unique.push(finding);
            }
        }
        // The configuration first, then its sources by name.
        unique.sort_by_key(|finding| {
            let start = finding.span.as_ref().map(|span| span.start);
            (finding.page.name != self.name, finding.page.name.clone(), start.is_none(), start)
        });
        unique
    }
}

/// Inspects a configuration.
pub(crate) fn inspect(
    module: &Module,
    names: &Names,
    written: Written,
    reading: &Reading,
) -> Result<Vec<Finding>, Trouble> {
    let page = written.page();
    Ok(Inspection::of(module, names, (written, page), reading, &|_| ())?.placed())
}

fn findings(
    module: &Module,
    names: &Names,
    document: &Document,
    page: &Rc<Page>,
    take_out: &dyn Fn(&mut Value),
) -> Result<Vec<Finding>, Trouble> {
    let places = Places::of(&page.text);
    let texts = Texts::of(document, page, &places);
    let placing = Placing { document, page: Rc::clone(page), places: &places, texts: &texts };
    // The configuration in the form in which `bundle` and `serve` would have it served.
    let (mut configuration, front) = document.configuration_behind_front();
    answer_unmatched(&mut configuration);
    of_endpoints(&mut configuration);
    take_out(&mut configuration);
    let agents = agents_configuration(&configuration);
    let mut verdict = judge(module, configuration)?;
    // The scripts of agents are compiled where the agents are served.
    if let Some(agents) = agents.filter(|_| !verdict.unreadable) {
        verdict.also(judge(module, agents)?);
    }
    verdict.hear_of(front, &document.json);
    if verdict.unreadable {
        return Ok(vec![no_json(page, &document.made, &judge_text(module, &page.text)?)]);
    }
    let mut findings: Vec<Finding> = verdict.refusals.iter().map(|complaint| placing.refusal(complaint)).collect();
    findings.extend(verdict.warnings.iter().map(|complaint| placing.warning(complaint)));
    findings.extend(verdict.notes.iter().map(|complaint| placing.note(complaint)));
    findings.extend(verdict.remarks.iter().map(|complaint| placing.remark(complaint)));
    if verdict.partial {
        let message = "this could not be judged to the end: mend these first, and check again".to_owned();
        let (rule, level, page) = ("configuration", Level::Note, Rc::clone(page));
        findings.push(Finding { rule, level, message, help: None, page, span: None });
    }
    findings.extend(placing.files());
    findings.extend(document.key_sets.faults().map(|(at, message)| {
        let span = places.find(at).map(|found| found.pointer());
        let help = Some("sources and key sets are looked for in the working directory, as KrakenD does".to_owned());
        Finding { rule: "key-set", level: Level::Error, message, help, page: Rc::clone(page), span }
    }));
    let (hosts, around) = (Hosts::of(&document.json), Around::of(document));
    let mut broken_files = BrokenFiles::default();
    for block in blocks(&document.json) {
        // A text that does not compile is not linted: another parser might see something else in it.
        let broken = |text: &Text| {
            let inside = |finding: &Finding| finding.span.clone().is_some_and(|span| holds(text, &span, &places));
            findings
                .iter()
                .any(|finding| finding.rule == "syntax" && finding.page.name == text.page.name && inside(finding))
        };
        let (remarks, files) = remarks(&block, &texts, &broken, names, (&hosts, &around), document.fetches(), &places);
        findings.extend(remarks);
        findings.extend(broken_files.look(module, &texts, &files, &places)?);
    }
    Ok(findings)
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
    (hosts, around): (&Hosts, &Around<'_>),
    fetches: bool,
    places: &Places<'_>,
) -> (Vec<Finding>, Vec<String>) {
    let listed = block.sources();
    let sources: Vec<Text> =
        listed.iter().filter_map(|name| texts.source(name)).filter(|text| !broken(text)).cloned().collect();
    let script = |key: &str| texts.inline(&block.path_of(key)).filter(|text| !text.code.trim().is_empty());
    let (pre, post) = (script("pre"), script("post"));
    let whole = |text: &Option<Text>| text.as_ref().is_none_or(|text| !broken(text));
    let known = !(block.is("live") && fetches);
    let complete = known && sources.len() == listed.len() && whole(&pre) && whole(&post);
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
    let Linted { remarks, files } = lint(&scripts, names, hosts, around);
    let loaded: Vec<Option<Text>> = files.iter().map(|name| texts.file(name)).collect();
    let own = sources.iter().map(Some).chain([pre.as_ref(), post.as_ref()]);
    let all: Vec<Option<&Text>> = own.chain(loaded.iter().map(Option::as_ref)).collect();
    for Remark { rule, level, text, span, message, help } in remarks {
        let Some(text) = all.get(text).copied().flatten() else { continue };
        if is_silenced(&text.code, span.start, rule) {
            continue;
        }
        let (page, span) = (Rc::clone(&text.page), Some(text.on_page(&span, places)));
        findings.push(Finding { rule, level, message, help, page, span });
    }
    (findings, files)
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

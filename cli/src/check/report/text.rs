//! Findings in the form of a compiler's messages.

use annotate_snippets::{AnnotationKind, Group, Level as Shown, Origin, Renderer, Snippet};

use super::Counts;
use crate::check::finding::{Finding, Level};

pub(super) fn written(findings: &[Finding], counts: &Counts) -> String {
    let renderer = Renderer::styled();
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&[group(finding)]));
        text.push_str("\n\n");
    }
    text.push_str(&summary(counts));
    text.push('\n');
    text
}

fn group(finding: &Finding) -> Group<'_> {
    let level = match finding.level {
        Level::Error => Shown::ERROR,
        Level::Warning => Shown::WARNING,
        Level::Note => Shown::NOTE,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.rule);
    let page = &finding.page;
    let group = match &finding.span {
        Some(span) => {
            let annotation = AnnotationKind::Primary.span(span.clone());
            title.element(Snippet::source(page.text.as_str()).path(page.name.as_str()).annotation(annotation))
        }
        None => title.element(Origin::path(page.name.as_str())),
    };
    match &finding.help {
        Some(help) => group.element(Shown::HELP.message(help.as_str())),
        None => group,
    }
}

fn summary(counts: &Counts) -> String {
    let number = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {one}s")),
    };
    let levels = [number(counts.errors, "error"), number(counts.warnings, "warning"), number(counts.notes, "note")];
    let levels: Vec<String> = levels.into_iter().flatten().collect();
    let found = if levels.is_empty() { "no findings".to_owned() } else { levels.join(", ") };
    format!("{}: {found}", number(counts.files, "file").unwrap_or_else(|| "no file".to_owned()) + " checked")
}

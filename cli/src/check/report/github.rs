//! Findings as workflow commands of GitHub Actions: one line each, with the escapes that GitHub's runner undoes.

use crate::check::finding::{Finding, Level};

pub(super) fn written(findings: &[Finding]) -> String {
    findings.iter().map(command).collect()
}

fn command(finding: &Finding) -> String {
    let name = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = vec![format!("file={}", property(&finding.page.name))];
    if let Some(span) = &finding.span {
        let (start, end) = (finding.page.position(span.start), finding.page.position(span.end));
        properties.push(format!("line={}", start.line));
        if start.line == end.line {
            properties.push(format!("col={}", start.column));
            properties.push(format!("endColumn={}", end.column));
        } else {
            properties.push(format!("endLine={}", end.line));
        }
    }
    properties.push(format!("title={}", property(&format!("lua-modifier: {}", finding.rule))));
    let help = finding.help.iter().map(|help| format!("\nhelp: {help}")).collect::<String>();
    format!("::{name} {}::{}\n", properties.join(","), data(&format!("{}{help}", finding.message)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        assert_eq!(data("100%, a: b\r\nc"), "100%25, a: b%0D%0Ac");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}

//! The whole table as Markdown: docs/migration-table.md. Knows no document.

use std::fmt::Write;

use lua_modifier::config::migration::{self, Level, Namespace, Row, State};

const HEAD: &str = "\
# What becomes of a KrakenD configuration here

Printed by `lua-modifier check --migration --table`; the module's warnings and `lua-modifier check` come from the same table.
`lua-modifier check --migration krakend.json` says it of your document, with places.

| state | means |
| --- | --- |
| exact | it does here what it does in KrakenD |
| by Envoy | `lua-modifier bundle` writes it into Envoy's configuration |
| approximate | it is done, with the difference that is told |
| not needed | no client and no backend notices that it is not there |
| by hand | it is done when you have done what is told: a setting of Envoy's, or a script |
| lost | it is not done here |

A namespace that protects the API (`auth/*`, `security/*` but for `security/cors`, `validation/*`, `qos/*`, `governance/*`) and is not exact
here is refused when the configuration is loaded, until `ignore` of `envoy/lua-modifier` names it: that is your statement that it is done. Other things that are
by hand or lost are warnings. Namespaces of KrakenD's Enterprise edition are named like all others.
";

/// The text.
pub(crate) fn table() -> String {
    let mut text = HEAD.to_owned();
    for (title, level) in [
        ("Keys of the service", Level::Service),
        ("Keys of an endpoint", Level::Endpoint),
        ("Keys of an agent (`async_agent`)", Level::Agent),
        ("Keys of a backend", Level::Backend),
    ] {
        let mut rows = Vec::new();
        add(&mut rows, migration::keys(level), "");
        section(&mut text, title, &rows);
    }
    section_of_namespaces(&mut text);
    text
}

type Line = (String, String, String);

fn section(text: &mut String, title: &str, rows: &[Line]) {
    let _ = write!(text, "\n## {title}\n\n| key | state | words |\n| --- | --- | --- |\n"); // cannot fail
    rows.iter().for_each(|(name, state, words)| line(text, &[name, state, words]));
}

fn section_of_namespaces(text: &mut String) {
    text.push_str("\n## Namespaces\n\n| namespace, and its keys | in | state | words |\n| --- | --- | --- | --- |\n");
    for Namespace { levels, row } in migration::namespaces() {
        let levels: Vec<&str> = levels.iter().map(|level| level.name()).collect();
        let mut rows = Vec::new();
        add(&mut rows, std::slice::from_ref(row), "");
        for (number, (name, state, words)) in rows.iter().enumerate() {
            line(text, &[name, if number == 0 { levels.join(", ") } else { String::new() }.as_str(), state, words]);
        }
    }
    for name in ["telemetry/", "documentation/", "plugin/"] {
        if let Some(row) = migration::family(name) {
            line(text, &[&format!("any other `{name}*`"), "any", row.state.name(), row.words()]);
        }
    }
    line(
        text,
        &[
            "any other",
            "any",
            State::Lost.name(),
            "KrakenD has no namespace of this name: a plugin's own, or a misspelling",
        ],
    );
}

fn add(lines: &mut Vec<Line>, rows: &[Row], parent: &str) {
    for row in rows {
        let name = if parent.is_empty() { row.name.to_owned() } else { format!("{parent} {}", row.name) };
        let shown = if parent.is_empty() { format!("`{name}`") } else { format!("`{parent}` `{}`", row.name) };
        let state = |state: State| state.name().to_owned();
        match row.beyond {
            None => lines.push((shown, state(row.state), row.words().to_owned())),
            Some(beyond) => {
                lines.push((format!("{shown}: {}", beyond.served()), state(row.state), row.words().to_owned()));
                lines.push((format!("{shown}: others"), state(beyond.state), beyond.words.to_owned()));
            }
        }
        add(lines, row.keys, &name);
    }
}

fn line(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(text, "| {} |", cells.join(" | ")); // cannot fail
}

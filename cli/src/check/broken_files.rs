//! Files that scripts load and that do not compile. KrakenD compiles such a file only when a script loads it, and so does the
//! module: this file asks the module about each file that our own parser cannot read.

use std::collections::BTreeSet;

use host_sim::Module;

use super::finding::{Finding, Level};
use super::judge::judge_script;
use super::placing::{numbered, standing};
use super::texts::Texts;
use crate::Trouble;
use crate::document::Places;
use crate::lua::parse;

/// The files that have been looked at.
#[derive(Default)]
pub(super) struct BrokenFiles(BTreeSet<String>);

impl BrokenFiles {
    /// Looks at the files that a block loads.
    pub(super) fn look(
        &mut self,
        module: &Module,
        texts: &Texts<'_>,
        files: &[String],
        places: &Places<'_>,
    ) -> Result<Vec<Finding>, Trouble> {
        let mut findings = Vec::new();
        for name in files {
            let Some(text) = texts.file(name).filter(|text| self.0.insert(name.clone()) && parse(&text.code).is_none())
            else {
                continue;
            };
            // A first line that begins with `#` is not Lua, and is skipped.
            let code = if text.code.starts_with('#') { format!("--{}", text.code) } else { text.code.to_string() };
            let Some(what) = judge_script(module, name, &code)? else { continue };
            let (line, message) = numbered(&what).map_or((0, what), |(_, line, what)| (line, what));
            let span = if line == 0 { 0..text.code.len() } else { standing(&text, line, &message) };
            let (span, page) = (Some(text.on_page(&span, places)), text.page);
            findings.push(Finding { rule: "syntax", level: Level::Error, message, help: None, page, span });
        }
        Ok(findings)
    }
}

//! The manual as the tests read it: the README, the pages of `docs/`, and other pages that stand beside the sources. Knows Markdown as
//! far as these pages use it: fences, headings, links.

mod headings;
mod links;

use std::path::{Path, PathBuf};

use crate::repository;

pub use headings::anchors;
pub use links::links;

/// One page.
pub struct Page {
    /// Its path from the repository's root: `docs/start.md`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What stands between two fences.
pub struct Block<'a> {
    /// The words behind the first fence: `lua proxy`.
    pub info: &'a str,
    /// The lines between the fences.
    pub text: &'a str,
}

impl Page {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(repository::root()).unwrap().display().to_string();
        Self { name, text }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        repository::root().join(&self.name)
    }

    /// Its blocks of code, in order.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut rest = self.text.as_str();
        while let Some((_, behind)) = rest.split_once("\n```") {
            let (info, inside) = behind.split_once('\n').unwrap();
            let end = if inside.starts_with("```") { 0 } else { inside.find("\n```").expect("a fence that ends") + 1 };
            blocks.push(Block { info, text: &inside[..end] });
            rest = &inside[end + 3..];
        }
        blocks
    }

    /// Its text without blocks of code.
    pub fn prose(&self) -> String {
        let (mut prose, mut inside) = (String::new(), false);
        for line in self.text.lines() {
            if line.starts_with("```") {
                inside = !inside;
            } else if !inside {
                prose.push_str(line);
                prose.push('\n');
            }
        }
        prose
    }
}

/// The README and the pages of `docs/`: what users read.
pub fn pages() -> Vec<Page> {
    let mut pages = vec![Page::read(&repository::root().join("README.md"))];
    let docs = repository::files(&repository::root().join("docs"), "md");
    pages.extend(docs.iter().map(|path| Page::read(path)));
    assert!(pages.len() > 10, "where has the manual gone?");
    pages
}

/// Pages beside them, which are not executed.
pub fn other_pages() -> Vec<Page> {
    ["CONTRIBUTING.md", "CHANGELOG.md", "filter/c/README.md"]
        .map(|name| Page::read(&repository::root().join(name)))
        .into()
}

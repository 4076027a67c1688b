//! The anchors of a page: those that GitHub and mdBook make of its headings.

use std::collections::BTreeMap;

use super::Page;

/// The anchors of all headings.
pub fn anchors(page: &Page) -> Vec<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let prose = page.prose();
    let headings = prose
        .lines()
        .filter(|line| line.starts_with('#'))
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    let anchor = |heading: &str| {
        let anchor = anchor(heading);
        let before = seen.entry(anchor.clone()).or_default();
        *before += 1;
        if *before == 1 { anchor } else { format!("{anchor}-{}", *before - 1) }
    };
    headings.map(anchor).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|letter| letter.is_alphanumeric() || "-_ ".contains(*letter));
    kept.flat_map(char::to_lowercase).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[test]
fn anchors_are_those_of_github() {
    let text = "# `ctx`\n```sh\n# no heading\n```\n## Add a function, quickly\n## Add a function, quickly\n".to_owned();
    let page = Page { name: "x.md".to_owned(), text };
    assert_eq!(anchors(&page), ["ctx", "add-a-function-quickly", "add-a-function-quickly-1"]);
}

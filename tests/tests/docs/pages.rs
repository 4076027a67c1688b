//! The pages themselves: links, the table of contents, and the length of the README.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use tests::manual::{Page, anchors, links, other_pages, pages};
use tests::repository;

/// The largest number of words in the README: a longer one would be a manual.
const MOST_WORDS: usize = 1200;

fn all() -> Vec<Page> {
    pages().into_iter().chain(other_pages()).collect()
}

/// A path without `..` inside.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The fault of a link, if it has one.
fn fault(page: &Page, link: &str, anchors_of: &BTreeMap<PathBuf, Vec<String>>) -> Option<String> {
    if link.starts_with("https://") || link.starts_with("http://") {
        return None;
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let path = match file {
        "" => page.path(),
        file => plain(&page.path().parent().unwrap().join(file)),
    };
    if !path.starts_with(repository::root()) || !path.exists() {
        return Some(format!("{}: {link} leads nowhere", page.name));
    }
    let anchor = anchor?;
    match anchors_of.get(&path) {
        Some(known) if known.iter().any(|known| known == anchor) => None,
        Some(known) => Some(format!("{}: {link} has no such anchor, but {known:?}", page.name)),
        None => Some(format!("{}: {link} has an anchor in a file that is no page", page.name)),
    }
}

#[test]
fn no_link_is_dead() {
    let pages = all();
    let anchors_of: BTreeMap<PathBuf, Vec<String>> = pages.iter().map(|page| (page.path(), anchors(page))).collect();
    let faults: Vec<String> = pages
        .iter()
        .flat_map(|page| links(page).into_iter().filter_map(|link| fault(page, &link, &anchors_of)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let number: usize = pages.iter().map(|page| links(page).len()).sum();
    assert!(number > 100, "only {number} links were found");
}

#[test]
fn a_dead_link_and_an_unknown_anchor_are_seen() {
    let page = Page { name: "docs/start.md".to_owned(), text: String::new() };
    let anchors_of = BTreeMap::from([(page.path(), vec!["here".to_owned()])]);
    let is_dead = |link: &str| fault(&page, link, &anchors_of).is_some();
    assert!(
        !is_dead("#here") && !is_dead("start.md#here") && !is_dead("../README.md") && !is_dead("https://rustup.rs")
    );
    assert!(is_dead("#there") && is_dead("nowhere.md") && is_dead("../README.md#x") && is_dead("../../x"));
}

#[test]
fn the_book_has_every_page_once() {
    let pages = pages();
    let contents = pages.iter().find(|page| page.name == "docs/SUMMARY.md").unwrap();
    let mut listed: Vec<String> = links(contents).iter().map(|link| format!("docs/{link}")).collect();
    listed.sort();
    let mut there: Vec<String> = pages
        .iter()
        .map(|page| page.name.clone())
        .filter(|name| name.starts_with("docs/") && *name != contents.name)
        .collect();
    there.sort();
    assert_eq!(listed, there);
}

#[test]
fn the_readme_is_short() {
    let pages = pages();
    let words = pages[0].text.split_whitespace().count();
    assert!(
        words <= MOST_WORDS,
        "the README has {words} words; {MOST_WORDS} are the most. The rest belongs into docs/"
    );
}

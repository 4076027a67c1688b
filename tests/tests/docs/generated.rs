//! A part of a page that is made from another file, between two comments. `RECORD=1` writes it again.

use tests::manual::{Page, pages};

/// The page of this name.
pub(crate) fn page(name: &str) -> Page {
    pages().into_iter().find(|page| page.name == name).unwrap()
}

/// The text with another part between the comments `NAME: SOURCE` and `end of NAME`, made from the part that stands there.
pub(crate) fn with_part(text: &str, name: &str, source: &str, make: impl FnOnce(&str) -> String) -> String {
    let (begin, end) = (format!("<!-- {name}: {source} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = text.split_once(&begin).unwrap();
    let (shown, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{}{end}{after}", make(shown))
}

/// Holds that the page has this text, or writes it.
pub(crate) fn hold(page: &Page, text: &str, source: &str) {
    if std::env::var_os("RECORD").is_some() {
        std::fs::write(page.path(), text).unwrap();
    } else {
        assert!(text == page.text, "{} is not what {source} makes of it: RECORD=1 writes it anew", page.name);
    }
}

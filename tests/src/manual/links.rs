//! The links of a page.

use super::Page;

/// The targets of all links, in order.
pub fn links(page: &Page) -> Vec<String> {
    let prose = without_code(&page.prose());
    prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// A text whose spans of code are empty: what they show is no link.
fn without_code(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split('`').step_by(2).collect::<Vec<_>>().join("``"));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn what_code_shows_is_no_link() {
    let text = "See [here](a.md#b), `[not](c.md)`\nand [`there`](d.md).\n```text\n[no](e.md)\n```\n".to_owned();
    assert_eq!(links(&Page { name: "x.md".to_owned(), text }), ["a.md#b", "d.md"]);
}

//! The elements of a feed as a tree, each with its usual prefix and its text. Knows no kind of feed.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::text;
use crate::pipeline::format::xml::{Token, Tokens, Trust, XmlError};

/// Namespaces for which a feed may choose a prefix, with the usual prefix.
const KNOWN: [(&str, &str); 9] = [
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://purl.org/dc/terms/", "dcterms"),
    ("http://purl.org/rss/1.0/modules/content/", "content"),
    ("http://purl.org/rss/1.0/modules/syndication/", "sy"),
    ("http://purl.org/rss/1.0/modules/slash/", "slash"),
    ("http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes"),
    ("http://search.yahoo.com/mrss/", "media"),
    ("http://www.w3.org/2005/atom", "atom"),
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"),
];

/// Prefixes whose elements belong to the feed itself.
const OWN: [&str; 5] = ["", "rss", "rdf", "content", "feed"];

/// One element.
pub(super) struct Element {
    /// Empty if there is no prefix.
    pub(super) prefix: Rc<str>,
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Self>,
    /// The element's own text, without the text of its children.
    pub(super) plain: String,
    /// Everything between the element's tags, with references resolved; markup in it stays.
    inner: String,
}

impl Element {
    /// Reads the root of a document in UTF-8.
    pub(super) fn read(document: &[u8]) -> Result<Self, XmlError> {
        let mut tokens = Tokens::new(document, Trust::Lenient);
        let mut prefixes: BTreeMap<String, Rc<str>> = BTreeMap::new();
        let mut open: Vec<(Self, usize)> = Vec::new();
        // Elements within a text are markup of that text: they are read once, with the outermost text.
        let mut texts: usize = 0;
        loop {
            match tokens.next()? {
                Token::Start(name, attributes) => {
                    declare(&attributes, &mut prefixes);
                    let element = Self::new(&name, attributes, &prefixes);
                    texts = texts.saturating_add(usize::from(element.is_text()));
                    open.push((element, tokens.place().end));
                }
                Token::Text(text) => {
                    if let Some((element, _)) = open.last_mut() {
                        element.plain.push_str(&text);
                    }
                }
                Token::End => {
                    let Some((mut ended, start)) = open.pop() else { continue };
                    let is_text = ended.is_text();
                    if texts == usize::from(is_text) && (is_text || ended.children.is_empty()) {
                        let inner = document.get(start..tokens.place().start).unwrap_or_default();
                        ended.inner = text::resolved(&String::from_utf8_lossy(inner));
                    }
                    texts = texts.saturating_sub(usize::from(is_text));
                    match open.last_mut() {
                        Some((parent, _)) if texts == 0 => parent.children.push(ended),
                        Some(_) => {}
                        None => return Ok(ended),
                    }
                }
            }
        }
    }

    fn new(name: &str, attributes: Vec<(String, String)>, prefixes: &BTreeMap<String, Rc<str>>) -> Self {
        let (prefix, name) = name.split_once(':').unwrap_or(("", name));
        let prefix = prefixes.get(prefix).cloned().unwrap_or_else(|| Rc::from(prefix));
        let (children, plain, inner) = (Vec::new(), String::new(), String::new());
        Self { prefix, name: name.to_owned(), attributes, children, plain, inner }
    }

    /// Does the element belong to another vocabulary than the feed's own?
    pub(super) fn is_extension(&self) -> bool {
        !OWN.contains(&&*self.prefix)
    }

    fn is_text(&self) -> bool {
        const TEXTS: [&str; 8] =
            ["title", "description", "encoded", "content", "summary", "subtitle", "rights", "tagline"];
        !self.is_extension() && TEXTS.iter().any(|text| self.name.eq_ignore_ascii_case(text))
    }

    /// An attribute's value; empty if there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| local(key).eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The children of this name that belong to the feed itself.
    pub(super) fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Self> + use<'a, 'n> {
        self.children.iter().filter(move |child| !child.is_extension() && child.name.eq_ignore_ascii_case(name))
    }

    /// The text of the last child of this name; empty if there is none.
    pub(super) fn text_of<'a>(&'a self, name: &str) -> &'a str {
        self.all(name).last().map(Self::text).unwrap_or_default()
    }

    /// The text between the element's tags.
    pub(super) fn text(&self) -> &str {
        &self.inner
    }
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

// A declaration counts for the whole feed: feeds do not declare a prefix twice with two meanings.
fn declare(attributes: &[(String, String)], prefixes: &mut BTreeMap<String, Rc<str>>) {
    for (name, space) in attributes {
        let Some(prefix) = name.strip_prefix("xmlns:") else { continue };
        if let Some((_, known)) = KNOWN.iter().find(|(uri, _)| uri.eq_ignore_ascii_case(space.trim())) {
            prefixes.insert(prefix.to_owned(), Rc::from(*known));
        }
    }
}

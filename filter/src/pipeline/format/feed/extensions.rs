//! Elements of other vocabularies in a feed: all of them as they are, and Dublin Core and iTunes by their fields. Knows no kind
//! of feed.

use std::collections::BTreeMap;

use super::element::{Element, local};
use super::fields::Fields;
use super::person::named;
use crate::data::{Str, Table, Value};

const DUBLIN_CORE: [&str; 16] = [
    "title",
    "creator",
    "author",
    "subject",
    "description",
    "publisher",
    "contributor",
    "date",
    "type",
    "format",
    "identifier",
    "source",
    "language",
    "relation",
    "coverage",
    "rights",
];

/// Names in a feed, and in the feed's JSON.
const ITUNES: [(&str, &str); 16] = [
    ("author", "author"),
    ("block", "block"),
    ("duration", "duration"),
    ("explicit", "explicit"),
    ("keywords", "keywords"),
    ("title", "title"),
    ("subtitle", "subtitle"),
    ("summary", "summary"),
    ("complete", "complete"),
    ("new-feed-url", "newFeedUrl"),
    ("type", "type"),
    ("isClosedCaptioned", "isClosedCaptioned"),
    ("episode", "episode"),
    ("season", "season"),
    ("order", "order"),
    ("episodeType", "episodeType"),
];

/// The elements of other vocabularies in one element.
pub(super) struct Extensions<'a>(Vec<&'a Element>);

impl<'a> Extensions<'a> {
    /// The extensions of a channel or an item.
    pub(super) fn of(element: &'a Element) -> Self {
        Self(element.children.iter().filter(|child| child.is_extension()).collect())
    }

    /// The elements of one name, in their order.
    pub(super) fn all(&self, prefix: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.0.iter().copied().filter(move |element| &*element.prefix == prefix && element.name == name)
    }

    /// The text of the first element of one name; empty if there is none.
    pub(super) fn text(&self, prefix: &'a str, name: &'a str) -> &'a str {
        self.all(prefix, name).next().map(|element| element.plain.trim()).unwrap_or_default()
    }

    /// The author, for feeds whose own elements do not name one.
    pub(super) fn author(&self) -> Option<Value> {
        let texts = [self.text("dc", "author"), self.text("dc", "creator"), self.text("itunes", "author")];
        texts.into_iter().find(|text| !text.is_empty()).map(named)
    }

    /// Keywords and subjects, which follow the feed's own categories.
    pub(super) fn categories(&self) -> Vec<Value> {
        let keywords = self.text("itunes", "keywords");
        let keywords = keywords.split(',').filter(|_| !keywords.is_empty()).map(Value::from);
        let named = self.all("itunes", "category").flat_map(|category| {
            let inner = category.children.iter().filter(|child| child.name == "category").take(1);
            std::iter::once(category).chain(inner).map(|category| Value::from(category.attribute("text")))
        });
        keywords
            .chain(named)
            .chain(self.all("dc", "subject").map(|subject| Value::from(subject.plain.trim())))
            .collect()
    }

    /// The picture that iTunes shows.
    pub(super) fn image(&self) -> Option<Value> {
        let href = self.all("itunes", "image").next()?.attribute("href");
        let mut image = Fields::default();
        image.text("url", href);
        (!image.is_empty()).then(|| image.into_value())
    }

    /// Adds `dcExt`, `itunesExt` and `extensions`.
    pub(super) fn add_to(&self, fields: &mut Fields) {
        let mut dublin = Fields::default();
        for name in DUBLIN_CORE {
            dublin.list(name, self.all("dc", name).map(|element| Value::from(element.plain.trim())).collect());
        }
        let mut itunes = Fields::default();
        for (name, key) in ITUNES {
            itunes.text(key, self.text("itunes", name));
        }
        itunes
            .text("image", self.all("itunes", "image").next().map(|image| image.attribute("href")).unwrap_or_default());
        for (key, part) in [("dcExt", dublin), ("itunesExt", itunes)] {
            if !part.is_empty() {
                fields.always(key, part.into_value());
            }
        }
        if !self.0.is_empty() {
            fields.always("extensions", self.by_prefix());
        }
    }

    fn by_prefix(&self) -> Value {
        let mut spaces: BTreeMap<&str, Vec<&Element>> = BTreeMap::new();
        for element in &self.0 {
            spaces.entry(&element.prefix).or_default().push(element);
        }
        let space = |(prefix, elements): (&str, Vec<&Element>)| (Str::from(prefix), by_name(elements.into_iter()));
        Value::Table(spaces.into_iter().map(space).collect())
    }
}

fn by_name<'a>(elements: impl Iterator<Item = &'a Element>) -> Value {
    let mut names: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for element in elements {
        names.entry(&element.name).or_default().push(whole(element));
    }
    Value::Table(names.into_iter().map(|(name, list)| (Str::from(name), Value::List(list.into()))).collect())
}

fn whole(element: &Element) -> Value {
    let attribute = |(name, value): &(String, String)| (Str::from(local(name)), Value::from(value.as_str()));
    let mut fields = Fields::default();
    fields.always("name", Value::from(element.name.as_str()));
    fields.always("value", Value::from(element.plain.trim()));
    let attributes: Table = element.attributes.iter().map(attribute).collect();
    fields.always("attrs", Value::Table(attributes));
    fields.always("children", by_name(element.children.iter()));
    fields.into_value()
}

//! Atom: a feed and its entries.

use super::contents::Feed;
use super::date::utc;
use super::element::Element;
use super::extensions::Extensions;
use super::fields::Fields;
use super::person::person;
use crate::data::Value;

/// Reads the feed of a root `feed`.
pub(super) fn read(root: &Element) -> Feed {
    let mut fields = Fields::default();
    fields.text("title", root.text_of("title"));
    fields.text("description", first(root, &["subtitle", "tagline"]));
    fields.text("language", root.attribute("lang"));
    fields.text("copyright", first(root, &["rights", "copyright"]));
    fields.text("updated", first(root, &["updated", "modified"]));
    fields.maybe("author", authors(root).into_iter().next());
    fields.list("categories", categories(root));
    let logo = root.text_of("logo");
    if !logo.is_empty() {
        let mut image = Fields::default();
        image.text("url", logo);
        fields.always("image", image.into_value());
    }
    Feed { kind: "atom", fields: fields.into_table(), items: root.all("entry").map(entry).collect() }
}

fn entry(entry: &Element) -> Value {
    let mut fields = Fields::default();
    fields.text("title", entry.text_of("title"));
    fields.text("description", entry.text_of("summary"));
    fields.text("content", entry.text_of("content"));
    let relation = |link: &Element| link.attribute("rel").to_owned();
    let alternate = entry.all("link").find(|link| matches!(relation(link).as_str(), "" | "alternate"));
    fields.text("link", alternate.map(|link| link.attribute("href")).unwrap_or_default());
    let links = entry.all("link").filter(|link| matches!(relation(link).as_str(), "" | "alternate" | "self"));
    fields.list("links", links.map(|link| Value::from(link.attribute("href"))).collect());
    let updated = first(entry, &["updated", "modified"]);
    fields.date("updated", updated, utc(updated));
    let own = first(entry, &["published", "issued"]);
    let published = if own.is_empty() { updated } else { own };
    fields.date("published", published, utc(published));
    let authors = authors(entry);
    fields.maybe("author", authors.first().cloned());
    fields.list("authors", authors);
    fields.text("guid", entry.text_of("id"));
    fields.list("categories", categories(entry));
    let enclosures = entry.all("link").filter(|link| relation(link) == "enclosure");
    fields.list("enclosures", enclosures.map(enclosure).collect());
    Extensions::of(entry).add_to(&mut fields);
    fields.into_value()
}

fn first<'a>(element: &'a Element, names: &[&str]) -> &'a str {
    names.iter().map(|name| element.text_of(name)).find(|text| !text.is_empty()).unwrap_or_default()
}

fn authors(element: &Element) -> Vec<Value> {
    element.all("author").map(|author| person(author.text_of("name"), author.text_of("email"))).collect()
}

fn categories(element: &Element) -> Vec<Value> {
    element.all("category").map(|category| Value::from(category.attribute("term"))).collect()
}

fn enclosure(link: &Element) -> Value {
    let mut fields = Fields::default();
    fields.text("url", link.attribute("href"));
    fields.text("length", link.attribute("length"));
    fields.text("type", link.attribute("type"));
    fields.into_value()
}

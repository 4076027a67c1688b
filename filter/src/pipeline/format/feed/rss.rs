//! RSS and RDF: a channel and its items.

use super::contents::Feed;
use super::date::utc;
use super::element::Element;
use super::extensions::Extensions;
use super::fields::Fields;
use super::person::named;
use crate::data::{Str, Table, Value};

/// The elements of an item with a known meaning; any other is kept under `custom`.
const KNOWN: [&str; 11] = [
    "title",
    "description",
    "encoded",
    "link",
    "author",
    "comments",
    "pubdate",
    "source",
    "enclosure",
    "guid",
    "category",
];

/// Reads the feed of a root `rss` or `RDF`.
pub(super) fn read(root: &Element) -> Feed {
    let channel = root.all("channel").last();
    let inner = channel.into_iter().flat_map(|channel| channel.all("item"));
    let items = inner.chain(root.all("item")).map(item).collect();
    let mut fields = Fields::default();
    if let Some(channel) = channel {
        add_channel(channel, &mut fields);
    }
    // In RDF, the image stands beside the channel.
    let images = root.all("image").chain(channel.into_iter().flat_map(|channel| channel.all("image")));
    fields.maybe("image", images.map(image).next());
    Feed { kind: "rss", fields: fields.into_table(), items }
}

fn add_channel(channel: &Element, fields: &mut Fields) {
    let more = Extensions::of(channel);
    let or = |own: &'_ str, other: &'_ str| if own.is_empty() { other.to_owned() } else { own.to_owned() };
    fields.text("title", &or(channel.text_of("title"), more.text("dc", "title")));
    fields.text("description", channel.text_of("description"));
    fields.text("language", &or(channel.text_of("language"), more.text("dc", "language")));
    fields.text("copyright", &or(channel.text_of("copyright"), more.text("dc", "rights")));
    fields.text("published", channel.text_of("pubdate"));
    fields.text("updated", &or(channel.text_of("lastbuilddate"), more.text("dc", "date")));
    let editors = [channel.text_of("managingeditor"), channel.text_of("webmaster")];
    let author = editors.into_iter().find(|editor| !editor.is_empty()).map(named);
    fields.maybe("author", author.or_else(|| more.author()));
    fields.list("categories", categories(channel, &more));
    if channel.all("image").next().is_none() {
        fields.maybe("image", more.image());
    }
}

fn image(image: &Element) -> Value {
    let mut fields = Fields::default();
    fields.text("url", image.text_of("url"));
    fields.text("title", image.text_of("title"));
    fields.into_value()
}

fn categories(element: &Element, more: &Extensions<'_>) -> Vec<Value> {
    element.all("category").map(|category| Value::from(category.text())).chain(more.categories()).collect()
}

fn item(item: &Element) -> Value {
    let more = Extensions::of(item);
    let first = |own: &'_ str, other: &'_ str| if own.is_empty() { other.to_owned() } else { own.to_owned() };
    let mut fields = Fields::default();
    fields.text("title", &first(item.text_of("title"), more.text("dc", "title")));
    fields.text("description", &first(item.text_of("description"), more.text("dc", "description")));
    fields.text("content", item.text_of("encoded"));
    let link = item.text_of("link");
    fields.text("link", link);
    fields.list("links", Some(link).filter(|link| !link.is_empty()).map(Value::from).into_iter().collect());
    let published = first(item.text_of("pubdate"), more.text("dc", "date"));
    fields.date("published", &published, utc(&published));
    let author = Some(item.text_of("author")).filter(|author| !author.is_empty()).map(named).or_else(|| more.author());
    fields.list("authors", author.iter().cloned().collect());
    fields.maybe("author", author);
    fields.text("guid", item.text_of("guid"));
    fields.maybe("image", more.image());
    fields.list("categories", categories(item, &more));
    fields.list("enclosures", item.all("enclosure").last().map(enclosure).into_iter().collect());
    more.add_to(&mut fields);
    let is_custom =
        |child: &&Element| !child.is_extension() && !KNOWN.contains(&child.name.to_ascii_lowercase().as_str());
    let custom = item.children.iter().filter(is_custom);
    let custom: Table =
        custom.map(|child| (Str::from(child.name.to_ascii_lowercase()), Value::from(child.text()))).collect();
    if !custom.is_empty() {
        fields.always("custom", Value::Table(custom));
    }
    fields.into_value()
}

fn enclosure(enclosure: &Element) -> Value {
    let mut fields = Fields::default();
    for key in ["url", "length", "type"] {
        fields.text(key, enclosure.attribute(key));
    }
    fields.into_value()
}

//! JSON Feed: a feed as a JSON document.

use super::contents::Feed;
use super::date::utc;
use super::fields::Fields;
use super::person::named;
use crate::data::{ParseError, Table, Value, parse};

/// Reads the feed of a body; `None` if the body is not an object.
///
/// # Errors
/// The body is not JSON.
pub(super) fn read(body: Vec<u8>) -> Result<Option<Feed>, ParseError> {
    let Value::Table(root) = parse(body)? else { return Ok(None) };
    let items = tables(&root, "items");
    let mut fields = Fields::default();
    for key in ["title", "description", "language"] {
        fields.text(key, &text(&root, key));
    }
    if let Some(first) = items.first() {
        fields.text("published", &text(first, "date_published"));
        fields.text("updated", &text(first, "date_modified"));
    }
    fields.maybe("author", author(&root));
    fields.maybe("image", image(&text(&root, "icon")));
    Ok(Some(Feed { kind: "json", fields: fields.into_table(), items: items.iter().map(item).collect() }))
}

fn item(item: &Table) -> Value {
    let mut fields = Fields::default();
    let first =
        |keys: [&str; 2]| keys.iter().map(|key| text(item, key)).find(|text| !text.is_empty()).unwrap_or_default();
    fields.text("guid", &text(item, "id"));
    fields.text("title", &text(item, "title"));
    fields.text("description", &text(item, "summary"));
    fields.text("content", &first(["content_html", "content_text"]));
    fields.text("link", &text(item, "url"));
    let links = [text(item, "url"), text(item, "external_url")];
    fields.list("links", links.iter().filter(|link| !link.is_empty()).map(|link| Value::from(link.as_str())).collect());
    for (key, from) in [("published", "date_published"), ("updated", "date_modified")] {
        let written = text(item, from);
        fields.date(key, &written, utc(&written));
    }
    let authors: Vec<Value> = tables(item, "authors").iter().map(|author| named(&text(author, "name"))).collect();
    let author = author(item);
    fields.list("authors", if authors.is_empty() { author.iter().cloned().collect() } else { authors });
    fields.maybe("author", author);
    fields.maybe("image", image(&first(["image", "banner_image"])));
    if let Some(Value::List(tags)) = item.get(b"tags") {
        fields.list("categories", tags.items());
    }
    fields.list("enclosures", tables(item, "attachments").iter().map(enclosure).collect());
    fields.into_value()
}

fn author(table: &Table) -> Option<Value> {
    match table.get(b"author") {
        Some(Value::Table(author)) => Some(named(&text(&author, "name"))),
        _ => None,
    }
}

fn image(url: &str) -> Option<Value> {
    let mut image = Fields::default();
    image.text("url", url);
    (!image.is_empty()).then(|| image.into_value())
}

fn enclosure(attachment: &Table) -> Value {
    let mut fields = Fields::default();
    fields.text("url", &text(attachment, "url"));
    fields.text("type", &text(attachment, "mime_type"));
    if let Some(Value::Number(size)) = attachment.get(b"size_in_bytes") {
        let mut digits = Vec::new();
        size.write(&mut digits);
        fields.text("length", &String::from_utf8_lossy(&digits));
    }
    fields.into_value()
}

fn text(table: &Table, key: &str) -> String {
    match table.get(key.as_bytes()) {
        Some(Value::String(text)) => text.to_text().into_owned(),
        _ => String::new(),
    }
}

fn tables(table: &Table, key: &str) -> Vec<Table> {
    let Some(Value::List(list)) = table.get(key.as_bytes()) else { return Vec::new() };
    let is_table = |item| match item {
        Value::Table(table) => Some(table),
        _ => None,
    };
    list.items().into_iter().filter_map(is_table).collect()
}

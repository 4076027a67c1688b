//! `encoding: rss`: a feed (RSS 0.9 to 2.0, RDF, Atom, JSON Feed) as the table that krakend-rss makes from gofeed's result.
//! gofeed guesses at broken XML and at dates in a hundred forms; this reads only the documented forms.

mod atom;
mod contents;
mod date;
mod element;
mod extensions;
mod fields;
mod json_feed;
mod person;
mod rss;
mod text;

use super::xml::{XmlError, to_utf8};
use crate::data::{ParseError, Table, Value};
use contents::Feed;
use element::Element;
use fields::Fields;

/// Why a body is not a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FeedError {
    Xml(XmlError),
    Json(ParseError),
    /// The body is neither RSS nor Atom nor a JSON Feed.
    Unknown,
}

/// Reads a feed.
///
/// # Errors
/// [`FeedError`].
pub(super) fn read(body: Vec<u8>) -> Result<Table, FeedError> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf));
    if first == Some(&b'{') {
        let feed = json_feed::read(body).map_err(FeedError::Json)?;
        return Ok(table(&feed.ok_or(FeedError::Unknown)?));
    }
    let text = to_utf8(&body).map_err(FeedError::Xml)?;
    let root = Element::read(&text).map_err(FeedError::Xml)?;
    match root.name.to_ascii_lowercase().as_str() {
        "rss" | "rdf" => Ok(table(&rss::read(&root))),
        "feed" => Ok(table(&atom::read(&root))),
        _ => Err(FeedError::Unknown),
    }
}

/// The keys that krakend-rss gives the client: always all of them, except for the image.
fn table(feed: &Feed) -> Table {
    const TEXTS: [&str; 6] = ["copyright", "description", "language", "title", "published", "updated"];
    let mut fields = Fields::default();
    for key in TEXTS {
        fields.always(key, feed.fields.get(key.as_bytes()).unwrap_or_else(|| Value::from("")));
    }
    for key in ["author", "categories", "custom"] {
        fields.always(key, feed.fields.get(key.as_bytes()).unwrap_or_default());
    }
    fields.always("type", Value::from(feed.kind));
    fields.always("items", Value::List(feed.items.clone().into()));
    if let Some(Value::Table(image)) = feed.fields.get(b"image") {
        fields.always("img_url", image.get(b"url").unwrap_or_else(|| Value::from("")));
    }
    fields.into_table()
}

impl std::fmt::Display for FeedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Xml(error) => error.fmt(f),
            Self::Json(error) => error.fmt(f),
            Self::Unknown => f.write_str("the body is no feed: neither RSS nor Atom nor a JSON Feed"),
        }
    }
}

#[cfg(test)]
mod tests;

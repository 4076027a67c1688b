//! How responses are read and answers written: the values of `encoding` and `output_encoding`. Knows their names and which
//! encodings this build has, and no bytes.

use super::reader::{Node, Result, listed, quoted};

/// How a response body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A JSON object (or a list, with `is_collection`).
    Json,
    /// JSON of any kind: lists go to `collection`, scalars to `content`.
    SafeJson,
    /// Text, which goes to `content`.
    String,
    /// Not read.
    NoOp,
    /// An XML document (under `collection`, with `is_collection`).
    Xml,
    /// A feed: RSS, Atom or JSON Feed.
    Rss,
    /// A YAML mapping (or a sequence, with `is_collection`).
    Yaml,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputEncoding {
    /// The data as a JSON object.
    Json,
    /// The data's `collection` as a JSON list.
    JsonCollection,
    /// The data's `content` as text.
    String,
    /// As the client's `Accept` says.
    Negotiate,
    /// The backend's response as it is.
    NoOp,
    /// The data as an XML document.
    Xml,
    /// The data as a YAML document.
    Yaml,
}

const INPUTS: [(&str, Encoding); 8] = [
    ("json", Encoding::Json),
    ("no-op", Encoding::NoOp),
    ("string", Encoding::String),
    ("safejson", Encoding::SafeJson),
    ("fast-json", Encoding::Json), // KrakenD's faster decoder of the same thing
    ("xml", Encoding::Xml),
    ("rss", Encoding::Rss),
    ("yaml", Encoding::Yaml),
];
const OUTPUTS: [(&str, OutputEncoding); 8] = [
    ("json", OutputEncoding::Json),
    ("json-collection", OutputEncoding::JsonCollection),
    ("string", OutputEncoding::String),
    ("negotiate", OutputEncoding::Negotiate),
    ("no-op", OutputEncoding::NoOp),
    ("fast-json", OutputEncoding::Json), // KrakenD's faster encoder of the same thing
    ("xml", OutputEncoding::Xml),
    ("yaml", OutputEncoding::Yaml),
];

impl Encoding {
    fn is_built_in(self) -> bool {
        match self {
            Self::Xml => cfg!(feature = "xml"),
            Self::Rss => cfg!(feature = "rss"),
            Self::Yaml => cfg!(feature = "yaml"),
            Self::Json | Self::SafeJson | Self::String | Self::NoOp => true,
        }
    }
}

impl OutputEncoding {
    /// Whether this build can write this encoding.
    #[must_use]
    pub fn is_built_in(self) -> bool {
        match self {
            Self::Xml => cfg!(feature = "xml"),
            Self::Yaml => cfg!(feature = "yaml"),
            Self::Json | Self::JsonCollection | Self::String | Self::Negotiate | Self::NoOp => true,
        }
    }
}

/// How a backend's response is read; `output` is the encoding of its endpoint.
pub(super) fn encoding_at(node: &Node<'_>, output: OutputEncoding) -> Result<Encoding> {
    let mut encoding = Encoding::Json;
    if let Some(node) = node.get("encoding") {
        let name = node.text()?;
        let known = || listed(INPUTS.iter().filter(|(_, encoding)| encoding.is_built_in()).map(|(name, _)| *name));
        match INPUTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, found)) if found.is_built_in() => encoding = *found,
            Some(_) => return Err(not_built_in(&node, name, &known())),
            None if name.is_empty() => {}
            None => return Err(node.error(format!("unknown encoding {} (known: {})", quoted(name), known()))),
        }
    }
    // KrakenD: if an endpoint passes responses on unread (no-op), so does its backend.
    Ok(if output == OutputEncoding::NoOp { Encoding::NoOp } else { encoding })
}

/// How an endpoint's answer is written; `None` if the document does not say it.
pub(super) fn output_encoding_at(node: &Node<'_>) -> Result<Option<OutputEncoding>> {
    let Some(node) = node.get("output_encoding") else { return Ok(None) };
    let name = node.text()?;
    let known = || listed(OUTPUTS.iter().filter(|(_, encoding)| encoding.is_built_in()).map(|(name, _)| *name));
    match OUTPUTS.iter().find(|(known, _)| *known == name) {
        Some((_, encoding)) if encoding.is_built_in() => Ok(Some(*encoding)),
        Some(_) => Err(not_built_in(&node, name, &known())),
        None if name.is_empty() => Ok(None),
        None => Err(node.error(format!("unknown encoding {} (known: {})", quoted(name), known()))),
    }
}

fn not_built_in(node: &Node<'_>, name: &str, known: &str) -> super::reader::ConfigError {
    let name = quoted(name);
    node.error(format!("encoding {name} is not supported here (supported: {known}): this build is without it"))
}

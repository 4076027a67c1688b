//! How responses are read and answers written: the values of `encoding` and `output_encoding`. Knows their names, and no
//! bytes.

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
}

const INPUTS: [(&str, Encoding); 5] = [
    ("json", Encoding::Json),
    ("no-op", Encoding::NoOp),
    ("string", Encoding::String),
    ("safejson", Encoding::SafeJson),
    ("fast-json", Encoding::Json), // KrakenD's faster decoder of the same thing
];
const OUTPUTS: [(&str, OutputEncoding); 6] = [
    ("json", OutputEncoding::Json),
    ("json-collection", OutputEncoding::JsonCollection),
    ("string", OutputEncoding::String),
    ("negotiate", OutputEncoding::Negotiate),
    ("no-op", OutputEncoding::NoOp),
    ("fast-json", OutputEncoding::Json), // KrakenD's faster encoder of the same thing
];

/// How a backend's response is read; `output` is the encoding of its endpoint.
pub(super) fn encoding_at(node: &Node<'_>, output: OutputEncoding) -> Result<Encoding> {
    let mut encoding = Encoding::Json;
    if let Some(node) = node.get("encoding") {
        let name = node.text()?;
        let known = || listed(INPUTS.iter().map(|(name, _)| *name));
        match INPUTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, found)) => encoding = *found,
            None if name.is_empty() => {}
            None if matches!(name.to_ascii_lowercase().as_str(), "xml" | "rss" | "yaml") => {
                return Err(node.error(format!(
                    "encoding {} is not supported here (supported: {})",
                    quoted(name),
                    known()
                )));
            }
            None => return Err(node.error(format!("unknown encoding {} (known: {})", quoted(name), known()))),
        }
    }
    // KrakenD: an endpoint that hands responses through makes its backend do so, too.
    Ok(if output == OutputEncoding::NoOp { Encoding::NoOp } else { encoding })
}

/// How an endpoint's answer is written; `None` where the document does not say.
pub(super) fn output_encoding_at(node: &Node<'_>) -> Result<Option<OutputEncoding>> {
    let Some(node) = node.get("output_encoding") else { return Ok(None) };
    let name = node.text()?;
    let known = || listed(OUTPUTS.iter().map(|(name, _)| *name));
    match OUTPUTS.iter().find(|(known, _)| *known == name) {
        Some((_, encoding)) => Ok(Some(*encoding)),
        None if name.is_empty() => Ok(None),
        None if matches!(name, "xml" | "yaml") => {
            Err(node.error(format!("encoding {} is not supported here (supported: {})", quoted(name), known())))
        }
        None => Err(node.error(format!("unknown encoding {} (known: {})", quoted(name), known()))),
    }
}

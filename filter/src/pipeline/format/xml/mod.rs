//! XML in both directions, in the form that KrakenD's krakend-xml takes from mxj: attributes are keys that begin with `-`, text
//! beside them is `#text`, elements with the same name are a list. Knows no feeds.

mod charset;
mod letters;
mod read;
mod single_byte;
mod tokens;
mod write;

pub(super) use read::read;
pub(super) use tokens::{Token, Tokens, Trust, XmlError, to_utf8};
pub(super) use write::write;

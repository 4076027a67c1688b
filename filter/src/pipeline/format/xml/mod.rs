//! XML in both directions, as KrakenD's krakend-xml has it from mxj: attributes are keys that begin with `-`, text beside them is
//! `#text`, elements of one name are a list. Knows no feeds.

mod charset;
mod letters;
mod read;
mod single_byte;
mod tokens;
mod write;

pub(super) use read::read;
pub(super) use tokens::{Token, Tokens, Trust, XmlError, to_utf8};
pub(super) use write::write;

//! Charsets by the labels of the web's Encoding Standard, which Go's html/charset knows as well. Charsets with one byte for a
//! letter always work; all others need the feature `charsets`. Knows nothing of XML.

use super::single_byte;

/// The text in UTF-8; `None` for a label that this build does not know. A byte without a letter becomes U+FFFD.
pub(super) fn decode(label: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let label = std::str::from_utf8(label).ok()?.trim().to_ascii_lowercase();
    single_byte::decode(&label, text).or_else(|| of_more_bytes(&label, text)).map(String::into_bytes)
}

#[cfg(feature = "charsets")]
fn of_more_bytes(label: &str, text: &[u8]) -> Option<String> {
    let charset = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
    Some(charset.decode_without_bom_handling(text).0.into_owned())
}

#[cfg(not(feature = "charsets"))]
fn of_more_bytes(_label: &str, _text: &[u8]) -> Option<String> {
    None
}

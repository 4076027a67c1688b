//! Other charsets than UTF-8, by the labels of the web's Encoding Standard, which Go's html/charset knows as well. Knows nothing of XML.

use encoding_rs::Encoding;

/// The text in UTF-8; none for a label that nobody knows. What a charset has no letter for becomes U+FFFD.
pub(super) fn decode(label: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let charset = Encoding::for_label_no_replacement(label)?;
    let (decoded, _) = charset.decode_without_bom_handling(text);
    Some(decoded.into_owned().into_bytes())
}

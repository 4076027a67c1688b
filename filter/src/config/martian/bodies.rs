//! `body.Modifier` and `status.Modifier`: a new body for a message, and a response's status.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::headers::value_at;
use super::modifier::{Martian, Modifier};
use super::reading::Reading;
use crate::config::reader::{Node, Result};

/// As Go's `encoding/json` reads bytes: with padding, and without a check of unused bits.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

pub(super) fn set(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let content_type = value_at(node, "contentType")?;
    let bytes = match node.get("body") {
        Some(body) => {
            let mut text = body.text()?.to_owned();
            text.retain(|letter| !matches!(letter, '\r' | '\n'));
            BASE64
                .decode(text)
                .map_err(|error| body.error(format!("must be written in base64, with its padding: {error}")))?
        }
        None => Vec::new(),
    };
    let limit = reading.bounds.body_bytes;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        let what = format!("has {} bytes, and a body may have {limit} (limits.body_bytes)", bytes.len());
        return Err(node.error_at("body", what));
    }
    let modifier = Modifier::SetBody { content_type, bytes: bytes.into() };
    Ok(Martian { on_request: Some(modifier.clone()), on_response: Some(modifier) })
}

pub(super) fn set_status(node: &Node<'_>, _: &mut Reading<'_>) -> Result<Martian> {
    let code =
        node.get("statusCode").ok_or_else(|| node.error_at("statusCode", "is missing: the status of responses"))?;
    let status = u16::try_from(code.count()?).ok().filter(|status| (200..=599).contains(status));
    let status = status.ok_or_else(|| code.error("must be a status from 200 to 599"))?;
    Ok(Martian { on_request: None, on_response: Some(Modifier::SetStatus(status)) })
}

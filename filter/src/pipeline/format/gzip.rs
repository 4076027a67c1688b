//! Bodies that an upstream compresses although the request did not ask for it: like KrakenD, this reads gzip.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::http::{Body, Response, names};
use crate::pipeline::failure::Failure;

/// The body as it was before compression; at most `limit` bytes of it.
pub(crate) fn inflate(response: Response, limit: u64) -> Result<Vec<u8>, Failure> {
    let body = match response.body {
        Body::Bytes(body) => body,
        Body::Absent | Body::Unread => Vec::new(),
    };
    if response.headers.get(names::CONTENT_ENCODING) != Some(b"gzip".as_slice()) {
        return Ok(body);
    }
    let mut plain = Vec::new();
    let one_too_many = limit.saturating_add(1);
    MultiGzDecoder::new(body.as_slice())
        .take(one_too_many)
        .read_to_end(&mut plain)
        .map_err(|error| Failure::Upstream { message: format!("gzip: {error}") })?;
    match u64::try_from(plain.len()) {
        Ok(length) if length <= limit => Ok(plain),
        _ => Err(Failure::TooLarge { of_request: false, limit }),
    }
}

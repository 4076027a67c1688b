//! The media type of a body that has no `Content-Type`. Reads it from the body's first bytes like Go's
//! `http.DetectContentType`, but only for what a gateway's error messages and scripted bodies can be: text, HTML, XML, PDF, or
//! other bytes.

/// The media type; text unless the bytes say otherwise.
pub fn sniff(body: &[u8]) -> &'static str {
    let head = body.get(..512).unwrap_or(body);
    let text = head.trim_ascii_start();
    if HTML.iter().any(|tag| starts_with_tag(text, tag)) {
        return "text/html; charset=utf-8";
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    if let Some((_, kind)) = SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return kind;
    }
    if head.iter().any(|byte| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31)) {
        return "application/octet-stream";
    }
    "text/plain; charset=utf-8"
}

const HTML: [&str; 17] = [
    "<!DOCTYPE HTML",
    "<HTML",
    "<HEAD",
    "<SCRIPT",
    "<IFRAME",
    "<H1",
    "<DIV",
    "<FONT",
    "<TABLE",
    "<A",
    "<STYLE",
    "<TITLE",
    "<B",
    "<BODY",
    "<BR",
    "<P",
    "<!--",
];

const SIGNATURES: [(&[u8], &str); 8] = [
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\xEF\xBB\xBF", "text/plain; charset=utf-8"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\r\n\x1A\n", "image/png"),
    (b"\xFF\xD8\xFF", "image/jpeg"),
    (b"\x1F\x8B\x08", "application/x-gzip"),
];

// A tag counts only when a space or `>` ends it, except for a comment.
fn starts_with_tag(text: &[u8], tag: &str) -> bool {
    let Some((head, rest)) = text.split_at_checked(tag.len()) else { return false };
    let ends = tag == "<!--" || matches!(rest.first(), Some(b' ' | b'>'));
    head.eq_ignore_ascii_case(tag.as_bytes()) && ends
}

#[cfg(test)]
mod tests {
    use super::sniff;

    #[test]
    fn the_first_bytes_tell_the_media_type() {
        let table: [(&[u8], &str); 6] = [
            (b"boom", "text/plain; charset=utf-8"),
            (b"  <html><body>", "text/html; charset=utf-8"),
            (b"<apple>", "text/plain; charset=utf-8"),
            (b"<?xml version='1.0'?>", "text/xml; charset=utf-8"),
            (b"a\0b", "application/octet-stream"),
            (b"", "text/plain; charset=utf-8"),
        ];
        for (body, kind) in table {
            assert_eq!(sniff(body), kind, "{}", String::from_utf8_lossy(body));
        }
    }
}

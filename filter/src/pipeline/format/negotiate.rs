//! `negotiate`: the encoding that a client's `Accept` asks for, as gin finds it (NegotiateFormat). Knows no data.

use crate::config::OutputEncoding;

/// The types that gin offers, in its order. KrakenD answers in YAML if a client asks for plain text.
const OFFERED: [(&str, OutputEncoding); 4] = [
    ("application/json", OutputEncoding::Json),
    ("text/plain", OutputEncoding::Yaml),
    ("application/xml", OutputEncoding::Xml),
    ("application/x-yaml", OutputEncoding::Yaml),
];

/// The encoding for an `Accept`: JSON if the header names no offered type. Weights (`q=`) do not count: the first name wins.
pub(super) fn negotiated(accept: Option<&str>) -> OutputEncoding {
    let names = accept.unwrap_or_default().split(',').filter_map(name);
    let found = names.flat_map(|name| OFFERED.iter().find(|(offer, _)| suits(name, offer))).next();
    match found {
        Some((_, encoding)) if encoding.is_built_in() => *encoding,
        _ => OutputEncoding::Json,
    }
}

fn name(part: &str) -> Option<&str> {
    let name = match part.find(';') {
        Some(end @ 1..) => part.get(..end).unwrap_or_default(),
        _ => part,
    };
    Some(name.trim()).filter(|name| !name.is_empty())
}

// Compares letter by letter, up to a star; a beginning of an offered type fits, too.
fn suits(name: &str, offer: &str) -> bool {
    match name.bytes().zip(offer.bytes()).find(|(asked, offered)| asked != offered) {
        Some((asked, _)) => asked == b'*',
        None => name.len() <= offer.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accept_is_read_as_gin_reads_it() {
        let rows = [
            (None, "Json"),
            (Some(""), "Json"),
            (Some("*/*"), "Json"),
            (Some("application/*"), "Json"),
            (Some("text/*"), "Yaml"),
            (Some("text/plain;q=0.1, application/json"), "Yaml"),
            (Some("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"), "Xml"),
            (Some("application/x-yaml"), "Yaml"),
            (Some("application/yaml"), "Json"),
            (Some("app"), "Json"),
            (Some("image/png"), "Json"),
        ];
        for (accept, encoding) in rows {
            assert_eq!(format!("{:?}", negotiated(accept)), encoding, "{accept:?}");
        }
    }
}

//! Puts real addresses in the place of a case's placeholders, and the placeholders back. Opens no sockets: a world without
//! sockets invents its addresses.

use serde_json::Value;

/// An address at which nothing listens.
pub const CLOSED: &str = "127.0.0.1:17";

/// The `host:port` that each placeholder of a case stands for while it is played.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// `UPSTREAM`.
    pub upstream: String,
    /// The file server of `live` sources, for a case that has any.
    pub files: Option<String>,
    /// `GATEWAY`; it occurs only in what was seen.
    pub gateway: String,
}

impl Addresses {
    /// `OTHERHOST`: the upstream by another name.
    pub fn other_host(&self) -> String {
        let port = self.upstream.rsplit_once(':').map_or("", |(_, port)| port);
        format!("localhost:{port}")
    }

    /// Puts real addresses in the place of the placeholders.
    pub fn fill(&self, text: &str) -> String {
        let text = text.replace("UPSTREAM_CLOSED", CLOSED).replace("UPSTREAM", &self.upstream);
        if text.contains("OTHERHOST") { text.replace("OTHERHOST", &self.other_host()) } else { text }
    }

    /// Does the same in every string of a document.
    pub fn fill_json(&self, document: &Value) -> Value {
        match document {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_json(item)).collect(),
            Value::Object(map) => map.iter().map(|(k, v)| (self.fill(k), self.fill_json(v))).collect(),
            other => other.clone(),
        }
    }

    /// Puts the placeholders back.
    pub fn restore(&self, text: &str) -> String {
        // the closed port comes last: its address may be the beginning of another address
        let other = self.other_host();
        [
            (self.upstream.as_str(), "UPSTREAM"),
            (&other, "OTHERHOST"),
            (&self.gateway, "GATEWAY"),
            (CLOSED, "UPSTREAM_CLOSED"),
        ]
        .iter()
        .filter(|(real, _)| !real.is_empty())
        .fold(text.to_owned(), |text, (real, word)| text.replace(real, word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_in_is_restored() {
        let at = Addresses { upstream: "127.0.0.1:1777".into(), files: None, gateway: "127.0.0.1:178".into() };
        let text = "http://UPSTREAM/a http://UPSTREAM_CLOSED/b http://OTHERHOST/c";
        assert_eq!(at.fill(text), "http://127.0.0.1:1777/a http://127.0.0.1:17/b http://localhost:1777/c");
        assert_eq!(at.restore(&at.fill(text)), text);
        assert_eq!(at.restore("127.0.0.1:178"), "GATEWAY");
    }
}

//! The gateway's own address in the document: requests to it come back to the gateway. Knows neither where Envoy really listens
//! nor where a request comes from.

use serde_json::Value;

use super::reader::Node;

/// KrakenD's port if the document names none.
const DEFAULT_PORT: u16 = 8080;

/// The names of this machine: KrakenD listens there under each of them.
const NAMES: [&str; 5] = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"];

/// This machine, with the port from the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnAddress {
    /// The document's `port`.
    pub port: u16,
}

impl Default for OwnAddress {
    fn default() -> Self {
        Self { port: DEFAULT_PORT }
    }
}

impl OwnAddress {
    pub(super) fn read(root: &Node<'_>) -> Self {
        Self::of(root.value())
    }

    /// Reads the address of a document.
    pub fn of(document: &Value) -> Self {
        let port = document.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
        Self { port: port.filter(|port| *port > 0).unwrap_or(DEFAULT_PORT) }
    }

    /// Does a URL with this scheme and authority lead to the gateway itself?
    pub fn is(&self, scheme: &str, authority: &str) -> bool {
        // This runs for every request that leaves: the first letter already rules out most hosts.
        if !matches!(authority.as_bytes().first(), Some(b'l' | b'L' | b'1' | b'0' | b'[')) {
            return false;
        }
        let split = authority.rsplit_once(':').filter(|_| !authority.ends_with(']'));
        let (name, port) = split.map_or((authority, Some(80)), |(name, port)| (name, port.parse().ok()));
        port == Some(self.port) && scheme == "http" && NAMES.iter().any(|own| name.eq_ignore_ascii_case(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names_and_the_documents_port() {
        let own = OwnAddress::default();
        for authority in ["localhost:8080", "LocalHost:8080", "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:8080"] {
            assert!(own.is("http", authority), "{authority}");
            assert!(!own.is("https", authority), "{authority}");
        }
        for other in ["localhost", "localhost:80", "api:8080", "[::1]", "localhost:", "", ":8080", "127.0.0.2:8080"] {
            assert!(!own.is("http", other), "{other}");
        }
        let own = OwnAddress { port: 80 };
        assert!(own.is("http", "localhost") && own.is("http", "[::1]") && own.is("http", "localhost:80"));
    }
}

//! The gateway as its own backend: hosts that are the gateway's own address lead to where Envoy really listens, whatever port
//! the document names. Knows what a host's address means, and nothing of clusters.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use lua_modifier::config::{Configuration, OwnAddress};

use super::clusters;
use super::detours::Detour;
use crate::document::Document;

/// The detours that were asked for, and one for each host that is the gateway itself and is not reached at the address as
/// written.
pub(super) fn with_own(
    configuration: &Configuration,
    document: &Document,
    asked: &[Detour],
    listen: SocketAddr,
) -> Vec<Detour> {
    let mut detours = asked.to_vec();
    // Envoy takes any free port, and nothing tells yet which.
    if listen.port() == 0 {
        return detours;
    }
    let address = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.to_string(),
        ip => ip.to_string(),
    };
    for key in own_hosts(configuration, document) {
        let reached = is_reached(&key, configuration.service.own_address, listen);
        if !reached && !detours.iter().any(|detour| detour.key == key) {
            detours.push(Detour { key, address: address.clone(), port: listen.port() });
        }
    }
    detours
}

/// The hosts of a document that are the gateway itself: `http://localhost:8080`.
pub(super) fn own_hosts(configuration: &Configuration, document: &Document) -> Vec<String> {
    let mut keys: Vec<String> = clusters::hosts(configuration, document).into_iter().map(|host| host.key).collect();
    let own = configuration.service.own_address;
    keys.retain(|key| key.split_once("://").is_some_and(|(scheme, authority)| own.is(scheme, authority)));
    keys.sort();
    keys.dedup();
    keys
}

// Is the host reached at the address as written, because Envoy listens at this port of the machine?
fn is_reached(key: &str, own: OwnAddress, listen: SocketAddr) -> bool {
    let here = matches!(listen.ip(), IpAddr::V4(ip) if ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST);
    let plain = key.contains("//localhost:") || key.contains("//127.0.0.1:");
    here && plain && listen.port() == own.port
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::{Reading, Written};

    fn detours(listen: &str, asked: &[&str]) -> Vec<String> {
        let text = r#"{"version": 3, "endpoints": [{
            "endpoint": "/t", "backend": [
                {"host": ["http://localhost:8080", "http://api:8080"], "url_pattern": "/"},
                {"host": ["http://[::1]:8080"], "url_pattern": "/"}
            ],
            "extra_config": {"modifier/lua-proxy": {"pre": "http_response.new('http://127.0.0.1:8080/x')"}}
        }]}"#;
        let written = Written::json(Path::new("krakend.json"), text.to_owned());
        let json = serde_json::from_str(text).unwrap();
        let document = Document::new(written, json, &Reading::default(), Path::new(""));
        let configuration = lua_modifier::config::read(text.as_bytes()).unwrap();
        let asked: Vec<Detour> = asked.iter().map(|detour| detour.parse().unwrap()).collect();
        let made = with_own(&configuration, &document, &asked, listen.parse().unwrap());
        made.into_iter().map(|detour| format!("{} {} {}", detour.key, detour.address, detour.port)).collect()
    }

    #[test]
    fn the_gateways_own_address_leads_to_where_it_listens() {
        assert_eq!(
            detours("0.0.0.0:9000", &[]),
            [
                "http://127.0.0.1:8080 127.0.0.1 9000",
                "http://[::1]:8080 127.0.0.1 9000",
                "http://localhost:8080 127.0.0.1 9000"
            ]
        );
        assert_eq!(detours("10.0.0.5:8080", &[])[0], "http://127.0.0.1:8080 10.0.0.5 8080");
        assert_eq!(detours("127.0.0.1:8080", &[]), ["http://[::1]:8080 127.0.0.1 8080"]);
        assert_eq!(detours("127.0.0.1:0", &[]), [""; 0]);
    }

    #[test]
    fn what_was_asked_for_wins() {
        let made = detours("0.0.0.0:9000", &["http://localhost:8080=10.0.0.1:1"]);
        assert_eq!(made[0], "http://localhost:8080 10.0.0.1 1");
        assert_eq!(made.len(), 3);
    }
}

//! `host`: the address of a RabbitMQ, and the credentials for it. The credentials are never shown.

use lapin::uri::{AMQPScheme, AMQPUri};

/// The seconds between two heartbeats, unless the address says otherwise: the default of KrakenD's client.
const HEARTBEAT: u16 = 10;
/// The parameters that may follow the question mark.
const PARAMETERS: [&str; 5] = ["auth_mechanism", "channel_max", "connection_timeout", "frame_max", "heartbeat"];

/// Reads an address as KrakenD's client does, which takes the path `/` for the default virtual host.
pub(super) fn read(host: &str) -> Result<AMQPUri, String> {
    // The parser's own error text would repeat the password.
    let mut uri: AMQPUri =
        host.parse().map_err(|_| "host is no address like amqp://user:password@host:5672/".to_owned())?;
    let parameters = host.split_once('?').map(|(_, parameters)| parameters).unwrap_or_default();
    let names = parameters.split('&').map(|pair| pair.split('=').next().unwrap_or(pair));
    if let Some(unknown) = names.filter(|name| !name.is_empty()).find(|name| !PARAMETERS.contains(name)) {
        let known = PARAMETERS.join(", ");
        return Err(format!("host has a parameter {unknown:?} that is not known here (known: {known})"));
    }
    if uri.vhost.is_empty() {
        uri.vhost = "/".to_owned();
    }
    if let Some(address) = ipv6(host) {
        uri.authority.host = address;
    }
    uri.query.heartbeat.get_or_insert(HEARTBEAT);
    Ok(uri)
}

// lapin finds no host in an address with an IPv6 address.
fn ipv6(host: &str) -> Option<String> {
    let authority = host.split_once("://")?.1.split(['/', '?']).next()?;
    let at = authority.rsplit_once('@').map_or(authority, |(_, at)| at);
    Some(at.strip_prefix('[')?.split_once(']')?.0.to_owned())
}

/// The address as log lines show it.
pub(super) fn shown(uri: &AMQPUri) -> String {
    let scheme = if uri.scheme == AMQPScheme::AMQPS { "amqps" } else { "amqp" };
    format!("{scheme}://{}:{}/{}", uri.authority.host, uri.authority.port, uri.vhost.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_by_krakend_and_shown_without_credentials() {
        let table = [
            ("amqp://guest:guest@localhost:5672/", "amqp://localhost:5672/", "/"),
            ("amqp://u:secret@h", "amqp://h:5672/", "/"),
            ("amqps://u:secret@h/%2f", "amqps://h:5671/", "/"),
            ("amqp://u:se%2Fcret@h:1/shop", "amqp://h:1/shop", "shop"),
            ("amqp://u:secret@127.0.0.1:1/", "amqp://127.0.0.1:1/", "/"),
            ("amqp://u:secret@[::1]:1/?heartbeat=3", "amqp://::1:1/", "/"),
        ];
        for (host, wanted, vhost) in table {
            let uri = read(host).unwrap();
            assert_eq!((shown(&uri).as_str(), uri.vhost.as_str()), (wanted, vhost), "{host}");
        }
        assert_eq!(read("amqp://h").unwrap().query.heartbeat, Some(10));
        assert_eq!(read("amqp://h/?heartbeat=3").unwrap().query.heartbeat, Some(3));
        assert_eq!(read("amqp://u:se%2Fcret@h:1/shop").unwrap().authority.userinfo.password, "se/cret");
    }

    #[test]
    fn what_cannot_be_read_is_told_without_the_password() {
        for host in ["amqp:secret", "http://u:secret@h", "amqp://u:secret@h:99999999/", "amqp://u:secret@h/?certfile=x"]
        {
            let said = read(host).unwrap_err();
            assert!(!said.contains("secret"), "{said}");
        }
    }
}

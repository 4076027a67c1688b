//! `qos/ratelimit/*`: how many requests may pass in a time, read as krakend-ratelimit does. If KrakenD would silently drop a
//! limit, the document is refused.
//!
//! Knows no request and counts nothing: `pipeline` does.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::digest::digest;
use super::duration;
use super::migration;
use super::notices::Notices;
use super::reader::{Node, Result, quoted};

/// A bucket of tokens: how many it holds, and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Distinguishes this rate from all others, and stays the same when the configuration is loaded anew.
    pub id: [u8; 16],
    /// Nanoseconds from one token to the next; one or more.
    pub interval: u64,
    /// The most tokens that it holds; one or more.
    pub capacity: u64,
}

/// The rates of an endpoint, or of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    /// The rate of each client, which is asked first.
    pub client: Option<(ClientKey, Rate)>,
    /// The rate of all clients together.
    pub all: Option<Rate>,
}

/// What distinguishes one client from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientKey {
    /// The client's address as Envoy knows it.
    Address,
    /// The first address in this header; without one, the client's address as Envoy knows it.
    AddressIn(String),
    /// The value of this header.
    Header(String),
    /// The value of this parameter of the endpoint.
    Param(String),
}

impl ClientKey {
    /// The address in the value of a header: the first of a list, without its port. KrakenD recognises no addresses with colons
    /// here.
    #[must_use]
    pub fn address_in(value: &str) -> Option<&str> {
        let first = value.split(',').next()?.trim().split(':').next()?;
        first.parse::<IpAddr>().is_ok().then_some(first)
    }
}

const SECOND: f64 = 1e9;
/// KrakenD's slowest rate: one token in about thirty years.
const SLOWEST: f64 = 1e-9;

impl Rate {
    /// A rate of this many tokens in a second. `of` distinguishes its block from others, and `place` the rate within the block.
    pub(super) fn new(per_second: f64, capacity: u64, of: &Node<'_>, place: &str) -> Self {
        // Casts from floats stay within the bounds of u64.
        let interval = ((SECOND / per_second.max(SLOWEST)) as u64).max(1);
        let capacity = capacity.max(1);
        let sum = Sha256::new()
            .chain_update(digest(of.value()))
            .chain_update(place)
            .chain_update(interval.to_le_bytes())
            .chain_update(capacity.to_le_bytes())
            .finalize();
        Self { id: sum.first_chunk().copied().unwrap_or_default(), interval, capacity }
    }
}

/// Reads `qos/ratelimit/router` of an endpoint, or `qos/ratelimit/service`. `of` is the object that the rates belong to.
pub(super) fn read(node: &Node<'_>, of: &Node<'_>, params: &[String], notices: &mut Notices) -> Result<Option<Rates>> {
    notices.check_keys(node, migration::RATE)?;
    let every = every(node, notices)?;
    let seconds = every.as_secs_f64();
    let all = rate_at(node, "max_rate", notices)?.map(|rate| rate / seconds);
    let client = rate_at(node, "client_max_rate", notices)?.map(|rate| rate / seconds);
    let (capacity, client_capacity) = (capacity_at(node, "capacity")?, capacity_at(node, "client_capacity")?);
    let client = match client {
        Some(per_second) => {
            // KrakenD looks at the rate of all clients here.
            let by_default = if all.unwrap_or_default() < 1.0 { 1 } else { per_second as u64 };
            let key = client_key(node, params, notices)?;
            Some((key, Rate::new(per_second, client_capacity.unwrap_or(by_default), of, "client")))
        }
        None => None,
    };
    let all = all.map(|per_second| Rate::new(per_second, capacity.unwrap_or(per_second as u64), of, "all"));
    if client.is_none() && all.is_none() {
        let what = "neither max_rate nor client_max_rate is above 0: nothing is limited, as in KrakenD";
        notices.remark(node, what.to_owned());
        return Ok(None);
    }
    Ok(Some(Rates { client, all }))
}

/// Reads `qos/ratelimit/proxy` of the backend with this number.
pub(super) fn read_proxy(node: &Node<'_>, of: &Node<'_>, number: usize, notices: &mut Notices) -> Result<Option<Rate>> {
    notices.check_keys(node, migration::PROXY_RATE)?;
    let every = match node.get("every") {
        None => Duration::from_secs(1),
        Some(every) => match duration::parse(every.text()?) {
            None => {
                notices.remark(
                    &every,
                    format!("{} is no duration: a second is taken, as in KrakenD", quoted(every.text()?)),
                );
                Duration::from_secs(1)
            }
            Some(Duration::ZERO) => {
                return Err(every.error("must be more than nothing: KrakenD would not limit this backend"));
            }
            Some(every) => every,
        },
    };
    let capacity = capacity_at(node, "capacity")?;
    let Some(max_rate) = rate_at(node, "max_rate", notices)? else {
        notices.remark(node, "max_rate is not above 0: nothing is limited, as in KrakenD".to_owned());
        return Ok(None);
    };
    let per_second = max_rate / every.as_secs_f64();
    Ok(Some(Rate::new(per_second, capacity.unwrap_or(per_second as u64), of, &format!("backend {number}"))))
}

// Reads `every`: a second or more, as in KrakenD.
fn every(node: &Node<'_>, notices: &mut Notices) -> Result<Duration> {
    const LEAST: Duration = Duration::from_secs(1);
    let Some(node) = node.get("every") else { return Ok(LEAST) };
    let parsed = duration::parse(node.text()?);
    if parsed.is_none_or(|every| every < LEAST) {
        let text = quoted(node.text()?);
        notices.remark(&node, format!("{text} is no duration of a second or more: a second is taken, as in KrakenD"));
    }
    Ok(parsed.unwrap_or_default().max(LEAST))
}

// Reads a rate; `None` unless it is above 0.
fn rate_at(node: &Node<'_>, key: &str, notices: &mut Notices) -> Result<Option<f64>> {
    let Some(rate) = node.get(key) else { return Ok(None) };
    let number = rate.number()?;
    if number < 0.0 {
        notices.remark(&rate, "a rate below 0 is no limit, as in KrakenD".to_owned());
    }
    Ok(Some(number).filter(|number| *number > 0.0))
}

// Reads a capacity without its decimals; `None` unless it is above 0.
fn capacity_at(node: &Node<'_>, key: &str) -> Result<Option<u64>> {
    let Some(capacity) = node.get(key) else { return Ok(None) };
    match capacity.number()? {
        below if below < 0.0 => Err(capacity.error("must be 0 or more")),
        number => Ok(Some(number as u64).filter(|capacity| *capacity > 0)),
    }
}

fn client_key(node: &Node<'_>, params: &[String], notices: &mut Notices) -> Result<ClientKey> {
    const KNOWN: &str = "known: ip, header, param";
    let key = node.text_at("key")?.unwrap_or_default();
    let Some(strategy) = node.get("strategy") else {
        return Err(node.error_at("strategy", format!("is missing: without it KrakenD limits no client ({KNOWN})")));
    };
    let found = match strategy.text()?.to_lowercase().as_str() {
        "ip" if key.is_empty() => ClientKey::Address,
        "ip" if key.eq_ignore_ascii_case("x-forwarded-for") => {
            let what = "the first address of X-Forwarded-For is whatever a client writes there: the address that Envoy trusts is taken";
            notices.remark(node, what.to_owned());
            ClientKey::Address
        }
        "ip" => ClientKey::AddressIn(key.to_ascii_lowercase()),
        "header" => ClientKey::Header(key.to_ascii_lowercase()),
        "param" => ClientKey::Param(key),
        other => {
            let other = quoted(other);
            return Err(strategy.error(format!("unknown strategy {other}: KrakenD would limit no client ({KNOWN})")));
        }
    };
    let names_nobody = match &found {
        ClientKey::Header(name) => name.is_empty(),
        ClientKey::Param(name) => !params.contains(name),
        ClientKey::Address | ClientKey::AddressIn(_) => false,
    };
    if names_nobody {
        let what =
            "key names no header and no parameter of this endpoint: every request is refused with 429, as in KrakenD";
        notices.remark(node, what.to_owned());
    }
    Ok(found)
}

//! Any bytes as data that Envoy hands over: URLs, queries, header maps, compressed bodies. Data that is accepted can be sent,
//! and is the same after being written and read again.

use std::io::Write;

use lua_modifier::http::{
    Edit, Headers, NameClasses, Query, Response, canonical, decode_path, encode_path, parse_url, sniff,
};
use serde_json::json;

use crate::one_backend::OneBackend;

// This file belongs to the wasm build only, so its source is included here.
#[path = "../../filter/src/edge/pairs.rs"]
mod pairs;

pub(crate) fn run(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    match choice % 5 {
        0 => url(&String::from_utf8_lossy(data)),
        1 => query(data),
        2 => header_map(data),
        3 => compressed(data),
        _ => edited_headers(data),
    }
}

/// Does the text fit into a line of HTTP/1.1: no space, no control character, only ASCII?
fn fits_a_line(text: &str) -> bool {
    text.bytes().all(|byte| (0x21..0x7f).contains(&byte))
}

fn url(text: &str) {
    assert_eq!(decode_path(&encode_path(text.as_bytes())).unwrap(), text.as_bytes());
    let Ok(url) = parse_url(text) else { return };
    assert!(fits_a_line(&url.path_and_query()), "{text:?} is asked for as {:?}", url.path_and_query());
    assert!(!url.authority.bytes().any(|byte| byte <= 0x20 || byte == 0x7f), "{text:?} is at {:?}", url.authority);
    let written = url.written();
    assert_eq!(parse_url(&written).as_ref(), Ok(&url), "{text:?} is written as {written:?}");
    // The text form for people has no credentials in it.
    let shown = url.to_string();
    match url.user {
        Some(_) => assert!(shown.contains("***@"), "{text:?} is shown as {shown:?}"),
        None => assert_eq!(shown, written),
    }
    let _ = url.decoded_path();
}

fn query(data: &[u8]) {
    let query = Query::parse(data);
    let encoded = query.encode();
    assert!(fits_a_line(&encoded), "{encoded:?}");
    assert_eq!(Query::parse(encoded.as_bytes()), query, "{encoded:?}");
}

fn header_map(data: &[u8]) {
    let Some(read) = pairs::read(data.to_vec()) else { return };
    let texts: Vec<(String, Vec<u8>)> =
        read.iter().map(|pair| (String::from_utf8_lossy(pair.name).into_owned(), pair.value.to_vec())).collect();
    let borrowed: Vec<(&str, &[u8])> = texts.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let again = pairs::read(pairs::write(&borrowed)).unwrap();
    assert!(again.iter().zip(&texts).all(|(pair, (name, value))| pair.name == name.as_bytes() && pair.value == value));
    assert_eq!(again.iter().count(), texts.len());
    mended(&texts.into_iter().collect());
}

fn mended(headers: &Headers) {
    let _ = headers.fault();
    let whole = headers.clone().mended();
    assert_eq!(whole.fault(), None);
    for (name, value) in whole.iter() {
        assert_eq!(canonical(name).to_ascii_lowercase(), name);
        let _ = sniff(value);
    }
}

// Names that classes of names tell apart; others have two bytes, so that a name comes several times.
const NAMES: [&str; 8] = [
    "host",
    "content-length",
    "transfer-encoding",
    "accept-encoding",
    "x-request-id",
    "x-forwarded-proto",
    "x-envoy-upstream-rq-timeout-ms",
    "x-lua-modifier-cluster",
];

fn name(line: &[u8]) -> String {
    let known = line.first().and_then(|first| NAMES.get(usize::from(first.wrapping_sub(b'0'))));
    known.map_or_else(|| String::from_utf8_lossy(&line[..line.len().min(2)]).into_owned(), |name| (*name).to_owned())
}

fn edited_headers(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let (one, two) = lines.split_at(lines.len() / 2);
    let map = |lines: &[&[u8]]| -> Headers {
        let pair = |line: &&[u8]| (name(line), line.to_vec());
        lines.iter().map(pair).collect()
    };
    let (before, after) = (map(one), map(two));
    mended(&before);
    edited(&before, &after);
    // And where the later message shares some headers with the earlier one.
    let mut shared = before;
    shared.share();
    chosen(&shared, &after);
    let mut sharing = shared.clone();
    sharing.retain(|name, _| name.bytes().all(|byte| byte % 3 != 0));
    for (name, value) in after.iter() {
        sharing.append(name, value);
    }
    edited(&shared, &sharing);
}

// Classes of names choose the same headers as the names themselves.
fn chosen(headers: &Headers, others: &Headers) {
    for names in [NameClasses::FRAMING.and(NameClasses::ENVOY), NameClasses::ALL.but(NameClasses::HOST)] {
        let mut kept = headers.clone();
        kept.retain(|name, _| names.have_name(name));
        assert_eq!(headers.only(names), kept);
        assert_eq!(headers.have(names), !kept.is_empty());
        let mut extended = others.clone();
        extended.extend_from(headers, names);
        kept.iter().for_each(|(name, value)| assert!(extended.get_all(name).any(|known| known == value)));
        assert_eq!(extended.len(), others.len() + kept.len());
    }
}

fn edited(before: &Headers, after: &Headers) {
    let mut edited = before.clone();
    before.edits(after, |edit| match edit {
        Edit::Remove(name) => edited.remove(name),
        Edit::Set(name, value) => edited.set(name, value),
        Edit::Add(name, value) => edited.append(name, value),
    });
    assert_eq!(edited.grouped(), after.grouped());
}

const LIMIT: usize = 65_536;

thread_local! {
    static UNPACKS: OneBackend = OneBackend::new(json!({}), json!({}), &json!({"limits": {"body_bytes": LIMIT}}));
}

/// The bytes as the body of a response that claims to be gzip; and, compressed by another library, as the body of a response
/// that is gzip.
fn compressed(data: &[u8]) {
    let _ = inflated(data.to_vec());
    let text = String::from_utf8_lossy(data);
    let document = json!({ "text": text }).to_string();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(document.as_bytes()).unwrap();
    let answer = inflated(packer.finish().unwrap());
    if document.len() <= LIMIT {
        let body: serde_json::Value = serde_json::from_slice(answer.body.bytes()).unwrap();
        assert_eq!((answer.status, body["text"].as_str()), (200, Some(text.as_ref())));
    }
}

fn inflated(body: Vec<u8>) -> Response {
    UNPACKS.with(|unpacks| unpacks.answer(&[("content-encoding", "gzip"), ("content-type", "application/json")], body))
}

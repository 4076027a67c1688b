//! Spellings of paths, generated from a seed: changes by clients, proxies and attackers after which two readers may understand
//! a path differently. Knows no endpoint.

use crate::raw::Raw;

/// A source of numbers that are the same in each run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub(crate) fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// One change to a path.
type Turn = fn(&mut Dice, &[u8]) -> Vec<u8>;

const TURNS: [Turn; 15] = [
    encode_one,
    encode_some,
    encode_twice,
    any_byte,
    any_byte_encoded,
    other_case,
    more_slashes,
    dots,
    encoded_dots,
    separators,
    overlong,
    end,
    query_or_fragment,
    take_away,
    repeat_part,
];

/// A request for a path in one of its spellings.
pub(crate) fn spelling(dice: &mut Dice, path: &str, others: &[&str]) -> Raw {
    let mut target = path.as_bytes().to_vec();
    for _ in 0..dice.below(4) {
        target = TURNS[dice.below(TURNS.len())](dice, &target);
    }
    let mut raw = Raw { method: "GET".to_owned(), target, version: "HTTP/1.1", headers: Vec::new() };
    match dice.below(24) {
        0 => raw.version = "HTTP/1.0",
        1..4 => raw.version = "2",
        4 => absolute(dice, &mut raw.target),
        5 => raw.method = dice.one_of(METHODS).to_owned(),
        6 | 7 => elsewhere(dice, &mut raw, others),
        _ => {}
    }
    // Bytes that HTTP/1 cannot contain would make another request.
    if raw.version != "2" {
        raw.target.retain(|byte| !matches!(byte, b'\r' | b'\n'));
    }
    raw
}

const METHODS: &[&str] = &[
    "get", "Get", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "GETT", "G",
    "PRI",
];

/// Headers that tell other gateways another path.
const PATHS_ELSEWHERE: &[&str] = &[
    "X-Original-Url",
    "X-Rewrite-Url",
    "X-Envoy-Original-Path",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Forwarded-Uri",
    "X-Original-Uri",
    "X-Accel-Redirect",
    "Content-Location",
    "Referer",
    "Destination",
    "X-Envoy-Original-Dst-Host",
];

// Puts the path into a header of a request for another path; or puts another method or another cluster into a header.
fn elsewhere(dice: &mut Dice, raw: &mut Raw, others: &[&str]) {
    let path = String::from_utf8_lossy(&raw.target).replace(|letter: char| letter.is_control(), "");
    match dice.below(3) {
        0 => {
            raw.headers.push((dice.one_of(PATHS_ELSEWHERE).to_owned(), path));
            raw.target = dice.one_of(others).as_bytes().to_vec();
        }
        1 => {
            let name = dice.one_of(&["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]);
            raw.headers.push((name.to_owned(), "GET".to_owned()));
            raw.method = dice.one_of(METHODS).to_owned();
        }
        _ => raw.headers.push(("X-Lua-Modifier-Cluster".to_owned(), "upstream".to_owned())),
    }
}

fn absolute(dice: &mut Dice, target: &mut Vec<u8>) {
    let front = dice.one_of(&[
        "http://gateway.test",
        "http://gateway.test:80",
        "HTTP://GATEWAY.TEST",
        "http://user@gateway.test",
        "http://127.0.0.1",
        "https://gateway.test",
        "//gateway.test",
        "http:",
    ]);
    let path = std::mem::take(target);
    target.extend(front.bytes());
    target.extend(path);
}

fn place(dice: &mut Dice, path: &[u8]) -> usize {
    dice.below(path.len() + 1)
}

fn insert(path: &[u8], at: usize, what: &[u8]) -> Vec<u8> {
    [&path[..at], what, &path[at..]].concat()
}

fn hex(dice: &mut Dice, byte: u8) -> Vec<u8> {
    if dice.below(2) == 0 { format!("%{byte:02x}") } else { format!("%{byte:02X}") }.into_bytes()
}

fn encode_one(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = dice.below(path.len().max(1)).min(path.len().saturating_sub(1));
    let code = hex(dice, path.get(at).copied().unwrap_or(b'/'));
    [&path[..at], &code, path.get(at + 1..).unwrap_or_default()].concat()
}

fn encode_some(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    path.iter().flat_map(|byte| if dice.below(3) == 0 { hex(dice, *byte) } else { vec![*byte] }).collect()
}

fn encode_twice(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let once = encode_one(dice, path);
    let percent = once.iter().position(|byte| *byte == b'%').unwrap_or_default();
    [&once[..percent], b"%25", once.get(percent + 1..).unwrap_or_default()].concat()
}

fn any_byte(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = place(dice, path);
    insert(path, at, &[dice.below(256) as u8])
}

fn any_byte_encoded(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let (at, byte) = (place(dice, path), dice.below(256) as u8);
    let code = hex(dice, byte);
    insert(path, at, &code)
}

fn other_case(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let turned =
        |byte: &u8| if byte.is_ascii_uppercase() { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
    path.iter().map(|byte| if dice.below(2) == 0 { turned(byte) } else { *byte }).collect()
}

fn slash(dice: &mut Dice, path: &[u8]) -> usize {
    let slashes: Vec<usize> = (0..path.len()).filter(|at| path[*at] == b'/').collect();
    if slashes.is_empty() { 0 } else { slashes[dice.below(slashes.len())] }
}

fn more_slashes(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = slash(dice, path);
    insert(path, at, dice.one_of::<[u8]>(&[b"/", b"//", b"%2f", b"%2F", b"\\", b"%5c", b"/%2f/"]))
}

fn dots(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = slash(dice, path);
    insert(path, at, dice.one_of::<[u8]>(&[b"/.", b"/..", b"/x/..", b"/./.", b"/open/..", b"/...", b"/.;"]))
}

fn encoded_dots(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = slash(dice, path);
    let parts: &[&[u8]] = &[b"/%2e", b"/%2e%2e", b"/x/%2E%2E", b"/.%2e", b"/%252e%252e", b"/open%2f..", b"/x%2f%2e%2e"];
    insert(path, at, dice.one_of(parts))
}

fn separators(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = place(dice, path);
    let parts: &[&[u8]] = &[
        b";", b";a=b", b"%3b", b"?", b"%3f", b"#", b"%23", b"\0", b"%00", b" ", b"%20", b"+", b"&", b"\t", b"%09",
        b"*", b":",
    ];
    insert(path, at, dice.one_of(parts))
}

fn overlong(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = slash(dice, path);
    let parts: &[&[u8]] = &[
        b"%c0%af",
        b"%e0%80%af",
        b"%c0%ae",
        b"/%c0%ae%c0%ae",
        b"%f0%80%80%af",
        b"%ef%bc%8f",
        b"\xc0\xaf",
        b"%u002f",
        b"%c1%9c",
    ];
    insert(path, at, dice.one_of(parts))
}

fn end(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let ends: &[&[u8]] =
        &[b"/", b"//", b"/.", b"/..", b".", b"..", b"%2f", b"~", b".json", b"/%20", b";", b"%", b"%2", b"%zz"];
    [path, dice.one_of(ends)].concat()
}

fn query_or_fragment(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let ends: &[&[u8]] = &[b"?a=1", b"?", b"?/../open", b"#x", b"?#", b"#/open", b"?access_token=x", b"%3Fa=1"];
    [path, dice.one_of(ends)].concat()
}

fn take_away(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = dice.below(path.len().max(1));
    path.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, byte)| *byte).collect()
}

fn repeat_part(dice: &mut Dice, path: &[u8]) -> Vec<u8> {
    let at = slash(dice, path);
    [path, path.get(at..).unwrap_or_default()].concat()
}
